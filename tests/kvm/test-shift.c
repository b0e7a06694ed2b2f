/* test-shift - one machine, two engines: a state that goes from one to the other and back stays what it was, and what the guest
 * does next is the same whoever runs it.  Needs /dev/kvm. */
#include "config.h"

#include "core/debugger.h"
#include "hw/isa-debug-exit.h"
#include "kvm/kvm-private.h"
#include "translate/engine.h"

#include <string.h>

enum
{
  RAM = 1 << 20,
  GDT = 0x1000, IDT = 0x2000, TSS = 0x3000, PML4 = 0x4000, PDPT = 0x5000, PD = 0x6000, PAE = 0x7000, PD32 = 0x8000, PT32 = 0x9000,
  CODE = 0x10000, HANDLERS = 0x20000, DATA = 0x30000, STACK = 0x48000, STACK0 = 0x50000,
  EXIT_PORT = 0xf4,
};
enum { SEL_CODE32 = 0x08, SEL_DATA = 0x10, SEL_CODE64 = 0x18, SEL_TSS = 0x20 };

typedef struct
{
  AsternMachine  *machine;
  AsternEngine   *kvm, *translate;
  AsternRamBlock *ram;
  X86State       *s;
  GRand          *random;
  gboolean        whole;         /* this host's KVM has all modes: some run certain guests only, and keep no state but theirs */
} Fixture;

/* ---- the machine ---- */

static void
put (Fixture *f, guint32 physical, gconstpointer data, gsize size)
{
  astern_memory_write (f->machine->memory, f->ram->start + physical, data, size);
}

static void
put8 (Fixture *f, guint32 physical, guint64 value)
{
  put (f, physical, &value, 8);
}

static void
put4 (Fixture *f, guint32 physical, guint32 value)
{
  put (f, physical, &value, 4);
}

/* mov %al, handler's number; out %al, $f4; hlt */
static void
make_handlers (Fixture *f)
{
  for (guint i = 0; i < 64; i++)
    {
      const guint8 handler[] = { 0xb0, (guint8) i, 0xe6, EXIT_PORT, 0xf4 };
      guint32 at = HANDLERS + i * 16;

      put (f, at, handler, sizeof handler);
      put8 (f, IDT + 16 * i, (at & 0xffff) | SEL_CODE64 << 16 | G_GUINT64_CONSTANT (0x8e) << 40 | (guint64) (at >> 16) << 48);
      put8 (f, IDT + 16 * i + 8, 0);
    }
}

static void
make_tables (Fixture *f)
{
  put8 (f, GDT + SEL_CODE32, G_GUINT64_CONSTANT (0x00cf9b000000ffff));
  put8 (f, GDT + SEL_DATA, G_GUINT64_CONSTANT (0x00cf93000000ffff));
  put8 (f, GDT + SEL_CODE64, G_GUINT64_CONSTANT (0x00af9b000000ffff));
  put8 (f, GDT + SEL_TSS, 0x67 | TSS << 16 | G_GUINT64_CONSTANT (0x8b) << 40);
  put8 (f, GDT + SEL_TSS + 8, 0);
  put8 (f, TSS + 4, STACK0);
  put8 (f, PML4, PDPT | 7);
  put8 (f, PDPT, PD | 7);
  put8 (f, PD, 0x87);                     /* the first 2 MiB, as they are */
  put8 (f, PAE, PD | 1);
  put4 (f, PD32, PT32 | 7);
  for (guint32 i = 0; i < RAM >> 12; i++)
    put4 (f, PT32 + 4 * i, i << 12 | 7);
}

/* ---- states ---- */

static X86Segment
flat (guint16 selector, guint16 attr)
{
  return (X86Segment) { .limit = G_MAXUINT32, .selector = selector, .attr = attr };
}

static void
real_mode (X86State *s)
{
  x86_load_segment_real (s, X86_CS, CODE >> 4);
  x86_load_segment_real (s, X86_SS, 0x4000);
  x86_load_segment_real (s, X86_DS, DATA >> 4);
  s->seg[X86_ES].limit = G_MAXUINT32;      /* "unreal" */
  s->seg[X86_ES].attr |= X86_ATTR_G;
  s->idtr_limit = 0x3ff;
  s->rip = 0;
}

