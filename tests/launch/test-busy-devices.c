/* test-busy-devices.c - each card, busy, is saved, put into another machine, and goes on there as here; and a run of it
 * that is made again is the same.
 *
 * Cards are driven by random accesses to their registers, with random rings and descriptors in memory and random input from
 * outside.  What a device keeps anywhere but in its state, or asks of anybody but its machine, makes two machines differ. */
#include "config.h"

#include "hw/card.h"
#include "hw/pci.h"
#include "trace/state.h"

#include "tests/launch/demo-guest.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS        6
#define STEPS         300
#define PORTS_AT      0xa000
#define MEMORY_AT     0xe0000000u
#define DATA_AT       0x200000u        /* in RAM: rings, descriptors and buffers */
#define DATA_BYTES    0x100000u

typedef struct
{
  DemoGuest      guest;
  AsternMachine *machine;
  GPtrArray     *devices;              /* AsternDevice: the card, and what it is plugged into; borrowed */
} Machine;

/* ---- a machine with the card ---- */

static char *image_path;

static const char *
host_of (AsternSlot slot)
{
  switch (slot)
    {
    case ASTERN_SLOT_IDE:           return "ahci";
    case ASTERN_SLOT_SCSI:          return "virtio-scsi-pci";
    case ASTERN_SLOT_USB:           return "qemu-xhci";
    case ASTERN_SLOT_HDA:           return "intel-hda";
    case ASTERN_SLOT_VIRTIO_SERIAL: return "virtio-serial-pci";
    default:                        return NULL;
    }
}

static void
add (GPtrArray *args, const char *option, char *argument)
{
  g_ptr_array_add (args, g_strdup (option));
  g_ptr_array_add (args, argument);
}

/* An end for each property that wants one. */
static char *
device_argument (GPtrArray *args, const AsternCard *card)
{
  GString *text = g_string_new (card->name);

  g_string_append (text, ",id=card");
  if (host_of (card->slot) != NULL)
    g_string_append (text, ",bus=host.0");
  for (const AsternProperty *property = card->properties; property != NULL && property->name != NULL; property++)
    switch (property->kind)
      {
      case ASTERN_PROPERTY_DRIVE:
        add (args, "-drive", g_strdup_printf ("if=none,id=disk,file=%s,format=raw,snapshot=on%s", image_path,
                                              g_str_has_suffix (card->name, "-cd") ? ",media=cdrom" : ""));
        g_string_append_printf (text, ",%s=disk", property->name);
        break;
      case ASTERN_PROPERTY_NETDEV:
        add (args, "-netdev", g_strdup ("hubport,id=net,hubid=7"));
        g_string_append_printf (text, ",%s=net", property->name);
        break;
      case ASTERN_PROPERTY_CHARDEV:
        add (args, "-chardev", g_strdup ("null,id=line"));
        g_string_append_printf (text, ",%s=line", property->name);
        break;
      case ASTERN_PROPERTY_AUDIODEV:
        g_string_append_printf (text, ",%s=snd", property->name);
        break;
      case ASTERN_PROPERTY_FSDEV:
        add (args, "-fsdev", g_strdup ("local,id=fs,path=/,security_model=none,readonly=on"));
        g_string_append_printf (text, ",%s=fs,mount_tag=root", property->name);
        break;
      case ASTERN_PROPERTY_TEXT:
        if (g_str_equal (property->name, "hostport"))   /* of a device that nobody has */
          g_string_append (text, ",hostport=9.9.9");
        if (g_str_equal (property->name, "uds-path"))
          g_string_append_printf (text, ",%s=%s.socket", property->name, image_path);
        break;
      default:
        break;
      }
  return g_string_free (text, FALSE);
}

/* The card and its host; or, of what boards have already, the board's; @card NULL: all. */
static void
look_for_devices (Machine *m, const AsternCard *card)
{
  m->devices = g_ptr_array_new ();
  for (guint i = 0; i < m->machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (m->machine->devices, i);

      if (card == NULL || device->klass == card->klass || g_str_equal (device->name, "host"))
        g_ptr_array_add (m->devices, device);
    }
  g_assert_cmpuint (m->devices->len, >, 0);
}

