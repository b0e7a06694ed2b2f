/* test-lsi53c895a.c - the LSI 53C895A: its SCRIPTS, as a driver writes them. */
#include "config.h"

#include "hw/pci.h"
#include "hw/storage/lsi53c895a.h"

#include "storage-fixture.h"

#define DISK_BYTES (4u << 20)
#define RAM_BAR    G_GUINT64_CONSTANT (0xe0000000)
#define MS         G_GUINT64_CONSTANT (1000000)

/* Guest memory */
enum { SCRIPT = 0x10000, TABLE = 0x20000, MESSAGES = 0x21000, CDB = 0x22000, STATUS = 0x23000, DATA = 0x100000 };

enum
{
  SCNTL1 = 0x01, SCNTL2 = 0x02, SFBR = 0x08, DSTAT = 0x0c, DSA = 0x10, ISTAT = 0x14, CTEST2 = 0x1a, TEMP = 0x1c, DBC = 0x24,
  DSP = 0x2c, DSPS = 0x30, SCRATCHA = 0x34, DIEN = 0x39, DCNTL = 0x3b, SIEN0 = 0x40, SIST0 = 0x42, SIST1 = 0x43,
  STIME1 = 0x49, CCNTL0 = 0x56, SCRATCHB = 0x5c, PMJAD1 = 0xc0, PMJAD2 = 0xc4, RBC = 0xc8, UA = 0xcc, IA = 0xd4, CSBC = 0xdc,
};
enum { DATA_OUT = 0, DATA_IN = 1, COMMAND = 2, STATUS_PHASE = 3, MESSAGE_OUT = 6, MESSAGE_IN = 7 };
enum { SIR = 0x04, ABRT = 0x10, SSI = 0x08, IID = 0x01 };

/* Instructions */
#define SELECT(id)         (0x41000000u | (id) << 16)
#define MOVE(phase, n)     (0x08000000u | (guint32) (phase) << 24 | (n))
#define MOVE_TABLE(phase)  (0x18000000u | (guint32) (phase) << 24)
#define CLEAR(flags)       (0x60000000u | (flags))
#define SET(flags)         (0x58000000u | (flags))
#define WAIT_DISCONNECT    0x48000000u
#define WAIT_RESELECT      0x50000000u
#define INT                0x98080000u
#define INT_FLY            0x98180000u
#define JUMP               0x80080000u
#define JUMP_RELATIVE      0x80880000u
#define CALL               0x88080000u
#define RETURN             0x90080000u
#define IF_PHASE(op, p)    ((op) | 0x00030000u | (guint32) (p) << 24)
#define IF_DATA(op, d)     ((op) | 0x00040000u | (d))
#define IF_CARRY(op)       ((op) | 0x00200000u)
#define REG(reg, op, d)    (0x78000000u | (guint32) (op) << 24 | (reg) << 16 | (guint32) (d) << 8)
#define FROM(reg)          (0x72000000u | (reg) << 16)
#define TO(reg)            (0x6a000000u | (reg) << 16)
#define LOAD(reg, n)       (0xe1000000u | (guint32) (reg) << 16 | (n))
#define STORE(reg, n)      (0xe0000000u | (guint32) (reg) << 16 | (n))
#define DSA_RELATIVE       0x10000000u
#define COPY(n)            (0xc0000000u | (n))
enum { ATN = 0x08, ACK = 0x40, CARRY = 0x400 };
enum { OP_LOAD, OP_SHL, OP_OR, OP_XOR, OP_AND, OP_SHR, OP_ADD, OP_ADDC };

typedef struct
{
  Storage       storage;
  AsternPciBus  bus;
  AsternDevice *lsi, *disk, *drive;
  gboolean      pin;
} Fixture;

static void
set_intx (gpointer router, guint devfn, guint pin, gboolean level)
{
  ((Fixture *) router)->pin = level;
}

static guint32
get (Fixture *f, guint reg, guint size)
{
  return (guint32) astern_device_read (f->lsi, LSI_REGISTERS_WINDOW, reg, size, NULL);
}

