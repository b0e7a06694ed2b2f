/* generate.c - what to run.
 *
 * A template is a row of the decoder's tables with one way to reach it; an instruction
 * is a template with random operands, decoded again to be sure of what it is.  Memory
 * operands go through registers that hold pointers into the data pages; as registers
 * are overwritten they stop being used so.
 * Some instructions come in pieces of two, because a random operand would not do: POPF, RET and the like.
 * Left out: what needs privilege, leaves user mode, or depends on the machine or on
 * selectors; instructions that are computed by us (tests/translate has those). */
#include "config.h"

#include "generate.h"

#include "effects.h"
#include "native.h"
#include "translate/x86/cpu.h"
#include "translate/x86/decode.h"
#include "translate/x86/lift-host.h"

#include <string.h>

guint8 oracle_images[N_IMAGES][DATA_BYTES];

typedef struct
{
  const X86Row *row;
  guint8        map, prefix, opcode, vex;
  guint8        modrm;           /* fixed bits of ModRM */
  guint8        fixed;           /* which: X_REG | X_RM */
} Template;
enum { X_REG = 070, X_RM = 007 };

struct _OracleGenerator
{
  GArray     *templates;
  GArray     *chosen;            /* of `only` */
  gboolean    mode32;
  guint32     mode;
  const X86Features *features;
  char      **without;
  gboolean    pieces;            /* draw pieces too */
  gboolean    gs_base;           /* the host lets programs have RDGSBASE */
};

/* --- templates ----------------------------------------------------------------------- */

static const char *const left_out[] = {
  /* leaves user mode, or the machine answers */
  "in", "out", "insb", "insw", "outsb", "outsw", "cli", "sti", "hlt", "int", "int1", "int3", "into", "iret", "syscall",
  "sysret", "sysenter", "sysexit", "ud0", "ud1", "ud2", "rsm", "cpuid", "rdtsc", "rdtscp", "rdpmc", "rdpid", "rdmsr",
  "wrmsr", "rdrand", "rdseed", "xgetbv", "xsetbv", "monitor", "mwait", "clac", "stac", "swapgs", "invlpg", "invpcid",
  "invd", "wbinvd", "clts", "lmsw", "smsw", "sgdt", "sidt", "lgdt", "lidt", "sldt", "str", "lldt", "ltr", "verr", "verw",
  "lar", "lsl", "arpl", "rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase",
  /* selectors, far pointers */
  "lcall", "ljmp", "retf", "les", "lds", "lss", "lfs", "lgs",
  /* targets that are not known here: see the pieces */
  "ret", "bound",
  /* the host's kernel does not put back ID, NT and TF before the next case: see the pieces */
  "popf",
  /* stores pointers that are 0 here, or loads what must be prepared */
  "fnstenv", "fldenv", "fnsave", "frstor", "fxsave", "fxrstor", "xsave", "xsaveopt", "xsavec", "xrstor",
  "ldmxcsr", "vldmxcsr", "fldcw",
};

static gboolean
is_named (const X86Row *row, const char *name)
{
  gsize length = strcspn (row->mnemonic, "/");

  return strlen (name) == length && strncmp (row->mnemonic, name, length) == 0;
}

static gboolean
is_left_out (const X86Row *row)
{
  for (guint i = 0; i < G_N_ELEMENTS (left_out); i++)
    if (is_named (row, left_out[i]))
      return TRUE;
  for (guint i = 0; i < 4; i++)
    switch (row->operands[i])
      {
      case X86_O_Sw: case X86_O_Cd: case X86_O_Dd: case X86_O_ES: case X86_O_CS: case X86_O_SS: case X86_O_DS:
      case X86_O_FS: case X86_O_GS: case X86_O_Ob: case X86_O_Ov:
        return TRUE;
      default:
        break;
      }
  if (g_str_equal (row->mnemonic, "call") || g_str_equal (row->mnemonic, "jmp"))
    return row->operands[0] == X86_O_Ev;
  if (row->lift == lift_x87_compute)
    return !g_str_has_prefix (row->mnemonic, "fcmov");
  return row->lift == lift_rcp_rsqrt;
}

static guint
put_opcode (guint8 *out, const Template *t, guint rex, guint rxb, guint w, guint l, guint v)
{
  guint n = 0;

  if (t->vex)
    {
      guint pp = t->prefix == 0x66 ? 1 : t->prefix == 0xf3 ? 2 : t->prefix == 0xf2 ? 3 : 0;

      out[n++] = 0xc4;
      out[n++] = (guint8) ((~rxb & 7) << 5 | t->map);
      out[n++] = (guint8) (w << 7 | (~v & 15) << 3 | l << 2 | pp);
    }
  else
    {
      if (t->prefix)
        out[n++] = t->prefix;
      if (rex)
        out[n++] = (guint8) (0x40 | w << 3 | rxb);
      if (t->map)
        out[n++] = 0x0f;
      if (t->map > 1)
        out[n++] = t->map == 2 ? 0x38 : 0x3a;
    }
  out[n++] = t->opcode;
  return n;
}

