#include "io/video.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#ifdef RB_HAVE_FFMPEG

#include <fcntl.h>
#include "io/ffmpeg.h"

struct rb_video {
    rb_ffmpeg ff;
    char path[RB_PATH_MAX], part[RB_PATH_MAX + 8];
    AVFormatContext *file;
    AVCodecContext *encoder;
    AVStream *stream; // the file's only stream
    AVFrame *frame;
    AVPacket *packet;
    struct SwsContext *colours;
    int64_t frames;
    bool part_is_ours; // this video made the file at `part`
    bool begun;        // the file's header is written
};

static const AVCodec *find_encoder(const rb_ffmpeg *ff)
{
    const AVCodec *x264 = ff->avcodec_find_encoder_by_name("libx264");
    return x264 ? x264 : ff->avcodec_find_encoder(AV_CODEC_ID_H264);
}

rb_status rb_video_check(rb_error *error)
{
    rb_ffmpeg ff;
    rb_status status = rb_ffmpeg_open(&ff, error);
    if (status || find_encoder(&ff)) return status;
    return rb_error_set(
        error, RB_ERR_MISSING,
        "FFmpeg's libraries on this machine can't write H.264: they were built without libx264");
}

// Reports an FFmpeg failure with FFmpeg's own reason.
static rb_status failed(const rb_video *v, const char *what, int code, rb_error *error)
{
    char reason[AV_ERROR_MAX_STRING_SIZE] = "";
    if (code == AVERROR(ENOMEM))
        return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to %s", v->path, what);
    v->ff.av_strerror(code, reason, sizeof reason);
    return rb_error_set(error, RB_ERR_FILE, "%s: can't %s: %s", v->path, what, reason);
}

static int sync_file(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const int code = fd < 0 || fsync(fd) ? AVERROR(errno) : 0;
    if (fd >= 0) close(fd);
    return code;
}

static int open_encoder(rb_video *v, int width, int height, int frames_per_second)
{
    AVCodecContext *c = v->encoder = v->ff.avcodec_alloc_context3(find_encoder(&v->ff));
    if (!c) return AVERROR(ENOMEM);
    c->width = width;
    c->height = height;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->time_base = (AVRational){1, frames_per_second};
    c->framerate = (AVRational){frames_per_second, 1};
    c->gop_size = 8 * frames_per_second; // key frames, so that players can seek
    c->thread_count = 1;
    c->color_range = AVCOL_RANGE_MPEG;
    c->colorspace = AVCOL_SPC_BT709;
    c->color_primaries = AVCOL_PRI_BT709;
    c->color_trc = AVCOL_TRC_BT709;
    c->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER; // an MP4 file has one header
    // libx264's options; another encoder has other names for them, and its own defaults.
    v->ff.av_opt_set(c->priv_data, "preset", "veryfast", 0);
    v->ff.av_opt_set(c->priv_data, "crf", "20", 0);
    v->ff.av_opt_set(c->priv_data, "tune", "animation", 0);
    return v->ff.avcodec_open2(c, NULL, NULL);
}

static int open_file(rb_video *v)
{
    int code = v->ff.avformat_alloc_output_context2(&v->file, NULL, "mp4", v->part);
    if (code < 0) return code;
    v->file->flags |= AVFMT_FLAG_BITEXACT;
    v->stream = v->ff.avformat_new_stream(v->file, NULL);
    if (!v->stream) return AVERROR(ENOMEM);
    v->stream->time_base = v->encoder->time_base;
    v->stream->avg_frame_rate = v->encoder->framerate;
    code = v->ff.avcodec_parameters_from_context(v->stream->codecpar, v->encoder);
    if (code >= 0) code = v->ff.avio_open(&v->file->pb, v->part, AVIO_FLAG_WRITE);
    if (code < 0) return code;
    AVDictionary *options = NULL;
    v->ff.av_dict_set(&options, "movflags", "+faststart", 0);
    code = v->ff.avformat_write_header(v->file, &options);
    v->ff.av_dict_free(&options);
    v->begun = code >= 0;
    return code;
}

static int open_frame(rb_video *v)
{
    const AVCodecContext *c = v->encoder;
    v->packet = v->ff.av_packet_alloc();
    v->frame = v->ff.av_frame_alloc();
    v->colours = v->ff.sws_getContext(c->width, c->height, AV_PIX_FMT_RGB24, c->width, c->height, c->pix_fmt,
                                      SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT,
                                      NULL, NULL, NULL);
    if (!v->packet || !v->frame || !v->colours) return AVERROR(ENOMEM);
    v->ff.sws_setColorspaceDetails(v->colours, v->ff.sws_getCoefficients(SWS_CS_ITU709), 1,
                                   v->ff.sws_getCoefficients(SWS_CS_ITU709), 0, 0, 1 << 16, 1 << 16);
    v->frame->format = c->pix_fmt;
    v->frame->width = c->width;
    v->frame->height = c->height;
    v->frame->color_range = c->color_range;
    v->frame->colorspace = c->colorspace;
    v->frame->color_primaries = c->color_primaries;
    v->frame->color_trc = c->color_trc;
    return v->ff.av_frame_get_buffer(v->frame, 0);
}

