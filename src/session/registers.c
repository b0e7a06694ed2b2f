/* registers.c - `info registers`.
 * Source: the layout is that of QEMU's, which people know and programs parse. */
#include "config.h"

#include "session/registers.h"

#include "arch/x86/state.h"

#include <string.h>

#define X16 "%016" G_GINT64_MODIFIER "x"
#define X8  "%08" G_GINT64_MODIFIER "x"

static void
format_general (const X86State *s, GString *text)
{
  static const char names[16][4] = { "AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI",
                                     "R8 ", "R9 ", "R10", "R11", "R12", "R13", "R14", "R15" };
  static const guint8 order[16] = { X86_RAX, X86_RBX, X86_RCX, X86_RDX, X86_RSI, X86_RDI, X86_RBP, X86_RSP,
                                    X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15 };
  gboolean wide = x86_code64 (s);

  for (guint i = 0; i < (wide ? 16 : 8); i++)
    {
      guint n = order[i];

      if (wide)
        g_string_append_printf (text, "%s%s=" X16, n < 8 ? "R" : "", names[n], s->gpr[n]);
      else
        g_string_append_printf (text, "E%s=%08x", names[n], (guint32) s->gpr[n]);
      g_string_append_c (text, i % 4 == 3 ? '\n' : ' ');
    }
}

static void
format_flags (const X86State *s, GString *text)
{
  static const struct { guint64 bit; char letter; } flags[] = {
    { X86_DF, 'D' }, { X86_OF, 'O' }, { X86_SF, 'S' }, { X86_ZF, 'Z' }, { X86_AF, 'A' }, { X86_PF, 'P' }, { X86_CF, 'C' },
  };

  if (x86_code64 (s))
    g_string_append_printf (text, "RIP=" X16 " RFL=" X8 " [", s->rip, s->rflags);
  else
    g_string_append_printf (text, "EIP=%08x EFL=" X8 " [", (guint32) s->rip, s->rflags);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    g_string_append_c (text, s->rflags & flags[i].bit ? flags[i].letter : '-');
  g_string_append_printf (text, "] CPL=%u II=%u A20=%u SMM=%u HLT=%u\n", x86_cpl (s), s->shadow != 0, s->a20, s->in_smm,
                          s->halted);
}

static void
append_kind (const X86State *s, guint16 attr, GString *text)
{
  static const char *const system[16] = {
    "Reserved", "TSS16-avl", "LDT", "TSS16-busy", "CallGate16", "TaskGate", "IntGate16", "TrapGate16",
    "Reserved", "TSS32-avl", "Reserved", "TSS32-busy", "CallGate32", "Reserved", "IntGate32", "TrapGate32",
  };
  static const char *const wide[16] = {
    "<hiword>", "Reserved", "LDT", "Reserved", "Reserved", "Reserved", "Reserved", "Reserved",
    "Reserved", "TSS64-avl", "Reserved", "TSS64-busy", "CallGate64", "Reserved", "IntGate64", "TrapGate64",
  };
  guint type = attr & X86_ATTR_TYPE;

  g_string_append_printf (text, " DPL=%u ", X86_ATTR_DPL_OF (attr));
  if (!(attr & X86_ATTR_S))
    g_string_append (text, (x86_long_mode (s) ? wide : system)[type]);
  else if (type & 8)
    g_string_append_printf (text, "%s [%c%c%c]", attr & X86_ATTR_L ? "CS64" : attr & X86_ATTR_DB ? "CS32" : "CS16",
                            type & 4 ? 'C' : '-', type & 2 ? 'R' : '-', type & 1 ? 'A' : '-');
  else
    g_string_append_printf (text, "%s [%c%c%c]", x86_long_mode (s) || attr & X86_ATTR_DB ? "DS  " : "DS16",
                            type & 4 ? 'E' : '-', type & 2 ? 'W' : '-', type & 1 ? 'A' : '-');
}

