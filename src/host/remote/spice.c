/* spice.c - see spice.h; the protocol is libspice-server's.
 * Left out: the cursor apart from the picture, the guest's agent, redirected USB devices, sound, TLS, SASL.
 *
 * The library wants a main loop, which is a thread of ours; what it calls back from its own threads (the commands of the
 * screen) is behind a mutex.  A change of the picture is one command that copies a rectangle; no more than
 * MAX_WAITING of them wait for the library, what comes meanwhile becomes one. */
#include "config.h"

#include "host/remote/spice.h"

#include <glib-unix.h>
#include <spice.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURN_MS      15
#define MAX_WAITING  16

#define BLANK_WIDTH  640    /* until there is a picture */
#define BLANK_HEIGHT 400

/* One command, with all that it leads to. */
typedef struct
{
  QXLDrawable   drawable;
  QXLImage      image;
  QXLCommandExt command;
  guint32      *pixels;
} Update;

struct _AsternSpice
{
  AsternRemoteFuncs funcs;
  GSocket          *listening;
  char             *name;
  char             *path;           /* (nullable) of the socket */
  guint16           port;
  gboolean          password;
  GThread          *thread;
  GMainContext     *context;
  GMainLoop        *loop;

  /* The main loop's. */
  SpiceServer      *server;
  QXLInstance       screen;
  SpiceKbdInstance  keyboard;
  SpiceMouseInstance mouse;
  SpiceTabletInstance tablet;
  gboolean          has_tablet;
  AsternPicture     picture;        /* as the library has it */
  guint32          *surface;        /* the library's own */
  guint             n_people;
  guint16           prefix;         /* of the key whose code comes next */
  guint             width, height;  /* that the pointer's place is told in */
  guint32           next_id;

  GMutex            mutex;          /* guards what follows */
  AsternPicture     shown;
  guint             first_row, end_row;
  gboolean          absolute;
  char             *secret;         /* (nullable) to be set */
  GQueue            waiting;        /* Update, for the library */
};

/* The library calls back without saying whom it means. */
static AsternSpice *the_server;

/* ---- the main loop, as the library wants it ---- */

struct SpiceTimer
{
  SpiceTimerFunc func;
  void          *opaque;
  GSource       *source;            /* (nullable) it runs */
};

static SpiceTimer *
timer_add (SpiceTimerFunc func, void *opaque)
{
  SpiceTimer *timer = g_new0 (SpiceTimer, 1);

  timer->func = func;
  timer->opaque = opaque;
  return timer;
}

static void
timer_cancel (SpiceTimer *timer)
{
  if (timer->source == NULL)
    return;
  g_source_destroy (timer->source);
  g_clear_pointer (&timer->source, g_source_unref);
}

static gboolean
timer_expired (gpointer data)
{
  SpiceTimer *timer = data;

  timer_cancel (timer);
  timer->func (timer->opaque);
  return G_SOURCE_REMOVE;
}

static void
timer_start (SpiceTimer *timer, uint32_t ms)
{
  timer_cancel (timer);
  timer->source = g_timeout_source_new (ms);
  g_source_set_callback (timer->source, timer_expired, timer, NULL);
  g_source_attach (timer->source, the_server->context);
}

static void
timer_remove (SpiceTimer *timer)
{
  timer_cancel (timer);
  g_free (timer);
}

struct SpiceWatch
{
  int            fd;
  SpiceWatchFunc func;
  void          *opaque;
  GSource       *source;            /* (nullable) nothing is waited for */
};

static gboolean
watch_ready (gint fd, GIOCondition condition, gpointer data)
{
  SpiceWatch *watch = data;
  int events = (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR) ? SPICE_WATCH_EVENT_READ : 0)
               | (condition & G_IO_OUT ? SPICE_WATCH_EVENT_WRITE : 0);

  watch->func (fd, events, watch->opaque);      /* may remove the watch */
  return G_SOURCE_CONTINUE;
}

