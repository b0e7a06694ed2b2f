/* eeprom93c46.c - see eeprom93c46.h. */
#include "config.h"

#include "hw/net/eeprom93c46.h"

#define COMMAND_BITS 9          /* a one, two of operation, six of address */
#define READ         6          /* the one and the operation */

void
eeprom93c46_deselect (Eeprom93c46State *s)
{
  s->in = 0;
  s->bits = s->out_bits = s->reading = 0;
  s->data_out = 1;
}

/* The highest bit first; ones behind the lowest. */
static void
shift_out (Eeprom93c46State *s)
{
  s->data_out = s->out_bits < 16 ? s->out >> (15 - s->out_bits) & 1 : 1;
  if (s->out_bits < 16)
    s->out_bits++;
}

void
eeprom93c46_clock (Eeprom93c46State *s, gboolean data_in)
{
  if (s->reading)
    {
      shift_out (s);
      return;
    }
  s->in = s->in << 1 | (data_in != FALSE);
  if (s->bits == 0 && !(s->in & 1))     /* no command begins with a zero */
    {
      s->in = 0;
      return;
    }
  if (++s->bits < COMMAND_BITS)
    return;
  if ((s->in >> 6 & 7) == READ)
    {
      s->reading = 1;
      s->out = s->words[s->in % EEPROM93C46_WORDS];
      s->out_bits = 0;
      s->data_out = 0;
    }
  s->bits = 0;
  s->in = 0;
}

void
eeprom93c46_restored (Eeprom93c46State *s)
{
  s->bits %= COMMAND_BITS;
}
