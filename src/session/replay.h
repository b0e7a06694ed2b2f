/* replay - a session that runs a recording again, exactly.
 *
 * Threads: the machine's, but for making and freeing. */
#pragma once

#include "session/session.h"
#include "trace/recording.h"

typedef struct _AsternReplay AsternReplay;

/* @options, new, are filled from @recording and from @args, which may have only what is not the machine's, and before
 * it “-from MOMENT”.  Both must outlive the replay. */
AsternReplay *astern_replay_new  (AsternLaunchOptions *options, AsternRecording *recording, const char *const *args, GError **error);
void          astern_replay_free (AsternReplay *replay);

AsternSessionCompanion astern_replay_companion (AsternReplay *replay);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternReplay, astern_replay_free)
