/* ps2-keyboard.c - PS/2 keyboard.
 * Source: IBM PS/2 Hardware Interface Technical Reference, 1988, "Keyboards (101- and 102-Key)".
 * Left out: repeating a held key (typematic: what the guest sets is kept), the shift codes that
 * sets 1 and 2 wrap around cursor keys while Num Lock or Shift is on, the time that the self
 * test takes. */
#include "config.h"

#include "hw/ps2-keyboard.h"

#include "hw/ps2-keys.h"

enum
{
  KBD_SET_LEDS = 0xed, KBD_ECHO = 0xee, KBD_SCAN_CODE_SET = 0xf0, KBD_READ_ID = 0xf2,
  KBD_SET_RATE = 0xf3,
  KBD_ENABLE = 0xf4, KBD_DISABLE = 0xf5, KBD_DEFAULT = 0xf6,
  KBD_ALL_TYPEMATIC = 0xf7, KBD_ALL_MAKE_BREAK = 0xf8, KBD_ALL_MAKE = 0xf9, KBD_ALL_BOTH = 0xfa,
  KBD_KEY_TYPEMATIC = 0xfb, KBD_KEY_MAKE_BREAK = 0xfc, KBD_KEY_MAKE = 0xfd,
  KBD_RESEND = 0xfe, KBD_RESET = 0xff,
  REPLY_ACK = 0xfa, REPLY_RESEND = 0xfe, REPLY_TEST_PASSED = 0xaa,
  CODE_BREAK = 0xf0, CODE_EXTENDED = 0xe0, CODE_PAUSE = 0xe1,
};

typedef struct
{
  Ps2Queue queue;
  guint8   breaks[32];    /* set 3: one bit a code, keys that tell when they go up */
  guint8   set;           /* 1, 2, 3 */
  guint8   scanning;
  guint8   leds;
  guint8   rate;
  guint8   command;       /* waits for its argument; 0: none */
} Ps2KeyboardState;

typedef struct
{
  AsternDevice     parent;
  Ps2KeyboardState s;
  AsternIrq        ready;
} Ps2Keyboard;

static void
update (Ps2Keyboard *keyboard)
{
  astern_irq_set (&keyboard->ready, !ps2_queue_is_empty (&keyboard->s.queue));
}

static void
set_break (Ps2KeyboardState *s, guint8 code, gboolean tells)
{
  if (tells)
    s->breaks[code / 8] |= 1 << code % 8;
  else
    s->breaks[code / 8] &= ~(1 << code % 8);
}

static void
set_defaults (Ps2KeyboardState *s)
{
  /* Ctrl, Shift, Caps Lock, Alt, Shift */
  static const guint8 telling[] = { 0x11, 0x12, 0x14, 0x19, 0x59 };

  s->set = 2;
  s->rate = 0x2b;
  s->command = 0;
  memset (s->breaks, 0, sizeof s->breaks);
  for (guint i = 0; i < G_N_ELEMENTS (telling); i++)
    set_break (s, telling[i], TRUE);
}

/* -- Keys */

/* All of a key's bytes, or one that says that some were lost. */
static void
put_codes (Ps2KeyboardState *s, const guint8 *codes, guint n)
{
  if (ps2_queue_room (&s->queue) > n)
    for (guint i = 0; i < n; i++)
      ps2_queue_put (&s->queue, codes[i]);
  else if (ps2_queue_room (&s->queue) > 0)
    ps2_queue_put (&s->queue, s->set == 1 ? 0xff : 0x00);
}

/* One code of set 1 or 2, down or up; returns how many bytes it has. */
static guint
encode (const Ps2KeyboardState *s, guint8 prefix, guint8 set1, guint8 set2, gboolean down,
        guint8 *codes)
{
  guint n = 0;

  if (prefix)
    codes[n++] = prefix;
  if (s->set == 1)
    codes[n++] = down ? set1 : set1 | 0x80;
  else
    {
      if (!down)
        codes[n++] = CODE_BREAK;
      codes[n++] = set2;
    }
  return n;
}

