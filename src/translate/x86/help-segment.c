/* help-segment.c - loading segment registers, and instructions about descriptors.
 * Source: Intel SDM vol. 3A, chapters 3.4, 5 and 8.2.2; vol. 2 for each instruction.
 * Left out: nothing known. */

#include "config.h"

#include "translate/x86/help.h"

/* --- descriptors --- */

void
x86_raise_selector (X86Cpu *cpu, guint vector, guint16 selector)
{
  x86_raise_error (cpu, vector, selector & 0xfffc);
}

gboolean
x86_desc_find (X86Cpu *cpu, guint16 selector, X86DescRef *ref)
{
  const X86Segment *ldt = &cpu->s.seg[X86_LDTR];
  guint64 base = X86_SEL_LDT (selector) ? ldt->base : cpu->s.gdtr_base;
  guint32 limit = X86_SEL_LDT (selector) ? ldt->limit : cpu->s.gdtr_limit;

  if (X86_SEL_LDT (selector) && (X86_SEL_NULL (ldt->selector) || (ldt->attr & X86_ATTR_UNUSABLE)))
    return FALSE;
  if ((selector | 7u) > limit)
    return FALSE;
  ref->address = base + X86_SEL_INDEX (selector);
  ref->desc = x86_mem_read (cpu, ref->address, 8, IR_MEM_SYSTEM);
  return TRUE;
}

X86DescRef
x86_desc_fetch (X86Cpu *cpu, guint16 selector, guint vector)
{
  X86DescRef ref;

  if (!x86_desc_find (cpu, selector, &ref))
    x86_raise_selector (cpu, vector, selector);
  return ref;
}

void
x86_desc_accessed (X86Cpu *cpu, X86DescRef *ref)
{
  if (ref->desc & X86_DESC_ACCESSED)
    return;
  ref->desc |= X86_DESC_ACCESSED;
  x86_mem_write (cpu, ref->address + 5, 1, (ref->desc >> 40) & 0xff, IR_MEM_SYSTEM);
}

guint64
x86_desc_upper (X86Cpu *cpu, const X86DescRef *ref)
{
  return x86_mem_read (cpu, ref->address + 8, 8, IR_MEM_SYSTEM);
}

/* --- checks --- */

X86DescRef
x86_check_stack_segment (X86Cpu *cpu, guint16 selector, guint cpl, guint vector)
{
  X86DescRef ref;

  if (X86_SEL_NULL (selector))
    x86_raise_error (cpu, vector, 0);
  ref = x86_desc_fetch (cpu, selector, vector);
  if (X86_SEL_RPL (selector) != cpl || x86_desc_dpl (ref.desc) != cpl
      || (x86_desc_type (ref.desc) & (X86_DESC_S | X86_TYPE_CODE | X86_TYPE_WRITE_READ))
         != (X86_DESC_S | X86_TYPE_WRITE_READ))
    x86_raise_selector (cpu, vector, selector);
  if (!x86_desc_present (ref.desc))
    x86_raise_selector (cpu, X86_EXC_SS, selector);
  return ref;
}

