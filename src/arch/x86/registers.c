/* registers.c - x86 registers by name, for whoever debugs.
 * Source: Intel SDM vol. 1, 3.4 (general), 8.1 (x87), 10.2 (XMM, MXCSR), 14.1 (YMM); vol. 3A, 2.1 (system registers);
 * "Debugging with GDB", appendix G.5 (i386 Features), for names that gdb wants.
 * Left out: what the state leaves out; MSRs that are constants. */

#include "config.h"

#include "arch/x86/registers.h"

#include "arch/x86/msr-list.h"
#include "arch/x86/msr.h"
#include "arch/x86/registers-private.h"
#include "arch/x86/tsc.h"

#include <string.h>

/* What a register is a piece of; its number among those of its kind is the low byte of its id. */
typedef enum
{
  GPR, GPR_PART, GPR_HIGH, RIP, RIP_PART, FLAGS, FLAGS_WIDE,
  SELECTOR, BASE, LIMIT, ATTR,
  CONTROL, XCR0, DEBUG, TABLE,
  EFER, KERNEL_GS_BASE, MSR, TIME_STAMP, TSC_ADJUST, APIC_BASE,
  X87, MXCSR,
  ST, XMM, YMM_HIGH,          /* wider than 64 bits */
  N_KINDS
} Kind;

enum { GDTR_BASE, GDTR_LIMIT, IDTR_BASE, IDTR_LIMIT };
enum { FCTRL, FSTAT, FTAG, FISEG, FIOFF, FOSEG, FOOFF, FOP };

#define ID(kind, number) ((kind) << 8 | (number))
#define KIND_OF(reg)     ((Kind) ((reg)->id >> 8))
#define NUMBER_OF(reg)   ((reg)->id & 0xffu)

/* Places in x86_msrs. */
enum
{
#define HELD(number, name, member, rule, feature, writable) AT_##name,
#define FIXED(number, name, rule, feature, writable, value) AT_##name,
  X86_MSR_LIST (HELD, FIXED)
#undef HELD
#undef FIXED
};

#define PARTS(narrow, word, low, number)                                      \
  { narrow, "alias", 32, ID (GPR_PART, number) }, { word, "alias", 16, ID (GPR_PART, number) }, \
  { low, "alias", 8, ID (GPR_PART, number) }
#define SEGMENT(name, number)                                                              \
  { name, "segment", 16, ID (SELECTOR, number) }, { name "_base", "segment", 64, ID (BASE, number) }, \
  { name "_limit", "segment", 32, ID (LIMIT, number) }, { name "_attr", "segment", 16, ID (ATTR, number) }
#define EACH_8(X) X (0) X (1) X (2) X (3) X (4) X (5) X (6) X (7)
#define EACH_16(X) EACH_8 (X) X (8) X (9) X (10) X (11) X (12) X (13) X (14) X (15)
#define ST_ROW(n)  { "st" #n, "x87", 80, ID (ST, n) },
#define XMM_ROW(n) { "xmm" #n, "sse", 128, ID (XMM, n) },
#define YMM_ROW(n) { "ymm" #n "h", "avx", 128, ID (YMM_HIGH, n) },
#define MSR_ROW(number, name, member, rule, feature, writable) { #name, "msr", 64, ID (MSR, AT_##name) },
#define NO_ROW(number, name, rule, feature, writable, value)

