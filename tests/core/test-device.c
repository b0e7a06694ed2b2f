/* Tests of core/device: what a register table means. */
#include "config.h"

#include "core/machine.h"

#include <string.h>

typedef struct
{
  guint64 deadline_ns;
  guint32 control;       /* bits 0..15 writable */
  guint32 status;        /* write one to clear */
  guint32 copies[4];
  guint16 divisor;
  guint8  data;
  guint8  bank;
  guint32 last_write;    /* what did_write was given */
  guint32 effects;       /* how often did_read ran */
  guint32 reserved;
} State;

typedef struct
{
  AsternDevice parent;
  State        s;
  AsternTimer  timer;
  guint        restored;
} Chip;

static guint64
data_value (gconstpointer state, guint32 offset)
{
  return ((const State *) state)->data;
}

static void
data_did_read (AsternDevice *device, guint32 offset)
{
  State *s = astern_device_state (device);

  s->data++;
  s->effects++;
}

static void
note_write (AsternDevice *device, guint32 offset, guint64 value)
{
  ((State *) astern_device_state (device))->last_write = (guint32) value;
}

static void
status_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  State *s = astern_device_state (device);

  s->status &= ~(guint32) value;
  note_write (device, offset, value);
}

static void
copy_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  note_write (device, offset, offset);
}

static guint64
place_value (gconstpointer state, guint32 offset)
{
  return offset;
}

static guint64
wide_value (gconstpointer state, guint32 offset)
{
  return 0x7f7f7f7f;
}

static guint8
bank (gconstpointer state, guint32 offset)
{
  return ((const State *) state)->bank;
}

#define AT(member) G_STRUCT_OFFSET (State, member)
#define NONE       ASTERN_NO_BACKING

static const AsternReg regs[] = {
/* off   bank             access         width name       backing      reset       writable    value       did_read      did_write */
  { 0x00, 0,               ASTERN_REG_R,  1, "DATA",     NONE,         0,          0,          data_value, data_did_read, NULL, 0, NULL },
  { 0x00, 0,               ASTERN_REG_W,  1, "COMMAND",  NONE,         0,          0,          NULL,       NULL,          note_write, 0, NULL },
  { 0x00, 1,               ASTERN_REG_RW, 2, "DIVISOR",  AT (divisor), 0x000c,     0xffff,     NULL,       NULL,          NULL, 0, NULL },
  { 0x02, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "BANK",     AT (bank),    0,          0x01,       NULL,       NULL,          NULL, 0, NULL },
  { 0x04, ASTERN_ANY_BANK, ASTERN_REG_RW, 4, "CONTROL",  AT (control), 0xabcd0001, 0x0000ffff, NULL,       NULL,          note_write, 0, NULL },
  { 0x08, ASTERN_ANY_BANK, ASTERN_REG_RW, 4, "STATUS",   AT (status),  0xffff,     0,          NULL,       NULL,          status_did_write, 0, NULL },
  { 0x10, ASTERN_ANY_BANK, ASTERN_REG_RW, 4, "COPY",     AT (copies),  7,          0xffffffff, NULL,       NULL,          copy_did_write, 4, NULL },
  { 0x20, ASTERN_ANY_BANK, ASTERN_REG_R,  1, "PLACE",    NONE,         0,          0,          place_value, NULL,         NULL, 4, NULL },
  { 0x38, ASTERN_ANY_BANK, ASTERN_REG_R,  4, "WIDE",     NONE,         0,          0,          wide_value, NULL,          NULL, 0, NULL },
  { 0x38, ASTERN_ANY_BANK, ASTERN_REG_R,  1, "ID",       NONE,         0,          0,          place_value, NULL,         NULL, 0, NULL },
};

static const AsternWindow windows[] = { { .name = "registers", .size = 0x40, .regs = regs, .n_regs = G_N_ELEMENTS (regs),
                                          .bank = bank } };

#define F(member) ASTERN_FIELD (State, member, 1)
static const AsternField fields[] = {
  F (deadline_ns), F (control), F (status), ASTERN_FIELD_ARRAY (State, copies, 1), F (divisor), F (data), F (bank),
  F (last_write), F (effects), F (reserved),
};

static void expired (gpointer owner) { }

static void
init (AsternDevice *device)
{
  Chip *chip = (Chip *) device;

  astern_timer_init (&chip->timer, device->clock, "chip", &chip->s.deadline_ns, expired, chip);
}

static void
restored (AsternDevice *device)
{
  ((Chip *) device)->restored++;
}

static const AsternDeviceClass chip_class = {
  .name = "chip", .summary = "A chip with a register of each kind", .state_version = 1,
  .instance_size = sizeof (Chip), .state_offset = G_STRUCT_OFFSET (Chip, s), .state_size = sizeof (State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields), .windows = windows, .n_windows = 1,
  .init = init, .restored = restored,
};