void
x86_check_code (X86Cpu *cpu, guint16 selector, const X86DescRef *ref)
{
  guint cpl = x86_cpl (&cpu->s), dpl = x86_desc_dpl (ref->desc);

  if (x86_is_conforming (ref->desc) ? dpl > cpl : X86_SEL_RPL (selector) > cpl || dpl != cpl)
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  if (x86_is_code64 (cpu, ref->desc) && (x86_desc_attr (ref->desc) & X86_ATTR_DB))
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  if (!x86_desc_present (ref->desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
}

void
x86_check_rip (X86Cpu *cpu, guint64 desc, guint64 rip)
{
  if (x86_is_code64 (cpu, desc) ? !x86_is_canonical (rip) : rip > x86_desc_limit (desc))
    x86_raise_error (cpu, X86_EXC_GP, 0);
}

void
x86_check_rip_here (X86Cpu *cpu, guint64 rip)
{
  if (x86_code64 (&cpu->s) ? !x86_is_canonical (rip) : rip > cpu->s.seg[X86_CS].limit)
    x86_raise_error (cpu, X86_EXC_GP, 0);
}

/* --- segment registers --- */

void
x86_set_segment (X86Cpu *cpu, guint seg, guint16 selector, const X86DescRef *ref)
{
  cpu->s.seg[seg] = x86_desc_segment (ref->desc, selector);
}

void
x86_set_cs (X86Cpu *cpu, guint16 selector, const X86DescRef *ref, guint cpl)
{
  x86_set_segment (cpu, X86_CS, (selector & ~3) | cpl, ref);
}

void
x86_set_null (X86Cpu *cpu, guint seg, guint16 selector, guint cpl)
{
  cpu->s.seg[seg] = (X86Segment) { .selector = selector,
                                   .attr = X86_ATTR_UNUSABLE | (seg == X86_SS ? cpl << 5 : 0) };
}

void
x86_set_real (X86Cpu *cpu, guint seg, guint16 selector)
{
  x86_load_segment_real (&cpu->s, seg, selector);
}

static void
load_stack_segment (X86Cpu *cpu, guint16 selector, guint vector)
{
  guint cpl = x86_cpl (&cpu->s);
  X86DescRef ref;

  if (X86_SEL_NULL (selector) && x86_code64 (&cpu->s) && cpl < 3 && X86_SEL_RPL (selector) == cpl)
    {
      x86_set_null (cpu, X86_SS, selector, cpl);
      return;
    }
  ref = x86_check_stack_segment (cpu, selector, cpl, vector);
  x86_desc_accessed (cpu, &ref);
  x86_set_segment (cpu, X86_SS, selector, &ref);
}

void
x86_load_protected (X86Cpu *cpu, guint seg, guint16 selector, guint vector)
{
  X86DescRef ref;
  guint type;

  if (seg == X86_SS)
    {
      load_stack_segment (cpu, selector, vector);
      return;
    }
  if (X86_SEL_NULL (selector))
    {
      x86_set_null (cpu, seg, selector, 0);
      return;
    }
  ref = x86_desc_fetch (cpu, selector, vector);
  type = x86_desc_type (ref.desc);
  if (!(type & X86_DESC_S)
      || (type & (X86_TYPE_CODE | X86_TYPE_WRITE_READ)) == X86_TYPE_CODE     /* code that cannot be read */
      || ((type & (X86_TYPE_CODE | X86_TYPE_CONFORMING_DOWN)) != (X86_TYPE_CODE | X86_TYPE_CONFORMING_DOWN)
          && MAX (X86_SEL_RPL (selector), x86_cpl (&cpu->s)) > x86_desc_dpl (ref.desc)))
    x86_raise_selector (cpu, vector, selector);
  if (!x86_desc_present (ref.desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
  x86_desc_accessed (cpu, &ref);
  x86_set_segment (cpu, seg, selector, &ref);
}

void
x86_drop_inner_segments (X86Cpu *cpu)
{
  static const guint8 data[] = { X86_ES, X86_DS, X86_FS, X86_GS };
  guint cpl = x86_cpl (&cpu->s);

  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    {
      X86Segment *seg = &cpu->s.seg[data[i]];
      gboolean conforming = (seg->attr & (X86_TYPE_CODE | X86_TYPE_CONFORMING_DOWN))
                            == (X86_TYPE_CODE | X86_TYPE_CONFORMING_DOWN);

      if (seg->attr & X86_ATTR_UNUSABLE)
        {
          if (X86_SEL_NULL (seg->selector))
            seg->selector = 0;
        }
      else if (!conforming && X86_ATTR_DPL_OF (seg->attr) < cpl)
        {
          guint64 base = x86_long_mode (&cpu->s) ? seg->base : 0;   /* FS.base and GS.base outlive a null selector */

          x86_set_null (cpu, data[i], 0, 0);
          seg->base = base;
        }
    }
}

guint64
x86_help_load_seg (X86Cpu *cpu, guint64 seg, guint64 selector, guint64 unused)
{
  if (x86_protected (cpu))
    x86_load_protected (cpu, seg, selector, X86_EXC_GP);
  else
    x86_set_real (cpu, seg, selector);
  x86_mode_changed (cpu);
  if (seg == X86_SS)
    x86_set_shadow (cpu, X86_SHADOW_MOV_SS);      /* last: another mode has the run look up here, where an input may come */
  return 0;
}

/* --- LDTR and TR --- */

/* Base of a system segment; @ref's upper half is read and checked in long mode. */
static guint64
system_base (X86Cpu *cpu, guint16 selector, const X86DescRef *ref)
{
  guint64 upper, base = x86_desc_base (ref->desc);

  if (!x86_long_mode (&cpu->s))
    return base;
  if ((selector | 15u) > cpu->s.gdtr_limit)
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  upper = x86_desc_upper (cpu, ref);
  base |= upper << 32;
  if ((upper >> 40 & 0x1f) != 0 || !x86_is_canonical (base))
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  return base;
}

guint64
x86_help_load_ldt (X86Cpu *cpu, guint64 selector, guint64 unused_b, guint64 unused_c)
{
  X86DescRef ref;
  guint64 base;

  x86_require_cpl0 (cpu);
  selector &= 0xffff;
  if (X86_SEL_NULL (selector))
    {
      x86_set_null (cpu, X86_LDTR, selector, 0);
      return 0;
    }
  if (X86_SEL_LDT (selector))
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  ref = x86_desc_fetch (cpu, selector, X86_EXC_GP);
  if (x86_desc_type (ref.desc) != X86_SYS_LDT)
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  if (!x86_desc_present (ref.desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
  base = system_base (cpu, selector, &ref);
  x86_set_segment (cpu, X86_LDTR, selector, &ref);
  cpu->s.seg[X86_LDTR].base = base;
  return 0;
}

guint64
x86_help_load_tr (X86Cpu *cpu, guint64 selector, guint64 unused_b, guint64 unused_c)
{
  X86DescRef ref;
  guint64 base;
  guint type;

  x86_require_cpl0 (cpu);
  selector &= 0xffff;
  if (X86_SEL_NULL (selector))
    x86_raise_error (cpu, X86_EXC_GP, 0);
  if (X86_SEL_LDT (selector))
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  ref = x86_desc_fetch (cpu, selector, X86_EXC_GP);
  type = x86_desc_type (ref.desc);
  if (type != X86_SYS_TSS && (type != X86_SYS_TSS16 || x86_long_mode (&cpu->s)))
    x86_raise_selector (cpu, X86_EXC_GP, selector);
  if (!x86_desc_present (ref.desc))
    x86_raise_selector (cpu, X86_EXC_NP, selector);
  base = system_base (cpu, selector, &ref);
  ref.desc |= X86_DESC_BUSY;
  x86_mem_write (cpu, ref.address + 5, 1, (ref.desc >> 40) & 0xff, IR_MEM_SYSTEM);
  x86_set_segment (cpu, X86_TR, selector, &ref);
  cpu->s.seg[X86_TR].base = base;
  return 0;
}

/* #GP at CPL > 0 under CR4.UMIP. */
static void
check_umip (X86Cpu *cpu)
{
  if (cpu->s.cr4 & X86_CR4_UMIP)
    x86_require_cpl0 (cpu);
}

guint64
x86_help_sldt (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  check_umip (cpu);
  return cpu->s.seg[X86_LDTR].selector;
}

guint64
x86_help_str (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  check_umip (cpu);
  return cpu->s.seg[X86_TR].selector;
}

/* --- GDTR and IDTR --- */

/* Reads a pseudo-descriptor. */
static guint64
load_table (X86Cpu *cpu, guint64 linear, guint op_bytes, guint32 *limit)
{
  gboolean wide = x86_code64 (&cpu->s);
  guint64 base;

  x86_require_cpl0 (cpu);
  *limit = x86_mem_read (cpu, linear, 2, 0);
  base = x86_mem_read (cpu, linear + 2, wide ? 8 : 4, 0);
  if (wide)
    {
      if (!x86_is_canonical (base))
        x86_raise_error (cpu, X86_EXC_GP, 0);
      return base;
    }
  return op_bytes == 2 ? base & 0xffffff : base;
}

guint64
x86_help_load_gdt (X86Cpu *cpu, guint64 linear, guint64 op_bytes, guint64 unused)
{
  guint32 limit;

  cpu->s.gdtr_base = load_table (cpu, linear, op_bytes, &limit);
  cpu->s.gdtr_limit = limit;
  return 0;
}

guint64
x86_help_load_idt (X86Cpu *cpu, guint64 linear, guint64 op_bytes, guint64 unused)
{
  guint32 limit;

  cpu->s.idtr_base = load_table (cpu, linear, op_bytes, &limit);
  cpu->s.idtr_limit = limit;
  return 0;
}

/* With 16-bit operands too, all of the base is stored, as CPUs since the 386 do. */
static void
store_table (X86Cpu *cpu, guint64 linear, guint64 base, guint32 limit)
{
  guint8 bytes[10];
  gboolean wide = x86_code64 (&cpu->s);

  check_umip (cpu);
  for (guint i = 0; i < 2; i++)
    bytes[i] = limit >> i * 8;
  for (guint i = 0; i < 8; i++)
    bytes[2 + i] = base >> i * 8;
  x86_mem_write_bytes (cpu, linear, bytes, wide ? 10 : 6, 0);
}

guint64
x86_help_store_gdt (X86Cpu *cpu, guint64 linear, guint64 op_bytes, guint64 unused)
{
  store_table (cpu, linear, cpu->s.gdtr_base, cpu->s.gdtr_limit);
  return 0;
}

guint64
x86_help_store_idt (X86Cpu *cpu, guint64 linear, guint64 op_bytes, guint64 unused)
{
  store_table (cpu, linear, cpu->s.idtr_base, cpu->s.idtr_limit);
  return 0;
}

/* --- LAR, LSL, VERR, VERW --- */

#define VALID (G_GUINT64_CONSTANT (1) << 63)

/* Whether the program at its privilege may see the descriptor, and it is of a type in @system_types. */
static gboolean
visible (X86Cpu *cpu, guint16 selector, guint32 system_types, X86DescRef *ref)
{
  guint type;

  if (X86_SEL_NULL (selector) || !x86_desc_find (cpu, selector, ref))
    return FALSE;
  type = x86_desc_type (ref->desc);
  if (!(type & X86_DESC_S) && !(system_types >> type & 1))
    return FALSE;
  if (x86_is_code (ref->desc) && x86_is_conforming (ref->desc))
    return TRUE;
  return MAX (X86_SEL_RPL (selector), x86_cpl (&cpu->s)) <= x86_desc_dpl (ref->desc);
}

#define TYPE(name) (1u << X86_SYS_##name)

guint64
x86_help_lar (X86Cpu *cpu, guint64 selector, guint64 op_bytes, guint64 unused)
{
  guint32 types = TYPE (LDT) | TYPE (TSS) | TYPE (TSS_BUSY) | TYPE (CALL);
  X86DescRef ref;

  if (!x86_long_mode (&cpu->s))
    types |= TYPE (TSS16) | TYPE (TSS16_BUSY) | TYPE (CALL16) | TYPE (TASK_GATE);
  if (!visible (cpu, selector, types, &ref))
    return 0;
  return VALID | ((ref.desc >> 32) & (op_bytes == 2 ? 0xff00 : 0xffff00));
}

guint64
x86_help_lsl (X86Cpu *cpu, guint64 selector, guint64 op_bytes, guint64 unused)
{
  guint32 types = TYPE (LDT) | TYPE (TSS) | TYPE (TSS_BUSY);
  X86DescRef ref;

  if (!x86_long_mode (&cpu->s))
    types |= TYPE (TSS16) | TYPE (TSS16_BUSY);
  if (!visible (cpu, selector, types, &ref))
    return 0;
  return VALID | x86_desc_limit (ref.desc);
}

guint64
x86_help_verr (X86Cpu *cpu, guint64 selector, guint64 unused_b, guint64 unused_c)
{
  X86DescRef ref;
  guint type;

  if (!visible (cpu, selector, 0, &ref))
    return 0;
  type = x86_desc_type (ref.desc);
  return !(type & X86_TYPE_CODE) || (type & X86_TYPE_WRITE_READ);
}

guint64
x86_help_verw (X86Cpu *cpu, guint64 selector, guint64 unused_b, guint64 unused_c)
{
  X86DescRef ref;

  if (!visible (cpu, selector, 0, &ref))
    return 0;
  return (x86_desc_type (ref.desc) & (X86_TYPE_CODE | X86_TYPE_WRITE_READ)) == X86_TYPE_WRITE_READ;
}

guint64
x86_help_arpl_check (X86Cpu *cpu, guint64 unused_a, guint64 unused_b, guint64 unused_c)
{
  if (!x86_protected (cpu))
    x86_raise (cpu, X86_EXC_UD);
  return 0;
}