/* Pause says all it has to say when it goes down. */
static void
pause_key (Ps2KeyboardState *s, gboolean down)
{
  static const guint8 set1[] = { CODE_PAUSE, 0x1d, 0x45, CODE_PAUSE, 0x9d, 0xc5 };
  static const guint8 set2[] = { CODE_PAUSE, 0x14, 0x77, CODE_PAUSE, CODE_BREAK, 0x14, CODE_BREAK,
                                 0x77 };
  static const guint8 set3[] = { 0x62 };

  if (!down)
    return;
  if (s->set == 1)
    put_codes (s, set1, sizeof set1);
  else if (s->set == 2)
    put_codes (s, set2, sizeof set2);
  else
    put_codes (s, set3, sizeof set3);
}

/* Print Screen comes with a left Shift around it. */
static void
print_screen (Ps2KeyboardState *s, gboolean down)
{
  guint8 codes[6];
  guint n;

  if (down)
    {
      n = encode (s, CODE_EXTENDED, 0x2a, 0x12, TRUE, codes);
      n += encode (s, CODE_EXTENDED, 0x37, 0x7c, TRUE, codes + n);
    }
  else
    {
      n = encode (s, CODE_EXTENDED, 0x37, 0x7c, FALSE, codes);
      n += encode (s, CODE_EXTENDED, 0x2a, 0x12, FALSE, codes + n);
    }
  put_codes (s, codes, n);
}

static void
set3_key (Ps2KeyboardState *s, guint8 code, gboolean down)
{
  const guint8 up[] = { CODE_BREAK, code };

  if (code == 0)
    return;
  if (down)
    put_codes (s, &code, 1);
  else if (s->breaks[code / 8] >> code % 8 & 1)
    put_codes (s, up, sizeof up);
}

static void
key (Ps2KeyboardState *s, guint16 number, gboolean down)
{
  const Ps2Key *found;
  guint8 codes[3];

  if (number == PS2_KEY_PAUSE)
    pause_key (s, down);
  else if (s->set == 3)
    {
      found = ps2_key_find (number);
      if (number == PS2_KEY_PRINT_SCREEN)
        set3_key (s, 0x57, down);
      else if (found != NULL)
        set3_key (s, found->set3, down);
    }
  else if (number == PS2_KEY_PRINT_SCREEN)
    print_screen (s, down);
  else if ((found = ps2_key_find (number)) != NULL)
    put_codes (s, codes, encode (s, found->prefix, found->set1, found->set2, down, codes));
}

void
ps2_keyboard_input (gpointer receiver, gconstpointer data, gsize size)
{
  Ps2Keyboard *keyboard = receiver;
  const guint8 *p = data;

  for (; size >= PS2_KEYBOARD_PACKET_BYTES;
       p += PS2_KEYBOARD_PACKET_BYTES, size -= PS2_KEYBOARD_PACKET_BYTES)
    if (keyboard->s.scanning)
      key (&keyboard->s, p[0] | p[1] << 8, p[2] != 0);
  update (keyboard);
}

/* -- Commands */

static void
acknowledge (Ps2KeyboardState *s)
{
  ps2_queue_reply (&s->queue, REPLY_ACK);
}

static void
argument (Ps2KeyboardState *s, guint8 byte)
{
  guint8 command = s->command;

  s->command = 0;
  acknowledge (s);
  switch (command)
    {
    case KBD_SET_LEDS:
      s->leds = byte & 7;
      break;
    case KBD_SET_RATE:
      s->rate = byte & 0x7f;
      break;
    case KBD_SCAN_CODE_SET:
      if (byte == 0)
        ps2_queue_reply (&s->queue, s->set);
      else if (byte <= 3)
        s->set = byte;
      break;
    default:          /* KBD_KEY_...: more keys may follow */
      set_break (s, byte, command == KBD_KEY_MAKE_BREAK);
      s->command = command;
      break;
    }
}

