/* decode.c - prefixes, opcode maps, ModRM, displacements and immediates.
 *
 * Source: Intel SDM vol. 2, chapter 2 and appendix A.
 * Left out: EVEX and XOP (undefined opcodes here), 3DNow!. */
#include "config.h"

#include "translate/x86/decode.h"

#include "translate/x86/cpu.h"
#include "translate/x86/decode-tables.h"

#include <string.h>

#define MAX_LENGTH 15

/* Bytes of an instruction and zeros behind them, so that nothing below needs to
 * look for the end: whoever used a zero is found out by `pos` at the end. */
typedef struct
{
  guint8   bytes[MAX_LENGTH + 33];
  guint    pos;
  guint    looked;     /* end of what was looked at, when that is more */
  gboolean code64;
} Reader;

const X86Row x86_undefined_row = X86_ROW (NULL, NONE, NONE, NONE, undefined, 0, 0);

static inline guint64
read_bytes (Reader *r, guint n)
{
  const guint8 *at = r->bytes + r->pos;

  r->pos += n;
  switch (n)
    {
    case 1:  return *at;
    case 2:  return (guint64) at[0] | (guint64) at[1] << 8;
    case 4:  { guint32 v; memcpy (&v, at, 4); return GUINT32_FROM_LE (v); }
    default: { guint64 v; memcpy (&v, at, 8); return GUINT64_FROM_LE (v); }
    }
}

static inline gint64
read_signed (Reader *r, guint n)
{
  guint64 v = read_bytes (r, n);

  switch (n)
    {
    case 1:  return (gint8) v;
    case 2:  return (gint16) v;
    case 4:  return (gint32) v;
    default: return (gint64) v;
    }
}

/* --- prefixes --------------------------------------------------------------- */

/* Reads prefixes and returns the byte behind them.  A REX that does not stand right
 * before the opcode counts for nothing. */
static guint
read_prefixes (Reader *r, X86Insn *insn, gboolean *asize)
{
  for (;;)
    {
      guint8 b = r->bytes[r->pos++];

      switch (b)
        {
        case 0x26: case 0x2e: case 0x36: case 0x3e:
          if (!r->code64)
            insn->seg = (b >> 3) & 3;
          break;
        case 0x64: insn->seg = X86_FS; break;
        case 0x65: insn->seg = X86_GS; break;
        case 0x66: insn->osize_prefix = 1; break;
        case 0x67: *asize = TRUE; break;
        case 0xf0: insn->lock = 1; break;
        case 0xf2: case 0xf3: insn->rep = b; break;
        case 0x40: case 0x41: case 0x42: case 0x43: case 0x44: case 0x45: case 0x46: case 0x47:
        case 0x48: case 0x49: case 0x4a: case 0x4b: case 0x4c: case 0x4d: case 0x4e: case 0x4f:
          if (!r->code64)
            return b;
          insn->rex = b;
          if (r->pos > MAX_LENGTH)
            return b;
          continue;
        default:
          return b;
        }
      insn->rex = 0;
      if (r->pos > MAX_LENGTH)
        return b;
    }
}

/* VEX, its first byte read.  FALSE: undefined. */
static gboolean
read_vex (Reader *r, X86Insn *insn, guint first, guint *rxb, gboolean *v_used)
{
  guint8 b = r->bytes[r->pos++], last = b;

  if (insn->rep || insn->osize_prefix || insn->lock || insn->rex)
    return FALSE;
  *rxb = (guint) (b & 0x80 ? 0 : 4);
  insn->map = 1;
  if (first == 0xc4)
    {
      last = r->bytes[r->pos++];
      *rxb |= (guint) ((b & 0x40 ? 0 : 2) | (b & 0x20 ? 0 : 1));
      insn->map = b & 0x1f;
      insn->w = last >> 7;
    }
  if (!r->code64)
    *rxb = 0;
  insn->vex = 1;
  insn->vex_l = (last >> 2) & 1;
  insn->vex_v = (~last >> 3) & 15;
  *v_used = insn->vex_v != 0;
  if (!r->code64)
    insn->vex_v &= 7;
  insn->vex_pp = last & 3;
  insn->opcode = r->bytes[r->pos++];
  return insn->map >= 1 && insn->map <= 3;
}

