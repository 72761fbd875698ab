// PJRT plugins with one fault each, for the tests of what opens them: FAULT_NULL, FAULT_MAJOR, FAULT_OLD,
// FAULT_SHORT, FAULT_DEAF (does not start), FAULT_EMPTY (has no device); without any, the symbol is missing.
#include <stddef.h>
#include <string.h>

#include "xla/pjrt.h"

const pjrt_table *GetPjrtApi(void);

#if defined FAULT_NULL
const pjrt_table *GetPjrtApi(void)
{
    return NULL;
}
#elif defined FAULT_MAJOR || defined FAULT_OLD || defined FAULT_SHORT || defined FAULT_DEAF ||               \
    defined FAULT_EMPTY
static void message(pjrt_message_args *args)
{
    args->text = "there is no driver";
    args->bytes = strlen(args->text);
}

static pjrt_error *code(pjrt_code_args *args)
{
    args->code = 5;
    return NULL;
}

static void destroy(pjrt_error_args *args)
{
    (void)args;
}

static pjrt_error *initialise(pjrt_plugin_args *args)
{
    (void)args;
#ifdef FAULT_DEAF
    return (pjrt_error *)&message;
#else
    return NULL;
#endif
}

static pjrt_error *create(pjrt_create_args *args)
{
    (void)args;
    return (pjrt_error *)&message;
}

static pjrt_table table = {.size = sizeof table,
                           .version = {.size = sizeof table.version, .major = 0, .minor = 99},
                           .error_destroy = destroy,
                           .error_message = message,
                           .error_code = code,
                           .plugin_initialise = initialise,
                           .client_create = create};

const pjrt_table *GetPjrtApi(void)
{
#if defined FAULT_MAJOR
    table.version.major = 1, table.version.minor = 0;
#elif defined FAULT_OLD
    table.version.minor = 7;
#elif defined FAULT_SHORT
    table.size = 64;
#endif
    return &table;
}
#endif
