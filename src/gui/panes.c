/* panes.c - all panes, in the order of the menu, and where they are at first. */
#include "config.h"

#include "gui/bookmarks-view.h"
#include "gui/breakpoints-view.h"
#include "gui/console-view.h"
#include "gui/devices-view.h"
#include "gui/events-view.h"
#include "gui/heat-view.h"
#include "gui/memory-map-view.h"
#include "gui/paging-view.h"
#include "gui/memory-view.h"
#include "gui/disassembly-view.h"
#include "gui/registers-view.h"
#include "gui/screen-view.h"
#include "gui/source-view.h"
#include "gui/stack-view.h"
#include "gui/segments-view.h"
#include "gui/view.h"

#include <glib/gi18n.h>

const AsternPaneInfo astern_panes[] = {
  /* name         title               place                 shown  several  type */
  { "disassembly", N_("Disassembly"),  ASTERN_PLACE_CENTRE,  TRUE,  TRUE,  astern_disassembly_view_get_type },
  { "source",      N_("Source"),       ASTERN_PLACE_CENTRE,  TRUE,  FALSE, astern_source_view_get_type },
  { "screen",      N_("Screen"),       ASTERN_PLACE_CENTRE,  TRUE,  FALSE, astern_screen_view_get_type },
  { "stack",       N_("Stack"),        ASTERN_PLACE_LEFT,    TRUE,  FALSE, astern_stack_view_get_type },
  { "breakpoints", N_("Breakpoints"),  ASTERN_PLACE_LEFT,    TRUE,  FALSE, astern_breakpoints_view_get_type },
  { "devices",     N_("Devices"),      ASTERN_PLACE_LEFT,    TRUE,  FALSE, astern_devices_view_get_type },
  { "registers",   N_("Registers"),    ASTERN_PLACE_RIGHT,   TRUE,  FALSE, astern_registers_view_get_type },
  { "consoles",    N_("Consoles"),     ASTERN_PLACE_BOTTOM,  TRUE,  FALSE, astern_console_view_get_type },
  { "memory",      N_("Memory"),       ASTERN_PLACE_BOTTOM,  TRUE,  TRUE,  astern_memory_view_get_type },
  { "events",      N_("Events"),       ASTERN_PLACE_BOTTOM,  TRUE,  FALSE, astern_events_view_get_type },
  { "bookmarks",   N_("Bookmarks"),    ASTERN_PLACE_BOTTOM,  TRUE,  FALSE, astern_bookmarks_view_get_type },
  { "heat",        N_("Page Heat"),    ASTERN_PLACE_BOTTOM,  FALSE, FALSE, astern_heat_view_get_type },
  { "paging",      N_("Page Tables"),  ASTERN_PLACE_LEFT,    FALSE, FALSE, astern_paging_view_get_type },
  { "segments",    N_("Segments"),     ASTERN_PLACE_LEFT,    FALSE, FALSE, astern_segments_view_get_type },
  { "memory-map",  N_("Memory Map"),   ASTERN_PLACE_LEFT,    FALSE, FALSE, astern_memory_map_view_get_type },
  { .name = NULL },
};
