#include "env/vector_spec.h"

rb_vector_spec rb_vector_spec_make(const rb_params *params, uint64_t seed, int count)
{
    return (rb_vector_spec){.name = params->run.env,
                            .env = params->env,
                            .atari = params->atari,
                            .minatar = params->minatar,
                            .gym = params->gym,
                            .seed = seed,
                            .purpose = RB_RNG_ENV,
                            .count = count};
}
