/* recording-private - what reading shares within this folder. */
#pragma once

#include "trace/recording.h"
#include "trace/store.h"

AsternTraceStore *astern_recording_store (AsternRecording *recording);
/* The run's @i-th stretch, and the moment at which the next one left it; FALSE: there are no more. */
gboolean          astern_recording_stretch (AsternRecording *recording, guint i, gint64 *branch, AsternMoment *until);
