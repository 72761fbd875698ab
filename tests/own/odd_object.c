// Shared objects that are not environments, each in its own way (FAULT_*).
int rb_error_set(void *error, int status, const char *format, ...);
int something_that_is_nowhere(int number);
int another_name(int number);

int another_name(int number)
{
#if defined FAULT_USES_RAINBOW
    return rb_error_set(0, number, "a function of the library, which is not linked");
#elif defined FAULT_USES_NOTHING
    return something_that_is_nowhere(number);
#else
    return number;
#endif
}

#if defined FAULT_FUNCTION
int rb_env_export(void);
int rb_env_export(void)
{
    return 1;
}
#elif defined FAULT_SMALL
extern const int rb_env_export;
const int rb_env_export = 1;
#endif
