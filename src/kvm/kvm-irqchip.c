/* kvm-irqchip.c - the kernel's interrupt controllers: they are filled from the machine's when a run begins, and emptied into
 * them when it ends (core/irqchip.h).
 *
 * kernel_irqchip=on gives the kernel all of them, split the local APICs alone.  The interval timer stays the machine's: what
 * guests do with it is over when they have measured their clocks, and its first counter is a line like any other.
 * Source: Linux, Documentation/virt/kvm/api.rst, sections 4.24 to 4.27, 4.38, 4.39, 4.52, 4.57, 4.58, 4.70.
 * Left out: ExtINT messages, and LINT pins in fixed mode, which the kernel does not know. */
#include "config.h"

#include "kvm/kvm-private.h"

#include "arch/x86/msr.h"
#include "arch/x86/tsc.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

enum { REG_ID = 0x02, REG_ISR = 0x10, REG_IRR = 0x20, REG_LVT_TIMER = 0x32, REG_INITIAL_COUNT = 0x38, REG_CURRENT_COUNT = 0x39 };
enum { LVT_MASKED = 1 << 16, LVT_DEADLINE = 1 << 18, LVT_TIMER_MODE = 3 << 17 };

#define BASE_X2APIC    (1u << 10)
#define ENTRY_LEVEL    (G_GUINT64_CONSTANT (1) << 15)
#define ENTRY_MASKED   (G_GUINT64_CONSTANT (1) << 16)
#define MSI_ADDRESS    0xfee00000u

/* ---- the time stamp counter's deadline ---- */

static gboolean
is_deadline (const AsternLapicValues *values)
{
  return (values->regs[REG_LVT_TIMER] & LVT_TIMER_MODE) == LVT_DEADLINE;
}

static void
put_deadline (KvmCpu *cpu, const AsternLapicValues *values)
{
  if (is_deadline (values))
    kvm_put_msr (cpu, X86_MSR_TSC_DEADLINE, values->deadline_ns != 0 ? x86_tsc_at (&cpu->s, values->deadline_ns) : 0);
}

static void
get_deadline (KvmCpu *cpu, AsternLapicValues *values)
{
  guint64 at = is_deadline (values) ? kvm_get_msr (cpu, X86_MSR_TSC_DEADLINE) : 0;

  values->deadline_ns = at != 0 ? MAX (x86_tsc_ns (&cpu->s, at), 1) : 0;
}

/* ---- local APICs ---- */

/* A one-shot timer that has told already is put as one that never began: the kernel's would tell again. */
static void
put_lapic (KvmCpu *cpu, const AsternLapicValues *values)
{
  struct kvm_lapic_state lapic = { 0 };
  guint32 regs[G_N_ELEMENTS (values->regs)];

  memcpy (regs, values->regs, sizeof regs);
  if (values->base & BASE_X2APIC)
    regs[REG_ID] <<= 24;
  if (values->expired)
    regs[REG_INITIAL_COUNT] = 0;
  for (guint i = 0; i < G_N_ELEMENTS (regs); i++)
    memcpy (lapic.regs + 16 * i, &regs[i], sizeof regs[i]);
  kvm_must (cpu->fd, KVM_SET_LAPIC, &lapic, "KVM_SET_LAPIC");
  put_deadline (cpu, values);
}

static gboolean
get_bit (const guint32 *set, guint8 vector)
{
  return set[vector / 32] >> vector % 32 & 1;
}

