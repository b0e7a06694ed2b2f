/* disassembly-arrows - jumps as arrows beside the lines: which lane each is drawn in.
 *
 * Pure; any thread. */
#pragma once

#include <glib.h>

#define ASTERN_ARROW_LANES 6

typedef struct
{
  guint    from, to;      /* rows */
  gboolean conditional;
  guint    lane;          /* 0: next to the code */
} AsternArrow;

/* Gives each a lane in which it meets no other; arrows to one row may share theirs.  The shortest are nearest to the code.
 * Those for which there is no lane are taken out.  @arrows: of AsternArrow, sorted afterwards.  Returns how many lanes are used. */
guint astern_arrows_layout (GArray *arrows);