const AsternRegister x86_registers[] = {
  { "rax", "general", 64, ID (GPR, X86_RAX) }, { "rbx", "general", 64, ID (GPR, X86_RBX) },
  { "rcx", "general", 64, ID (GPR, X86_RCX) }, { "rdx", "general", 64, ID (GPR, X86_RDX) },
  { "rsi", "general", 64, ID (GPR, X86_RSI) }, { "rdi", "general", 64, ID (GPR, X86_RDI) },
  { "rbp", "general", 64, ID (GPR, X86_RBP) }, { "rsp", "general", 64, ID (GPR, X86_RSP) },
  { "r8", "general", 64, ID (GPR, X86_R8) }, { "r9", "general", 64, ID (GPR, X86_R9) },
  { "r10", "general", 64, ID (GPR, X86_R10) }, { "r11", "general", 64, ID (GPR, X86_R11) },
  { "r12", "general", 64, ID (GPR, X86_R12) }, { "r13", "general", 64, ID (GPR, X86_R13) },
  { "r14", "general", 64, ID (GPR, X86_R14) }, { "r15", "general", 64, ID (GPR, X86_R15) },
  { "rip", "general", 64, ID (RIP, 0) }, { "eflags", "general", 32, ID (FLAGS, 0) },

  SEGMENT ("cs", X86_CS), SEGMENT ("ss", X86_SS), SEGMENT ("ds", X86_DS), SEGMENT ("es", X86_ES),
  SEGMENT ("fs", X86_FS), SEGMENT ("gs", X86_GS), SEGMENT ("ldtr", X86_LDTR), SEGMENT ("tr", X86_TR),
  { "k_gs_base", "segment", 64, ID (KERNEL_GS_BASE, 0) },

  { "cr0", "control", 64, ID (CONTROL, 0) }, { "cr2", "control", 64, ID (CONTROL, 2) },
  { "cr3", "control", 64, ID (CONTROL, 3) }, { "cr4", "control", 64, ID (CONTROL, 4) },
  { "cr8", "control", 64, ID (CONTROL, 8) }, { "xcr0", "control", 64, ID (XCR0, 0) },
  { "dr0", "debug", 64, ID (DEBUG, 0) }, { "dr1", "debug", 64, ID (DEBUG, 1) }, { "dr2", "debug", 64, ID (DEBUG, 2) },
  { "dr3", "debug", 64, ID (DEBUG, 3) }, { "dr6", "debug", 64, ID (DEBUG, 6) }, { "dr7", "debug", 64, ID (DEBUG, 7) },
  { "gdtr_base", "system", 64, ID (TABLE, GDTR_BASE) }, { "gdtr_limit", "system", 16, ID (TABLE, GDTR_LIMIT) },
  { "idtr_base", "system", 64, ID (TABLE, IDTR_BASE) }, { "idtr_limit", "system", 16, ID (TABLE, IDTR_LIMIT) },

  EACH_8 (ST_ROW)
  { "fctrl", "x87", 32, ID (X87, FCTRL) }, { "fstat", "x87", 32, ID (X87, FSTAT) }, { "ftag", "x87", 32, ID (X87, FTAG) },
  { "fiseg", "x87", 32, ID (X87, FISEG) }, { "fioff", "x87", 32, ID (X87, FIOFF) }, { "foseg", "x87", 32, ID (X87, FOSEG) },
  { "fooff", "x87", 32, ID (X87, FOOFF) }, { "fop", "x87", 32, ID (X87, FOP) },
  EACH_16 (XMM_ROW)
  { "mxcsr", "sse", 32, ID (MXCSR, 0) },
  EACH_16 (YMM_ROW)

  { "efer", "msr", 64, ID (EFER, 0) },
  { "IA32_TIME_STAMP_COUNTER", "msr", 64, ID (TIME_STAMP, 0) }, { "IA32_TSC_ADJUST", "msr", 64, ID (TSC_ADJUST, 0) },
  { "IA32_APIC_BASE", "msr", 64, ID (APIC_BASE, 0) },
  X86_MSR_LIST (MSR_ROW, NO_ROW)

  PARTS ("eax", "ax", "al", X86_RAX), PARTS ("ebx", "bx", "bl", X86_RBX),
  PARTS ("ecx", "cx", "cl", X86_RCX), PARTS ("edx", "dx", "dl", X86_RDX),
  PARTS ("esi", "si", "sil", X86_RSI), PARTS ("edi", "di", "dil", X86_RDI),
  PARTS ("ebp", "bp", "bpl", X86_RBP), PARTS ("esp", "sp", "spl", X86_RSP),
  PARTS ("r8d", "r8w", "r8b", X86_R8), PARTS ("r9d", "r9w", "r9b", X86_R9),
  PARTS ("r10d", "r10w", "r10b", X86_R10), PARTS ("r11d", "r11w", "r11b", X86_R11),
  PARTS ("r12d", "r12w", "r12b", X86_R12), PARTS ("r13d", "r13w", "r13b", X86_R13),
  PARTS ("r14d", "r14w", "r14b", X86_R14), PARTS ("r15d", "r15w", "r15b", X86_R15),
  { "ah", "alias", 8, ID (GPR_HIGH, X86_RAX) }, { "bh", "alias", 8, ID (GPR_HIGH, X86_RBX) },
  { "ch", "alias", 8, ID (GPR_HIGH, X86_RCX) }, { "dh", "alias", 8, ID (GPR_HIGH, X86_RDX) },
  { "eip", "alias", 32, ID (RIP_PART, 0) }, { "ip", "alias", 16, ID (RIP_PART, 0) },
  { "rflags", "alias", 64, ID (FLAGS_WIDE, 0) }, { "flags", "alias", 16, ID (FLAGS, 0) },
};
G_STATIC_ASSERT (G_N_ELEMENTS (x86_registers) == X86_N_REGISTERS);