static void
format_segments (const X86State *s, GString *text)
{
  static const char names[X86_N_SEGS][4] = { "ES ", "CS ", "SS ", "DS ", "FS ", "GS ", "LDT", "TR " };
  const int digits = x86_long_mode (s) ? 16 : 8;

  for (guint i = 0; i < X86_N_SEGS; i++)
    {
      const X86Segment *seg = &s->seg[i];
      guint32 high = (seg->attr & 0xf0ff) << 8 | ((seg->attr & X86_ATTR_G ? seg->limit >> 12 : seg->limit) & 0xf0000);

      g_string_append_printf (text, "%s=%04x %0*" G_GINT64_MODIFIER "x %08x %08x", names[i], seg->selector, digits, seg->base,
                              seg->limit, high);
      if ((s->cr0 & X86_CR0_PE) && !(s->rflags & X86_VM) && !(seg->attr & X86_ATTR_UNUSABLE) && (seg->attr & X86_ATTR_P))
        append_kind (s, seg->attr, text);
      g_string_append_c (text, '\n');
    }
  g_string_append_printf (text, "GDT=     %0*" G_GINT64_MODIFIER "x %08x\nIDT=     %0*" G_GINT64_MODIFIER "x %08x\n",
                          digits, s->gdtr_base, s->gdtr_limit, digits, s->idtr_base, s->idtr_limit);
}

static void
format_system (const X86State *s, GString *text)
{
  g_string_append_printf (text, "CR0=" X8 " CR2=" X16 " CR3=" X16 " CR4=" X8 "\n", s->cr0, s->cr2, s->cr3, s->cr4);
  for (guint i = 0; i < 4; i++)
    g_string_append_printf (text, "DR%u=" X16 "%c", i, s->dr[i], i == 3 ? '\n' : ' ');
  g_string_append_printf (text, "DR6=" X16 " DR7=" X16 "\n", s->dr[6], s->dr[7]);
  g_string_append_printf (text, "EFER=" X16 " XCR0=" X16 "\n", s->efer, s->xcr0);
}

static guint64
load64 (const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

/* x87 registers go by their physical numbers, and a tag bit says that one is not empty. */
static void
format_x87_and_sse (const X86State *s, GString *text)
{
  guint top = s->fsw >> 11 & 7;
  guint n_vectors = x86_code64 (s) ? 16 : 8;

  g_string_append_printf (text, "FCW=%04x FSW=%04x [ST=%u] FTW=%02x MXCSR=%08x\n", s->fcw, s->fsw, top,
                          s->ftw, s->mxcsr);
  for (guint i = 0; i < 8; i++)
    {
      const guint8 *value = s->st[(i - top) & 7];

      g_string_append_printf (text, "FPR%u=" X16 " %04x%c", i, load64 (value), value[8] | value[9] << 8, i & 1 ? '\n' : ' ');
    }
  for (guint i = 0; i < n_vectors; i++)
    g_string_append_printf (text, "XMM%02u=" X16 " " X16 "%c", i, load64 (s->vec[i] + 8), load64 (s->vec[i]), i & 1 ? '\n' : ' ');
}

static void
format_upper_halves (const X86State *s, GString *text)
{
  for (guint i = 0; i < (x86_code64 (s) ? 16u : 8u); i++)
    g_string_append_printf (text, "YMM%02uH=" X16 " " X16 "%c", i, load64 (s->vec[i] + 24), load64 (s->vec[i] + 16),
                            i & 1 ? '\n' : ' ');
}

void
astern_registers_format (AsternMachine *machine, guint index, GString *text)
{
  AsternCpu *cpu = machine->cpus[index];
  const X86State *s = cpu->state;

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  g_string_append_printf (text, "CPU#%u\n", index);
  format_general (s, text);
  format_flags (s, text);
  format_segments (s, text);
  format_system (s, text);
  format_x87_and_sse (s, text);
  if (s->xcr0 & 4)
    format_upper_halves (s, text);
}
