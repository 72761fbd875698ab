// Starting and restarting the workers: see gym_crew.h.
#include "env/gym_crew.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/text.h"
#include "env/gym.h"
#include "env/gym_process.h"

extern const char rb_gym_worker_program[]; // gym_worker.py, embedded by cmake/embed.cmake
extern const size_t rb_gym_worker_program_bytes;

enum { DEATHS_MOST = 3 }; // of one worker without a step between them
static const double goodbye_seconds = 5;
// Each wait is cut into pieces, so that a request to stop is seen while a worker hangs: the signal may have
// interrupted another thread.
static const double piece_seconds = 0.1;

typedef struct desk { // the newest worker's socket and memory for one environment, until that takes them over
    int socket, memory;
} desk;

typedef struct worker {
    pid_t pid; // 0: none
    int first, count, generation, deaths, losses;
    atomic_int steps, games; // steps answered and games ended since it was started
    atomic_bool hangs;       // it did not answer in time, so it would not end by itself either
    const char *late;        // what it did not answer to in time; NULL: it died
} worker;

struct rb_gym_crew {
    pthread_mutex_t lock;
    int members, joined, count, workers;
    rb_gym_params params;
    char id[RB_TEXT_MAX], python[RB_PATH_MAX];
    uint32_t seed;
    bool screens, masks;               // masks: look for action masks
    int skip;                          // frames per step
    const volatile sig_atomic_t *stop; // NULL: never
    desk *desks;                       // [count]
    worker *worker;
};

static worker *worker_of(const rb_gym_seat *seat)
{
    const rb_gym_crew *crew = seat->crew;
    int w = 0;
    while (seat->index >= crew->worker[w].first + crew->worker[w].count) w++;
    return &crew->worker[w];
}

// ---- starting ----

static void close_desk(desk *d)
{
    if (d->socket >= 0) close(d->socket);
    if (d->memory >= 0) close(d->memory);
    *d = (desk){-1, -1};
}