const AsternRegisterPart x86_register_parts[] = {
  { "eflags", "cf", 0, 1 }, { "eflags", "pf", 2, 1 }, { "eflags", "af", 4, 1 }, { "eflags", "zf", 6, 1 },
  { "eflags", "sf", 7, 1 }, { "eflags", "tf", 8, 1 }, { "eflags", "if", 9, 1 }, { "eflags", "df", 10, 1 },
  { "eflags", "of", 11, 1 }, { "eflags", "iopl", 12, 2 }, { "eflags", "nt", 14, 1 }, { "eflags", "rf", 16, 1 },
  { "eflags", "vm", 17, 1 }, { "eflags", "ac", 18, 1 }, { "eflags", "vif", 19, 1 }, { "eflags", "vip", 20, 1 },
  { "eflags", "id", 21, 1 },
  { "cs", "rpl", 0, 2 }, { "ss", "rpl", 0, 2 },
  { "cr0", "pe", 0, 1 }, { "cr0", "mp", 1, 1 }, { "cr0", "em", 2, 1 }, { "cr0", "ts", 3, 1 }, { "cr0", "et", 4, 1 },
  { "cr0", "ne", 5, 1 }, { "cr0", "wp", 16, 1 }, { "cr0", "am", 18, 1 }, { "cr0", "nw", 29, 1 }, { "cr0", "cd", 30, 1 },
  { "cr0", "pg", 31, 1 },
  { "cr4", "vme", 0, 1 }, { "cr4", "pvi", 1, 1 }, { "cr4", "tsd", 2, 1 }, { "cr4", "de", 3, 1 }, { "cr4", "pse", 4, 1 },
  { "cr4", "pae", 5, 1 }, { "cr4", "mce", 6, 1 }, { "cr4", "pge", 7, 1 }, { "cr4", "pce", 8, 1 },
  { "cr4", "osfxsr", 9, 1 }, { "cr4", "osxmmexcpt", 10, 1 }, { "cr4", "umip", 11, 1 }, { "cr4", "fsgsbase", 16, 1 },
  { "cr4", "pcide", 17, 1 }, { "cr4", "osxsave", 18, 1 }, { "cr4", "smep", 20, 1 }, { "cr4", "smap", 21, 1 },
  { "efer", "sce", 0, 1 }, { "efer", "lme", 8, 1 }, { "efer", "lma", 10, 1 }, { "efer", "nxe", 11, 1 },
  { "fstat", "top", 11, 3 }, { "fctrl", "pc", 8, 2 }, { "fctrl", "rc", 10, 2 }, { "mxcsr", "rc", 13, 2 },
  { NULL, NULL, 0, 0 },
};

