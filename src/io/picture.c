#include "io/picture.h"

#ifdef RB_HAVE_PNG
#include <png.h>
#include <stdlib.h>
#include "base/file.h"

static rb_status failed(png_image *image, const char *path, rb_error *error)
{
    rb_status status =
        rb_error_set(error, RB_ERR_FILE, "%s: no picture can be made (libpng: %s)", path, image->message);
    png_image_free(image);
    return status;
}

rb_status rb_picture_write_png(const char *path, const uint8_t *rgb, int height, int width, rb_error *error)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)width,
                       .height = (png_uint_32)height,
                       .format = PNG_FORMAT_RGB};
    png_alloc_size_t bytes = 0;
    if (!png_image_write_to_memory(&image, NULL, &bytes, 0, rgb, 0, NULL)) return failed(&image, path, error);
    void *data = malloc(bytes);
    if (!data) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the picture %s", path);
    rb_status status = png_image_write_to_memory(&image, data, &bytes, 0, rgb, 0, NULL)
                           ? rb_file_write(path, data, bytes, error)
                           : failed(&image, path, error);
    free(data);
    return status;
}
#else
rb_status rb_picture_write_png(const char *path, const uint8_t *rgb, int height, int width, rb_error *error)
{
    (void)rgb, (void)height, (void)width;
    return rb_error_set(
        error, RB_ERR_MISSING,
        "%s: this program was built without libpng, which makes pictures: install libpng-dev, "
        "then build again",
        path);
}
#endif
