/* A form into options: the command line is one that a person would type, and means what was filled in. */
#include "config.h"

#include "gui/command-line.h"
#include "gui/machine-form.h"

#include <string.h>

/* As the window opens. */
static const AsternMachineForm at_first = { .n_cpus = 1, .memory_mib = 128, .serials = { "vc" }, .kernel = "", .extra = " " };

static char **
words_of (const AsternMachineForm *form)
{
  g_autoptr (GError) error = NULL;
  char **words = astern_machine_form_words (form, &error);

  g_assert_no_error (error);
  return words;
}

static void
comes_to (const AsternMachineForm *form, const char *expected)
{
  g_auto (GStrv) words = words_of (form);
  g_autofree char *line = astern_command_line_text ((const char *const *) words);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (line, ==, expected);
  g_assert_true (astern_machine_form_check ((const char *const *) words, &error));
  g_assert_no_error (error);
}

static AsternLaunchOptions *
options_of (const AsternMachineForm *form)
{
  g_auto (GStrv) words = words_of (form);
  AsternLaunchOptions *options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  options->window = TRUE;
  g_assert_true (astern_launch_options_parse (options, (const char *const *) words, &error));
  g_assert_no_error (error);
  return options;
}

/* What is in the IDE drive @index. */
static const char *
disk_at (const AsternLaunchOptions *options, gint index)
{
  for (guint i = 0; i < options->drives->len; i++)
    {
      const AsternDriveItem *drive = &g_array_index (options->drives, AsternDriveItem, i);

      if (drive->index == index && drive->interface != ASTERN_IF_FLOPPY)
        {
          g_assert_cmpint (drive->cdrom, ==, index == 2);
          return drive->file;
        }
    }
  return NULL;
}

static void
is_refused (const AsternMachineForm *form, const char *sentence)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = astern_machine_form_words (form, &error);

  g_assert_false (words != NULL && astern_machine_form_check ((const char *const *) words, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, sentence));
}

static void
what_is_left_as_it_is_gives_no_option (void)
{
  AsternMachineForm form = at_first;

  form.firmware = TRUE;
  comes_to (&form, "astern run");
}

static void
each_field_is_the_option_that_it_is_named_after (void)
{
  AsternMachineForm form = {
    .name = "a box", .cpu = "i686,-sse2", .n_cpus = 4, .memory_mib = 512, .kernel = "/k", .initrd = "/i", .append = "console=ttyS0 quiet",
    .bios = "/not/taken", .disk = "/a disk.qcow2", .cdrom = "/c.iso", .network = "none", .vga = "cirrus",
    .serials = { "file:/tmp/log", "", "vc" }, .record = "/r.astern", .history = "off", .gdb = "tcp::1234",
    .start_stopped = TRUE, .seed = "7", .rtc = "2026-01-01T00:00:00", .extra = "-no-reboot -fw_cfg 'name=opt/a,string=b c'",
  };
  g_autoptr (AsternLaunchOptions) options = options_of (&form);

  comes_to (&form, "astern gui -name 'a box' -cpu i686,-sse2 -smp 4 -m 512 -kernel /k -initrd /i -append 'console=ttyS0 quiet' "
                   "-hda '/a disk.qcow2' -cdrom /c.iso -nic none -vga cirrus -serial file:/tmp/log -serial none -serial vc -record /r.astern -history off -gdb tcp::1234 -S -seed 7 "
                   "-rtc base=2026-01-01T00:00:00 -no-reboot -fw_cfg 'name=opt/a,string=b c'");
  g_assert_cmpuint (options->n_cpus, ==, 4);
  g_assert_cmpuint (options->memory_bytes, ==, (guint64) 512 << 20);
  g_assert_cmpstr (options->append, ==, "console=ttyS0 quiet");
  g_assert_null (options->bios);
  g_assert_cmpstr (disk_at (options, 0), ==, "/a disk.qcow2");
  g_assert_cmpstr (disk_at (options, 2), ==, "/c.iso");
  g_assert_cmpuint (options->netdevs->len, ==, 0);
  g_assert_cmpstr (options->vga->name, ==, "cirrus");
  g_assert_cmpuint (options->n_serials, ==, 3);
  g_assert_cmpint (options->serials[0].kind, ==, ASTERN_CHARDEV_FILE);
  g_assert_cmpint (options->serials[1].kind, ==, ASTERN_CHARDEV_NULL);
  g_assert_cmpint (options->serials[2].kind, ==, ASTERN_CHARDEV_VC);
  g_assert_cmpuint (options->history_bytes, ==, 0);
  g_assert_true (options->start_stopped && options->no_reboot && options->seed_given && options->gdb_given);
  g_assert_cmpint (options->rtc_base, ==, ASTERN_RTC_DATE);
  g_assert_cmpuint (options->fw_cfg->len, ==, 1);
}

