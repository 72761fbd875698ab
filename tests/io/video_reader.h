// Reads a video frame by frame with FFmpeg's libraries. Programs that include it are linked to them
// (tests/CMakeLists.txt).
#ifndef RB_TEST_VIDEO_READER_H
#define RB_TEST_VIDEO_READER_H

#ifdef RB_HAVE_FFMPEG

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

typedef struct video_reader {
    const char *codec, *pixels;
    int width, height;
    double rate;
    int64_t told_frames; // according to the file's index
    uint8_t *rgb;        // [height][width][3] of the frame that was read last
    AVFormatContext *file;
    AVCodecContext *decoder;
    AVFrame *frame;
    AVPacket *packet;
    struct SwsContext *colours;
    bool ended;
} video_reader;

static inline void video_open(video_reader *r, const char *path)
{
    *r = (video_reader){0};
    assert_int_equal(avformat_open_input(&r->file, path, NULL, NULL), 0);
    assert_true(avformat_find_stream_info(r->file, NULL) >= 0);
    assert_int_equal(r->file->nb_streams, 1);
    const AVStream *stream = r->file->streams[0];
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    assert_non_null(codec);
    r->decoder = avcodec_alloc_context3(codec);
    assert_true(avcodec_parameters_to_context(r->decoder, stream->codecpar) >= 0);
    r->decoder->thread_count = 1;
    assert_int_equal(avcodec_open2(r->decoder, codec, NULL), 0);
    r->codec = codec->name;
    r->pixels = av_get_pix_fmt_name((enum AVPixelFormat)stream->codecpar->format);
    r->width = stream->codecpar->width;
    r->height = stream->codecpar->height;
    r->rate = av_q2d(stream->avg_frame_rate);
    r->told_frames = stream->nb_frames;
    r->rgb = malloc(3 * (size_t)r->width * (size_t)r->height);
    r->frame = av_frame_alloc();
    r->packet = av_packet_alloc();
    r->colours =
        sws_getContext(r->width, r->height, r->decoder->pix_fmt, r->width, r->height, AV_PIX_FMT_RGB24,
                       SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
    assert_true(r->rgb && r->frame && r->packet && r->colours);
    sws_setColorspaceDetails(r->colours, sws_getCoefficients(SWS_CS_ITU709), 0,
                             sws_getCoefficients(SWS_CS_ITU709), 1, 0, 1 << 16, 1 << 16);
}

static inline bool video_next(video_reader *r)
{
    for (;;) {
        const int code = avcodec_receive_frame(r->decoder, r->frame);
        if (code == AVERROR_EOF) return false;
        if (code == 0) break;
        assert_int_equal(code, AVERROR(EAGAIN));
        if (av_read_frame(r->file, r->packet) < 0) {
            avcodec_send_packet(r->decoder, NULL);
            continue;
        }
        assert_int_equal(avcodec_send_packet(r->decoder, r->packet), 0);
        av_packet_unref(r->packet);
    }
    const int stride = 3 * r->width;
    sws_scale(r->colours, (const uint8_t *const *)r->frame->data, r->frame->linesize, 0, r->height, &r->rgb,
              &stride);
    return true;
}

static inline void video_close(video_reader *r)
{
    sws_freeContext(r->colours);
    av_frame_free(&r->frame);
    av_packet_free(&r->packet);
    avcodec_free_context(&r->decoder);
    avformat_close_input(&r->file);
    free(r->rgb);
}

#endif
#endif