/* --- x87 --- */

#define FSW_TOP 0x3800
#define FSW_ES_B 0x8080
#define FCW_BITS 0x1f7f

/* Of physical register @number: 0 valid, 1 zero, 2 special, 3 empty. */
static guint
tag_of (const X86State *s, guint number)
{
  const guint8 *st = s->st[(number - (s->fsw >> 11)) & 7];
  guint exponent = (st[8] | st[9] << 8) & 0x7fff;
  guint64 mantissa;

  memcpy (&mantissa, st, 8);
  if (!(s->ftw >> number & 1))
    return 3;
  if (exponent == 0)
    return mantissa == 0 ? 1 : 2;
  return exponent == 0x7fff || !(mantissa >> 63) ? 2 : 0;
}

static guint64
read_x87 (const X86State *s, guint number)
{
  guint64 tags = 0;

  switch (number)
    {
    case FCTRL: return s->fcw;
    case FSTAT: return s->fsw;
    case FTAG:
      for (guint i = 0; i < 8; i++)
        tags |= (guint64) tag_of (s, i) << 2 * i;
      return tags;
    default:    return 0;
    }
}

static void
update_summary (X86State *s)
{
  gboolean pending = (s->fsw & ~s->fcw & 0x3f) != 0;

  s->fsw = (guint16) ((s->fsw & ~FSW_ES_B) | (pending ? FSW_ES_B : 0));
}

static gboolean
write_x87 (X86State *s, guint number, guint64 value)
{
  if (value >> 16)
    return FALSE;
  switch (number)
    {
    case FCTRL:
      if (value & ~(guint64) FCW_BITS)
        return FALSE;
      s->fcw = (guint16) (value | 0x40);
      update_summary (s);
      return TRUE;
    case FSTAT:
      s->fsw = (guint16) value;
      update_summary (s);
      return TRUE;
    case FTAG:
      s->ftw = 0;
      for (guint i = 0; i < 8; i++)
        s->ftw |= (guint8) (((value >> 2 * i) & 3) != 3) << i;
      return TRUE;
    default:
      return value == 0;
    }
}

/* --- what is up to 64 bits wide --- */

static guint64
read_apic_base (const AsternCpu *cpu)
{
  gboolean fault = FALSE;
  guint64 value;

  if (cpu->apic_ops == NULL || cpu->apic_ops->read_msr == NULL)
    return 0;
  value = cpu->apic_ops->read_msr (cpu->apic, X86_MSR_APIC_BASE, &fault);
  return fault ? 0 : value;
}

static guint64
read_control (const AsternCpu *cpu, guint number)
{
  const X86State *s = cpu->state;

  switch (number)
    {
    case 0:  return s->cr0;
    case 2:  return s->cr2;
    case 3:  return s->cr3;
    case 4:  return s->cr4;
    default: return cpu->apic_ops != NULL && cpu->apic_ops->get_tpr != NULL ? cpu->apic_ops->get_tpr (cpu->apic) : 0;
    }
}

static guint64
read_table (const X86State *s, guint number)
{
  return number == GDTR_BASE ? s->gdtr_base : number == GDTR_LIMIT ? s->gdtr_limit
         : number == IDTR_BASE ? s->idtr_base : s->idtr_limit;
}

static guint64
msr_value (const X86State *s, const X86Msr *msr)
{
  return *(const guint64 *) ((const guint8 *) s + msr->slot);
}