static void
protected_mode (X86State *s)
{
  s->cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE;
  s->gdtr_base = GDT;
  s->gdtr_limit = 0x2f;
  s->idtr_base = IDT;
  s->idtr_limit = 64 * 8 - 1;
  s->seg[X86_CS] = flat (SEL_CODE32, 0xc09b);
  s->seg[X86_DS] = s->seg[X86_ES] = s->seg[X86_SS] = flat (SEL_DATA, 0xc093);
  s->seg[X86_FS] = s->seg[X86_GS] = (X86Segment) { .attr = X86_ATTR_UNUSABLE };
  s->seg[X86_LDTR] = (X86Segment) { .attr = X86_ATTR_UNUSABLE };
  s->seg[X86_TR] = (X86Segment) { .base = TSS, .limit = 0x67, .selector = SEL_TSS, .attr = 0x8b };
  s->rip = CODE;
  s->gpr[X86_RSP] = STACK;
}

static void
paged (X86State *s)
{
  protected_mode (s);
  s->cr3 = PD32;
  s->cr0 |= X86_CR0_PG | X86_CR0_WP;
}

static void
pae (X86State *s)
{
  protected_mode (s);
  s->cr4 |= X86_CR4_PAE;
  s->cr3 = PAE;
  s->pdpte[0] = PD | 1;
  s->pdpte[1] = 0x30000 | 1;               /* not what memory has: it was loaded so */
  s->cr0 |= X86_CR0_PG;
}

static void
v86 (X86State *s)
{
  paged (s);
  s->rflags |= X86_VM | X86_IOPL | X86_IF;
  for (guint i = 0; i <= X86_GS; i++)
    x86_load_segment_real (s, i, (guint16) (0x1000 + 0x100 * i));
  s->rip = 0;
  s->gpr[X86_RSP] = 0x800;
}

static void
long_mode (X86State *s)
{
  protected_mode (s);
  s->cr4 |= X86_CR4_PAE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;
  s->cr3 = PML4;
  s->efer = X86_EFER_LME | X86_EFER_LMA | X86_EFER_SCE;
  s->cr0 |= X86_CR0_PG | X86_CR0_WP;
  s->seg[X86_CS] = flat (SEL_CODE64, 0xa09b);
  s->seg[X86_GS].base = G_GUINT64_CONSTANT (0xffff888000001000);
  s->idtr_limit = 64 * 16 - 1;
  s->star = G_GUINT64_CONSTANT (0x0023001000000000);
  s->lstar = G_GUINT64_CONSTANT (0xffffffff81000000);
  s->fmask = 0x47700;
  s->kernel_gs_base = 0x1234000;
}

static void
compatibility (X86State *s)
{
  long_mode (s);
  s->seg[X86_CS] = flat (SEL_CODE32, 0xc09b);
}

static void
ring_3 (X86State *s)
{
  long_mode (s);
  s->seg[X86_CS] = flat (0x33, 0xa0fb);
  s->seg[X86_SS] = flat (0x2b, 0xc0f3);
  s->rflags |= X86_IF;
}

static const struct { const char *name; void (*make) (X86State *s); } modes[] = {
  { "real", real_mode }, { "protected", protected_mode }, { "paged", paged }, { "pae", pae }, { "v86", v86 }, { "long", long_mode },
  { "compatibility", compatibility }, { "ring-3", ring_3 },
};

static void
shift (Fixture *f, AsternEngine *engine)
{
  astern_machine_shift (f->machine, engine);
  f->s = f->machine->cpus[0]->state;
}

/* fninit; fld1; mov $42, %al; out %al, $f4; hlt.  (Some KVMs emulate all kernels that do not know them, and cannot do the x87.) */
static gboolean
runs_long_mode (Fixture *f)
{
  static const guint8 code[] = { 0xdb, 0xe3, 0xd9, 0xe8, 0xb0, 0x2a, 0xe6, EXIT_PORT, 0xf4 };

  put (f, CODE, code, sizeof code);
  x86_state_reset (f->s, TRUE, 0);
  long_mode (f->s);
  shift (f, f->kvm);
  astern_machine_run (f->machine, G_MAXUINT64);
  shift (f, f->translate);
  return f->machine->stop.reason == ASTERN_STOP_DEBUG_EXIT && f->machine->stop.value == 42;
}

