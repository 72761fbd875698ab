// What a Gymnasium worker answers: the bytes are its answers, and what it wrote to the shared block before
// each. The environment is made, reset, stepped and rendered by the program's own code, on a real socket and
// a real block; only the worker is not Python.
//
//     answers [8]   memory pages [1]   flags [1]   block [RB_GYM_FRAMES_AT, or fewer: the rest is zero]
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "env/gym_crew.h"
#include "fuzz/fuzz.h"
#define create  create_crew // both files have functions of these names
#define destroy destroy_crew
#include "../../src/env/gym_crew.c" // for rb_gym_crew
#undef create
#undef destroy
#include "../../src/env/gym.c" // for rb_env

enum { ANSWERS = 8, HEAD = ANSWERS + 2, PAGES_MOST = 64 };

static rb_gym_crew *crew_of_one(void)
{
    static worker w = {.count = 1};
    static desk d = {-1, -1};
    static rb_gym_crew crew = {
        .members = 2, .count = 1, .workers = 1, .worker = &w, .desks = &d, .id = "Fuzz-v0"};
    crew.members = 2; // never destroyed
    return &crew;
}

static void sit_down(rb_gym_seat *seat, const uint8_t *data, size_t bytes)
{
    int pair[2];
    *seat =
        (rb_gym_seat){.crew = crew_of_one(), .memory = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    const off_t memory = RB_GYM_FRAMES_AT * (1 + data[ANSWERS] % PAGES_MOST);
    FUZZ_CHECK(seat->memory >= 0 && !ftruncate(seat->memory, memory));
    FUZZ_CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    seat->socket = pair[0];
    FUZZ_CHECK(write(pair[1], data, ANSWERS) == ANSWERS);
    close(pair[1]); // after these answers, the worker is dead
    const size_t most = bytes - HEAD < (size_t)memory ? bytes - HEAD : (size_t)memory;
    FUZZ_CHECK(pwrite(seat->memory, data + HEAD, most, 0) == (ssize_t)most);
    FUZZ_CHECK(!map(seat, RB_GYM_FRAMES_AT, NULL));
}

static rb_status make(rb_env *env, bool pictures, rb_error *error)
{
    rb_env_options options = {.settings.name = "gym/Fuzz-v0"};
    options.settings.gym.pictures = pictures ? RB_PICTURES_ATARI : RB_PICTURES_RAW;
    options.settings.atari = (rb_atari_params){.frame_skip = 4, .size = 8};
    if (rb_gym_seat_wait_made(&env->seat, error) != RB_GYM_ANSWER) return RB_ERR_ENV;
    return describe(env, &options, error);
}

static void play(rb_env *env)
{
    rb_error error = {0};
    rb_env_spec about;
    rb_env_step result;
    spec(env, &about);
    uint8_t *frame = malloc(rb_env_frame_bytes(&about));
    uint8_t *screen = malloc(3 * (size_t)about.screen_height * (size_t)about.screen_width + 1);
    FUZZ_CHECK(frame && screen);
    for (int i = 0; i < ANSWERS - 2 && !env->dead; i++) {
        const rb_status status = step(env, 0, &result, &error);
        FUZZ_CHECK(!status || *error.message);
        observe(env, frame);
        if (about.screen_height && about.screen_width && !env->dead) render(env, screen);
    }
    free(frame);
    free(screen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    rb_error error = {0};
    if (bytes < HEAD) return 0;
    rb_env *env = calloc(1, sizeof *env);
    FUZZ_CHECK(env);
    rb_text_copy(env->id, sizeof env->id, "Fuzz-v0");
    sit_down(&env->seat, data, bytes);
    const rb_status status = make(env, data[ANSWERS + 1] & 1, &error);
    FUZZ_CHECK(!status || *error.message || error.status == RB_OK);
    if (!status) play(env);
    destroy(env);
    return 0;
}