static void
a_machine_that_boots_by_its_firmware_has_no_kernel (void)
{
  AsternMachineForm form = at_first;
  g_autoptr (AsternLaunchOptions) options = NULL;

  form.firmware = TRUE;
  form.kernel = "/k";
  form.append = "x";
  form.bios = "/b";
  comes_to (&form, "astern run -bios /b");
  options = options_of (&form);
  g_assert_null (options->kernel);
}

/* The board's own card, on a network through the host; the first of display cards; an empty CD drive. */
static void
a_machine_of_which_no_more_was_said_has_what_a_run_has (void)
{
  AsternMachineForm form = at_first;
  g_autoptr (AsternLaunchOptions) options = NULL;

  form.firmware = TRUE;
  options = options_of (&form);
  g_assert_null (disk_at (options, 0));
  g_assert_null (disk_at (options, 2));
  g_assert_cmpstr (options->vga->name, ==, "std");
  g_assert_cmpuint (options->netdevs->len, ==, 1);
}

static void
what_is_chosen_is_said_though_it_were_so_anyway (void)
{
  AsternMachineForm form = at_first;
  g_autoptr (AsternLaunchOptions) options = NULL;

  form.firmware = TRUE;
  form.network = "user,hostfwd=tcp::2222-:22";
  form.vga = "std";
  form.extra = "-nodefaults";
  comes_to (&form, "astern run -nic user,hostfwd=tcp::2222-:22 -vga std -nodefaults");
  options = options_of (&form);
  g_assert_cmpuint (options->netdevs->len, ==, 1);
  g_assert_cmpstr (options->vga->name, ==, "std");
}

static void
kvm_is_asked_for_and_the_translator_is_not (void)
{
  AsternMachineForm form = at_first;
  g_autoptr (AsternLaunchOptions) options = NULL;

  form.firmware = TRUE;
  form.engine = "translate";
  comes_to (&form, "astern run");
  form.engine = "kvm:translate";
  comes_to (&form, "astern run -accel kvm:translate");
  options = options_of (&form);
  g_assert_cmpint (options->accel, ==, ASTERN_ACCEL_KVM_OR_TRANSLATE);
  form.record = "/r.astern";
  is_refused (&form, "cannot be replayed");
}

static void
a_machine_can_be_without_serial_ports (void)
{
  AsternMachineForm form = at_first;
  g_autoptr (AsternLaunchOptions) options = NULL;

  form.firmware = TRUE;
  form.serials[0] = "";
  comes_to (&form, "astern run -serial none");
  options = options_of (&form);
  for (guint i = 0; i < options->n_serials; i++)
    g_assert_cmpint (options->serials[i].kind, ==, ASTERN_CHARDEV_NULL);
}

static void
what_the_parser_refuses_is_refused_in_its_words (void)
{
  AsternMachineForm form = at_first;

  form.firmware = TRUE;
  form.history = "much";
  is_refused (&form, "much");
  form.history = NULL;
  form.serials[1] = "modem";
  is_refused (&form, "modem");
  form.serials[1] = NULL;
  form.cpu = "pentium9";
  is_refused (&form, "pentium9");
  form.cpu = "x86-64-v2,+nothing";
  is_refused (&form, "nothing");
  form.cpu = NULL;
  form.network = "token-ring";
  is_refused (&form, "token-ring");
  form.network = NULL;
  form.vga = "hercules";
  is_refused (&form, "hercules");
  form.vga = NULL;
  form.extra = "-blockdev file";
  is_refused (&form, "-blockdev");
}

static void
quotes_that_do_not_match_are_said (void)
{
  AsternMachineForm form = at_first;

  form.extra = "-append 'a";
  is_refused (&form, "quote");
}

static void
a_question_is_no_machine (void)
{
  static const char *const questions[] = { "-help", "-cpu help", "-d help", "-version" };

  for (gsize i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      AsternMachineForm form = at_first;

      form.firmware = TRUE;
      form.extra = questions[i];
      is_refused (&form, "astern run");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/gui/new-machine/" #name, name)
  ADD (what_is_left_as_it_is_gives_no_option);
  ADD (each_field_is_the_option_that_it_is_named_after);
  ADD (a_machine_that_boots_by_its_firmware_has_no_kernel);
  ADD (a_machine_of_which_no_more_was_said_has_what_a_run_has);
  ADD (what_is_chosen_is_said_though_it_were_so_anyway);
  ADD (kvm_is_asked_for_and_the_translator_is_not);
  ADD (a_machine_can_be_without_serial_ports);
  ADD (what_the_parser_refuses_is_refused_in_its_words);
  ADD (quotes_that_do_not_match_are_said);
  ADD (a_question_is_no_machine);
  return g_test_run ();
}