static gboolean
set_up (Fixture *f, guint n_cpus)
{
  g_autoptr (GError) error = NULL;
  X86Features features;
  AsternKvmOptions kvm = { .features = &features, .n_cpus = n_cpus };
  AsternTranslateOptions translate = { .features = &features, .n_cpus = n_cpus };

  f->machine = astern_machine_new (4 << 20, &error);
  g_assert_no_error (error);
  f->ram = astern_memory_add (f->machine->memory, "ram", RAM, FALSE, &error);
  astern_bus_add_memory (f->machine->physical, 0, f->ram, 0);
  g_assert_true (x86_features_parse (&features, x86_features_default_model (), n_cpus, &error));
  f->kvm = astern_kvm_engine_new (f->machine, &kvm, &error);
  if (f->kvm == NULL)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);     /* anything else is no reason */
      g_test_skip (error->message);
      g_clear_pointer (&f->machine, astern_machine_free);
      return FALSE;
    }
  features = *astern_kvm_features (f->kvm);
  f->translate = astern_translate_engine_new (f->machine, &translate, &error);
  g_assert_no_error (error);
  astern_machine_add_device (f->machine, astern_device_new (&isa_debug_exit_class, "exit", f->machine, &f->machine->clock));
  astern_bus_add_device (f->machine->ports, EXIT_PORT, astern_machine_find_device (f->machine, "exit"), 0, 0);
  astern_machine_shift (f->machine, f->translate);
  f->s = f->machine->cpus[0]->state;
  f->random = g_rand_new_with_seed (7);
  make_tables (f);
  make_handlers (f);
  f->whole = runs_long_mode (f);
  return TRUE;
}

static void
tear_down (Fixture *f)
{
  g_rand_free (f->random);
  g_clear_pointer (&f->machine, astern_machine_free);
}

/* All registers that any value suits. */
static void
fill (Fixture *f, const X86Features *features)
{
  X86State *s = f->s;
  guint8 *vec = (guint8 *) s->vec;

  for (guint i = 0; i < 16; i++)
    if (i != X86_RSP)
      s->gpr[i] = (guint64) g_rand_int (f->random) << 32 | g_rand_int (f->random);
  for (gsize i = 0; i < sizeof s->vec; i++)
    if (i % 32 < 16 || features->has[X86_FEATURE_AVX])
      vec[i] = (guint8) g_rand_int (f->random);
  for (guint i = 0; i < 8; i++)
    for (guint k = 0; k < 10; k++)
      s->st[i][k] = (guint8) g_rand_int (f->random);
  s->xcr0 = features->has[X86_FEATURE_XSAVE] ? 3 | (features->has[X86_FEATURE_AVX] ? 4 : 0) : 1;
  s->fcw = 0x27f;
  s->fsw = 0x3800 & g_rand_int (f->random);
  s->ftw = (guint8) g_rand_int (f->random);
  s->mxcsr = 0x1fa0;
  s->rflags |= X86_CF | X86_SF;
  s->cr2 = 0xdeadb000;
  s->dr[0] = CODE;
  s->dr[1] = DATA + 8;
  s->dr[6] = 0xffff0ff0 | 2;
  s->dr[7] = 0x400;
  s->sysenter_cs = SEL_CODE32;
  s->sysenter_esp = STACK0;
  s->sysenter_eip = HANDLERS;
  s->pat = G_GUINT64_CONSTANT (0x0007010600070106);
  s->mtrr_def_type = 0x806;
  s->mtrr_base[0] = 0xc0000000;
  s->mtrr_mask[0] = 0xc0000800;
  s->mtrr_fixed[3] = G_GUINT64_CONSTANT (0x0606060606060606);
}

