/* help-string.c - repeated string instructions, and those on ports.
 * Source: Intel SDM vol. 1, 7.3.9; vol. 2, REP, MOVS, STOS, LODS, CMPS, SCAS, INS, OUTS.
 * Left out: nothing known.
 *
 * Every iteration retires as one instruction.  Iterations that stay within a page of
 * plain memory on each side, go upwards and do not reach the end of a segment or of the
 * address size are done in one run on the host's memory; the rest goes one by one through
 * the memory path, which knows devices, faults and page ends.  Registers are right after
 * every run, so a fault finds them as hardware leaves them. */

#include "config.h"

#include "translate/x86/help.h"

#include <string.h>

typedef struct
{
  X86Cpu *cpu;
  guint   size;        /* bytes of an element */
  guint   repeat;      /* 0 none, 1 REP or REPE, 2 REPNE */
  guint   seg;         /* of the source */
  guint64 mask;        /* of the address size */
  gint64  step;        /* +size or -size */
} String;

static String
start (X86Cpu *cpu, guint64 a, guint64 seg)
{
  String t = { .cpu = cpu, .size = a & 0xff, .repeat = (a >> 16) & 0xff, .seg = seg,
               .mask = x86_operand_mask ((a >> 8) & 0xff) };

  t.step = cpu->s.rflags & X86_DF ? -(gint64) t.size : (gint64) t.size;
  return t;
}

static guint64
get (const String *t, guint reg)
{
  return t->cpu->s.gpr[reg] & t->mask;
}

static void
put (const String *t, guint reg, guint64 value)
{
  guint64 *gpr = &t->cpu->s.gpr[reg];

  if (t->mask == 0xffff)
    *gpr = (*gpr & ~t->mask) | (value & t->mask);
  else
    *gpr = value & t->mask;
}

/* @n iterations are done: they count, and the registers that are used move on. */
static void
done (const String *t, guint64 n, gboolean source, gboolean destination)
{
  if (source)
    put (t, X86_RSI, get (t, X86_RSI) + n * t->step);
  if (destination)
    put (t, X86_RDI, get (t, X86_RDI) + n * t->step);
  if (t->repeat)
    put (t, X86_RCX, get (t, X86_RCX) - n);
  t->cpu->budget -= n;
}

/* --- addresses --- */

/* Checks the segment for one element at @offset and gives its linear address. */
static guint64
linear (const String *t, guint seg, guint64 offset, gboolean write)
{
  X86Cpu *cpu = t->cpu;
  const X86Segment *s = &cpu->s.seg[seg];
  guint type = s->attr & X86_ATTR_TYPE;

  if (x86_code64 (&cpu->s))
    return seg == X86_FS || seg == X86_GS ? s->base + offset : offset;
  if ((s->attr & X86_ATTR_UNUSABLE) || !x86_segment_contains (s, offset, t->size)
      || (write ? (type & (X86_TYPE_CODE | X86_TYPE_WRITE_READ)) != X86_TYPE_WRITE_READ
                : (type & (X86_TYPE_CODE | X86_TYPE_WRITE_READ)) == X86_TYPE_CODE))
    x86_raise_error (cpu, seg == X86_SS ? X86_EXC_SS : X86_EXC_GP, 0);
  return (guint32) (s->base + offset);
}

/* How many of @n elements from @offset up lie in front of the segment's end and of the
 * address size's; 0 when that is better found out one by one. */
static guint64
run_length (const String *t, guint seg, guint64 offset, guint64 n)
{
  const X86Segment *s = &t->cpu->s.seg[seg];
  guint64 last = t->mask;

  if (t->step < 0)
    return 0;
  if (!x86_code64 (&t->cpu->s))
    {
      if ((s->attr & (X86_ATTR_S | X86_TYPE_CODE | X86_TYPE_CONFORMING_DOWN)) == (X86_ATTR_S | X86_TYPE_CONFORMING_DOWN))
        return 0;
      last = MIN (last, s->limit);
    }
  if (offset > last)
    return 0;
  return MIN (n, (last - offset) / t->size + ((last - offset) % t->size == t->size - 1u));
}

