/* Firmware configuration: items by port, files by name, DMA. */
#include "config.h"

#include "core/machine.h"
#include "hw/boards/smi-features.h"
#include "hw/fw-cfg.h"

#include <string.h>

#define RAM_SIZE (2u << 20)
#define ORDER    0x1000
#define BUFFER   0x2000

enum { ERROR = 1, READ = 2, SKIP = 4, SELECT = 8, WRITE = 16 };

typedef struct
{
  AsternMachine *machine;
  AsternDevice  *fw;
  guint          prepared;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) b = g_bytes_new_static ("second file", 11);
  g_autoptr (GBytes) a = g_bytes_new_static ("first", 5);

  f->machine = astern_machine_new (RAM_SIZE, NULL);
  astern_bus_add_memory (f->machine->physical, 0,
                         astern_memory_add (f->machine->memory, "ram", RAM_SIZE, FALSE, NULL), 0);
  f->fw = astern_device_new (&fw_cfg_class, "fw-cfg", f->machine, &f->machine->clock);
  astern_machine_add_device (f->machine, f->fw);
  astern_bus_add_device (f->machine->ports, 0x510, f->fw, FW_CFG_PORTS_WINDOW, 0);
  astern_bus_add_device (f->machine->ports, 0x514, f->fw, FW_CFG_DMA_WINDOW, 0);
  g_assert_true (fw_cfg_add_file (f->fw, "etc/b", b));
  g_assert_true (fw_cfg_add_file (f->fw, "etc/a", a));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

static void
outs (Fixture *f, guint port, guint size, guint32 value)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU, 0 };

  astern_bus_write (f->machine->ports, &access, value);
}

static guint64
ins (Fixture *f, guint port, guint size)
{
  AsternAccess access = { { port }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  return astern_bus_read (f->machine->ports, &access);
}

static void
read_item (Fixture *f, guint16 key, gpointer to, gsize n)
{
  guint8 *bytes = to;

  outs (f, 0x510, 2, key);
  while (n-- > 0)
    *bytes++ = (guint8) ins (f, 0x511, 1);
}

static guint8 *
ram (Fixture *f, guint64 at)
{
  return astern_memory_host (f->machine->memory, at);
}

/* Runs a DMA order at ORDER; returns what the control word became. */
static guint32
dma (Fixture *f, guint32 control, guint32 length, guint64 address)
{
  guint32 words[4] = { GUINT32_TO_BE (control), GUINT32_TO_BE (length), GUINT32_TO_BE ((guint32) (address >> 32)),
                       GUINT32_TO_BE ((guint32) address) };
  guint32 result;

  memcpy (ram (f, ORDER), words, sizeof words);
  outs (f, 0x514, 4, 0);
  outs (f, 0x518, 4, GUINT32_SWAP_LE_BE (ORDER));
  memcpy (&result, ram (f, ORDER), 4);
  return GUINT32_FROM_BE (result);
}

/* Written by DMA, granted when it is asked whether it is, and then fixed. */
static void
features_of_smis_are_agreed_on_once (Fixture *f, gconstpointer data)
{
  enum { OK = FW_CFG_FILE_FIRST + 2, REQUESTED, SUPPORTED };
  AsternDevice *smi = astern_device_new (&smi_features_class, "smi-features", f->machine, &f->machine->clock);
  guint8 bytes[8];

  astern_machine_add_device (f->machine, smi);
  smi_features_add_files (smi, f->fw);
  read_item (f, SUPPORTED, bytes, 8);
  g_assert_cmpmem (bytes, 8, "\1\0\0\0\0\0\0\0", 8);
  memcpy (ram (f, BUFFER), "\3\0\0\0\0\0\0\0", 8);                /* more than there is */
  g_assert_cmphex (dma (f, (guint32) REQUESTED << 16 | SELECT | WRITE, 8, BUFFER), ==, 0);
  read_item (f, OK, bytes, 1);
  g_assert_cmphex (bytes[0], ==, 0);
  g_assert_false (smi_features_has (smi, SMI_FEATURE_BROADCAST));
  memcpy (ram (f, BUFFER), "\1", 1);
  g_assert_cmphex (dma (f, (guint32) REQUESTED << 16 | SELECT | WRITE, 1, BUFFER), ==, 0);
  g_assert_false (smi_features_has (smi, SMI_FEATURE_BROADCAST));
  read_item (f, OK, bytes, 1);
  g_assert_cmphex (bytes[0], ==, 1);
  g_assert_true (smi_features_has (smi, SMI_FEATURE_BROADCAST));
  memcpy (ram (f, BUFFER), "\0", 1);
  g_assert_cmphex (dma (f, (guint32) REQUESTED << 16 | SELECT | WRITE, 1, BUFFER), ==, 0);
  g_assert_true (smi_features_has (smi, SMI_FEATURE_BROADCAST));
  g_assert_cmphex (dma (f, (guint32) REQUESTED << 16 | SELECT | WRITE, 9, BUFFER), ==, ERROR);
  g_assert_cmphex (dma (f, (guint32) OK << 16 | SELECT | WRITE, 1, BUFFER), ==, ERROR);
  astern_device_reset (smi);
  g_assert_false (smi_features_has (smi, SMI_FEATURE_BROADCAST));
}

static void
signature_and_numbers_are_read_by_port (Fixture *f, gconstpointer data)
{
  guint8 bytes[8];

  read_item (f, FW_CFG_SIGNATURE, bytes, 6);
  g_assert_cmpmem (bytes, 6, "QEMU\0\0", 6);            /* behind the end there are zeros */
  read_item (f, FW_CFG_ID, bytes, 4);
  g_assert_cmpmem (bytes, 4, "\3\0\0\0", 4);
  fw_cfg_set_number (f->fw, FW_CFG_RAM_SIZE, 0x123456789a, 8);
  read_item (f, FW_CFG_RAM_SIZE, bytes, 8);
  g_assert_cmpmem (bytes, 8, "\x9a\x78\x56\x34\x12\0\0\0", 8);
}

static void
directory_is_sorted_and_big_endian (Fixture *f, gconstpointer data)
{
  guint8 bytes[4 + 2 * 64];

  read_item (f, FW_CFG_FILE_DIR, bytes, sizeof bytes);
  g_assert_cmpmem (bytes, 4 + 8, "\0\0\0\2" "\0\0\0\5" "\0\x20\0\0", 12);
  g_assert_cmpstr ((char *) bytes + 12, ==, "etc/a");
  g_assert_cmpmem (bytes + 68, 8, "\0\0\0\x0b" "\0\x21\0\0", 8);
  g_assert_cmpstr ((char *) bytes + 76, ==, "etc/b");
  read_item (f, 0x21, bytes, 11);
  g_assert_cmpmem (bytes, 11, "second file", 11);
}

static void
a_replaced_file_shows_its_new_size (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) longer = g_bytes_new_static ("first, longer", 13);
  guint8 bytes[12];

  g_assert_true (fw_cfg_add_file (f->fw, "etc/a", longer));
  read_item (f, FW_CFG_FILE_DIR, bytes, sizeof bytes);
  g_assert_cmpmem (bytes, 8, "\0\0\0\2" "\0\0\0\x0d", 8);
  g_assert_true (fw_cfg_find_file (f->fw, "etc/a") == longer);
  g_assert_false (fw_cfg_add_file (f->fw, "etc/a-name-that-has-more-than-the-fifty-five-letters-allowed", longer));
}

