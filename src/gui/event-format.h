/* event-format - what happened in the past, as rows for people: kinds, details, filter.
 *
 * Threads: any; what takes a machine or symbols, the machine's. */
#pragma once

#include "core/debugger-trace.h"
#include "core/symbols.h"

typedef enum
{
  ASTERN_HAPPENED_INTERRUPT,
  ASTERN_HAPPENED_EXCEPTION,
  ASTERN_HAPPENED_SYSCALL,
  ASTERN_HAPPENED_MODE,
  ASTERN_HAPPENED_CONTROL,    /* control registers */
  ASTERN_HAPPENED_MSR,
  ASTERN_HAPPENED_PORT,
  ASTERN_HAPPENED_DEVICE,     /* memory-mapped I/O */
  ASTERN_HAPPENED_WATCHED,    /* memory that the user names */
  ASTERN_HAPPENED_LOGGED,     /* mistakes of the guest, and what is not modelled */
  ASTERN_N_HAPPENED
} AsternHappened;

/* "Interrupts": untranslated, for a button; "interrupt": for a row. */
const char *astern_happened_title (AsternHappened kind);
const char *astern_happened_name  (AsternHappened kind);

/* Something that happened. */
typedef struct
{
  AsternHappened kind;
  guint          cpu;
  AsternMoment   before;
  guint64        guest_ns, pc;         /* pc: not of LOGGED, which comes in the middle of something */
  char          *details, *place;      /* for people */
} AsternHappening;

AsternHappening *astern_happening_new  (const AsternHit *hit, guint64 guest_ns);
/* What was logged. */
AsternHappening *astern_happening_logged (const char *text, guint cpu, AsternMoment moment, guint64 guest_ns);
void             astern_happening_free (AsternHappening *happening);
/* Says where: "name+0x12", or the address alone. */
void             astern_happening_name_place (AsternHappening *happening, AsternSymbols *symbols);

AsternHappened   astern_happened_of     (const AsternHit *hit);
/* "#PF at 0000000000001234, error code 0x2: write, not mapped".  Free it. */
char            *astern_happened_details (const AsternHit *hit);
/* "12.000345678 s" */
char            *astern_happening_time  (const AsternHappening *happening);

/* Whether each word of @filter is somewhere in the row, whatever its case; an empty one lets everything through. */
gboolean         astern_happening_matches (const AsternHappening *happening, const char *filter);

/* The points of @kinds (bits by AsternHappened) on @machine; WATCHED: [watch, watch + size), physical if told. */
GArray          *astern_happened_points (AsternMachine *machine, guint kinds, AsternSpace space, guint64 watch, guint64 size);
