/* events - what the guest did that a person may want to know: the log.
 *
 * Kinds are switched on one by one (`-d int,cpu_reset`); a kind that is off costs
 * one test.  A guest's mistake is an event and is counted, never an assertion.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include <glib.h>
#include <stdio.h>

#define ASTERN_EVENT_KINDS(X) \
  X (INT,          "int",          "interrupts and exceptions") \
  X (CPU_RESET,    "cpu_reset",    "CPU state at each reset") \
  X (IN_ASM,       "in_asm",       "guest code, once for each translated unit") \
  X (OP,           "op",           "the units' IR") \
  X (OUT_ASM,      "out_asm",      "the units' host code") \
  X (GUEST_ERRORS, "guest_errors", "what the guest did wrong") \
  X (UNIMP,        "unimp",        "what is not modelled")

typedef enum
{
#define X(id, name, help) ASTERN_EVENT_##id,
  ASTERN_EVENT_KINDS (X)
#undef X
  ASTERN_N_EVENT_KINDS
} AsternEventKind;

/* Told of what happened, as a line without its end. */
typedef void (*AsternEventFunc) (gpointer listener, AsternEventKind kind, const char *text);

typedef struct
{
  guint32  enabled;                          /* bit mask by AsternEventKind */
  FILE    *file;                             /* where lines go; stderr unless told */
  guint32  listened;                         /* kinds that the listener hears, logged or not */
  AsternEventFunc listener;                  /* (nullable) */
  gpointer listener_data;
  guint64  counts[ASTERN_N_EVENT_KINDS];     /* all that happened, logged or not */
} AsternEvents;

#define astern_events_on(events, kind) ((((events)->enabled | (events)->listened) >> (kind)) & 1)

/* Counts, and writes a line, or tells the listener, when the kind is on. */
void     astern_events_log   (AsternEvents *events, AsternEventKind kind, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* "int,guest_errors" -> mask; an unknown name is an error that lists the known ones. */
gboolean astern_events_parse (const char *text, guint32 *mask, GError **error);

/* One listener: the next one replaces it.  @heard: bit mask of kinds; 0 and NULL: nobody listens. */
void     astern_events_listen (AsternEvents *events, guint32 heard, AsternEventFunc listener, gpointer data);

/* "int" */
const char *astern_event_kind_name (AsternEventKind kind);
