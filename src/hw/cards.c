/* cards.c - every card that can be plugged in, in alphabetical order. */
#include "config.h"

#include "hw/card.h"

#include "hw/storage/scsi.h"

const AsternCard *const astern_cards[] = {
  &scsi_cd_card,
  &scsi_hd_card,
  NULL
};
