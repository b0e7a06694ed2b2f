/* host-encode.c - machine code of one HOST operation.
 *
 * Source: Intel SDM vol. 2, chapter 2 (legacy prefixes, REX, VEX, ModRM).
 * Left out: index registers, absolute and RIP-relative addresses: nobody needs them. */
#include "config.h"

#include "translate/x86/host-encode.h"

static guint8 *
put_modrm (guint8 *out, const IrHost *host, guint reg, guint rm, gint32 disp)
{
  guint low = rm & 7, mod;

  if (host->rm_kind == IR_HOST_NONE)
    return out;
  if (host->rm_kind != IR_HOST_MEM)
    {
      *out++ = (guint8) (0xc0 | (reg & 7) << 3 | low);
      return out;
    }
  if (disp == 0 && low != 5)
    mod = 0;
  else
    mod = disp >= -128 && disp <= 127 ? 1 : 2;
  *out++ = (guint8) (mod << 6 | (reg & 7) << 3 | low);
  if (low == 4)
    *out++ = 0x24;
  if (mod == 1)
    *out++ = (guint8) disp;
  else if (mod == 2)
    for (guint i = 0; i < 4; i++)
      *out++ = (guint8) ((guint32) disp >> (8 * i));
  return out;
}

static guint8 *
put_vex (guint8 *out, const IrHost *host, guint reg, guint rm, guint v)
{
  guint pp = host->prefix == 0x66 ? 1 : host->prefix == 0xf3 ? 2 : host->prefix == 0xf2 ? 3 : 0;
  guint last = (~v & 15) << 3 | (host->l ? 4u : 0u) | pp;
  guint r = reg & 8 ? 0 : 0x80, b = rm & 8 ? 0 : 0x20;

  if (host->map == 1 && !host->w && b)
    {
      *out++ = 0xc5;
      *out++ = (guint8) (r | last);
    }
  else
    {
      *out++ = 0xc4;
      *out++ = (guint8) (r | 0x40 | b | host->map);
      *out++ = (guint8) ((host->w ? 0x80u : 0u) | last);
    }
  return out;
}

static guint8 *
put_legacy (guint8 *out, const IrHost *host, guint reg, guint rm)
{
  guint rex = (host->w ? 8u : 0u) | (reg & 8 ? 4u : 0u) | (rm & 8 ? 1u : 0u);

  if (host->prefix)
    *out++ = host->prefix;
  if (rex)
    *out++ = (guint8) (0x40 | rex);
  *out++ = 0x0f;
  if (host->map > 1)
    *out++ = host->map == 2 ? 0x38 : 0x3a;
  return out;
}

guint
host_encode (guint8 *out, const IrHost *host, guint reg_gpr, guint rm_gpr_or_base, guint v_gpr, gint32 disp)
{
  guint8 *const start = out;
  guint reg = host->reg_kind == IR_HOST_GPR ? reg_gpr : host->rm_kind == IR_HOST_NONE ? 0 : host->reg;
  guint rm = host->rm_kind == IR_HOST_GPR || host->rm_kind == IR_HOST_MEM ? rm_gpr_or_base
             : host->rm_kind == IR_HOST_NONE ? 0 : host->rm;

  switch (host->encoding)
    {
    case IR_HOST_VEX:
      out = put_vex (out, host, reg, rm,
                     host->v_kind == IR_HOST_GPR ? v_gpr : host->v_kind == IR_HOST_NONE ? 0 : host->v);
      break;
    case IR_HOST_X87:
      if (host->rm_kind == IR_HOST_MEM && (rm & 8))
        *out++ = 0x41;
      break;
    default:
      out = put_legacy (out, host, reg, rm);
      break;
    }
  *out++ = host->opcode;
  out = put_modrm (out, host, reg, rm, disp);
  if (host->has_imm)
    *out++ = host->imm;
  return (guint) (out - start);
}
