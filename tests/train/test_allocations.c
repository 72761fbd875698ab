// Nothing is allocated between two vector steps: all memory is taken before the first one. Counted by
// wrapping the allocating functions called by our own code (linked with --wrap; see tests/CMakeLists.txt).
#include "train/run_fixture.h"

#include <stdatomic.h>
#include <sys/mman.h>

#include "replay/packed.h"
#include "train/run_state.h"

static atomic_int allocations;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset);

void *__wrap_malloc(size_t bytes)
{
    allocations++;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    allocations++;
    return __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    allocations++;
    return __real_realloc(old, bytes);
}

void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    allocations++;
    return __real_mmap(at, bytes, protection, flags, fd, offset);
}

static void train_and_count(const char *env, const char *compress)
{
    rb_config *config = CONFIGURE(env, "--preset=cartpole", "--env.count=4", "--run.max_steps=1500",
                                  "--replay.capacity=1000", "--agent.start_steps=100", "--agent.batch=8",
                                  "--eval.every_steps=0", "--checkpoint.every_steps=0", "--net.trunk=auto",
                                  "--compute.threads=2", "--agent.update_every_steps=8");
    set(config, "replay.compress", compress);
    allocations = 0;
    rb_run *run = create(config);
    assert_true(allocations > 0); // the wrapping works
    rb_error error = {0};
    assert_int_equal(rb_loop(run, 8, &error), RB_OK);
    allocations = 0; // many games end, updates are made, the ring wraps
    assert_int_equal(rb_loop(run, 1500, &error), RB_OK);
    assert_int_equal(allocations, 0);
    assert_true(rb_agent_updates(run->agent) > 100);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_cartpole(void **state)
{
    (void)state;
    train_and_count("cartpole", "none");
}

static void test_breakout(void **state)
{
    (void)state;
    train_and_count("atari/breakout", "none");
    if (rb_packed_available()) train_and_count("atari/breakout", "lz4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cartpole), cmocka_unit_test(test_breakout)};
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
