// Loading an object that the user may have just built: most faults are reported here, before any of its code
// runs.
//
// The file itself is checked first. The system's loader maps the sizes in the object's header without
// comparing them with the file's length, and touching a missing page ends the process, so a truncated object
// (from an interrupted copy or link) must be detected before. Then the kind of the symbol is checked: a
// function with the right name is not a table.
#include "env/plugin_object.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/text.h"
#include "env/contract.h"

#define EXPORT "rb_env_export"

// ---- the file

// The machine this program was built for, as an ELF header gives it.
static int plugin_machine(void)
{
#if defined __x86_64__
    return EM_X86_64;
#elif defined __aarch64__
    return EM_AARCH64;
#else
    return EM_NONE; // unknown: left to the system's loader
#endif
}

static rb_status check_header(const char *path, const char *data, size_t bytes, rb_error *error)
{
    ElfW(Ehdr) header;
    if (bytes < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0)
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: is not a shared object (cc -shared -fPIC makes one from a C file)", path);
    if (bytes < sizeof header)
        return rb_error_set(error, RB_ERR_FORMAT, "%s: is cut short: it ends after %zu bytes", path, bytes);
    memcpy(&header, data, sizeof header);
    int machine = plugin_machine();
    if (header.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
        (machine != EM_NONE && header.e_machine != machine))
        return rb_error_set(error, RB_ERR_FORMAT, "%s: was built for another kind of processor", path);
    if (header.e_type != ET_DYN)
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: is %s, not a shared object: build it with -shared -fPIC", path,
                            header.e_type == ET_REL    ? "an object file that was not linked"
                            : header.e_type == ET_EXEC ? "a program"
                                                       : "some other part of a program");
    for (int i = 0; i < header.e_phnum; i++) {
        ElfW(Phdr) part;
        size_t at = header.e_phoff + (size_t)i * sizeof part;
        if (at > bytes || bytes - at < sizeof part)
            return rb_error_set(error, RB_ERR_FORMAT, "%s: is cut short: it ends after %zu bytes", path,
                                bytes);
        memcpy(&part, data + at, sizeof part);
        if (part.p_type == PT_LOAD && (part.p_offset > bytes || part.p_filesz > bytes - part.p_offset))
            return rb_error_set(error, RB_ERR_FORMAT,
                                "%s: is cut short: it has %zu bytes, but its header promises at least %zu",
                                path, bytes, (size_t)(part.p_offset + part.p_filesz));
    }
    return RB_OK;
}

static rb_status check_file(const char *path, rb_error *error)
{
    if (!rb_file_exists(path))
        return rb_error_set(
            error, RB_ERR_FILE,
            "%s: there is no such file (paths are relative to the directory in which rainbow is started)",
            path);
    if (rb_file_is_directory(path))
        return rb_error_set(error, RB_ERR_FILE, "%s: is a directory, not an environment's shared object",
                            path);
    char *data;
    size_t bytes;
    rb_status status = rb_file_read(path, &data, &bytes, error);
    if (status) return status;
    status = check_header(path, data, bytes, error);
    free(data);
    return status;
}

// ---- the table

// The loader's message begins with the object's path; for an undefined symbol the error adds advice.
static rb_status not_loaded(const char *path, const char *why, rb_error *error)
{
    const char *symbol = strstr(why, "undefined symbol: ");
    if (!symbol) {
        size_t length = strlen(path);
        if (rb_text_starts(why, path) && why[length] == ':') why += length + 2;
        return rb_error_set(error, RB_ERR_FORMAT, "%s: can't be loaded: %s", path, why);
    }
    symbol += strlen("undefined symbol: ");
    bool ours = rb_text_starts(symbol, "rb_");
    return rb_error_set(error, RB_ERR_FORMAT, "%s: can't be loaded: nothing provides %s, which it uses%s",
                        path, symbol,
                        ours ? " (Rainbow provides only the functions in rainbow/env.h, such as rb_env_fail)"
                             : ": add the file or library (-l...) that defines it to the build command");
}

enum { FIRST_ABI = 1 }; // its table ends before `mask`, and so does its environment's spec before `masks`

static size_t table_bytes(int abi)
{
    return abi == FIRST_ABI ? offsetof(rb_env_class, mask) : sizeof(rb_env_class);
}

// Copies the table, which is shorter in an older version: nothing beyond its end is read.
static rb_status read_table(rb_env_class *out, const char *path, const void *address, rb_error *error)
{
    Dl_info info;
    ElfW(Sym) *symbol = NULL;
    dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT);
    if (symbol && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC)
        return rb_error_set(error, RB_ERR_ENV,
                            "%s: its " EXPORT
                            " is a function; it must be the table: const rb_env_class " EXPORT " = {...}",
                            path);
    int abi = 0;
    if (!symbol || symbol->st_size >= sizeof abi) memcpy(&abi, address, sizeof abi);
    if (abi < FIRST_ABI || abi > RB_ENV_ABI)
        return rb_error_set(error, RB_ERR_ENV,
                            "%s: was built for version %d of the environment interface, but this program has "
                            "version %d: build it with this program's rainbow/env.h and .abi = RB_ENV_ABI",
                            path, abi, RB_ENV_ABI);
    if (symbol && symbol->st_size < table_bytes(abi))
        return rb_error_set(error, RB_ERR_ENV,
                            "%s: its " EXPORT " has %zu bytes, but a table of version %d has %zu: build it "
                            "with this program's rainbow/env.h",
                            path, (size_t)symbol->st_size, abi, table_bytes(abi));
    *out = (rb_env_class){0};
    memcpy(out, address, table_bytes(abi));
    rb_status status = rb_env_class_check(out, error);
    return status ? rb_error_context(error, status, "%s", path) : RB_OK;
}

rb_status rb_plugin_object_load(rb_env_class *out, const char *path, rb_error *error)
{
    rb_status status = check_file(path, error);
    if (status) return status;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return not_loaded(path, dlerror(), error);
    void *address = dlsym(handle, EXPORT);
    if (!address)
        status = rb_error_set(error, RB_ERR_FORMAT,
                              "%s: exports no " EXPORT ": an environment defines const rb_env_class " EXPORT
                              " (see rainbow/env.h)",
                              path);
    else
        status = read_table(out, path, address, error);
    if (status) dlclose(handle);
    return status;
}
