/* kvm-state.c - a CPU's state to the kernel and back.
 * Source: Linux, Documentation/virt/kvm/api.rst, sections 4.1 to 4.36; Intel SDM vol. 1, 13.4 (the XSAVE area). */
#include "config.h"

#include "kvm/kvm-private.h"

#include "arch/x86/kvmclock.h"
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

/* Both forms begin alike; the second has the PDPTEs, as they were loaded. */
typedef union
{
  struct kvm_sregs  one;
  struct kvm_sregs2 two;
} Sregs;

G_STATIC_ASSERT (G_STRUCT_OFFSET (struct kvm_sregs, ldt) == G_STRUCT_OFFSET (struct kvm_sregs2, ldt));
G_STATIC_ASSERT (G_STRUCT_OFFSET (struct kvm_sregs, idt) == G_STRUCT_OFFSET (struct kvm_sregs2, idt));
G_STATIC_ASSERT (G_STRUCT_OFFSET (struct kvm_sregs, cr8) == G_STRUCT_OFFSET (struct kvm_sregs2, cr8));
G_STATIC_ASSERT (G_STRUCT_OFFSET (struct kvm_sregs, apic_base) == G_STRUCT_OFFSET (struct kvm_sregs2, apic_base));

static const guint8 segments[X86_N_SEGS][2] = {
#define S(number, member) { number, G_STRUCT_OFFSET (struct kvm_sregs, member) }
  S (X86_CS, cs), S (X86_DS, ds), S (X86_ES, es), S (X86_FS, fs), S (X86_GS, gs), S (X86_SS, ss), S (X86_TR, tr), S (X86_LDTR, ldt),
#undef S
};

static struct kvm_segment *
segment_at (Sregs *sregs, guint i)
{
  return (struct kvm_segment *) (gpointer) ((guint8 *) sregs + segments[i][1]);
}

static gboolean
has_pdptes (const X86State *s)
{
  return (s->cr0 & X86_CR0_PG) && (s->cr4 & X86_CR4_PAE) && !(s->efer & X86_EFER_LMA);
}

static void
put_sregs (KvmCpu *cpu)
{
  const X86State *s = &cpu->s;
  Sregs sregs;
  gboolean fault = FALSE;

  memset (&sregs, 0, sizeof sregs);
  for (guint i = 0; i < G_N_ELEMENTS (segments); i++)
    put_segment (segment_at (&sregs, i), &s->seg[segments[i][0]]);
  sregs.one.gdt.base = s->gdtr_base;
  sregs.one.gdt.limit = (guint16) s->gdtr_limit;
  sregs.one.idt.base = s->idtr_base;
  sregs.one.idt.limit = (guint16) s->idtr_limit;
  sregs.one.cr0 = s->cr0;
  sregs.one.cr2 = s->cr2;
  sregs.one.cr3 = s->cr3;
  sregs.one.cr4 = s->cr4;
  sregs.one.efer = s->efer;
  if (cpu->parent.apic != NULL)
    {
      sregs.one.cr8 = cpu->parent.apic_ops->get_tpr (cpu->parent.apic);
      sregs.one.apic_base = cpu->parent.apic_ops->read_msr (cpu->parent.apic, X86_MSR_APIC_BASE, &fault);
    }
  kvm_irqchip_keep (cpu, &sregs.one);
  if (!cpu->engine->has_sregs2)
    {
      kvm_must (cpu->fd, KVM_SET_SREGS, &sregs.one, "KVM_SET_SREGS");
      return;
    }
  if (has_pdptes (s))
    {
      sregs.two.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
      memcpy (sregs.two.pdptrs, s->pdpte, sizeof s->pdpte);
    }
  kvm_must (cpu->fd, KVM_SET_SREGS2, &sregs.two, "KVM_SET_SREGS2");
}

