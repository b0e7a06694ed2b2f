/* futures - runs that were left for another one.
 *
 * A run is a function of its start and of its journal, so its journal and how far it
 * went are all that has to be kept of it: it takes no room, and the time to execute it
 * again to take it up.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/inputs.h"

typedef struct
{
  guint        id;         /* 1, 2, ... in the order in which they were left */
  AsternMoment head;       /* how far it went */
  AsternJournal *journal;  /* all of it, from the start */
  gboolean     replay;     /* its journal goes on after its head */
} AsternFuture;

typedef struct _AsternFutures AsternFutures;

AsternFutures *astern_futures_new  (void);
void           astern_futures_free (AsternFutures *futures);

/* Takes @journal. */
guint          astern_futures_keep  (AsternFutures *futures, AsternMoment head, AsternJournal *journal, gboolean replay);
void           astern_futures_drop  (AsternFutures *futures, AsternFuture *future);
guint          astern_futures_count (AsternFutures *futures);
AsternFuture  *astern_futures_at    (AsternFutures *futures, guint index);    /* oldest first */
AsternFuture  *astern_futures_find  (AsternFutures *futures, guint id);       /* or NULL */

/* Up to where @future and the run with @journal, which goes to @head, are the same. */
AsternMoment   astern_future_parting (const AsternFuture *future, AsternJournal *journal, AsternMoment head);
