/* shares - what of the host a guest works with by requests: directories (-fsdev), and sockets (a vsock device's).
 *
 * Nothing of it is opened for a replay: all that came is in the recording.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/link.h"
#include "core/machine.h"
#include "host/loop.h"
#include "launch/options.h"

typedef struct _AsternShares AsternShares;

AsternShares *astern_shares_new   (AsternMachine *machine, const AsternLaunchOptions *options);
/* After the machine was freed. */
void          astern_shares_free  (AsternShares *shares);
/* The link of a -fsdev, for one device; (nullable): there is none, or it is another's. */
AsternLink   *astern_shares_link  (AsternShares *shares, const char *id);
/* After all devices were plugged in. */
gboolean      astern_shares_open  (AsternShares *shares, AsternHostLoop *loop, GError **error);
void          astern_shares_close (AsternShares *shares);
