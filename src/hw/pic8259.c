/* pic8259.c - 8259A programmable interrupt controller.
 * Source: Intel 8259A data sheet, December 1988; ELCR: Intel 82371SB (PIIX3) data sheet, section
 * 2.5.3.4.
 * Left out: the 8080's CALL sequence (ICW4.uPM = 0 behaves like 8086 mode), the buffered mode's
 * pins, slaves on more than one line. */
#include "config.h"

#include "hw/pic8259.h"

#include <string.h>

/* What the next write to the odd port means. */
enum { STEP_NEVER_INITIALISED, STEP_ICW2, STEP_ICW3, STEP_ICW4, STEP_READY };

enum
{
  ICW1_IC4 = 0x01, ICW1_SNGL = 0x02, ICW1_LTIM = 0x08, ICW1_IS_ICW1 = 0x10,
  ICW4_AEOI = 0x02, ICW4_SFNM = 0x10,
  OCW2_EOI = 0x20, OCW2_SL = 0x40, OCW2_R = 0x80,
  OCW3_RIS = 0x01, OCW3_RR = 0x02, OCW3_P = 0x04, OCW3_IS_OCW3 = 0x08, OCW3_SMM = 0x20,
  OCW3_ESMM = 0x40,
};

typedef struct
{
  guint8 irr, imr, isr;
  guint8 lines;         /* levels of the input pins */
  guint8 elcr;          /* 1: this line is level-triggered */
  guint8 icw1, icw2, icw3, icw4;
  guint8 step;          /* STEP_... */
  guint8 lowest;        /* the line of the lowest priority; 7 unless rotated */
  guint8 read_isr;      /* 1: the even port reads ISR, 0: IRR */
  guint8 poll;          /* 1: the next read is a poll */
  guint8 special_mask;  /* special mask mode */
  guint8 rotate_aeoi;   /* rotate at an automatic end of interrupt */
  guint8 int_pin;       /* level of the INT output */
} Pic8259State;

typedef struct
{
  AsternDevice  parent;
  Pic8259State  s;
  AsternIrq     int_wire;
  AsternDevice *slave;        /* borrowed; NULL: none */
  guint8        slave_line;
  guint8        elcr_mask;    /* lines whose trigger mode can be chosen */
} Pic8259;

static void
set_int (Pic8259 *pic, gboolean level)
{
  pic->s.int_pin = level;
  astern_irq_set (&pic->int_wire, level);
}

static guint
highest (const Pic8259State *s, guint8 lines)
{
  guint line = (s->lowest + 1) & 7;

  while (!(lines >> line & 1))
    line = (line + 1) & 7;
  return line;
}

/* Distance from the highest priority: 0..7, 8 when @lines is empty. */
static guint
priority (const Pic8259State *s, guint8 lines)
{
  return lines == 0 ? 8 : (highest (s, lines) - s->lowest - 1) & 7;
}

/* The line to be served now, or -1. */
static int
pending (const Pic8259 *pic)
{
  const Pic8259State *s = &pic->s;
  guint8 requests = s->irr & ~s->imr;
  guint8 in_service = s->isr;

  if (s->step != STEP_READY || requests == 0)
    return -1;
  if (s->special_mask)
    in_service &= ~s->imr;
  /* Special fully nested: a slave in service may interrupt again. */
  if ((s->icw4 & ICW4_SFNM) && pic->slave != NULL)
    in_service &= ~(1 << pic->slave_line);
  if (priority (s, requests) >= priority (s, in_service))
    return -1;
  return (int) highest (s, requests);
}

static void
update (Pic8259 *pic)
{
  gboolean level = pending (pic) >= 0;

  if (level != pic->s.int_pin)
    set_int (pic, level);
}

static guint8
level_triggered (const Pic8259State *s)
{
  return (s->icw1 & ICW1_LTIM) ? 0xff : s->elcr;
}

void
pic8259_set_irq (gpointer receiver, guint line, gboolean level)
{
  Pic8259 *pic = receiver;
  Pic8259State *s = &pic->s;
  guint8 bit = 1 << (line & 7);

  if (level)
    {
      if ((level_triggered (s) & bit) || !(s->lines & bit))
        s->irr |= bit;
      s->lines |= bit;
    }
  else
    {
      /* A request that is taken back before its acknowledge is gone: what follows is spurious. */
      s->irr &= ~bit;
      s->lines &= ~bit;
    }
  update (pic);
}