/* Through the kernel and out again. */
static void
through_kernel (Fixture *f)
{
  for (guint i = 0; i < f->machine->n_cpus; i++)
    {
      KvmCpu *cpu = kvm_cpu (f->machine->cpus[i]);

      kvm_state_put (cpu);
      cpu->changed = FALSE;
      cpu->in_kernel = TRUE;
    }
}

typedef struct { const char *name; guint64 hash; } Part;

static void
note_part (const char *part, guint64 hash, gpointer data)
{
  Part row = { g_intern_string (part), hash };

  g_array_append_val ((GArray *) data, row);
}

static GArray *
parts_of (Fixture *f)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (Part));

  astern_machine_hash_parts (f->machine, note_part, parts);
  return parts;
}

/* What the kernel says of what it was given: the same, but for what has no meaning. */
static void
assert_taken (const KvmCpu *cpu)
{
  for (guint i = 0; i < x86_n_state_fields; i++)
    {
      const AsternField *field = &x86_state_fields[i];
      gsize size = (gsize) field->count * field->size;
      const guint8 *given = (const guint8 *) &cpu->given + field->offset, *echo = (const guint8 *) &cpu->echo + field->offset;

      if (memcmp (given, echo, size) == 0)
        continue;
      /* Rights and limits of a segment that is not usable, and where the CPU keeps none. */
      if (strstr (field->name, ".attr") != NULL || strstr (field->name, ".limit") != NULL)
        {
          const char *dot = strchr (field->name, '.');
          guint number = 0;

          for (guint k = 0; k < X86_N_SEGS; k++)
            if (G_STRUCT_OFFSET (X86State, seg) + k * sizeof (X86Segment) <= field->offset)
              number = k;
          g_assert_nonnull (dot);
          if ((cpu->given.seg[number].attr & X86_ATTR_UNUSABLE) && (cpu->echo.seg[number].attr & X86_ATTR_UNUSABLE))
            continue;
        }
      if (g_str_equal (field->name, "shadow") && *given != 0 && *echo != 0)      /* AMD's CPUs have one for both */
        continue;
      g_test_message ("%s was not taken as it was given", field->name);
      g_test_fail ();
    }
}

static void
there_and_back (Fixture *f)
{
  GArray *before = parts_of (f), *after;

  shift (f, f->kvm);
  through_kernel (f);
  if (f->whole)
    assert_taken (kvm_cpu (f->machine->cpus[0]));
  shift (f, f->translate);
  after = parts_of (f);
  g_assert_cmpuint (before->len, ==, after->len);
  for (guint i = 0; i < before->len; i++)
    {
      if (g_array_index (before, Part, i).hash == g_array_index (after, Part, i).hash ||
          g_str_equal (g_array_index (before, Part, i).name, "turn"))      /* which is the engine's */
        continue;
      g_test_message ("%s has changed", g_array_index (before, Part, i).name);
      g_test_fail ();
    }
  g_array_unref (before);
  g_array_unref (after);
}

static void
a_state_goes_to_kvm_and_back_and_is_the_same (gconstpointer data)
{
  guint mode = GPOINTER_TO_UINT (data);
  Fixture f = { 0 };

  if (!set_up (&f, 1))
    return;
  for (guint round = 0; round < 20; round++)
    {
      x86_state_reset (f.s, TRUE, 0);
      modes[mode].make (f.s);
      fill (&f, astern_kvm_features (f.kvm));
      f.s->nmi_blocked = round & 1;
      f.s->shadow = round % 5 == 2 ? X86_SHADOW_STI : 0;
      f.s->debug_pending = round % 7 == 3 ? 0x40 : 0;
      f.s->intr_accepted = round % 6 == 4;
      f.s->intr_vector = f.s->intr_accepted ? 0x21 : 0;
      f.s->smbase = 0x30000 + round * 0x8000;
      f.s->in_smm = (f.kvm->klass->capabilities & ASTERN_CAN_MANAGE) && round % 8 == 5;
      f.s->intr = round % 3 == 0;
      f.machine->cpus[0]->sync_in (f.machine->cpus[0]);
      there_and_back (&f);
    }
  tear_down (&f);
}

