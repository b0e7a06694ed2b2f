/* Tests of src/launch/unwind.c with a whole PC: the stacks of the demo guest, as its sources have them. */
#include "config.h"

#include "launch/unwind.h"

#include "core/debugger-private.h"
#include "tests/launch/demo-guest.h"
#include "tests/launch/source-line.h"

#include <string.h>

typedef struct
{
  DemoGuest       guest;
  AsternDebugger *debugger;
  AsternClient   *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  static const AsternClientFuncs funcs = { .name = "test" };
  const AsternTimelineOptions history = { .budget_bytes = 1 << 28 };
  AsternMachine *machine = demo_guest_start_without_sleep (&f->guest, "1");

  f->debugger = astern_debugger_new (machine, &history, NULL);
  f->client = astern_debugger_attach (f->debugger, &funcs, NULL);
  astern_debugger_hold (f->debugger, f->client);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_object_unref (f->debugger);
  demo_guest_stop (&f->guest);
}

static void
move (Fixture *f, AsternMoveRequest request)
{
  g_autoptr (GError) error = NULL;

  astern_debugger_move (f->debugger, f->client, &request, &error);
  g_assert_no_error (error);
  debugger_make_move (f->debugger);
}

static guint64
line_address (Fixture *f, const char *file, const char *text)
{
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));

  astern_debug_info_addresses (f->guest.launch->debug_info, file, source_line (file, text), addresses);
  g_assert_cmpuint (addresses->len, >=, 1);
  return g_array_index (addresses, guint64, 0);
}

static void
run_to (Fixture *f, guint64 address)
{
  move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_RUN_TO, .address = address });
  g_assert_cmpint (astern_debugger_last_stop (f->debugger)->why, ==, ASTERN_WHY_MOVED);
}

static void
run_to_symbol (Fixture *f, const char *name)
{
  AsternSymbol symbol;

  g_assert_true (astern_symbols_lookup (f->guest.launch->symbols, name, &symbol));
  run_to (f, symbol.address);
}

static void
run_to_crash (Fixture *f)
{
  AsternPoint fault = { .kind = ASTERN_POINT_EXCEPTION, .start = 14, .address_space = ASTERN_POINT_ANY,
                        .error_code = ASTERN_POINT_ANY, .cpu = ASTERN_POINT_ANY, .enabled = TRUE };
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (astern_debugger_add_point (f->debugger, f->client, &fault, &error));
  move (f, (AsternMoveRequest) { .move = ASTERN_MOVE_CONTINUE });
  g_assert_cmpint (astern_debugger_last_stop (f->debugger)->why, ==, ASTERN_WHY_POINT);
}

static AsternStack *
look (Fixture *f)
{
  return astern_unwind (f->guest.launch, f->debugger, 0, 64);
}

/* @names: of all frames, up to a NULL. */
static void
is_stack (AsternStack *stack, const char *const *names)
{
  for (guint i = 0; i < MAX (stack->frames->len, g_strv_length ((char **) names)); i++)
    {
      const AsternFrame *frame = i < stack->frames->len ? &g_array_index (stack->frames, AsternFrame, i) : NULL;

      g_assert_cmpstr (frame != NULL ? frame->function : "(no more frames)", ==, names[i]);
    }
}

static const AsternFrame *
frame (AsternStack *stack, guint i)
{
  return &g_array_index (stack->frames, AsternFrame, i);
}

static void
a_system_call_leads_back_into_the_task_that_made_it (Fixture *f, gconstpointer unused)
{
  static const char *const names[] = { "sys_chart", "syscall", "syscall_entry", "call", "tide_main", NULL };
  g_autoptr (AsternStack) stack = NULL;

  run_to (f, line_address (f, "data/demo/syscalls.c", "kernel.chart.height_mm[column] = height_mm;"));
  stack = look (f);
  is_stack (stack, names);
  for (guint i = 1; i < 4; i++)
    g_assert_cmpint (frame (stack, i)->found, ==, ASTERN_FOUND_CFI);
  g_assert_cmpstr (frame (stack, 4)->place.file, ==, "data/demo/user-tide.c");
  g_assert_cmpuint (frame (stack, 4)->place.line, ==, source_line ("data/demo/user-tide.c", "call (CALL_CHART, column"));
  g_assert_cmpuint (frame (stack, 3)->inline_level, ==, 0);
  g_assert_cmpuint (frame (stack, 4)->inline_level, ==, 1);
}

