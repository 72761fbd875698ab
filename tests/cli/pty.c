// Runs a command on a terminal of its own and looks at its screen, for transcripts.
//
//     pty COLUMNSxROWS ACTION... -- COMMAND...
//
//     wait=TEXT    until the screen shows TEXT (a minute at most)      gone=TEXT    until it does not
//     size=CxR     another window; lines are wrapped anew, as terminals of today do
//     kill=NAME    a signal to the command: INT TERM ABRT TSTP CONT KILL
//     show         prints the screen, `all` with what has scrolled away
//     state        prints what a person would miss: cursor, typed keys, colours, sequences unknown here
//     end          until the command has ended; prints "status N" or "signal N"
//
// Exit status 0, or 1 where something that was waited for did not come. What has not ended at the end is
// killed.
//
// The screen is rows of characters, the last ROWS of which can be seen:
//
//     rows[0 .. top-1] scrolled away    rows[top .. top+height-1] the screen    a row is `wrapped` into the next one
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 4000, COLUMNS = 400, SECONDS = 60 };

typedef struct row {
    uint32_t cells[COLUMNS];
    int used;
    bool wrapped;
} row;

static row rows[ROWS], old[ROWS];
static int width, height, top, at, column; // the cursor: row `at`
static bool hidden, coloured;
static int unknown;

// ---- the screen

static void new_row(void)
{
    if (++at >= top + height) top++;
    if (at >= ROWS) {
        fprintf(stderr, "pty: more than %d lines\n", ROWS);
        exit(1);
    }
}

static void put_character(uint32_t code)
{
    if (column == width) {
        rows[at].wrapped = true;
        new_row();
        column = 0;
    }
    row *r = &rows[at];
    while (r->used < column) r->cells[r->used++] = ' ';
    r->cells[column++] = code;
    if (r->used < column) r->used = column;
}

static void clear_after(row *r, int from)
{
    if (r->used > from) r->used = from;
    r->wrapped = false;
}

static void obey(const char *sequence, char last)
{
    const int number = atoi(sequence);
    if (last == 'A')
        at = at - (number ? number : 1) < top ? top : at - (number ? number : 1);
    else if (last == 'K' && !number)
        clear_after(&rows[at], column);
    else if (last == 'J' && !number)
        for (int i = at; i < top + height && i < ROWS; i++) clear_after(&rows[i], i == at ? column : 0);
    else if (last == 'm')
        coloured = true;
    else if (!strcmp(sequence, "?25") && (last == 'l' || last == 'h'))
        hidden = last == 'l';
    else
        unknown++;
}

static void take(unsigned char c)
{
    static char sequence[32];
    static int state, used, more; // 1: after ESC, 2: in a sequence
    static uint32_t code;
    if (state == 1) {
        state = c == '[' ? 2 : 0;
        unknown += c != '[';
        used = 0;
    } else if (state == 2 && c >= 0x40) {
        sequence[used] = 0;
        obey(sequence, (char)c);
        state = 0;
    } else if (state == 2) {
        if (used < 31) sequence[used++] = (char)c;
    } else if (c == 27) {
        state = 1;
    } else if (c == '\n') {
        rows[at].wrapped = false;
        new_row();
    } else if (c == '\r') {
        column = 0;
    } else if (c >= 0xc0) {
        more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        code = c & (0x3fu >> more);
    } else if (c >= 0x80) {
        code = code << 6 | (c & 0x3f);
        if (--more == 0) put_character(code);
    } else if (c >= 32) {
        put_character(c);
    } else {
        unknown++;
    }
}

static int last_row(void)
{
    int last = ROWS - 1;
    while (last > at && !rows[last].used) last--;
    return last;
}

