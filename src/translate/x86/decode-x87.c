/* decode-x87.c - rows of the x87 opcodes D8..DF.
 *
 * Source: Intel SDM vol. 2, appendix A.5, tables; the aliases that the
 * manual no longer names (FSTP1, FXCH4 ...) from the AMD manual, vol. 3, appendix A. */
#include "config.h"

#include "translate/x86/simd-rows.h"

#define ST X86_SIMD_STORE

/* Memory: bytes and whether they are written. */
#define LD(name, code, by) \
  { .mnemonic = name, .operands = { X86_O_##code }, .lift = lift_x87, .feature = X86_FEATURE_FPU, .simd_bytes = by }
#define WR(name, code, by, feat) \
  { .mnemonic = name, .operands = { X86_O_##code }, .lift = lift_x87, .feature = X86_FEATURE_##feat, .simd_bytes = by, .simd_flags = ST }
#define FN(name, code, fun, what, by) \
  { .mnemonic = name, .operands = { X86_O_##code }, .lift = fun, .op = what, .feature = X86_FEATURE_FPU, .simd_bytes = by }

static const X86Row memory[8][8] = {
  { /* D8 */
    LD ("fadd", Md, 4), LD ("fmul", Md, 4), LD ("fcom", Md, 4), LD ("fcomp", Md, 4),
    LD ("fsub", Md, 4), LD ("fsubr", Md, 4), LD ("fdiv", Md, 4), LD ("fdivr", Md, 4) },
  { /* D9 */
    LD ("fld", Md, 4), { 0 }, WR ("fst", Md, 4, FPU), WR ("fstp", Md, 4, FPU),
    FN ("fldenv", M, lift_fpu_env, X86_HELPER_fldenv, 0), FN ("fldcw", Mw, lift_fldcw, 0, 2),
    FN ("fnstenv", M, lift_fpu_env, X86_HELPER_fnstenv, 0), FN ("fnstcw", Mw, lift_fnstcw, 0, 2) },
  { /* DA */
    LD ("fiadd", Md, 4), LD ("fimul", Md, 4), LD ("ficom", Md, 4), LD ("ficomp", Md, 4),
    LD ("fisub", Md, 4), LD ("fisubr", Md, 4), LD ("fidiv", Md, 4), LD ("fidivr", Md, 4) },
  { /* DB */
    LD ("fild", Md, 4), WR ("fisttp", Md, 4, SSE3), WR ("fist", Md, 4, FPU), WR ("fistp", Md, 4, FPU),
    { 0 }, LD ("fld", M, 10), { 0 }, WR ("fstp", M, 10, FPU) },
  { /* DC */
    LD ("fadd", Mq, 8), LD ("fmul", Mq, 8), LD ("fcom", Mq, 8), LD ("fcomp", Mq, 8),
    LD ("fsub", Mq, 8), LD ("fsubr", Mq, 8), LD ("fdiv", Mq, 8), LD ("fdivr", Mq, 8) },
  { /* DD */
    LD ("fld", Mq, 8), WR ("fisttp", Mq, 8, SSE3), WR ("fst", Mq, 8, FPU), WR ("fstp", Mq, 8, FPU),
    FN ("frstor", M, lift_fpu_env, X86_HELPER_frstor, 0), { 0 },
    FN ("fnsave", M, lift_fpu_env, X86_HELPER_fnsave, 0), FN ("fnstsw", Mw, lift_fnstsw, 0, 2) },
  { /* DE */
    LD ("fiadd", Mw, 2), LD ("fimul", Mw, 2), LD ("ficom", Mw, 2), LD ("ficomp", Mw, 2),
    LD ("fisub", Mw, 2), LD ("fisubr", Mw, 2), LD ("fidiv", Mw, 2), LD ("fidivr", Mw, 2) },
  { /* DF */
    LD ("fild", Mw, 2), WR ("fisttp", Mw, 2, SSE3), WR ("fist", Mw, 2, FPU), WR ("fistp", Mw, 2, FPU),
    LD ("fbld", M, 10), LD ("fild", Mq, 8), WR ("fbstp", M, 10, FPU), WR ("fistp", Mq, 8, FPU) },
};

/* Registers: the same for all eight, or for one each. */
#define R(name)          { .mnemonic = name, .lift = lift_x87, .feature = X86_FEATURE_FPU }
#define COMPARE(name, f) { .mnemonic = name, .lift = lift_x87, .op = IR_HF_Z | IR_HF_P | IR_HF_C, \
                           .feature = X86_FEATURE_##f, .simd_flags = X86_SIMD_FLAGS }
#define OURS(name, f)    { .mnemonic = name, .lift = lift_x87_compute, .feature = X86_FEATURE_##f }
#define CONTROL(name, fun) { .mnemonic = name, .lift = fun, .feature = X86_FEATURE_FPU }
#define EACH(rows)       { .group = rows }

static const X86Row d9_d0[8] = { R ("fnop") };
static const X86Row d9_e0[8] = {
  R ("fchs"), R ("fabs"), { 0 }, { 0 }, R ("ftst"), R ("fxam"), { 0 }, { 0 } };
static const X86Row d9_e8[8] = {
  R ("fld1"), R ("fldl2t"), R ("fldl2e"), R ("fldpi"), R ("fldlg2"), R ("fldln2"), R ("fldz"), { 0 } };
static const X86Row d9_f0[8] = {
  OURS ("f2xm1", FPU), OURS ("fyl2x", FPU), OURS ("fptan", FPU), OURS ("fpatan", FPU),
  R ("fxtract"), R ("fprem1"), R ("fdecstp"), R ("fincstp") };
static const X86Row d9_f8[8] = {
  R ("fprem"), OURS ("fyl2xp1", FPU), R ("fsqrt"), OURS ("fsincos", FPU),
  R ("frndint"), R ("fscale"), OURS ("fsin", FPU), OURS ("fcos", FPU) };
static const X86Row da_e8[8] = { [1] = R ("fucompp") };
static const X86Row db_e0[8] = {
  CONTROL ("fneni", lift_x87_nop), CONTROL ("fndisi", lift_x87_nop), R ("fnclex"), CONTROL ("fninit", lift_fninit),
  CONTROL ("fnsetpm", lift_x87_nop) };
static const X86Row de_d8[8] = { [1] = R ("fcompp") };
static const X86Row df_e0[8] = { CONTROL ("fnstsw", lift_fnstsw) };

static const X86Row registers[8][8] = {
  { /* D8 */ R ("fadd"), R ("fmul"), R ("fcom"), R ("fcomp"), R ("fsub"), R ("fsubr"), R ("fdiv"), R ("fdivr") },
  { /* D9 */ R ("fld"), R ("fxch"), EACH (d9_d0), R ("fstp1"), EACH (d9_e0), EACH (d9_e8), EACH (d9_f0), EACH (d9_f8) },
  { /* DA */ OURS ("fcmovb", CMOV), OURS ("fcmove", CMOV), OURS ("fcmovbe", CMOV), OURS ("fcmovu", CMOV),
             { 0 }, EACH (da_e8), { 0 }, { 0 } },
  { /* DB */ OURS ("fcmovnb", CMOV), OURS ("fcmovne", CMOV), OURS ("fcmovnbe", CMOV), OURS ("fcmovnu", CMOV),
             EACH (db_e0), COMPARE ("fucomi", CMOV), COMPARE ("fcomi", CMOV), { 0 } },
  { /* DC */ R ("fadd"), R ("fmul"), R ("fcom2"), R ("fcomp3"), R ("fsubr"), R ("fsub"), R ("fdivr"), R ("fdiv") },
  { /* DD */ R ("ffree"), R ("fxch4"), R ("fst"), R ("fstp"), R ("fucom"), R ("fucomp"), { 0 }, { 0 } },
  { /* DE */ R ("faddp"), R ("fmulp"), R ("fcomp5"), EACH (de_d8), R ("fsubrp"), R ("fsubp"), R ("fdivrp"), R ("fdivp") },
  { /* DF */ R ("ffreep"), R ("fxch7"), R ("fstp8"), R ("fstp9"), EACH (df_e0), COMPARE ("fucomip", CMOV),
             COMPARE ("fcomip", CMOV), { 0 } },
};

const X86Row *
x86_x87_row (guint opcode, guint modrm)
{
  const X86Row *row;

  if (modrm < 0xc0)
    row = &memory[opcode & 7][(modrm >> 3) & 7];
  else
    {
      row = &registers[opcode & 7][(modrm >> 3) & 7];
      if (row->lift == NULL && row->group != NULL)
        row = &row->group[modrm & 7];
    }
  return row->lift != NULL ? row : NULL;
}