static void
watch_update_mask (SpiceWatch *watch, int mask)
{
  GIOCondition condition = (mask & SPICE_WATCH_EVENT_READ ? G_IO_IN | G_IO_HUP | G_IO_ERR : 0)
                           | (mask & SPICE_WATCH_EVENT_WRITE ? G_IO_OUT : 0);

  if (watch->source != NULL)
    {
      g_source_destroy (watch->source);
      g_clear_pointer (&watch->source, g_source_unref);
    }
  if (mask == 0)
    return;
  watch->source = g_unix_fd_source_new (watch->fd, condition);
  g_source_set_callback (watch->source, G_SOURCE_FUNC (watch_ready), watch, NULL);
  g_source_attach (watch->source, the_server->context);
}

static SpiceWatch *
watch_add (int fd, int mask, SpiceWatchFunc func, void *opaque)
{
  SpiceWatch *watch = g_new0 (SpiceWatch, 1);

  watch->fd = fd;
  watch->func = func;
  watch->opaque = opaque;
  watch_update_mask (watch, mask);
  return watch;
}

static void
watch_remove (SpiceWatch *watch)
{
  watch_update_mask (watch, 0);
  g_free (watch);
}

/* Who looks has a channel of the display's. */
static void
channel_event (int event, SpiceChannelEventInfo *channel)
{
  AsternSpice *spice = the_server;

  if (channel->type != SPICE_CHANNEL_DISPLAY || event == SPICE_CHANNEL_EVENT_CONNECTED)
    return;
  if (event == SPICE_CHANNEL_EVENT_INITIALIZED)
    spice->n_people++;
  else if (spice->n_people > 0)
    spice->n_people--;
  if (spice->funcs.people != NULL)
    spice->funcs.people (spice->funcs.user, spice->n_people);
}

static SpiceCoreInterface core = {
  .base = { .type = SPICE_INTERFACE_CORE, .description = "main loop",
            .major_version = SPICE_INTERFACE_CORE_MAJOR, .minor_version = SPICE_INTERFACE_CORE_MINOR },
  .timer_add = timer_add, .timer_start = timer_start, .timer_cancel = timer_cancel, .timer_remove = timer_remove,
  .watch_add = watch_add, .watch_update_mask = watch_update_mask, .watch_remove = watch_remove,
  .channel_event = channel_event,
};

/* ---- keys and pointer ---- */

static void
push_scan_code (SpiceKbdInstance *instance, uint8_t code)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, keyboard);
  guint16 prefix = spice->prefix;

  spice->prefix = 0;
  if (code == 0xe0 || code == 0xe1)
    spice->prefix = (guint16) (code << 8);
  else if (prefix == 0xe100)        /* Pause: e1 1d 45 */
    {
      if ((code & 0x7f) == 0x1d)
        spice->funcs.key (spice->funcs.user, 0xe11d, !(code & 0x80));
    }
  else
    spice->funcs.key (spice->funcs.user, (guint16) (prefix | (code & 0x7f)), !(code & 0x80));
}

static uint8_t
get_leds (SpiceKbdInstance *instance)
{
  return 0;
}

static guint8
our_buttons (guint32 state)
{
  return (guint8) ((state & SPICE_MOUSE_BUTTON_MASK_LEFT ? ASTERN_REMOTE_LEFT : 0)
                   | (state & SPICE_MOUSE_BUTTON_MASK_MIDDLE ? ASTERN_REMOTE_MIDDLE : 0)
                   | (state & SPICE_MOUSE_BUTTON_MASK_RIGHT ? ASTERN_REMOTE_RIGHT : 0));
}

static void
mouse_motion (SpiceMouseInstance *instance, int dx, int dy, int dz, uint32_t buttons)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, mouse);

  spice->funcs.motion (spice->funcs.user, dx, dy, dz, our_buttons (buttons));
}

static void
mouse_buttons (SpiceMouseInstance *instance, uint32_t buttons)
{
  mouse_motion (instance, 0, 0, 0, buttons);
}

static void
tablet_size (SpiceTabletInstance *instance, int width, int height)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, tablet);

  spice->width = (guint) MAX (width, 1);
  spice->height = (guint) MAX (height, 1);
}

