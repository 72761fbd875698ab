#include "io/picture.h"

#ifdef RB_HAVE_PNG
#include <png.h>
#include <stdlib.h>
#include "base/file.h"

bool rb_picture_available(void)
{
    return true;
}

rb_status rb_picture_make_png(uint8_t **out, size_t *bytes, const uint8_t *rgb, int height, int width,
                              rb_error *error)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)width,
                       .height = (png_uint_32)height,
                       .format = PNG_FORMAT_RGB};
    png_alloc_size_t needed = 0;
    uint8_t *data = NULL;
    bool good = png_image_write_to_memory(&image, NULL, &needed, 0, rgb, 0, NULL);
    if (good && (data = malloc(needed)))
        good = png_image_write_to_memory(&image, data, &needed, 0, rgb, 0, NULL);
    if (good && data) {
        *out = data;
        *bytes = needed;
        return RB_OK;
    }
    free(data);
    rb_status status =
        good ? rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture")
             : rb_error_set(error, RB_ERR_FILE, "no picture can be made (libpng: %s)", image.message);
    png_image_free(&image);
    return status;
}

rb_status rb_picture_write_png(const char *path, const uint8_t *rgb, int height, int width, rb_error *error)
{
    uint8_t *data;
    size_t bytes;
    rb_status status = rb_picture_make_png(&data, &bytes, rgb, height, width, error);
    if (status) return rb_error_context(error, status, "%s", path);
    status = rb_file_write(path, data, bytes, error);
    free(data);
    return status;
}
#else
bool rb_picture_available(void)
{
    return false;
}

rb_status rb_picture_make_png(uint8_t **out, size_t *bytes, const uint8_t *rgb, int height, int width,
                              rb_error *error)
{
    (void)out, (void)bytes, (void)rgb, (void)height, (void)width;
    return rb_error_set(error, RB_ERR_MISSING,
                        "this program was built without libpng, which makes pictures: install libpng-dev, "
                        "then build again");
}

rb_status rb_picture_write_png(const char *path, const uint8_t *rgb, int height, int width, rb_error *error)
{
    rb_status status = rb_picture_make_png(NULL, NULL, rgb, height, width, error);
    return rb_error_context(error, status, "%s", path);
}
#endif