/* Where firmware would have put them. */
static void
place (Machine *m)
{
  for (guint i = 0; i < m->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (m->devices, i);

      if (!astern_pci_is_function (device))
        continue;
      for (guint n = 0; n < 6; n++)
        {
          const AsternPciBar *bar = &((AsternPciFunction *) device)->bars[n];
          guint64 address = bar->kind == ASTERN_PCI_BAR_PORTS ? PORTS_AT + 0x1000 * i + 0x100 * n
                                                              : MEMORY_AT + 0x8000000u * i + 0x1000000u * n;

          if (bar->kind != ASTERN_PCI_BAR_NONE && bar->size <= 0x1000000u)
            astern_device_write (device, 0, PCI_BAR0 + 4 * n, 4, address, NULL);
        }
      astern_device_write (device, 0, PCI_COMMAND, 2, 7, NULL);
    }
}

/* @card NULL: the board alone. */
static void
start (Machine *m, const char *board, const AsternCard *card, gboolean plug)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  static const char *const always[] = {
    "-m", "64", "-nographic", "-serial", "null", "-monitor", "none", "-seed", "1", "-rtc", "base=2026-01-01T00:00:00",
    "-nic", "none", "-icount", "sleep=off", "-history", "off", "-audiodev", "none,id=snd",
  };

  memset (m, 0, sizeof *m);
  for (guint i = 0; i < G_N_ELEMENTS (always); i++)
    g_ptr_array_add (args, g_strdup (always[i]));
  add (args, "-machine", g_strdup (board));
  if (plug && host_of (card->slot) != NULL)
    add (args, "-device", g_strdup_printf ("%s,id=host", host_of (card->slot)));
  if (plug)
    {
      char *device = device_argument (args, card);

      add (args, "-device", device);
    }
  g_ptr_array_add (args, NULL);
  if (!demo_guest_launch (&m->guest, (const char *const *) args->pdata, &error))
    g_error ("%s: %s", card != NULL ? card->name : board, error->message);
  m->machine = m->guest.launch->machine;
  astern_launch_close_terminals (m->guest.launch);      /* what would answer does so in its own time */
  look_for_devices (m, card);
}

static void
stop (Machine *m)
{
  g_clear_pointer (&m->devices, g_ptr_array_unref);
  demo_guest_stop (&m->guest);
}

/* ---- what is done to it, the same from the same seed ---- */

static guint64
random64 (GRand *rand)
{
  return (guint64) g_rand_int (rand) << 32 | g_rand_int (rand);
}

static guint64
random_value (GRand *rand)
{
  switch (g_rand_int_range (rand, 0, 6))
    {
    case 0:  return G_GUINT64_CONSTANT (1) << g_rand_int_range (rand, 0, 64);
    case 1:  return g_rand_int_range (rand, 0, 256);
    case 2:  return g_rand_boolean (rand) ? 0 : G_MAXUINT64;
    case 3:
    case 4:  return DATA_AT + (g_rand_int (rand) % DATA_BYTES & ~63u);
    default: return random64 (rand);
    }
}

/* Words that rings and descriptors are made of: addresses, lengths, flags, numbers. */
static void
fill_memory_by (Machine *m, GRand *rand)
{
  for (guint i = 0; i < 256; i++)
    {
      guint64 words[8];
      guint64 at = DATA_AT + (g_rand_int (rand) % (DATA_BYTES - sizeof words) & ~15u);

      for (guint k = 0; k < G_N_ELEMENTS (words); k++)
        switch (g_rand_int_range (rand, 0, 3))
          {
          case 0:  words[k] = DATA_AT + (g_rand_int (rand) % DATA_BYTES & ~15u); break;
          case 1:  words[k] = (guint64) g_rand_int_range (rand, 0, 4096) << 32 | (guint) g_rand_int_range (rand, 0, 16); break;
          default: words[k] = (guint64) g_rand_int_range (rand, 0, 64) << g_rand_int_range (rand, 0, 48); break;
          }
      astern_bus_write_bytes (m->machine->physical, (AsternPaddr) { at }, words, sizeof words, ASTERN_ORIGIN_CPU);
    }
}

