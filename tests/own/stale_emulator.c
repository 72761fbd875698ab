// Looks like the emulator's shared object of another version: it has the number of its interface, and that
// alone.
int rb_ale_abi(void);
int rb_ale_abi(void)
{
    return 999;
}
