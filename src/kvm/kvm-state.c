/* kvm-state.c - a CPU's state to the kernel and back.
 * Source: Linux, Documentation/virt/kvm/api.rst, sections 4.1 to 4.36; Intel SDM vol. 1, 13.4 (the XSAVE area). */
#include "config.h"

#include "kvm/kvm-private.h"

#include "arch/x86/msr.h"

#include <string.h>
#include <sys/ioctl.h>

#define XSAVE_BYTES  4096
#define XSAVE_BV     512
#define XSAVE_YMM    576

/* ---- segments ---- */

static void
put_segment (struct kvm_segment *to, const X86Segment *from)
{
  *to = (struct kvm_segment) {
    .base = from->base, .limit = from->limit, .selector = from->selector, .type = from->attr & X86_ATTR_TYPE,
    .present = (from->attr & X86_ATTR_P) != 0, .dpl = X86_ATTR_DPL_OF (from->attr), .db = (from->attr & X86_ATTR_DB) != 0,
    .s = (from->attr & X86_ATTR_S) != 0, .l = (from->attr & X86_ATTR_L) != 0, .g = (from->attr & X86_ATTR_G) != 0,
    .avl = (from->attr & X86_ATTR_AVL) != 0, .unusable = (from->attr & X86_ATTR_UNUSABLE) != 0,
  };
}

static void
get_segment (X86Segment *to, const struct kvm_segment *from)
{
  to->base = from->base;
  to->limit = from->limit;
  to->selector = from->selector;
  to->attr = (guint16) ((from->type & X86_ATTR_TYPE) | (from->s ? X86_ATTR_S : 0) | (from->dpl & 3) << 5 | (from->present ? X86_ATTR_P : 0) |
                        (from->avl ? X86_ATTR_AVL : 0) | (from->l ? X86_ATTR_L : 0) | (from->db ? X86_ATTR_DB : 0) |
                        (from->g ? X86_ATTR_G : 0) | (from->unusable ? X86_ATTR_UNUSABLE : 0));
}

static const guint8 segments[X86_N_SEGS][2] = {
#define S(number, member) { number, G_STRUCT_OFFSET (struct kvm_sregs, member) }
  S (X86_CS, cs), S (X86_DS, ds), S (X86_ES, es), S (X86_FS, fs), S (X86_GS, gs), S (X86_SS, ss), S (X86_TR, tr), S (X86_LDTR, ldt),
#undef S
};

static struct kvm_segment *
segment_at (struct kvm_sregs *sregs, guint i)
{
  return (struct kvm_segment *) (gpointer) ((guint8 *) sregs + segments[i][1]);
}

static void
put_sregs (KvmCpu *cpu)
{
  const X86State *s = &cpu->s;
  struct kvm_sregs sregs = { 0 };
  gboolean fault = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (segments); i++)
    put_segment (segment_at (&sregs, i), &s->seg[segments[i][0]]);
  sregs.gdt.base = s->gdtr_base;
  sregs.gdt.limit = (guint16) s->gdtr_limit;
  sregs.idt.base = s->idtr_base;
  sregs.idt.limit = (guint16) s->idtr_limit;
  sregs.cr0 = s->cr0;
  sregs.cr2 = s->cr2;
  sregs.cr3 = s->cr3;
  sregs.cr4 = s->cr4;
  sregs.efer = s->efer;
  if (cpu->parent.apic != NULL)
    {
      sregs.cr8 = cpu->parent.apic_ops->get_tpr (cpu->parent.apic);
      sregs.apic_base = cpu->parent.apic_ops->read_msr (cpu->parent.apic, X86_MSR_APIC_BASE, &fault);
    }
  kvm_must (cpu->fd, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
}

