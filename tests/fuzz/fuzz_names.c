// The name of an environment: found, or rejected with a suggestion; its preset and settings are valid.
#include "config/config.h"
#include "env/atari.h"
#include "env/registry.h"
#include "fuzz/fuzz.h"
#include "viewer/play_scores.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *name = fuzz_text(data, bytes), game[RB_ATARI_GAME_MAX];
    const rb_env_class *class = NULL;
    const char *preset, *values;
    rb_error error = {0};
    rb_status status = rb_env_find(name, &class, &error);
    FUZZ_CHECK(status ? *error.message : class != NULL);
    if (!rb_env_defaults(name, &preset, &values, &error)) FUZZ_CHECK(preset && values);
    if (rb_atari_match(name) && !rb_atari_game(name, game, NULL)) FUZZ_CHECK(strlen(game) < sizeof game);
    rb_same_game(name, "atari/pong");
    free(name);
    return 0;
}
