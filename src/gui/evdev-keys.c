/* evdev-keys.c - see evdev-keys.h.
 * Source: linux/input-event-codes.h, whose first 83 keys are numbered as scan code set 1 numbers them; hw/ps2-keys.c. */
#include "config.h"

#include "gui/evdev-keys.h"

#define SAME_AS_SET1 83     /* KEY_KPDOT */

static const struct { guint8 code; guint16 number; } others[] = {
  { 86, 0x56 }, { 87, 0x57 }, { 88, 0x58 },                       /* < of 102-key keyboards, F11, F12 */
  { 89, 0x73 }, { 92, 0x79 }, { 93, 0x70 }, { 94, 0x7b },         /* ro, Henkan, Katakana, Muhenkan */
  { 96, 0xe01c }, { 97, 0xe01d }, { 98, 0xe035 }, { 99, 0xe037 }, /* Enter of the number pad, right Ctrl, /, Print Screen */
  { 100, 0xe038 },                                                /* right Alt */
  { 102, 0xe047 }, { 103, 0xe048 }, { 104, 0xe049 },              /* Home, Up, Page Up */
  { 105, 0xe04b }, { 106, 0xe04d },                               /* Left, Right */
  { 107, 0xe04f }, { 108, 0xe050 }, { 109, 0xe051 },              /* End, Down, Page Down */
  { 110, 0xe052 }, { 111, 0xe053 },                               /* Insert, Delete */
  { 113, 0xe020 }, { 114, 0xe02e }, { 115, 0xe030 },              /* mute, softer, louder */
  { 116, 0xe05e }, { 119, 0xe11d }, { 121, 0x7e }, { 124, 0x7d }, /* Power, Pause, . of Brazilian number pads, yen */
  { 125, 0xe05b }, { 126, 0xe05c }, { 127, 0xe05d },              /* left and right Windows, Menu */
  { 128, 0xe068 }, { 140, 0xe021 }, { 142, 0xe05f }, { 143, 0xe063 }, /* Stop, Calculator, Sleep, Wake */
  { 155, 0xe06c }, { 156, 0xe066 }, { 157, 0xe06b },              /* Mail, Favourites, My Computer */
  { 158, 0xe06a }, { 159, 0xe069 }, { 163, 0xe019 },              /* Back, Forward, next track */
  { 164, 0xe022 }, { 165, 0xe010 }, { 166, 0xe024 },              /* play, previous track, stop */
  { 172, 0xe032 }, { 173, 0xe067 }, { 217, 0xe065 }, { 226, 0xe06d }, /* Home page, Refresh, Search, Media */
};

guint16
astern_evdev_key (guint code)
{
  if (code <= SAME_AS_SET1)
    return (guint16) code;
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i].code == code)
      return others[i].number;
  return 0;
}
