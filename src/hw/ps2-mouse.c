/* ps2-mouse.c - PS/2 mouse with the IntelliMouse extensions.
 * Source: IBM PS/2 Hardware Interface Technical Reference, 1988, "Mouse"; Microsoft,
 * "Intellimouse Explorer protocol" (wheel: sample rates 200, 100, 80; five buttons: 200, 200,
 * 80).
 * Left out: the sample rate (a packet is made as soon as the last one was taken) and the
 * resolution: a step that comes in is a count. */
#include "config.h"

#include "hw/ps2-mouse.h"

enum
{
  MOUSE_SCALING_1_1 = 0xe6, MOUSE_SCALING_2_1 = 0xe7, MOUSE_SET_RESOLUTION = 0xe8,
  MOUSE_STATUS = 0xe9,
  MOUSE_STREAM = 0xea, MOUSE_READ_DATA = 0xeb, MOUSE_RESET_WRAP = 0xec, MOUSE_WRAP = 0xee,
  MOUSE_REMOTE = 0xf0,
  MOUSE_READ_ID = 0xf2, MOUSE_SET_RATE = 0xf3, MOUSE_ENABLE = 0xf4, MOUSE_DISABLE = 0xf5,
  MOUSE_DEFAULT = 0xf6,
  MOUSE_RESEND = 0xfe, MOUSE_RESET = 0xff,
  REPLY_ACK = 0xfa, REPLY_RESEND = 0xfe, REPLY_TEST_PASSED = 0xaa,
  ID_PLAIN = 0, ID_WHEEL = 3, ID_EXPLORER = 4,
  COUNTS_LIMIT = 1 << 20,    /* movement that nobody asks for does not pile up beyond this */
};

typedef struct
{
  Ps2Queue queue;
  gint32   dx, dy, dz;       /* not reported yet; dy up */
  guint8   buttons, buttons_reported;
  guint8   reporting, remote, wrap, scaling_2_1;
  guint8   resolution, rate;
  guint8   id;
  guint8   command;          /* waits for its argument; 0: none */
  guint8   rates[2];         /* the two sample rates set before this one */
} Ps2MouseState;

typedef struct
{
  AsternDevice  parent;
  Ps2MouseState s;
  AsternIrq     ready;
} Ps2Mouse;

/* -- Packets */

static gint
scale (gint counts)
{
  static const gint8 table[] = { 0, 1, 1, 3, 6, 9 };
  gint size = ABS (counts);

  size = size < (gint) G_N_ELEMENTS (table) ? table[size] : 2 * size;
  return counts < 0 ? -size : size;
}

static gint
take_counts (gint32 *from, gint low, gint high)
{
  gint taken = CLAMP (*from, low, high);

  *from -= taken;
  return taken;
}

/* Makes a packet of what is to be reported; returns its length. */
static guint
make_packet (Ps2MouseState *s, gboolean scaled, guint8 packet[4])
{
  gint dx = take_counts (&s->dx, -127, 127);
  gint dy = take_counts (&s->dy, -127, 127);
  gint dz;

  if (scaled)
    {
      dx = scale (dx);
      dy = scale (dy);
    }
  s->buttons_reported = s->buttons;
  packet[0] = (s->buttons & 7) | 0x08 | (dx < 0 ? 0x10 : 0) | (dy < 0 ? 0x20 : 0);
  packet[1] = dx;
  packet[2] = dy;
  if (s->id == ID_PLAIN)
    {
      s->dz = 0;
      return 3;
    }
  dz = take_counts (&s->dz, -8, 7);
  packet[3] = s->id == ID_EXPLORER ? (dz & 0x0f) | (s->buttons >> 3 & 3) << 4 : dz;
  return 4;
}

static gboolean
has_news (const Ps2MouseState *s)
{
  guint8 seen = s->id == ID_EXPLORER ? 0x1f : 0x07;

  return s->dx != 0 || s->dy != 0 || (s->dz != 0 && s->id != ID_PLAIN)
         || ((s->buttons ^ s->buttons_reported) & seen) != 0;
}

