/* panes.c - all panes, in the order of the menu, and where they are at first. */
#include "config.h"

#include "gui/registers-view.h"
#include "gui/screen-view.h"
#include "gui/view.h"

#include <glib/gi18n.h>

const AsternPaneInfo astern_panes[] = {
  /* name         title              place                 shown  several  type */
  { "screen",     N_("Screen"),      ASTERN_PLACE_CENTRE,  TRUE,  FALSE,   astern_screen_view_get_type },
  { "registers",  N_("Registers"),   ASTERN_PLACE_RIGHT,   TRUE,  FALSE,   astern_registers_view_get_type },
  { NULL },
};