/* Bits above the register's width may be set. */
static guint64
read_number (const AsternCpu *cpu, Kind kind, guint number)
{
  const X86State *s = cpu->state;

  switch (kind)
    {
    case GPR: case GPR_PART:       return s->gpr[number];
    case GPR_HIGH:                 return s->gpr[number] >> 8;
    case RIP: case RIP_PART:       return s->rip;
    case FLAGS: case FLAGS_WIDE:   return s->rflags;
    case SELECTOR:                 return s->seg[number].selector;
    case BASE:                     return s->seg[number].base;
    case LIMIT:                    return s->seg[number].limit;
    case ATTR:                     return s->seg[number].attr;
    case CONTROL:                  return read_control (cpu, number);
    case XCR0:                     return s->xcr0;
    case DEBUG:                    return s->dr[number];
    case TABLE:                    return read_table (s, number);
    case EFER:                     return s->efer;
    case KERNEL_GS_BASE:           return s->kernel_gs_base;
    case MSR:                      return msr_value (s, &x86_msrs[number]);
    case TIME_STAMP:               return x86_tsc_at (s, astern_clock_now_ns (&cpu->machine->clock));
    case TSC_ADJUST:               return s->tsc_offset;
    case APIC_BASE:                return read_apic_base (cpu);
    case X87:                      return read_x87 (s, number);
    case MXCSR:                    return s->mxcsr;
    case ST: case XMM: case YMM_HIGH: case N_KINDS: break;
    }
  g_return_val_if_reached (0);
}

/* @mask: the bits of *@to that @value replaces. */
static gboolean
replace (guint64 *to, guint64 mask, guint64 value)
{
  *to = (*to & ~mask) | (value & mask);
  return TRUE;
}

static gboolean
write_rip (X86State *s, guint64 value)
{
  if (x86_code64 (s) ? !x86_is_canonical (value) : value >> 32 != 0)
    return FALSE;
  s->rip = value;
  s->rep_partial = 0;      /* what is there now is begun */
  return TRUE;
}

static gboolean
write_selector (X86State *s, guint seg, guint16 value)
{
  if (seg < X86_LDTR && (!(s->cr0 & X86_CR0_PE) || (s->rflags & X86_VM)))
    x86_load_segment_real (s, seg, value);
  else
    s->seg[seg].selector = value;
  return TRUE;
}

static gboolean
write_cr8 (AsternCpu *cpu, guint64 value)
{
  if (value > 15 || cpu->apic_ops == NULL || cpu->apic_ops->set_tpr == NULL)
    return FALSE;
  cpu->apic_ops->set_tpr (cpu->apic, (guint8) value);
  return TRUE;
}

static gboolean
write_control (AsternCpu *cpu, guint number, guint64 value)
{
  switch (number)
    {
    case 0:  return x86_poke_cr0 (cpu, value);
    case 2:  return replace (&((X86State *) cpu->state)->cr2, G_MAXUINT64, value);
    case 3:  return x86_poke_cr3 (cpu, value);
    case 4:  return x86_poke_cr4 (cpu, value);
    default: return write_cr8 (cpu, value);
    }
}

static gboolean
write_canonical (guint64 *to, guint64 value)
{
  return x86_is_canonical (value) && replace (to, G_MAXUINT64, value);
}

static gboolean
write_table (X86State *s, guint number, guint64 value)
{
  switch (number)
    {
    case GDTR_BASE:  return write_canonical (&s->gdtr_base, value);
    case IDTR_BASE:  return write_canonical (&s->idtr_base, value);
    case GDTR_LIMIT: s->gdtr_limit = (guint32) value; return TRUE;
    default:         s->idtr_limit = (guint32) value; return TRUE;
    }
}

static gboolean
write_msr (X86State *s, const X86Msr *msr, guint64 value)
{
  if (!x86_msr_accepts (msr, value) || ((value ^ msr_value (s, msr)) & ~msr->writable))
    return FALSE;
  memcpy ((guint8 *) s + msr->slot, &value, sizeof value);
  return TRUE;
}

static gboolean
write_apic_base (AsternCpu *cpu, guint64 value)
{
  gboolean fault = FALSE;

  if (cpu->apic_ops == NULL || cpu->apic_ops->write_msr == NULL)
    return FALSE;
  cpu->apic_ops->write_msr (cpu->apic, X86_MSR_APIC_BASE, value, &fault);
  return !fault;
}

