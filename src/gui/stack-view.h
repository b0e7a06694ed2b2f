/* stack-view - the pane of the stack: frames, and the words that lie there.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_STACK_VIEW (astern_stack_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternStackView, astern_stack_view, ASTERN, STACK_VIEW, AsternView)
