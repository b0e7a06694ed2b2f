/* hda - Intel High Definition Audio: controllers, and codecs that are plugged into their link.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "hw/card.h"

#define HDA_WINDOW 1            /* of the controller's registers */

extern const AsternDeviceClass intel_hda_class, ich9_intel_hda_class, hda_output_class, hda_duplex_class, hda_micro_class;
extern const AsternCard        intel_hda_card, ich9_intel_hda_card, hda_output_card, hda_duplex_card, hda_micro_card;

/* For tests; cards do it when they are configured and plugged in.  FALSE: the address is taken. */
gboolean hda_plug          (AsternDevice *controller, AsternDevice *codec, guint address);
void     hda_codec_connect (AsternDevice *codec, AsternLink *link);
