// Stands in for the emulator's shared object of another version: it has only the number of its interface.
int rb_ale_abi(void);
int rb_ale_abi(void)
{
    return 999;
}