static void
get_sregs (KvmCpu *cpu)
{
  X86State *s = &cpu->s;
  struct kvm_sregs sregs;

  kvm_must (cpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
  for (guint i = 0; i < G_N_ELEMENTS (segments); i++)
    get_segment (&s->seg[segments[i][0]], segment_at (&sregs, i));
  s->gdtr_base = sregs.gdt.base;
  s->gdtr_limit = sregs.gdt.limit;
  s->idtr_base = sregs.idt.base;
  s->idtr_limit = sregs.idt.limit;
  s->cr0 = sregs.cr0;
  s->cr2 = sregs.cr2;
  s->cr3 = sregs.cr3;
  s->cr4 = sregs.cr4;
  s->efer = sregs.efer;
}

/* ---- general registers ---- */

static void
put_regs (KvmCpu *cpu)
{
  const guint64 *g = cpu->s.gpr;
  struct kvm_regs regs = {
    .rax = g[X86_RAX], .rbx = g[X86_RBX], .rcx = g[X86_RCX], .rdx = g[X86_RDX], .rsi = g[X86_RSI], .rdi = g[X86_RDI],
    .rsp = g[X86_RSP], .rbp = g[X86_RBP], .r8 = g[8], .r9 = g[9], .r10 = g[10], .r11 = g[11], .r12 = g[12], .r13 = g[13],
    .r14 = g[14], .r15 = g[15], .rip = cpu->s.rip, .rflags = cpu->s.rflags,
  };

  kvm_must (cpu->fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
}

static void
get_regs (KvmCpu *cpu)
{
  guint64 *g = cpu->s.gpr;
  struct kvm_regs regs;

  kvm_must (cpu->fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
  g[X86_RAX] = regs.rax; g[X86_RBX] = regs.rbx; g[X86_RCX] = regs.rcx; g[X86_RDX] = regs.rdx;
  g[X86_RSI] = regs.rsi; g[X86_RDI] = regs.rdi; g[X86_RSP] = regs.rsp; g[X86_RBP] = regs.rbp;
  memcpy (&g[8], &regs.r8, 8 * sizeof *g);
  cpu->s.rip = regs.rip;
  cpu->s.rflags = regs.rflags;
}

/* ---- x87, SSE, AVX ---- */

static gboolean
has_xsave (const KvmCpu *cpu)
{
  return cpu->engine->features.has[X86_FEATURE_XSAVE];
}

static void
put_vectors (KvmCpu *cpu)
{
  const X86State *s = &cpu->s;
  struct kvm_xsave xsave = { 0 };
  guint8 *area = (guint8 *) xsave.region;
  guint64 parts = 3 | (s->xcr0 & 4);

  memcpy (area, &s->fcw, 2);
  memcpy (area + 2, &s->fsw, 2);
  area[4] = s->ftw;
  memcpy (area + 24, &s->mxcsr, 4);
  memcpy (area + 32, s->st, sizeof s->st);
  for (guint i = 0; i < 16; i++)
    {
      memcpy (area + 160 + 16 * i, s->vec[i], 16);
      memcpy (area + XSAVE_YMM + 16 * i, s->vec[i] + 16, 16);
    }
  memcpy (area + XSAVE_BV, &parts, 8);
  if (has_xsave (cpu))
    {
      struct kvm_xcrs xcrs = { .nr_xcrs = 1, .xcrs = { { .xcr = 0, .value = s->xcr0 } } };

      kvm_must (cpu->fd, KVM_SET_XCRS, &xcrs, "KVM_SET_XCRS");
    }
  kvm_must (cpu->fd, KVM_SET_XSAVE, &xsave, "KVM_SET_XSAVE");
}

static void
get_vectors (KvmCpu *cpu)
{
  X86State *s = &cpu->s;
  struct kvm_xsave xsave;
  const guint8 *area = (const guint8 *) xsave.region;
  guint64 parts;

  kvm_must (cpu->fd, KVM_GET_XSAVE, &xsave, "KVM_GET_XSAVE");
  memcpy (&parts, area + XSAVE_BV, 8);
  memcpy (&s->fcw, area, 2);
  memcpy (&s->fsw, area + 2, 2);
  s->ftw = area[4];
  memcpy (&s->mxcsr, area + 24, 4);
  for (guint i = 0; i < 8; i++)
    memcpy (s->st[i], area + 32 + 16 * i, 10);
  for (guint i = 0; i < 16; i++)
    {
      memcpy (s->vec[i], area + 160 + 16 * i, 16);
      memset (s->vec[i] + 16, 0, 16);
      if (parts & 4)
        memcpy (s->vec[i] + 16, area + XSAVE_YMM + 16 * i, 16);
    }
  if (has_xsave (cpu))
    {
      struct kvm_xcrs xcrs;

      kvm_must (cpu->fd, KVM_GET_XCRS, &xcrs, "KVM_GET_XCRS");
      for (guint i = 0; i < xcrs.nr_xcrs; i++)
        if (xcrs.xcrs[i].xcr == 0)
          s->xcr0 = xcrs.xcrs[i].value;
    }
}

/* ---- model-specific registers ---- */

static struct kvm_msrs *
msrs_new (guint n)
{
  struct kvm_msrs *msrs = g_malloc0 (sizeof *msrs + n * sizeof msrs->entries[0]);

  msrs->nmsrs = n;
  return msrs;
}

static guint64 *
msr_place (KvmCpu *cpu, guint32 number)
{
  const X86Msr *msr;

  if (number == X86_MSR_KERNEL_GS_BASE)
    return &cpu->s.kernel_gs_base;
  msr = x86_msr_find (&cpu->engine->features, number);
  return msr != NULL && msr->slot != X86_MSR_NO_SLOT ? (guint64 *) (gpointer) ((guint8 *) &cpu->s + msr->slot) : NULL;
}

/* Those that the model has and the kernel takes. */
void
kvm_choose_msrs (KvmEngine *engine)
{
  KvmCpu *cpu = engine->cpus[0];
  guint32 number = X86_MSR_KERNEL_GS_BASE;

  for (guint i = 0; i <= x86_n_msrs && engine->n_msrs < KVM_STATE_MSRS; i++)
    {
      g_autofree struct kvm_msrs *msrs = msrs_new (1);

      if (i > 0)
        number = x86_msrs[i - 1].number;
      if (msr_place (cpu, number) == NULL)
        continue;
      msrs->entries[0].index = number;
      if (ioctl (cpu->fd, KVM_GET_MSRS, msrs) == 1 && ioctl (cpu->fd, KVM_SET_MSRS, msrs) == 1)
        engine->msrs[engine->n_msrs++] = number;
    }
}

/* The time stamp counter is told apart: it is a function of guest time. */
static void
put_msrs (KvmCpu *cpu)
{
  const KvmEngine *engine = cpu->engine;
  g_autofree struct kvm_msrs *msrs = msrs_new (engine->n_msrs + 1);

  for (guint i = 0; i < engine->n_msrs; i++)
    {
      msrs->entries[i].index = engine->msrs[i];
      msrs->entries[i].data = *msr_place (cpu, engine->msrs[i]);
    }
  msrs->entries[engine->n_msrs].index = X86_MSR_TSC;
  msrs->entries[engine->n_msrs].data = astern_clock_now_ns (&cpu->parent.machine->clock) + cpu->s.tsc_offset;
  if (ioctl (cpu->fd, KVM_SET_MSRS, msrs) != (int) msrs->nmsrs)
    g_error ("the kernel takes no longer an MSR that it took");
}

static void
get_msrs (KvmCpu *cpu)
{
  const KvmEngine *engine = cpu->engine;
  g_autofree struct kvm_msrs *msrs = msrs_new (engine->n_msrs);

  for (guint i = 0; i < engine->n_msrs; i++)
    msrs->entries[i].index = engine->msrs[i];
  if (ioctl (cpu->fd, KVM_GET_MSRS, msrs) != (int) engine->n_msrs)
    g_error ("the kernel gives no longer an MSR that it gave");
  for (guint i = 0; i < engine->n_msrs; i++)
    *msr_place (cpu, engine->msrs[i]) = msrs->entries[i].data;
}

/* ---- debug registers, events ---- */

static void
put_rest (KvmCpu *cpu)
{
  const X86State *s = &cpu->s;
  struct kvm_debugregs debug = { .dr6 = s->dr[6], .dr7 = s->dr[7] };
  struct kvm_vcpu_events events = { .flags = KVM_VCPUEVENT_VALID_SHADOW };

  memcpy (debug.db, s->dr, sizeof debug.db);
  kvm_must (cpu->fd, KVM_SET_DEBUGREGS, &debug, "KVM_SET_DEBUGREGS");
  events.nmi.masked = s->nmi_blocked;
  events.interrupt.shadow = (s->shadow & X86_SHADOW_STI ? KVM_X86_SHADOW_INT_STI : 0) |
                            (s->shadow & X86_SHADOW_MOV_SS ? KVM_X86_SHADOW_INT_MOV_SS : 0);
  if (s->debug_pending != 0)
    {
      events.exception.injected = 1;
      events.exception.nr = X86_EXC_DB;
    }
  kvm_must (cpu->fd, KVM_SET_VCPU_EVENTS, &events, "KVM_SET_VCPU_EVENTS");
}

static void
get_rest (KvmCpu *cpu)
{
  X86State *s = &cpu->s;
  struct kvm_debugregs debug;
  struct kvm_vcpu_events events;

  kvm_must (cpu->fd, KVM_GET_DEBUGREGS, &debug, "KVM_GET_DEBUGREGS");
  memcpy (s->dr, debug.db, sizeof debug.db);
  s->dr[6] = debug.dr6;
  s->dr[7] = debug.dr7;
  kvm_must (cpu->fd, KVM_GET_VCPU_EVENTS, &events, "KVM_GET_VCPU_EVENTS");
  s->nmi_blocked = events.nmi.masked;
  s->shadow = (guint8) ((events.interrupt.shadow & KVM_X86_SHADOW_INT_STI ? X86_SHADOW_STI : 0) |
                        (events.interrupt.shadow & KVM_X86_SHADOW_INT_MOV_SS ? X86_SHADOW_MOV_SS : 0));
}

/* ---- all of it ---- */

void
kvm_state_get_place (KvmCpu *cpu)
{
  get_regs (cpu);
  get_sregs (cpu);
}

void
kvm_state_put (KvmCpu *cpu)
{
  put_sregs (cpu);
  put_msrs (cpu);
  put_vectors (cpu);
  put_regs (cpu);
  put_rest (cpu);
}

void
kvm_state_get (KvmCpu *cpu)
{
  get_regs (cpu);
  get_sregs (cpu);
  get_vectors (cpu);
  get_msrs (cpu);
  get_rest (cpu);
}

/* ---- CPUID ---- */

#define MOST_LEAVES 80

static void
add_leaf (KvmCpu *cpu, struct kvm_cpuid2 *cpuid, guint32 leaf, guint32 subleaf, gboolean indexed)
{
  const struct _X86CpuidContext context = { .index = cpu->parent.index, .apic_id = cpu->parent.index, .xcr0 = 1 };
  const X86Cpuid values = x86_features_cpuid (&cpu->engine->features, leaf, subleaf, &context);
  struct kvm_cpuid_entry2 *entry = &cpuid->entries[cpuid->nent++];

  g_assert (cpuid->nent <= MOST_LEAVES);
  *entry = (struct kvm_cpuid_entry2) {
    .function = leaf, .index = subleaf, .flags = indexed ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
    .eax = values.eax, .ebx = values.ebx, .ecx = values.ecx, .edx = values.edx,
  };
  /* Without scaling the counter is the host's, whose frequency the guest measures. */
  if ((leaf == 0x15 || leaf == 0x16) && !cpu->engine->tsc_scales)
    entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
}

static guint
subleaves (guint32 leaf)
{
  switch (leaf)
    {
    case 4: return 4;
    case 7: return 2;
    case 0xb: return 3;
    case 0xd: return 3;
    default: return 0;
    }
}

void
kvm_set_cpuid (KvmCpu *cpu)
{
  const X86Features *features = &cpu->engine->features;
  g_autofree struct kvm_cpuid2 *cpuid = g_malloc0 (sizeof *cpuid + MOST_LEAVES * sizeof cpuid->entries[0]);

  for (guint32 leaf = 0; leaf <= features->max_leaf; leaf++)
    {
      if (subleaves (leaf) == 0)
        add_leaf (cpu, cpuid, leaf, 0, FALSE);
      for (guint32 i = 0; i < subleaves (leaf); i++)
        add_leaf (cpu, cpuid, leaf, i, TRUE);
    }
  for (guint32 leaf = 0x80000000; features->max_extended != 0 && leaf <= features->max_extended; leaf++)
    add_leaf (cpu, cpuid, leaf, 0, FALSE);
  kvm_must (cpu->fd, KVM_SET_CPUID2, cpuid, "KVM_SET_CPUID2");
}
