#include "io/window.h"

#ifdef RB_HAVE_SDL2
#include <stdlib.h>
#include <string.h>
#include "io/sdl.h"

struct rb_window {
    rb_sdl sdl;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int width, height; // the canvas's
};

bool rb_window_available(void)
{
    return true;
}

// By default, SDL picks a driver that shows nothing if it finds no display. So the driver is set: a
// desktop's, or the one that the user names in SDL's own variable.
static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value;
}

static bool start(const rb_sdl *s)
{
    static const struct {
        const char *variable, *driver;
    } desktops[] = {{"DISPLAY", "x11"}, {"WAYLAND_DISPLAY", "wayland"}};
    if (is_set("SDL_VIDEODRIVER")) return !s->SDL_InitSubSystem(SDL_INIT_VIDEO);
    for (size_t i = 0; i < sizeof desktops / sizeof *desktops; i++) {
        if (!is_set(desktops[i].variable)) continue;
        s->SDL_SetHint(SDL_HINT_VIDEODRIVER, desktops[i].driver);
        if (!s->SDL_InitSubSystem(SDL_INIT_VIDEO)) return true;
    }
    return false;
}

rb_status rb_window_check(rb_error *error)
{
    if (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || is_set("SDL_VIDEODRIVER")) return RB_OK;
    return rb_error_set(
        error, RB_ERR_MISSING,
        "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set): "
        "start it in a desktop's terminal or through ssh -X; `rainbow record` makes a video "
        "without one");
}

static rb_status fail(const rb_window *w, rb_error *error)
{
    const char *display = getenv("DISPLAY");
    return rb_error_set(
        error, RB_ERR_MISSING,
        "no window can be opened (SDL: %s; DISPLAY is %s): is the display there, and may this "
        "user open windows on it? `rainbow record` makes a video without one",
        w->sdl.SDL_GetError(), display && *display ? display : "not set");
}

// The canvas's size, or the largest size of the same aspect ratio that the display has room for.
static void choose_size(const rb_window *w, int *width, int *height)
{
    SDL_Rect room;
    *width = w->width, *height = w->height;
    if (w->sdl.SDL_GetDisplayUsableBounds(0, &room) || room.w < 64 || room.h < 64) return;
    const double across = 0.96 * room.w / w->width, down = 0.92 * room.h / w->height;
    const double scale = across < down ? across : down;
    if (room.w >= w->width && room.h >= w->height) return;
    *width = (int)(w->width * scale);
    *height = (int)(w->height * scale);
}

static rb_status open_window(rb_window *w, const char *title, rb_error *error)
{
    const rb_sdl *s = &w->sdl;
    s->SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    s->SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    if (!start(s)) return fail(w, error);
    int width, height;
    choose_size(w, &width, &height);
    w->window = s->SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width, height,
                                    SDL_WINDOW_RESIZABLE);
    if (!w->window) return fail(w, error);
    s->SDL_SetWindowMinimumSize(w->window, 320, 180);
    w->renderer = s->SDL_CreateRenderer(w->window, -1, 0);
    if (!w->renderer) w->renderer = s->SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    if (w->renderer)
        w->texture = s->SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB24, SDL_TEXTUREACCESS_STREAMING,
                                          w->width, w->height);
    if (!w->texture) return fail(w, error);
    s->SDL_RaiseWindow(w->window);
    return RB_OK;
}

rb_status rb_window_open(rb_window **out, const char *title, int width, int height, rb_error *error)
{
    *out = NULL;
    rb_window *w = calloc(1, sizeof *w);
    if (!w) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a window");
    w->width = width, w->height = height;
    rb_status status = rb_window_check(error);
    if (!status) status = rb_sdl_open(&w->sdl, error);
    if (status) {
        free(w);
        return status;
    }
    status = open_window(w, title, error);
    if (status)
        rb_window_close(w);
    else
        *out = w;
    return status;
}

void rb_window_close(rb_window *w)
{
    if (!w) return;
    if (w->texture) w->sdl.SDL_DestroyTexture(w->texture);
    if (w->renderer) w->sdl.SDL_DestroyRenderer(w->renderer);
    if (w->window) w->sdl.SDL_DestroyWindow(w->window);
    w->sdl.SDL_Quit();
    free(w);
}