rb_status rb_video_create(rb_video **out, const char *path, int width, int height, int frames_per_second,
                          rb_error *error)
{
    assert(width >= 2 && height >= 2 && width % 2 == 0 && height % 2 == 0 && frames_per_second >= 1);
    *out = NULL;
    if (!rb_text_ends(path, ".mp4"))
        return rb_error_set(error, RB_ERR_USAGE, "%s: a video's name ends in .mp4", path);
    rb_status status = rb_video_check(error);
    if (status) return status;
    rb_video *v = calloc(1, sizeof *v);
    if (!v) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory for a video", path);
    if (!rb_text_copy(v->path, sizeof v->path, path)) {
        free(v);
        return rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", path);
    }
    snprintf(v->part, sizeof v->part, "%s.part", path);
    rb_ffmpeg_open(&v->ff, NULL);
    int code = open_encoder(v, width, height, frames_per_second);
    if (code < 0) status = failed(v, "start the encoder", code, error);
    if (!status && (code = open_frame(v)) < 0) status = failed(v, "start the encoder", code, error);
    if (!status) v->part_is_ours = !(status = rb_file_renew(v->part, path, error));
    if (!status && (code = open_file(v)) < 0) status = failed(v, "be written", code, error);
    if (status)
        rb_video_abandon(v);
    else
        *out = v;
    return status;
}

// Passes a picture to the encoder (NULL: no more will come) and writes all packets that are ready.
static int encode(rb_video *v, const AVFrame *frame)
{
    int code = v->ff.avcodec_send_frame(v->encoder, frame);
    while (code >= 0) {
        code = v->ff.avcodec_receive_packet(v->encoder, v->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return 0;
        if (code < 0) return code;
        v->packet->duration = 1;
        v->ff.av_packet_rescale_ts(v->packet, v->encoder->time_base, v->stream->time_base);
        v->packet->stream_index = v->stream->index;
        code = v->ff.av_interleaved_write_frame(v->file, v->packet);
        if (code >= 0 && v->file->pb->error < 0) code = v->file->pb->error; // a full disk
    }
    return code;
}

rb_status rb_video_add(rb_video *v, const uint8_t *rgb, rb_error *error)
{
    const int stride = 3 * v->encoder->width;
    int code = v->ff.av_frame_make_writable(v->frame);
    if (code >= 0) {
        v->ff.sws_scale(v->colours, &rgb, &stride, 0, v->encoder->height, v->frame->data, v->frame->linesize);
        v->frame->pts = v->frames++;
        code = encode(v, v->frame);
    }
    return code < 0 ? failed(v, "be written", code, error) : RB_OK;
}

static void let_go(rb_video *v)
{
    v->ff.sws_freeContext(v->colours);
    v->ff.av_frame_free(&v->frame);
    v->ff.av_packet_free(&v->packet);
    v->ff.avcodec_free_context(&v->encoder);
    if (v->file) v->ff.avio_closep(&v->file->pb);
    v->ff.avformat_free_context(v->file);
    v->file = NULL;
}

rb_status rb_video_finish(rb_video *v, rb_error *error)
{
    assert(v->frames > 0);
    int code = encode(v, NULL);
    const int ended = v->ff.av_write_trailer(v->file);
    v->begun = false;
    if (code >= 0) code = ended;
    if (code >= 0) {
        v->ff.avio_flush(v->file->pb);
        code = v->file->pb->error;
    }
    rb_status status = code < 0 ? failed(v, "be written", code, error) : RB_OK;
    code = v->ff.avio_closep(&v->file->pb);
    if (code >= 0) code = sync_file(v->part);
    if (!status && code < 0) status = failed(v, "be written", code, error);
    if (!status) status = rb_file_rename(v->part, v->path, error);
    if (status) unlink(v->part);
    let_go(v);
    free(v);
    return status;
}

void rb_video_abandon(rb_video *v)
{
    if (!v) return;
    if (v->begun) v->ff.av_write_trailer(v->file); // frees the muxer's buffers
    let_go(v);
    if (v->part_is_ours) unlink(v->part);
    free(v);
}

#else

rb_status rb_video_check(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MISSING,
                        "this program was built without FFmpeg's libraries, which make videos: install "
                        "libavformat-dev libavcodec-dev libswscale-dev, then build again");
}

rb_status rb_video_create(rb_video **out, const char *path, int width, int height, int frames_per_second,
                          rb_error *error)
{
    (void)path, (void)width, (void)height, (void)frames_per_second;
    *out = NULL;
    return rb_video_check(error);
}

rb_status rb_video_add(rb_video *video, const uint8_t *rgb, rb_error *error)
{
    (void)video, (void)rgb;
    return rb_video_check(error);
}

rb_status rb_video_finish(rb_video *video, rb_error *error)
{
    (void)video;
    return rb_video_check(error);
}

void rb_video_abandon(rb_video *video)
{
    (void)video;
}

#endif