/* --- ModRM ------------------------------------------------------------------ */

static void
read_modrm_16 (Reader *r, X86Insn *insn)
{
  static const guint8 base[8]  = { X86_RBX, X86_RBX, X86_RBP, X86_RBP, X86_RSI, X86_RDI, X86_RBP, X86_RBX };
  static const guint8 index[8] = { X86_RSI, X86_RDI, X86_RSI, X86_RDI, 0xff, 0xff, 0xff, 0xff };
  guint rm = insn->modrm & 7;

  insn->base = base[rm];
  insn->index = index[rm];
  if (insn->mod == 0 && rm == 6)
    {
      insn->base = 0xff;
      insn->disp = read_signed (r, 2);
    }
  else if (insn->mod != 0)
    insn->disp = read_signed (r, insn->mod);
  insn->mem_seg = insn->base == X86_RBP ? X86_SS : X86_DS;
}

static void
read_modrm_32 (Reader *r, X86Insn *insn, guint rxb)
{
  guint low = insn->modrm & 7;

  if (low == 4)
    {
      guint8 sib = (guint8) read_bytes (r, 1);

      low = sib & 7;
      insn->scale = sib >> 6;
      insn->index = ((sib >> 3) & 7) | (rxb & 2) << 2;
      if (insn->index == X86_RSP)
        insn->index = 0xff;
    }
  else if (low == 5 && insn->mod == 0)
    insn->rip_relative = r->code64;
  if (low == 5 && insn->mod == 0)
    insn->disp = read_signed (r, 4);
  else
    {
      insn->base = low | (rxb & 1) << 3;
      if (insn->mod == 1)
        insn->disp = read_signed (r, 1);
      else if (insn->mod == 2)
        insn->disp = read_signed (r, 4);
    }
  insn->mem_seg = insn->base == X86_RSP || insn->base == X86_RBP ? X86_SS : X86_DS;
}

static void
read_modrm (Reader *r, X86Insn *insn, guint rxb, gboolean register_only)
{
  insn->has_modrm = 1;
  insn->modrm = (guint8) read_bytes (r, 1);
  insn->mod = register_only ? 3 : insn->modrm >> 6;
  insn->reg = ((insn->modrm >> 3) & 7) | (rxb & 4) << 1;
  insn->rm = (insn->modrm & 7) | (rxb & 1) << 3;
  if (insn->mod == 3)
    return;
  if (insn->addr_bytes == 2)
    read_modrm_16 (r, insn);
  else
    read_modrm_32 (r, insn, rxb);
  if (insn->seg != X86_SEG_DEFAULT)
    insn->mem_seg = insn->seg;
}

/* --- rows ------------------------------------------------------------------- */

static inline guint
prefix_of (const X86Insn *insn)
{
  static const guint8 of_pp[4] = { 0, 0x66, 0xf3, 0xf2 };

  if (insn->vex)
    return of_pp[insn->vex_pp];
  return insn->rep ? insn->rep : insn->osize_prefix ? 0x66 : 0;
}

/* Follows groups; the ModRM byte is the next one. */
static const X86Row *
through_groups (const X86Row *row, Reader *r, const X86Insn *insn)
{
  guint modrm = r->bytes[r->pos];
  guint prefix = prefix_of (insn);

  while (row != NULL && row->lift == NULL && row->group != NULL)
    {
      if (row->op != X86_GROUP_PREFIX)
        r->looked = r->pos + 1;
      switch (row->op)
        {
        case X86_GROUP_REG:
          row = &row->group[(modrm >> 3) & 7];
          break;
        case X86_GROUP_REG_RM:
          row = &row->group[modrm >= 0xc0 ? 8 + (modrm & 63) : (modrm >> 3) & 7];
          break;
        case X86_GROUP_PREFIX:
          row = &row->group[prefix == 0 ? 0 : prefix == 0x66 ? 1 : prefix == 0xf3 ? 2 : 3];
          break;
        default:
          row = &row->group[modrm >= 0xc0];
          break;
        }
    }
  return row;
}

