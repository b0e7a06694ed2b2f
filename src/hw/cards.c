/* cards.c - every card that can be plugged in, in alphabetical order. */
#include "config.h"

#include "hw/card.h"

const AsternCard *const astern_cards[] = {
  NULL
};
