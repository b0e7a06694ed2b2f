/* generate - random sequences of user-mode instructions, made from the decoder's own
 * tables.
 *
 * Threads: the main thread. */
#pragma once

#include "case.h"

#include "arch/x86/features.h"

typedef struct _OracleGenerator OracleGenerator;

/* @only: (nullable): mnemonic that every sequence shall contain.  @without: (nullable): some that none
 * shall contain, with commas between; "rep" is that prefix. */
OracleGenerator *oracle_generator_new  (const X86Features *features, gboolean mode32, const char *only,
                                        const char *without);
void             oracle_generator_free (OracleGenerator *generator);
/* Rows that it draws from. */
guint            oracle_generator_size (const OracleGenerator *generator);

/* A case of its own for each seed. */
void             oracle_generate       (OracleGenerator *generator, guint64 seed, guint slot, OracleCase *c);
/* Fills oracle_images. */
void             oracle_make_images    (void);

/* Names of what is drawn, for a census: one call a distinct mnemonic. */
void             oracle_generator_foreach (const OracleGenerator *generator,
                                           void (*visit) (const char *mnemonic, gpointer data), gpointer data);
