/* test-generic-device.c - what holds for every device class of the program. */
#include "config.h"

#include "core/machine.h"

#include <string.h>

#define ACCESSES     4000
#define MEMORY_BYTES (64 << 20)

typedef struct
{
  AsternMachine *machine;
  AsternDevice  *device;
} Fixture;

static void
set_up (Fixture *f, const AsternDeviceClass *klass)
{
  g_autoptr (GError) error = NULL;

  f->machine = astern_machine_new (MEMORY_BYTES, &error);
  g_assert_no_error (error);
  f->device = astern_device_new (klass, "device", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->device);
}

static void
tear_down (Fixture *f)
{
  astern_machine_free (f->machine);
}

static guint64
random64 (void)
{
  return (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
}

static guint
random_below (guint n)
{
  return (guint32) g_test_rand_int () % n;
}

/* Values that registers are sensitive to: anything, few bits, all bits. */
static guint64
random_value (void)
{
  switch (random_below (4))
    {
    case 0:  return G_GUINT64_CONSTANT (1) << random_below (64);
    case 1:  return random_below (256);
    case 2:  return random_below (2) ? 0 : G_MAXUINT64;
    default: return random64 ();
    }
}

/* Mostly where there are registers. */
static guint64
random_offset (const AsternWindow *window)
{
  if (window->n_regs > 0 && random_below (8) != 0)
    {
      const AsternReg *reg = &window->regs[random_below (window->n_regs)];

      return reg->offset + random_below (MAX (reg->count, 1) * reg->width);
    }
  return random_below (2) ? random64 () % MIN (window->size, 256) : random64 () % window->size;
}

static void
pass_time (Fixture *f)
{
  static const guint64 most_ns[] = { 10, 10 * 1000, 1000 * 1000, 3 * G_GUINT64_CONSTANT (1000000000) };

  astern_clock_retire (&f->machine->clock, 1 + random_below (100));
  astern_clock_skip (&f->machine->clock, random64 () % most_ns[random_below (G_N_ELEMENTS (most_ns))]);
  astern_clock_fire_due (&f->machine->clock);
}

static void
access_randomly (Fixture *f, guint accesses)
{
  const AsternDeviceClass *klass = f->device->klass;

  for (guint i = 0; i < accesses && klass->n_windows > 0; i++)
    {
      guint number = random_below (klass->n_windows);
      const AsternWindow *window = &klass->windows[number];
      guint size = 1 << random_below (4);
      guint64 offset;

      if (window->size == 0)
        continue;
      offset = random_offset (window);
      if (random_below (3) == 0)
        astern_device_read (f->device, number, offset, size, NULL);
      else
        astern_device_write (f->device, number, offset, size, random_value (), NULL);
      if (random_below (16) == 0)
        pass_time (f);
    }
}

static gpointer
copy_state (AsternDevice *device)
{
  return g_memdup2 (astern_device_state (device), device->klass->state_size);
}

static void
assert_state (AsternDevice *device, gconstpointer expected)
{
  g_assert_cmpmem (astern_device_state (device), device->klass->state_size, expected, device->klass->state_size);
}

/* -- The claims */

static void
every_state_byte_is_saved (gconstpointer data)
{
  const AsternDeviceClass *klass = data;
  gsize wrong = 0;

  if (!astern_fields_cover (klass->fields, klass->n_fields, klass->state_size, &wrong))
    g_error ("%s: byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " is in no field, in two, or outside",
             klass->name, wrong, klass->state_size);
}

static void
peek_never_changes_state (gconstpointer data)
{
  const AsternDeviceClass *klass = data;
  Fixture f;

  set_up (&f, klass);
  for (guint round = 0; round < 8; round++)
    {
      g_autofree gpointer before = NULL;
      AsternClockState clock;

      access_randomly (&f, ACCESSES / 8);
      before = copy_state (f.device);
      clock = f.machine->clock.s;
      for (guint w = 0; w < klass->n_windows; w++)
        for (guint64 offset = 0; offset < MIN (klass->windows[w].size, 0x1000); offset++)
          for (guint size = 1; size <= 8; size *= 2)
            astern_device_peek (f.device, w, offset, size);
      assert_state (f.device, before);
      g_assert_cmpmem (&clock, sizeof clock, &f.machine->clock.s, sizeof clock);
    }
  tear_down (&f);
}

static void
save_load_save_is_identity (gconstpointer data)
{
  const AsternDeviceClass *klass = data;
  Fixture f, g;

  set_up (&f, klass);
  set_up (&g, klass);
  for (guint round = 0; round < 8; round++)
    {
      g_autoptr (GVariant) saved = NULL;
      g_autoptr (GVariant) again = NULL;
      g_autoptr (GError) error = NULL;

      access_randomly (&f, ACCESSES / 8);
      access_randomly (&g, ACCESSES / 8);
      saved = g_variant_ref_sink (astern_device_save (f.device));
      g.machine->clock.s = f.machine->clock.s;
      g_assert_true (astern_device_load (g.device, saved, &error));
      g_assert_no_error (error);
      again = g_variant_ref_sink (astern_device_save (g.device));
      g_assert_true (g_variant_equal (saved, again));
    }
  tear_down (&f);
  tear_down (&g);
}

/* Whether the row is the one that its offset now means. */
static gboolean
is_chosen (AsternDevice *device, const AsternWindow *window, const AsternReg *reg)
{
  return reg->bank == ASTERN_ANY_BANK || window->bank == NULL
         || window->bank (astern_device_state (device), reg->offset) == reg->bank;
}

/* Reads and writes each row of a window that can be reached now; returns how many still were not. */
static guint
touch_rows (Fixture *f, guint number, guint8 *touched)
{
  const AsternWindow *window = &f->device->klass->windows[number];
  guint left = 0;

  for (guint i = 0; i < window->n_regs; i++)
    {
      const AsternReg *reg = &window->regs[i];

      if (touched[i] == 0 && is_chosen (f->device, window, reg))
        {
          if (reg->access & ASTERN_REG_R)
            astern_device_read (f->device, number, reg->offset, reg->width, NULL);
          if ((reg->access & ASTERN_REG_W) && is_chosen (f->device, window, reg))
            astern_device_write (f->device, number, reg->offset, reg->width, random_value (), NULL);
          touched[i] = 1;
        }
      left += touched[i] == 0;
    }
  return left;
}

/* Writes every number to every register that can be written now: one of them may be an index. */
static guint
sweep (Fixture *f, guint number, guint8 *touched)
{
  const AsternWindow *window = &f->device->klass->windows[number];
  guint left = window->n_regs;

  for (guint i = 0; left > 0 && i < window->n_regs; i++)
    {
      const AsternReg *reg = &window->regs[i];

      for (guint value = 0; left > 0 && value < 256 && (reg->access & ASTERN_REG_W) && is_chosen (f->device, window, reg); value++)
        {
          astern_device_write (f->device, number, reg->offset, reg->width, value, NULL);
          left = touch_rows (f, number, touched);
        }
    }
  return left;
}

/* Writes anything anywhere in a window: where many rows are behind one index, they are most of the table and few of the
 * window. */
static void
wander (Fixture *f, guint number, guint accesses)
{
  guint64 size = MIN (f->device->klass->windows[number].size, 0x1000);

  for (guint i = 0; i < accesses; i++)
    astern_device_write (f->device, number, random_below ((guint) size), 1, random_value (), NULL);
}

static void
every_register_row_can_be_reached (gconstpointer data)
{
  const AsternDeviceClass *klass = data;
  Fixture f;

  set_up (&f, klass);
  for (guint w = 0; w < klass->n_windows; w++)
    {
      g_autofree guint8 *touched = g_malloc0 (klass->windows[w].n_regs + 1);
      guint left = klass->windows[w].n_regs;

      for (guint round = 0; left > 0 && round < 4000; round++)
        {
          if (round % 100 == 99)
            astern_device_reset (f.device);       /* out of a state that hides the rest */
          left = touch_rows (&f, w, touched);
          if (left > 0)
            {
              wander (&f, w, 50);
              access_randomly (&f, 50);
            }
          if (left > 0 && round % 20 == 0)
            left = sweep (&f, w, touched);
        }
      for (guint i = 0; left > 0 && i < klass->windows[w].n_regs; i++)
        if (touched[i] == 0)
          g_error ("%s: nothing leads to “%s” of %s", klass->name, klass->windows[w].regs[i].name, klass->windows[w].name);
    }
  tear_down (&f);
}

static void
load_rejects_a_missing_field (gconstpointer data)
{
  const AsternDeviceClass *klass = data;
  g_autoptr (GVariant) saved = NULL;
  Fixture f;

  set_up (&f, klass);
  saved = g_variant_ref_sink (astern_device_save (f.device));
  access_randomly (&f, ACCESSES / 8);
  for (guint i = 0; i < klass->n_fields; i++)
    {
      g_autoptr (GVariant) lacking = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree gpointer before = copy_state (f.device);
      GVariantDict dict;

      g_variant_dict_init (&dict, saved);
      g_variant_dict_remove (&dict, klass->fields[i].name);
      lacking = g_variant_ref_sink (g_variant_dict_end (&dict));
      g_assert_false (astern_device_load (f.device, lacking, &error));
      g_assert_nonnull (error);
      assert_state (f.device, before);
    }
  tear_down (&f);
}

static void
reset_is_repeatable (gconstpointer data)
{
  Fixture f;

  set_up (&f, data);
  for (guint round = 0; round < 8; round++)
    {
      g_autofree gpointer after = NULL;

      access_randomly (&f, ACCESSES / 8);
      astern_device_reset (f.device);
      after = copy_state (f.device);
      astern_device_reset (f.device);
      assert_state (f.device, after);
    }
  tear_down (&f);
}

static void
random_accesses_never_crash (gconstpointer data)
{
  Fixture f;

  set_up (&f, data);
  access_randomly (&f, ACCESSES);
  astern_device_reset (f.device);
  access_randomly (&f, ACCESSES);
  tear_down (&f);
}

/* What comes from a file may be anything: a device then behaves somehow, and stays inside its state. */
static void
any_saved_state_can_be_loaded (gconstpointer data)
{
  const AsternDeviceClass *klass = data;
  Fixture f;

  set_up (&f, klass);
  for (guint round = 0; round < 32; round++)
    {
      g_autofree guint8 *state = g_malloc0 (klass->state_size + 1);
      g_autoptr (GVariant) fields = NULL;
      g_autoptr (GVariant) saved = NULL;
      g_autoptr (GError) error = NULL;
      GVariantDict dict;

      for (gsize i = 0; i < klass->state_size; i++)
        state[i] = random_value ();
      fields = g_variant_ref_sink (astern_fields_save (klass->fields, klass->n_fields, state));
      g_variant_dict_init (&dict, fields);
      g_variant_dict_insert (&dict, "state-version", "u", klass->state_version);
      saved = g_variant_ref_sink (g_variant_dict_end (&dict));
      if (astern_device_load (f.device, saved, &error))
        access_randomly (&f, ACCESSES / 16);
      astern_device_reset (f.device);
    }
  tear_down (&f);
}

static void
names_are_unique (void)
{
  for (guint i = 0; astern_device_classes[i] != NULL; i++)
    for (guint j = 0; j < i; j++)
      g_assert_cmpstr (astern_device_classes[i]->name, !=, astern_device_classes[j]->name);
}

#define ADD(class, claim) G_STMT_START {                                          \
    g_autofree char *path = g_strdup_printf ("/hw/%s/" #claim, (class)->name);   \
    g_test_add_data_func (path, (class), claim);                                 \
  } G_STMT_END

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hw/classes/names_are_unique", names_are_unique);
  for (guint i = 0; astern_device_classes[i] != NULL; i++)
    {
      const AsternDeviceClass *klass = astern_device_classes[i];

      ADD (klass, every_state_byte_is_saved);
      ADD (klass, peek_never_changes_state);
      ADD (klass, save_load_save_is_identity);
      ADD (klass, every_register_row_can_be_reached);
      ADD (klass, load_rejects_a_missing_field);
      ADD (klass, reset_is_repeatable);
      ADD (klass, random_accesses_never_crash);
      ADD (klass, any_saved_state_can_be_loaded);
    }
  return g_test_run ();
}