static const X86Row *
row_of (const OracleGenerator *g, const Template *t, guint modrm, guint w, guint l)
{
  guint8 bytes[32] = { 0 };
  guint n = put_opcode (bytes, t, w, 0, w, l, 0);
  X86Insn insn;

  bytes[n] = (guint8) modrm;
  if (x86_decode (g->mode, CODE_BASE, bytes, 15, &insn) != X86_DECODED || insn.row == &x86_undefined_row
      || insn.row->mnemonic == NULL)
    return NULL;
  if (insn.map != t->map || insn.opcode != t->opcode || !g->features->has[insn.row->feature])
    return NULL;
  return insn.row;
}

/* Any row for this ModRM, with W and L as it wants them. */
static const X86Row *
any_row_of (const OracleGenerator *g, const Template *t, guint modrm)
{
  for (guint wl = 0; wl < (t->vex ? 4u : 1u); wl++)
    {
      const X86Row *row = row_of (g, t, modrm, wl & 1, wl >> 1);

      if (row != NULL)
        return row;
    }
  return NULL;
}

static void
add_template (OracleGenerator *g, const Template *t, const char *only)
{
  if (is_left_out (t->row))
    return;
  for (char **name = g->without; *name != NULL; name++)
    if (is_named (t->row, *name) || (g_str_equal (*name, "rep") && t->map == 0 && t->prefix >= 0xf2))
      return;
  if (only != NULL && is_named (t->row, only))
    g_array_append_val (g->chosen, *t);
  g_array_append_val (g->templates, *t);
}

static void
add_opcode (OracleGenerator *g, Template t, const char *only)
{
  gboolean x87 = t.map == 0 && (t.opcode & 0xf8) == 0xd8;

  for (guint mod = 0; mod < 4; mod += 3)
    {
      const X86Row *last = NULL;
      gboolean same = TRUE;

      for (guint reg = 0; reg < 8; reg++)
        {
          const X86Row *row = any_row_of (g, &t, mod << 6 | reg << 3 | (mod ? 0 : 3));

          same = same && (reg == 0 || row == last);
          last = row;
        }
      if (x87 && mod == 3)
        {
          for (guint low = 0; low < 64; low++)
            {
              t.modrm = (guint8) (0xc0 | low);
              t.fixed = X_REG | X_RM;
              t.row = any_row_of (g, &t, t.modrm);
              if (t.row != NULL)
                add_template (g, &t, only);
            }
          continue;
        }
      for (guint reg = 0; reg < (same ? 1u : 8u); reg++)
        {
          t.modrm = (guint8) (mod << 6 | reg << 3);
          t.fixed = same ? 0 : X_REG;
          t.row = any_row_of (g, &t, t.modrm | (mod ? 0 : 3));
          if (t.row != NULL && (mod == 0 || (t.row->traits & X86_T_MODRM)))
            add_template (g, &t, only);
        }
    }
}

OracleGenerator *
oracle_generator_new (const X86Features *features, gboolean mode32, const char *only, const char *without)
{
  static const guint8 prefixes[4] = { 0, 0x66, 0xf3, 0xf2 };
  OracleGenerator *g = g_new0 (OracleGenerator, 1);

  g->templates = g_array_new (FALSE, FALSE, sizeof (Template));
  g->chosen = g_array_new (FALSE, FALSE, sizeof (Template));
  g->mode32 = mode32;
  g->mode = X86_MODE_PE | X86_MODE_FLAT | X86_MODE_LMA | 3 << X86_MODE_CPL_SHIFT
            | (mode32 ? X86_MODE_CODE32 | X86_MODE_STACK32 : X86_MODE_CODE64);
  g->features = features;
  g->without = g_strsplit (without != NULL ? without : "", ",", -1);
  g->pieces = !g_strv_contains ((const char *const *) g->without, "pieces");
  g->gs_base = features->has[X86_FEATURE_FSGSBASE] && oracle_native_has_gs_base ();
  for (guint map = 0; map < 4; map++)
    for (guint vex = 0; vex < (map ? 2u : 1u); vex++)
      for (guint p = 0; p < 4; p++)
        for (guint opcode = 0; opcode < 256; opcode++)
          {
            Template t = { .map = (guint8) map, .prefix = prefixes[p], .opcode = (guint8) opcode, .vex = (guint8) vex };

            /* In the one-byte map F2 and F3 matter to strings alone. */
            if (map == 0 && p >= 2 && (opcode & 0xfe) != 0xa4 && (opcode & 0xfe) != 0xa6
                && (opcode < 0xaa || opcode > 0xaf))
              continue;
            if (!vex && map == 1 && (opcode == 0x38 || opcode == 0x3a))
              continue;
            add_opcode (g, t, only);
          }
  return g;
}

void
oracle_generator_free (OracleGenerator *g)
{
  g_array_free (g->templates, TRUE);
  g_array_free (g->chosen, TRUE);
  g_strfreev (g->without);
  g_free (g);
}