static void
put (Fixture *f, guint reg, guint size, guint32 value)
{
  astern_device_write (f->lsi, LSI_REGISTERS_WINDOW, reg, size, value, NULL);
}

static void
put_words (Fixture *f, guint64 address, const guint32 *words, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      guint32 word = GUINT32_TO_LE (words[i]);

      memcpy (storage_ram (&f->storage, address + 4 * i), &word, 4);
    }
}

static guint32
word_at (Fixture *f, guint64 address)
{
  guint32 word;

  memcpy (&word, storage_ram (&f->storage, address), 4);
  return GUINT32_FROM_LE (word);
}

static void
start (Fixture *f, const guint32 *words, guint n)
{
  put_words (f, SCRIPT, words, n);
  put (f, DSP, 4, SCRIPT);
}

/* Runs to its INT and says which. */
#define run(f, ...) G_STMT_START {                                                  \
    const guint32 words_[] = { __VA_ARGS__ };                                       \
    start ((f), words_, G_N_ELEMENTS (words_));                                     \
    storage_pass (&(f)->storage, 5 * MS);                                          \
  } G_STMT_END
#define assert_int(f, number) G_STMT_START {                                        \
    g_assert_cmphex (get ((f), SIST0, 1) | get ((f), SIST1, 1) << 8, ==, 0);        \
    g_assert_cmphex (get ((f), DSTAT, 1), ==, 0x80 | SIR);                          \
    g_assert_cmphex (get ((f), DSPS, 4), ==, (number));                             \
  } G_STMT_END

static void
set_up (Fixture *f, gconstpointer data)
{
  storage_init (&f->storage);
  f->drive = storage_add_drive (&f->storage, "drive0", DRIVE_DISK, storage_add_disk (&f->storage, DISK_BYTES, FALSE));
  f->disk = astern_device_new (&scsi_hd_class, "disk0", f->storage.machine, &f->storage.machine->clock);
  f->lsi = astern_device_new (&lsi53c895a_class, "scsi0", f->storage.machine, &f->storage.machine->clock);
  astern_machine_add_device (f->storage.machine, f->disk);
  astern_machine_add_device (f->storage.machine, f->lsi);
  scsi_unit_set_drive (scsi_device_unit (f->disk), f->drive);
  g_assert_true (scsi_bus_attach (lsi53c895a_bus (f->lsi), scsi_device_unit (f->disk), 2, 0, NULL));
  f->bus = (AsternPciBus) { .memory = f->storage.machine->physical, .ports = f->storage.machine->ports,
                            .set_intx = set_intx, .router = f };
  f->pin = FALSE;
  astern_pci_attach (&f->bus, f->lsi, 4 << 3);
  astern_device_write (f->lsi, 0, PCI_BAR0 + 8, 4, RAM_BAR, NULL);
  astern_device_write (f->lsi, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, NULL);
  put (f, DIEN, 1, 0x7d);
  put (f, SIEN0, 2, 0x17ff);
  scsi_device_unit (f->disk)->s->attention = 0;
  storage_ram (&f->storage, MESSAGES)[0] = 0xc0;               /* IDENTIFY, LUN 0 */
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  storage_clear (&f->storage);
}

static void
put_cdb (Fixture *f, const guint8 *cdb, gsize size)
{
  memcpy (storage_ram (&f->storage, CDB), cdb, size);
}

#define CDB_OF(f, ...) G_STMT_START { const guint8 cdb_[] = { __VA_ARGS__ }; put_cdb ((f), cdb_, sizeof cdb_); } G_STMT_END

static void
assert_pattern (Fixture *f, guint64 address, guint64 offset, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (storage_ram (&f->storage, address)[i] != storage_pattern (offset + i))
      g_error ("byte %" G_GSIZE_FORMAT " is 0x%02x, not 0x%02x", i, storage_ram (&f->storage, address)[i], storage_pattern (offset + i));
}

