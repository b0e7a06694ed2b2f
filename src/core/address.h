/* address - guest addresses as types of their own, and what an access is.
 *
 * A virtual, a linear and a physical address are different types, so that
 * exchanging them does not compile; the machine code is that of a guint64. */
#pragma once

#include <glib.h>

#define ASTERN_PAGE_BITS 12
#define ASTERN_PAGE_SIZE (1u << ASTERN_PAGE_BITS)
#define ASTERN_PAGE_MASK ((guint64) ASTERN_PAGE_SIZE - 1)

typedef struct { guint64 v; } AsternVaddr;   /* linear (after segmentation, before paging) */
typedef struct { guint64 p; } AsternPaddr;   /* guest physical, or a port number on the port bus */

typedef enum
{
  ASTERN_ACCESS_READ,
  ASTERN_ACCESS_WRITE,
  ASTERN_ACCESS_FETCH,
} AsternAccessKind;

/* Who makes an access. */
typedef enum
{
  ASTERN_ORIGIN_CPU,
  ASTERN_ORIGIN_DMA,
  ASTERN_ORIGIN_DEBUGGER,   /* must not have side effects: the peek form */
} AsternOrigin;

typedef struct
{
  AsternPaddr      address;
  guint8           size;     /* bytes: 1, 2, 4, 8 */
  guint8           kind;     /* AsternAccessKind */
  guint8           origin;   /* AsternOrigin */
  guint8           cpu;      /* index of the CPU for ASTERN_ORIGIN_CPU */
} AsternAccess;