static const X86Row *
find_row (Reader *r, const X86Insn *insn)
{
  static const X86Row movsxd = X86_ROW_M ("movsxd", Gv, Ed, NONE, movsxd, 0, X86_T_ONLY64);
  const X86Row *row = NULL;

  if (insn->map == 0)
    {
      if ((insn->opcode & 0xf8) == 0xd8)
        {
          row = x86_x87_row (insn->opcode, r->bytes[r->pos]);
          r->looked = r->pos + 1;
        }
      else if (insn->opcode == 0x63 && r->code64)
        row = &movsxd;
      else
        row = &x86_one_byte_map[insn->opcode];
      return through_groups (row, r, insn);
    }
  switch (insn->map)
    {
    case 1:
      if (!insn->vex)
        row = &x86_0f_map[insn->opcode];
      break;
    case 2: row = x86_0f38_row (prefix_of (insn), insn->opcode, insn->vex); break;
    case 3: row = x86_0f3a_row (prefix_of (insn), insn->opcode, insn->vex); break;
    default: break;
    }
  row = through_groups (row, r, insn);
  if (row == NULL || row->lift == NULL)
    row = through_groups (x86_simd_row (insn->map, prefix_of (insn), insn->opcode, insn->vex), r, insn);
  return row;
}

/* Rules that hold for few rows. */
static gboolean
is_legal (const X86Insn *insn, const X86Row *row, guint32 mode, gboolean v_used)
{
  guint traits = row->traits;

  if (mode & X86_MODE_CODE64)
    {
      if (traits & X86_T_NO64)
        return FALSE;
    }
  else if (traits & X86_T_ONLY64)
    return FALSE;
  if ((traits & X86_T_NO_REAL) && (!(mode & X86_MODE_PE) || (mode & X86_MODE_VM)))
    return FALSE;
  if ((traits & X86_T_MEM_ONLY) && insn->mod == 3)
    return FALSE;
  if ((traits & X86_T_REG_ONLY) && insn->mod != 3)
    return FALSE;
  if (insn->lock && (!(traits & X86_T_LOCK) || insn->mod == 3) && !(mode & X86_DECODE_ANY_LOCK))
    return FALSE;
  if (!insn->vex)
    return !(traits & X86_T_VEX_ONLY);
  if (!(traits & (X86_T_VEX_ONLY | X86_T_VEX_TOO)))
    return FALSE;
  return !((traits & X86_T_L0) && insn->vex_l) && !((traits & X86_T_L1) && !insn->vex_l)
         && !((traits & X86_T_W0) && insn->w) && !((traits & X86_T_W1) && !insn->w)
         && !((traits & X86_T_NO_V) && v_used);
}

static guint
operand_bytes (const X86Insn *insn, guint traits, guint32 mode)
{
  if (insn->vex)
    return (mode & X86_MODE_CODE64) && insn->w ? 8 : 4;
  if (!(mode & X86_MODE_CODE64))
    return ((mode & X86_MODE_CODE32) != 0) != insn->osize_prefix ? 4 : 2;
  if (insn->w || (traits & X86_T_FORCE64))
    return 8;
  if (insn->osize_prefix)
    return 2;
  return traits & X86_T_DEF64 ? 8 : 4;
}

static void
read_immediates (Reader *r, X86Insn *insn, const X86Row *row)
{
  guint z = MIN (insn->op_bytes, 4u);

  for (guint i = 0; i < G_N_ELEMENTS (row->operands) && row->operands[i] != X86_O_NONE; i++)
    switch (row->operands[i])
      {
      case X86_O_Ib:
      case X86_O_L:
        if (i > 0 && row->operands[i - 1] == X86_O_Iw)
          insn->imm2 = read_bytes (r, 1);
        else
          insn->imm = (gint64) read_bytes (r, 1);
        break;
      case X86_O_IbS: case X86_O_Jb: insn->imm = read_signed (r, 1); break;
      case X86_O_Iw: insn->imm = (gint64) read_bytes (r, 2); break;
      case X86_O_Iz: case X86_O_Jz: insn->imm = read_signed (r, z); break;
      case X86_O_Iv: insn->imm = read_signed (r, insn->op_bytes); break;
      case X86_O_Ap:
        insn->imm = (gint64) read_bytes (r, z);
        insn->imm2 = read_bytes (r, 2);
        break;
      case X86_O_Ob: case X86_O_Ov:
        insn->disp = insn->addr_bytes == 2 ? (gint64) read_bytes (r, 2) : read_signed (r, insn->addr_bytes);
        insn->mem_seg = insn->seg != X86_SEG_DEFAULT ? insn->seg : X86_DS;
        break;
      default:
        break;
      }
}

