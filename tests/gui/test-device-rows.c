/* test-device-rows - a board's devices as rows: only what is unfolded, registers with bits, places on the buses. */
#include "config.h"

#include <string.h>

#include "gui/device-rows.h"

typedef struct
{
  guint8  select, control;
  guint16 count;
  guint8  fifo[20];
} ChipState;

static guint64
chosen_value (gconstpointer state, guint32 offset)
{
  return 0x40u + ((const ChipState *) state)->select;
}

static guint8
bank (gconstpointer state, guint32 offset)
{
  return ((const ChipState *) state)->select & 1;
}

#define AT(member) G_STRUCT_OFFSET (ChipState, member)
static const AsternRegField control_bits[] = { { 0, 1, "enable" }, { 1, 1, "ready" }, { 4, 3, "mode" }, { 0 } };
static const AsternReg regs[] = {
  { .offset = 0, .bank = ASTERN_ANY_BANK, .access = ASTERN_REG_RW, .width = 1, .name = "CTRL", .backing = AT (control), .bits = control_bits },
  { .offset = 1, .bank = 0, .access = ASTERN_REG_R, .width = 1, .name = "FIRST", .backing = ASTERN_NO_BACKING, .value = chosen_value },
  { .offset = 1, .bank = 1, .access = ASTERN_REG_R, .width = 1, .name = "SECOND", .backing = ASTERN_NO_BACKING, .value = chosen_value },
  { .offset = 2, .bank = 1, .access = ASTERN_REG_RW, .width = 2, .name = "COUNT", .backing = AT (count) },
  { .offset = 4, .bank = ASTERN_ANY_BANK, .access = ASTERN_REG_RW, .width = 1, .name = "FIFO", .backing = AT (fifo), .count = 2 },
  { .offset = 6, .bank = ASTERN_ANY_BANK, .access = ASTERN_REG_W, .width = 1, .name = "RESET", .backing = ASTERN_NO_BACKING },
};
static const AsternWindow windows[] = { { .name = "ports", .size = 8, .regs = regs, .n_regs = G_N_ELEMENTS (regs), .bank = bank } };
static const AsternField fields[] = {
  ASTERN_FIELD (ChipState, select, 1), ASTERN_FIELD (ChipState, control, 1), ASTERN_FIELD (ChipState, count, 1),
  ASTERN_FIELD_BYTES (ChipState, fifo, 1),
};

typedef struct
{
  AsternDevice parent;
  ChipState    s;
} Chip;

static const AsternDeviceClass chip_class = {
  .name = "chip", .summary = "a chip", .state_version = 1, .instance_size = sizeof (Chip),
  .state_offset = G_STRUCT_OFFSET (Chip, s), .state_size = sizeof (ChipState), .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = 1,
};

typedef struct
{
  AsternMachine *machine;
  Chip          *chip;
  GHashTable    *unfolded;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  f->chip = (Chip *) astern_device_new (&chip_class, "chip0", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, &f->chip->parent);
  astern_bus_add_device (f->machine->ports, 0x300, &f->chip->parent, 0, 0);
  f->unfolded = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_hash_table_unref (f->unfolded);
  astern_machine_free (f->machine);
}

/* Everything: "name=value meaning place", unfolding what is lazy and whose name is not in @folded. */
static char *
rows_of (Fixture *f, const char *folded)
{
  GString *text = NULL;
  guint n = 0, before;

  do
    {
      g_autoptr (AsternRowList) list = astern_row_list_new ();

      before = n;
      if (text != NULL)
        g_string_free (text, TRUE);
      text = g_string_new (NULL);
      astern_device_rows_add (list, f->machine, f->unfolded);
      n = list->rows->len;
      for (guint i = 0; i < n; i++)
        {
          const AsternRow *row = &g_array_index (list->rows, AsternRow, i);

          g_string_append_printf (text, "%u %s", row->depth, row->texts[ASTERN_DEVICE_NAME]);
          for (guint t = ASTERN_DEVICE_VALUE; t <= ASTERN_DEVICE_PLACE; t++)
            g_string_append_printf (text, "|%s", row->texts[t] != NULL ? row->texts[t] : "");
          g_string_append_c (text, '\n');
          if ((row->flags & ASTERN_ROW_LAZY) && strstr (folded, row->texts[ASTERN_DEVICE_NAME]) == NULL)
            g_hash_table_add (f->unfolded, g_memdup2 (&row->key, sizeof row->key));
        }
    }
  while (n != before);
  return g_string_free (text, FALSE);
}

static void
only_what_is_unfolded_is_told (Fixture *f, gconstpointer data)
{
  g_autofree char *text = rows_of (f, "chip0");

  g_assert_cmpstr (text, ==, "0 System|||\n1 chip0||a chip|port 0x0300\n0 PCI bus|||\n");
}

static void
registers_have_their_bits_and_their_places (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  f->chip->s = (ChipState) { .select = 1, .control = 0x32, .count = 0x1234, .fifo = { 5, 6 } };
  text = rows_of (f, "state");
  g_assert_cmpstr (text, ==, "0 System|||\n1 chip0||a chip|port 0x0300\n2 ports||8 bytes|port 0x0300\n"
                   "3 CTRL|32|ready, mode=3|port 0x0300\n4 enable|0|bit 0|\n4 ready|1|bit 1|\n4 mode|3|bits 4 to 6|\n"
                   "3 FIRST|–|not chosen now|port 0x0301\n3 SECOND|41||port 0x0301\n3 COUNT|1234||port 0x0302\n"
                   "3 FIFO[0]|05||port 0x0304\n3 FIFO[1]|06||port 0x0305\n2 state|||\n0 PCI bus|||\n");
}

static void
another_bank_is_said_to_be_one (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  f->chip->s.count = 7;
  text = rows_of (f, "state CTRL");
  g_assert_nonnull (strstr (text, "3 COUNT|0007|other bank|port 0x0302\n"));
  g_assert_nonnull (strstr (text, "3 FIRST|40||port 0x0301\n"));
}

static void
state_is_told_by_its_fields (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  f->chip->s = (ChipState) { .select = 1, .count = 0xabc, .fifo = { 1, 2 } };
  text = rows_of (f, "ports");
  g_assert_nonnull (strstr (text, "3 select|01||\n3 control|00||\n3 count|0abc||\n"
                                  "3 fifo|01 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 …|20 elements|\n"));
}

static void
looking_changes_nothing (Fixture *f, gconstpointer data)
{
  guint64 before = astern_device_hash (&f->chip->parent, 1);

  g_free (rows_of (f, ""));
  g_assert_cmphex (astern_device_hash (&f->chip->parent, 1), ==, before);
}

#define ADD(name) g_test_add ("/gui/device-rows/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (only_what_is_unfolded_is_told);
  ADD (registers_have_their_bits_and_their_places);
  ADD (another_bank_is_said_to_be_one);
  ADD (state_is_told_by_its_fields);
  ADD (looking_changes_nothing);
  return g_test_run ();
}