guint
oracle_generator_size (const OracleGenerator *g)
{
  return g->templates->len;
}

void
oracle_generator_foreach (const OracleGenerator *g, void (*visit) (const char *mnemonic, gpointer data), gpointer data)
{
  GHashTable *seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < g->templates->len; i++)
    {
      const char *name = g_array_index (g->templates, Template, i).row->mnemonic;

      if (g_hash_table_add (seen, (gpointer) name))
        visit (name, data);
    }
  g_hash_table_destroy (seen);
}

/* --- values -------------------------------------------------------------------------- */

static const guint64 special_integers[] = {
  0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
  G_GUINT64_CONSTANT (0x100000000), G_GUINT64_CONSTANT (0x7fffffffffffffff), G_GUINT64_CONSTANT (0x8000000000000000),
  G_MAXUINT64, G_MAXUINT64 - 1,
};

static const guint32 special_floats[] = {
  0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x40490fdb, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001,
  0x00000001, 0x807fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0xcf000000, 0x5f000000, 0x3effffff, 0x3f000000, 0x42c80000,
};

static const guint64 special_doubles[] = {
  0, G_GUINT64_CONSTANT (0x8000000000000000), G_GUINT64_CONSTANT (0x3ff0000000000000), G_GUINT64_CONSTANT (0xbff8000000000000),
  G_GUINT64_CONSTANT (0x7ff0000000000000), G_GUINT64_CONSTANT (0xfff0000000000000), G_GUINT64_CONSTANT (0x7ff8000000000000),
  G_GUINT64_CONSTANT (0x7ff0000000000001), G_GUINT64_CONSTANT (0x0000000000000001), G_GUINT64_CONSTANT (0x800fffffffffffff),
  G_GUINT64_CONSTANT (0x0010000000000000), G_GUINT64_CONSTANT (0x7fefffffffffffff), G_GUINT64_CONSTANT (0x41dfffffffc00000),
  G_GUINT64_CONSTANT (0xc1e0000000000000), G_GUINT64_CONSTANT (0x43e0000000000000), G_GUINT64_CONSTANT (0x3fe0000000000000),
  G_GUINT64_CONSTANT (0x400921fb54442d18), G_GUINT64_CONSTANT (0x36a0000000000000), G_GUINT64_CONSTANT (0x47efffffe0000000),
};

static guint64
random_integer (OracleRandom *r)
{
  switch (oracle_below (r, 4))
    {
    case 0:  return special_integers[oracle_below (r, G_N_ELEMENTS (special_integers))];
    case 1:  return oracle_random (r) >> oracle_below (r, 64);
    case 2:  return (guint64) (gint64) (gint8) oracle_random (r);
    default: return oracle_random (r);
    }
}

/* Eight bytes that mean something to somebody. */
static guint64
random_lane (OracleRandom *r, guint kind)
{
  switch (kind)
    {
    case 0:  return oracle_random (r);
    case 1:  return (guint64) special_floats[oracle_below (r, G_N_ELEMENTS (special_floats))] << 32
                    | special_floats[oracle_below (r, G_N_ELEMENTS (special_floats))];
    case 2:  return special_doubles[oracle_below (r, G_N_ELEMENTS (special_doubles))];
    case 3:  return (guint64) oracle_below (r, 256) << 32 | oracle_below (r, 256);
    case 4:  /* floats near one */
      return ((oracle_random (r) & G_GUINT64_CONSTANT (0x81ffffff81ffffff)) | G_GUINT64_CONSTANT (0x3c0000003c000000));
    case 5:  /* doubles near one */
      return ((oracle_random (r) & G_GUINT64_CONSTANT (0x803fffffffffffff)) | G_GUINT64_CONSTANT (0x3fc0000000000000));
    case 6:  return oracle_percent (r, 50) ? 0 : G_MAXUINT64;
    case 7:  return oracle_random (r) & G_GUINT64_CONSTANT (0x0f0f0f0f0f0f0f0f);
    default: return oracle_below (r, 64);
    }
}
#define N_KINDS 9

void
oracle_make_images (void)
{
  OracleRandom r = { G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) };

  for (guint i = 0; i < N_IMAGES; i++)
    for (guint at = 0; at < DATA_BYTES; at += 32)
      {
        guint kind = oracle_below (&r, N_KINDS);

        for (guint k = 0; k < 32; k += 8)
          {
            guint64 lane = random_lane (&r, kind);

            memcpy (&oracle_images[i][at + k], &lane, 8);
          }
      }
}

