/* segments - descriptors, gates and task-state segments as they lie in memory.
 *
 * Threads: pure functions. */
#pragma once

#include "arch/x86/state.h"

/* Types of system descriptors (S = 0). */
enum
{
  X86_SYS_TSS16 = 1, X86_SYS_LDT = 2, X86_SYS_TSS16_BUSY = 3, X86_SYS_CALL16 = 4, X86_SYS_TASK_GATE = 5,
  X86_SYS_INT16 = 6, X86_SYS_TRAP16 = 7, X86_SYS_TSS = 9, X86_SYS_TSS_BUSY = 11, X86_SYS_CALL = 12, X86_SYS_INT = 14,
  X86_SYS_TRAP = 15,
};
#define X86_SYS_BUSY 2           /* the bit that tells a busy TSS */

/* Type bits of segments (S = 1). */
enum { X86_TYPE_ACCESSED = 1, X86_TYPE_WRITE_READ = 2, X86_TYPE_CONFORMING_DOWN = 4, X86_TYPE_CODE = 8 };

#define X86_DESC_ACCESSED (G_GUINT64_CONSTANT (1) << 40)
#define X86_DESC_BUSY     (G_GUINT64_CONSTANT (2) << 40)

/* Selectors. */
#define X86_SEL_RPL(selector)   ((selector) & 3)
#define X86_SEL_LDT(selector)   (((selector) & 4) != 0)
#define X86_SEL_NULL(selector)  (((selector) & ~3) == 0)
#define X86_SEL_INDEX(selector) ((selector) & ~7u)      /* byte offset in the table */

/* Bits 40..47 and 52..55 of a descriptor, as X86Segment.attr has them. */
static inline guint16
x86_desc_attr (guint64 desc)
{
  return (guint16) (desc >> 40) & 0xf0ff;
}

static inline guint
x86_desc_type (guint64 desc)     /* system types with S = 0; with S = 1: 16 + type */
{
  return (desc >> 40) & 0x1f;
}
#define X86_DESC_S 16

static inline guint
x86_desc_dpl (guint64 desc)
{
  return (desc >> 45) & 3;
}

static inline gboolean
x86_desc_present (guint64 desc)
{
  return ((desc >> 47) & 1) != 0;
}

static inline guint32
x86_desc_base (guint64 desc)
{
  return ((desc >> 16) & 0xffffff) | ((desc >> 32) & 0xff000000);
}

static inline guint32
x86_desc_limit (guint64 desc)
{
  guint32 limit = (desc & 0xffff) | ((desc >> 32) & 0xf0000);

  return (desc >> 55) & 1 ? limit << 12 | 0xfff : limit;
}

static inline X86Segment
x86_desc_segment (guint64 desc, guint16 selector)
{
  return (X86Segment) { .base = x86_desc_base (desc), .limit = x86_desc_limit (desc),
                        .selector = selector, .attr = x86_desc_attr (desc) };
}

/* Call, interrupt and trap gates. */
static inline guint16
x86_gate_selector (guint64 gate)
{
  return (guint16) (gate >> 16);
}

static inline guint32
x86_gate_offset (guint64 gate)
{
  return (gate & 0xffff) | ((gate >> 32) & 0xffff0000);
}

/* Whether [offset, offset + bytes) lies in the segment (expand-down applied). */
static inline gboolean
x86_segment_contains (const X86Segment *seg, guint64 offset, guint bytes)
{
  guint64 last = offset + bytes - 1;

  if ((seg->attr & (X86_ATTR_S | X86_TYPE_CODE | X86_TYPE_CONFORMING_DOWN)) == (X86_ATTR_S | X86_TYPE_CONFORMING_DOWN))
    return offset > seg->limit && last <= ((seg->attr & X86_ATTR_DB) ? 0xffffffffu : 0xffffu);
  return last <= seg->limit;
}
