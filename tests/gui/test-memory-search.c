/* The search through a machine's memory, of the demo guest, which stands before its first instruction. */
#include "config.h"

#include "gui/memory-search.h"

#include "launch/demo-image.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_S 120

typedef struct
{
  AsternRun *run;
  gboolean   ready, ended, done, found;
  guint64    address;
  guint      n_progress;
  double     progress;
} Fixture;

static void
on_changed (Fixture *f)
{
  f->ready |= astern_run_status (f->run)->state == ASTERN_RUN_STOPPED;
}

static void
on_ended (Fixture *f)
{
  f->ended = TRUE;
}

static gboolean
give_up (gpointer data)
{
  g_printerr ("it took longer than %u s\n", PATIENCE_S);
  abort ();
}

static void
wait_until (const gboolean *what)
{
  guint timer = g_timeout_add_seconds (PATIENCE_S, give_up, NULL);

  while (!*what)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const args[] = { "-m", "64", "-S", "-display", "none", "-serial", "none", "-monitor", "none", "-seed", "1", NULL };
  AsternLaunchOptions *options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  options->kernel_bytes = g_bytes_new_static (astern_demo_image, astern_demo_image_size);
  g_assert_true (astern_launch_options_parse (options, args, &error));
  f->run = astern_run_new (options, NULL, NULL, NULL);
  g_signal_connect_swapped (f->run, "changed", G_CALLBACK (on_changed), f);
  g_signal_connect_swapped (f->run, "ended", G_CALLBACK (on_ended), f);
  wait_until (&f->ready);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_run_quit (f->run);
  wait_until (&f->ended);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (f->run);
}

static void
on_progress (gpointer data, double fraction)
{
  Fixture *f = data;

  g_assert_cmpfloat (fraction, >=, f->progress);
  g_assert_cmpfloat (fraction, <=, 1);
  f->progress = fraction;
  f->n_progress++;
}

static void
on_done (gpointer data, gboolean found, guint64 address)
{
  Fixture *f = data;

  f->done = TRUE;
  f->found = found;
  f->address = address;
}

static const AsternMemorySearchFuncs funcs = { on_progress, on_done };

static AsternMemorySearch *
begin (Fixture *f, AsternPatternKind kind, const char *text, AsternSpace space, guint64 from, gboolean backward)
{
  AsternMemorySearchWhat what = { .space = space, .from = from, .backward = backward };
  g_autoptr (GError) error = NULL;

  g_assert_true (astern_memory_pattern_parse (kind, text, 1, &what.pattern, &error));
  f->done = FALSE;
  f->n_progress = 0;
  f->progress = 0;
  return astern_memory_search_begin (f->run, &what, &funcs, f);
}

/* G_MAXUINT64: not found. */
static guint64
find (Fixture *f, AsternPatternKind kind, const char *text, AsternSpace space, guint64 from, gboolean backward)
{
  begin (f, kind, text, space, from, backward);
  wait_until (&f->done);
  return f->found ? f->address : G_MAXUINT64;
}

typedef struct
{
  guint64     address;
  const char *bytes;
  gboolean    done;
} Poke;

static void
poke (AsternSession *session, gpointer data)
{
  Poke *p = data;
  AsternMemory *memory = session->launch->machine->memory;

  astern_memory_write (memory, astern_memory_find (memory, "ram")->start + p->address, p->bytes, strlen (p->bytes));
  p->done = TRUE;
}

static void
write_text (Fixture *f, guint64 address, const char *text)
{
  Poke p = { address, text, FALSE };

  astern_run_call (f->run, poke, &p, NULL);
  while (!g_atomic_int_get (&p.done))
    g_main_context_iteration (NULL, FALSE);
}

/* At the edges of what is read at once, and of memory. */
static void
test_found (Fixture *f, gconstpointer data)
{
  const guint64 places[] = { 0x500000, 0x53fffd, 0x540010, 0x1000000 - 3, 64 * 1024 * 1024 - 6 };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    write_text (f, places[i], "n33dle");
  for (guint space = 0; space < 2; space++)
    {
      AsternSpace where = space == 0 ? ASTERN_SPACE_PHYSICAL : ASTERN_SPACE_LINEAR;
      guint64 at = 0x400000;

      for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
        {
          at = find (f, ASTERN_PATTERN_TEXT, "n33dle", where, at, FALSE);
          g_assert_cmphex (at++, ==, places[i]);
        }
      g_assert_cmphex (find (f, ASTERN_PATTERN_TEXT, "n33dle", where, at, FALSE), ==, G_MAXUINT64);
      at = 0x80000000;
      for (gsize i = G_N_ELEMENTS (places); i-- > 0;)
        {
          at = find (f, ASTERN_PATTERN_TEXT, "n33dle", where, at, TRUE);
          g_assert_cmphex (at, ==, places[i]);
        }
      g_assert_cmphex (find (f, ASTERN_PATTERN_BYTES, "6e 33 ?? 64 6c 65", where, 0x500001, TRUE), ==, 0x500000);
    }
}

static void
test_missing (Fixture *f, gconstpointer data)
{
  g_assert_cmphex (find (f, ASTERN_PATTERN_TEXT, "this is nowhere, I hope", ASTERN_SPACE_PHYSICAL, 0, FALSE), ==, G_MAXUINT64);
  g_assert_cmphex (find (f, ASTERN_PATTERN_TEXT, "this is nowhere, I hope", ASTERN_SPACE_PHYSICAL, G_MAXUINT64, TRUE), ==, G_MAXUINT64);
  g_assert_cmphex (find (f, ASTERN_PATTERN_BYTES, "00", ASTERN_SPACE_PHYSICAL, 0, TRUE), ==, G_MAXUINT64);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  AsternMemorySearch *search = begin (f, ASTERN_PATTERN_BYTES, "00", ASTERN_SPACE_PHYSICAL, 0x2000000, FALSE);

  astern_memory_search_cancel (search);
  g_assert_cmphex (find (f, ASTERN_PATTERN_BYTES, "00", ASTERN_SPACE_PHYSICAL, 0x3000000, FALSE), ==, 0x3000000);
}

#define ADD(name, test) g_test_add ("/memory-search/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("bytes are found from either side, one after the other, wherever they lie", test_found);
  ADD ("what is not there is not found", test_missing);
  ADD ("a search that was given up says nothing more", test_cancelled);
  return g_test_run ();
}
