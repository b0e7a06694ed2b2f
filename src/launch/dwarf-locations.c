/* dwarf-locations.c - location expressions evaluated; see debug-info.h.
 * Source: DWARF 5, sections 2.5 (DWARF expressions) and 2.6 (location descriptions); System V ABI, AMD64 supplement, figure 3.36,
 * and Intel386 supplement, table 2.14 (register numbers).
 * Left out: thread-local storage, typed expressions, values at a function's entry, vector registers. */
#include "config.h"

#include "launch/dwarf-private.h"

#include <string.h>

enum { STACK_SIZE = 64, MOST_STEPS = 4096 };

typedef struct
{
  DwarfContext *context;
  guint64       stack[STACK_SIZE];
  guint         n;
  gboolean      is_value;
} Machine;

/* ---- registers ---- */

gint
astern_dwarf_register_index (const DwarfFile *file, guint regno)
{
  static const gint8 amd64[] = { 0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15, ASTERN_FRAME_PC };
  static const gint8 i386[] = { 0, 1, 2, 3, 4, 5, 6, 7, ASTERN_FRAME_PC };

  if (file->machine == EM_386)
    return regno < G_N_ELEMENTS (i386) ? i386[regno] : -1;
  return regno < G_N_ELEMENTS (amd64) ? amd64[regno] : -1;
}

gboolean
astern_dwarf_register (const DwarfContext *context, guint regno, guint64 *value)
{
  gint index = astern_dwarf_register_index (context->file, regno);

  if (index < 0 || context->frame == NULL || !(context->frame->known & 1u << index))
    return FALSE;
  *value = context->frame->registers[index];
  if (context->file->machine == EM_386)
    *value = (guint32) *value;
  return TRUE;
}

/* ---- the stack machine ---- */

static gboolean
push (Machine *m, guint64 value)
{
  if (m->n == STACK_SIZE)
    return FALSE;
  m->stack[m->n++] = m->context->file->machine == EM_386 ? (guint32) value : value;
  return TRUE;
}

static gint64
as_signed (const Machine *m, guint64 value)
{
  return m->context->file->machine == EM_386 ? (gint32) value : (gint64) value;
}

static gboolean
deref (Machine *m, guint64 size)
{
  guint64 value = 0;

  if (m->n == 0 || size == 0 || size > 8)
    return FALSE;
  if (m->context->memory->read (m->context->memory->user, m->stack[m->n - 1], &value, size) != size)
    {
      m->context->failed = m->stack[m->n - 1];
      return FALSE;
    }
  m->stack[m->n - 1] = value;
  return TRUE;
}

static gboolean
push_register (Machine *m, guint regno, gint64 offset)
{
  guint64 value;

  return astern_dwarf_register (m->context, regno, &value) && push (m, value + (guint64) offset);
}

static gboolean
push_frame_base (Machine *m, gint64 offset)
{
  DwarfContext inner = *m->context;
  Dwarf_Op *ops;
  size_t n;
  guint64 base;
  gboolean is_value;

  if (inner.frame_base == NULL || dwarf_getlocation_addr (inner.frame_base, inner.pc, &ops, &n, 1) != 1)
    return FALSE;
  inner.frame_base = NULL;       /* it cannot be relative to itself */
  return astern_dwarf_compute (&inner, ops, n, NULL, &base, &is_value) && push (m, base + (guint64) offset);
}

static gboolean
push_cfa (Machine *m)
{
  DwarfContext *context = m->context;

  return (context->has_cfa || astern_dwarf_cfa (context, &context->cfa)) && push (m, context->cfa);
}

static gboolean
push_indexed_address (Machine *m, const Dwarf_Op *op)
{
  Dwarf_Attribute attribute;
  Dwarf_Addr address;

  return m->context->attribute != NULL && dwarf_getlocation_attr (m->context->attribute, op, &attribute) == 0 &&
         dwarf_formaddr (&attribute, &address) == 0 && push (m, address + m->context->file->slide);
}

static gboolean
shuffle (Machine *m, const Dwarf_Op *op)
{
  guint64 top;

  switch (op->atom)
    {
    case DW_OP_dup:
      return m->n >= 1 && push (m, m->stack[m->n - 1]);
    case DW_OP_drop:
      return m->n >= 1 && m->n-- > 0;
    case DW_OP_over:
      return m->n >= 2 && push (m, m->stack[m->n - 2]);
    case DW_OP_pick:
      return op->number < m->n && push (m, m->stack[m->n - 1 - op->number]);
    case DW_OP_swap:
      if (m->n < 2)
        return FALSE;
      top = m->stack[m->n - 1];
      m->stack[m->n - 1] = m->stack[m->n - 2];
      m->stack[m->n - 2] = top;
      return TRUE;
    default:      /* DW_OP_rot: the top goes third */
      if (m->n < 3)
        return FALSE;
      top = m->stack[m->n - 1];
      m->stack[m->n - 1] = m->stack[m->n - 2];
      m->stack[m->n - 2] = m->stack[m->n - 3];
      m->stack[m->n - 3] = top;
      return TRUE;
    }
}

