/* demo - the guest that comes with Astern, and its story.
 *
 * Threads: any. */
#pragma once

#include "session/session.h"

/* Options, new, for the demo: @first and then @args on top of what makes each run of it the same.  Both NULL-terminated. */
gboolean astern_demo_options (AsternLaunchOptions *options, const char *const *first, const char *const *args, GError **error);

const AsternSessionStory *astern_demo_story (void);
