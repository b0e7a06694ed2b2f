/* inputs - the one door: all that comes from outside into a machine.
 *
 * A key, a serial byte, a network frame, the wall-clock time at power-on, a
 * random seed, a user's poke: each goes in here, is given a moment, is written
 * to the journal, and is delivered there.  Behind the door nothing reads the
 * host.  On replay the host side is mute and the journal delivers.
 *
 * Threads: astern_inputs_submit(), _queue() and _wake() from any thread; the rest from the thread
 * that runs the machine. */
#pragma once

#include "core/journal.h"

typedef struct _AsternInputs AsternInputs;
typedef struct _AsternClock  AsternClock;

/* A place inside that takes inputs; named ("serial0", "ps2-keyboard"). */
typedef void (*AsternInputFunc) (gpointer receiver, gconstpointer data, gsize size);

/* Told of each line as it is journaled. */
typedef void (*AsternJournalFunc) (gpointer recorder, const AsternInputEvent *event);

AsternInputs *astern_inputs_new      (AsternClock *clock);
void          astern_inputs_free     (AsternInputs *inputs);

/* Declares a port; returns its number.  Order of declaration is part of the machine. */
guint         astern_inputs_add_port (AsternInputs *inputs, const char *name, AsternInputFunc deliver, gpointer receiver);
const char   *astern_inputs_port_name (AsternInputs *inputs, guint port);
gboolean      astern_inputs_find_port (AsternInputs *inputs, const char *name, guint *port);

/* Queues an input; it is delivered at the machine's next poll point. */
void          astern_inputs_submit   (AsternInputs *inputs, guint port, gconstpointer data, gsize size);

/* The same for many: queue() takes @data, and wake() is called behind the last one. */
void          astern_inputs_queue    (AsternInputs *inputs, guint port, GBytes *data);
void          astern_inputs_wake     (AsternInputs *inputs);

/* @wake is called, on the submitting thread, after each submit() and wake().  A machine sets it
 * to kick itself; who replaces it, kicks the machine too. */
void          astern_inputs_set_wake (AsternInputs *inputs, void (*wake) (gpointer), gpointer data);

/* Whether submit() left something to deliver.  Cheap; any thread. */
gboolean      astern_inputs_pending  (AsternInputs *inputs);

/* A poll point: gives all that is queued this moment, journals and delivers it; of what a journal
 * delivers, one thing a poll, so that the machine can be stopped between them.
 * Returns whether anything was delivered. */
gboolean      astern_inputs_poll     (AsternInputs *inputs);

void          astern_inputs_set_journal (AsternInputs *inputs, AsternJournalFunc append, gpointer recorder);

/* Somebody is told of each line: a recording is made. */
gboolean      astern_inputs_is_recorded (const AsternInputs *inputs);

/* Replay: what is queued is dropped, and the journal delivers at its moments. */
void          astern_inputs_journal_append (AsternInputs *inputs, const AsternInputEvent *event);
/* What is appended follows from there, block by block. */
void          astern_inputs_journal_continue (AsternInputs *inputs, const AsternJournalShelf *shelf);
/* Where what was delivered may go; copied, and must outlive the run. */
void          astern_inputs_set_shelf      (AsternInputs *inputs, const AsternJournalShelf *shelf);
void          astern_inputs_set_replay     (AsternInputs *inputs, gboolean replay);
/* The past is executed again: the journal delivers from the present moment on, nobody is told, and what is queued
 * waits.  FALSE: at the head again. */
void          astern_inputs_set_past       (AsternInputs *inputs, gboolean past);
/* What was delivered, or is to be, at or after the present moment is forgotten: another future begins. */
void          astern_inputs_journal_cut    (AsternInputs *inputs);
/* All of it; borrowed. */
AsternJournal *astern_inputs_journal         (AsternInputs *inputs);
/* Another one in its place: its events at or after the present moment are to be delivered. */
void          astern_inputs_journal_replace (AsternInputs *inputs, AsternJournal *journal);
gboolean      astern_inputs_is_replay       (AsternInputs *inputs);
/* Delivers at the present moment, journaled; the machine is stopped, at its head. */
void          astern_inputs_deliver_now    (AsternInputs *inputs, guint port, gconstpointer data, gsize size);
/* Whether the journal delivers, and not who submits: a replay, or the past. */
gboolean      astern_inputs_is_deaf        (AsternInputs *inputs);
/* icount of the next one; G_MAXUINT64: none. */
guint64       astern_inputs_next_icount    (AsternInputs *inputs);

/* Inputs that are part of the start: asked for once, at power-on. */
guint64       astern_inputs_wall_clock_s (AsternInputs *inputs);          /* seconds since 1970, UTC */
void          astern_inputs_set_wall_clock (AsternInputs *inputs, guint64 seconds);
/* The seed of the machine's own generator (RDRAND, virtio-rng, fw_cfg's seed). */
void          astern_inputs_set_seed (AsternInputs *inputs, guint64 seed);
/* Next 64 bits of the generator: a pure function of the seed and of how many were drawn (state is saved). */
guint64       astern_inputs_random   (AsternInputs *inputs);
guint64      *astern_inputs_random_state (AsternInputs *inputs);   /* two words, for saving and hashing */