void rb_window_show(rb_window *w, const rb_canvas *canvas)
{
    const rb_sdl *s = &w->sdl;
    int wide, high;
    if (s->SDL_GetRendererOutputSize(w->renderer, &wide, &high)) return;
    SDL_Rect to = {0, 0, wide, high};
    if ((int64_t)wide * w->height > (int64_t)high * w->width)
        to.w = (int)((int64_t)high * w->width / w->height);
    else
        to.h = (int)((int64_t)wide * w->height / w->width);
    to.x = (wide - to.w) / 2;
    to.y = (high - to.h) / 2;
    s->SDL_UpdateTexture(w->texture, NULL, canvas->rgb, 3 * w->width);
    s->SDL_SetRenderDrawColor(w->renderer, 0, 0, 0, 255);
    s->SDL_RenderClear(w->renderer);
    s->SDL_RenderCopy(w->renderer, w->texture, NULL, &to);
    s->SDL_RenderPresent(w->renderer);
}

static int key_of(const SDL_Keysym *key)
{
    static const struct {
        SDL_Keycode theirs;
        int ours;
    } others[] = {{SDLK_LEFT, RB_KEY_LEFT}, {SDLK_RIGHT, RB_KEY_RIGHT},    {SDLK_UP, RB_KEY_UP},
                  {SDLK_DOWN, RB_KEY_DOWN}, {SDLK_PAGEUP, RB_KEY_PAGE_UP}, {SDLK_PAGEDOWN, RB_KEY_PAGE_DOWN},
                  {SDLK_HOME, RB_KEY_HOME}, {SDLK_F1, RB_KEY_HELP},        {SDLK_F11, RB_KEY_FULL},
                  {SDLK_F12, RB_KEY_SHOT},  {SDLK_KP_ENTER, RB_KEY_ENTER}, {SDLK_KP_PLUS, '+'},
                  {SDLK_KP_MINUS, '-'},     {SDLK_KP_PERIOD, '.'}};
    if (key->sym == '/' && key->mod & KMOD_SHIFT) return '?';
    if (key->sym > 0 && key->sym < 127) return (int)key->sym;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (key->sym == others[i].theirs) return others[i].ours;
    return RB_KEY_NONE;
}

static bool read_event(const SDL_Event *theirs, rb_window_event *out)
{
    *out = (rb_window_event){0};
    switch (theirs->type) {
    case SDL_QUIT:
        out->kind = RB_WINDOW_CLOSED;
        return true;
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        out->kind = theirs->type == SDL_KEYDOWN ? RB_WINDOW_KEY_DOWN : RB_WINDOW_KEY_UP;
        out->key = key_of(&theirs->key.keysym);
        out->again = theirs->key.repeat != 0;
        // The desktop's key combinations (Alt-Tab, Ctrl-C ...) are not for the game, but a key release always
        // counts.
        if (out->kind == RB_WINDOW_KEY_DOWN && theirs->key.keysym.mod & (KMOD_CTRL | KMOD_ALT | KMOD_GUI))
            return false;
        return out->key != RB_KEY_NONE;
    case SDL_WINDOWEVENT:
        out->kind = RB_WINDOW_EXPOSED;
        return theirs->window.event == SDL_WINDOWEVENT_EXPOSED ||
               theirs->window.event == SDL_WINDOWEVENT_SIZE_CHANGED;
    case SDL_RENDER_TARGETS_RESET:
        out->kind = RB_WINDOW_EXPOSED;
        return true;
    default:
        return false;
    }
}

bool rb_window_poll(rb_window *w, rb_window_event *event)
{
    SDL_Event theirs;
    while (w->sdl.SDL_PollEvent(&theirs))
        if (read_event(&theirs, event)) return true;
    return false;
}

void rb_window_wait(rb_window *w, double seconds)
{
    const int ms = (int)(seconds * 1000);
    if (ms > 0) w->sdl.SDL_WaitEventTimeout(NULL, ms);
}

void rb_window_full_screen(rb_window *w)
{
    const bool full = w->sdl.SDL_GetWindowFlags(w->window) & SDL_WINDOW_FULLSCREEN_DESKTOP;
    w->sdl.SDL_SetWindowFullscreen(w->window, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
}

#else

bool rb_window_available(void)
{
    return false;
}

rb_status rb_window_check(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MISSING,
                        "this program was built without SDL2, which opens windows: install libsdl2-dev, then "
                        "build again; `rainbow record` makes a video without a window");
}

rb_status rb_window_open(rb_window **out, const char *title, int width, int height, rb_error *error)
{
    (void)title, (void)width, (void)height;
    *out = NULL;
    return rb_window_check(error);
}

// No window can be opened in this build, so these are never called.
void rb_window_close(rb_window *window)
{
    (void)window;
}

void rb_window_show(rb_window *window, const rb_canvas *canvas)
{
    (void)window, (void)canvas;
}

bool rb_window_poll(rb_window *window, rb_window_event *event)
{
    (void)window, (void)event;
    return false;
}

void rb_window_wait(rb_window *window, double seconds)
{
    (void)window, (void)seconds;
}

void rb_window_full_screen(rb_window *window)
{
    (void)window;
}
#endif