static void
update (Ps2Mouse *mouse)
{
  Ps2MouseState *s = &mouse->s;

  if (s->reporting && !s->remote && !s->wrap && s->queue.len == 0 && has_news (s))
    {
      guint8 packet[4];
      guint n = make_packet (s, s->scaling_2_1, packet);

      for (guint i = 0; i < n; i++)
        ps2_queue_put (&s->queue, packet[i]);
    }
  astern_irq_set (&mouse->ready, !ps2_queue_is_empty (&s->queue));
}

static void
add_counts (gint32 *to, gint counts)
{
  *to = CLAMP (*to + counts, -COUNTS_LIMIT, COUNTS_LIMIT);
}

void
ps2_mouse_input (gpointer receiver, gconstpointer data, gsize size)
{
  Ps2Mouse *mouse = receiver;
  Ps2MouseState *s = &mouse->s;
  const guint8 *p = data;

  for (; size >= PS2_MOUSE_PACKET_BYTES;
       p += PS2_MOUSE_PACKET_BYTES, size -= PS2_MOUSE_PACKET_BYTES)
    {
      s->buttons = p[5] & 0x1f;
      if (!s->reporting && !s->remote)
        continue;
      add_counts (&s->dx, (gint16) (p[0] | p[1] << 8));
      add_counts (&s->dy, -(gint16) (p[2] | p[3] << 8));
      add_counts (&s->dz, (gint8) p[4]);
      /* each change of a button is told, unless the last packet still waits */
      update (mouse);
    }
  update (mouse);
}

/* -- Commands */

static void
forget_movement (Ps2MouseState *s)
{
  ps2_queue_forget_data (&s->queue);
  s->dx = s->dy = s->dz = 0;
}

static void
set_defaults (Ps2MouseState *s)
{
  forget_movement (s);
  s->reporting = s->remote = s->wrap = s->scaling_2_1 = s->command = 0;
  s->resolution = 2;
  s->rate = 100;
}

static void
set_rate (Ps2MouseState *s, guint8 rate)
{
  if (s->rates[0] == 200 && s->rates[1] == 100 && rate == 80)
    s->id = ID_WHEEL;
  else if (s->rates[0] == 200 && s->rates[1] == 200 && rate == 80)
    s->id = ID_EXPLORER;
  s->rates[0] = s->rates[1];
  s->rates[1] = rate;
  s->rate = rate;
}

static void
reply (Ps2MouseState *s, guint8 byte)
{
  ps2_queue_reply (&s->queue, byte);
}

static void
argument (Ps2MouseState *s, guint8 byte)
{
  if (s->command == MOUSE_SET_RATE)
    set_rate (s, byte);
  else
    s->resolution = byte & 3;
  s->command = 0;
  reply (s, REPLY_ACK);
}

static void
reply_status (Ps2MouseState *s)
{
  guint8 buttons = (s->buttons & PS2_MOUSE_LEFT) << 2 | (s->buttons & PS2_MOUSE_MIDDLE) >> 1
                   | (s->buttons & PS2_MOUSE_RIGHT) >> 1;

  reply (s, buttons | s->scaling_2_1 << 4 | s->reporting << 5 | s->remote << 6);
  reply (s, s->resolution);
  reply (s, s->rate);
}

static void
reply_data (Ps2MouseState *s)
{
  guint8 packet[4];
  guint n = make_packet (s, FALSE, packet);

  for (guint i = 0; i < n; i++)
    reply (s, packet[i]);
}