/* @initial_count: what the kernel was not given, if the timer had expired. */
static void
get_lapic (KvmCpu *cpu, AsternLapicValues *values, guint32 initial_count)
{
  gboolean had_expired = values->expired;
  struct kvm_lapic_state lapic;
  struct kvm_sregs sregs;
  guint8 vector;

  kvm_must (cpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
  kvm_must (cpu->fd, KVM_GET_LAPIC, &lapic, "KVM_GET_LAPIC");
  values->base = sregs.apic_base;
  for (guint i = 0; i < G_N_ELEMENTS (values->regs); i++)
    memcpy (&values->regs[i], lapic.regs + 16 * i, sizeof values->regs[i]);
  if (values->base & BASE_X2APIC)
    values->regs[REG_ID] >>= 24;
  if (had_expired && values->regs[REG_INITIAL_COUNT] == 0)
    values->regs[REG_INITIAL_COUNT] = initial_count;
  else
    {
      /* One that came to 0 may not have told yet: it has if its interrupt is there. */
      vector = (guint8) values->regs[REG_LVT_TIMER];
      values->expired = (values->regs[REG_LVT_TIMER] & LVT_MASKED) != 0 || values->regs[REG_INITIAL_COUNT] == 0 ||
                        get_bit (&values->regs[REG_IRR], vector) || get_bit (&values->regs[REG_ISR], vector);
    }
  get_deadline (cpu, values);
}

/* ---- what a CPU waits for ---- */

static void
put_mp_state (KvmCpu *cpu)
{
  struct kvm_mp_state state = { KVM_MP_STATE_RUNNABLE };

  if (cpu->s.wait_for_sipi)
    state.mp_state = KVM_MP_STATE_INIT_RECEIVED;
  else if (cpu->s.halted)
    state.mp_state = KVM_MP_STATE_HALTED;
  kvm_must (cpu->fd, KVM_SET_MP_STATE, &state, "KVM_SET_MP_STATE");
}

static void
get_mp_state (KvmCpu *cpu)
{
  struct kvm_mp_state state;

  kvm_must (cpu->fd, KVM_GET_MP_STATE, &state, "KVM_GET_MP_STATE");
  cpu->s.halted = state.mp_state == KVM_MP_STATE_HALTED;
  cpu->s.wait_for_sipi = state.mp_state == KVM_MP_STATE_UNINITIALIZED || state.mp_state == KVM_MP_STATE_INIT_RECEIVED;
}

/* ---- PICs and I/O APIC ---- */

/* The kernel's is ready from the start: one that is not is masked. */
static void
put_pic (KvmEngine *engine, guint number, const AsternPicValues *values)
{
  struct kvm_irqchip chip = { .chip_id = number == 0 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE };

  chip.chip.pic = (struct kvm_pic_state) {
    .last_irr = values->lines, .irr = values->irr, .imr = values->step == ASTERN_PIC_NEW ? 0xff : values->imr, .isr = values->isr, .priority_add = (values->lowest + 1) & 7,
    .irq_base = values->icw2 & 0xf8, .read_reg_select = values->read_isr, .poll = values->poll, .special_mask = values->special_mask,
    .init_state = values->step == ASTERN_PIC_NEW ? 0 : values->step, .auto_eoi = (values->icw4 & 2) != 0, .rotate_on_auto_eoi = values->rotate_aeoi,
    .special_fully_nested_mode = (values->icw4 & 16) != 0, .init4 = values->needs_icw4, .elcr = values->elcr, .elcr_mask = values->elcr_mask,
  };
  kvm_must (engine->vm_fd, KVM_SET_IRQCHIP, &chip, "KVM_SET_IRQCHIP");
}

static void
get_pic (KvmEngine *engine, guint number, AsternPicValues *values)
{
  struct kvm_irqchip chip = { .chip_id = number == 0 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE };
  const struct kvm_pic_state *pic = &chip.chip.pic;
  guint8 modes;

  kvm_must (engine->vm_fd, KVM_GET_IRQCHIP, &chip, "KVM_GET_IRQCHIP");
  values->lines = pic->last_irr;
  values->irr = pic->irr;
  values->isr = pic->isr;
  values->lowest = (pic->priority_add + 7) & 7;
  if ((values->icw2 & 0xf8) != pic->irq_base)
    values->icw2 = pic->irq_base;
  values->read_isr = pic->read_reg_select;
  values->poll = pic->poll;
  values->special_mask = pic->special_mask;
  if (values->step != ASTERN_PIC_NEW || pic->init_state != 0 || pic->irq_base != 0 || pic->imr != 0xff)
    {
      values->imr = pic->imr;
      values->step = pic->init_state <= 3 ? pic->init_state : 0;
    }
  modes = (guint8) ((pic->auto_eoi ? 2 : 0) | (pic->special_fully_nested_mode ? 16 : 0));
  if ((values->icw4 & (2 | 16)) != modes)
    values->icw4 = (guint8) ((values->icw4 & ~(2 | 16)) | modes);
  values->rotate_aeoi = pic->rotate_on_auto_eoi;
  values->needs_icw4 = pic->init4 != 0;
  values->elcr = pic->elcr;
}

/* Of the pins only levels matter: an edge has been sent, or is lost. */
static void
put_ioapic (KvmEngine *engine, const AsternIoapicValues *values)
{
  struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
  struct kvm_ioapic_state *ioapic = &chip.chip.ioapic;

  ioapic->base_address = 0xfec00000;
  ioapic->ioregsel = values->select;
  ioapic->id = values->id >> 24;
  for (guint i = 0; i < ASTERN_IRQCHIP_LINES; i++)
    {
      ioapic->redirtbl[i].bits = values->redirection[i];
      if (values->redirection[i] & ENTRY_LEVEL)
        ioapic->irr |= values->pins & 1u << i;
    }
  kvm_must (engine->vm_fd, KVM_SET_IRQCHIP, &chip, "KVM_SET_IRQCHIP");
}

static void
get_ioapic (KvmEngine *engine, AsternIoapicValues *values)
{
  struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
  const struct kvm_ioapic_state *ioapic = &chip.chip.ioapic;

  kvm_must (engine->vm_fd, KVM_GET_IRQCHIP, &chip, "KVM_GET_IRQCHIP");
  values->select = ioapic->ioregsel;
  values->id = ioapic->id << 24;
  for (guint i = 0; i < ASTERN_IRQCHIP_LINES; i++)
    values->redirection[i] = ioapic->redirtbl[i].bits;
}

/* ---- while the kernel has them ---- */

static void
set_line (gpointer holder, guint line, gboolean level)
{
  struct kvm_irq_level irq = { .irq = line, .level = level != FALSE };

  kvm_must (((KvmEngine *) holder)->vm_fd, KVM_IRQ_LINE, &irq, "KVM_IRQ_LINE");
}

/* Whether anybody takes it is the guest's matter. */
static void
message (gpointer holder, guint64 address, guint32 data)
{
  struct kvm_msi msi = { .address_lo = (guint32) address, .address_hi = (guint32) (address >> 32), .data = data };

  ioctl (((KvmEngine *) holder)->vm_fd, KVM_SIGNAL_MSI, &msi);
}

static void
set_int (gpointer holder, gboolean level)
{
  KvmEngine *engine = holder;

  engine->pic_int = level;
  if (level)
    kvm_cpu_kick (engine->cpus[0]);
}

static struct kvm_irq_routing *
routing_new (guint n)
{
  return g_malloc0 (sizeof (struct kvm_irq_routing) + n * sizeof (struct kvm_irq_routing_entry));
}

/* For split: which vectors are the I/O APIC's, and end in an exit. */
static void
redirected (gpointer holder)
{
  KvmEngine *engine = holder;
  AsternMachine *machine = engine->parent.machine;
  g_autofree struct kvm_irq_routing *routing = routing_new (ASTERN_IRQCHIP_LINES);
  guint64 entries[ASTERN_IRQCHIP_LINES];

  machine->irqchip.devices->redirections (machine->irqchip.board, entries);
  for (guint i = 0; i < ASTERN_IRQCHIP_LINES; i++)
    {
      struct kvm_irq_routing_entry *entry = &routing->entries[routing->nr];
      guint64 e = entries[i];

      if (e & ENTRY_MASKED)
        continue;
      entry->gsi = i;
      entry->type = KVM_IRQ_ROUTING_MSI;
      entry->u.msi.address_lo = MSI_ADDRESS | (guint32) (e >> 56) << 12 | (guint32) (e >> 11 & 1) << 2;
      entry->u.msi.data = (guint32) (e & 0x7ff) | (e & ENTRY_LEVEL ? 3u << 14 : 0);
      routing->nr++;
    }
  kvm_must (engine->vm_fd, KVM_SET_GSI_ROUTING, routing, "KVM_SET_GSI_ROUTING");
}

static const AsternIrqchipHolder all = { .part = ASTERN_IRQCHIP_ALL, .set_line = set_line, .message = message };
static const AsternIrqchipHolder lapics = {
  .part = ASTERN_IRQCHIP_LAPICS, .message = message, .set_int = set_int, .redirected = redirected,
};

/* ---- over to the kernel and back ---- */

void
kvm_irqchip_hold (KvmEngine *engine)
{
  AsternIrqchip *irqchip = &engine->parent.machine->irqchip;
  const AsternIrqchipHolder *holder = engine->irqchip == ASTERN_KVM_IRQCHIP_ON ? &all : &lapics;
  AsternIrqchipValues *values = &engine->values;

  if (engine->irqchip == ASTERN_KVM_IRQCHIP_OFF || engine->held || irqchip->devices == NULL)
    return;
  for (guint i = 0; i < engine->n_cpus; i++)
    kvm_cpu_put (engine->cpus[i]);
  irqchip->devices->take (irqchip->board, holder->part, values);
  for (guint i = 0; i < engine->n_cpus; i++)
    {
      put_lapic (engine->cpus[i], &values->lapics[i]);
      put_mp_state (engine->cpus[i]);
    }
  if (engine->irqchip == ASTERN_KVM_IRQCHIP_ON)
    {
      put_ioapic (engine, &values->ioapic);
      put_pic (engine, 1, &values->pics[1]);
      put_pic (engine, 0, &values->pics[0]);
    }
  engine->held = TRUE;
  irqchip->user = engine;
  irqchip->holder = holder;
  if (holder == &lapics)
    {
      engine->pic_int = irqchip->devices->get_int (irqchip->board);
      redirected (engine);
    }
}

void
kvm_irqchip_release (KvmEngine *engine)
{
  AsternIrqchip *irqchip = &engine->parent.machine->irqchip;
  AsternIrqchipValues *values = &engine->values;

  if (!engine->held)
    return;
  for (guint i = 0; i < engine->n_cpus; i++)
    {
      kvm_cpu_finish (engine->cpus[i]);
      get_mp_state (engine->cpus[i]);
      get_lapic (engine->cpus[i], &values->lapics[i], values->lapics[i].regs[REG_INITIAL_COUNT]);
    }
  if (engine->irqchip == ASTERN_KVM_IRQCHIP_ON)
    {
      get_ioapic (engine, &values->ioapic);
      get_pic (engine, 0, &values->pics[0]);
      get_pic (engine, 1, &values->pics[1]);
    }
  engine->held = FALSE;
  irqchip->holder = NULL;
  irqchip->devices->give (irqchip->board, engine->irqchip == ASTERN_KVM_IRQCHIP_ON ? ASTERN_IRQCHIP_ALL : ASTERN_IRQCHIP_LAPICS, values);
}

/* ---- made ---- */

/* As on a PC: lines 0 to 15 are both PICs' and the I/O APIC's, whose pin 2 is line 0. */
static void
set_routes (KvmEngine *engine)
{
  g_autofree struct kvm_irq_routing *routing = routing_new (2 * ASTERN_IRQCHIP_LINES);

  for (guint line = 0; line < ASTERN_IRQCHIP_LINES; line++)
    {
      struct kvm_irq_routing_entry *entry = &routing->entries[routing->nr];

      if (line == 2)
        continue;
      if (line < 16)
        {
          *entry = (struct kvm_irq_routing_entry) { .gsi = line, .type = KVM_IRQ_ROUTING_IRQCHIP };
          entry->u.irqchip.irqchip = line < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE;
          entry->u.irqchip.pin = line & 7;
          routing->nr++;
          entry++;
        }
      *entry = (struct kvm_irq_routing_entry) { .gsi = line, .type = KVM_IRQ_ROUTING_IRQCHIP };
      entry->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
      entry->u.irqchip.pin = line == 0 ? 2 : line;
      routing->nr++;
    }
  kvm_must (engine->vm_fd, KVM_SET_GSI_ROUTING, routing, "KVM_SET_GSI_ROUTING");
}

gboolean
kvm_irqchip_make (KvmEngine *engine, GError **error)
{
  static const struct { int number; const char *name; } needed[] = {
    { KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP" }, { KVM_CAP_IRQ_ROUTING, "KVM_CAP_IRQ_ROUTING" }, { KVM_CAP_SIGNAL_MSI, "KVM_CAP_SIGNAL_MSI" },
    { KVM_CAP_MP_STATE, "KVM_CAP_MP_STATE" }, { KVM_CAP_SPLIT_IRQCHIP, "KVM_CAP_SPLIT_IRQCHIP" },
  };
  struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { ASTERN_IRQCHIP_LINES } };

  if (engine->irqchip == ASTERN_KVM_IRQCHIP_OFF)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (ioctl (engine->vm_fd, KVM_CHECK_EXTENSION, (gulong) needed[i].number) <= 0 &&
        (needed[i].number != KVM_CAP_SPLIT_IRQCHIP || engine->irqchip == ASTERN_KVM_IRQCHIP_SPLIT))
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                     _("This kernel's KVM has no %s, which its interrupt controllers need; “kernel_irqchip=off” does without them."),
                     needed[i].name);
        return FALSE;
      }
  if (engine->irqchip == ASTERN_KVM_IRQCHIP_SPLIT)
    {
      kvm_must (engine->vm_fd, KVM_ENABLE_CAP, &split, "KVM_CAP_SPLIT_IRQCHIP");
      return TRUE;
    }
  kvm_must (engine->vm_fd, KVM_CREATE_IRQCHIP, NULL, "KVM_CREATE_IRQCHIP");
  set_routes (engine);
  return TRUE;
}

/* What SREGS say of a local APIC that the kernel has. */
void
kvm_irqchip_keep (KvmCpu *cpu, struct kvm_sregs *sregs)
{
  struct kvm_sregs now;

  if (!cpu->engine->held)
    return;
  kvm_must (cpu->fd, KVM_GET_SREGS, &now, "KVM_GET_SREGS");
  sregs->cr8 = now.cr8;
  sregs->apic_base = now.apic_base;
}
