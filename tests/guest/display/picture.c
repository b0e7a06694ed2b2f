/* picture.c - in a guest: sets the first mode of a DRM card, draws a known picture and a cursor, and tells which mode.
 *
 *     picture [WIDTHxHEIGHT]
 *
 * Prints "picture WIDTH HEIGHT" when the picture is there, "cursor" when there is one, and then sleeps.  Pixel x, y is red
 * x * 255 / WIDTH, green y * 255 / HEIGHT, blue x ^ y.  The cursor is a white square of 16 pixels in a clear one, at 100, 80. */
#include <drm.h>
#include <drm_mode.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int
call (int fd, unsigned long request, void *argument, const char *name)
{
  int result = ioctl (fd, request, argument);

  if (result != 0)
    perror (name);
  return result;
}

static uint32_t *
new_buffer (int fd, struct drm_mode_create_dumb *dumb)
{
  struct drm_mode_map_dumb map = { 0 };

  if (call (fd, DRM_IOCTL_MODE_CREATE_DUMB, dumb, "create") != 0)
    return NULL;
  map.handle = dumb->handle;
  if (call (fd, DRM_IOCTL_MODE_MAP_DUMB, &map, "map") != 0)
    return NULL;
  return mmap (NULL, dumb->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t) map.offset);
}

static void
show_cursor (int fd, uint32_t crtc)
{
  struct drm_mode_create_dumb dumb = { .width = 64, .height = 64, .bpp = 32 };
  uint32_t *pixels = new_buffer (fd, &dumb);
  struct drm_mode_cursor cursor = { .flags = DRM_MODE_CURSOR_BO, .crtc_id = crtc, .width = 64, .height = 64 };

  if (pixels == NULL)
    return;
  memset (pixels, 0, dumb.size);
  for (unsigned y = 0; y < 16; y++)
    for (unsigned x = 0; x < 16; x++)
      pixels[y * dumb.pitch / 4 + x] = 0xffffffff;
  cursor.handle = dumb.handle;
  if (call (fd, DRM_IOCTL_MODE_CURSOR, &cursor, "cursor") != 0)
    return;
  cursor = (struct drm_mode_cursor) { .flags = DRM_MODE_CURSOR_MOVE, .crtc_id = crtc, .x = 100, .y = 80 };
  if (call (fd, DRM_IOCTL_MODE_CURSOR, &cursor, "move") == 0)
    puts ("cursor");
}

int
main (int argc, char **argv)
{
  uint32_t crtcs[8], connectors[16], encoders[16];
  struct drm_mode_card_res resources = { .crtc_id_ptr = (uintptr_t) crtcs, .connector_id_ptr = (uintptr_t) connectors,
                                         .encoder_id_ptr = (uintptr_t) encoders, .count_crtcs = 8, .count_connectors = 16,
                                         .count_encoders = 16 };
  static struct drm_mode_modeinfo modes[64];
  static uint32_t props[64];
  static uint64_t values[64];
  struct drm_mode_get_connector connector = { .modes_ptr = (uintptr_t) modes, .count_modes = 64, .props_ptr = (uintptr_t) props,
                                              .prop_values_ptr = (uintptr_t) values, .count_props = 64 };
  struct drm_mode_create_dumb dumb = { .bpp = 32 };
  struct drm_mode_fb_cmd fb = { .bpp = 32, .depth = 24 };
  struct drm_mode_crtc crtc = { 0 };
  struct drm_mode_fb_dirty_cmd dirty = { 0 };
  unsigned width = 0, height = 0, chosen = 0;
  uint32_t *pixels;
  int fd = open ("/dev/dri/card0", O_RDWR);

  if (argc > 1)
    sscanf (argv[1], "%ux%u", &width, &height);
  if (fd < 0 || call (fd, DRM_IOCTL_MODE_GETRESOURCES, &resources, "resources") != 0 || resources.count_connectors == 0)
    return 1;
  connector.connector_id = connectors[0];
  if (call (fd, DRM_IOCTL_MODE_GETCONNECTOR, &connector, "connector") != 0 || connector.count_modes == 0)
    return 1;
  for (unsigned i = 0; i < connector.count_modes; i++)
    if (modes[i].hdisplay == width && modes[i].vdisplay == height)
      chosen = i;
  dumb.width = modes[chosen].hdisplay;
  dumb.height = modes[chosen].vdisplay;
  pixels = new_buffer (fd, &dumb);
  if (pixels == NULL)
    return 1;
  fb.width = dumb.width;
  fb.height = dumb.height;
  fb.pitch = dumb.pitch;
  fb.handle = dumb.handle;
  if (call (fd, DRM_IOCTL_MODE_ADDFB, &fb, "fb") != 0)
    return 1;
  for (unsigned y = 0; y < dumb.height; y++)
    for (unsigned x = 0; x < dumb.width; x++)
      pixels[y * dumb.pitch / 4 + x] = (x * 255 / dumb.width) << 16 | (y * 255 / dumb.height) << 8 | ((x ^ y) & 0xff);
  crtc.crtc_id = crtcs[0];
  crtc.fb_id = fb.fb_id;
  crtc.set_connectors_ptr = (uintptr_t) connectors;
  crtc.count_connectors = 1;
  crtc.mode = modes[chosen];
  crtc.mode_valid = 1;
  if (call (fd, DRM_IOCTL_MODE_SETCRTC, &crtc, "crtc") != 0)
    return 1;
  dirty.fb_id = fb.fb_id;
  ioctl (fd, DRM_IOCTL_MODE_DIRTYFB, &dirty);
  usleep (200000);
  printf ("picture %u %u\n", dumb.width, dumb.height);
  fflush (stdout);
  if (argc > 2)
    show_cursor (fd, crtcs[0]);
  fflush (stdout);
  usleep (300000);
  puts ("shown");
  fflush (stdout);
  for (;;)
    pause ();
}