// Both ends of a socket pair and a block of memory; *theirs is the worker's end.
static bool make_desk(desk *d, int *theirs)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) return false;
    d->socket = rb_gym_descriptor(pair[0]);
    *theirs = rb_gym_descriptor(pair[1]);
    d->memory = rb_gym_descriptor(memfd_create("rainbow-gym", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    return d->socket >= 0 && *theirs >= 0 && d->memory >= 0 && !ftruncate(d->memory, RB_GYM_FRAMES_AT);
}

static int program_file(void)
{
    int fd = rb_gym_descriptor(memfd_create("gym_worker.py", MFD_CLOEXEC));
    size_t bytes = rb_gym_worker_program_bytes;
    if (fd < 0 || (write(fd, rb_gym_worker_program, bytes) == (ssize_t)bytes && !lseek(fd, 0, SEEK_SET)))
        return fd;
    close(fd);
    return -1;
}

static rb_status spawn(rb_gym_crew *crew, worker *w, const int *theirs, int program, rb_error *error)
{
    enum { PAIR_BYTES = 24 };
    static const char *const channels[] = {"auto", "first", "last", "none"}; // RB_CHANNELS_AUTO ...
    char parent[24], seed[24], skip[24], *fds = malloc((size_t)w->count * PAIR_BYTES);
    int *keep = malloc(sizeof *keep * 2 * (size_t)w->count);
    rb_status status = RB_OK;
    if (!fds || !keep) {
        status = rb_error_set(error, RB_ERR_MEMORY, "no memory for a Gymnasium worker");
    } else {
        size_t used = 0;
        for (int i = 0; i < w->count; i++) {
            const desk *d = &crew->desks[w->first + i];
            used += (size_t)snprintf(fds + used, PAIR_BYTES, "%s%d:%d", i ? "," : "", theirs[i], d->memory);
            keep[2 * i] = theirs[i];
            keep[2 * i + 1] = d->memory;
        }
        snprintf(parent, sizeof parent, "%ld", (long)getpid());
        snprintf(skip, sizeof skip, "%d", crew->skip);
        snprintf(seed, sizeof seed, "%u", crew->seed + (uint32_t)w->first);
        const char *const words[] = {crew->python,
                                     "-I",
                                     "-u",
                                     "-",
                                     parent,
                                     crew->id,
                                     crew->params.kwargs,
                                     crew->params.import,
                                     crew->params.wrappers,
                                     seed,
                                     crew->screens ? "1" : "0",
                                     channels[crew->params.channels],
                                     skip,
                                     crew->masks ? "1" : "0",
                                     fds,
                                     NULL};
        rb_gym_spawn spawn = {
            .words = words, .input = program, .output = -1, .keep = keep, .keep_count = 2 * w->count};
        status = rb_gym_process_start(&w->pid, &spawn, error);
    }
    free(fds);
    free(keep);
    return status;
}

// Starts a new process with new sockets and blocks for all of its environments.
static rb_status start(rb_gym_crew *crew, worker *w, rb_error *error)
{
    int *theirs = malloc(sizeof *theirs * (size_t)w->count), program = program_file();
    bool made = theirs && program >= 0;
    for (int i = 0; theirs && i < w->count; i++) theirs[i] = -1;
    for (int i = 0; made && i < w->count; i++) {
        close_desk(&crew->desks[w->first + i]);
        made = make_desk(&crew->desks[w->first + i], &theirs[i]);
    }
    rb_status status =
        made ? spawn(crew, w, theirs, program, error)
             : rb_error_set(error, RB_ERR_FILE,
                            "can't create the sockets and memory of a Gymnasium worker: %s", strerror(errno));
    for (int i = 0; theirs && i < w->count; i++)
        if (theirs[i] >= 0) close(theirs[i]);
    if (program >= 0) close(program);
    free(theirs);
    w->generation++;
    atomic_store(&w->steps, 0);
    atomic_store(&w->games, 0);
    atomic_store(&w->hangs, false);
    w->late = NULL;
    return status;
}

static void end(worker *w, char *how, size_t how_bytes)
{
    const double seconds = atomic_load(&w->hangs) ? 0 : goodbye_seconds;
    if (w->pid) rb_gym_process_end(w->pid, seconds, how, how_bytes);
    w->pid = 0;
}

static void destroy(rb_gym_crew *crew)
{
    for (int i = 0; i < crew->count; i++)
        close_desk(&crew->desks[i]); // all are notified before any is waited for
    for (int w = 0; w < crew->workers; w++) end(&crew->worker[w], NULL, 0);
    pthread_mutex_destroy(&crew->lock);
    free(crew->desks);
    free(crew->worker);
    free(crew);
}

// Reuses the interpreter of the last crew, because probing takes a moment and evaluations need it every few
// minutes.
static rb_status find_python(rb_gym_crew *crew, rb_error *error)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char named[RB_TEXT_MAX], found[RB_PATH_MAX];
    rb_status status = RB_OK;
    pthread_mutex_lock(&lock);
    if (!*found || strcmp(named, crew->params.python) || access(found, X_OK)) {
        rb_gym_python python;
        status = rb_gym_probe(crew->params.python, &python, error);
        rb_text_copy(named, sizeof named, crew->params.python);
        rb_text_copy(found, sizeof found, status ? "" : python.path);
    }
    rb_text_copy(crew->python, sizeof crew->python, found);
    pthread_mutex_unlock(&lock);
    return status;
}

static rb_status create(rb_gym_crew **out, const rb_env_options *options, uint32_t seed, rb_error *error)
{
    rb_gym_crew *crew = calloc(1, sizeof *crew);
    *out = NULL;
    if (!crew) return rb_error_set(error, RB_ERR_MEMORY, "no memory for Gymnasium workers");
    pthread_mutex_init(&crew->lock, NULL);
    crew->params = options->settings.gym;
    crew->seed = seed;
    crew->screens = options->screens;
    crew->masks = options->settings.env.masks;
    crew->skip = crew->params.pictures == RB_PICTURES_ATARI ? (int)options->settings.atari.frame_skip : 1;
    crew->stop = options->stop;
    crew->count = options->count > 0 ? options->count : 1;
    crew->workers = options->workers < 1             ? 1
                    : options->workers < crew->count ? options->workers
                                                     : crew->count;
    crew->desks = malloc(sizeof *crew->desks * (size_t)crew->count);
    crew->worker = calloc((size_t)crew->workers, sizeof *crew->worker);
    if (!crew->desks || !crew->worker) {
        free(crew->desks);
        free(crew->worker);
        free(crew);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for Gymnasium workers");
    }
    for (int i = 0; i < crew->count; i++) crew->desks[i] = (desk){-1, -1};
    rb_text_copy(crew->id, sizeof crew->id, options->settings.name + strlen("gym/"));
    rb_status status = find_python(crew, error);
    for (int w = 0; !status && w < crew->workers; w++) {
        int first = crew->count * w / crew->workers, next = crew->count * (w + 1) / crew->workers;
        crew->worker[w].first = first;
        crew->worker[w].count = next - first;
        status = start(crew, &crew->worker[w], error);
    }
    if (status) {
        destroy(crew);
        return status;
    }
    *out = crew;
    return RB_OK;
}

