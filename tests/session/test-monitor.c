/* test-monitor - the monitor's commands on the demo guest, executed without a terminal. */
#include "config.h"

#include "session/bookmarks.h"
#include "session/monitor-complete.h"
#include "launch/demo-image.h"

#include <string.h>

#include <glib/gstdio.h>

typedef struct
{
  AsternLaunchOptions *options;
  AsternLaunchFront    front;
  AsternSession        session;
  AsternMonitorNames  *names;
  AsternMonitor       *monitor;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const args[] = { "-m", "64", "-display", "none", "-serial", "none", "-seed", "1",
                                      "-rtc", "base=2026-01-01T00:00:00", "-icount", "sleep=off", NULL };
  const AsternTimelineOptions history = { .budget_bytes = 64 << 20 };
  g_autoptr (GError) error = NULL;

  f->options = astern_launch_options_new ();
  f->options->kernel_bytes = g_bytes_new_static (astern_demo_image, astern_demo_image_size);
  g_assert_true (astern_launch_options_parse (f->options, args, &error));
  f->session.launch = astern_launch (f->options, &f->front, &error);
  g_assert_no_error (error);
  f->names = astern_monitor_names_new ();
  f->session.debugger = astern_debugger_new (f->session.launch->machine, &history, NULL);
  f->session.bookmarks = astern_bookmarks_new (f->session.debugger);
  f->monitor = astern_monitor_new (&f->session, f->names, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_monitor_free (f->monitor);
  astern_bookmarks_free (f->session.bookmarks);
  astern_monitor_names_free (f->names);
  g_object_unref (f->session.debugger);
  astern_launch_free (f->session.launch);
  astern_launch_options_free (f->options);
}

static void
run_to (Fixture *f, guint64 icount)
{
  astern_machine_run (f->session.launch->machine, icount);
}

/* Executes a line, and checks that the answer has @expected in it. */
static void
answers (Fixture *f, const char *line, const char *expected)
{
  g_autofree char *answer = astern_monitor_execute (f->monitor, line);

  if (strstr (answer, expected) == NULL)
    g_error ("“%s” was answered with\n%s\nand not with\n%s", line, answer, expected);
}

static void
is_answered_with (Fixture *f, const char *line, const char *expected)
{
  g_autofree char *answer = astern_monitor_execute (f->monitor, line);

  g_assert_cmpstr (answer, ==, expected);
}

/* ---- finding commands ---- */

static void
every_command_is_found_by_its_words_and_says_what_it_does (Fixture *f, gconstpointer data)
{
  for (const AsternMonitorTable *table = astern_monitor_tables; table->title != NULL; table++)
    for (const AsternMonitorCommand *c = astern_monitor_table_commands (table); c->words != NULL; c++)
      {
        const char *argument;

        g_assert_true (astern_monitor_find (c->words, &argument) == c);
        g_assert_cmpstr (argument, ==, "");
        if (c->short_form != NULL)
          g_assert_true (astern_monitor_find (c->short_form, &argument) == c);
        g_assert_cmpuint (strlen (c->help), >, 0);
        g_assert_nonnull (c->run);
      }
}

static void
words_may_be_shortened_while_they_are_clear (Fixture *f, gconstpointer data)
{
  answers (f, "  info   sta", "VM status: ");
  answers (f, "inf reg", "EIP=");
  answers (f, "info m", "could be several commands: info mtree, info mem");
  answers (f, "system_", "could be several commands: system_reset, system_powerdown");
  answers (f, "frobnicate", "There is no command “frobnicate”");
}

static void
arguments_are_asked_for_and_not_taken_where_there_are_none (Fixture *f, gconstpointer data)
{
  answers (f, "walk", "“walk” needs an argument: ADDRESS.");
  answers (f, "stop now", "“stop” takes no argument.");
  answers (f, "info nothing", "There is no “info nothing”; “info” alone lists what can be shown.");
  answers (f, "events", "guest_errors");
  answers (f, "info registers -b", "takes “-a”");
  is_answered_with (f, "", "");
  is_answered_with (f, "  # a remark", "");
}

static void
help_lists_all_or_what_begins_so (Fixture *f, gconstpointer data)
{
  g_autofree char *all = astern_monitor_execute (f->monitor, "help");

  for (const AsternMonitorTable *table = astern_monitor_tables; table->title != NULL; table++)
    for (const AsternMonitorCommand *c = astern_monitor_table_commands (table); c->words != NULL; c++)
      g_assert_nonnull (strstr (all, c->words));
  answers (f, "help info p", "info pci");
  answers (f, "help nothing", "There is no command “nothing”");
}

static void
any_bytes_are_answered (Fixture *f, gconstpointer data)
{
  static const char *const lines[] = { "\xff\xfe", "info \x80", "walk (((((((", "\"", "x/", "/", "help \xc3", "cpu 99999999999999999999",
                                       "info lapic ../x", "log ,,,", "sendkey -", "gva2gpa -1" };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *answer = astern_monitor_execute (f->monitor, lines[i]);

      g_assert_true (g_utf8_validate (answer, -1, NULL));
      g_assert_true (g_str_has_suffix (answer, "\n"));
    }
}

