/* Addresses as people write them, and bytes of which some are not there: of the demo guest before it runs. */
#include "config.h"

#include "gui/memory-fetch.h"
#include "gui/memory-rows.h"

#include "arch/x86/state.h"
#include "launch/demo-image.h"

#include <string.h>

typedef struct
{
  AsternLaunchOptions *options;
  AsternLaunchFront    front;
  AsternSession        session;
  X86State            *state;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const args[] = { "-m", "64", "-display", "none", "-serial", "none", "-seed", "1", NULL };
  g_autoptr (GError) error = NULL;

  f->options = astern_launch_options_new ();
  f->options->kernel_bytes = g_bytes_new_static (astern_demo_image, astern_demo_image_size);
  g_assert_true (astern_launch_options_parse (f->options, args, &error));
  f->session.launch = astern_launch (f->options, &f->front, &error);
  g_assert_no_error (error);
  f->state = f->session.launch->machine->cpus[0]->state;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_launch_free (f->session.launch);
  astern_launch_options_free (f->options);
}

static void
assert_address (Fixture *f, const char *text, guint64 expected)
{
  g_autoptr (GError) error = NULL;
  guint64 address = 0;

  g_assert_true (astern_memory_evaluate (&f->session, 0, text, &address, &error));
  g_assert_no_error (error);
  g_assert_cmphex (address, ==, expected);
}

static void
assert_none (Fixture *f, const char *text, const char *why)
{
  g_autoptr (GError) error = NULL;
  guint64 address = 0;

  g_assert_false (astern_memory_evaluate (&f->session, 0, text, &address, &error));
  g_assert_cmpstr (error->message, ==, why);
}

static void
test_expressions (Fixture *f, gconstpointer data)
{
  AsternSymbol kernel;

  g_assert_true (astern_symbols_lookup (f->session.launch->symbols, "kernel", &kernel));
  assert_address (f, "0x1000", 0x1000);
  assert_address (f, "kernel+4", kernel.address + 4);
  f->state->gpr[X86_RAX] = 0x2000;
  assert_address (f, "$rax - 8", 0x1ff8);
  f->state->seg[X86_SS].base = 0x10000;
  f->state->gpr[X86_RSP] = 0x20;
  assert_address (f, "$rsp", 0x20);
  assert_address (f, "$sp", 0x10020);          /* of 32-bit code: the segment's base is in it */
  assert_none (f, "*(u64 *) 0xffffffffff000000", "“*(u64 *) 0xffffffffff000000” has no value. There is no memory at the address read.");
}

static void
test_segments (Fixture *f, gconstpointer data)
{
  f->state->cr0 &= ~(guint64) X86_CR0_PE;
  assert_address (f, "f000:fff0", 0xffff0);
  assert_address (f, "0xb800:0x10", 0xb8010);
  f->state->seg[X86_DS].selector = 0x1234;
  f->state->gpr[X86_RSI] = 2;
  assert_address (f, "ds:$rsi", 0x12342);
  f->state->cr0 |= X86_CR0_PE;
  f->state->seg[X86_FS].selector = 0x33;
  f->state->seg[X86_FS].base = 0x50000;
  assert_address (f, "33:10", 0x50010);
  assert_none (f, "77:0", "No segment register has the selector 0077 now.");
}

static void
test_holes (Fixture *f, gconstpointer data)
{
  const guint64 end = 64 * 1024 * 1024;
  guint8 bytes[64], known[64];

  astern_memory_fetch (&f->session, 0, ASTERN_SPACE_PHYSICAL, end - 16, bytes, known, sizeof bytes);
  for (guint i = 0; i < sizeof bytes; i++)
    g_assert_cmpuint (known[i], ==, i < 16 ? ASTERN_MEMORY_THERE : ASTERN_MEMORY_UNMAPPED);
  g_assert_cmpuint (astern_memory_read (&f->session, 0, ASTERN_SPACE_PHYSICAL, end - 16, bytes, sizeof bytes), ==, 16);
  g_assert_cmpuint (astern_memory_read (&f->session, 0, ASTERN_SPACE_LINEAR, end - 64, bytes, sizeof bytes), ==, 64);
}

static void
test_pages (Fixture *f, gconstpointer data)
{
  static const guint64 directory = 0x300000, table = 0x301000;
  AsternMemory *memory = f->session.launch->machine->memory;
  AsternRamBlock *ram = astern_memory_find (memory, "ram");
  const guint32 entries[2] = { 0x400000 | 3, 0 }, pointer = (guint32) table | 3;
  guint8 bytes[32], known[32];

  astern_memory_write (memory, ram->start + directory, &pointer, sizeof pointer);
  astern_memory_write (memory, ram->start + table, entries, sizeof entries);
  astern_memory_write (memory, ram->start + 0x400ff0, "sixteen bytes ..", 16);
  f->state->cr3 = directory;
  f->state->cr4 = 0;
  f->state->cr0 |= X86_CR0_PG | X86_CR0_PE;
  astern_memory_fetch (&f->session, 0, ASTERN_SPACE_LINEAR, 0xff0, bytes, known, sizeof bytes);
  g_assert_cmpmem (bytes, 16, "sixteen bytes ..", 16);
  for (guint i = 0; i < sizeof bytes; i++)
    g_assert_cmpuint (known[i], ==, i < 16 ? ASTERN_MEMORY_THERE : ASTERN_MEMORY_UNMAPPED);
}

static void
test_highest (Fixture *f, gconstpointer data)
{
  f->state->efer = 0;
  g_assert_cmphex (astern_memory_highest (&f->session, 0, ASTERN_SPACE_LINEAR), ==, G_MAXUINT32);
  g_assert_cmphex (astern_memory_highest (&f->session, 0, ASTERN_SPACE_PHYSICAL), ==, G_MAXUINT32);
}

#define ADD(name, test) g_test_add ("/memory-fetch/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("an address is an expression, as at the monitor", test_expressions);
  ADD ("an address has a segment and an offset", test_segments);
  ADD ("where the bus has nothing, bytes are not there", test_holes);
  ADD ("linear addresses go by the page tables", test_pages);
  ADD ("each space has a highest address", test_highest);
  return g_test_run ();
}