#define BEGIN(id, cdb_size) SELECT (id), 0, MOVE (MESSAGE_OUT, 1), MESSAGES, MOVE (COMMAND, cdb_size), CDB
#define END                 MOVE (STATUS_PHASE, 1), STATUS, MOVE (MESSAGE_IN, 1), STATUS + 1, \
                            REG (SCNTL2, OP_AND, 0x7f), 0, CLEAR (ACK | ATN), 0, WAIT_DISCONNECT, 0

/* -- The claims */

static void
a_command_goes_through_all_phases (Fixture *f, gconstpointer data)
{
  CDB_OF (f, 0x12, 0, 0, 0, 36, 0);
  storage_ram (&f->storage, STATUS)[0] = storage_ram (&f->storage, STATUS)[1] = 0xee;
  run (f, BEGIN (2, 6), MOVE (DATA_IN, 36), DATA, END, INT, 0x1234);
  g_assert_true (f->pin);
  g_assert_cmphex (get (f, ISTAT, 1) & 0x0f, ==, 0x01);
  assert_int (f, 0x1234);
  g_assert_false (f->pin);
  g_assert_cmpmem (storage_ram (&f->storage, DATA + 8), 16, "ASTERN  HARDDISK", 16);
  g_assert_cmphex (storage_ram (&f->storage, STATUS)[0], ==, 0);
  g_assert_cmphex (storage_ram (&f->storage, STATUS)[1], ==, 0);
  g_assert_cmphex (get (f, CSBC, 4), ==, 1 + 6 + 36 + 1 + 1);
}

static void
blocks_are_written_and_read_by_tables (Fixture *f, gconstpointer data)
{
  const guint32 table[] = { 1, MESSAGES, 10, CDB, 1000, DATA, 24, DATA + 0x2000, 2 << 16 };

  put_words (f, TABLE, table, G_N_ELEMENTS (table));
  put (f, DSA, 4, TABLE + 0x100);
  for (guint i = 0; i < 1000; i++)
    storage_ram (&f->storage, DATA)[i] = storage_pattern (77777 + i);
  for (guint i = 0; i < 24; i++)
    storage_ram (&f->storage, DATA + 0x2000)[i] = storage_pattern (77777 + 1000 + i);
  CDB_OF (f, 0x2a, 0, 0, 0, 0, 9, 0, 0, 2, 0);
  run (f, 0x43000000 | (-0xe0 & 0xffffff), 0, MOVE_TABLE (MESSAGE_OUT), -0x100 & 0xffffff,
       MOVE_TABLE (COMMAND), -0xf8 & 0xffffff, MOVE_TABLE (DATA_OUT), -0xf0 & 0xffffff,
       MOVE_TABLE (DATA_OUT), -0xe8 & 0xffffff, END, INT, 7);
  assert_int (f, 7);
  CDB_OF (f, 0x28, 0, 0, 0, 0, 9, 0, 0, 2, 0);
  run (f, BEGIN (2, 10), MOVE (DATA_IN, 1024), DATA + 0x5000, END, INT, 8);
  assert_int (f, 8);
  assert_pattern (f, DATA + 0x5000, 77777, 1024);
}

static void
nobody_there_times_out_behind_the_instruction_that_waits (Fixture *f, gconstpointer data)
{
  run (f, SELECT (5), 0, IF_PHASE (INT, MESSAGE_OUT), 1, INT, 2);
  g_assert_cmphex (get (f, SIST1, 1), ==, 0x04);
  g_assert_cmphex (get (f, DSP, 4), ==, SCRIPT + 16);
  g_assert_cmphex (get (f, DSTAT, 1), ==, 0x80);
}

static void
less_data_than_asked_for_is_a_phase_mismatch (Fixture *f, gconstpointer data)
{
  CDB_OF (f, 0x12, 0, 0, 0, 36, 0);
  run (f, BEGIN (2, 6), MOVE (DATA_IN, 100), DATA, INT, 1);
  g_assert_cmphex (get (f, SIST0, 1), ==, 0x80);
  g_assert_cmphex (get (f, DBC, 4) & 0xffffff, ==, 64);
  g_assert_cmphex (get (f, 0x0e, 1) & 7, ==, STATUS_PHASE);
  /* The driver goes on where the target is */
  run (f, END, INT, 9);
  assert_int (f, 9);
}