static X86DecodeResult
finish (Reader *r, X86Insn *insn, const X86Row *row, guint32 mode, guint n_bytes)
{
  r->pos = MAX (r->pos, r->looked);
  if (r->pos > n_bytes && n_bytes < MAX_LENGTH)
    return X86_DECODE_TRUNCATED;
  insn->row = row;
  insn->length = (guint8) MIN (r->pos, (guint) MAX_LENGTH);
  insn->next_rip = insn->rip + insn->length;
  if (!(mode & X86_MODE_CODE64))
    insn->next_rip &= G_MAXUINT32;
  return r->pos > MAX_LENGTH ? X86_DECODE_TOO_LONG : X86_DECODED;
}

X86DecodeResult
x86_decode (guint32 mode, guint64 rip, const guint8 *bytes, guint n_bytes, X86Insn *insn)
{
  static const X86Insn nothing = { .seg = X86_SEG_DEFAULT, .base = 0xff, .index = 0xff };
  Reader r;
  gboolean asize = FALSE, v_used = FALSE;
  const X86Row *row;
  guint rxb = 0, first;

  *insn = nothing;
  memset (r.bytes, 0, sizeof r.bytes);
  if (n_bytes >= MAX_LENGTH)
    memcpy (r.bytes, bytes, MAX_LENGTH);
  else
    memcpy (r.bytes, bytes, n_bytes);
  memcpy (insn->bytes, r.bytes, MAX_LENGTH);
  r.pos = r.looked = 0;
  r.code64 = (mode & X86_MODE_CODE64) != 0;
  insn->rip = rip;

  first = read_prefixes (&r, insn, &asize);
  insn->opcode = (guint8) first;
  if (insn->rex)
    {
      insn->w = (insn->rex >> 3) & 1;
      rxb = insn->rex & 7;
    }
  if (r.code64)
    insn->addr_bytes = asize ? 4 : 8;
  else
    insn->addr_bytes = ((mode & X86_MODE_CODE32) != 0) != asize ? 4 : 2;

  if (first == 0x0f)
    {
      insn->map = 1;
      insn->opcode = (guint8) read_bytes (&r, 1);
      if (insn->opcode == 0x38 || insn->opcode == 0x3a)
        {
          insn->map = insn->opcode == 0x38 ? 2 : 3;
          insn->opcode = (guint8) read_bytes (&r, 1);
        }
    }
  else if ((first == 0xc4 || first == 0xc5) && (r.code64 || r.bytes[r.pos] >= 0xc0)
           && (mode & X86_MODE_PE) && !(mode & X86_MODE_VM))
    {
      if (!read_vex (&r, insn, first, &rxb, &v_used))
        return finish (&r, insn, &x86_undefined_row, mode, n_bytes);
    }

  row = find_row (&r, insn);
  if (row == NULL || row->lift == NULL)
    return finish (&r, insn, &x86_undefined_row, mode, n_bytes);
  insn->op_bytes = (guint8) operand_bytes (insn, row->traits, mode);
  if ((row->traits & X86_T_MODRM) || (insn->map == 0 && (insn->opcode & 0xf8) == 0xd8))
    read_modrm (&r, insn, rxb, insn->map == 1 && (insn->opcode & 0xfc) == 0x20 && !insn->vex);
  else
    insn->rm = (insn->opcode & 7) | (rxb & 1) << 3;
  read_immediates (&r, insn, row);
  if (!is_legal (insn, row, mode, v_used))
    row = &x86_undefined_row;
  return finish (&r, insn, row, mode, n_bytes);
}