/* ---- completion ---- */

static void
completes_to (Fixture *f, const char *head, const char *text, const char *expected)
{
  g_autoptr (GPtrArray) found = astern_monitor_completions (head, text, f->names);
  g_autofree char *joined = NULL;

  g_ptr_array_add (found, NULL);
  joined = g_strjoinv (" ", (char **) found->pdata);
  g_assert_cmpstr (joined, ==, expected);
}

static void
words_complete_by_what_they_are (Fixture *f, gconstpointer data)
{
  completes_to (f, "", "sys", "system_powerdown system_reset");
  completes_to (f, "info ", "re", "registers");
  completes_to (f, "info hash ", "", "parts");
  completes_to (f, "info devices ", "pic", "pic-master pic-slave");
  completes_to (f, "sendkey ctrl-alt-", "del", "delete");
  completes_to (f, "log int,", "cpu", "cpu_reset");
  completes_to (f, "help ", "gva", "gva2gpa");
  completes_to (f, "x/4i ", "sys_c", "sys_chart");
  completes_to (f, "p 1 + ", "$rs", "$rsi $rsp");
  completes_to (f, "p ", "$eflags.z", "$eflags.zf");
  completes_to (f, "stop ", "", "");
  g_assert_cmpint (astern_monitor_completes ("screendump "), ==, ASTERN_COMPLETES_FILE);
}

/* ---- what is shown ---- */

static void
registers_are_laid_out_as_qemus (Fixture *f, gconstpointer data)
{
  answers (f, "info registers", "EIP=");              /* multiboot enters in 32 bits */
  run_to (f, 100000);
  answers (f, "info registers", "CPU#0\nRAX=");
  answers (f, "info registers", "] CPL=0 II=0 A20=1 SMM=0 HLT=0\n");
  answers (f, "info registers", "CS =0008 0000000000000000 ffffffff 00af9b00 DPL=0 CS64 [-RA]\n");
  answers (f, "info registers -a", "XMM00=");
}

static void
looking_changes_nothing (Fixture *f, gconstpointer data)
{
  AsternMachine *machine = f->session.launch->machine;
  guint64 hash;

  run_to (f, 3000000);
  hash = astern_machine_hash (machine);
  for (const AsternMonitorTable *table = astern_monitor_tables; table->title != NULL; table++)
    for (const AsternMonitorCommand *c = astern_monitor_table_commands (table); c->words != NULL; c++)
      if (g_str_has_prefix (c->words, "info"))
        {
          g_free (astern_monitor_execute (f->monitor, c->words));

          g_assert_cmphex (astern_machine_hash (machine), ==, hash);
        }
  for (guint i = 0; i < machine->devices->len; i++)
    {
      g_autofree char *line = g_strconcat ("info devices ", ((AsternDevice *) machine->devices->pdata[i])->name, NULL);

      answers (f, line, ": ");
    }
  g_assert_cmphex (astern_machine_hash (machine), ==, hash);
}

static void
a_walk_tells_every_level_and_what_would_fault (Fixture *f, gconstpointer data)
{
  answers (f, "walk 0x100000", "no paging");
  run_to (f, 3000000);
  answers (f, "walk 0x100000", "four levels, CR3=");
  answers (f, "walk 0x100000", "  PML4E   0 at ");
  answers (f, "walk 0x100000", "supervisor executes  allowed\n");
  answers (f, "walk 0x100000", "user writes          #PF, error code 0007: the ");
  answers (f, "walk 0", "supervisor reads     #PF, error code 0000: the PTE is not present\n");
  answers (f, "walk 0x800000000000", "not canonical");
  answers (f, "gva2gpa 0x100123", "gpa: 0x100123\n");
  answers (f, "gva2gpa 0x0", "Unmapped\n");
  answers (f, "gva2gpa 0x800000000000", "Unmapped\n");
}

