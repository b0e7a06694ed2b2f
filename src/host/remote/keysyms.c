/* keysyms.c - see keysyms.h.
 * Source: X Window System Protocol, appendix A, "KEYSYM Encoding"; RFC 6143, section 7.5.4. */
#include "config.h"

#include "host/remote/keysyms.h"

/* The printable characters in the rows of a US keyboard: first number, then pairs, plain and shifted. */
static const struct { guint8 first; const char *pairs; } rows[] = {
  { 0x02, "1!2@3#4$5%6^7&8*9(0)-_=+" },
  { 0x10, "qQwWeErRtTyYuUiIoOpP[{]}" },
  { 0x1e, "aAsSdDfFgGhHjJkKlL;:'\"`~" },
  { 0x2b, "\\|zZxXcCvVbBnNmM,<.>/?" },
};

static const struct { guint16 keysym, number; } others[] = {
  { 0x0020, 0x39 }, { 0x003c, 0x33 },
  { 0xff08, 0x0e }, { 0xff09, 0x0f }, { 0xfe20, 0x0f }, { 0xff0d, 0x1c }, { 0xff1b, 0x01 },   /* Backspace, Tab, Return, Escape */
  { 0xff13, 0xe11d }, { 0xff14, 0x46 }, { 0xff15, 0x54 }, { 0xff61, 0xe037 },                 /* Pause, Scroll Lock, SysRq, Print */
  { 0xff50, 0xe047 }, { 0xff51, 0xe04b }, { 0xff52, 0xe048 }, { 0xff53, 0xe04d }, { 0xff54, 0xe050 }, /* Home, arrows */
  { 0xff55, 0xe049 }, { 0xff56, 0xe051 }, { 0xff57, 0xe04f }, { 0xff63, 0xe052 }, { 0xffff, 0xe053 }, /* Page Up .. Delete */
  { 0xff67, 0xe05d }, { 0xff7f, 0x45 },                                                       /* Menu, Num Lock */
  { 0xff8d, 0xe01c }, { 0xffaa, 0x37 }, { 0xffab, 0x4e }, { 0xffad, 0x4a }, { 0xffae, 0x53 }, { 0xffaf, 0xe035 }, /* number pad */
  { 0xff95, 0x47 }, { 0xff96, 0x4b }, { 0xff97, 0x48 }, { 0xff98, 0x4d }, { 0xff99, 0x50 },   /* ... Home, arrows */
  { 0xff9a, 0x49 }, { 0xff9b, 0x51 }, { 0xff9c, 0x4f }, { 0xff9d, 0x4c }, { 0xff9e, 0x52 }, { 0xff9f, 0x53 },
  { 0xffb0, 0x52 }, { 0xffb1, 0x4f }, { 0xffb2, 0x50 }, { 0xffb3, 0x51 }, { 0xffb4, 0x4b },   /* ... 0 .. 9 */
  { 0xffb5, 0x4c }, { 0xffb6, 0x4d }, { 0xffb7, 0x47 }, { 0xffb8, 0x48 }, { 0xffb9, 0x49 },
  { 0xffe1, 0x2a }, { 0xffe2, 0x36 }, { 0xffe3, 0x1d }, { 0xffe4, 0xe01d }, { 0xffe5, 0x3a }, /* Shift, Ctrl, Caps Lock */
  { 0xffe7, 0xe05b }, { 0xffe8, 0xe05c }, { 0xffe9, 0x38 }, { 0xffea, 0xe038 },               /* Meta, Alt */
  { 0xffeb, 0xe05b }, { 0xffec, 0xe05c }, { 0xfe03, 0xe038 },                                 /* Super, AltGr */
};

static guint16
function_key (guint32 keysym)
{
  guint n = keysym - 0xffbe;

  return (guint16) (n < 10 ? 0x3b + n : 0x57 + n - 10);
}

guint16
astern_keysym_key (guint32 keysym)
{
  if (keysym > 0x20 && keysym < 0x7f)
    for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
      for (guint i = 0; rows[row].pairs[i] != '\0'; i++)
        if ((guint32) rows[row].pairs[i] == keysym)
          return (guint16) (rows[row].first + i / 2);
  if (keysym >= 0xffbe && keysym <= 0xffc9)
    return function_key (keysym);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i].keysym == keysym)
      return others[i].number;
  return 0;
}
