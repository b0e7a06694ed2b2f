/* spice-lines.c - what the guest says to SPICE clients by byte streams: its agent, redirected USB devices, ports.
 * Source: spice-server's spice-char.h; what a spicevmc and a spiceport do: QEMU's manual, "-chardev".
 *
 * The guest's bytes wait in a queue until the library reads them.  The machine does not wait: a line on which more than
 * MOST_OUT wait is begun anew, as if the cable had been pulled out, and that is counted.  To the guest the library writes
 * as much as has room.
 *
 * A spicevmc is there for clients while the guest has its end open (an agent, while it runs); a spiceport always. */
#include "config.h"

#include "host/remote/spice-private.h"

#include <spice/protocol.h>
#include <string.h>

#define MOST_OUT (64u << 20)    /* bytes from the guest, waiting */
#define MOST_IN  65536          /* ... to the guest */

struct _SpiceLine
{
  SpiceCharDeviceInstance instance;
  AsternSpice   *spice;
  AsternChardev *chardev;
  AsternLink    *link;
  gboolean       is_port;
  char          *name;
  gboolean       there;         /* server's thread: the library has it */
  gboolean       told_open;     /* server's thread: a port's clients have heard so */
  gboolean       was_full;      /* server's thread: the library could not write all */

  GMutex         mutex;         /* guards what follows */
  GByteArray    *out;
  gboolean       open;
  gboolean       anew;          /* to be taken away from the library first */
  gboolean       pulled;        /* ... and the machine is to hear so */
  guint64        lost;          /* bytes */
};

/* ---- the library's side ---- */

static SpiceLine *
line_of (SpiceCharDeviceInstance *instance)
{
  return SPICE_CONTAINEROF (instance, SpiceLine, instance);
}

static int
write_to_guest (SpiceCharDeviceInstance *instance, const uint8_t *data, int size)
{
  SpiceLine *line = line_of (instance);
  gsize taken = astern_chardev_type_some (line->chardev, data, (gsize) MAX (size, 0), MOST_IN);

  line->was_full = taken < (gsize) MAX (size, 0);
  return (int) taken;
}

static int
read_from_guest (SpiceCharDeviceInstance *instance, uint8_t *data, int size)
{
  SpiceLine *line = line_of (instance);
  gsize n;

  g_mutex_lock (&line->mutex);
  n = MIN (line->out->len, (gsize) MAX (size, 0));
  if (n > 0)
    {
      memcpy (data, line->out->data, n);
      g_byte_array_remove_range (line->out, 0, (guint) n);
    }
  g_mutex_unlock (&line->mutex);
  return (int) n;
}

/* Somebody on the client's side has come, or all are gone. */
static void
set_state (SpiceCharDeviceInstance *instance, int connected)
{
  SpiceLine *line = line_of (instance);

  if (!connected)
    astern_chardev_forget_typed (line->chardev);
  astern_link_set_plugged (line->link, connected != 0);
}

static void
on_event (SpiceCharDeviceInstance *instance, uint8_t event)
{
}

static const SpiceCharDeviceInterface interface = {
  SPICE_INTERFACE_OF (CHAR_DEVICE, "line"),
  .state = set_state, .write = write_to_guest, .read = read_from_guest, .event = on_event, .flags = SPICE_CHAR_DEVICE_NOTIFY_WRITABLE,
};

/* ---- the machine's side: its thread, which does not wait ---- */

static void
start_anew (SpiceLine *line)
{
  line->lost += line->out->len;
  g_byte_array_set_size (line->out, 0);
  line->anew = line->pulled = TRUE;
}

static void
guest_wrote (gpointer data, const guint8 *bytes, gsize size)
{
  SpiceLine *line = data;

  g_mutex_lock (&line->mutex);
  if (line->open && line->out->len + size > MOST_OUT)
    start_anew (line);
  else if (line->open)
    g_byte_array_append (line->out, bytes, (guint) size);
  g_mutex_unlock (&line->mutex);
  spice_kick (line->spice);
}