// ---- seats ----

static void let_go(rb_gym_seat *seat)
{
    if (seat->block) munmap(seat->block, seat->block_bytes);
    if (seat->socket >= 0) close(seat->socket);
    if (seat->memory >= 0) close(seat->memory);
    seat->block = NULL;
    seat->socket = seat->memory = -1;
}

static rb_status map(rb_gym_seat *seat, size_t bytes, rb_error *error)
{
    if (seat->block) munmap(seat->block, seat->block_bytes);
    seat->block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, seat->memory, 0);
    seat->block_bytes = bytes;
    if (seat->block != MAP_FAILED) return RB_OK;
    seat->block = NULL;
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the observations of a Gymnasium environment");
}

// Takes over the newest worker's socket and memory. Call it with the lock held.
static rb_status take_up(rb_gym_seat *seat, rb_error *error)
{
    rb_gym_crew *crew = seat->crew;
    let_go(seat);
    desk *d = &crew->desks[seat->index];
    seat->socket = d->socket;
    seat->memory = d->memory;
    *d = (desk){-1, -1};
    seat->generation = worker_of(seat)->generation;
    const struct timeval piece = {.tv_usec = (suseconds_t)(1e6 * piece_seconds)};
    setsockopt(seat->socket, SOL_SOCKET, SO_RCVTIMEO, &piece, sizeof piece);
    return map(seat, RB_GYM_FRAMES_AT, error);
}

rb_status rb_gym_crew_join(rb_gym_crew **crew, const rb_env_options *options, uint32_t seed,
                           rb_gym_seat *seat, rb_error *error)
{
    *seat = (rb_gym_seat){.socket = -1, .memory = -1};
    rb_status status = *crew ? RB_OK : create(crew, options, seed, error);
    if (status) return status;
    rb_gym_crew *joined = *crew;
    pthread_mutex_lock(&joined->lock);
    seat->crew = joined;
    seat->index = joined->joined++;
    joined->members++;
    status = take_up(seat, error);
    pthread_mutex_unlock(&joined->lock);
    return status;
}

void rb_gym_crew_leave(rb_gym_seat *seat)
{
    rb_gym_crew *crew = seat->crew;
    if (!crew) return;
    let_go(seat);
    pthread_mutex_lock(&crew->lock);
    bool last = --crew->members == 0;
    pthread_mutex_unlock(&crew->lock);
    seat->crew = NULL;
    if (last) destroy(crew);
}

int rb_gym_seat_worker(const rb_gym_seat *seat)
{
    return (int)worker_of(seat)->pid;
}