static void
end_of_interrupt (Pic8259State *s, guint line, gboolean rotate)
{
  s->isr &= ~(1 << line);
  if (rotate)
    s->lowest = line;
}

/* One chip's part of an acknowledge: the line that goes into service; 7 if spurious. */
static guint
acknowledge_line (Pic8259 *pic, gboolean *spurious)
{
  Pic8259State *s = &pic->s;
  int line = pending (pic);

  *spurious = line < 0;
  if (line < 0)
    return 7;
  if (!(level_triggered (s) >> line & 1))
    s->irr &= ~(1 << line);
  s->isr |= 1 << line;
  if (s->icw4 & ICW4_AEOI)
    end_of_interrupt (s, line, s->rotate_aeoi);
  return line;
}

/* INT falls at every acknowledge, so that an edge follows if there is more. */
static void
acknowledged (Pic8259 *pic)
{
  if (pic->s.int_pin)
    set_int (pic, FALSE);
  update (pic);
}

int
pic8259_acknowledge (AsternDevice *master)
{
  Pic8259 *pic = (Pic8259 *) master;
  gboolean spurious;
  guint line = acknowledge_line (pic, &spurious);
  int vector = (pic->s.icw2 & 0xf8) | line;

  if (!spurious && pic->slave != NULL && line == pic->slave_line && !(pic->s.icw1 & ICW1_SNGL))
    vector = pic8259_acknowledge (pic->slave);
  acknowledged (pic);
  return vector;
}

/* -- Registers */

static void
icw1 (Pic8259 *pic, guint8 value)
{
  Pic8259State *s = &pic->s;

  s->icw1 = value & 0x0f;
  s->icw4 = 0;
  s->imr = s->isr = 0;
  s->irr = s->lines & level_triggered (s);   /* edges are forgotten */
  s->lowest = 7;
  s->read_isr = s->poll = s->special_mask = s->rotate_aeoi = 0;
  s->step = STEP_ICW2;
}

static void
ocw2 (Pic8259State *s, guint8 value)
{
  gboolean rotate = (value & OCW2_R) != 0;
  guint8 candidates = s->special_mask ? s->isr & ~s->imr : s->isr;

  switch (value & (OCW2_EOI | OCW2_SL))
    {
    case OCW2_EOI:
      if (candidates != 0)
        end_of_interrupt (s, highest (s, candidates), rotate);
      break;
    case OCW2_EOI | OCW2_SL:
      end_of_interrupt (s, value & 7, rotate);
      break;
    case OCW2_SL:
      if (rotate)
        s->lowest = value & 7;
      break;
    default:
      s->rotate_aeoi = rotate;
      break;
    }
}

static void
ocw3 (Pic8259State *s, guint8 value)
{
  if (value & OCW3_ESMM)
    s->special_mask = (value & OCW3_SMM) != 0;
  s->poll = (value & OCW3_P) != 0;
  if (value & OCW3_RR)
    s->read_isr = value & OCW3_RIS;
}

static void
command_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Pic8259 *pic = (Pic8259 *) device;

  if (value & ICW1_IS_ICW1)
    icw1 (pic, value);
  else if (value & OCW3_IS_OCW3)
    ocw3 (&pic->s, value);
  else
    ocw2 (&pic->s, value);
  update (pic);
}

static void
icw2_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Pic8259 *pic = (Pic8259 *) device;
  Pic8259State *s = &pic->s;

  if (!(s->icw1 & ICW1_SNGL))
    s->step = STEP_ICW3;
  else
    s->step = (s->icw1 & ICW1_IC4) ? STEP_ICW4 : STEP_READY;
  update (pic);
}

static void
icw3_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Pic8259 *pic = (Pic8259 *) device;

  pic->s.step = (pic->s.icw1 & ICW1_IC4) ? STEP_ICW4 : STEP_READY;
  update (pic);
}

static void
icw4_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Pic8259 *pic = (Pic8259 *) device;

  pic->s.step = STEP_READY;
  update (pic);
}

static void
imr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  update ((Pic8259 *) device);
}

/* Bit 7: a request stands; bits 2..0: its line. */
static guint64
poll_value (gconstpointer state, guint32 offset)
{
  const Pic8259 *pic = (const Pic8259 *) ((const guint8 *) state - G_STRUCT_OFFSET (Pic8259, s));
  int line = pending (pic);

  return line < 0 ? 0x07 : 0x80 | line;
}

