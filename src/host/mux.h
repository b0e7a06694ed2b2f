/* mux - one terminal shared by the guest's serial port and the monitor.
 *
 * Takes what the user types, and finds the Ctrl-A commands in it.  Pure: bytes
 * in, calls out.
 *
 * Threads: one at a time. */
#pragma once

#include <glib.h>

#define ASTERN_MUX_ESCAPE 0x01   /* Ctrl-A */

typedef enum
{
  ASTERN_MUX_GUEST,     /* bytes for the guest */
  ASTERN_MUX_MONITOR,   /* bytes for the monitor */
  ASTERN_MUX_HELP,      /* Ctrl-A h */
  ASTERN_MUX_QUIT,      /* Ctrl-A x */
  ASTERN_MUX_SWITCH,    /* Ctrl-A c: the focus has just changed */
} AsternMuxEvent;

/* @data and @size only with GUEST and MONITOR. */
typedef void (*AsternMuxFunc) (gpointer user, AsternMuxEvent event, const guint8 *data, gsize size);

typedef struct
{
  gboolean       escaped;      /* the last byte was Ctrl-A */
  gboolean       monitor;      /* who gets what is typed */
  AsternMuxFunc  happened;
  gpointer       user;
} AsternMux;

void        astern_mux_feed (AsternMux *mux, const guint8 *data, gsize size);

/* What Ctrl-A h shows, lines ended with newlines. */
const char *astern_mux_help (void);
