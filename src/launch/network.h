/* network - a machine's cards, the networks that they are plugged into, and what is written down of them.
 *
 * A card's link is made when the card is; networks are opened last, and not at all when the machine is replayed.
 *
 * Threads: the thread that runs the machine, or any while it is stopped. */
#pragma once

#include "core/link.h"
#include "core/machine.h"
#include "launch/launch.h"

AsternNetwork *astern_network_new      (AsternMachine *machine, const AsternLaunchOptions *options);
/* After the machine. */
void           astern_network_free     (AsternNetwork *network);

/* For a card; (nullable): there is no -netdev of that id, or another card has it. */
AsternLink    *astern_network_link     (AsternNetwork *network, const char *id);

gboolean       astern_network_open     (AsternNetwork *network, AsternHostLoop *loop, GError **error);
void           astern_network_close    (AsternNetwork *network);

/* For people: each network, what is plugged into it, and what it does.  Free it. */
char          *astern_network_describe (AsternNetwork *network);
/* The cable of the network or card @id is plugged in, or pulled. */
gboolean       astern_network_plug     (AsternNetwork *network, const char *id, gboolean up, GError **error);
/* @id (nullable): the first that can.  Rules as those of hostfwd=. */
gboolean       astern_network_forward  (AsternNetwork *network, const char *id, gboolean add, const char *rule, GError **error);