/* A poll is an acknowledge. */
static void
poll_did_read (AsternDevice *device, guint32 offset)
{
  Pic8259 *pic = (Pic8259 *) device;
  gboolean spurious;

  acknowledge_line (pic, &spurious);
  pic->s.poll = 0;
  acknowledged (pic);
}

static void
elcr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Pic8259 *pic = (Pic8259 *) device;
  Pic8259State *s = &pic->s;

  s->elcr &= pic->elcr_mask;
  s->irr |= s->lines & level_triggered (s);
  update (pic);
}

enum { BANK_NORMAL, BANK_ISR, BANK_POLL, BANK_ICW2, BANK_ICW3, BANK_ICW4 };

static guint8
bank (gconstpointer state, guint32 offset)
{
  const Pic8259State *s = state;

  if (s->poll)
    return BANK_POLL;
  if (offset == 0)
    return s->read_isr ? BANK_ISR : BANK_NORMAL;
  switch (s->step)
    {
    case STEP_ICW2: return BANK_ICW2;
    case STEP_ICW3: return BANK_ICW3;
    case STEP_ICW4: return BANK_ICW4;
    default:        return BANK_NORMAL;
    }
}

#define AT(member) G_STRUCT_OFFSET (Pic8259State, member)

/* One bit a line. */
static const AsternRegField line_bits[] = {
  { 0, 1, "IR0" }, { 1, 1, "IR1" }, { 2, 1, "IR2" }, { 3, 1, "IR3" },
  { 4, 1, "IR4" }, { 5, 1, "IR5" }, { 6, 1, "IR6" }, { 7, 1, "IR7" }, { 0 },
};
static const AsternRegField poll_bits[] = { { 0, 3, "W" }, { 7, 1, "I" }, { 0 } };
static const AsternRegField icw2_bits[] = { { 3, 5, "T" }, { 0 } };
static const AsternRegField icw4_bits[] = {
  { 0, 1, "uPM" }, { 1, 1, "AEOI" }, { 2, 1, "M/S" }, { 3, 1, "BUF" }, { 4, 1, "SFNM" }, { 0 },
};

/* The command port tells ICW1, OCW2 and OCW3 apart by bits of what is written. */
static const AsternReg chip_regs[] = {
/* off bank             access        w  name              backing           reset writable value       did_read       did_write          n  bits */
  { 0, BANK_POLL,       ASTERN_REG_R, 1, "POLL",           ASTERN_NO_BACKING, 0,   0,    poll_value, poll_did_read, NULL,              1, poll_bits },
  { 1, BANK_POLL,       ASTERN_REG_R, 1, "POLL",           ASTERN_NO_BACKING, 0,   0,    poll_value, poll_did_read, NULL,              1, poll_bits },
  { 0, BANK_NORMAL,     ASTERN_REG_R, 1, "IRR",            AT (irr),          0,   0,    NULL,       NULL,          NULL,              1, line_bits },
  { 0, BANK_ISR,        ASTERN_REG_R, 1, "ISR",            AT (isr),          0,   0,    NULL,       NULL,          NULL,              1, line_bits },
  { 0, ASTERN_ANY_BANK, ASTERN_REG_W, 1, "ICW1/OCW2/OCW3", ASTERN_NO_BACKING, 0,   0,    NULL,       NULL,          command_did_write, 1, NULL },
  { 1, ASTERN_ANY_BANK, ASTERN_REG_R, 1, "IMR",            AT (imr),          0,   0,    NULL,       NULL,          NULL,              1, line_bits },
  { 1, BANK_ICW2,       ASTERN_REG_W, 1, "ICW2",           AT (icw2),         0,   0xff, NULL,       NULL,          icw2_did_write,    1, icw2_bits },
  { 1, BANK_ICW3,       ASTERN_REG_W, 1, "ICW3",           AT (icw3),         0,   0xff, NULL,       NULL,          icw3_did_write,    1, NULL },
  { 1, BANK_ICW4,       ASTERN_REG_W, 1, "ICW4",           AT (icw4),         0,   0x1f, NULL,       NULL,          icw4_did_write,    1, icw4_bits },
  { 1, ASTERN_ANY_BANK, ASTERN_REG_W, 1, "OCW1",           AT (imr),          0,   0xff, NULL,       NULL,          imr_did_write,     1, line_bits },
};

