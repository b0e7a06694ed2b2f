/* state.c - the CPU's fields, and what RESET and INIT make of them.
 * Source: Intel SDM vol. 3A, table 10-1 (states of the processor after power-up,
 * RESET and INIT); vol. 1, 20 (real-address mode).
 * Left out: the time stamp counter starts with the machine and goes on over a
 * reset; BIST (EAX is 0: passed). */

#include "config.h"

#include "arch/x86/state.h"

#include "arch/x86/features.h"
#include "arch/x86/registers.h"
#include "arch/x86/registers-private.h"

#include <string.h>

#define SEGMENT_MEMBER(text, number, member)                                                                \
  { text "." #member,                                                                                       \
    G_STRUCT_OFFSET (X86State, seg) + (number) * sizeof (X86Segment) + G_STRUCT_OFFSET (X86Segment, member), \
    1, sizeof (((X86Segment *) NULL)->member), 1 }
#define SEGMENT(text, number)                                                          \
  SEGMENT_MEMBER (text, number, selector), SEGMENT_MEMBER (text, number, base),        \
  SEGMENT_MEMBER (text, number, limit), SEGMENT_MEMBER (text, number, attr)
#define F(member) ASTERN_FIELD (X86State, member, 1)
#define ARRAY(member) ASTERN_FIELD_ARRAY (X86State, member, 1)
#define BYTES(member) ASTERN_FIELD_BYTES (X86State, member, 1)

const AsternField x86_state_fields[] = {
  ARRAY (gpr), F (rip), F (rflags),
  SEGMENT ("es", X86_ES), SEGMENT ("cs", X86_CS), SEGMENT ("ss", X86_SS), SEGMENT ("ds", X86_DS),
  SEGMENT ("fs", X86_FS), SEGMENT ("gs", X86_GS), SEGMENT ("ldtr", X86_LDTR), SEGMENT ("tr", X86_TR),
  F (gdtr_base), F (idtr_base), F (gdtr_limit), F (idtr_limit),
  F (cr0), F (cr2), F (cr3), F (cr4), F (xcr0), ARRAY (dr), ARRAY (pdpte),
  F (efer), F (star), F (lstar), F (cstar), F (fmask), F (kernel_gs_base),
  F (sysenter_cs), F (sysenter_esp), F (sysenter_eip),
  F (pat), F (misc_enable), F (tsc_offset), F (tsc_aux), F (mtrr_def_type), F (mcg_status), F (mcg_ctl),
  ARRAY (mtrr_fixed), ARRAY (mtrr_base), ARRAY (mtrr_mask), ARRAY (mc_banks),
  BYTES (vec), BYTES (st), F (mxcsr), F (fcw), F (fsw), F (ftw),
  F (halted), F (wait_for_sipi), F (shadow), F (nmi_blocked),
  F (nmi_pending), F (smi_pending), F (init_pending), F (sipi_pending), F (sipi_vector),
  F (intr), F (a20), F (in_smm), F (shutdown), F (debug_pending), F (rep_partial), F (smbase), F (smm_revision),
  ASTERN_FIELD (X86State, tsc_hz, 2), ASTERN_FIELD (X86State, intr_accepted, 2), ASTERN_FIELD (X86State, intr_vector, 2),
  ASTERN_FIELD_BYTES (X86State, reserved, 2),
  ASTERN_FIELD (X86State, kvm_wall_clock, 2), ASTERN_FIELD (X86State, kvm_system_time, 2), ASTERN_FIELD (X86State, kvm_pv_eoi, 2),
};
const guint x86_n_state_fields = G_N_ELEMENTS (x86_state_fields);

#define ATTR_DATA (X86_ATTR_P | X86_ATTR_S | 3)     /* read/write, accessed */
#define ATTR_LDT  (X86_ATTR_P | 2)
#define ATTR_TSS  (X86_ATTR_P | 11)                 /* busy 32-bit TSS */

