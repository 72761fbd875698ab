// Drawing in place: see terminal.h.
#include "cli/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"

enum { OUT = STDERR_FILENO };

static const char hide_cursor[] = "\033[?25l", show_cursor[] = "\033[?25h", erase_line[] = "\033[K",
                  erase_below[] = "\033[J", plain[] = "\033[0m", up[] = "\r\033[%dA";
static const char *const styles[] = {"", "\033[2m", "\033[1m", "\033[36m", "\033[33m"};

static struct {
    bool open, colour, utf8, reflows;
    int columns;                     // width of the window when the block was drawn
    int drawn;                       // number of lines on the screen
    cli_line lines[CLI_BLOCK_LINES]; // the lines on the screen
    volatile sig_atomic_t taken;     // the cursor is hidden
    volatile sig_atomic_t silenced;  // keys are not shown: `keys` is how it was
    volatile sig_atomic_t suspended; // since the block was drawn: its place is unknown
    struct termios keys;
} screen;

static void put(const char *bytes, size_t count)
{
    while (count) {
        ssize_t done = write(OUT, bytes, count);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return; // the terminal has gone
        bytes += done;
        count -= (size_t)done;
    }
}

// ---- taking the terminal and giving it back

void cli_terminal_restore(void)
{
    if (screen.taken) put(show_cursor, sizeof show_cursor - 1);
    screen.taken = 0;
    if (screen.silenced) tcsetattr(OUT, TCSANOW, &screen.keys);
    screen.silenced = 0;
}

static void suspend(int number)
{
    cli_terminal_restore();
    struct sigaction stop = {.sa_handler = SIG_DFL}, ours;
    sigset_t set;
    sigemptyset(&stop.sa_mask);
    sigaction(number, &stop, &ours);
    raise(number);
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL); // the program stops here, and continues here
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigaction(number, &ours, NULL);
    screen.suspended = 1;
}

static void catch_suspension(bool on)
{
    struct sigaction action = {.sa_handler = on ? suspend : SIG_DFL, .sa_flags = SA_RESTART}, was;
    sigemptyset(&action.sa_mask);
    if (!sigaction(SIGTSTP, &action, &was) && was.sa_handler == SIG_IGN) sigaction(SIGTSTP, &was, NULL);
}

bool cli_locale_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"}; // the first that is set counts
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

bool cli_terminal_open(void)
{
    const char *terminal = getenv("TERM"), *no_color = getenv("NO_COLOR");
    if (screen.open) return true;
    if (!isatty(OUT) || !terminal || !*terminal || !strcmp(terminal, "dumb")) return false;
    screen.open = true;
    screen.colour = !(no_color && *no_color);
    screen.utf8 = cli_locale_utf8();
    screen.reflows = strcmp(terminal, "linux") != 0; // the console cuts long lines; others wrap them
    screen.drawn = 0;
    catch_suspension(true);
    atexit(cli_terminal_restore);
    return true;
}

void cli_terminal_close(void)
{
    if (!screen.open) return;
    cli_terminal_erase();
    cli_terminal_restore();
    catch_suspension(false);
    screen.open = false;
}

void cli_terminal_forget(void)
{
    if (!screen.open) return;
    screen.taken = screen.silenced = 0;
    catch_suspension(false);
    screen.open = false;
}

bool cli_terminal_is_ours(void)
{
    pid_t front = screen.open ? tcgetpgrp(OUT) : 0;
    return screen.open &&
           (front < 0 || front == getpgrp()); // below 0: the terminal has no owner, as in a container
}

bool cli_terminal_utf8(void)
{
    return screen.utf8;
}

void cli_terminal_size(int *columns, int *rows)
{
    struct winsize window = {0};
    bool known = ioctl(OUT, TIOCGWINSZ, &window) == 0;
    *columns = known && window.ws_col > 1 ? window.ws_col : 80;
    *rows = known && window.ws_row > 1 ? window.ws_row : 24;
}

void cli_output_colour(int colour)
{
    static const char *const colours[CLI_COLOURS] = {"\033[34m", "\033[31m", "\033[32m",
                                                     "\033[35m", "\033[33m", "\033[36m"};
    const char *sequence = colour < 0 ? plain : colours[colour];
    fflush(stdout); // which shows escape sequences as text (plain_output.h)
    if (write(STDOUT_FILENO, sequence, strlen(sequence)) < 0) return; // the terminal has gone
}

static void take(void)
{
    if (!screen.taken) put(hide_cursor, sizeof hide_cursor - 1);
    screen.taken = 1;
    if (screen.silenced || tcgetpgrp(OUT) != getpgrp() || tcgetattr(OUT, &screen.keys)) return;
    struct termios silent = screen.keys;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    screen.silenced = tcsetattr(OUT, TCSANOW, &silent) == 0;
}

// ---- lines