static void
mappings_are_listed_as_qemus (Fixture *f, gconstpointer data)
{
  answers (f, "info mem", "PG disabled");
  answers (f, "info tlb", "PG disabled");
  run_to (f, 100000);
  is_answered_with (f, "info mem", "0000000000001000-0000000040000000 000000003ffff000 -rw\n");
  answers (f, "info tlb", "0000000000100000: 0000000000100000 ----A---W\n");
  answers (f, "info tlb", "0000000000200000: 0000000000200000 --P-----W\n");
}

static void
the_board_is_shown (Fixture *f, gconstpointer data)
{
  run_to (f, 3000000);
  answers (f, "info pci", "  Bus  0, device   0, function 0:\n    Host bridge: PCI device 8086:1237\n");
  answers (f, "info pic", "pic-master: irr=");
  answers (f, "info irq", " 0: PIC vector 20");
  answers (f, "info lapic", "lapic0: base=00000000fee00900\n");
  answers (f, "info qtree", "  dev: uart16550, id \"serial0\"\n    pio  00000000000003f8/0000000000000008\n");
  answers (f, "info devices serial0", "LCR                03               WLS=3");
  answers (f, "info devices nothing", "There is no device “nothing”");
  answers (f, "info mtree", "00000000000003f8-00000000000003ff: i/o serial0 (ports)\n");
  answers (f, "info lapic 7", "There is no local APIC “lapic7”.");
}

static void
memory_is_examined_in_every_format (Fixture *f, gconstpointer data)
{
  run_to (f, 3000000);
  is_answered_with (f, "x/8bx 0x100000", "0000000000100000: 0x02 0xb0 0xad 0x1b 0x03 0x00 0x00 0x00\n");
  is_answered_with (f, "x/1wu", "0000000000100008: 3830599675\n");
  is_answered_with (f, "x/2wd 0x100000", "0000000000100000:   464367618           3\n");
  is_answered_with (f, "xp/1hx 0x100000", "0000000000100000: 0xb002\n");
  is_answered_with (f, "xp/1gx 0x100000", "0000000000100000: 0x000000031badb002\n");
  is_answered_with (f, "xp/1bo 0x100000", "0000000000100000: 0002\n");
  is_answered_with (f, "xp/2c 0x100002", "0000000000100002: '\\xad' '\\x1b'\n");
  is_answered_with (f, "x/1wx 0", "Cannot access memory at address 0x0\n");
  answers (f, "x/k 0", "“k” is no format");
  answers (f, "x/0 0", "The count must be from 1 to ");
}