/* What RESET and INIT have in common. */
static void
set_common (X86State *s, gboolean boot_cpu, guint32 signature)
{
  memset (s->gpr, 0, sizeof s->gpr);
  s->gpr[X86_RDX] = signature;
  s->rip = 0xfff0;
  s->rflags = 2;
  for (guint i = 0; i < X86_N_SEGS; i++)
    s->seg[i] = (X86Segment) { .limit = 0xffff,
                               .attr = i == X86_LDTR ? ATTR_LDT : i == X86_TR ? ATTR_TSS : ATTR_DATA };
  s->seg[X86_CS].selector = 0xf000;
  s->seg[X86_CS].base = 0xffff0000;
  s->gdtr_base = s->idtr_base = 0;
  s->gdtr_limit = s->idtr_limit = 0xffff;
  s->cr2 = s->cr3 = s->cr4 = 0;
  memset (s->pdpte, 0, sizeof s->pdpte);
  memset (s->dr, 0, sizeof s->dr);
  s->dr[6] = 0xffff0ff0;
  s->dr[7] = 0x400;
  s->efer = 0;
  s->halted = s->shadow = s->debug_pending = s->nmi_blocked = s->nmi_pending = s->init_pending = s->sipi_pending = s->shutdown = 0;
  s->sipi_vector = 0;
  s->rep_partial = s->intr_accepted = s->intr_vector = 0;
  s->wait_for_sipi = !boot_cpu;
}

void
x86_state_set_pin (X86State *s, AsternPin pin, guint value)
{
  switch (pin)
    {
    case ASTERN_PIN_INTR: s->intr = value != 0; break;
    case ASTERN_PIN_NMI:  s->nmi_pending = 1; break;
    case ASTERN_PIN_SMI:  s->smi_pending = 1; break;
    case ASTERN_PIN_INIT:
      s->init_pending = 1;
      s->sipi_pending = 0;
      break;
    case ASTERN_PIN_SIPI:
      s->sipi_pending = 1;
      s->sipi_vector = (guint8) value;
      break;
    case ASTERN_PIN_A20: s->a20 = value != 0; break;
    }
}

void
x86_state_reset (X86State *s, gboolean boot_cpu, guint32 signature)
{
  guint64 tsc_hz = s->tsc_hz != 0 ? s->tsc_hz : X86_TSC_HZ;

  memset (s, 0, sizeof *s);
  s->tsc_hz = tsc_hz;
  set_common (s, boot_cpu, signature);
  s->cr0 = X86_CR0_CD | X86_CR0_NW | X86_CR0_ET;
  s->xcr0 = 1;
  s->pat = G_GUINT64_CONSTANT (0x0007040600070406);
  s->misc_enable = 0x1801;            /* fast strings; no branch trace storage, no PEBS */
  s->mxcsr = 0x1f80;
  s->fcw = 0x0040;
  s->ftw = 0xff;                      /* tag word 5555h: all valid, zero */
  s->smbase = 0x30000;
  s->a20 = 1;
}

void
x86_state_init (X86State *s, gboolean boot_cpu, guint32 signature)
{
  guint64 cache_bits = s->cr0 & (X86_CR0_CD | X86_CR0_NW);

  set_common (s, boot_cpu, signature);
  s->cr0 = X86_CR0_ET | cache_bits;
}

/* Real mode keeps limit and rights as they are ("unreal mode"), but for CS, which becomes
 * a writable data segment; V86 mode sets all. */
void
x86_load_segment_real (X86State *s, guint seg, guint16 selector)
{
  X86Segment *r = &s->seg[seg];

  r->selector = selector;
  r->base = (guint32) selector << 4;
  if (s->rflags & X86_VM)
    {
      r->limit = 0xffff;
      r->attr = ATTR_DATA | X86_ATTR_DPL;
    }
  else if ((r->attr & X86_ATTR_UNUSABLE) || !(r->attr & X86_ATTR_P))
    {
      r->limit = 0xffff;
      r->attr = ATTR_DATA;
    }
  else if (seg == X86_CS)
    r->attr = (r->attr & ~0xff) | ATTR_DATA;
}

const AsternCpuClass x86_cpu_class = {
  .name = "x86", .state_version = X86_STATE_VERSION,
  .fields = x86_state_fields, .n_fields = G_N_ELEMENTS (x86_state_fields),
  .registers = x86_registers, .n_registers = X86_N_REGISTERS, .parts = x86_register_parts,
  .read_register = x86_read_register, .write_register = x86_write_register,
  .code_place = x86_code_place, .translate = x86_translate, .address_space = x86_address_space,
  .stack_linear = x86_stack_linear, .mode_name = x86_mode_name,
};
