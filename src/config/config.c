// A configuration: all parameters of a run, set and read by name.
#include "config/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

rb_status rb_config_create(rb_config **out, rb_error *error)
{
    *out = NULL;
    rb_config *config = calloc(1, sizeof *config);
    if (!config) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a configuration");
    assert(rb_table_count() <= RB_PARAMS_MOST);
    for (int i = 0; i < rb_table_count(); i++) rb_value_default(rb_table_get(i), &config->params);
    *out = config;
    return RB_OK;
}

void rb_config_destroy(rb_config *config)
{
    free(config);
}

rb_status rb_config_copy(rb_config **out, const rb_config *config, rb_error *error)
{
    rb_status status = rb_config_create(out, error);
    if (status == RB_OK) **out = *config;
    return status;
}

// "origin: " or nothing.
static void prefix(const char *origin, char *out, size_t bytes)
{
    if (origin && *origin)
        snprintf(out, bytes, "%s: ", origin);
    else
        *out = 0;
}

enum { SHOWN_MOST = 200 }; // bytes of a value in a message, so that the reason after it is not cut

static const rb_param *find(const char *key, const char *origin, rb_error *error)
{
    const rb_param *param = rb_table_find(key);
    if (param) return param;
    char before[300], elsewhere[RB_KNOWN_NAME_BYTES];
    prefix(origin, before, sizeof before);
    const char *near = rb_table_nearest(key), *tail = rb_table_same_tail(key);
    if ((!tail || rb_known_name_means_other(key, tail)) &&
        rb_known_name_tell(key, "parameter ", elsewhere, sizeof elsewhere))
        rb_error_set(error, RB_ERR_USAGE, "%s%s", before, elsewhere);
    else if (near)
        rb_error_set(error, RB_ERR_USAGE, "%sno parameter %s; did you mean %s?", before, key, near);
    else
        rb_error_set(error, RB_ERR_USAGE, "%sno parameter %s; `rainbow params` lists them", before, key);
    return NULL;
}

// Both kinds of noise have their own first width (Fortunato et al. 2017), because sigma0 means something else
// in each. A change to or from independent noise brings the new kind's width, unless the user gave one.
static void noise_kind_changed(rb_config *config, int32_t before)
{
    static const double independent = 0.017, factorised = 0.5;
    const int32_t now = config->params.net.noisy;
    if (now == before || rb_config_given(config, "net.sigma0")) return;
    if (now == RB_NOISY_INDEPENDENT) config->params.net.sigma0 = independent;
    if (now == RB_NOISY_FACTORISED && before == RB_NOISY_INDEPENDENT) config->params.net.sigma0 = factorised;
}

rb_status rb_config_note(rb_config *config, const char *key, const char *value, const char *origin,
                         rb_error *error)
{
    const rb_param *param = find(key, origin, error);
    if (!param) return RB_ERR_USAGE;
    char why[512], before[300];
    const int32_t noise = config->params.net.noisy;
    prefix(origin, before, sizeof before);
    if (!rb_value_parse(param, value, &config->params, why, sizeof why))
        return rb_error_set(error, RB_ERR_USAGE, "%s%s = %.*s%s: %s", before, key, (int)SHOWN_MOST, value,
                            strlen(value) > SHOWN_MOST ? "..." : "", why);
    config->given[param - rb_table_get(0)] = true;
    noise_kind_changed(config, noise);
    if (rb_trust_key(key) >= 0) config->from_file[rb_trust_key(key)] = false;
    return RB_OK;
}

bool rb_config_given(const rb_config *config, const char *key)
{
    const rb_param *param = rb_table_find(key);
    return param && config->given[param - rb_table_get(0)];
}

rb_status rb_config_get(const rb_config *config, const char *key, char *out, int out_bytes, rb_error *error)
{
    const rb_param *param = find(key, NULL, error);
    if (!param) return RB_ERR_USAGE;
    rb_value_format(param, &config->params, out, (size_t)out_bytes);
    return RB_OK;
}

bool rb_config_next_change(const rb_config *then, const rb_config *now, int from, rb_config_change *out)
{
    for (int i = from; i < rb_table_count(); i++) {
        const rb_param *param = rb_table_get(i);
        if (rb_value_equal(param, &then->params, &now->params)) continue;
        *out = (rb_config_change){.key = param->key, .resume = param->resume, .next = i + 1};
        rb_value_format(param, &then->params, out->was, sizeof out->was);
        rb_value_format(param, &now->params, out->is, sizeof out->is);
        return true;
    }
    return false;
}

rb_status rb_config_check_resume(const rb_config *then, const rb_config *now, rb_error *error)
{
    rb_config_change change;
    for (int at = 0; rb_config_next_change(then, now, at, &change); at = change.next)
        if (!change.resume)
            return rb_error_set(error, RB_ERR_USAGE,
                                "%s = %.200s: the run was made with %.200s, which cannot change on resume",
                                change.key, change.is, change.was);
    return RB_OK;
}
