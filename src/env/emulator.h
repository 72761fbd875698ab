// The Atari emulator as a part that is found and loaded at run time: the shared object that scripts/get-atari
// builds, and the ROMs.
//
// The object holds GPL-2 code, so it is no part of the program: it is opened by path, once, and stays open.
// What it would answer with the end of the process (a missing file, a file that is no ROM, an unknown game)
// is checked here before it is asked.
#ifndef RB_ENV_EMULATOR_H
#define RB_ENV_EMULATOR_H

#include "../../emulator/ale_shim.h"
#include "rainbow/error.h"

typedef struct rb_emulator { // the object's functions, named as in ale_shim.h without their prefix
#define RB_EMULATOR_POINTER(result, name, arguments) result(*name) arguments;
    RB_ALE_FUNCTIONS(RB_EMULATOR_POINTER)
#undef RB_EMULATOR_POINTER
} rb_emulator;

// Where the object is looked for: $RAINBOW_ALE_LIB, else
// ${XDG_CACHE_HOME:-~/.cache}/rainbow/ale-VERSION/librainbow_ale.so.
rb_status rb_emulator_path(char *out, size_t bytes, rb_error *error);

// The emulator, loaded at the first call. RB_ERR_MISSING, with the command that gets it, where it isn't there
// or is another version's.
rb_status rb_emulator_open(const rb_emulator **out, rb_error *error);

// The ROM of a game ("ms_pacman"), checked to be one: GAME.bin in `rom_dir`; where that is empty, in
// $ALE_ROMS_DIR, then in the directory that came with the emulator. RB_ERR_MISSING: not there. RB_ERR_FORMAT:
// no ROM. RB_ERR_FILE: can't be read.
rb_status rb_emulator_rom(char *out, size_t bytes, const char *game, const char *rom_dir, rb_error *error);

#endif
