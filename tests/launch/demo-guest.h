/* demo-guest.h - a whole PC with the demo guest, the same each time, for tests. */
#pragma once

#include <glib.h>

#include "launch/demo-image.h"
#include "launch/launch.h"

typedef struct
{
  AsternLaunchOptions *options;
  AsternLaunch        *launch;
} DemoGuest;

/* @args: as `astern run` takes them, NULL-terminated; without -kernel it is the demo guest. */
static inline gboolean
demo_guest_launch (DemoGuest *guest, const char *const *args, GError **error)
{
  static const AsternLaunchFront front = { 0 };

  guest->options = astern_launch_options_new ();
  if (!astern_launch_options_parse (guest->options, args, error))
    return FALSE;
  if (guest->options->kernel == NULL)
    guest->options->kernel_bytes = g_bytes_new_static (astern_demo_image, astern_demo_image_size);
  guest->launch = astern_launch (guest->options, &front, error);
  return guest->launch != NULL;
}

/* @more: options beside those that make each run the same, NULL-terminated. */
static inline AsternMachine *
demo_guest_start (DemoGuest *guest, const char *cpus, const char *const *more)
{
  const char *args[24] = { "-m", "64", "-nographic", "-serial", "null", "-monitor", "none", "-seed", "1",
                           "-rtc", "base=2026-01-01T00:00:00", "-smp", cpus };
  guint n = 13;
  g_autoptr (GError) error = NULL;

  for (; more != NULL && *more != NULL; more++)
    args[n++] = *more;
  g_assert_cmpuint (n, <, G_N_ELEMENTS (args));
  demo_guest_launch (guest, args, &error);
  g_assert_no_error (error);
  return guest->launch->machine;
}

/* Its idle time passes at once. */
static inline AsternMachine *
demo_guest_start_without_sleep (DemoGuest *guest, const char *cpus)
{
  return demo_guest_start (guest, cpus, (const char *const[]) { "-icount", "sleep=off", NULL });
}

static inline void
demo_guest_stop (DemoGuest *guest)
{
  g_clear_pointer (&guest->launch, astern_launch_free);
  g_clear_pointer (&guest->options, astern_launch_options_free);
}