static void
random_f80 (OracleRandom *r, guint8 *st)
{
  guint64 mantissa = oracle_random (r);
  guint16 exponent = (guint16) (oracle_random (r) & 0x8000);

  switch (oracle_below (r, 10))
    {
    case 0: mantissa = 0; break;
    case 1: exponent |= 0x7fff; mantissa = G_GUINT64_CONSTANT (0x8000000000000000); break;
    case 2: exponent |= 0x7fff; mantissa |= G_GUINT64_CONSTANT (0xc000000000000000); break;
    case 3: exponent |= 0x7fff; mantissa = (mantissa >> 2) | G_GUINT64_CONSTANT (0x8000000000000000); break;
    case 4: mantissa >>= 1 + oracle_below (r, 63); break;
    case 5: exponent = (guint16) oracle_random (r); break;      /* perhaps an unsupported form */
    case 6: exponent |= 0x3fff + oracle_below (r, 64); mantissa = G_GUINT64_CONSTANT (1) << 63; break;
    default:
      exponent |= (guint16) (0x3fff - 40 + oracle_below (r, 110));
      mantissa |= G_GUINT64_CONSTANT (1) << 63;
      break;
    }
  memset (st, 0, 16);
  memcpy (st, &mantissa, 8);
  memcpy (st + 8, &exponent, 2);
}

/* Registers that begin as pointers into the data pages; R9 and R10 (32-bit: ECX) as small numbers. */
#define POINTERS_64 (1u << X86_RBX | 1u << X86_RBP | 1u << X86_RSI | 1u << X86_RDI | 1u << X86_RSP \
                     | 1u << X86_R12 | 1u << X86_R13 | 1u << X86_R14)
#define POINTERS_32 (1u << X86_RBX | 1u << X86_RBP | 1u << X86_RSI | 1u << X86_RDI | 1u << X86_RSP)

static void
random_state (const OracleGenerator *g, OracleRandom *r, OracleState *s)
{
  guint32 pointers = g->mode32 ? POINTERS_32 : POINTERS_64;
  guint n_values = g->mode32 ? 8 : 16;

  for (guint i = 0; i < n_values; i++)
    {
      s->gpr[i] = random_integer (r);
      if (pointers >> i & 1)
        {
          s->gpr[i] = DATA_BASE + 512 + oracle_below (r, DATA_BYTES - 1024);
          s->gpr[i] &= oracle_percent (r, 80) ? ~(guint64) 63 : ~(guint64) 7;
        }
    }
  s->gpr[X86_RSP] &= ~(guint64) 15;
  if (!g->mode32)
    {
      s->gpr[X86_R9] = oracle_below (r, 32);
      s->gpr[X86_R10] = oracle_below (r, 8);
    }
  if (oracle_percent (r, 60))
    s->gpr[X86_RCX] = oracle_below (r, 40);
  if (g->mode32)
    for (guint i = 0; i < 8; i++)
      s->gpr[i] = (guint32) s->gpr[i];
  s->rflags = 2 | X86_IF | (oracle_random (r) & X86_ARITH) | (oracle_percent (r, 10) ? X86_DF : 0);
  for (guint i = 0; i < n_values; i++)
    {
      guint kind = oracle_below (r, N_KINDS);

      for (guint k = 0; k < 32; k += 8)
        {
          guint64 lane = random_lane (r, kind);

          memcpy (&s->vec[i][k], &lane, 8);
        }
      if (oracle_percent (r, 20))
        memset (&s->vec[i][16], 0, 16);
    }
  for (guint i = 0; i < 8; i++)
    random_f80 (r, s->st[i]);
  s->mxcsr = 0x1f80 | (guint32) oracle_below (r, 4) << 13 | (oracle_percent (r, 10) ? 0x8000 : 0)
             | (oracle_percent (r, 10) ? 0x40 : 0) | (oracle_percent (r, 10) ? oracle_below (r, 64) : 0);
  s->fcw = (guint16) (0x007f | (oracle_percent (r, 60) ? 3 : oracle_below (r, 2) * 2) << 8 | oracle_below (r, 4) << 10);
  s->fsw = (guint16) (oracle_below (r, 8) << 11 | (oracle_random (r) & 0x4700) | (oracle_percent (r, 10) ? oracle_below (r, 64) : 0));
  s->ftw = oracle_percent (r, 50) ? (guint8) oracle_random (r) : oracle_percent (r, 50) ? 0xff : 0;
  /* Now and then exceptions are unmasked: invalid, divide, overflow, precision, on either side. */
  if (oracle_percent (r, 2))
    s->mxcsr &= ~(oracle_below (r, 64) & 0x2fu) << 7 | 0xffffe07fu;
  if (oracle_percent (r, 2))
    {
      s->fcw &= (guint16) ~(oracle_below (r, 64));
      s->fsw &= (guint16) ~0x3f;
    }
}

/* --- instructions -------------------------------------------------------------------- */

typedef struct
{
  OracleGenerator *g;
  OracleRandom    *r;
  OracleCase      *c;
  guint32          pointers;     /* GPRs that still point into the data pages */
  guint32          undefined;    /* flags */
  guint            jump_at;      /* index in code + 1 of the byte of a jump over the next instruction */
  guint            jump_bytes;
  guint32          undefined_at_jump;
} Maker;

static guint
pick_register (Maker *m, gboolean gpr)
{
  guint n = m->g->mode32 ? 8 : 16;

  for (;;)
    {
      guint reg = oracle_below (m->r, n);

      if (!gpr)
        return reg;
      if (reg == X86_RSP && !oracle_percent (m->r, 2))
        continue;
      if ((m->pointers >> reg & 1) && !oracle_percent (m->r, 25))
        continue;
      return reg;
    }
}