/* Host address of up to *n elements in a segment; *n is cut to what the page allows.  NULL: go one by one. */
static guint8 *
host_run (const String *t, guint seg, guint64 offset, guint64 *n, gboolean write)
{
  guint bytes;
  guint8 *host;

  *n = MIN (run_length (t, seg, offset, *n), ASTERN_PAGE_SIZE / t->size);
  if (*n < 2 || (t->cpu->mode & X86_MODE_ALIGN))
    return NULL;
  bytes = *n * t->size;
  host = x86_mem_host (t->cpu, linear (t, seg, offset, write), &bytes,
                       (write ? IR_MEM_WRITE : 0) | (seg == X86_SS ? IR_MEM_STACK : 0));
  *n = bytes / t->size;
  return *n > 0 ? host : NULL;
}

static guint64
load_element (const String *t, guint seg, guint reg)
{
  return x86_mem_read (t->cpu, linear (t, seg, get (t, reg), FALSE), t->size, seg == X86_SS ? IR_MEM_STACK : 0);
}

static void
store_element (const String *t, guint64 value)
{
  x86_mem_write (t->cpu, linear (t, X86_ES, get (t, X86_RDI), TRUE), t->size, value, 0);
}

/* --- the loop --- */

/* Does one run of at most @n iterations (at least one); TRUE when the instruction ends though RCX is not 0. */
typedef gboolean (*RunFunc) (const String *t, guint64 n);

static guint64
repeat (X86Cpu *cpu, guint64 a, guint64 seg, RunFunc run)
{
  String t = start (cpu, a, seg);

  if (!t.repeat)
    {
      run (&t, 1);
      return 0;
    }
  if (get (&t, X86_RCX) == 0)
    {
      cpu->budget--;
      cpu->s.rep_partial = 0;
      return 0;
    }
  do
    {
      gint64 most = cpu->mode & (X86_MODE_TF | X86_MODE_DEBUG) ? 1 : MAX (cpu->budget, 1);

      if (run (&t, MIN (get (&t, X86_RCX), (guint64) most)))
        {
          cpu->s.rep_partial = 0;
          return 0;
        }
      /* The next run may fault. */
      cpu->s.rep_partial = get (&t, X86_RCX) != 0;
    }
  while (get (&t, X86_RCX) != 0 && cpu->budget > 0 && !cpu->recheck
         && !(cpu->mode & (X86_MODE_TF | X86_MODE_DEBUG)));
  if (get (&t, X86_RCX) == 0)
    return 0;
  /* Going on is no new execution for a code breakpoint. */
  if (cpu->mode & X86_MODE_DEBUG)
    cpu->s.rflags |= X86_RF;
  return 1;
}

/* --- MOVS, STOS, LODS --- */

static void
copy_elements (guint8 *to, const guint8 *from, guint64 n, guint size)
{
  guint64 value;

  /* A destination that runs ahead of the source repeats what was just stored. */
  if (to > from && to < from + n * size)
    for (; n > 0; n--, to += size, from += size)
      {
        memcpy (&value, from, size);
        memcpy (to, &value, size);
      }
  else
    memmove (to, from, n * size);
}

static gboolean
run_movs (const String *t, guint64 n)
{
  guint64 n_from = n, n_to;
  guint8 *to = NULL, *from = host_run (t, t->seg, get (t, X86_RSI), &n_from, FALSE);

  n_to = n_from;
  if (from != NULL)
    to = host_run (t, X86_ES, get (t, X86_RDI), &n_to, TRUE);
  if (to != NULL)
    {
      copy_elements (to, from, n_to, t->size);
      done (t, n_to, TRUE, TRUE);
      return FALSE;
    }
  store_element (t, load_element (t, t->seg, X86_RSI));
  done (t, 1, TRUE, TRUE);
  return FALSE;
}

static void
fill_elements (guint8 *to, guint64 value, guint64 n, guint size)
{
  guint64 pattern = value & x86_operand_mask (size);

  for (guint width = size; width < 8; width *= 2)
    pattern |= pattern << width * 8;
  if (pattern == (pattern & 0xff) * G_GUINT64_CONSTANT (0x0101010101010101))
    memset (to, pattern & 0xff, n * size);
  else
    for (; n > 0; n--, to += size)
      memcpy (to, &value, size);
}

static gboolean
run_stos (const String *t, guint64 n)
{
  guint8 *to = host_run (t, X86_ES, get (t, X86_RDI), &n, TRUE);

  if (to != NULL)
    {
      fill_elements (to, t->cpu->s.gpr[X86_RAX], n, t->size);
      done (t, n, FALSE, TRUE);
      return FALSE;
    }
  store_element (t, t->cpu->s.gpr[X86_RAX] & x86_operand_mask (t->size));
  done (t, 1, FALSE, TRUE);
  return FALSE;
}