// Lines that were wrapped are put together and wrapped anew; the cursor stays at its character.
static void resize(int columns, int lines)
{
    const int count = last_row() + 1, cursor_row = at, cursor_column = column;
    int to = 0, from = 0;
    memcpy(old, rows, sizeof rows);
    memset(rows, 0, sizeof rows);
    while (from < count && to < ROWS) {
        int into = 0;
        for (;; from++) { // a logical line
            if (from == cursor_row) {
                const int place = into + cursor_column;
                at = to + (place ? (place - 1) / columns : 0);
                column = place - (at - to) * columns;
            }
            for (int i = 0; i < old[from].used; i++, into++) {
                row *r = &rows[to + into / columns];
                r->cells[r->used++] = old[from].cells[i];
                if (into && into % columns == 0) r[-1].wrapped = true;
            }
            if (!old[from].wrapped) break;
        }
        from++;
        to += into ? (into - 1) / columns + 1 : 1;
    }
    width = columns;
    height = lines;
    const int last = last_row();
    top = last + 1 > lines ? last + 1 - lines : 0;
    if (top > at) top = at;
}

static void write_row(const row *r, char *out)
{
    for (int i = 0; i < r->used; i++) {
        const uint32_t c = r->cells[i];
        if (c < 0x80) {
            *out++ = (char)c;
        } else if (c < 0x800) {
            *out++ = (char)(0xc0 | c >> 6);
            *out++ = (char)(0x80 | (c & 63));
        } else {
            if (c >= 0x10000) *out++ = (char)(0xf0 | c >> 18);
            *out++ = (char)((c >= 0x10000 ? 0x80 : 0xe0) | ((c >> 12) & 63));
            *out++ = (char)(0x80 | ((c >> 6) & 63));
            *out++ = (char)(0x80 | (c & 63));
        }
    }
    *out = 0;
}

static bool shows(const char *text)
{
    char line[COLUMNS * 4 + 1];
    for (int i = top; i < top + height && i < ROWS; i++) {
        write_row(&rows[i], line);
        if (strstr(line, text)) return true;
    }
    return false;
}

static void print_screen(int from)
{
    char line[COLUMNS * 4 + 1];
    for (int i = from; i <= last_row(); i++) {
        write_row(&rows[i], line);
        for (size_t n = strlen(line); n && line[n - 1] == ' '; n--) line[n - 1] = 0;
        if (*line || i < last_row()) puts(line);
    }
}

// ---- the command

static pid_t child;
static int terminal = -1;
static int ended = -1; // waitpid's status

// Some output, or its end. False at the end.
static bool listen_to(int milliseconds)
{
    struct pollfd p = {.fd = terminal, .events = POLLIN};
    unsigned char bytes[4096];
    if (poll(&p, 1, milliseconds) <= 0) return true;
    ssize_t got = read(terminal, bytes, sizeof bytes);
    if (got <= 0) return got < 0 && errno == EINTR;
    for (ssize_t i = 0; i < got; i++) take(bytes[i]);
    return true;
}