static guint
pick_pointer (Maker *m)
{
  for (guint tries = 0; tries < 100; tries++)
    {
      guint reg = oracle_below (m->r, m->g->mode32 ? 8 : 16);

      if (m->pointers >> reg & 1)
        return reg;
    }
  return X86_RSP;
}

/* ModRM, SIB and displacement of a memory operand; sets the REX bits that it needs. */
static guint
put_memory (Maker *m, guint8 *out, guint reg, guint *rxb)
{
  OracleRandom *r = m->r;
  guint base = pick_pointer (m), n = 0, form = oracle_below (r, 20);
  gint32 disp = (gint32) oracle_below (r, 512) - 256;
  gboolean small;

  if (oracle_percent (r, 70))
    disp &= ~31;
  if (form == 0)
    {
      /* Absolute: RIP-relative in 64-bit mode needs the length, so through SIB there. */
      guint32 at = DATA_BASE + (oracle_below (r, DATA_BYTES - 64) & (oracle_percent (r, 70) ? ~31u : ~0u));

      out[n++] = (guint8) (reg << 3 | (m->g->mode32 ? 5 : 4));
      if (!m->g->mode32)
        out[n++] = 0x25;
      memcpy (out + n, &at, 4);
      return n + 4;
    }
  small = disp >= -128 && disp < 128;
  *rxb |= base >> 3;
  if (form < 6 || (base & 7) == 4)
    {
      guint index = 4, scale = oracle_below (r, 4);

      if (form < 6)
        {
          index = m->g->mode32 ? X86_RCX : oracle_percent (r, 80) ? X86_R9 + oracle_below (r, 2) : oracle_below (r, 16);
          *rxb |= (index >> 3) << 1;
        }
      out[n++] = (guint8) ((small ? 0x40 : 0x80) | reg << 3 | 4);
      out[n++] = (guint8) (scale << 6 | (index & 7) << 3 | (base & 7));
    }
  else if (disp == 0 && (base & 7) != 5)
    {
      out[n++] = (guint8) (reg << 3 | (base & 7));
      return n;
    }
  else
    out[n++] = (guint8) ((small ? 0x40 : 0x80) | reg << 3 | (base & 7));
  memcpy (out + n, &disp, 4);
  return n + (small ? 1 : 4);
}

static gboolean
is_gpr_code (guint code, gboolean rm)
{
  if (rm)
    return (code >= X86_O_Eb && code <= X86_O_Ey) || code == X86_O_Rv || code == X86_O_Rd;
  return code >= X86_O_Gb && code <= X86_O_Gy;
}

static gboolean
names_gpr (const X86Row *row, gboolean rm)
{
  for (guint i = 0; i < 4; i++)
    if (is_gpr_code (row->operands[i], rm))
      return TRUE;
  return FALSE;
}

/* Registers it may write (more than it does is fine). */
static guint32
written (const X86Insn *insn)
{
  const X86Row *row = insn->row;
  guint32 set = 0;

  for (guint i = 0; i < 4; i++)
    switch (row->operands[i])
      {
      case X86_O_Zb: case X86_O_Zv: case X86_O_Zq: set |= 1u << insn->rm; break;
      case X86_O_By: set |= 1u << insn->vex_v; break;
      default: break;
      }
  /* Byte registers 4 to 7 may be AH to BH. */
  if (row->operands[0] == X86_O_Zb && !insn->rex)
    set |= 1u << (insn->rm & 3);
  if (names_gpr (row, FALSE))
    set |= 1u << insn->reg | (insn->rex ? 0 : 1u << (insn->reg & 3));
  if (names_gpr (row, TRUE) && insn->mod == 3)
    set |= 1u << insn->rm | (insn->rex ? 0 : 1u << (insn->rm & 3));
  if (g_str_has_prefix (row->mnemonic, "leave") || g_str_has_prefix (row->mnemonic, "enter"))
    set |= 1u << X86_RBP | 1u << X86_RSP;
  if (g_str_has_prefix (row->mnemonic, "popa"))
    set |= 0xff;
  if (insn->map == 0 && insn->rep && row->lift != NULL && (insn->opcode & 0xf0) == 0xa0)
    set |= 1u << X86_RSI | 1u << X86_RDI;
  return set;
}

/* Instructions whose result, not only flags, is undefined. */
static gboolean
has_undefined_result (const X86Insn *insn)
{
  const char *name = insn->row->mnemonic;

  if ((g_str_equal (name, "shld") || g_str_equal (name, "shrd")) && insn->op_bytes == 2)
    return insn->row->operands[2] == X86_O_CL || (insn->imm & 31) > 16;
  if (g_str_equal (name, "bswap"))
    return insn->op_bytes == 2;
  /* Intel's read a word, AMD's a doubleword. */
  if (g_str_has_prefix (name, "movsxd") && insn->op_bytes == 2)
    return insn->mod != 3;
  /* AMD: #UD, Intel: nothing. */
  if (insn->map == 1 && insn->opcode == 0x0d)
    return insn->mod == 3;
  if (g_str_has_prefix (name, "enter"))
    return (insn->imm2 & 31) > 3 || insn->imm > 256;
  return FALSE;
}