static gboolean
write_mxcsr (X86State *s, guint64 value)
{
  if (value >> 16)
    return FALSE;
  s->mxcsr = (guint32) value;
  return TRUE;
}

static gboolean
write_number (AsternCpu *cpu, Kind kind, guint number, guint64 mask, guint64 value)
{
  X86State *s = cpu->state;

  switch (kind)
    {
    case GPR: case GPR_PART:       return replace (&s->gpr[number], mask, value);
    case GPR_HIGH:                 return replace (&s->gpr[number], 0xff00, value << 8);
    case RIP: case RIP_PART:       return write_rip (s, (s->rip & ~mask) | value);
    case FLAGS: case FLAGS_WIDE:   return x86_poke_rflags (s, (s->rflags & ~mask) | value);
    case SELECTOR:                 return write_selector (s, number, (guint16) value);
    case BASE:                     return x86_poke_base (s, number, value);
    case LIMIT:                    return x86_poke_limit (s, number, value);
    case ATTR:                     return x86_poke_attr (s, number, value);
    case CONTROL:                  return write_control (cpu, number, value);
    case XCR0:                     return x86_poke_xcr0 (s, value);
    case DEBUG:                    return x86_poke_dr (s, number, value);
    case TABLE:                    return write_table (s, number, value);
    case EFER:                     return x86_poke_efer (s, value);
    case KERNEL_GS_BASE:           return write_canonical (&s->kernel_gs_base, value);
    case MSR:                      return write_msr (s, &x86_msrs[number], value);
    case TIME_STAMP:               s->tsc_offset += value - x86_tsc_at (s, astern_clock_now_ns (&cpu->machine->clock)); return TRUE;
    case TSC_ADJUST:               s->tsc_offset = value; return TRUE;
    case APIC_BASE:                return write_apic_base (cpu, value);
    case X87:                      return write_x87 (s, number, value);
    case MXCSR:                    return write_mxcsr (s, value);
    case ST: case XMM: case YMM_HIGH: case N_KINDS: break;
    }
  g_return_val_if_reached (FALSE);
}

/* --- all --- */

/* The bytes of a wide register; NULL: it is not one. */
static guint8 *
wide_bytes (X86State *s, const AsternRegister *reg)
{
  switch ((guint) KIND_OF (reg))
    {
    case ST:       return s->st[NUMBER_OF (reg)];
    case XMM:      return s->vec[NUMBER_OF (reg)];
    case YMM_HIGH: return s->vec[NUMBER_OF (reg)] + 16;
    default:       return NULL;
    }
}

void
x86_read_register (const AsternCpu *cpu, guint index, guint8 *bytes)
{
  const AsternRegister *reg = &x86_registers[index];
  const guint8 *wide;
  guint64 value;

  g_return_if_fail (index < X86_N_REGISTERS);
  wide = wide_bytes (cpu->state, reg);
  if (wide != NULL)
    {
      memcpy (bytes, wide, reg->bits / 8);
      return;
    }
  value = GUINT64_TO_LE (read_number (cpu, KIND_OF (reg), NUMBER_OF (reg)));
  memcpy (bytes, &value, reg->bits / 8);
}

/* What is there already can be written, whatever it is. */
gboolean
x86_write_register (AsternCpu *cpu, guint index, const guint8 *bytes)
{
  const AsternRegister *reg = &x86_registers[index];
  guint8 now[16];
  guint64 value = 0;

  g_return_val_if_fail (index < X86_N_REGISTERS, FALSE);
  x86_read_register (cpu, index, now);
  if (memcmp (now, bytes, reg->bits / 8) == 0)
    return TRUE;
  if (reg->bits > 64)
    {
      memcpy (wide_bytes (cpu->state, reg), bytes, reg->bits / 8);
      return TRUE;
    }
  memcpy (&value, bytes, reg->bits / 8);
  return write_number (cpu, KIND_OF (reg), NUMBER_OF (reg), G_MAXUINT64 >> (64 - reg->bits), GUINT64_FROM_LE (value));
}
