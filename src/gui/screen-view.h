/* screen-view - the guest's screen, and its keyboard and mouse. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_SCREEN_VIEW (astern_screen_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternScreenView, astern_screen_view, ASTERN, SCREEN_VIEW, AsternView)