/* The timer interrupts a task in its own code. */
static void
an_interrupt_leads_back_to_what_it_interrupted (Fixture *f, gconstpointer unused)
{
  g_autoptr (AsternStack) stack = NULL;

  for (guint i = 0; i < 4; i++)
    run_to (f, line_address (f, "data/demo/traps.c", "kernel.ticks++;"));
  stack = look (f);
  g_assert_cmpuint (stack->frames->len, >=, 3);
  g_assert_cmpstr (frame (stack, 0)->function, ==, "trap");
  g_assert_cmpstr (frame (stack, 1)->function, ==, "trap_common");
  g_assert_true (frame (stack, 2)->registers.exact);
}

static void
a_lost_stack_ends_with_its_reason (Fixture *f, gconstpointer unused)
{
  static const char *const names[] = { "switch_to", NULL };
  g_autoptr (AsternStack) stack = NULL;

  run_to_crash (f);
  stack = look (f);
  is_stack (stack, names);
  g_assert_nonnull (strstr (stack->end, "no memory"));
}

/* gdb says the same of it, down to the address that cannot be read. */
static void
the_handler_of_an_exception_leads_back_to_what_raised_it (Fixture *f, gconstpointer unused)
{
  static const char *const names[] = { "panic", "trap", "trap_common", "switch_to", NULL };
  g_autoptr (AsternStack) stack = NULL;

  run_to (f, line_address (f, "data/demo/traps.c", "The ship is lost."));
  stack = look (f);
  is_stack (stack, names);
  g_assert_true (frame (stack, 0)->place.inlined);
  g_assert_true (frame (stack, 3)->registers.exact);
  g_assert_nonnull (strstr (stack->end, "no memory"));
}

/* The same without debug information: return addresses and the frame of the interrupt are recognised. */
static void
without_debug_information_it_is_guessed (Fixture *f, gconstpointer unused)
{
  g_autoptr (AsternStack) known = NULL;
  g_autoptr (AsternStack) guessed = NULL;
  gboolean interrupted = FALSE;

  for (guint i = 0; i < 4; i++)
    run_to (f, line_address (f, "data/demo/traps.c", "kernel.ticks++;"));
  known = look (f);
  astern_debug_info_free (f->guest.launch->debug_info);
  f->guest.launch->debug_info = astern_debug_info_new ();
  guessed = look (f);
  g_assert_cmpuint (guessed->frames->len, >=, 3);
  g_assert_cmphex (frame (guessed, 1)->registers.registers[ASTERN_FRAME_PC], ==,
                   frame (known, 1)->registers.registers[ASTERN_FRAME_PC]);
  for (guint i = 1; i < guessed->frames->len; i++)
    if (frame (guessed, i)->found == ASTERN_FOUND_INTERRUPT && !interrupted)
      {
        interrupted = TRUE;
        g_assert_cmphex (frame (guessed, i)->registers.registers[ASTERN_FRAME_PC], ==,
                         frame (known, 2)->registers.registers[ASTERN_FRAME_PC]);
        g_assert_cmphex (frame (guessed, i)->registers.registers[ASTERN_FRAME_SP], ==,
                         frame (known, 2)->registers.registers[ASTERN_FRAME_SP]);
      }
  g_assert_true (interrupted);
}