static void
dma_says_who_it_is (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (ins (f, 0x514, 4), ==, GUINT32_SWAP_LE_BE (0x51454d55));
  g_assert_cmphex (ins (f, 0x518, 4), ==, GUINT32_SWAP_LE_BE (0x20434647));
}

static void
dma_selects_skips_and_reads (Fixture *f, gconstpointer data)
{
  memset (ram (f, BUFFER), 0xee, 16);
  g_assert_cmphex (dma (f, 0x21u << 16 | SELECT | SKIP, 7, 0), ==, 0);
  g_assert_cmphex (dma (f, READ, 6, BUFFER), ==, 0);
  g_assert_cmpmem (ram (f, BUFFER), 8, "file\0\0\xee\xee", 8);
  g_assert_cmphex (dma (f, 0x21u << 16 | SELECT | READ, 6, BUFFER), ==, 0);
  g_assert_cmpmem (ram (f, BUFFER), 6, "second", 6);
}

static void
dma_writes_and_endless_reads_are_errors (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (dma (f, 0x21u << 16 | SELECT | WRITE, 4, BUFFER), ==, ERROR);
  g_assert_cmphex (dma (f, 0x21u << 16 | SELECT | READ, 0xffffffff, BUFFER), ==, ERROR);
  g_assert_cmphex (dma (f, SKIP, 0xffffffff, BUFFER), ==, 0);
  g_assert_cmphex (dma (f, SKIP, 0xffffffff, BUFFER), ==, 0);
  g_assert_cmphex (dma (f, READ, 1, BUFFER), ==, 0);
  g_assert_cmphex (*ram (f, BUFFER), ==, 0);
}

static void
count (gpointer data)
{
  ((Fixture *) data)->prepared++;
}

static void
files_are_prepared_when_selected (Fixture *f, gconstpointer data)
{
  fw_cfg_set_prepare (f->fw, count, f);
  outs (f, 0x510, 2, FW_CFG_SIGNATURE);
  g_assert_cmpint (f->prepared, ==, 0);
  outs (f, 0x510, 2, FW_CFG_FILE_DIR);
  outs (f, 0x510, 2, 0x20);
  g_assert_cmpint (f->prepared, ==, 2);
}

#define ADD(name) g_test_add ("/hw/fw-cfg/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (signature_and_numbers_are_read_by_port);
  ADD (features_of_smis_are_agreed_on_once);
  ADD (directory_is_sorted_and_big_endian);
  ADD (a_replaced_file_shows_its_new_size);
  ADD (dma_says_who_it_is);
  ADD (dma_selects_skips_and_reads);
  ADD (dma_writes_and_endless_reads_are_errors);
  ADD (files_are_prepared_when_selected);
  return g_test_run ();
}