static gboolean
run_lods (const String *t, guint64 n)
{
  guint64 value = load_element (t, t->seg, X86_RSI);
  guint64 *rax = &t->cpu->s.gpr[X86_RAX], mask = x86_operand_mask (t->size);

  *rax = t->size == 4 ? value : (*rax & ~mask) | value;
  done (t, 1, TRUE, FALSE);
  return FALSE;
}

/* --- CMPS, SCAS --- */

static void
set_compare_flags (const String *t, guint64 a, guint64 b)
{
  X86Cpu *cpu = t->cpu;

  cpu->cc_op = CC_CMP;
  cpu->cc_type = IR_TYPE_OF_BYTES (t->size);
  cpu->cc_res = a;
  cpu->cc_src = b;
  cpu->cc_over_op = CC_OVER_NONE;
}

/* After comparing @a and @b: whether the repetition ends. */
static gboolean
ends (const String *t, guint64 a, guint64 b)
{
  return t->repeat != 0 && (a == b) != (t->repeat == 1);
}

static guint64
element (const guint8 *at, guint size)
{
  guint64 value = 0;

  memcpy (&value, at, size);
  return value;
}

/* Compares elements from @x (or the value @a, if @x is NULL) with those from @y. */
static gboolean
compare_run (const String *t, const guint8 *x, guint64 a, const guint8 *y, guint64 n)
{
  guint64 i = 0, b;

  do
    {
      if (x != NULL)
        a = element (x + i * t->size, t->size);
      b = element (y + i * t->size, t->size);
      i++;
    }
  while (i < n && !ends (t, a, b));
  set_compare_flags (t, a, b);
  done (t, i, x != NULL, TRUE);
  return ends (t, a, b);
}

static gboolean
run_cmps (const String *t, guint64 n)
{
  guint64 n_x = n, n_y, a, b;
  guint8 *y = NULL, *x = host_run (t, t->seg, get (t, X86_RSI), &n_x, FALSE);

  n_y = n_x;
  if (x != NULL)
    y = host_run (t, X86_ES, get (t, X86_RDI), &n_y, FALSE);
  if (y != NULL)
    return compare_run (t, x, 0, y, n_y);
  a = load_element (t, t->seg, X86_RSI);
  b = load_element (t, X86_ES, X86_RDI);
  set_compare_flags (t, a, b);
  done (t, 1, TRUE, TRUE);
  return ends (t, a, b);
}

static gboolean
run_scas (const String *t, guint64 n)
{
  guint64 a = t->cpu->s.gpr[X86_RAX] & x86_operand_mask (t->size), b;
  guint8 *y = host_run (t, X86_ES, get (t, X86_RDI), &n, FALSE);

  if (y != NULL)
    return compare_run (t, NULL, a, y, n);
  b = load_element (t, X86_ES, X86_RDI);
  set_compare_flags (t, a, b);
  done (t, 1, FALSE, TRUE);
  return ends (t, a, b);
}

/* --- INS, OUTS --- */

/* What can fault comes before the port is touched. */
static gboolean
run_ins (const String *t, guint64 n)
{
  X86Cpu *cpu = t->cpu;
  guint16 port = cpu->s.gpr[X86_RDX];
  guint64 to;

  x86_check_io (cpu, port, t->size);
  to = linear (t, X86_ES, get (t, X86_RDI), TRUE);
  x86_mem_probe (cpu, to, t->size, IR_MEM_WRITE);
  x86_mem_write (cpu, to, t->size, x86_port_read (cpu, port, t->size), 0);
  done (t, 1, FALSE, TRUE);
  return FALSE;
}

static gboolean
run_outs (const String *t, guint64 n)
{
  X86Cpu *cpu = t->cpu;
  guint16 port = cpu->s.gpr[X86_RDX];
  guint64 value;

  x86_check_io (cpu, port, t->size);
  value = load_element (t, t->seg, X86_RSI);
  x86_port_write (cpu, port, t->size, value);
  done (t, 1, TRUE, FALSE);
  return FALSE;
}

#define REPEATED(name)                                                                   \
  guint64                                                                                \
  x86_help_rep_##name (X86Cpu *cpu, guint64 a, guint64 seg, guint64 unused)              \
  {                                                                                      \
    return repeat (cpu, a, seg, run_##name);                                             \
  }
REPEATED (movs)
REPEATED (stos)
REPEATED (lods)
REPEATED (cmps)
REPEATED (scas)
REPEATED (ins)
REPEATED (outs)