static void
at_a_function_s_entry_the_caller_is_on_top (Fixture *f, gconstpointer unused)
{
  g_autoptr (AsternStack) stack = NULL;

  run_to_symbol (f, "schedule");
  astern_debug_info_free (f->guest.launch->debug_info);
  f->guest.launch->debug_info = astern_debug_info_new ();
  stack = look (f);
  g_assert_cmpuint (stack->frames->len, >=, 2);
  g_assert_cmpint (frame (stack, 1)->found, ==, ASTERN_FOUND_ENTRY);
  g_assert_cmpstr (frame (stack, 1)->function, ==, "tasks_start");
}

static void
calls_of_all_kinds_are_recognised (Fixture *f, gconstpointer unused)
{
  static const struct { const char *code; guint size, bits; gboolean call; } cases[] = {
    { "\xe8\0\0\0\0", 5, 64, TRUE },  { "\xff\xd0", 2, 64, TRUE },          { "\xff\x15\0\0\0\0", 6, 64, TRUE },
    { "\xff\x50\x10", 3, 64, TRUE },  { "\xff\x14\xc5\0\0\0\0", 7, 32, TRUE }, { "\xff\x54\x24\x08", 4, 32, TRUE },
    { "\xe8\0\0", 3, 16, TRUE },      { "\xff\xe0", 2, 64, FALSE },         { "\x90\x90\x90\x90\x90\x90", 6, 64, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 code[32];
      g_autoptr (GError) error = NULL;

      memset (code, 0x90, sizeof code);
      memcpy (code + 16 - cases[i].size, cases[i].code, cases[i].size);
      astern_debugger_write_memory (f->debugger, 0, ASTERN_SPACE_LINEAR, 0x200000, code, sizeof code, &error);
      g_assert_no_error (error);
      g_assert_cmpint (astern_follows_call (f->debugger, 0, 0x200010, cases[i].bits), ==, cases[i].call);
    }
  g_assert_false (astern_follows_call (f->debugger, 0, 3, 64));
  g_assert_false (astern_follows_call (f->debugger, 0, 0x4000000000000000, 64));
}

/* Random numbers for a stack and registers: it comes to an end. */
static void
any_stack_has_an_end (Fixture *f, gconstpointer unused)
{
  guint64 words[512];
  gint rsp = astern_cpu_find_register (f->guest.launch->machine->cpus[0]->klass, "rsp");

  run_to_symbol (f, "schedule");
  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (AsternStack) stack = NULL;
      g_autoptr (GError) error = NULL;
      guint64 sp = 0x300000;

      for (guint i = 0; i < G_N_ELEMENTS (words); i++)
        switch (g_test_rand_int_range (0, 4))
          {
          case 0:  words[i] = 0x100000 + (guint64) g_test_rand_int_range (0, 0x2000); break;
          case 1:  words[i] = 0x300000 + (guint64) g_test_rand_int_range (0, 4096); break;
          case 2:  words[i] = (guint64) g_test_rand_int_range (0, 8) * 8; break;
          default: words[i] = (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int (); break;
          }
      astern_debugger_write_memory (f->debugger, 0, ASTERN_SPACE_LINEAR, sp, words, sizeof words, &error);
      g_assert_no_error (error);
      astern_debugger_write_register (f->debugger, 0, rsp, &sp, &error);
      g_assert_no_error (error);
      stack = look (f);
      g_assert_cmpuint (stack->frames->len, >=, 1);
      g_assert_cmpuint (stack->frames->len, <=, 64);
      g_assert_nonnull (stack->end);
    }
}

#define ADD(name) g_test_add ("/launch/unwind/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_system_call_leads_back_into_the_task_that_made_it);
  ADD (an_interrupt_leads_back_to_what_it_interrupted);
  ADD (a_lost_stack_ends_with_its_reason);
  ADD (the_handler_of_an_exception_leads_back_to_what_raised_it);
  ADD (without_debug_information_it_is_guessed);
  ADD (at_a_function_s_entry_the_caller_is_on_top);
  ADD (calls_of_all_kinds_are_recognised);
  ADD (any_stack_has_an_end);
  return g_test_run ();
}