typedef struct
{
  AsternMachine *machine;
  AsternDevice  *dev;
  State         *s;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->machine = astern_machine_new (ASTERN_PAGE_SIZE, NULL);
  f->dev = astern_device_new (&chip_class, "chip0", f->machine, &f->machine->clock);
  f->s = astern_device_state (f->dev);
  astern_machine_add_device (f->machine, f->dev);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

#define RD(offset, size)        astern_device_read (f->dev, 0, offset, size, NULL)
#define WR(offset, size, value) astern_device_write (f->dev, 0, offset, size, value, NULL)
#define ERRORS                  f->machine->events.counts[ASTERN_EVENT_GUEST_ERRORS]

static void
a_new_device_has_its_reset_values (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (f->s->control, ==, 0xabcd0001);
  g_assert_cmphex (f->s->divisor, ==, 0x0c);
  for (guint i = 0; i < 4; i++)
    g_assert_cmphex (f->s->copies[i], ==, 7);
  f->s->control = 0;
  f->s->data = 5;
  astern_device_reset (f->dev);
  g_assert_cmphex (f->s->control, ==, 0xabcd0001);
  g_assert_cmphex (f->s->data, ==, 5);
}

static void
a_read_has_its_effect_and_a_peek_has_none (Fixture *f, gconstpointer data)
{
  AsternAccess debugger = { { 0 }, 1, ASTERN_ACCESS_READ, ASTERN_ORIGIN_DEBUGGER, 0 };

  f->s->data = 0x41;
  g_assert_cmphex (astern_device_peek8 (f->dev, 0), ==, 0x41);
  g_assert_cmphex (astern_device_read (f->dev, 0, 0, 1, &debugger), ==, 0x41);
  g_assert_cmpuint (f->s->effects, ==, 0);
  g_assert_cmphex (astern_device_read8 (f->dev, 0), ==, 0x41);
  g_assert_cmphex (astern_device_read8 (f->dev, 0), ==, 0x42);
  g_assert_cmpuint (f->s->effects, ==, 2);
}

static void
a_write_changes_the_writable_bits_and_tells_what_was_written (Fixture *f, gconstpointer data)
{
  WR (4, 4, 0x12345678);
  g_assert_cmphex (f->s->control, ==, 0xabcd5678);
  g_assert_cmphex (f->s->last_write, ==, 0x12345678);
}

static void
direction_and_bank_choose_among_registers (Fixture *f, gconstpointer data)
{
  astern_device_write8 (f->dev, 0, 0x99);
  g_assert_cmphex (f->s->last_write, ==, 0x99);
  g_assert_cmphex (f->s->divisor, ==, 0x0c);
  astern_device_write8 (f->dev, 2, 0xff);
  g_assert_cmphex (f->s->bank, ==, 1);
  WR (0, 2, 0x1234);
  g_assert_cmphex (f->s->divisor, ==, 0x1234);
  g_assert_cmphex (RD (0, 2), ==, 0x1234);
  g_assert_cmpuint (f->s->effects, ==, 0);
}

static void
a_narrow_read_takes_its_bytes_of_a_wide_register (Fixture *f, gconstpointer data)
{
  f->s->control = 0x44332211;
  for (guint i = 0; i < 4; i++)
    g_assert_cmphex (RD (4 + i, 1), ==, 0x11 * (i + 1));
  g_assert_cmphex (RD (6, 2), ==, 0x4433);
  g_assert_cmphex (RD (5, 2), ==, 0x3322);
}

static void
a_narrow_write_keeps_the_other_bytes (Fixture *f, gconstpointer data)
{
  WR (4, 4, 0x5678);
  WR (5, 1, 0xee);
  g_assert_cmphex (f->s->control, ==, 0xabcdee78);
  g_assert_cmphex (f->s->last_write, ==, 0xee78);
}

static void
a_narrow_write_clears_only_its_own_status_bits (Fixture *f, gconstpointer data)
{
  WR (9, 1, 0x81);
  g_assert_cmphex (f->s->last_write, ==, 0x8100);
  g_assert_cmphex (f->s->status, ==, 0x7eff);
}

static void
a_wide_access_is_taken_apart_little_endian (Fixture *f, gconstpointer data)
{
  WR (0x10, 8, G_GUINT64_CONSTANT (0x1111111122222222));
  g_assert_cmphex (f->s->copies[0], ==, 0x22222222);
  g_assert_cmphex (f->s->copies[1], ==, 0x11111111);
  g_assert_cmphex (f->s->last_write, ==, 0x14);
  g_assert_cmphex (RD (0x10, 8), ==, G_GUINT64_CONSTANT (0x1111111122222222));
  g_assert_cmphex (RD (0x20, 4), ==, 0x23222120);
}

/* ID is the first byte of WIDE, and comes after it in the table. */
static void
a_register_of_the_same_size_comes_before_one_that_contains_it (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (RD (0x38, 1), ==, 0x38);
  g_assert_cmphex (RD (0x39, 1), ==, 0x7f);
  g_assert_cmphex (RD (0x38, 4), ==, 0x7f7f7f7f);
}

static void
each_copy_knows_its_offset_and_backing (Fixture *f, gconstpointer data)
{
  WR (0x1c, 4, 5);
  g_assert_cmphex (f->s->copies[3], ==, 5);
  g_assert_cmphex (f->s->last_write, ==, 0x1c);
  g_assert_cmphex (RD (0x22, 1), ==, 0x22);
}

static void
where_nothing_is_ones_are_read_and_the_guest_is_blamed (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (RD (0x30, 4), ==, 0xffffffff);
  g_assert_cmpuint (ERRORS, ==, 1);
  WR (0x30, 4, 1);
  g_assert_cmpuint (ERRORS, ==, 2);
  g_assert_cmphex (astern_device_peek (f->dev, 0, 0x30, 8), ==, G_MAXUINT64);
  g_assert_cmpuint (ERRORS, ==, 2);
  g_assert_cmphex (RD (0x3e, 4), ==, 0xffffffff);
  g_assert_cmphex (RD (G_MAXUINT64 - 1, 4), ==, 0xffffffff);
  g_assert_cmpuint (ERRORS, ==, 4);
  g_assert_cmphex (RD (2, 2) & 0xff00, ==, 0xff00);
  g_assert_cmpuint (ERRORS, ==, 5);
}

static void
save_load_save_is_identity (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) first = NULL;
  g_autoptr (GVariant) second = NULL;
  g_autoptr (GError) error = NULL;
  State before;

  for (guint i = 0; i < sizeof (State); i++)
    ((guint8 *) f->s)[i] = (guint8) (i * 5 + 1);
  before = *f->s;
  first = g_variant_ref_sink (astern_device_save (f->dev));
  memset (f->s, 0, sizeof *f->s);
  g_assert_true (astern_device_load (f->dev, first, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (f->s, sizeof *f->s, &before, sizeof before);
  g_assert_cmpuint (((Chip *) f->dev)->restored, ==, 1);
  second = g_variant_ref_sink (astern_device_save (f->dev));
  g_assert_cmpvariant (first, second);
}

static void
a_loaded_deadline_fires (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) saved = NULL;

  f->s->deadline_ns = 500;
  saved = g_variant_ref_sink (astern_device_save (f->dev));
  f->s->deadline_ns = ASTERN_CLOCK_NEVER;
  g_assert_true (astern_device_load (f->dev, saved, NULL));
  g_assert_cmpuint (f->machine->clock.next_ns, ==, 500);
}

static void
a_newer_or_foreign_state_is_refused (Fixture *f, gconstpointer data)
{
  const char *wrong[] = { "{'state-version': <uint32 2>}", "{'control': <uint32 1>}", "{'state-version': <uint32 1>}" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GVariant) saved = g_variant_parse (G_VARIANT_TYPE_VARDICT, wrong[i], NULL, NULL, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (astern_device_load (f->dev, saved, &error));
      g_assert_nonnull (strstr (error->message, "chip0"));
      g_assert_true (g_error_matches (error, G_IO_ERROR, i == 0 ? G_IO_ERROR_NOT_SUPPORTED : G_IO_ERROR_INVALID_DATA));
    }
  g_assert_cmphex (f->s->control, ==, 0xabcd0001);
}

static void
random_accesses_never_crash (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 20000; i++)
    {
      guint size = 1u << g_test_rand_int_range (0, 4);
      guint64 offset = (guint64) g_test_rand_int_range (0, 0x48);
      State before = *f->s;

      astern_device_peek (f->dev, 0, offset, size);
      g_assert_cmpmem (f->s, sizeof *f->s, &before, sizeof before);
      if (g_test_rand_int_range (0, 2))
        RD (offset, size);
      else
        WR (offset, size, (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ());
    }
}

static void
a_device_needs_no_machine (void)
{
  AsternClock clock;
  AsternDevice *device;

  astern_clock_init (&clock);
  device = astern_device_new (&chip_class, "alone", NULL, &clock);
  g_assert_cmphex (astern_device_read8 (device, 0x30), ==, 0xff);
  astern_device_write8 (device, 0x30, 1);
  astern_device_free (device);
  astern_clock_clear (&clock);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/core/device/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (a_new_device_has_its_reset_values);
  ADD (a_read_has_its_effect_and_a_peek_has_none);
  ADD (a_write_changes_the_writable_bits_and_tells_what_was_written);
  ADD (direction_and_bank_choose_among_registers);
  ADD (a_narrow_read_takes_its_bytes_of_a_wide_register);
  ADD (a_narrow_write_keeps_the_other_bytes);
  ADD (a_narrow_write_clears_only_its_own_status_bits);
  ADD (a_wide_access_is_taken_apart_little_endian);
  ADD (a_register_of_the_same_size_comes_before_one_that_contains_it);
  ADD (each_copy_knows_its_offset_and_backing);
  ADD (where_nothing_is_ones_are_read_and_the_guest_is_blamed);
  ADD (save_load_save_is_identity);
  ADD (a_loaded_deadline_fires);
  ADD (a_newer_or_foreign_state_is_refused);
  ADD (random_accesses_never_crash);
  g_test_add_func ("/core/device/a_device_needs_no_machine", a_device_needs_no_machine);
  return g_test_run ();
}
