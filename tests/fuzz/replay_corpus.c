// Runs a fuzz target over the files of its corpus, without libFuzzer: fuzz_NAME DIRECTORY-OR-FILE...
// A target that can make a corpus itself gets that too; fuzz_NAME --make DIRECTORY keeps it.
#include <dirent.h>
#include "fuzz/fuzz.h"

void fuzz_make_corpus(const char *directory) __attribute__((weak));

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) return perror(path), 0;
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    uint8_t *data =
        malloc(size > 0 ? (size_t)size : 1); // exactly as large, so that ASan sees a read behind it
    FUZZ_CHECK(data && fread(data, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return 1;
}

static int run(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory) return run_file(path);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char below[4096];
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.') count += run_file(below);
    }
    closedir(directory);
    return count;
}

static int run_made(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s/corpus", fuzz_directory());
    FUZZ_CHECK(!mkdir(path, 0755));
    fuzz_make_corpus(path);
    return run(path);
}

int main(int argc, char **argv)
{
    int count = 0;
    if (argc == 3 && !strcmp(argv[1], "--make") && fuzz_make_corpus) return fuzz_make_corpus(argv[2]), 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    if (fuzz_make_corpus) count += run_made();
    for (int i = 1; i < argc; i++) count += run(argv[i]);
    printf("%d files\n", count);
    char command[300];
    snprintf(command, sizeof command, "rm -rf %s", fuzz_directory());
    return system(command) || count == 0; // an empty corpus tests nothing
}