static void
a_mismatch_jumps_when_it_is_told_to (Fixture *f, gconstpointer data)
{
  put (f, CCNTL0, 1, 0x80);
  put (f, PMJAD2, 4, SCRIPT + 0x100);
  put_words (f, SCRIPT + 0x100, (const guint32[]) { STORE (RBC, 4), TABLE, STORE (UA, 4), TABLE + 4, STORE (IA, 4), TABLE + 8,
                                                    END, INT, 5 }, 18);
  CDB_OF (f, 0x12, 0, 0, 0, 36, 0);
  run (f, BEGIN (2, 6), MOVE (DATA_IN, 100), DATA, INT, 1);
  assert_int (f, 5);
  g_assert_cmphex (word_at (f, TABLE) & 0xffffff, ==, 64);
  g_assert_cmphex (word_at (f, TABLE + 4), ==, DATA + 36);
  g_assert_cmphex (word_at (f, TABLE + 8), ==, SCRIPT + 24);
}

static void
registers_are_calculated_with (Fixture *f, gconstpointer data)
{
  run (f, REG (SCRATCHA, OP_LOAD, 0xf0), 0, REG (SCRATCHA, OP_ADD, 0x20), 0, IF_CARRY (JUMP_RELATIVE), 8, INT, 1,
       REG (SCRATCHA + 1, OP_LOAD, 7), 0, REG (SCRATCHA + 1, OP_ADDC, 1), 0,
       FROM (SCRATCHA), 0, TO (SCRATCHA + 2), 0, REG (SCRATCHA + 2, OP_XOR, 0xff), 0,
       CLEAR (CARRY), 0, REG (SCRATCHA + 3, OP_LOAD, 0x81), 0, REG (SCRATCHA + 3, OP_SHL, 0), 0,
       IF_DATA (INT, 0x10), 0x77, INT, 2);
  assert_int (f, 0x77);
  g_assert_cmphex (get (f, SCRATCHA, 1), ==, 0x10);
  g_assert_cmphex (get (f, SCRATCHA + 1, 1), ==, 9);
  g_assert_cmphex (get (f, SCRATCHA + 2, 1), ==, 0xef);
  g_assert_cmphex (get (f, SCRATCHA + 3, 1), ==, 0x02);
}

static void
memory_is_loaded_stored_and_copied (Fixture *f, gconstpointer data)
{
  put_words (f, TABLE, (const guint32[]) { 0x11223344, 0x55667788 }, 2);
  put (f, DSA, 4, TABLE - 8);
  run (f, LOAD (SCRATCHA, 4) | DSA_RELATIVE, 8, LOAD (SCRATCHB, 2), TABLE + 5, STORE (SCRATCHA + 1, 2), TABLE + 0x20,
       COPY (8), TABLE, (guint32) RAM_BAR + 0x100, COPY (4), (guint32) RAM_BAR + 0x104, TABLE + 0x40, INT, 3);
  assert_int (f, 3);
  g_assert_cmphex (get (f, SCRATCHA, 4), ==, 0x11223344);
  g_assert_cmphex (get (f, SCRATCHB, 2), ==, 0x6677);
  g_assert_cmphex (word_at (f, TABLE + 0x20), ==, 0x2233);
  g_assert_cmphex (astern_device_read (f->lsi, LSI_RAM_WINDOW, 0x100, 8, NULL), ==, G_GUINT64_CONSTANT (0x5566778811223344));
  g_assert_cmphex (word_at (f, TABLE + 0x40), ==, 0x55667788);
}