/* The acknowledge has been given. */
static void
execute (Ps2MouseState *s, guint8 byte)
{
  switch (byte)
    {
    case MOUSE_SCALING_1_1:
    case MOUSE_SCALING_2_1:
      s->scaling_2_1 = byte == MOUSE_SCALING_2_1;
      break;
    case MOUSE_SET_RESOLUTION:
    case MOUSE_SET_RATE:
      s->command = byte;
      break;
    case MOUSE_STATUS:
      reply_status (s);
      break;
    case MOUSE_STREAM:
    case MOUSE_REMOTE:
      s->remote = byte == MOUSE_REMOTE;
      forget_movement (s);
      break;
    case MOUSE_READ_DATA:
      reply_data (s);
      break;
    case MOUSE_WRAP:
    case MOUSE_RESET_WRAP:
      s->wrap = byte == MOUSE_WRAP;
      break;
    case MOUSE_READ_ID:
      reply (s, s->id);
      break;
    case MOUSE_ENABLE:
    case MOUSE_DISABLE:
      s->reporting = byte == MOUSE_ENABLE;
      s->buttons_reported = s->buttons;
      forget_movement (s);
      break;
    case MOUSE_DEFAULT:
      set_defaults (s);
      break;
    case MOUSE_RESET:
      set_defaults (s);
      s->id = ID_PLAIN;
      s->rates[0] = s->rates[1] = 0;
      reply (s, REPLY_TEST_PASSED);
      reply (s, s->id);
      break;
    default:
      s->queue.reply_len = 0;
      reply (s, REPLY_RESEND);
      break;
    }
}

static void
command (AsternDevice *device, guint8 byte)
{
  Ps2Mouse *mouse = (Ps2Mouse *) device;
  Ps2MouseState *s = &mouse->s;

  ps2_queue_forget_data (&s->queue);       /* a command cuts a packet short */
  if (byte != MOUSE_RESEND)
    s->queue.reply_len = 0;
  if (s->command != 0)
    argument (s, byte);
  else if (byte == MOUSE_RESEND)
    reply (s, s->queue.last);
  else if (s->wrap && byte != MOUSE_RESET && byte != MOUSE_RESET_WRAP)
    reply (s, byte);
  else
    {
      reply (s, REPLY_ACK);
      execute (s, byte);
    }
  update (mouse);
}

static guint8
take (AsternDevice *device)
{
  Ps2Mouse *mouse = (Ps2Mouse *) device;
  guint8 byte = ps2_queue_take (&mouse->s.queue);

  update (mouse);
  return byte;
}

static AsternIrq *
ready (AsternDevice *device)
{
  return &((Ps2Mouse *) device)->ready;
}

const Ps2Operations ps2_mouse_operations = { ready, take, command };

gboolean
ps2_mouse_listens (AsternDevice *device)
{
  return ((Ps2Mouse *) device)->s.reporting;
}

#define F(member) ASTERN_FIELD (Ps2MouseState, member, 1)
static const AsternField fields[] = {
  PS2_QUEUE_FIELDS (Ps2MouseState), F (dx), F (dy), F (dz), F (buttons), F (buttons_reported),
  F (reporting), F (remote), F (wrap), F (scaling_2_1), F (resolution), F (rate), F (id),
  F (command),
  ASTERN_FIELD_BYTES (Ps2MouseState, rates, 1),
};

static void
reset (AsternDevice *device)
{
  Ps2Mouse *mouse = (Ps2Mouse *) device;

  mouse->s = (Ps2MouseState) { 0 };
  set_defaults (&mouse->s);
  update (mouse);
}

static void
restored (AsternDevice *device)
{
  Ps2Mouse *mouse = (Ps2Mouse *) device;
  Ps2MouseState *s = &mouse->s;

  ps2_queue_check (&s->queue);
  s->dx = CLAMP (s->dx, -COUNTS_LIMIT, COUNTS_LIMIT);
  s->dy = CLAMP (s->dy, -COUNTS_LIMIT, COUNTS_LIMIT);
  s->dz = CLAMP (s->dz, -COUNTS_LIMIT, COUNTS_LIMIT);
  astern_irq_set (&mouse->ready, !ps2_queue_is_empty (&s->queue));
}

const AsternDeviceClass ps2_mouse_class = {
  .name = "ps2-mouse", .summary = "PS/2 mouse", .state_version = 1,
  .instance_size = sizeof (Ps2Mouse),
  .state_offset = G_STRUCT_OFFSET (Ps2Mouse, s), .state_size = sizeof (Ps2MouseState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .reset = reset, .restored = restored,
};