static void
tablet_position (SpiceTabletInstance *instance, int x, int y, uint32_t buttons)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, tablet);

  spice->funcs.pointer (spice->funcs.user, (guint) MAX (x, 0), (guint) MAX (y, 0), spice->width, spice->height, 0, our_buttons (buttons));
}

static void
tablet_wheel (SpiceTabletInstance *instance, int dz, uint32_t buttons)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, tablet);

  spice->funcs.motion (spice->funcs.user, 0, 0, dz, our_buttons (buttons));
}

static void
tablet_buttons (SpiceTabletInstance *instance, uint32_t buttons)
{
  tablet_wheel (instance, 0, buttons);
}

#define INTERFACE(kind, text)                                                                     \
  .base = { .type = SPICE_INTERFACE_##kind, .description = text,                                  \
            .major_version = SPICE_INTERFACE_##kind##_MAJOR, .minor_version = SPICE_INTERFACE_##kind##_MINOR }

static const SpiceKbdInterface keyboard = { INTERFACE (KEYBOARD, "keys"), .push_scan_freg = push_scan_code, .get_leds = get_leds };
static const SpiceMouseInterface mouse = { INTERFACE (MOUSE, "mouse"), .motion = mouse_motion, .buttons = mouse_buttons };
static const SpiceTabletInterface tablet = {
  INTERFACE (TABLET, "tablet"), .set_logical_size = tablet_size, .position = tablet_position, .wheel = tablet_wheel,
  .buttons = tablet_buttons,
};

/* ---- the screen: called from the library's threads ---- */

static void
attached (QXLInstance *instance)
{
}

static void
set_compression_level (QXLInstance *instance, int level)
{
}

static void
get_init_info (QXLInstance *instance, QXLDevInitInfo *info)
{
  *info = (QXLDevInitInfo) { .num_memslots_groups = 1, .num_memslots = 1, .memslot_gen_bits = 8, .memslot_id_bits = 8,
                             .qxl_ram_size = G_MAXUINT32, .n_surfaces = 1 };
}

static int
get_command (QXLInstance *instance, struct QXLCommandExt *command)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, screen);
  Update *update;

  g_mutex_lock (&spice->mutex);
  update = g_queue_pop_head (&spice->waiting);
  g_mutex_unlock (&spice->mutex);
  if (update != NULL)
    *command = update->command;
  return update != NULL;
}

static int
want_commands (QXLInstance *instance)
{
  AsternSpice *spice = SPICE_CONTAINEROF (instance, AsternSpice, screen);
  gboolean empty;

  g_mutex_lock (&spice->mutex);
  empty = g_queue_is_empty (&spice->waiting);
  g_mutex_unlock (&spice->mutex);
  return empty;
}

static void
free_update (gpointer data)
{
  Update *update = data;

  g_free (update->pixels);
  g_free (update);
}

static void
release_resource (QXLInstance *instance, struct QXLReleaseInfoExt release)
{
  if (release.info != NULL)
    free_update (GSIZE_TO_POINTER (release.info->id));
}

static int
no_cursor (QXLInstance *instance, struct QXLCommandExt *command)
{
  return FALSE;
}

static int
want_cursor (QXLInstance *instance)
{
  return TRUE;
}

static void
notify_update (QXLInstance *instance, uint32_t id)
{
}

static int
flush_resources (QXLInstance *instance)
{
  return 0;
}

static void
async_complete (QXLInstance *instance, uint64_t cookie)
{
}

static void
update_area_complete (QXLInstance *instance, uint32_t surface, struct QXLRect *rectangles, uint32_t n)
{
}

static void
set_client_capabilities (QXLInstance *instance, uint8_t present, uint8_t caps[SPICE_CAPABILITIES_SIZE])
{
}

static const QXLInterface screen = {
  INTERFACE (QXL, "screen"),
  .attached_worker = attached, .set_compression_level = set_compression_level, .get_init_info = get_init_info,
  .get_command = get_command, .req_cmd_notification = want_commands, .release_resource = release_resource,
  .get_cursor_command = no_cursor, .req_cursor_notification = want_cursor, .notify_update = notify_update,
  .flush_resources = flush_resources, .async_complete = async_complete, .update_area_complete = update_area_complete,
  .set_client_capabilities = set_client_capabilities,
};