static void
simple_command (Ps2KeyboardState *s, guint8 byte)
{
  switch (byte)
    {
    case KBD_ECHO:
      ps2_queue_reply (&s->queue, KBD_ECHO);
      return;
    case KBD_RESEND:
      ps2_queue_reply (&s->queue, s->queue.last);
      return;
    case KBD_READ_ID:
      acknowledge (s);
      ps2_queue_reply (&s->queue, 0xab);
      ps2_queue_reply (&s->queue, 0x83);
      return;
    case KBD_ENABLE:
    case KBD_DISABLE:
    case KBD_DEFAULT:
      ps2_queue_forget_data (&s->queue);
      if (byte != KBD_ENABLE)
        set_defaults (s);
      s->scanning = byte != KBD_DISABLE;
      acknowledge (s);
      return;
    case KBD_ALL_TYPEMATIC:
    case KBD_ALL_MAKE:
      memset (s->breaks, 0, sizeof s->breaks);
      acknowledge (s);
      return;
    case KBD_ALL_MAKE_BREAK:
    case KBD_ALL_BOTH:
      memset (s->breaks, 0xff, sizeof s->breaks);
      acknowledge (s);
      return;
    case KBD_RESET:
      ps2_queue_forget_data (&s->queue);
      set_defaults (s);
      s->leds = 0;
      s->scanning = 1;
      acknowledge (s);
      ps2_queue_reply (&s->queue, REPLY_TEST_PASSED);
      return;
    default:
      ps2_queue_reply (&s->queue, REPLY_RESEND);
      return;
    }
}

static gboolean
takes_argument (guint8 command)
{
  return command == KBD_SET_LEDS || command == KBD_SCAN_CODE_SET || command == KBD_SET_RATE
         || (command >= KBD_KEY_TYPEMATIC && command <= KBD_KEY_MAKE);
}

/* Arguments are below 0xed: a command in place of one is a command. */
static void
command (AsternDevice *device, guint8 byte)
{
  Ps2Keyboard *keyboard = (Ps2Keyboard *) device;
  Ps2KeyboardState *s = &keyboard->s;

  if (byte != KBD_RESEND)
    s->queue.reply_len = 0;
  if (s->command != 0 && byte < KBD_SET_LEDS)
    argument (s, byte);
  else
    {
      s->command = 0;
      if (takes_argument (byte))
        {
          s->command = byte;
          acknowledge (s);
        }
      else
        simple_command (s, byte);
    }
  update (keyboard);
}

static guint8
take (AsternDevice *device)
{
  Ps2Keyboard *keyboard = (Ps2Keyboard *) device;
  guint8 byte = ps2_queue_take (&keyboard->s.queue);

  update (keyboard);
  return byte;
}

static AsternIrq *
ready (AsternDevice *device)
{
  return &((Ps2Keyboard *) device)->ready;
}

const Ps2Operations ps2_keyboard_operations = { ready, take, command };

guint8
ps2_keyboard_leds (const AsternDevice *device)
{
  return ((const Ps2Keyboard *) device)->s.leds;
}

gboolean
ps2_keyboard_listens (AsternDevice *device)
{
  return ((Ps2Keyboard *) device)->s.scanning;
}

#define F(member) ASTERN_FIELD (Ps2KeyboardState, member, 1)
static const AsternField fields[] = {
  PS2_QUEUE_FIELDS (Ps2KeyboardState), ASTERN_FIELD_BYTES (Ps2KeyboardState, breaks, 1),
  F (set), F (scanning), F (leds), F (rate), F (command),
};

static void
reset (AsternDevice *device)
{
  Ps2Keyboard *keyboard = (Ps2Keyboard *) device;

  keyboard->s = (Ps2KeyboardState) { .scanning = 1 };
  set_defaults (&keyboard->s);
  update (keyboard);
}

static void
restored (AsternDevice *device)
{
  Ps2Keyboard *keyboard = (Ps2Keyboard *) device;

  ps2_queue_check (&keyboard->s.queue);
  update (keyboard);
}

const AsternDeviceClass ps2_keyboard_class = {
  .name = "ps2-keyboard", .summary = "PS/2 keyboard", .state_version = 1,
  .instance_size = sizeof (Ps2Keyboard),
  .state_offset = G_STRUCT_OFFSET (Ps2Keyboard, s), .state_size = sizeof (Ps2KeyboardState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .reset = reset, .restored = restored,
};