void rb_gym_seat_ask(rb_gym_seat *seat, char request)
{
    while (send(seat->socket, &request, 1, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
}

static rb_gym_news refused(const rb_gym_seat *seat, char letter, rb_error *error)
{
    static const struct {
        char letter;
        rb_status status;
    } kinds[] = {
        {RB_GYM_USAGE, RB_ERR_USAGE}, {RB_GYM_MISSING, RB_ERR_MISSING}, {RB_GYM_NUMBER, RB_ERR_NUMBER}};
    rb_status status = RB_ERR_ENV;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (letter == kinds[i].letter) status = kinds[i].status;
    rb_error_set(error, status, "gym/%s: %.*s", seat->crew->id, RB_GYM_TEXT_MAX, seat->block->text);
    return RB_GYM_REFUSED;
}

rb_gym_news rb_gym_seat_wait(rb_gym_seat *seat, const char *what, rb_error *error)
{
    const rb_gym_crew *crew = seat->crew;
    char letter;
    ssize_t got;
    double since = -1; // the clock is read only for a late answer
    while ((got = recv(seat->socket, &letter, 1, 0)) < 0) {
        if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) break;
        const double now = rb_clock_seconds();
        if (since < 0) since = errno == EINTR ? now : now - piece_seconds;
        const bool stopped = crew->stop && *crew->stop && now - since >= piece_seconds;
        if (!stopped && now - since < (double)crew->params.timeout_seconds) continue;
        atomic_store(&worker_of(seat)->hangs, true);
        worker_of(seat)->late = stopped ? NULL : what;
        if (stopped)
            rb_error_set(error, RB_INTERRUPTED, "gym/%s: stopped while waiting for %s", crew->id, what);
        else
            rb_error_set(error, RB_ERR_ENV, "gym/%s: no answer to %s within %lld s (gym.timeout_seconds)",
                         crew->id, what, (long long)crew->params.timeout_seconds);
        return stopped ? RB_GYM_STOPPED : RB_GYM_LATE;
    }
    if (got <= 0) return RB_GYM_DIED;
    return letter == RB_GYM_DONE ? RB_GYM_ANSWER : refused(seat, letter, error);
}

bool rb_gym_seat_heard(const rb_gym_seat *seat)
{
    struct pollfd answer = {.fd = seat->socket, .events = POLLIN};
    return poll(&answer, 1, 0) != 0;
}

void rb_gym_seat_stepped(rb_gym_seat *seat)
{
    atomic_fetch_add_explicit(&worker_of(seat)->steps, 1, memory_order_relaxed);
}

void rb_gym_seat_played(rb_gym_seat *seat)
{
    atomic_fetch_add_explicit(&worker_of(seat)->games, 1, memory_order_relaxed);
}

rb_gym_news rb_gym_seat_wait_made(rb_gym_seat *seat, rb_error *error)
{
    rb_gym_news news = rb_gym_seat_wait(seat, "gymnasium.make()", error);
    if (news != RB_GYM_ANSWER) return news;
    struct stat info = {0};
    fcntl(seat->memory, F_ADD_SEALS,
          F_SEAL_SHRINK); // reading memory that was taken away would end this process
    if (fstat(seat->memory, &info)) info.st_size = 0;
    rb_status status = rb_gym_block_read(seat->block, (uint64_t)info.st_size, &seat->shape, error);
    if (!status) status = map(seat, seat->shape.block_bytes, error);
    if (status) rb_error_context(error, status, "gym/%s", seat->crew->id);
    return status ? RB_GYM_REFUSED : RB_GYM_ANSWER;
}

// Whether this socket has an answer in time, or its worker has ended.
static bool is_heard(const rb_gym_crew *crew, int socket)
{
    const double start = rb_clock_seconds();
    struct pollfd answer = {.fd = socket, .events = POLLIN};
    while (!(crew->stop && *crew->stop) &&
           rb_clock_seconds() - start < (double)crew->params.timeout_seconds) {
        if (poll(&answer, 1, (int)(1000 * piece_seconds)) > 0) return true;
    }
    return false;
}

bool rb_gym_seat_wait_served(const rb_gym_seat *seat)
{
    const rb_gym_crew *crew = seat->crew;
    const worker *w = worker_of(seat);
    for (int i = seat->index + 1; i < w->first + w->count; i++) {
        const int socket = crew->desks[i].socket; // negative: taken up, so its answer was waited for
        if (socket >= 0 && !is_heard(crew, socket)) return false;
    }
    return true;
}

rb_status rb_gym_seat_restart(rb_gym_seat *seat, char *notice, size_t notice_bytes, rb_error *error)
{
    rb_gym_crew *crew = seat->crew;
    rb_status status = RB_OK;
    *notice = 0;
    pthread_mutex_lock(&crew->lock);
    worker *w = worker_of(seat);
    if (seat->generation == w->generation) {
        char how[160];
        int pid = (int)w->pid;
        const char *late = w->late;
        end(w, how, sizeof how);
        if (late)
            snprintf(how, sizeof how, "did not answer to %s within %lld s (gym.timeout_seconds)", late,
                     (long long)crew->params.timeout_seconds);
        w->deaths = atomic_load(&w->steps) ? 1 : w->deaths + 1;
        w->losses = atomic_load(&w->games) ? 1 : w->losses + 1;
        if (w->losses > crew->params.restarts && w->deaths < DEATHS_MOST)
            status = rb_error_set(error, RB_ERR_ENV,
                                  "gym/%s: its worker (process %d) %s, and it was replaced %d times without "
                                  "a game played to its end "
                                  "(gym.restarts = %lld)",
                                  crew->id, pid, how, w->losses - 1, (long long)crew->params.restarts);
        else if (w->deaths >= DEATHS_MOST)
            status = rb_error_set(error, RB_ERR_ENV,
                                  "gym/%s: its worker (process %d) %s, %d times before its first step",
                                  crew->id, pid, how, w->deaths);
        else
            status = start(crew, w, error);
        snprintf(notice, notice_bytes,
                 "gym/%s: its worker (process %d) %s; another one was started, with new games for %d "
                 "environment%s",
                 crew->id, pid, how, w->count, w->count == 1 ? "" : "s");
    }
    if (!status) status = take_up(seat, error);
    pthread_mutex_unlock(&crew->lock);
    return status;
}
