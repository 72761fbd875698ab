// SDL2, opened only with the first window, for the reason that ffmpeg.h gives. The table names each function
// that is used; the functions have the types of the headers at build time.
#ifndef RB_IO_SDL_H
#define RB_IO_SDL_H

#include <SDL.h>
#include "rainbow/error.h"

#define RB_SDL_FUNCTIONS(F)                                                                                  \
    F(SDL_CreateRenderer)                                                                                    \
    F(SDL_CreateTexture)                                                                                     \
    F(SDL_CreateWindow)                                                                                      \
    F(SDL_DestroyRenderer)                                                                                   \
    F(SDL_DestroyTexture)                                                                                    \
    F(SDL_DestroyWindow)                                                                                     \
    F(SDL_GetDisplayUsableBounds)                                                                            \
    F(SDL_GetError)                                                                                          \
    F(SDL_GetRendererOutputSize)                                                                             \
    F(SDL_GetWindowFlags)                                                                                    \
    F(SDL_InitSubSystem)                                                                                     \
    F(SDL_PollEvent)                                                                                         \
    F(SDL_Quit)                                                                                              \
    F(SDL_RaiseWindow)                                                                                       \
    F(SDL_RenderClear)                                                                                       \
    F(SDL_RenderCopy)                                                                                        \
    F(SDL_RenderPresent)                                                                                     \
    F(SDL_SetHint)                                                                                           \
    F(SDL_SetRenderDrawColor)                                                                                \
    F(SDL_SetWindowFullscreen)                                                                               \
    F(SDL_SetWindowMinimumSize)                                                                              \
    F(SDL_UpdateTexture)                                                                                     \
    F(SDL_WaitEventTimeout)

typedef struct rb_sdl {
#define RB_SDL_FIELD(name) __typeof__(&(name)) name;
    RB_SDL_FUNCTIONS(RB_SDL_FIELD)
#undef RB_SDL_FIELD
} rb_sdl;

rb_status rb_sdl_open(rb_sdl *out, rb_error *error); // RB_ERR_MISSING: it was not found

#endif