/* These turn the x87 to MMX and can still fault: whether the turn then stays is not written anywhere. */
static gboolean
leaves_x87_open (const X86Insn *insn)
{
  const X86Row *row = insn->row;
  gboolean mmx = memchr (row->operands, X86_O_P, 4) || memchr (row->operands, X86_O_Q, 4);

  return mmx && (row->lift == lift_maskmov || (row->simd_flags & X86_SIMD_MXCSR));
}

static gboolean
is_jump (const X86Row *row)
{
  return row->operands[0] == X86_O_Jb || row->operands[0] == X86_O_Jz;
}

/* One try at one instruction; 0: not this time. */
static guint
make_one (Maker *m, const Template *t, guint8 *out, X86Insn *insn)
{
  OracleRandom *r = m->r;
  guint n = 0, rxb = 0, w = oracle_below (r, 2), l = oracle_below (r, 2);
  guint8 body[16];
  guint n_body = 0, rex;
  gboolean gather = t->row->lift == lift_gather;

  if (m->g->mode32 && !t->vex)
    w = 0;
  if ((t->row->traits & X86_T_MODRM) || (t->map == 0 && (t->opcode & 0xf8) == 0xd8))
    {
      guint reg = t->fixed & X_REG ? (guint) t->modrm >> 3 & 7 : pick_register (m, names_gpr (t->row, FALSE));

      rxb |= (reg >> 3) << 2;
      reg &= 7;
      if (t->modrm >= 0xc0)
        {
          guint rm = t->fixed & X_RM ? t->modrm & 7u : pick_register (m, names_gpr (t->row, TRUE));

          rxb |= rm >> 3;
          body[n_body++] = (guint8) (0xc0 | reg << 3 | (rm & 7));
        }
      else if (gather)
        {
          guint base = pick_pointer (m), index = pick_register (m, FALSE);

          rxb |= base >> 3 | (index >> 3) << 1;
          body[n_body++] = (guint8) (0x44 | reg << 3);
          body[n_body++] = (guint8) (oracle_below (r, 4) << 6 | (index & 7) << 3 | (base & 7));
          body[n_body++] = (guint8) oracle_random (r);
        }
      else
        n_body = put_memory (m, body, reg, &rxb);
    }
  else if (memchr (t->row->operands, X86_O_Zv, 4) || memchr (t->row->operands, X86_O_Zb, 4)
           || memchr (t->row->operands, X86_O_Zq, 4))
    rxb = m->g->mode32 ? 0 : oracle_below (r, 2);
  if (m->g->mode32)
    rxb = 0;
  rex = !m->g->mode32 && !t->vex && (rxb || w || oracle_percent (r, 20));
  if ((t->row->traits & X86_T_LOCK) && t->modrm < 0xc0 && (t->row->traits & X86_T_MODRM) && oracle_percent (r, 10))
    out[n++] = 0xf0;
  if ((t->row->traits & X86_T_MODRM) && t->modrm < 0xc0 && !m->g->mode32 && oracle_percent (r, 2))
    out[n++] = 0x65;
  if (!m->g->mode32 && oracle_percent (r, 2))
    out[n++] = 0x67;
  n += put_opcode (out + n, t, rex, rxb, w, l, oracle_below (r, m->g->mode32 ? 8 : 16) & (oracle_percent (r, 30) ? 0 : 15));
  memcpy (out + n, body, n_body);
  n += n_body;
  for (guint i = 0; i < 8; i++)
    out[n + i] = (guint8) oracle_random (r);
  if (x86_decode (m->g->mode, CODE_BASE, out, 15, insn) != X86_DECODED || insn->row != t->row)
    return 0;
  if (has_undefined_result (insn))
    return 0;
  /* VPINSRQ and VPEXTRQ outside 64-bit mode: Intel's take W as 0, AMD's raise #UD. */
  if (m->g->mode32 && t->vex && w && t->map == 3 && (t->opcode == 0x22 || t->opcode == 0x16))
    return 0;
  if ((written (insn) >> X86_RSP & 1) && !oracle_percent (r, 3))
    return 0;
  return insn->length;
}

static void
track (Maker *m, const X86Insn *insn)
{
  OracleEffect e = oracle_effect_of (insn);

  m->pointers &= ~written (insn);
  if (e.maybe)
    m->undefined |= e.undefines;
  else
    m->undefined = (m->undefined & ~e.defines) | e.undefines;
}

