/* The monitor's description: what a reader of the standard finds in it, and what cards do with it. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/bochs.h"
#include "hw/display/edid.h"
#include "hw/display/vga.h"

#include <string.h>
#include <unistd.h>

typedef struct
{
  guint width, height, h_total, v_total, clock_10khz;
} Timing;

/* A detailed timing of 18 bytes, read as the standard has it. */
static Timing
read_timing (const guint8 *d)
{
  Timing t;

  t.clock_10khz = d[0] | d[1] << 8;
  t.width = d[2] | (d[4] & 0xf0) << 4;
  t.h_total = t.width + (d[3] | (d[4] & 0x0f) << 8);
  t.height = d[5] | (d[7] & 0xf0) << 4;
  t.v_total = t.height + (d[6] | (d[7] & 0x0f) << 8);
  return t;
}

static void
every_size_is_told_with_sixty_hertz_and_a_sum_of_zero (void)
{
  static const AsternMonitor monitors[] = {
    { 0 }, { 640, 480, 0, 0 }, { 1024, 768, 0, 0 }, { 1920, 1080, 527, 296 }, { 2560, 1600, 0, 0 }, { 3840, 2160, 0, 0 }, { 100000, 2000, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (monitors); i++)
    {
      const AsternMonitor *m = &monitors[i];
      guint8 block[ASTERN_EDID_BYTES], sum = 0;
      Timing t;

      memset (block, 0xaa, sizeof block);
      astern_edid_fill (m, block);
      for (guint k = 0; k < sizeof block; k++)
        sum += block[k];
      g_assert_cmpuint (sum, ==, 0);
      g_assert_cmpmem (block, 8, "\x00\xff\xff\xff\xff\xff\xff\x00", 8);
      g_assert_cmpuint (block[126], ==, 0);
      t = read_timing (block + 54);
      g_assert_cmpuint (t.width, ==, m->width == 0 ? 1280 : MIN (m->width, ASTERN_EDID_MOST));
      g_assert_cmpuint (t.height, ==, m->height == 0 ? 800 : m->height);
      /* Hertz, in hundredths. */
      g_assert_cmpuint (t.clock_10khz * G_GUINT64_CONSTANT (1000000) / (t.h_total * t.v_total), >=, 5930);
      g_assert_cmpuint (t.clock_10khz * G_GUINT64_CONSTANT (1000000) / (t.h_total * t.v_total), <=, 6005);
      g_assert_cmpuint (block[21], >, 0);
    }
}

/* edid-decode's verdict, where it is installed. */
static void
edid_decode_finds_no_fault (void)
{
  g_autofree char *program = g_find_program_in_path ("edid-decode");
  static const AsternMonitor monitors[] = { { 0 }, { 800, 600, 0, 0 }, { 1920, 1080, 0, 0 }, { 2560, 1600, 0, 0 } };

  if (program == NULL)
    {
      g_test_skip ("edid-decode is not installed");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (monitors); i++)
    {
      const char *arguments[] = { program, "--check", NULL, NULL };
      g_autofree char *path = NULL, *said = NULL;
      g_autoptr (GError) error = NULL;
      guint8 block[ASTERN_EDID_BYTES];
      gint fd = g_file_open_tmp ("edid-XXXXXX", &path, &error), status;

      g_assert_no_error (error);
      close (fd);
      astern_edid_fill (&monitors[i], block);
      g_assert_true (g_file_set_contents (path, (const char *) block, sizeof block, &error));
      arguments[2] = path;
      g_assert_true (g_spawn_sync (NULL, (char **) arguments, NULL, 0, NULL, NULL, &said, NULL, &status, &error));
      unlink (path);
      g_test_message ("%s", said);
      g_assert_nonnull (strstr (said, "EDID conformity: PASS"));
      g_assert_true (g_spawn_check_wait_status (status, NULL));
    }
}

static void
check_card (const AsternDeviceClass *klass, gboolean no_edid)
{
  const AsternVgaSettings settings = { .vram_bytes = 8 << 20, .width = 1600, .height = 1200, .no_edid = no_edid };
  g_autoptr (GError) error = NULL;
  AsternMachine *machine = astern_machine_new (16 << 20, &error);
  AsternDevice *card = astern_device_new (klass, "card", machine, &machine->clock);
  guint8 block[ASTERN_EDID_BYTES];

  astern_machine_add_device (machine, card);
  g_assert_true (vga_plug (card, NULL, &settings, &error));
  astern_device_reset (card);
  for (guint i = 0; i < sizeof block; i++)
    block[i] = (guint8) astern_device_read (card, VGA_MMIO_WINDOW, i, 1, NULL);
  g_assert_cmpuint (read_timing (block + 54).width, ==, no_edid ? 0 : 1600);
  g_assert_cmpuint (read_timing (block + 54).height, ==, no_edid ? 0 : 1200);
  g_assert_cmphex (astern_device_read (card, VGA_MMIO_WINDOW, 0x514, 2, NULL), ==, 8 << 20 >> 16);
  astern_machine_free (machine);
}

static void
cards_show_it_at_the_start_of_their_registers (void)
{
  check_card (&vga_class, FALSE);
  check_card (&vga_class, TRUE);
  check_card (&secondary_vga_class, FALSE);
  check_card (&bochs_display_class, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/hw/edid/" #name, name)
  ADD (every_size_is_told_with_sixty_hertz_and_a_sum_of_zero);
  ADD (edid_decode_finds_no_fault);
  ADD (cards_show_it_at_the_start_of_their_registers);
  return g_test_run ();
}
