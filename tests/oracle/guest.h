/* guest - cases run by the engine: a machine of memory and one CPU, in 64-bit or
 * compatibility mode at CPL 3.
 *
 * Threads: the main thread. */
#pragma once

#include "case.h"

#include "translate/engine.h"

typedef struct _OracleGuest OracleGuest;

OracleGuest       *oracle_guest_new      (AsternTier tier);
void               oracle_guest_free     (OracleGuest *guest);
const X86Features *oracle_guest_features (OracleGuest *guest);
/* Puts the code of all cases where it lies: some read each other's. */
void               oracle_guest_prepare  (OracleGuest *guest, const OracleCase *cases, guint n);
/* Fills the case's `guest`. */
void               oracle_guest_run      (OracleGuest *guest, OracleCase *c);
