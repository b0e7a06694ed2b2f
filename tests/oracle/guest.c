/* guest.c - the least machine that runs user-mode code: page tables, a descriptor table,
 * a task's stack, and an interrupt table whose handlers halt. */
#include "config.h"

#include "guest.h"

#include "translate/x86/cpu.h"

#include <string.h>

/* Physical pages; seen by the kernel at KERNEL + address. */
#define KERNEL    G_GUINT64_CONSTANT (0xffff800000000000)
enum
{
  PML4     = 0x1000,
  PDPT_LOW = 0x2000,
  PD_LOW   = 0x3000,
  PT_CODE  = 0x4000,
  PT_DATA  = 0x5000,
  PDPT_HIGH = 0x6000,
  PD_HIGH  = 0x7000,
  GDT      = 0x8000,
  IDT      = 0x9000,
  TSS      = 0xa000,
  HANDLERS = 0xb000,
  STACK    = 0xd000,      /* its top */
  CODE     = 0x100000,
  DATA     = 0x140000,
  RAM      = 0x200000,
};
#define HANDLER_BYTES 16
/* More than a case can retire: string instructions count once an element. */
#define MOST_INSNS 100000

enum { SEL_KERNEL = 0x08, SEL_USER32 = 0x23, SEL_USER_DATA = 0x2b, SEL_USER64 = 0x33, SEL_TSS = 0x40 };

struct _OracleGuest
{
  AsternMachine  *machine;
  AsternRamBlock *ram;
  X86Features     features;
  X86Cpu         *cpu;
  X86State        template;
};

static void
put (OracleGuest *guest, guint64 physical, gconstpointer data, gsize size)
{
  astern_memory_write (guest->machine->memory, guest->ram->start + physical, data, size);
}

static void
put64 (OracleGuest *guest, guint64 physical, guint64 value)
{
  put (guest, physical, &value, 8);
}

static void
make_tables (OracleGuest *guest)
{
  enum { P = 1, W = 2, U = 4, LARGE = 0x80 };

  put64 (guest, PML4, PDPT_LOW | P | W | U);
  put64 (guest, PML4 + 256 * 8, PDPT_HIGH | P | W);
  put64 (guest, PDPT_HIGH, PD_HIGH | P | W);
  put64 (guest, PD_HIGH, 0 | P | W | LARGE);
  put64 (guest, PDPT_LOW, PD_LOW | P | W | U);
  put64 (guest, PD_LOW + (CODE_BASE >> 21) * 8, PT_CODE | P | W | U);
  put64 (guest, PD_LOW + (DATA_BASE >> 21) * 8, PT_DATA | P | W | U);
  for (guint i = 0; i < CODE_PAGES; i++)
    put64 (guest, PT_CODE + i * 8, (CODE + i * PAGE) | P | U);
  for (guint i = 0; i < DATA_BYTES / PAGE; i++)
    put64 (guest, PT_DATA + i * 8, (DATA + i * PAGE) | P | W | U);
}

static void
make_descriptors (OracleGuest *guest)
{
  guint64 tss = KERNEL + TSS;
  guint8 hlt = 0xf4;

  put64 (guest, GDT + SEL_KERNEL, G_GUINT64_CONSTANT (0x00af9b000000ffff));
  put64 (guest, GDT + (SEL_USER32 & ~7), G_GUINT64_CONSTANT (0x00cffb000000ffff));
  put64 (guest, GDT + (SEL_USER_DATA & ~7), G_GUINT64_CONSTANT (0x00cff3000000ffff));
  put64 (guest, GDT + (SEL_USER64 & ~7), G_GUINT64_CONSTANT (0x00affb000000ffff));
  put64 (guest, GDT + SEL_TSS, 0x67 | (tss & 0xffffff) << 16 | G_GUINT64_CONSTANT (0x8b) << 40 | (tss >> 24 & 0xff) << 56);
  put64 (guest, GDT + SEL_TSS + 8, tss >> 32);
  put64 (guest, TSS + 4, KERNEL + STACK);
  for (guint i = 0; i < 256; i++)
    {
      guint64 at = KERNEL + HANDLERS + i * HANDLER_BYTES;
      guint64 dpl = i == 3 || i == 4 ? 3 : 0;

      put64 (guest, IDT + 16 * i, (at & 0xffff) | SEL_KERNEL << 16 | (0x8e | dpl << 5) << 40 | (at >> 16 & 0xffff) << 48);
      put64 (guest, IDT + 16 * i + 8, at >> 32);
      put (guest, HANDLERS + i * HANDLER_BYTES, &hlt, 1);
    }
}

static X86Segment
flat (guint16 selector, guint attr)
{
  return (X86Segment) { .base = 0, .limit = 0xffffffff, .selector = selector, .attr = (guint16) attr };
}

