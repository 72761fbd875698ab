// A configuration file. What is accepted must come back: written and read again, it is the same
// configuration.
#include "config/config.h"
#include "fuzz/fuzz.h"
#include "nn/net_layers.h"
#include "rainbow/rainbow.h"

static void try_layers(const rb_net_params *params)
{
    static const int pictures[] = {84, 10, 1};
    for (int i = 0; i < 3; i++) {
        rb_net_spec spec = {.params = *params, .height = pictures[i], .width = pictures[i], .planes = 4};
        rb_layer_list list;
        rb_error error = {0};
        FUZZ_CHECK(!rb_layer_list_make(&list, &spec, &error) || *error.message);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static int begun;
    if (!begun++) rb_rainbow_init();
    char *text = fuzz_text(data, bytes), *written = NULL, *again = NULL;
    rb_config *config, *back;
    rb_error error = {0};
    size_t written_bytes, again_bytes;
    FUZZ_CHECK(!rb_config_create(&config, NULL) && !rb_config_create(&back, NULL));
    rb_status status = rb_config_read_text(config, text, "fuzz.ini", &error);
    FUZZ_CHECK(!status || *error.message);
    if (!status && !rb_config_check(config, &error)) {
        FUZZ_CHECK(!rb_config_text(config, &written, &written_bytes, NULL));
        if (rb_config_read_text(back, written, "back.ini", &error)) {
            fprintf(stderr, "%s\n", error.message);
            FUZZ_CHECK(0);
        }
        FUZZ_CHECK(!rb_config_text(back, &again, &again_bytes, NULL));
        FUZZ_CHECK(written_bytes == again_bytes && !memcmp(written, again, again_bytes));
        try_layers(&config->params.net);
    }
    free(written);
    free(again);
    free(text);
    rb_config_destroy(config);
    rb_config_destroy(back);
    return 0;
}
