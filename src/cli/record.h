/* record - a session that writes a recording.
 *
 * Threads: the main thread. */
#pragma once

#include "cli/session.h"

/* astern_session_run() with -record. */
int astern_record_session (const AsternLaunchOptions *options, const AsternSessionStory *story);