// One character of UTF-8 and the columns it takes; invalid bytes and controls become '?'.
static size_t next_character(const char *text, int *columns, bool *good)
{
    const unsigned char *c = (const unsigned char *)text;
    const size_t bytes = (size_t)rb_text_letter(text);
    uint32_t code = bytes == 1 ? c[0] : bytes == 2 ? c[0] & 31u : bytes == 3 ? c[0] & 15u : c[0] & 7u;
    for (size_t i = 1; i < bytes; i++) code = code << 6 | (c[i] & 63u);
    *good = bytes && code >= 32 && (code < 0x7f || code > 0x9f);
    *columns = (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xa4d0) ||
                       (code >= 0xac00 && code < 0xd7a4) || (code >= 0xf900 && code < 0xfb00) ||
                       (code >= 0xff00 && code < 0xff61) || (code >= 0x1f300 && code < 0x1fb00)
                   ? 2
                   : 1;
    if (!*good) *columns = 1;
    return bytes ? bytes : 1;
}

int cli_columns(const char *text)
{
    int columns = 0, width;
    bool good;
    for (; *text; columns += width) text += next_character(text, &width, &good);
    return columns;
}

void cli_line_begin(cli_line *line, int most)
{
    line->bytes = 0;
    line->text[0] = 0;
    line->columns = 0;
    line->most = most;
}

static void append(cli_line *line, const char *bytes, size_t count)
{
    memcpy(line->text + line->bytes, bytes, count);
    line->bytes += count;
    line->text[line->bytes] = 0;
}

void cli_line_add(cli_line *line, cli_style style, const char *format, ...)
{
    enum { SPARE = 16 }; // for the end of a style
    char text[CLI_LINE_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    const bool styled = style != CLI_PLAIN && screen.colour && *text;
    if (line->bytes + 2 * SPARE >= sizeof line->text) return;
    if (styled) append(line, styles[style], strlen(styles[style]));
    for (const char *at = text; *at;) {
        int width;
        bool good;
        size_t bytes = next_character(at, &width, &good);
        if (line->columns + width > line->most || line->bytes + bytes + SPARE >= sizeof line->text) break;
        append(line, good ? at : "?", good ? bytes : 1);
        line->columns += width;
        at += bytes;
    }
    if (styled) append(line, plain, sizeof plain - 1);
}

void cli_line_join(cli_line *line, const cli_line *more)
{
    if (line->columns + more->columns > line->most || line->bytes + more->bytes >= sizeof line->text) return;
    append(line, more->text, more->bytes);
    line->columns += more->columns;
}

void cli_line_to(cli_line *line, int column)
{
    while (line->columns < column && line->columns < line->most) {
        size_t was = line->bytes;
        cli_line_add(line, CLI_PLAIN, " ");
        if (line->bytes == was) return;
    }
}

void cli_line_add_end(cli_line *line, cli_style style, const char *text, int room)
{
    int left = cli_columns(text), width;
    bool good;
    if (left <= room) {
        cli_line_add(line, style, "%s", text);
    } else if (room > 2) {
        for (; left > room - 2; left -= width) text += next_character(text, &width, &good);
        cli_line_add(line, style, "..%s", text);
    }
}

// ---- the block

// Rows that the block takes in a window of this width now.
static int block_rows(int columns)
{
    int rows = 0;
    for (int i = 0; i < screen.drawn; i++) {
        int wide = screen.lines[i].columns;
        rows += screen.reflows && wide > columns ? (wide + columns - 1) / columns : 1;
    }
    return rows;
}

static size_t go_up(char *out, size_t bytes, int columns, int rows)
{
    int lines = block_rows(columns);
    if (lines > rows - 1) lines = rows - 1;
    return lines > 0 ? (size_t)snprintf(out, bytes, up, lines) : (size_t)snprintf(out, bytes, "\r");
}

void cli_terminal_erase(void)
{
    int columns, rows;
    char out[64];
    if (!screen.open || !screen.drawn) return;
    cli_terminal_size(&columns, &rows);
    size_t used = screen.suspended ? 0 : go_up(out, sizeof out, columns, rows);
    used += (size_t)snprintf(out + used, sizeof out - used, "%s", erase_below);
    put(out, used);
    screen.drawn = 0;
    screen.suspended = 0;
}

void cli_terminal_draw(const cli_line *lines, int count)
{
    static char out[CLI_BLOCK_LINES * (CLI_LINE_BYTES + 16) + 64];
    int columns, rows;
    if (!screen.open) return;
    cli_terminal_size(&columns, &rows);
    if (count > rows - 1) count = rows - 1;
    if (count > CLI_BLOCK_LINES) count = CLI_BLOCK_LINES;
    if (screen.suspended) screen.drawn = 0; // the old block stays in the history
    screen.suspended = 0;
    take();
    const bool anew = columns != screen.columns || count != screen.drawn;
    size_t used = screen.drawn ? go_up(out, sizeof out, columns, rows) : 0;
    if (anew) used += (size_t)snprintf(out + used, sizeof out - used, "%s", erase_below);
    for (int i = 0; i < count; i++) {
        if (anew || strcmp(lines[i].text, screen.lines[i].text))
            used += (size_t)snprintf(out + used, sizeof out - used, "%s%s", lines[i].text, erase_line);
        used += (size_t)snprintf(out + used, sizeof out - used, "\r\n");
        screen.lines[i] = lines[i];
    }
    put(out, used);
    screen.drawn = count;
    screen.columns = columns;
}
