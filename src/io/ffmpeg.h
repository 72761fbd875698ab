// FFmpeg's libraries, opened only when the first video is made: they load more than a hundred other
// libraries, which would otherwise delay every start of the program.
//
// The table below names each function that is used. The functions have the types of the headers at build
// time, and the libraries are opened by those headers' major versions, whose interfaces are fixed.
#ifndef RB_IO_FFMPEG_H
#define RB_IO_FFMPEG_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

#include "rainbow/error.h"

#define RB_FFMPEG_FUNCTIONS(F)                                                                               \
    F(avutil, av_dict_free)                                                                                  \
    F(avutil, av_dict_set)                                                                                   \
    F(avutil, av_frame_alloc)                                                                                \
    F(avutil, av_frame_free)                                                                                 \
    F(avutil, av_frame_get_buffer)                                                                           \
    F(avutil, av_frame_make_writable)                                                                        \
    F(avutil, av_log_set_level)                                                                              \
    F(avutil, av_opt_set)                                                                                    \
    F(avutil, av_strerror)                                                                                   \
    F(avcodec, av_packet_alloc)                                                                              \
    F(avcodec, av_packet_free)                                                                               \
    F(avcodec, av_packet_rescale_ts)                                                                         \
    F(avcodec, avcodec_alloc_context3)                                                                       \
    F(avcodec, avcodec_find_encoder)                                                                         \
    F(avcodec, avcodec_find_encoder_by_name)                                                                 \
    F(avcodec, avcodec_free_context)                                                                         \
    F(avcodec, avcodec_open2)                                                                                \
    F(avcodec, avcodec_parameters_from_context)                                                              \
    F(avcodec, avcodec_receive_packet)                                                                       \
    F(avcodec, avcodec_send_frame)                                                                           \
    F(avformat, av_interleaved_write_frame)                                                                  \
    F(avformat, av_write_trailer)                                                                            \
    F(avformat, avformat_alloc_output_context2)                                                              \
    F(avformat, avformat_free_context)                                                                       \
    F(avformat, avformat_new_stream)                                                                         \
    F(avformat, avformat_write_header)                                                                       \
    F(avformat, avio_closep)                                                                                 \
    F(avformat, avio_flush)                                                                                  \
    F(avformat, avio_open)                                                                                   \
    F(swscale, sws_freeContext)                                                                              \
    F(swscale, sws_getCoefficients)                                                                          \
    F(swscale, sws_getContext)                                                                               \
    F(swscale, sws_scale)                                                                                    \
    F(swscale, sws_setColorspaceDetails)

typedef struct rb_ffmpeg {
#define RB_FFMPEG_FIELD(library, name) __typeof__(&(name)) name;
    RB_FFMPEG_FUNCTIONS(RB_FFMPEG_FIELD)
#undef RB_FFMPEG_FIELD
} rb_ffmpeg;

// Opens the libraries and silences their log. RB_ERR_MISSING: one of them was not found.
rb_status rb_ffmpeg_open(rb_ffmpeg *out, rb_error *error);

#endif