static void
fill_memory (Machine *m, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);

  fill_memory_by (m, rand);
  g_rand_free (rand);
}

static guint64
random_offset (const AsternWindow *window, GRand *rand)
{
  if (window->n_regs > 0 && g_rand_int_range (rand, 0, 8) != 0)
    {
      const AsternReg *reg = &window->regs[g_rand_int_range (rand, 0, (gint32) window->n_regs)];

      return reg->offset + g_rand_int (rand) % (MAX (reg->count, 1) * reg->width);
    }
  return g_rand_boolean (rand) ? g_rand_int (rand) % MIN (window->size, 256) : random64 (rand) % window->size;
}

static void
touch (Machine *m, GRand *rand)
{
  AsternDevice *device = g_ptr_array_index (m->devices, g_rand_int_range (rand, 0, (gint32) m->devices->len));
  guint n = device->klass->n_windows;
  guint number = n > 0 ? (guint) g_rand_int_range (rand, 0, (gint32) n) : 0;
  const AsternWindow *window = n > 0 ? &device->klass->windows[number] : NULL;
  guint size = 1u << g_rand_int_range (rand, 0, 3);

  if (window == NULL || window->size == 0)
    return;
  if (astern_pci_is_function (device) && number == ASTERN_PCI_CONFIG_WINDOW)
    {
      astern_device_read (device, number, g_rand_int (rand) % 256 & ~3u, 4, NULL);     /* what place() did stays */
      return;
    }
  if (g_rand_int_range (rand, 0, 3) == 0)
    astern_device_read (device, number, random_offset (window, rand), size, NULL);
  else
    astern_device_write (device, number, random_offset (window, rand), size, random_value (rand), NULL);
}

static void
hear (Machine *m, GRand *rand)
{
  static const char *const ports[] = { "net", "line", "fs.fs", "card", "card.socket", "human", "sound.snd.0", NULL };
  guint8 bytes[80];
  guint port;

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) g_rand_int (rand);
  bytes[0] &= 0x83;
  for (guint i = 0; ports[i] != NULL; i++)
    if (astern_inputs_find_port (m->machine->inputs, ports[i], &port))
      astern_inputs_submit (m->machine->inputs, port, bytes, sizeof bytes - i);
  astern_inputs_poll (m->machine->inputs);
}

static void
drive (Machine *m, guint32 seed)
{
  static const guint64 most_ns[] = { 10, 10 * 1000, 1000 * 1000, 100 * 1000 * 1000 };
  GRand *rand = g_rand_new_with_seed (seed);

  for (guint i = 0; i < STEPS; i++)
    {
      touch (m, rand);
      if (g_rand_int_range (rand, 0, 32) == 0)
        fill_memory_by (m, rand);
      if (g_rand_int_range (rand, 0, 16) == 0)
        hear (m, rand);
      if (g_rand_int_range (rand, 0, 8) == 0)
        {
          astern_clock_retire (&m->machine->clock, 1 + (guint64) g_rand_int_range (rand, 0, 100));
          astern_clock_skip (&m->machine->clock, random64 (rand) % most_ns[g_rand_int_range (rand, 0, 4)]);
          astern_clock_fire_due (&m->machine->clock);
        }
    }
  g_rand_free (rand);
}

/* ---- two machines ---- */

static void
add_hash (const char *part, guint64 hash, gpointer data)
{
  g_string_append_printf (data, "%s %016" G_GINT64_MODIFIER "x\n", part, hash);
}

