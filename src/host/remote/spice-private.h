/* spice-private - what the files of the SPICE server know of each other.
 *
 * Threads: the server's own, where nothing else is said. */
#pragma once

#include "host/remote/spice.h"

#include <spice.h>

#define SPICE_INTERFACE_OF(kind, text)                                                            \
  .base = { .type = SPICE_INTERFACE_##kind, .description = text,                                  \
            .major_version = SPICE_INTERFACE_##kind##_MAJOR, .minor_version = SPICE_INTERFACE_##kind##_MINOR }

/* A channel of a client's, for people to read of. */
typedef struct
{
  int      connection, type, id;
  gboolean tls;
  char    *from;
} SpicePeer;

struct _AsternSpice
{
  AsternRemoteFuncs funcs;
  AsternSpiceSpec   spec;           /* borrowed strings, until it has started */
  GSocket          *listening;      /* (nullable): only by TLS */
  char             *name;
  char             *path;           /* (nullable) of the socket */
  guint16           port, tls_port;
  gboolean          password;
  GThread          *thread;
  GMainContext     *context;
  GMainLoop        *loop;
  GSource          *kick;           /* any thread sets it ready: there is something to do */

  /* The server's thread. */
  SpiceServer      *server;
  SpiceCoreInterface core;
  QXLInstance       screen;
  SpiceTabletInstance tablet;
  gboolean          has_tablet;
  SpicePlaybackInstance playback;
  SpiceRecordInstance record;
  gboolean          has_sound, playing;
  guint             recording;      /* frames a second; 0: not */
  guint32          *samples;        /* (nullable) the library's, to be filled */
  guint32           n_samples;
  AsternPicture     picture;        /* as the library has it */
  AsternCursor      cursor;         /* likewise */
  guint32          *surface;        /* the library's own */
  guint             n_people;
  guint16           prefix;         /* of the key whose code comes next */
  guint             width, height;  /* that the pointer's place is told in */
  guint32           next_id;

  GMutex            mutex;          /* guards what follows */
  GCond             started;
  gint              state;          /* 0: not yet; 1: it serves; -1: it could not */
  AsternPicture     shown;
  guint             first_row, end_row;
  AsternCursor      wanted;         /* the cursor */
  gboolean          cursor_changed;
  gboolean          absolute;
  char             *secret;         /* (nullable) to be set */
  gint              lifetime_s;     /* of it; 0: for ever */
  gboolean          fail_if_connected, disconnect_if_connected;
  gboolean          new_secret;
  GQueue            waiting, cursors;   /* SpiceCommand (spice-screen.c), for the library */
  GPtrArray        *lines;          /* SpiceLine */
  GArray           *peers;          /* SpicePeer */
};

/* spice-loop.c: all but channel_event. */
void     spice_loop_fill           (SpiceCoreInterface *core, GMainContext *context);

/* spice-inputs.c */
void     spice_inputs_add          (AsternSpice *spice);
void     spice_inputs_set_absolute (AsternSpice *spice, gboolean absolute);

/* spice-screen.c */
void     spice_screen_add          (AsternSpice *spice);
/* What was shown meanwhile goes to the library. */
void     spice_screen_take         (AsternSpice *spice);
/* When the library is gone. */
void     spice_screen_clear        (AsternSpice *spice);

/* spice-sounds.c: with -audiodev spice. */
void     spice_sounds_add          (AsternSpice *spice);
void     spice_sounds_take         (AsternSpice *spice);
void     spice_sounds_end          (AsternSpice *spice);

/* spice-lines.c */
typedef struct _SpiceLine SpiceLine;
/* What the guest has sent, opened and closed meanwhile goes to the library. */
void     spice_lines_take          (AsternSpice *spice);
/* Any thread: the machine's end is left in peace. */
void     spice_lines_detach        (AsternSpice *spice);
void     spice_line_free           (gpointer line);

/* Any thread. */
static inline void
spice_kick (AsternSpice *spice)
{
  g_source_set_ready_time (spice->kick, 0);
}
