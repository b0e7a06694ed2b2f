/* asm - x86-64 instructions as bytes.
 *
 * Source: Intel SDM vol. 2, chapter 2.  Only the forms that the emitter uses.
 *
 * Threads: plain functions on the caller's memory. */
#pragma once

#include <glib.h>
#include <string.h>

typedef struct
{
  guint8 *at;         /* next byte, in the writable view */
} Asm;

/* The ModRM operand: a register, or memory by base, index and displacement, or in
 * the CPU's struct (GS segment, absolute displacement). */
enum { ASM_REG, ASM_MEM, ASM_CPU };
typedef struct
{
  guint8 kind;
  guint8 base;        /* register, or base; ASM_NO_REG: none */
  guint8 index;       /* ASM_NO_REG: none */
  guint8 scale;       /* log2 */
  gint32 disp;
} AsmOperand;
#define ASM_NO_REG 0xff

static inline AsmOperand
asm_reg (guint reg)
{
  return (AsmOperand) { ASM_REG, (guint8) reg, ASM_NO_REG, 0, 0 };
}

static inline AsmOperand
asm_mem (guint base, gint32 disp)
{
  return (AsmOperand) { ASM_MEM, (guint8) base, ASM_NO_REG, 0, disp };
}

static inline AsmOperand
asm_sib (guint base, guint index, guint scale, gint32 disp)
{
  return (AsmOperand) { ASM_MEM, (guint8) base, (guint8) index, (guint8) scale, disp };
}

static inline AsmOperand
asm_cpu (gsize offset)
{
  return (AsmOperand) { ASM_CPU, ASM_NO_REG, ASM_NO_REG, 0, (gint32) offset };
}

static inline void
asm_byte (Asm *a, guint byte)
{
  *a->at++ = (guint8) byte;
}

static inline void
asm_imm (Asm *a, gint64 value, guint bytes)
{
  memcpy (a->at, &value, bytes);
  a->at += bytes;
}

/* ModRM, SIB, displacement. */
static inline void
asm_modrm (Asm *a, guint reg, AsmOperand rm)
{
  guint r = (reg & 7) << 3;

  if (rm.kind == ASM_REG)
    {
      asm_byte (a, 0xc0 | r | (rm.base & 7));
      return;
    }
  if (rm.base == ASM_NO_REG)
    {
      asm_byte (a, r | 4);
      asm_byte (a, (guint) rm.scale << 6 | (rm.index == ASM_NO_REG ? 4 : rm.index & 7) << 3 | 5);
      asm_imm (a, rm.disp, 4);
      return;
    }
  {
    guint mod = rm.disp == 0 && (rm.base & 7) != 5 ? 0 : rm.disp >= -128 && rm.disp <= 127 ? 1 : 2;

    if (rm.index != ASM_NO_REG || (rm.base & 7) == 4)
      {
        asm_byte (a, mod << 6 | r | 4);
        asm_byte (a, (guint) rm.scale << 6 | (rm.index == ASM_NO_REG ? 4 : rm.index & 7) << 3 | (rm.base & 7));
      }
    else
      asm_byte (a, mod << 6 | r | (rm.base & 7));
    if (mod == 1)
      asm_imm (a, rm.disp, 1);
    else if (mod == 2)
      asm_imm (a, rm.disp, 4);
  }
}

/* @opcode: up to three bytes, the first in the highest place that is not 0; mandatory
 * prefixes 66, F3, F2 go in @prefix.  @byte_regs: registers 4..7 mean SPL..DIL. */
static inline void
asm_general (Asm *a, guint prefix, guint bytes, guint opcode, guint reg, AsmOperand rm, gboolean byte_regs)
{
  guint rex = (bytes == 8 ? 8 : 0) | (reg >= 8 && reg != ASM_NO_REG ? 4 : 0);

  if (rm.kind == ASM_CPU)
    asm_byte (a, 0x65);
  if (bytes == 2)
    asm_byte (a, 0x66);
  if (prefix)
    asm_byte (a, prefix);
  if (rm.base != ASM_NO_REG && rm.base >= 8)
    rex |= 1;
  if (rm.index != ASM_NO_REG && rm.index >= 8)
    rex |= 2;
  if (rex || (byte_regs && ((reg >= 4 && reg < 8) || (rm.kind == ASM_REG && rm.base >= 4 && rm.base < 8))))
    asm_byte (a, 0x40 | rex);
  if (opcode > 0xffff)
    asm_byte (a, opcode >> 16);
  if (opcode > 0xff)
    asm_byte (a, opcode >> 8 & 0xff);
  asm_byte (a, opcode & 0xff);
  asm_modrm (a, reg, rm);
}