static void
assert_same (Machine *a, Machine *b, const char *when)
{
  g_autoptr (GString) ours = g_string_new (NULL);
  g_autoptr (GString) theirs = g_string_new (NULL);
  g_auto (GStrv) x = NULL;
  g_auto (GStrv) y = NULL;

  astern_machine_hash_parts (a->machine, add_hash, ours);
  astern_machine_hash_parts (b->machine, add_hash, theirs);
  x = g_strsplit (ours->str, "\n", -1);
  y = g_strsplit (theirs->str, "\n", -1);
  g_assert_cmpuint (g_strv_length (x), ==, g_strv_length (y));
  for (guint i = 0; x[i] != NULL; i++)
    if (!g_str_equal (x[i], y[i]))
      g_error ("%s: “%s” here, “%s” there", when, x[i], y[i]);
}

/* All memory and all state of @a into @b. */
static void
carry (Machine *a, Machine *b)
{
  g_autoptr (GVariant) state = g_variant_ref_sink (astern_state_save (a->machine));
  AsternMemory *from = a->machine->memory, *to = b->machine->memory;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (from->size, ==, to->size);
  for (guint64 ram = 0; ram < from->size; ram += ASTERN_PAGE_SIZE)
    {
      astern_disks_prepare (a->machine, ram);
      if (memcmp (astern_memory_host (from, ram), astern_memory_host (to, ram), ASTERN_PAGE_SIZE) == 0)
        continue;
      astern_disks_prepare (b->machine, ram);
      astern_memory_write (to, ram, astern_memory_host (from, ram), ASTERN_PAGE_SIZE);
    }
  astern_state_load (b->machine, state, &error);
  g_assert_no_error (error);
}

/* @board: "pc" or "q35". */
static void
go_on_alike (const char *board, const AsternCard *card, gboolean plug)
{
  guint32 seed = (guint32) g_test_rand_int ();
  Machine a, b, c;

  start (&a, board, card, plug);
  start (&b, board, card, plug);
  start (&c, board, card, plug);
  place (&a);
  place (&c);
  fill_memory (&a, seed);
  fill_memory (&c, seed);
  for (guint round = 0; round < ROUNDS; round++)
    {
      drive (&a, seed + 2 * round);
      drive (&c, seed + 2 * round);
      assert_same (&a, &c, "the same done twice");
      carry (&a, &b);
      assert_same (&a, &b, "after it was saved and restored");
      drive (&a, seed + 2 * round + 1);
      drive (&b, seed + 2 * round + 1);
      drive (&c, seed + 2 * round + 1);
      assert_same (&a, &b, "when it went on after a restore");
    }
  stop (&a);
  stop (&b);
  stop (&c);
}

/* What boards have of their own cannot be plugged into them again. */
static void
goes_on_alike_after_a_restore (gconstpointer data)
{
  static const char *const own[] = { "isa-fdc", "piix3-ide", NULL };
  const AsternCard *card = data;
  gboolean express = strstr (card->name, "pcie") != NULL || g_str_equal (card->name, "ioh3420");

  go_on_alike (express ? "q35" : "pc", card, !g_strv_contains (own, card->name));
}

static void
a_board_goes_on_alike_after_a_restore (gconstpointer board)
{
  go_on_alike (board, NULL, FALSE);
}

int
main (int argc, char **argv)
{
  int file, result;

  g_test_init (&argc, &argv, NULL);
  file = g_file_open_tmp ("astern-busy-XXXXXX", &image_path, NULL);
  g_assert_cmpint (ftruncate (file, 2 << 20), ==, 0);
  close (file);
  for (guint i = 0; astern_cards[i] != NULL; i++)
    {
      g_autofree char *path = g_strdup_printf ("/launch/busy-devices/%s/goes_on_alike_after_a_restore", astern_cards[i]->name);

      g_test_add_data_func (path, astern_cards[i], goes_on_alike_after_a_restore);
    }
  g_test_add_data_func ("/launch/busy-devices/board-pc", "pc", a_board_goes_on_alike_after_a_restore);
  g_test_add_data_func ("/launch/busy-devices/board-pc-with-a-speaker", "pc,pcspk-audiodev=snd", a_board_goes_on_alike_after_a_restore);
  g_test_add_data_func ("/launch/busy-devices/board-q35", "q35", a_board_goes_on_alike_after_a_restore);
  result = g_test_run ();
  g_unlink (image_path);
  g_free (image_path);
  return result;
}