static void
scripts_run_in_their_own_memory (Fixture *f, gconstpointer data)
{
  const guint32 words[] = { CALL, (guint32) RAM_BAR + 16, INT, 4, REG (SCRATCHA, OP_LOAD, 0x5a), 0, RETURN, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    astern_device_write (f->lsi, LSI_RAM_WINDOW, 4 * i, 4, words[i], NULL);
  put (f, DSP, 4, (guint32) RAM_BAR);
  storage_pass (&f->storage, MS);
  assert_int (f, 4);
  g_assert_cmphex (get (f, SCRATCHA, 1), ==, 0x5a);
}

static void
sigp_ends_the_wait_for_a_reselection (Fixture *f, gconstpointer data)
{
  run (f, WAIT_RESELECT, SCRIPT + 16, INT, 1, FROM (CTEST2), 0, INT_FLY, 0, INT, 2);
  g_assert_cmphex (get (f, ISTAT, 1), ==, 0);
  put (f, ISTAT, 1, 0x20);
  storage_pass (&f->storage, MS);
  g_assert_cmphex (get (f, ISTAT, 1), ==, 0x05);             /* on the fly; SIGP was read and is gone */
  put (f, ISTAT, 1, 0x04);
  assert_int (f, 2);
  g_assert_cmphex (get (f, ISTAT, 1), ==, 0);
}

static void
a_script_that_loops_is_aborted (Fixture *f, gconstpointer data)
{
  run (f, JUMP, SCRIPT);
  g_assert_cmphex (get (f, ISTAT + 1, 1), ==, 2);
  put (f, ISTAT, 1, 0x80);
  g_assert_cmphex (get (f, DSTAT, 1), ==, 0x80 | ABRT);
  g_assert_cmphex (get (f, ISTAT + 1, 1), ==, 0);
}

static void
single_steps_stop_after_each (Fixture *f, gconstpointer data)
{
  put (f, DCNTL, 1, 0x10);
  run (f, REG (SCRATCHA, OP_LOAD, 1), 0, REG (SCRATCHA, OP_LOAD, 2), 0, INT, 1);
  g_assert_cmphex (get (f, DSTAT, 1), ==, 0x80 | SSI);
  g_assert_cmphex (get (f, SCRATCHA, 1), ==, 1);
  put (f, DCNTL, 1, 0x14);
  storage_pass (&f->storage, MS);
  g_assert_cmphex (get (f, DSTAT, 1), ==, 0x80 | SSI);
  g_assert_cmphex (get (f, SCRATCHA, 1), ==, 2);
}

static void
what_is_no_instruction_is_told (Fixture *f, gconstpointer data)
{
  run (f, 0xa0080000, 0);
  g_assert_cmphex (get (f, DSTAT, 1), ==, 0x80 | IID);
}

static void
negotiation_is_refused_and_the_command_goes_on (Fixture *f, gconstpointer data)
{
  const guint8 messages[] = { 0xc0, 0x20, 0x11, 0x01, 0x03, 0x01, 25, 15 };

  memcpy (storage_ram (&f->storage, MESSAGES), messages, sizeof messages);
  CDB_OF (f, 0x00, 0, 0, 0, 0, 0);
  run (f, SELECT (2), 0, MOVE (MESSAGE_OUT, 8), MESSAGES, IF_PHASE (JUMP_RELATIVE, MESSAGE_IN), 8, INT, 1,
       MOVE (MESSAGE_IN, 1), STATUS + 2, CLEAR (ACK), 0, MOVE (COMMAND, 6), CDB, END, INT, 6);
  assert_int (f, 6);
  g_assert_cmphex (storage_ram (&f->storage, STATUS)[2], ==, 0x07);
}

static void
a_failed_command_is_asked_for_its_sense (Fixture *f, gconstpointer data)
{
  CDB_OF (f, 0xff, 0, 0, 0, 0, 0);
  run (f, BEGIN (2, 6), END, INT, 1);
  assert_int (f, 1);
  g_assert_cmphex (storage_ram (&f->storage, STATUS)[0], ==, 0x02);
  CDB_OF (f, 0x03, 0, 0, 0, 18, 0);
  run (f, BEGIN (2, 6), MOVE (DATA_IN, 18), DATA, END, INT, 2);
  assert_int (f, 2);
  g_assert_cmphex (storage_ram (&f->storage, DATA)[2], ==, 5);
  g_assert_cmphex (storage_ram (&f->storage, DATA)[12], ==, 0x20);
}

static void
a_bus_nobody_expected_to_be_free_is_an_interrupt (Fixture *f, gconstpointer data)
{
  storage_ram (&f->storage, MESSAGES)[1] = 0x06;               /* ABORT */
  run (f, SELECT (2), 0, MOVE (MESSAGE_OUT, 2), MESSAGES, INT, 1);
  g_assert_cmphex (get (f, SIST0, 1), ==, 0x04);
}

static void
a_bus_reset_is_heard_by_all (Fixture *f, gconstpointer data)
{
  put (f, SCNTL1, 1, 0x08);
  g_assert_cmphex (get (f, 0x0d, 1), ==, 0x02);
  g_assert_cmphex (get (f, SIST0, 1), ==, 0x02);
  put (f, SCNTL1, 1, 0);
  g_assert_cmphex (get (f, 0x0d, 1), ==, 0);
  CDB_OF (f, 0x00, 0, 0, 0, 0, 0);
  run (f, BEGIN (2, 6), END, INT, 1);
  assert_int (f, 1);
  g_assert_cmphex (storage_ram (&f->storage, STATUS)[0], ==, 0x02);            /* a unit attention */
}

static void
the_general_timer_goes_off (Fixture *f, gconstpointer data)
{
  put (f, STIME1, 1, 4);
  storage_pass (&f->storage, MS);
  g_assert_cmphex (get (f, SIST1, 1), ==, 0);
  storage_pass (&f->storage, MS);
  g_assert_cmphex (get (f, SIST1, 1), ==, 2);
}

static void
a_busy_adapter_is_saved_and_goes_on (Fixture *f, gconstpointer data)
{
  const guint32 words[] = { BEGIN (2, 10), MOVE (DATA_IN, 0x10000), DATA, END, INT, 3 };
  g_autoptr (GVariant) saved = NULL;
  g_autoptr (GError) error = NULL;
  AsternClockState clock;
  guint64 end;

  CDB_OF (f, 0x28, 0, 0, 0, 1, 0, 0, 0, 128, 0);
  start (f, words, G_N_ELEMENTS (words));
  storage_pass (&f->storage, 10000);                           /* the target is at work */
  saved = g_variant_ref_sink (astern_device_save (f->lsi));
  clock = f->storage.machine->clock.s;
  storage_pass (&f->storage, 5 * MS);
  end = astern_device_hash (f->lsi, 0);
  memset (storage_ram (&f->storage, DATA), 0, 0x10000);
  g_assert_true (astern_device_load (f->lsi, saved, &error));
  f->storage.machine->clock.s = clock;
  astern_clock_rebuild (&f->storage.machine->clock);
  storage_pass (&f->storage, 5 * MS);
  g_assert_cmphex (astern_device_hash (f->lsi, 0), ==, end);
  assert_int (f, 3);
  assert_pattern (f, DATA, 0x100 * 512, 0x10000);
}

#define ADD(name) g_test_add ("/hw/storage/lsi53c895a/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_command_goes_through_all_phases);
  ADD (blocks_are_written_and_read_by_tables);
  ADD (nobody_there_times_out_behind_the_instruction_that_waits);
  ADD (less_data_than_asked_for_is_a_phase_mismatch);
  ADD (a_mismatch_jumps_when_it_is_told_to);
  ADD (registers_are_calculated_with);
  ADD (memory_is_loaded_stored_and_copied);
  ADD (scripts_run_in_their_own_memory);
  ADD (sigp_ends_the_wait_for_a_reselection);
  ADD (a_script_that_loops_is_aborted);
  ADD (single_steps_stop_after_each);
  ADD (what_is_no_instruction_is_told);
  ADD (negotiation_is_refused_and_the_command_goes_on);
  ADD (a_failed_command_is_asked_for_its_sense);
  ADD (a_bus_nobody_expected_to_be_free_is_an_interrupt);
  ADD (a_bus_reset_is_heard_by_all);
  ADD (the_general_timer_goes_off);
  ADD (a_busy_adapter_is_saved_and_goes_on);
  return g_test_run ();
}
