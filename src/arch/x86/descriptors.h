/* descriptors - segment descriptors, gates and task-state segments as they lie in memory, decoded for people.
 *
 * What the CPU itself does with them is in the engine; segments.h has the bits that both know.
 *
 * Threads: pure functions. */
#pragma once

#include "arch/x86/segments.h"

typedef enum
{
  X86_DESCRIPTOR_EMPTY,          /* all zeros */
  X86_DESCRIPTOR_CODE,
  X86_DESCRIPTOR_DATA,
  X86_DESCRIPTOR_LDT,
  X86_DESCRIPTOR_TSS,
  X86_DESCRIPTOR_CALL_GATE,
  X86_DESCRIPTOR_TASK_GATE,
  X86_DESCRIPTOR_INTERRUPT_GATE,
  X86_DESCRIPTOR_TRAP_GATE,
  X86_DESCRIPTOR_RESERVED,       /* a type that means nothing here */
} X86DescriptorKind;

typedef struct
{
  guint8  kind;                  /* X86DescriptorKind */
  guint8  bytes;                 /* 8 or 16 */
  guint8  bits;                  /* 16, 32 or 64: of code and stack, of the TSS, of the gate */
  guint8  dpl, present;
  guint16 attr;                  /* as in X86Segment */
  guint64 base;                  /* segments, LDT, TSS */
  guint32 limit;                 /* in bytes, granularity applied */
  guint16 selector;              /* gates */
  guint64 offset;
  guint8  ist, n_params;         /* long-mode gates; call gates */
} X86Descriptor;

/* @size bytes are there; FALSE: too few, and *@descriptor is empty.  @long_mode: EFER.LMA, where some take 16 bytes.
 * @idt: it is one of the IDT's, where only gates have a meaning. */
gboolean x86_descriptor_decode (const guint8 *bytes, gsize size, gboolean long_mode, gboolean idt, X86Descriptor *descriptor);

/* "64-bit code, readable, conforming": translated; free it. */
char    *x86_descriptor_text   (const X86Descriptor *descriptor);
/* "P A G": its flags but for what the text says; free it. */
char    *x86_descriptor_flags  (const X86Descriptor *descriptor);

/* ---- task-state segments ---- */

typedef struct
{
  const char *name;              /* "RSP0", "IST1", "IOMAP" */
  guint8      offset, size;      /* bytes */
} X86TssField;

/* The fields of a TSS of @bits, up to one without a name. */
const X86TssField *x86_tss_fields (guint bits);
guint64            x86_tss_value  (const X86TssField *field, const guint8 *tss, gsize size);     /* 0 where it ends before */

/* Which ports the I/O permission bitmap of a TSS of @size bytes (its limit + 1) lets through for less privileged code:
 * "0x60–0x64, 0x3f8": at most @most ranges, then "…"; "none".  Translated; free it. */
char              *x86_tss_ports_text (const guint8 *tss, gsize size, guint io_map, guint most);
