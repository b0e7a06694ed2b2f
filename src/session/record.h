/* record - who writes a recording takes part in a session (-record FILE).
 *
 * Threads: the machine's. */
#pragma once

#include "session/session.h"

typedef struct _AsternRecorder AsternRecorder;

typedef struct
{
  AsternRecorder *recorder;
  AsternClient   *client;
} AsternRecord;

/* @record, zeroed, must outlive the session. */
AsternSessionCompanion astern_record_companion (AsternRecord *record);