/* ---- going on ---- */

static const guint8 mixed[] = {
  0xb9, 0x40, 0x00, 0x00, 0x00,                      /*     mov ecx, 64 */
  0xbf, 0x00, 0x00, 0x03, 0x00,                      /*     mov edi, 30000h */
  0x48, 0x31, 0xc0,                                  /*     xor rax, rax */
  0xdb, 0xe3,                                        /*     fninit */
  0xd9, 0xe8,                                        /*     fld1 */
  0x48, 0x05, 0xff, 0xff, 0xff, 0x7f,                /* 1:  add rax, 7fffffffh */
  0x48, 0x11, 0xc3,                                  /*     adc rbx, rax */
  0x48, 0x19, 0x1f,                                  /*     sbb [rdi], rbx */
  0x48, 0xd3, 0xc2,                                  /*     rol rdx, cl */
  0x48, 0x31, 0x57, 0x08,                            /*     xor [rdi+8], rdx */
  0x50,                                              /*     push rax */
  0x5e,                                              /*     pop rsi */
  0x66, 0x48, 0x0f, 0x6e, 0xc0,                      /*     movq xmm0, rax */
  0x66, 0x0f, 0xef, 0xc8,                            /*     pxor xmm1, xmm0 */
  0xf3, 0x48, 0x0f, 0x2a, 0xd1,                      /*     cvtsi2ss xmm2, rcx */
  0x0f, 0x58, 0xda,                                  /*     addps xmm3, xmm2 */
  0xd8, 0xc0,                                        /*     fadd st, st(0) */
  0x4d, 0x0f, 0xaf, 0xc1,                            /*     imul r8, r9 */
  0x49, 0xff, 0xc1,                                  /*     inc r9 */
  0xff, 0xc9,                                        /*     dec ecx */
  0x75, 0xcd,                                        /*     jnz 1b */
  0xb0, 0x2a,                                        /*     mov al, 42 */
  0xe6, EXIT_PORT,                                   /*     out f4h, al */
  0xf4,                                              /*     hlt */
};

static void
start_mixed (Fixture *f)
{
  shift (f, f->translate);
  x86_state_reset (f->s, TRUE, 0);
  long_mode (f->s);
  put (f, CODE, mixed, sizeof mixed);
  memset (astern_memory_host (f->machine->memory, f->ram->start + DATA), 0, 64);
  f->machine->cpus[0]->sync_in (f->machine->cpus[0]);
}

static void
run_to_end (Fixture *f, guint value)
{
  astern_machine_run (f->machine, G_MAXUINT64);
  f->machine->cpus[0]->sync_out (f->machine->cpus[0]);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_DEBUG_EXIT);
  g_assert_cmpuint (f->machine->stop.value & 0xff, ==, value);
}

static gboolean
set_up_to_run (Fixture *f)
{
  if (!set_up (f, 1))
    return FALSE;
  if (f->whole)
    return TRUE;
  g_test_skip ("this host's KVM is not a whole one: it does not run a program in long mode");
  tear_down (f);
  return FALSE;
}

static void
a_program_ends_the_same_however_often_engines_change (void)
{
  Fixture f = { 0 };
  X86State expected;
  guint64 sums[2];
  guint64 found[2];

  if (!set_up_to_run (&f))
    return;
  start_mixed (&f);
  run_to_end (&f, 42);
  expected = *f.s;
  memcpy (sums, astern_memory_host (f.machine->memory, f.ram->start + DATA), sizeof sums);
  start_mixed (&f);
  for (guint i = 0; i < 230; i++)
    {
      shift (&f, i & 1 ? f.translate : f.kvm);
      astern_machine_run (f.machine, f.machine->clock.s.icount + 1 + i % 7);
      if (f.machine->stop.reason != ASTERN_STOP_ICOUNT)
        g_error ("after %u shifts, at %" G_GINT64_MODIFIER "x: %u, value %" G_GINT64_MODIFIER "x, %s", i + 1, f.s->rip,
                 f.machine->stop.reason, f.machine->stop.value, f.machine->stop.detail);
    }
  shift (&f, f.kvm);
  run_to_end (&f, 42);
  memcpy (found, astern_memory_host (f.machine->memory, f.ram->start + DATA), sizeof found);
  g_assert_cmpmem (found, sizeof found, sums, sizeof sums);
  g_assert_cmpmem (f.s->gpr, sizeof f.s->gpr, expected.gpr, sizeof expected.gpr);
  g_assert_cmpmem (f.s->vec, sizeof f.s->vec, expected.vec, sizeof expected.vec);
  g_assert_cmpmem (f.s->st[0], 10, expected.st[0], 10);
  g_assert_cmphex (f.s->rflags & ~(guint64) X86_RF, ==, expected.rflags & ~(guint64) X86_RF);
  tear_down (&f);
}