// Reads until nothing has come for a moment: a drawing that has begun is then complete.
static void settle(void)
{
    while (poll(&(struct pollfd){.fd = terminal, .events = POLLIN}, 1, 30) > 0 && listen_to(0)) {
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool wait_for(const char *text, bool there)
{
    const double until = now() + SECONDS;
    while (shows(text) != there) {
        if (now() > until || !listen_to(100)) {
            if (shows(text) == there) break;
            printf("pty: %s: %s\n", there ? "did not come" : "did not go", text);
            print_screen(top);
            return false;
        }
    }
    settle();
    return true;
}

static bool wait_for_end(void)
{
    const double until = now() + SECONDS;
    while (now() < until && listen_to(100)) {
    }
    while (now() < until && waitpid(child, &ended, WNOHANG) == 0) usleep(10000);
    if (ended < 0)
        puts("pty: it did not end");
    else if (WIFSIGNALED(ended))
        printf("signal %d\n", WTERMSIG(ended));
    else
        printf("status %d\n", WEXITSTATUS(ended));
    return ended >= 0;
}

// The terminal's first process, and the command its job: only a job that somebody minds can be suspended.
// Ends as it does.
static void be_a_shell(char **words)
{
    int status = 0;
    signal(SIGTTOU, SIG_IGN); // it stays in the background and may still say who is in front
    pid_t job = fork();
    if (job == 0) {
        setpgid(0, 0);
        tcsetpgrp(STDIN_FILENO, getpid());
        signal(SIGTTOU, SIG_DFL);
        execvp(words[0], words);
        _exit(127);
    }
    while (waitpid(job, &status, 0) < 0) {
    }
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    _exit(WEXITSTATUS(status));
}

// To the job in front; without one (the command may just have ended) the group would be 0, our own.
static void tell(int number)
{
    const pid_t group = tcgetpgrp(terminal);
    if (group > 0) kill(-group, number);
}

// After a drawing for the window as it is, and while the command stands still: what a command draws for one
// width and the terminal reads at another is lost on every terminal, and not what is tested here.
static void set_window(const char *text)
{
    struct winsize window = {0};
    int columns, lines;
    if (sscanf(text, "%dx%d", &columns, &lines) != 2 || columns < 2 || columns > COLUMNS || lines < 1 ||
        lines > 200) {
        fprintf(stderr, "pty: %s: is no size\n", text);
        exit(2);
    }
    window.ws_col = (unsigned short)columns;
    window.ws_row = (unsigned short)lines;
    if (terminal < 0) { // the command's first
        width = columns, height = lines;
        return;
    }
    poll(&(struct pollfd){.fd = terminal, .events = POLLIN}, 1, SECONDS * 1000);
    settle();
    tell(SIGSTOP);
    settle();
    resize(columns, lines);
    ioctl(terminal, TIOCSWINSZ, &window);
    tell(SIGCONT);
}

static void send(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"INT", SIGINT},   {"TERM", SIGTERM}, {"ABRT", SIGABRT},
                   {"TSTP", SIGTSTP}, {"CONT", SIGCONT}, {"KILL", SIGKILL}};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!strcmp(signals[i].name, name)) tell(signals[i].number);
    usleep(300000); // until it has taken it
    settle();
}

static void print_state(void)
{
    struct termios keys;
    const bool known = tcgetattr(terminal, &keys) == 0;
    printf("cursor %s, keys %s, colours %s, unknown %d\n", hidden ? "hidden" : "shown",
           known && !(keys.c_lflag & ECHO) ? "hidden" : "shown", coloured ? "yes" : "no", unknown);
}

static bool act(const char *action)
{
    const char *value = strchr(action, '=') ? strchr(action, '=') + 1 : "";
    if (!strncmp(action, "wait=", 5)) return wait_for(value, true);
    if (!strncmp(action, "gone=", 5)) return wait_for(value, false);
    if (!strcmp(action, "end")) return wait_for_end();
    if (!strncmp(action, "size=", 5))
        set_window(value);
    else if (!strncmp(action, "kill=", 5))
        send(value);
    else if (!strcmp(action, "show"))
        print_screen(top);
    else if (!strcmp(action, "all"))
        print_screen(0);
    else if (!strcmp(action, "state"))
        print_state();
    else
        exit(2);
    return true;
}

int main(int argc, char **argv)
{
    int command = 2;
    while (command < argc && strcmp(argv[command], "--")) command++;
    if (command + 1 >= argc) return 2;
    set_window(argv[1]);
    struct winsize window = {.ws_col = (unsigned short)width, .ws_row = (unsigned short)height};
    child = forkpty(&terminal, NULL, NULL, &window);
    if (child < 0) return 2;
    if (child == 0) be_a_shell(argv + command + 1);
    bool good = true;
    for (int i = 2; i < command && good; i++) good = act(argv[i]);
    if (ended < 0) {
        tell(SIGKILL);
        kill(child, SIGKILL);
        waitpid(child, &ended, 0);
    }
    return !good;
}
