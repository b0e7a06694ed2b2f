/* effects.c - flags, by mnemonic.
 *
 * Source: Intel SDM vol. 1, appendix A (EFLAGS cross-reference), and vol. 2 where a count
 * matters. */
#include "config.h"

#include "effects.h"

#include "arch/x86/state.h"

#include <string.h>

#define C X86_CF
#define P X86_PF
#define A X86_AF
#define Z X86_ZF
#define S X86_SF
#define O X86_OF
#define ALL X86_ARITH

typedef struct { const char *name; guint32 reads, defines, undefines; } Row;

static const Row rows[] = {
  { "add", 0, ALL, 0 }, { "sub", 0, ALL, 0 }, { "cmp", 0, ALL, 0 }, { "neg", 0, ALL, 0 }, { "xadd", 0, ALL, 0 },
  { "cmpxchg", 0, ALL, 0 }, { "adc", C, ALL, 0 }, { "sbb", C, ALL, 0 },
  { "and", 0, ALL & ~A, A }, { "or", 0, ALL & ~A, A }, { "xor", 0, ALL & ~A, A }, { "test", 0, ALL & ~A, A },
  { "inc", 0, ALL & ~C, 0 }, { "dec", 0, ALL & ~C, 0 },
  { "mul", 0, C | O, S | Z | A | P }, { "imul", 0, C | O, S | Z | A | P },
  { "div", 0, 0, ALL }, { "idiv", 0, 0, ALL },
  { "bt", 0, C, O | S | A | P }, { "bts", 0, C, O | S | A | P }, { "btr", 0, C, O | S | A | P }, { "btc", 0, C, O | S | A | P },
  { "bsf", 0, Z, ALL & ~Z }, { "bsr", 0, Z, ALL & ~Z },
  { "popcnt", 0, ALL, 0 }, { "tzcnt", 0, C | Z, O | S | P | A }, { "lzcnt", 0, C | Z, O | S | P | A },
  { "andn", 0, S | Z | O | C, A | P }, { "blsr", 0, S | Z | O | C, A | P }, { "blsi", 0, S | Z | O | C, A | P },
  { "blsmsk", 0, S | Z | O | C, A | P }, { "bextr", 0, Z | O | C, A | S | P }, { "bzhi", 0, S | Z | O | C, A | P },
  { "adcx", C, C, 0 }, { "adox", O, O, 0 },
  { "cmpxchg8b", 0, Z, 0 },
  { "clc", 0, C, 0 }, { "stc", 0, C, 0 }, { "cmc", C, C, 0 }, { "salc", C, 0, 0 },
  { "sahf", 0, ALL & ~O, 0 }, { "lahf", ALL & ~O, 0, 0 }, { "popf", 0, ALL, 0 }, { "pushf", ALL, 0, 0 },
  { "daa", A | C, ALL & ~O, O }, { "das", A | C, ALL & ~O, O },
  { "aaa", A, A | C, O | S | Z | P }, { "aas", A, A | C, O | S | Z | P },
  { "aam", 0, S | Z | P, O | A | C }, { "aad", 0, S | Z | P, O | A | C },
  { "cmpsb", 0, ALL, 0 }, { "cmpsw", 0, ALL, 0 }, { "scasb", 0, ALL, 0 }, { "scasw", 0, ALL, 0 },
  { "loope", Z, 0, 0 }, { "loopne", Z, 0, 0 }, { "into", O, 0, 0 },
  { "ucomiss", 0, ALL, 0 }, { "ucomisd", 0, ALL, 0 }, { "comiss", 0, ALL, 0 }, { "comisd", 0, ALL, 0 },
  { "vucomiss", 0, ALL, 0 }, { "vucomisd", 0, ALL, 0 }, { "vcomiss", 0, ALL, 0 }, { "vcomisd", 0, ALL, 0 },
  { "ptest", 0, ALL, 0 }, { "vptest", 0, ALL, 0 }, { "vtestps", 0, ALL, 0 }, { "vtestpd", 0, ALL, 0 },
  { "fcomi", 0, ALL, 0 }, { "fucomi", 0, ALL, 0 }, { "fcomip", 0, ALL, 0 }, { "fucomip", 0, ALL, 0 },
  { "pcmpestri", 0, ALL, 0 }, { "pcmpestrm", 0, ALL, 0 }, { "pcmpistri", 0, ALL, 0 }, { "pcmpistrm", 0, ALL, 0 },
  { "vpcmpestri", 0, ALL, 0 }, { "vpcmpestrm", 0, ALL, 0 }, { "vpcmpistri", 0, ALL, 0 }, { "vpcmpistrm", 0, ALL, 0 },
  { "fcmovb", C, 0, 0 }, { "fcmovnb", C, 0, 0 }, { "fcmove", Z, 0, 0 }, { "fcmovne", Z, 0, 0 },
  { "fcmovbe", C | Z, 0, 0 }, { "fcmovnbe", C | Z, 0, 0 }, { "fcmovu", P, 0, 0 }, { "fcmovnu", P, 0, 0 },
};

static const char *const shifts[] = { "rol", "ror", "rcl", "rcr", "shl", "shr", "sar", "shld", "shrd" };

/* A condition's flags, by the low nibble of Jcc. */
static const guint32 of_condition[8] = { O, C, Z, C | Z, S, P, S | O, S | O | Z };

static gsize
length_of_name (const char *name)
{
  return strcspn (name, "/");
}

static gboolean
is_named (const X86Insn *insn, const char *name)
{
  const char *text = insn->row->mnemonic;

  return strlen (name) == length_of_name (text) && strncmp (text, name, strlen (name)) == 0;
}

static OracleEffect
shift_effect (const X86Insn *insn, guint which)
{
  gboolean by_cl = memchr (insn->row->operands, X86_O_CL, 4) != NULL;
  gboolean by_one = memchr (insn->row->operands, X86_O_1, 4) != NULL;
  guint bits = insn->row->operands[0] == X86_O_Eb ? 8 : 8u * insn->op_bytes;
  guint count = by_one ? 1 : (guint) insn->imm & (bits == 64 ? 63 : 31);
  OracleEffect e = { .maybe = by_cl };

  if (which == 2 || which == 3)
    e.reads = C;
  if (!by_cl && count == 0)
    return e;
  if (which < 4)
    {
      e.defines = C;
      if (by_cl || count != 1)
        e.undefines = O;
      else
        e.defines |= O;
      return e;
    }
  e.defines = S | Z | P;
  e.undefines = A;
  if (by_cl || count != 1)
    e.undefines |= O;
  else
    e.defines |= O;
  if ((which == 4 || which == 5) && bits < 32 && (by_cl || count >= bits))
    e.undefines |= C;
  else
    e.defines |= C;
  return e;
}

OracleEffect
oracle_effect_of (const X86Insn *insn)
{
  const char *name = insn->row->mnemonic;

  for (guint i = 0; i < G_N_ELEMENTS (shifts); i++)
    if (is_named (insn, shifts[i]))
      return shift_effect (insn, i);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (is_named (insn, rows[i].name))
      {
        OracleEffect e = { rows[i].reads, rows[i].defines, rows[i].undefines, FALSE };

        e.maybe = insn->rep != 0 && (g_str_has_prefix (name, "cmps") || g_str_has_prefix (name, "scas"));
        return e;
      }
  if (g_str_has_prefix (name, "set") || g_str_has_prefix (name, "cmov")
      || (name[0] == 'j' && !is_named (insn, "jmp") && !is_named (insn, "jcxz")))
    return (OracleEffect) { .reads = of_condition[insn->row->op >> 1 & 7] };
  return (OracleEffect) { 0 };
}