static gboolean
unary (Machine *m, const Dwarf_Op *op)
{
  guint64 *top = &m->stack[m->n - 1];

  if (m->n == 0)
    return FALSE;
  switch (op->atom)
    {
    case DW_OP_abs:         *top = as_signed (m, *top) < 0 ? -*top : *top; break;
    case DW_OP_neg:         *top = -*top; break;
    case DW_OP_not:         *top = ~*top; break;
    default:                *top += op->number; break;     /* DW_OP_plus_uconst */
    }
  if (m->context->file->machine == EM_386)
    *top = (guint32) *top;
  return TRUE;
}

static gboolean
binary (Machine *m, guint atom)
{
  guint64 a, b;
  gint64 x, y;

  if (m->n < 2)
    return FALSE;
  a = m->stack[m->n - 2];
  b = m->stack[m->n - 1];
  x = as_signed (m, a);
  y = as_signed (m, b);
  m->n -= 2;
  switch (atom)
    {
    case DW_OP_and:   return push (m, a & b);
    case DW_OP_or:    return push (m, a | b);
    case DW_OP_xor:   return push (m, a ^ b);
    case DW_OP_plus:  return push (m, a + b);
    case DW_OP_minus: return push (m, a - b);
    case DW_OP_mul:   return push (m, a * b);
    case DW_OP_div:   return y != 0 && push (m, y == -1 ? -a : (guint64) (x / y));
    case DW_OP_mod:   return b != 0 && push (m, a % b);
    case DW_OP_shl:   return push (m, b < 64 ? a << b : 0);
    case DW_OP_shr:   return push (m, b < 64 ? a >> b : 0);
    case DW_OP_shra:  return push (m, (guint64) (x >> MIN (b, 63)));
    case DW_OP_eq:    return push (m, x == y);
    case DW_OP_ne:    return push (m, x != y);
    case DW_OP_lt:    return push (m, x < y);
    case DW_OP_le:    return push (m, x <= y);
    case DW_OP_gt:    return push (m, x > y);
    case DW_OP_ge:    return push (m, x >= y);
    default:          return FALSE;
    }
}

static gboolean
execute (Machine *m, const Dwarf_Op *op)
{
  guint address_size = m->context->file->machine == EM_386 ? 4 : 8;

  if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
    return push (m, op->atom - DW_OP_lit0);
  if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
    return push_register (m, op->atom - DW_OP_breg0, (gint64) op->number);
  if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
    {
      m->is_value = TRUE;
      return push_register (m, op->atom - DW_OP_reg0, 0);
    }
  switch (op->atom)
    {
    case DW_OP_addr:
      return push (m, op->number + m->context->file->slide);
    case DW_OP_addrx: case DW_OP_GNU_addr_index: case DW_OP_constx: case DW_OP_GNU_const_index:
      return push_indexed_address (m, op);
    case DW_OP_const1u: case DW_OP_const1s: case DW_OP_const2u: case DW_OP_const2s: case DW_OP_const4u: case DW_OP_const4s:
    case DW_OP_const8u: case DW_OP_const8s: case DW_OP_constu: case DW_OP_consts:
      return push (m, op->number);
    case DW_OP_regx:
      m->is_value = TRUE;
      return push_register (m, (guint) op->number, 0);
    case DW_OP_bregx:
      return push_register (m, (guint) op->number, (gint64) op->number2);
    case DW_OP_fbreg:
      return push_frame_base (m, (gint64) op->number);
    case DW_OP_call_frame_cfa:
      return push_cfa (m);
    case DW_OP_deref:
      return deref (m, address_size);
    case DW_OP_deref_size:
      return deref (m, op->number);
    case DW_OP_dup: case DW_OP_drop: case DW_OP_over: case DW_OP_pick: case DW_OP_swap: case DW_OP_rot:
      return shuffle (m, op);
    case DW_OP_abs: case DW_OP_neg: case DW_OP_not: case DW_OP_plus_uconst:
      return unary (m, op);
    case DW_OP_stack_value:
      m->is_value = TRUE;
      return TRUE;
    case DW_OP_nop:
      return TRUE;
    default:
      return binary (m, op->atom);
    }
}

/* The operation where a jump from ops[i] leads, n when to the end; n + 1: nowhere. */
static size_t
jump_target (const Dwarf_Op *ops, size_t n, size_t i)
{
  guint64 target = ops[i].offset + 3 + (guint64) (gint64) (gint16) ops[i].number;

  for (size_t j = 0; j < n; j++)
    if (ops[j].offset == target)
      return j;
  return target > ops[n - 1].offset ? n : n + 1;
}

