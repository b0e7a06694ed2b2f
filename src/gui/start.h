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
  char                    **words;       /* that it came from, as in command-line.h */
} AsternStart;

void     astern_start_clear     (AsternStart *start);

/* @args, NULL-terminated: the options of `astern run`; or a recording's file and those of `astern replay`; or “demo” and options. */
gboolean astern_start_from_args (AsternStart *start, const char *const *args, GError **error);
/* Only options; those that ask for help are refused. */
gboolean astern_start_options   (AsternStart *start, const char *const *args, GError **error);
gboolean astern_start_demo      (AsternStart *start, GError **error);
gboolean astern_start_recording (AsternStart *start, const char *path, GError **error);

/* A short name for people: -name's, or its kernel's, firmware's or recording's.  Free it. */
char    *astern_start_title     (const AsternStart *start);

typedef enum
{
  ASTERN_FILE_OTHER,
  ASTERN_FILE_RECORDING,
  ASTERN_FILE_KERNEL,      /* one that -kernel takes, as far as its first bytes tell */
} AsternFileKind;

/* By what is in the file, not by its name.  An error: it cannot be read. */
gboolean astern_start_file_kind (const char *path, AsternFileKind *kind, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsternStart, astern_start_clear)