static void
get_sregs (KvmCpu *cpu, X86State *s)
{
  Sregs sregs;

  memset (&sregs, 0, sizeof sregs);
  if (cpu->engine->has_sregs2)
    kvm_must (cpu->fd, KVM_GET_SREGS2, &sregs.two, "KVM_GET_SREGS2");
  else
    kvm_must (cpu->fd, KVM_GET_SREGS, &sregs.one, "KVM_GET_SREGS");
  for (guint i = 0; i < G_N_ELEMENTS (segments); i++)
    get_segment (&s->seg[segments[i][0]], segment_at (&sregs, i));
  s->gdtr_base = sregs.one.gdt.base;
  s->gdtr_limit = sregs.one.gdt.limit;
  s->idtr_base = sregs.one.idt.base;
  s->idtr_limit = sregs.one.idt.limit;
  s->cr0 = sregs.one.cr0;
  s->cr2 = sregs.one.cr2;
  s->cr3 = sregs.one.cr3;
  s->cr4 = sregs.one.cr4;
  s->efer = sregs.one.efer;
  if (cpu->engine->has_sregs2 && (sregs.two.flags & KVM_SREGS2_FLAGS_PDPTRS_VALID))
    memcpy (s->pdpte, sregs.two.pdptrs, sizeof s->pdpte);
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
get_regs (KvmCpu *cpu, X86State *s)
{
  guint64 *g = s->gpr;
  struct kvm_regs regs;

  kvm_must (cpu->fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
  g[X86_RAX] = regs.rax; g[X86_RBX] = regs.rbx; g[X86_RCX] = regs.rcx; g[X86_RDX] = regs.rdx;
  g[X86_RSI] = regs.rsi; g[X86_RDI] = regs.rdi; g[X86_RSP] = regs.rsp; g[X86_RBP] = regs.rbp;
  memcpy (&g[8], &regs.r8, 8 * sizeof *g);
  s->rip = regs.rip;
  s->rflags = regs.rflags;
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
get_vectors (KvmCpu *cpu, X86State *s)
{
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
msr_place (KvmEngine *engine, X86State *s, guint32 number)
{
  const X86Msr *msr;

  if (number == X86_MSR_SMBASE)
    return engine->has_smm ? &s->smbase : NULL;
  if (number == X86_MSR_KERNEL_GS_BASE)
    return &s->kernel_gs_base;
  msr = x86_msr_find (&engine->features, number);
  return msr != NULL && msr->slot != X86_MSR_NO_SLOT ? (guint64 *) (gpointer) ((guint8 *) s + msr->slot) : NULL;
}

/* The banks of machine checks, as many as the model has. */
void
kvm_set_machine_checks (KvmCpu *cpu)
{
  const X86Msr *msr = x86_msr_find (&cpu->engine->features, X86_MSR_MCG_CAP);
  guint64 capabilities = 0;

  if (msr == NULL || ioctl (cpu->engine->kvm_fd, KVM_X86_GET_MCE_CAP_SUPPORTED, &capabilities) < 0)
    return;
  capabilities &= msr->value;
  capabilities |= msr->value & 0xff;
  ioctl (cpu->fd, KVM_X86_SETUP_MCE, &capabilities);     /* without it these registers are our own affair */
}

/* Those that the model has and the kernel takes. */
void
kvm_choose_msrs (KvmEngine *engine)
{
  KvmCpu *cpu = engine->cpus[0];
  static const guint32 others[] = { X86_MSR_KERNEL_GS_BASE, X86_MSR_SMBASE };

  for (guint i = 0; i < G_N_ELEMENTS (others) + x86_n_msrs && engine->n_msrs < KVM_STATE_MSRS; i++)
    {
      g_autofree struct kvm_msrs *msrs = msrs_new (1);
      guint32 number = i < G_N_ELEMENTS (others) ? others[i] : x86_msrs[i - G_N_ELEMENTS (others)].number;

      if (msr_place (engine, &cpu->s, number) == NULL || number == X86_MSR_KVM_WALL_CLOCK)      /* whose writing is an order to the kernel */
        continue;
      msrs->entries[0].index = number;
      if (ioctl (cpu->fd, KVM_GET_MSRS, msrs) == 1 && ioctl (cpu->fd, KVM_SET_MSRS, msrs) == 1)
        engine->msrs[engine->n_msrs++] = number;
    }
}

guint64
kvm_get_msr (KvmCpu *cpu, guint32 number)
{
  g_autofree struct kvm_msrs *msrs = msrs_new (1);

  msrs->entries[0].index = number;
  if (ioctl (cpu->fd, KVM_GET_MSRS, msrs) != 1)
    g_error ("the kernel does not give MSR %x", number);
  return msrs->entries[0].data;
}

void
kvm_put_msr (KvmCpu *cpu, guint32 number, guint64 value)
{
  g_autofree struct kvm_msrs *msrs = msrs_new (1);

  msrs->entries[0].index = number;
  msrs->entries[0].data = value;
  if (ioctl (cpu->fd, KVM_SET_MSRS, msrs) != 1)
    g_error ("the kernel does not take MSR %x", number);
}

/* The time stamp counter is told apart: kvm-time.c. */
static void
put_msrs (KvmCpu *cpu)
{
  KvmEngine *engine = cpu->engine;
  g_autofree struct kvm_msrs *msrs = msrs_new (engine->n_msrs);

  for (guint i = 0; i < engine->n_msrs; i++)
    {
      msrs->entries[i].index = engine->msrs[i];
      msrs->entries[i].data = *msr_place (engine, &cpu->s, engine->msrs[i]);
    }
  if (ioctl (cpu->fd, KVM_SET_MSRS, msrs) != (int) msrs->nmsrs)
    g_error ("the kernel takes no longer an MSR that it took");
}

static void
get_msrs (KvmCpu *cpu, X86State *s)
{
  KvmEngine *engine = cpu->engine;
  g_autofree struct kvm_msrs *msrs = msrs_new (engine->n_msrs);

  for (guint i = 0; i < engine->n_msrs; i++)
    msrs->entries[i].index = engine->msrs[i];
  if (ioctl (cpu->fd, KVM_GET_MSRS, msrs) != (int) engine->n_msrs)
    g_error ("the kernel gives no longer an MSR that it gave");
  for (guint i = 0; i < engine->n_msrs; i++)
    *msr_place (engine, s, engine->msrs[i]) = msrs->entries[i].data;
}

/* The clock that KVM's guests read is guest time. */
void
kvm_put_clock (KvmEngine *engine)
{
  struct kvm_clock_data clock = { .clock = astern_clock_now_ns (&engine->parent.machine->clock) };

  if (engine->features.has[X86_FEATURE_KVMCLOCK])
    kvm_must (engine->vm_fd, KVM_SET_CLOCK, &clock, "KVM_SET_CLOCK");
}

/* ---- debug registers, events ---- */

/* DR6 as it is told of the reasons that are pending: X86State's debug_pending. */
static guint64
dr6_of (guint8 pending)
{
  return (pending & 0xf) | (guint64) (pending & 0xf0) << 8;
}

static guint8
pending_of (guint64 dr6)
{
  return (guint8) ((dr6 & 0xf) | (dr6 >> 8 & (X86_DR6_BS | X86_DR6_BT | X86_DR6_BD) >> 8));
}

static void
put_debug (KvmCpu *cpu)
{
  const X86State *s = &cpu->s;
  struct kvm_debugregs debug = { .dr6 = s->dr[6], .dr7 = s->dr[7] };

  memcpy (debug.db, s->dr, sizeof debug.db);
  kvm_must (cpu->fd, KVM_SET_DEBUGREGS, &debug, "KVM_SET_DEBUGREGS");
}

/* All that the kernel may have kept from before goes.  NMIs and SMIs are told by calls of their own when the
 * guest is entered. */
static void
put_events (KvmCpu *cpu)
{
  const X86State *s = &cpu->s;
  struct kvm_vcpu_events events = { .flags = KVM_VCPUEVENT_VALID_SHADOW | KVM_VCPUEVENT_VALID_NMI_PENDING };

  events.nmi.masked = s->nmi_blocked || s->in_smm;
  if (cpu->engine->has_smm)
    {
      events.flags |= KVM_VCPUEVENT_VALID_SMM;
      events.smi.smm = s->in_smm;
      events.smi.smm_inside_nmi = s->in_smm && s->nmi_blocked;
    }
  events.interrupt.shadow = (s->shadow & X86_SHADOW_STI ? KVM_X86_SHADOW_INT_STI : 0) |
                            (s->shadow & X86_SHADOW_MOV_SS ? KVM_X86_SHADOW_INT_MOV_SS : 0);
  events.interrupt.injected = s->intr_accepted;
  events.interrupt.nr = s->intr_vector;
  if (s->debug_pending != 0)
    {
      events.exception.nr = X86_EXC_DB;
      if (cpu->engine->has_payload)
        {
          events.flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
          events.exception.pending = events.exception_has_payload = 1;
          events.exception_payload = dr6_of (s->debug_pending);
        }
      else
        events.exception.injected = 1;
    }
  else if (cpu->engine->has_payload)
    events.flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
  kvm_must (cpu->fd, KVM_SET_VCPU_EVENTS, &events, "KVM_SET_VCPU_EVENTS");
}

/* What was about to be delivered: faults and INT n come again with their instruction; the others are pending. */
static void
get_events (KvmCpu *cpu, X86State *s)
{
  struct kvm_vcpu_events events;

  kvm_must (cpu->fd, KVM_GET_VCPU_EVENTS, &events, "KVM_GET_VCPU_EVENTS");
  s->in_smm = events.smi.smm;
  s->smi_pending |= events.smi.pending;
  s->nmi_blocked = s->in_smm ? events.smi.smm_inside_nmi : events.nmi.masked && !events.nmi.injected;
  s->nmi_pending |= events.nmi.pending || events.nmi.injected;
  s->shadow = (guint8) ((events.interrupt.shadow & KVM_X86_SHADOW_INT_STI ? X86_SHADOW_STI : 0) |
                        (events.interrupt.shadow & KVM_X86_SHADOW_INT_MOV_SS ? X86_SHADOW_MOV_SS : 0));
  s->intr_accepted = events.interrupt.injected && !events.interrupt.soft;
  s->intr_vector = s->intr_accepted ? events.interrupt.nr : 0;
  if (s->intr_accepted || s->nmi_pending)
    s->halted = 0;
  s->debug_pending = 0;
  if ((events.exception.pending || events.exception.injected) && events.exception.nr == X86_EXC_DB)
    s->debug_pending = pending_of (events.exception_has_payload ? events.exception_payload : s->dr[6]);
}

static void
get_debug (KvmCpu *cpu, X86State *s)
{
  struct kvm_debugregs debug;

  kvm_must (cpu->fd, KVM_GET_DEBUGREGS, &debug, "KVM_GET_DEBUGREGS");
  memcpy (s->dr, debug.db, sizeof debug.db);
  s->dr[6] = debug.dr6;
  s->dr[7] = debug.dr7;
}

/* ---- all of it ---- */

static void
read_all (KvmCpu *cpu, X86State *s)
{
  get_regs (cpu, s);
  get_sregs (cpu, s);
  get_vectors (cpu, s);
  get_msrs (cpu, s);
  get_debug (cpu, s);
  get_events (cpu, s);
}

/* The kernel keeps some things in a form of its own: rights of segments that are not usable, bits that are always set.  So it is
 * asked at once what it makes of what it was given. */
void
kvm_state_get_place (KvmCpu *cpu)
{
  get_regs (cpu, &cpu->s);
  get_sregs (cpu, &cpu->s);
}

void
kvm_state_put (KvmCpu *cpu)
{
  put_sregs (cpu);
  put_msrs (cpu);
  put_vectors (cpu);
  put_regs (cpu);
  put_debug (cpu);
  put_events (cpu);
  cpu->given = cpu->echo = cpu->s;
  read_all (cpu, &cpu->echo);
}

/* A part that the kernel tells as it told it when it had been given is what was given. */
void
kvm_state_get (KvmCpu *cpu)
{
  X86State now = cpu->s;

  read_all (cpu, &now);
  if (now.rip != cpu->echo.rip || now.gpr[X86_RCX] != cpu->echo.gpr[X86_RCX])
    now.rep_partial = 0;
  for (guint i = 0; i < x86_n_state_fields; i++)
    {
      const AsternField *field = &x86_state_fields[i];

      for (guint k = 0; k < field->count; k++)
        {
          gsize at = field->offset + (gsize) k * field->size;
          gboolean same = memcmp ((guint8 *) &now + at, (guint8 *) &cpu->echo + at, field->size) == 0;

          memcpy ((guint8 *) &cpu->s + at, (guint8 *) (same ? &cpu->given : &now) + at, field->size);
        }
    }
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
  for (guint32 leaf = 0x40000000; features->has[X86_FEATURE_HYPERVISOR] && leaf <= 0x40000000u + (x86_features_like_kvm (features) ? 1 : 0); leaf++)
    add_leaf (cpu, cpuid, leaf, 0, FALSE);
  kvm_must (cpu->fd, KVM_SET_CPUID2, cpuid, "KVM_SET_CPUID2");
}