gboolean
astern_dwarf_compute (DwarfContext *context, const Dwarf_Op *ops, size_t n, const guint64 *start, guint64 *result,
                      gboolean *is_value)
{
  Machine m = { .context = context };

  if (start != NULL)
    push (&m, *start);
  for (size_t i = 0, steps = 0; i < n; steps++)
    {
      gboolean jumps = ops[i].atom == DW_OP_skip;

      if (steps == MOST_STEPS)
        return FALSE;
      if (ops[i].atom == DW_OP_bra)
        {
          if (m.n == 0)
            return FALSE;
          jumps = m.stack[--m.n] != 0;
        }
      else if (!jumps && !execute (&m, &ops[i]))
        return FALSE;
      i = jumps ? jump_target (ops, n, i) : i + 1;
      if (i > n)
        return FALSE;
    }
  if (m.n == 0)
    return FALSE;
  *result = m.stack[m.n - 1];
  *is_value = m.is_value;
  return TRUE;
}

/* ---- locations ---- */

static gboolean
append (DwarfLocation *location, const void *bytes, gsize size)
{
  if (size > sizeof location->bytes - location->size)
    return FALSE;
  memcpy (location->bytes + location->size, bytes, size);
  location->size += size;
  location->kind = DWARF_BYTES;
  return TRUE;
}

/* A part of a value, of @size bytes; @whole: it is all of it. */
static gboolean
locate_part (DwarfContext *context, const Dwarf_Op *ops, size_t n, gboolean whole, guint64 size, DwarfLocation *location)
{
  guint8 bytes[ASTERN_DWARF_VALUE_BYTES] = { 0 };
  Dwarf_Block block;
  guint64 value;
  gboolean is_value;

  if (n == 0 || size > sizeof bytes)
    return FALSE;         /* optimised out */
  if (ops[0].atom == DW_OP_implicit_value && n == 1)
    return context->attribute != NULL && dwarf_getlocation_implicit_value (context->attribute, ops, &block) == 0 &&
           append (location, block.data, whole ? block.length : MIN (block.length, size));
  if (!astern_dwarf_compute (context, ops, n, NULL, &value, &is_value))
    return FALSE;
  if (is_value)
    {
      memcpy (bytes, &value, sizeof value);
      return append (location, bytes, whole ? sizeof value : size);
    }
  if (whole)
    {
      location->kind = DWARF_IN_MEMORY;
      location->address = value;
      return TRUE;
    }
  return context->memory->read (context->memory->user, value, bytes, size) == size && append (location, bytes, size);
}

static gboolean
locate_ops (DwarfContext *context, const Dwarf_Op *ops, size_t n, DwarfLocation *location)
{
  size_t first = 0;

  for (size_t i = 0; i < n; i++)
    if (ops[i].atom == DW_OP_piece)
      {
        if (!locate_part (context, ops + first, i - first, FALSE, ops[i].number, location))
          return FALSE;
        first = i + 1;
      }
    else if (ops[i].atom == DW_OP_bit_piece)
      return FALSE;
  return first == n ? n > 0 : first == 0 && locate_part (context, ops, n, TRUE, 0, location);
}

static gboolean
locate_constant (Dwarf_Attribute *attribute, DwarfLocation *location)
{
  Dwarf_Block block;
  Dwarf_Sword number;
  Dwarf_Word word;
  const char *text;

  if (dwarf_formblock (attribute, &block) == 0)
    return append (location, block.data, block.length);
  if (dwarf_whatform (attribute) != DW_FORM_udata && dwarf_formsdata (attribute, &number) == 0)
    return append (location, &number, sizeof number);
  if (dwarf_formudata (attribute, &word) == 0)
    return append (location, &word, sizeof word);
  text = dwarf_formstring (attribute);
  return text != NULL && append (location, text, MIN (strlen (text) + 1, sizeof location->bytes));
}

gboolean
astern_dwarf_locate (DwarfContext *context, Dwarf_Attribute *attribute, DwarfLocation *location)
{
  Dwarf_Op *ops;
  size_t n;
  gboolean ok;

  *location = (DwarfLocation) { .kind = DWARF_NOWHERE };
  context->attribute = attribute;
  if (dwarf_whatattr (attribute) == DW_AT_const_value)
    ok = locate_constant (attribute, location);
  else
    ok = dwarf_getlocation_addr (attribute, context->pc, &ops, &n, 1) == 1 && locate_ops (context, ops, n, location);
  if (!ok)
    location->kind = DWARF_NOWHERE;
  context->attribute = NULL;
  return ok;
}