/* ---- the picture, on the main loop ---- */

static void
create_surface (AsternSpice *spice)
{
  guint width = spice->picture.width, height = spice->picture.height;
  QXLDevSurfaceCreate create = {
    .width = width, .height = height, .stride = (gint32) width * 4, .format = SPICE_SURFACE_FMT_32_xRGB, .mouse_mode = TRUE,
  };

  g_free (spice->surface);
  spice->surface = g_new0 (guint32, (gsize) width * height);
  create.mem = GPOINTER_TO_SIZE (spice->surface);
  spice_qxl_create_primary_surface (&spice->screen, 0, &create);
  spice->width = width;
  spice->height = height;
}

/* Pixels [x0, x1) of rows [y0, y1) are another one's. */
static void
queue_update (AsternSpice *spice, guint x0, guint x1, guint y0, guint y1)
{
  Update *update = g_new0 (Update, 1);
  guint width = x1 - x0, height = y1 - y0;

  update->pixels = g_new (guint32, (gsize) width * height);
  for (guint y = 0; y < height; y++)
    memcpy (update->pixels + (gsize) y * width, astern_picture_row (&spice->picture, y0 + y) + x0, width * sizeof (guint32));
  update->drawable.release_info.id = GPOINTER_TO_SIZE (update);
  update->drawable.type = QXL_DRAW_COPY;
  update->drawable.effect = QXL_EFFECT_OPAQUE;
  update->drawable.clip.type = SPICE_CLIP_TYPE_NONE;
  update->drawable.bbox = (QXLRect) { .top = (gint32) y0, .left = (gint32) x0, .bottom = (gint32) y1, .right = (gint32) x1 };
  for (guint i = 0; i < 3; i++)
    update->drawable.surfaces_dest[i] = -1;
  update->drawable.u.copy.rop_descriptor = SPICE_ROPD_OP_PUT;
  update->drawable.u.copy.src_bitmap = GPOINTER_TO_SIZE (&update->image);
  update->drawable.u.copy.src_area = (QXLRect) { .bottom = (gint32) height, .right = (gint32) width };
  QXL_SET_IMAGE_ID (&update->image, QXL_IMAGE_GROUP_DEVICE, ++spice->next_id);
  update->image.descriptor.type = SPICE_IMAGE_TYPE_BITMAP;
  update->image.descriptor.width = update->image.bitmap.x = width;
  update->image.descriptor.height = update->image.bitmap.y = height;
  update->image.bitmap.flags = QXL_BITMAP_DIRECT | QXL_BITMAP_TOP_DOWN;
  update->image.bitmap.stride = width * 4;
  update->image.bitmap.format = SPICE_BITMAP_FMT_32BIT;
  update->image.bitmap.data = GPOINTER_TO_SIZE (update->pixels);
  update->command.cmd.type = QXL_CMD_DRAW;
  update->command.cmd.data = GPOINTER_TO_SIZE (&update->drawable);
  g_mutex_lock (&spice->mutex);
  g_queue_push_tail (&spice->waiting, update);
  g_mutex_unlock (&spice->mutex);
}

/* The columns in which a row of what is shown differs from the library's; takes them over. */
static void
take_row (AsternSpice *spice, guint y, guint *x0, guint *x1)
{
  const guint32 *from = astern_picture_row (&spice->shown, y);
  guint32 *to = astern_picture_row (&spice->picture, y);
  guint left = 0, right = spice->picture.width;

  while (left < right && from[left] == to[left])
    left++;
  while (right > left && from[right - 1] == to[right - 1])
    right--;
  if (left == right)
    return;
  memcpy (to + left, from + left, (right - left) * sizeof (guint32));
  *x0 = MIN (*x0, left);
  *x1 = MAX (*x1, right);
}

static gboolean
same_size (const AsternSpice *spice)
{
  return spice->shown.width == spice->picture.width && spice->shown.height == spice->picture.height;
}