static void
make_template (OracleGuest *guest)
{
  X86State *s = &guest->template;

  *s = guest->cpu->s;
  s->cr0 = X86_CR0_PE | X86_CR0_MP | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_PG;
  s->cr3 = PML4;
  s->cr4 = X86_CR4_PAE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | X86_CR4_OSXSAVE | X86_CR4_UMIP | X86_CR4_FSGSBASE;
  s->xcr0 = 7;
  s->efer = X86_EFER_SCE | X86_EFER_LME | X86_EFER_LMA | X86_EFER_NXE;
  s->gdtr_base = KERNEL + GDT;
  s->gdtr_limit = 0x4f;
  s->idtr_base = KERNEL + IDT;
  s->idtr_limit = 0xfff;
  s->seg[X86_TR] = (X86Segment) { .base = KERNEL + TSS, .limit = 0x67, .selector = SEL_TSS, .attr = 0x8b };
  s->seg[X86_LDTR] = (X86Segment) { .attr = X86_ATTR_UNUSABLE };
  s->seg[X86_SS] = flat (SEL_USER_DATA, 0xc0f3);
  s->seg[X86_DS] = s->seg[X86_ES] = s->seg[X86_FS] = s->seg[X86_GS] = flat (SEL_USER_DATA, 0xc0f3);
  s->seg[X86_GS].base = DATA_BASE + GS_OFFSET;
  s->a20 = 1;
}

OracleGuest *
oracle_guest_new (AsternTier tier)
{
  OracleGuest *guest = g_new0 (OracleGuest, 1);
  AsternTranslateOptions options = { .tier = tier, .features = &guest->features, .n_cpus = 1 };
  GError *error = NULL;

  guest->machine = astern_machine_new (16 << 20, &error);
  if (guest->machine != NULL)
    guest->ram = astern_memory_add (guest->machine->memory, "ram", RAM, FALSE, &error);
  if (guest->ram == NULL || !x86_features_parse (&guest->features, "max", 1, &error))
    g_error ("%s", error->message);
  astern_bus_add_memory (guest->machine->physical, 0, guest->ram, 0);
  guest->machine->engine = astern_translate_engine_new (guest->machine, &options, &error);
  if (guest->machine->engine == NULL)
    g_error ("%s", error->message);
  guest->cpu = x86_cpu (guest->machine->cpus[0]);
  astern_translate_reset_cpus (guest->machine);
  make_tables (guest);
  make_descriptors (guest);
  make_template (guest);
  return guest;
}

void
oracle_guest_free (OracleGuest *guest)
{
  astern_machine_free (guest->machine);
  g_free (guest);
}

const X86Features *
oracle_guest_features (OracleGuest *guest)
{
  return &guest->features;
}

void
oracle_guest_prepare (OracleGuest *guest, const OracleCase *cases, guint n)
{
  for (guint i = 0; i < n; i++)
    put (guest, CODE + (guint64) cases[i].slot * CASE_CODE, cases[i].code, CASE_CODE);
}

static void
load_case (OracleGuest *guest, const OracleCase *c)
{
  X86State *s = &guest->cpu->s;
  const OracleState *in = &c->in;

  put (guest, DATA, oracle_images[c->image], DATA_BYTES);
  *s = guest->template;
  memcpy (s->gpr, in->gpr, sizeof s->gpr);
  s->rip = oracle_case_rip (c);
  s->rflags = in->rflags | 2;
  memcpy (s->vec, in->vec, sizeof s->vec);
  memcpy (s->st, in->st, sizeof s->st);
  s->mxcsr = in->mxcsr;
  s->fcw = in->fcw;
  s->fsw = in->fsw;
  s->ftw = in->ftw;
  s->seg[X86_CS] = c->mode32 ? flat (SEL_USER32, 0xc0fb) : flat (SEL_USER64, 0xa0fb);
  guest->cpu->parent.sync_in (&guest->cpu->parent);
}

static gboolean
has_error_code (guint vector)
{
  return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

static void
save_case (OracleGuest *guest, OracleCase *c)
{
  X86State *s = &guest->cpu->s;
  OracleState *out = &c->guest;
  guint64 handler = s->rip - 1 - (KERNEL + HANDLERS);
  guint64 frame[6] = { 0 };

  memset (out, 0, sizeof *out);
  guest->cpu->parent.sync_out (&guest->cpu->parent);
  memcpy (out->gpr, s->gpr, sizeof out->gpr);
  if (guest->machine->stop.reason == ASTERN_STOP_DEADLOCK && handler < 256 * HANDLER_BYTES)
    {
      const guint8 *stack = astern_memory_host (guest->machine->memory, guest->ram->start + (s->gpr[X86_RSP] - KERNEL));

      out->vector = (guint8) (handler / HANDLER_BYTES);
      memcpy (frame, stack, has_error_code (out->vector) ? 48 : 40);
      if (has_error_code (out->vector))
        {
          out->error = (guint32) frame[0];
          memmove (frame, frame + 1, 40);
        }
      out->rip = frame[0];
      out->rflags = frame[2];
      out->gpr[X86_RSP] = frame[3];
    }
  else
    {
      out->vector = VECTOR_TIMEOUT;
      out->rip = s->rip;
      out->rflags = s->rflags;
    }
  out->cr2 = s->cr2;
  memcpy (out->vec, s->vec, sizeof out->vec);
  memcpy (out->st, s->st, sizeof out->st);
  out->mxcsr = s->mxcsr;
  out->fcw = s->fcw;
  out->fsw = s->fsw;
  out->ftw = s->ftw;
  memcpy (c->guest_data, astern_memory_host (guest->machine->memory, guest->ram->start + DATA), DATA_BYTES);
}

void
oracle_guest_run (OracleGuest *guest, OracleCase *c)
{
  load_case (guest, c);
  astern_machine_run (guest->machine, guest->machine->clock.s.icount + MOST_INSNS);
  save_case (guest, c);
}
