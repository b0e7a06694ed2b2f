/* start - what a window is to start with: from a command line, a file, or the demo.
 *
 * Threads: the main thread. */
#pragma once

#include "session/replay.h"

/* Owned, but the story; all but the options may be NULL. */
typedef struct
{
  AsternLaunchOptions      *options;
  const AsternSessionStory *story;
  AsternRecording          *recording;
  AsternReplay             *replay;
} AsternStart;

void     astern_start_clear     (AsternStart *start);

/* @args, NULL-terminated: the options of `astern run`; or a recording's file and those of `astern replay`; or “demo” and options. */
gboolean astern_start_from_args (AsternStart *start, const char *const *args, GError **error);
gboolean astern_start_demo      (AsternStart *start, const char *const *args, GError **error);
gboolean astern_start_recording (AsternStart *start, const char *path, const char *const *args, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsternStart, astern_start_clear)