/* An instruction whose opcode for bytes is one less than that for words and more. */
static inline void
asm_op (Asm *a, guint bytes, guint opcode, guint reg, AsmOperand rm)
{
  asm_general (a, 0, bytes, bytes == 1 ? opcode & ~1u : opcode, reg, rm, bytes == 1);
}

/* Any other. */
static inline void
asm_plain (Asm *a, guint bytes, guint opcode, guint reg, AsmOperand rm)
{
  asm_general (a, 0, bytes, opcode, reg, rm, FALSE);
}

/* op r/m, imm: /n of 80, 81, 83. */
static inline void
asm_alu_imm (Asm *a, guint bytes, guint n, AsmOperand rm, gint32 imm)
{
  gboolean small = imm >= -128 && imm <= 127;

  if (bytes == 1)
    asm_general (a, 0, 1, 0x80, n, rm, TRUE);
  else
    asm_plain (a, bytes, small ? 0x83 : 0x81, n, rm);
  asm_imm (a, imm, bytes == 1 || small ? 1 : bytes == 2 ? 2 : 4);
}

enum { ASM_ADD, ASM_OR, ASM_ADC, ASM_SBB, ASM_AND, ASM_SUB, ASM_XOR, ASM_CMP };
/* The opcode of "op r, r/m" for words; "op r/m, r" is 2 less. */
#define ASM_ALU(n) ((n) << 3 | 3)
enum { ASM_ROL, ASM_ROR, ASM_RCL, ASM_RCR, ASM_SHL, ASM_SHR, ASM_SAR = 7 };

static inline void
asm_mov (Asm *a, guint bytes, guint to, guint from)
{
  if (to != from || bytes == 4)
    asm_plain (a, MAX (bytes, 4), 0x8b, to, asm_reg (from));
}

static inline void
asm_mov_imm (Asm *a, guint to, gint64 value)
{
  if (value == 0)
    {
      /* MOV, not XOR: flags stay. */
      asm_byte (a, 0x40 | (to >= 8));
      asm_byte (a, 0xb8 | (to & 7));
      asm_imm (a, 0, 4);
    }
  else if (value > 0 && value <= G_MAXUINT32)
    {
      asm_byte (a, 0x40 | (to >= 8));
      asm_byte (a, 0xb8 | (to & 7));
      asm_imm (a, value, 4);
    }
  else if (value >= G_MININT32 && value < 0)
    {
      asm_plain (a, 8, 0xc7, 0, asm_reg (to));
      asm_imm (a, value, 4);
    }
  else
    {
      asm_byte (a, 0x48 | (to >= 8));
      asm_byte (a, 0xb8 | (to & 7));
      asm_imm (a, value, 8);
    }
}

/* Stores an immediate of @bytes; 8-byte ones must fit 32 bits signed. */
static inline void
asm_store_imm (Asm *a, guint bytes, AsmOperand to, gint64 value)
{
  asm_op (a, bytes, 0xc7, 0, to);
  asm_imm (a, value, MIN (bytes, 4));
}

/* rel32 jumps and calls; the target is in the view that runs, @delta = run - write. */
static inline guint8 *
asm_jump (Asm *a, guint opcode, const guint8 *target, gssize delta)
{
  guint8 *patch;

  if (opcode > 0xff)
    asm_byte (a, opcode >> 8);
  asm_byte (a, opcode & 0xff);
  patch = a->at;
  asm_imm (a, target == NULL ? 0 : target - (a->at + 4 + delta), 4);
  return patch;
}

static inline void
asm_patch (guint8 *patch, const guint8 *target, gssize delta)
{
  gint32 rel = (gint32) (target - (patch + 4 + delta));

  memcpy (patch, &rel, 4);
}

#define ASM_JMP  0xe9
#define ASM_CALL 0xe8
#define ASM_JCC(cc) (0x0f80 | (cc))