static void
guest_opened (gpointer data, gboolean open)
{
  SpiceLine *line = data;

  g_mutex_lock (&line->mutex);
  if (line->open != open)
    {
      line->open = open;
      line->anew = TRUE;
      g_byte_array_set_size (line->out, 0);
    }
  g_mutex_unlock (&line->mutex);
  spice_kick (line->spice);
}

/* ---- the server's thread ---- */

static void
take_away (SpiceLine *line)
{
  if (!line->there)
    return;
  spice_server_remove_interface (&line->instance.base);
  line->there = FALSE;
  line->told_open = FALSE;
  line->instance.st = NULL;
}

static void
put_there (SpiceLine *line)
{
  if (line->there)
    return;
  line->instance.base.sif = &interface.base;
  line->instance.subtype = line->is_port ? "port" : line->name;
  line->instance.portname = line->is_port ? line->name : NULL;
  line->there = spice_server_add_interface (line->spice->server, &line->instance.base) == 0;
}

static void
take_line (SpiceLine *line)
{
  gboolean anew, pulled, open, any;

  g_mutex_lock (&line->mutex);
  anew = line->anew;
  pulled = line->pulled;
  line->anew = line->pulled = FALSE;
  open = line->open;
  any = line->out->len > 0;
  g_mutex_unlock (&line->mutex);
  if (!line->is_port && (anew || !open))
    take_away (line);
  if (pulled)
    set_state (&line->instance, FALSE);
  if (open || line->is_port)
    put_there (line);
  if (line->there && line->is_port && line->told_open != open)
    {
      line->told_open = open;
      spice_server_port_event (&line->instance, open ? SPICE_PORT_EVENT_OPENED : SPICE_PORT_EVENT_CLOSED);
    }
  if (line->there && (any || line->was_full))
    spice_server_char_device_wakeup (&line->instance);
}

/* They become more, and never fewer. */
static SpiceLine *
line_at (AsternSpice *spice, guint index)
{
  SpiceLine *line;

  g_mutex_lock (&spice->mutex);
  line = index < spice->lines->len ? g_ptr_array_index (spice->lines, index) : NULL;
  g_mutex_unlock (&spice->mutex);
  return line;
}

void
spice_lines_take (AsternSpice *spice)
{
  SpiceLine *line;

  for (guint i = 0; (line = line_at (spice, i)) != NULL; i++)
    take_line (line);
}

/* ---- the interface ---- */

void
astern_spice_add_line (AsternSpice *spice, const AsternChardevSpec *spec, AsternChardev *chardev, AsternLink *link)
{
  SpiceLine *line = g_new0 (SpiceLine, 1);

  line->spice = spice;
  line->chardev = chardev;
  line->link = link;
  line->is_port = spec->kind == ASTERN_CHARDEV_SPICEPORT;
  line->name = g_strdup (spec->name);
  line->out = g_byte_array_new ();
  line->open = astern_link_is_open (link);
  g_mutex_init (&line->mutex);
  astern_chardev_set_sink (chardev, guest_wrote, line);
  astern_chardev_set_opened (chardev, guest_opened, line);
  g_mutex_lock (&spice->mutex);
  g_ptr_array_add (spice->lines, line);
  g_mutex_unlock (&spice->mutex);
  spice_kick (spice);
}

void
astern_spice_restart_lines (AsternSpice *spice)
{
  for (guint i = 0; i < spice->lines->len; i++)
    {
      SpiceLine *line = g_ptr_array_index (spice->lines, i);

      g_mutex_lock (&line->mutex);
      start_anew (line);
      line->open = astern_link_is_open (line->link);
      g_mutex_unlock (&line->mutex);
    }
  spice_kick (spice);
}

void
spice_lines_detach (AsternSpice *spice)
{
  for (guint i = 0; i < spice->lines->len; i++)
    {
      SpiceLine *line = g_ptr_array_index (spice->lines, i);

      astern_chardev_set_sink (line->chardev, NULL, NULL);
      astern_chardev_set_opened (line->chardev, NULL, NULL);
    }
}

void
spice_line_free (gpointer data)
{
  SpiceLine *line = data;

  g_byte_array_unref (line->out);
  g_mutex_clear (&line->mutex);
  g_free (line->name);
  g_free (line);
}