/* nop; nop; ...; mov al, 1; out f4h, al */
static void
start_pending (Fixture *f)
{
  static const guint8 code[] = { 0x90, 0x90, 0xb0, 0x01, 0xe6, EXIT_PORT, 0xf4 };

  shift (f, f->translate);
  x86_state_reset (f->s, TRUE, 0);
  long_mode (f->s);
  put (f, CODE, code, sizeof code);
  f->s->rflags |= X86_IF;
}

static void
what_was_pending_is_delivered_by_the_other_engine (void)
{
  Fixture f = { 0 };

  if (!set_up_to_run (&f))
    return;
  for (guint i = 0; i < 6; i++)
    {
      static const guint8 vectors[] = { 0x21, X86_EXC_NMI, X86_EXC_DB };

      start_pending (&f);
      f.s->intr_accepted = i % 3 == 0;
      f.s->intr_vector = i % 3 == 0 ? 0x21 : 0;
      f.s->nmi_pending = i % 3 == 1;
      f.s->debug_pending = i % 3 == 2 ? 0x40 : 0;
      f.machine->cpus[0]->sync_in (f.machine->cpus[0]);
      shift (&f, f.kvm);
      if (i >= 3)
        {
          through_kernel (&f);
          shift (&f, f.translate);
        }
      run_to_end (&f, vectors[i % 3]);
      g_assert_cmphex (f.s->gpr[X86_RSP], ==, STACK - 40);
      if (i % 3 == 2)
        g_assert_cmphex (f.s->dr[6] & 0xe00f, ==, X86_DR6_BS);
    }
  tear_down (&f);
}

/* ---- system management mode ---- */

static void
smm_changed (AsternMachine *machine, guint cpu, gboolean in_smm)
{
}

/* A program that waits, and one in SMRAM (here: RAM at 38000h) that says 7 and returns. */
static void
a_system_management_interrupt_is_served_by_either_engine (void)
{
  static const guint8 waiting[] = { 0xb0, 0x01, 0xe6, EXIT_PORT, 0xf4 };     /* mov al, 1; out f4h, al; hlt */
  static const guint8 handler[] = { 0xb0, 0x07, 0xe6, EXIT_PORT, 0x0f, 0xaa };  /* mov al, 7; out f4h, al; rsm */
  Fixture f = { 0 };

  if (!set_up_to_run (&f))
    return;
  if (!(f.kvm->klass->capabilities & ASTERN_CAN_MANAGE))
    {
      g_test_skip ("this host's KVM has no system management mode");
      tear_down (&f);
      return;
    }
  f.machine->smm_changed = smm_changed;
  for (guint i = 0; i < 4; i++)
    {
      shift (&f, f.translate);
      x86_state_reset (f.s, TRUE, 0);
      long_mode (f.s);
      put (&f, CODE, waiting, sizeof waiting);
      put (&f, 0x38000, handler, sizeof handler);
      f.s->smi_pending = 1;
      f.machine->cpus[0]->sync_in (f.machine->cpus[0]);
      shift (&f, i & 1 ? f.kvm : f.translate);
      run_to_end (&f, 7);
      g_assert_true (f.s->in_smm);
      if (i & 2)
        shift (&f, i & 1 ? f.translate : f.kvm);     /* in the middle of it: the other one's RSM takes what this one saved */
      run_to_end (&f, 1);
      g_assert_false (f.s->in_smm);
      g_assert_cmphex (f.s->gpr[X86_RSP], ==, STACK);
    }
  tear_down (&f);
}

