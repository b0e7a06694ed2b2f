/* paging-view - the present CPU's page tables: as a tree, or as regions; and why an access faults.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/view.h"

#define ASTERN_TYPE_PAGING_VIEW (astern_paging_view_get_type ())
G_DECLARE_FINAL_TYPE (AsternPagingView, astern_paging_view, ASTERN, PAGING_VIEW, AsternView)
