/* spice - a server of the screen for SPICE clients.
 *
 * The server is shown pictures, whatever the card, and never looks into the guest: what its threads do has no say in
 * the run.  The card's cursor is part of the picture.
 *
 * Threads: those of this header: any, one at a time. */
#pragma once

#include "host/remote/remote.h"

typedef struct _AsternSpice AsternSpice;

/* Listens and serves from now on.  There can be one. */
AsternSpice *astern_spice_new          (const AsternRemoteSpec *spec, const char *name, const AsternRemoteFuncs *funcs, GError **error);
void         astern_spice_free         (AsternSpice *spice);

/* Rows [first, end) have changed; all of them when the size has. */
void         astern_spice_show         (AsternSpice *spice, const AsternPicture *picture, guint first_row, guint end_row);
/* Whether the guest takes the place of the pointer, and not only how far it goes. */
void         astern_spice_set_absolute (AsternSpice *spice, gboolean absolute);
void         astern_spice_set_password (AsternSpice *spice, const char *password);
guint16      astern_spice_port         (const AsternSpice *spice);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternSpice, astern_spice_free)