static gboolean
append (Maker *m, const Template *t)
{
  OracleCase *c = m->c;
  guint8 bytes[40];
  X86Insn insn;
  guint n = make_one (m, t, bytes, &insn);
  guint jumped = m->jump_at;
  guint32 undefined_before = m->undefined;

  if (n == 0 || (oracle_effect_of (&insn).reads & m->undefined))
    return FALSE;
  if (is_jump (t->row))
    {
      guint width = t->row->operands[0] == X86_O_Jb ? 1 : insn.op_bytes == 2 ? 2 : 4;

      /* 16-bit jumps would leave the code (Intel: in 32-bit code, AMD: anywhere). */
      if (insn.osize_prefix)
        return FALSE;
      memset (bytes + n - width, 0, width);
      m->jump_at = oracle_percent (m->r, 60) && !g_str_equal (t->row->mnemonic, "call") ? c->n_code + n - width + 1 : 0;
    }
  else
    m->jump_at = 0;
  memcpy (c->code + c->n_code, bytes, n);
  c->insns[c->n_insns] = (OracleInsn) { .start = (guint8) c->n_code, .length = (guint8) n, .undefined_flags = undefined_before,
                                        .unsafe_vectors = t->row->lift == lift_gather,
                                        .unsafe_x87 = leaves_x87_open (&insn),
                                        .may_fault = t->row->lift == lift_maskmov,
                                        .compares = insn.map == 0 && insn.rep != 0,
                                        .reads_two = insn.map == 0 && (insn.opcode & 0xfe) == 0xa6,
                                        .several_steps = strstr (t->row->mnemonic, "dpp") != NULL,
                                        .may_misalign = g_str_has_prefix (t->row->mnemonic, "sha1")
                                                        || g_str_has_prefix (t->row->mnemonic, "sha256") };
  c->n_code += n;
  c->n_insns++;
  track (m, &insn);
  if (jumped)
    {
      /* The jump before leads over this one. */
      c->code[jumped - 1] = (guint8) n;
      m->undefined |= m->undefined_at_jump;
    }
  m->undefined_at_jump = undefined_before;
  return TRUE;
}

/* --- pieces: what a random operand would not do ---------------------------------------- */

typedef struct
{
  guint8 bytes[24];
  guint  n;
  guint32 reads, defines, undefines;    /* flags */
  guint32 written;                      /* registers */
} Piece;

static void
put_byte (Piece *p, guint byte)
{
  p->bytes[p->n++] = (guint8) byte;
}

static void
put_value (Piece *p, guint32 value, guint size)
{
  memcpy (p->bytes + p->n, &value, size);
  p->n += size;
}

/* PUSH of flags that a program may have, POPF of 16 bits or all. */
static void
piece_popf (Maker *m, Piece *p)
{
  guint size = oracle_percent (m->r, 30) ? 2 : 4;
  guint32 flags = (guint32) (oracle_random (m->r) & (X86_ARITH | (oracle_percent (m->r, 30) ? X86_DF : 0)));

  /* IF and IOPL are not for ring 3 to change: any will do. */
  if (size == 4 && oracle_percent (m->r, 30))
    flags |= X86_AC;                    /* alignment is checked from here on */
  flags |= 2 | (guint32) (oracle_random (m->r) & (X86_IF | X86_IOPL));
  if (size == 2)
    put_byte (p, 0x66);
  put_byte (p, 0x68);
  put_value (p, flags, size);
  if (size == 2)
    put_byte (p, 0x66);
  put_byte (p, 0x9d);
  p->defines = X86_ARITH;
}

/* PUSHF, and what belongs to the host's kernel is masked out of it. */
static void
piece_pushf (Maker *m, Piece *p)
{
  if (oracle_percent (m->r, 30))
    put_byte (p, 0x66);
  put_byte (p, 0x9c);
  put_value (p, 0x242481, 3);           /* AND dword [RSP], imm32 */
  put_value (p, X86_ARITH | X86_DF | 2, 4);
  p->reads = X86_ARITH;
  p->defines = X86_ARITH & ~X86_AF;
  p->undefines = X86_AF;
}

/* Where a piece of @n bytes goes on that ends in @distance INT3 more. */
static guint32
place_behind (Maker *m, guint n, guint distance)
{
  return (guint32) oracle_case_rip (m->c) + m->c->n_code + n + distance;
}

static void
put_gap (Piece *p, guint distance)
{
  while (distance-- > 0)
    put_byte (p, 0xcc);
}

/* MOV r32, imm32; JMP or CALL by it; or its address pushed for RET. */
static void
piece_jump (Maker *m, Piece *p)
{
  guint reg = pick_register (m, TRUE), gap = oracle_below (m->r, 4), kind = oracle_below (m->r, 3);
  guint rex = reg >> 3;

  if (kind == 2)
    {
      put_byte (p, 0x68);
      put_value (p, place_behind (m, 6, gap), 4);
      put_byte (p, 0xc3);
    }
  else
    {
      if (reg == X86_RSP)
        reg = X86_RAX;
      rex = reg >> 3;
      if (rex)
        put_byte (p, 0x41);
      put_byte (p, 0xb8 | (reg & 7));
      put_value (p, place_behind (m, 7 + 2 * rex, gap), 4);
      if (rex)
        put_byte (p, 0x41);
      put_byte (p, 0xff);
      put_byte (p, (kind == 0 ? 0xe0u : 0xd0u) | (reg & 7));
      p->written = 1u << reg;
    }
  put_gap (p, gap);
}