static void
instructions_are_shown_with_names_and_the_present_one_marked (Fixture *f, gconstpointer data)
{
  g_autofree char *three = NULL;
  g_auto (GStrv) lines = NULL;

  run_to (f, 3000000);
  three = astern_monitor_execute (f->monitor, "x/3i schedule");
  lines = g_strsplit (three, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_true (g_str_has_prefix (lines[0], "   0x0000000000"));
  g_assert_nonnull (strstr (lines[0], " <schedule>:  "));
  g_assert_nonnull (strstr (lines[1], " <schedule+0x"));
  answers (f, "syntax intel", "");
  answers (f, "x/i $pc", "=> 0x");
  answers (f, "syntax arm", "“att” or “intel”");
}

static void
text_is_shown_up_to_its_end (Fixture *f, gconstpointer data)
{
  run_to (f, 3000000);
  is_answered_with (f, "xp/s 0x100000", "0000000000100000: \"\\x02\\xb0\\xad\\x1b\\x03\"\n");
}

static void
expressions_are_printed (Fixture *f, gconstpointer data)
{
  run_to (f, 3000000);
  is_answered_with (f, "p 0x10 + 2 * 3", "0x16\n");
  is_answered_with (f, "print/d -1", "-1\n");
  is_answered_with (f, "p/bx 0x1ff", "0xff\n");
  is_answered_with (f, "p/c 65", "'A'\n");
  is_answered_with (f, "p u32[0x100000]", "0x1badb002\n");
  answers (f, "p &schedule", " <schedule>\n");
  answers (f, "p nosuch", "“nosuch”");
  answers (f, "p *0", "has no value");
  answers (f, "p", "“print” needs an expression");
}

static void
memory_is_saved_to_files (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("astern-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a b", NULL);
  g_autofree char *line = g_strdup_printf ("pmemsave 0x100000 (2 * 2) \"%s\"", path);
  g_autofree char *unmapped = g_strdup_printf ("memsave 0 4 \"%s\"", path);
  g_autofree char *contents = NULL;
  gsize size;

  run_to (f, 3000000);
  is_answered_with (f, line, "");
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_cmpmem (contents, size, "\x02\xb0\xad\x1b", 4);
  answers (f, unmapped, "Only 0 bytes are mapped there");
  answers (f, "memsave 0x100000 4", "a file are needed");
  g_unlink (path);
  g_rmdir (folder);
}

static void
symbols_are_read_from_files (Fixture *f, gconstpointer data)
{
  const char *builddir = g_getenv ("top_builddir");
  g_autofree char *elf = g_build_filename (builddir != NULL ? builddir : ".", "data", "demo", "tern.elf", NULL);
  g_autofree char *line = g_strdup_printf ("symbols %s", elf);
  g_autofree char *moved = g_strdup_printf ("symbols %s@0x40100000", elf);

  answers (f, "info symbols", "  kernel: ");
  answers (f, line, " symbols from ");
  answers (f, "info symbols", "tern.elf: ");
  answers (f, moved, " symbols from ");
  answers (f, "p &schedule - 0x40000000", " <schedule>\n");
  answers (f, "symbols /nowhere/elf", "/nowhere/elf");
}

static void
cpus_are_listed_with_where_they_are (Fixture *f, gconstpointer data)
{
  answers (f, "info cpus", "* CPU #0: pc=0x000000000010000c <_start> protected 32-bit (its turn)\n");
}

static void
a_cpu_that_is_not_there_cannot_be_chosen (Fixture *f, gconstpointer data)
{
  is_answered_with (f, "cpu", "CPU 0\n");
  is_answered_with (f, "cpu 0", "");
  answers (f, "cpu 1", "There is no CPU 1");
  answers (f, "cpu one", "“one” is not a number.");
}

static void
the_session_does_what_it_is_told (Fixture *f, gconstpointer data)
{
  is_answered_with (f, "log int,guest_errors", "");
  g_assert_cmphex (f->session.launch->machine->events.enabled, ==, 1 << ASTERN_EVENT_INT | 1 << ASTERN_EVENT_GUEST_ERRORS);
  is_answered_with (f, "log none", "");
  g_assert_cmphex (f->session.launch->machine->events.enabled, ==, 0);
  answers (f, "log nonsense", "nonsense");
  answers (f, "sendkey ctrl-nosuch", "There is no key “nosuch”");
  is_answered_with (f, "q", "");
  g_assert_true (f->session.quit);
}

#define ADD(name) g_test_add ("/session/monitor/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (every_command_is_found_by_its_words_and_says_what_it_does);
  ADD (words_may_be_shortened_while_they_are_clear);
  ADD (arguments_are_asked_for_and_not_taken_where_there_are_none);
  ADD (help_lists_all_or_what_begins_so);
  ADD (any_bytes_are_answered);
  ADD (words_complete_by_what_they_are);
  ADD (registers_are_laid_out_as_qemus);
  ADD (looking_changes_nothing);
  ADD (a_walk_tells_every_level_and_what_would_fault);
  ADD (mappings_are_listed_as_qemus);
  ADD (the_board_is_shown);
  ADD (memory_is_examined_in_every_format);
  ADD (instructions_are_shown_with_names_and_the_present_one_marked);
  ADD (text_is_shown_up_to_its_end);
  ADD (expressions_are_printed);
  ADD (memory_is_saved_to_files);
  ADD (symbols_are_read_from_files);
  ADD (cpus_are_listed_with_where_they_are);
  ADD (a_cpu_that_is_not_there_cannot_be_chosen);
  ADD (the_session_does_what_it_is_told);
  return g_test_run ();
}
