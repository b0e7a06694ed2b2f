/* recording-private - what reading shares within this folder. */
#pragma once

#include "trace/recording.h"
#include "trace/store.h"

AsternTraceStore *astern_recording_store (AsternRecording *recording);
