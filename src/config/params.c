// The public view of the table, for `rainbow params` and the reference page.
#include "config/table.h"

#include <pthread.h>
#include <stdio.h>
#include "base/text.h"

static rb_param_info infos[RB_PARAMS_MOST];
static char defaults[RB_PARAMS_MOST][RB_TEXT_MAX];
static char ranges[RB_PARAMS_MOST][80];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *const kinds[] = {"int", "real", "bool", "choice", "text"};

static void fill(void)
{
    static rb_params params;
    for (int i = 0; i < rb_table_count() && i < RB_PARAMS_MOST; i++) {
        const rb_param *param = rb_table_get(i);
        rb_value_default(param, &params);
        rb_value_format(param, &params, defaults[i], sizeof defaults[i]);
        if (param->kind == RB_KIND_INT || param->kind == RB_KIND_REAL) {
            char least[32], most[32];
            rb_value_limits(param, least, most, sizeof least);
            snprintf(ranges[i], sizeof ranges[i], "%s .. %s", least, most);
        } else if (param->kind == RB_KIND_CHOICE) {
            rb_text_copy(ranges[i], sizeof ranges[i], param->choices);
        }
        infos[i] = (rb_param_info){
            .key = param->key,
            .kind = kinds[param->kind],
            .by_default = defaults[i],
            .range = ranges[i],
            .unit = param->unit,
            .help = param->help,
            .group_help = rb_table_group_help(i),
            .resume = param->resume,
            .decides = rb_table_decides(i),
        };
    }
}

int rb_param_count(void)
{
    return rb_table_count();
}

const rb_param_info *rb_param_get(int i)
{
    if (i < 0 || i >= rb_table_count()) return NULL;
    pthread_once(&once, fill);
    return &infos[i];
}
