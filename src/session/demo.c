/* demo.c - see demo.h; data/demo/README tells the plot. */
#include "config.h"

#include "session/demo.h"

#include "launch/demo-image.h"

#include <glib/gi18n.h>

static void
add_words (GPtrArray *words, const char *const *more)
{
  for (; *more != NULL; more++)
    g_ptr_array_add (words, (gpointer) *more);
}

/* The same each time: the seed and the clock at power-on are given. */
gboolean
astern_demo_options (AsternLaunchOptions *options, const char *const *first, const char *const *args, GError **error)
{
  static const char *const own[] = { "-m", "64", "-no-reboot", "-seed", "1",
                                     "-rtc", "base=2026-01-01T00:00:00", "-name", "demo", NULL };
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  add_words (words, own);
  add_words (words, first);
  add_words (words, args);
  g_ptr_array_add (words, NULL);
  options->kernel_bytes = g_bytes_new_static (astern_demo_image, astern_demo_image_size);
  return astern_launch_options_parse (options, (const char *const *) words->pdata, error);
}

const AsternSessionStory *
astern_demo_story (void)
{
  static AsternSessionStory story;

  story = (AsternSessionStory) {
    .ending = _("The demo guest has died of its bug and halted. Its last words are above; -state-hash proves that every "
                "run ends the same."),
    .command = "catch exception 14",
    .lesson = _("This is the demo's bug: a page fault in its kernel. The machine stands before the guest hears of it, and all "
                "of its past is there:\n"
                "  step back                            the stack pointer came from outside\n"
                "  who-wrote u64[kernel + 0x320]        go to who wrote it last\n"
                "  print/d $rdi                         … the column, of 64\n"
                "doc/tutorial.md tells more; “continue” lets the guest die, Ctrl-A x quits.\n"),
  };
  return &story;
}
