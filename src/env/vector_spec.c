#include "env/vector_spec.h"

rb_vector_spec rb_vector_spec_make(const rb_params *params, uint64_t seed, int count)
{
    return (rb_vector_spec){
        .settings = rb_env_settings_of(params), .seed = seed, .purpose = RB_RNG_ENV, .count = count};
}

rb_vector_spec rb_vector_spec_make_games(const rb_params *params, uint64_t seed, rb_rng_purpose purpose,
                                         int count)
{
    rb_vector_spec spec = rb_vector_spec_make(params, seed, count);
    spec.purpose = purpose;
    spec.settings.atari.life_loss = RB_LIFE_IGNORE;
    spec.settings.env.asynchronous = false;
    return spec;
}
