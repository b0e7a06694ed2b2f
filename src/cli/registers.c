/* registers.c - `info registers`.
 * Source: the layout is close to QEMU's, which people know. */
#include "config.h"

#include "cli/registers.h"

#include "arch/x86/state.h"

static void
format_general (const X86State *s, GString *text)
{
  static const char names[16][4] = { "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
                                     "R8 ", "R9 ", "R10", "R11", "R12", "R13", "R14", "R15" };
  static const guint order[16] = { X86_RAX, X86_RBX, X86_RCX, X86_RDX, X86_RSI, X86_RDI, X86_RBP, X86_RSP,
                                   X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15 };

  for (guint i = 0; i < 16; i++)
    g_string_append_printf (text, "%s=%016" G_GINT64_MODIFIER "x%c", names[order[i]], s->gpr[order[i]], i % 4 == 3 ? '\n' : ' ');
}

static void
format_flags (const X86State *s, GString *text)
{
  static const struct { guint64 bit; char letter; } flags[] = {
    { X86_OF, 'O' }, { X86_DF, 'D' }, { X86_IF, 'I' }, { X86_TF, 'T' }, { X86_SF, 'S' },
    { X86_ZF, 'Z' }, { X86_AF, 'A' }, { X86_PF, 'P' }, { X86_CF, 'C' },
  };

  g_string_append_printf (text, "RIP=%016" G_GINT64_MODIFIER "x RFL=%08" G_GINT64_MODIFIER "x [", s->rip, s->rflags);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    g_string_append_c (text, s->rflags & flags[i].bit ? flags[i].letter : '-');
  g_string_append_printf (text, "] CPL=%u A20=%u SMM=%u HLT=%u\n", x86_cpl (s), s->a20, s->in_smm, s->halted);
}

static void
format_segments (const X86State *s, GString *text)
{
  static const char names[X86_N_SEGS][4] = { "ES ", "CS ", "SS ", "DS ", "FS ", "GS ", "LDT", "TR " };

  for (guint i = 0; i < X86_N_SEGS; i++)
    g_string_append_printf (text, "%s=%04x %016" G_GINT64_MODIFIER "x %08x %04x%s\n", names[i], s->seg[i].selector,
                            s->seg[i].base, s->seg[i].limit, s->seg[i].attr,
                            s->seg[i].attr & X86_ATTR_UNUSABLE ? " unusable" : "");
  g_string_append_printf (text, "GDT=     %016" G_GINT64_MODIFIER "x %08x\nIDT=     %016" G_GINT64_MODIFIER "x %08x\n",
                          s->gdtr_base, s->gdtr_limit, s->idtr_base, s->idtr_limit);
}

static void
format_system (const X86State *s, GString *text)
{
  g_string_append_printf (text, "CR0=%08" G_GINT64_MODIFIER "x CR2=%016" G_GINT64_MODIFIER "x CR3=%016"
                          G_GINT64_MODIFIER "x CR4=%08" G_GINT64_MODIFIER "x\n", s->cr0, s->cr2, s->cr3, s->cr4);
  g_string_append_printf (text, "DR6=%08" G_GINT64_MODIFIER "x DR7=%08" G_GINT64_MODIFIER "x EFER=%08"
                          G_GINT64_MODIFIER "x XCR0=%" G_GINT64_MODIFIER "x\n", s->dr[6], s->dr[7], s->efer, s->xcr0);
  g_string_append_printf (text, "FCW=%04x FSW=%04x FTW=%02x MXCSR=%08x\n", s->fcw, s->fsw, s->ftw, s->mxcsr);
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
}
