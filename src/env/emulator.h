// Finding and loading the Atari emulator at run time: the shared object that scripts/get-atari builds, and
// the ROMs.
//
// The object contains GPL-2 code, so it is not part of the program: it is opened by path, once, and stays
// open. ALE would end the process on a missing file, a file that is not a ROM, or an unknown game, so these
// are checked here first.
#ifndef RB_ENV_EMULATOR_H
#define RB_ENV_EMULATOR_H

#include "../../emulator/ale_shim.h"
#include "rainbow/error.h"

typedef struct rb_emulator { // the object's functions, named as in ale_shim.h without their prefix
#define RB_EMULATOR_POINTER(result, name, arguments) result(*name) arguments;
    RB_ALE_FUNCTIONS(RB_EMULATOR_POINTER)
#undef RB_EMULATOR_POINTER
} rb_emulator;

// The object's path: $RAINBOW_ALE_LIB, else
// ${XDG_CACHE_HOME:-~/.cache}/rainbow/ale-VERSION/librainbow_ale.so.
rb_status rb_emulator_path(char *out, size_t bytes, rb_error *error);

// The emulator, loaded at the first call. RB_ERR_MISSING if it is not installed or has another version; the
// error names the command that installs it.
rb_status rb_emulator_open(const rb_emulator **out, rb_error *error);

// The path of a game's ROM ("ms_pacman"), after checking the file: GAME.bin in `rom_dir`; if that is empty,
// in $ALE_ROMS_DIR, then in the directory that came with the emulator. RB_ERR_MISSING: no such file.
// RB_ERR_FORMAT: not a ROM. RB_ERR_FILE: can't be read.
rb_status rb_emulator_rom(char *out, size_t bytes, const char *game, const char *rom_dir, rb_error *error);

// Compares a ROM with those that the emulator knows by their MD5. RB_ERR_FORMAT: it is another game's. A file
// that the emulator does not know is a notice for the user, otherwise "".
rb_status rb_emulator_rom_check(const char *path, const char *game, char *notice, size_t notice_bytes,
                                rb_error *error);

#endif