/* ---- the end ---- */

static void
a_guest_that_halts_for_good_is_told (void)
{
  static const guint8 halted[] = { 0xfa, 0xf4 };     /* cli; hlt */
  Fixture f = { 0 };

  if (!set_up_to_run (&f))
    return;
  shift (&f, f.translate);
  x86_state_reset (f.s, TRUE, 0);
  long_mode (f.s);
  put (&f, CODE, halted, sizeof halted);
  f.machine->cpus[0]->sync_in (f.machine->cpus[0]);
  shift (&f, f.kvm);
  astern_machine_run (f.machine, G_MAXUINT64);
  g_assert_cmpint (f.machine->stop.reason, ==, ASTERN_STOP_DEADLOCK);
  tear_down (&f);
}

/* ---- the debugger's shift ---- */

static void
from_kvm_to_translate_history_starts_there (void)
{
  const AsternTimelineOptions history = { .budget_bytes = 64 << 20 };
  g_autoptr (AsternDebugger) debugger = NULL;
  g_autoptr (GError) error = NULL;
  Fixture f = { 0 };

  if (!set_up_to_run (&f))
    return;
  start_mixed (&f);
  debugger = astern_debugger_new (f.machine, &history, NULL);
  g_assert_cmpuint (astern_timeline_marks (astern_debugger_timeline (debugger)), ==, 1);
  g_assert_true (astern_debugger_shift (debugger, "kvm", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (astern_timeline_marks (astern_debugger_timeline (debugger)), ==, 0);
  g_assert_true (astern_debugger_lacks (debugger, ASTERN_MOVE_STEP_BACK) & ASTERN_NEEDS_HISTORY);
  astern_timeline_run (astern_debugger_timeline (debugger), (AsternMoment) { f.machine->clock.s.icount + 20, 0 });
  g_assert_true (astern_debugger_shift (debugger, "translate", &error));
  g_assert_cmpuint (astern_timeline_start (astern_debugger_timeline (debugger)).icount, ==, f.machine->clock.s.icount);
  astern_timeline_run (astern_debugger_timeline (debugger), (AsternMoment) { f.machine->clock.s.icount + 20, 0 });
  g_assert_true (astern_timeline_seek (astern_debugger_timeline (debugger), (AsternMoment) { f.machine->clock.s.icount - 10, 0 }, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (astern_debugger_shift (debugger, "translate", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_clear_object (&debugger);
  tear_down (&f);
}

static void
a_state_that_kvm_cannot_have_is_refused (void)
{
  const AsternTimelineOptions history = { .budget_bytes = 0 };
  g_autoptr (AsternDebugger) debugger = NULL;
  g_autoptr (GError) error = NULL;
  Fixture f = { 0 };

  if (!set_up (&f, 1))
    return;
  debugger = astern_debugger_new (f.machine, &history, NULL);
  if (!(f.kvm->klass->capabilities & ASTERN_CAN_MANAGE))
    {
      f.s->in_smm = 1;
      g_assert_false (astern_debugger_shift (debugger, "kvm", &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
      g_clear_error (&error);
      f.s->in_smm = 0;
    }
  f.s->a20 = 0;
  g_assert_false (astern_debugger_shift (debugger, "kvm", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_true (f.machine->engine == f.translate);
  g_clear_object (&debugger);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/shift/a_state_goes_to_kvm_and_back_and_is_the_same/%s", modes[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), a_state_goes_to_kvm_and_back_and_is_the_same);
    }
#define ADD(name) g_test_add_func ("/shift/" #name, name)
  ADD (a_program_ends_the_same_however_often_engines_change);
  ADD (what_was_pending_is_delivered_by_the_other_engine);
  ADD (a_system_management_interrupt_is_served_by_either_engine);
  ADD (a_guest_that_halts_for_good_is_told);
  ADD (from_kvm_to_translate_history_starts_there);
  ADD (a_state_that_kvm_cannot_have_is_refused);
#undef ADD
  return g_test_run ();
}