/* Another size; the mutex is held, but not while the library is called. */
static void
take_size (AsternSpice *spice)
{
  guint width = spice->shown.width, height = spice->shown.height;

  g_mutex_unlock (&spice->mutex);
  spice_qxl_destroy_primary_surface (&spice->screen, 0);
  astern_picture_clear (&spice->picture);
  astern_picture_resize (&spice->picture, width, height);
  create_surface (spice);
  g_mutex_lock (&spice->mutex);
  spice->first_row = 0;
  spice->end_row = spice->shown.height;
}

static void
take_picture (AsternSpice *spice)
{
  guint first = 0, end = 0, x0 = G_MAXUINT, x1 = 0;

  g_mutex_lock (&spice->mutex);
  if (spice->first_row < spice->end_row && g_queue_get_length (&spice->waiting) < MAX_WAITING)
    {
      if (!same_size (spice))
        take_size (spice);
      if (same_size (spice))
        {
          first = spice->first_row;
          end = spice->end_row;
          spice->first_row = spice->end_row = 0;
          for (guint y = first; y < end; y++)
            take_row (spice, y, &x0, &x1);
        }
    }
  g_mutex_unlock (&spice->mutex);
  if (x0 >= x1)
    return;
  queue_update (spice, x0, x1, first, end);
  spice_qxl_wakeup (&spice->screen);
}

void
astern_spice_show (AsternSpice *spice, const AsternPicture *picture, guint first_row, guint end_row)
{
  if (picture->width == 0 || picture->height == 0)
    return;
  g_mutex_lock (&spice->mutex);
  if (spice->shown.width != picture->width || spice->shown.height != picture->height || spice->shown.pixels == NULL)
    {
      astern_picture_clear (&spice->shown);
      astern_picture_resize (&spice->shown, picture->width, picture->height);
      first_row = 0;
      end_row = picture->height;
      spice->first_row = spice->end_row = 0;
    }
  for (guint y = first_row; y < end_row; y++)
    memcpy (astern_picture_row (&spice->shown, y), astern_picture_row (picture, y), picture->width * sizeof (guint32));
  if (spice->first_row == spice->end_row)
    {
      spice->first_row = first_row;
      spice->end_row = end_row;
    }
  spice->first_row = MIN (spice->first_row, first_row);
  spice->end_row = MAX (spice->end_row, end_row);
  g_mutex_unlock (&spice->mutex);
}

/* ---- what was asked for meanwhile ---- */

static void
set_tablet (AsternSpice *spice, gboolean absolute)
{
  if (absolute == spice->has_tablet)
    return;
  spice->has_tablet = absolute;
  if (absolute)
    spice_server_add_interface (spice->server, &spice->tablet.base);
  else
    spice_server_remove_interface (&spice->tablet.base);
}

static gboolean
turn (gpointer data)
{
  AsternSpice *spice = data;
  g_autofree char *secret = NULL;
  gboolean absolute;

  g_mutex_lock (&spice->mutex);
  secret = g_steal_pointer (&spice->secret);
  absolute = spice->absolute;
  g_mutex_unlock (&spice->mutex);
  if (secret != NULL && spice->password)
    spice_server_set_ticket (spice->server, secret, 0, FALSE, FALSE);
  set_tablet (spice, absolute);
  take_picture (spice);
  return G_SOURCE_CONTINUE;
}

void
astern_spice_set_absolute (AsternSpice *spice, gboolean absolute)
{
  g_mutex_lock (&spice->mutex);
  spice->absolute = absolute;
  g_mutex_unlock (&spice->mutex);
}

void
astern_spice_set_password (AsternSpice *spice, const char *password)
{
  g_mutex_lock (&spice->mutex);
  g_free (spice->secret);
  spice->secret = g_strdup (password);
  g_mutex_unlock (&spice->mutex);
}

/* ---- the thread ---- */

static gboolean
client_comes (gint listening, GIOCondition condition, gpointer data)
{
  AsternSpice *spice = data;
  int fd = accept (listening, NULL, NULL);

  if (fd >= 0 && spice_server_add_client (spice->server, fd, FALSE) != 0)
    close (fd);
  return G_SOURCE_CONTINUE;
}

