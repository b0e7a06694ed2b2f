/* eeprom93c46 - the serial EEPROM of network cards: 64 words of 16 bits, read a bit at a time.
 *
 * The card has the pins, in a register of its own; this has the chip behind them.  Its state is embedded in the card's.
 * Source: Microchip 93C46B data sheet, section 2.  Left out: writing; such commands are heard and do nothing.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/fields.h"

#define EEPROM93C46_WORDS 64

typedef struct
{
  guint32 in;                   /* bits that were clocked into it */
  guint16 out;                  /* the word that is clocked out */
  guint16 words[EEPROM93C46_WORDS];
  guint8  bits, out_bits;       /* of each */
  guint8  reading;
  guint8  data_out;             /* the pin */
  guint16 reserved;
} Eeprom93c46State;

#define EEPROM93C46_FIELDS(Struct, since)                                                                      \
  ASTERN_FIELD (Struct, eeprom.in, since), ASTERN_FIELD (Struct, eeprom.out, since),                           \
  ASTERN_FIELD_ARRAY (Struct, eeprom.words, since), ASTERN_FIELD (Struct, eeprom.bits, since),                 \
  ASTERN_FIELD (Struct, eeprom.out_bits, since), ASTERN_FIELD (Struct, eeprom.reading, since),                 \
  ASTERN_FIELD (Struct, eeprom.data_out, since), ASTERN_FIELD (Struct, eeprom.reserved, since)

/* Chip select is low, or was: it waits for a command, and says that it is ready.  Its words stay. */
void eeprom93c46_deselect (Eeprom93c46State *s);
/* The clock rose with @data_in. */
void eeprom93c46_clock    (Eeprom93c46State *s, gboolean data_in);
/* The state is from a file: it is made one that can be. */
void eeprom93c46_restored (Eeprom93c46State *s);