static const AsternReg elcr_regs[] = {
  { 0, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "ELCR",          AT (elcr),         0,   0xff, NULL,       NULL,          elcr_did_write,    1, line_bits },
};

static const AsternWindow windows[] = {
  { .name = "chip", .size = 2, .regs = chip_regs, .n_regs = G_N_ELEMENTS (chip_regs), .bank = bank },
  { .name = "elcr", .size = 1, .regs = elcr_regs, .n_regs = G_N_ELEMENTS (elcr_regs) },
};

#define F(member) ASTERN_FIELD (Pic8259State, member, 1)
static const AsternField fields[] = {
  F (irr), F (imr), F (isr), F (lines), F (elcr), F (icw1), F (icw2), F (icw3), F (icw4), F (step),
  F (lowest), F (read_isr), F (poll), F (special_mask), F (rotate_aeoi), F (int_pin),
};

static void
init (AsternDevice *device)
{
  ((Pic8259 *) device)->elcr_mask = 0xf8;
}

/* The pins' levels are the senders', everything else goes. */
static void
reset (AsternDevice *device)
{
  Pic8259 *pic = (Pic8259 *) device;

  pic->s = (Pic8259State) { .lines = pic->s.lines, .lowest = 7 };
  set_int (pic, FALSE);
}

static void
restored (AsternDevice *device)
{
  Pic8259 *pic = (Pic8259 *) device;

  pic->s.lowest &= 7;
  set_int (pic, pending (pic) >= 0);
}

const AsternDeviceClass pic8259_class = {
  .name = "pic8259", .summary = "8259A interrupt controller", .state_version = 1,
  .instance_size = sizeof (Pic8259),
  .state_offset = G_STRUCT_OFFSET (Pic8259, s), .state_size = sizeof (Pic8259State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = init, .reset = reset, .restored = restored,
};

AsternIrq *
pic8259_int (AsternDevice *device)
{
  return &((Pic8259 *) device)->int_wire;
}

void
pic8259_cascade (AsternDevice *master, AsternDevice *slave, guint line)
{
  Pic8259 *pic = (Pic8259 *) master;

  pic->slave = slave;
  pic->slave_line = line;
  /* The slave's lines 0 (RTC) and 5 (coprocessor) are edges for ever. */
  ((Pic8259 *) slave)->elcr_mask = 0xde;
  astern_irq_connect (&((Pic8259 *) slave)->int_wire, pic8259_set_irq, master, line);
}

/* -- For an engine that has PICs of its own */

static const struct { guint16 value, member; } alike[] = {
#define A(name) { G_STRUCT_OFFSET (AsternPicValues, name), G_STRUCT_OFFSET (Pic8259State, name) }
  A (lines), A (irr), A (imr), A (isr), A (elcr), A (icw2), A (icw4), A (lowest), A (read_isr), A (poll), A (special_mask), A (rotate_aeoi),
#undef A
};

void
pic8259_take_values (AsternDevice *device, AsternPicValues *values)
{
  Pic8259 *pic = (Pic8259 *) device;
  const Pic8259State *s = &pic->s;

  for (guint i = 0; i < G_N_ELEMENTS (alike); i++)
    ((guint8 *) values)[alike[i].value] = ((const guint8 *) s)[alike[i].member];
  values->needs_icw4 = s->icw1 & ICW1_IC4;
  values->step = s->step == STEP_READY ? 0 : s->step == STEP_NEVER_INITIALISED ? ASTERN_PIC_NEW : s->step;
  values->elcr_mask = pic->elcr_mask;
}

void
pic8259_give_values (AsternDevice *device, const AsternPicValues *values)
{
  Pic8259 *pic = (Pic8259 *) device;
  Pic8259State *s = &pic->s;

  for (guint i = 0; i < G_N_ELEMENTS (alike); i++)
    ((guint8 *) s)[alike[i].member] = ((const guint8 *) values)[alike[i].value];
  s->icw1 = (s->icw1 & ~ICW1_IC4) | (values->needs_icw4 ? ICW1_IC4 : 0);
  s->step = values->step == 0 ? STEP_READY : values->step == ASTERN_PIC_NEW ? STEP_NEVER_INITIALISED : values->step;
  s->int_pin = pending (pic) >= 0;
}

gboolean
pic8259_get_int (AsternDevice *device)
{
  return ((Pic8259 *) device)->s.int_pin;
}