static void
add_interfaces (AsternSpice *spice)
{
  QXLDevMemSlot everything = { .virt_end = ~(uintptr_t) 0, .qxl_ram_size = G_MAXUINT32 };

  spice->screen.base.sif = &screen.base;
  spice->keyboard.base.sif = &keyboard.base;
  spice->mouse.base.sif = &mouse.base;
  spice->tablet.base.sif = &tablet.base;
  spice_server_add_interface (spice->server, &spice->screen.base);
  spice_server_add_interface (spice->server, &spice->keyboard.base);
  spice_server_add_interface (spice->server, &spice->mouse.base);
  spice_qxl_add_memslot (&spice->screen, &everything);
  astern_picture_resize (&spice->picture, BLANK_WIDTH, BLANK_HEIGHT);
  create_surface (spice);
  spice_server_vm_start (spice->server);
}

static void
start_server (AsternSpice *spice)
{
  spice->server = spice_server_new ();
  spice_server_set_name (spice->server, spice->name);
  if (!spice->password)
    spice_server_set_noauth (spice->server);
  spice_server_set_image_compression (spice->server, SPICE_IMAGE_COMPRESSION_AUTO_LZ);
  spice_server_set_streaming_video (spice->server, SPICE_STREAM_VIDEO_OFF);
  spice_server_init (spice->server, &core);
  add_interfaces (spice);
}

static void
attach (AsternSpice *spice, GSource *source, GSourceFunc func)
{
  g_source_set_callback (source, func, spice, NULL);
  g_source_attach (source, spice->context);
  g_source_unref (source);
}

static gpointer
serve (gpointer data)
{
  AsternSpice *spice = data;

  g_main_context_push_thread_default (spice->context);
  start_server (spice);
  attach (spice, g_timeout_source_new (TURN_MS), turn);
  attach (spice, g_unix_fd_source_new (g_socket_get_fd (spice->listening), G_IO_IN), G_SOURCE_FUNC (client_comes));
  g_main_loop_run (spice->loop);
  spice_server_vm_stop (spice->server);
  spice_server_destroy (spice->server);
  g_main_context_pop_thread_default (spice->context);
  return NULL;
}

AsternSpice *
astern_spice_new (const AsternRemoteSpec *spec, const char *name, const AsternRemoteFuncs *funcs, GError **error)
{
  AsternSpice *spice;
  guint16 port;
  GSocket *listening;

  g_return_val_if_fail (the_server == NULL, NULL);
  listening = astern_remote_listen (spec, &port, error);
  if (listening == NULL)
    return NULL;
  spice = the_server = g_new0 (AsternSpice, 1);
  spice->funcs = *funcs;
  spice->listening = listening;
  spice->port = port;
  spice->path = g_strdup (spec->path);
  spice->password = spec->password;
  spice->secret = g_strdup (spec->secret);
  g_mutex_init (&spice->mutex);
  g_queue_init (&spice->waiting);
  spice->context = g_main_context_new ();
  spice->loop = g_main_loop_new (spice->context, FALSE);
  spice->name = g_strdup (name);
  spice->thread = g_thread_new ("spice", serve, spice);
  return spice;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
astern_spice_free (AsternSpice *spice)
{
  GSource *source;

  if (spice == NULL)
    return;
  source = g_idle_source_new ();
  g_source_set_callback (source, quit, spice->loop, NULL);
  g_source_attach (source, spice->context);
  g_source_unref (source);
  g_thread_join (spice->thread);
  g_main_loop_unref (spice->loop);
  g_main_context_unref (spice->context);
  g_queue_clear_full (&spice->waiting, free_update);
  g_object_unref (spice->listening);
  if (spice->path != NULL)
    unlink (spice->path);
  astern_picture_clear (&spice->shown);
  astern_picture_clear (&spice->picture);
  g_free (spice->surface);
  g_free (spice->name);
  g_free (spice->path);
  g_free (spice->secret);
  g_mutex_clear (&spice->mutex);
  the_server = NULL;
  g_free (spice);
}

guint16
astern_spice_port (const AsternSpice *spice)
{
  return spice->port;
}