/* RDGSBASE and WRGSBASE of 32 and 64 bits. */
static void
piece_gs_base (Maker *m, Piece *p)
{
  gboolean write = oracle_percent (m->r, 50);
  guint reg = write && oracle_percent (m->r, 70) ? pick_pointer (m) : pick_register (m, TRUE);

  put_byte (p, 0xf3);
  put_byte (p, (oracle_percent (m->r, 70) ? 0x48u : 0x40u) | reg >> 3);
  put_value (p, 0xae0f, 2);
  put_byte (p, 0xc0u | (write ? 3 : 1) << 3 | (reg & 7));
  if (!write)
    p->written = 1u << reg;
}

/* A selector that Linux and the guest's table agree on, loaded to ES, DS or (64-bit) GS, or asked about. */
static void
piece_selector (Maker *m, Piece *p)
{
  static const guint8 selectors[] = { 0, 1, 3, 0x23, 0x2b, 0x2a, 0x28, 0x33, 0x2b, 0x10, 0x18 };
  guint reg = oracle_below (m->r, 3), to = oracle_below (m->r, 3), kind = oracle_below (m->r, 7);
  guint selector = selectors[oracle_below (m->r, G_N_ELEMENTS (selectors))];

  /* GS alone keeps or loses its base by a null selector, as its maker likes. */
  if (kind == 0 && !m->g->mode32 && m->g->gs_base)
    selector = 0x2b;
  put_byte (p, 0xb8 | reg);
  put_value (p, selector, 4);
  p->written = 1u << reg | 1u << to;
  if (kind <= 2)
    {
      put_byte (p, 0x8e);
      put_byte (p, (kind == 0 && !m->g->mode32 && m->g->gs_base ? 0xe8u : kind == 1 ? 0xd8u : 0xc0u) | reg);
      return;
    }
  put_byte (p, 0x0f);
  put_byte (p, kind == 3 ? 0x02 : kind == 4 ? 0x03 : 0x00);
  put_byte (p, kind <= 4 ? 0xc0u | to << 3 | reg : (kind == 5 ? 0xe0u : 0xe8u) | reg);
  p->defines = X86_ZF;
}

static gboolean
append_piece (Maker *m)
{
  static void (*const pieces[]) (Maker *m, Piece *p) = { piece_popf, piece_pushf, piece_jump, piece_selector, piece_gs_base };
  guint n_pieces = m->g->mode32 || !m->g->gs_base ? 4 : 5;
  OracleCase *c = m->c;
  Piece p = { .n = 0 };

  pieces[oracle_below (m->r, n_pieces)] (m, &p);
  if (p.reads & m->undefined)
    return FALSE;
  memcpy (c->code + c->n_code, p.bytes, p.n);
  c->insns[c->n_insns++] = (OracleInsn) { .start = (guint8) c->n_code, .length = (guint8) p.n, .undefined_flags = m->undefined };
  c->n_code += p.n;
  m->pointers &= ~p.written;
  m->undefined = (m->undefined & ~p.defines) | p.undefines;
  if (m->jump_at)
    {
      c->code[m->jump_at - 1] = (guint8) p.n;
      m->undefined |= m->undefined_at_jump;
    }
  m->jump_at = 0;
  return TRUE;
}

void
oracle_generate (OracleGenerator *g, guint64 seed, guint slot, OracleCase *c)
{
  OracleRandom r = { seed * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) + 0x1234567 };
  Maker m = { .g = g, .r = &r, .c = c, .pointers = g->mode32 ? POINTERS_32 : POINTERS_64 };
  guint wanted, forced;

  for (guint i = 0; i < 4; i++)
    oracle_random (&r);
  memset (&c->in, 0, sizeof c->in);
  memset (c->insns, 0, sizeof c->insns);
  memset (c->code, 0xcc, sizeof c->code);
  c->seed = seed;
  c->slot = slot;
  c->mode32 = g->mode32;
  c->n_insns = c->n_code = 0;
  c->image = (guint8) oracle_below (&r, N_IMAGES);
  random_state (g, &r, &c->in);
  wanted = 1 + oracle_below (&r, CASE_INSNS);
  forced = oracle_below (&r, wanted);
  for (guint tries = 0; c->n_insns < wanted && tries < 2000; tries++)
    {
      gboolean choose = g->chosen->len != 0 && c->n_insns == forced;
      GArray *from = choose ? g->chosen : g->templates;

      if (!choose && g->pieces && oracle_percent (&r, 3))
        append_piece (&m);
      else
        append (&m, &g_array_index (from, Template, oracle_below (&r, from->len)));
    }
  c->insns[c->n_insns] = (OracleInsn) { .start = (guint8) c->n_code, .length = 1, .undefined_flags = m.undefined };
}
