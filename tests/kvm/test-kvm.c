/* test-kvm - points of every kind and steps on a small guest, by /dev/kvm.
 *
 * The guest runs in protected mode with paging, and ends by a write to port f4h.  A row of `cases` is a point and how often it hits:
 * stopped at, and only told of.  However it was run, the guest must have computed the same. */
#include "config.h"

#include "arch/x86/state.h"
#include "core/expression.h"
#include "kvm/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Linear addresses; physical ones are the same, but for FAR's page. */
enum
{
  PD         = 0x1000,
  PT         = 0x2000,
  GDT        = 0x3000,
  IDT        = 0x4000,
  STACK      = 0x9000,      /* its top */
  CODE       = 0x10000,
  ENTERED    = 0x10100,
  HANDLER    = 0x11140,     /* the handlers have a page of their own */
  INT_HANDLER = 0x11144,    /* of INT 30h and 80h */
  BP_HANDLER = 0x11148,
  PF_HANDLER = 0x11150,
  DATA       = 0x20000,
  SHADOW     = 0x22000,     /* physical page that linear page FAR is */
  ABSENT     = 0x23000,
  FAR        = 0x30000,
  DEVICE     = 0x3f000,     /* nothing is there */
  RAM        = 0x40000,
};
#define PAGE 0x1000
#define ANY  ASTERN_POINT_ANY
#define END_PORT 0xf4

static const guint8 program[] = {
  0xb9, 0x05, 0x00, 0x00, 0x00,                         /* 10000: mov $0x5,%ecx */
  0xa1, 0x00, 0x00, 0x02, 0x00,                         /* 10005: mov 0x20000,%eax */
  0x83, 0xc0, 0x03,                                     /* 1000a: add $0x3,%eax */
  0xa3, 0x00, 0x00, 0x02, 0x00,                         /* 1000d: mov %eax,0x20000 */
  0xff, 0x05, 0x04, 0x00, 0x02, 0x00,                   /* 10012: incl 0x20004 */
  0x50,                                                 /* 10018: push %eax */
  0x5a,                                                 /* 10019: pop %edx */
  0x49,                                                 /* 1001a: dec %ecx */
  0x75, 0xe8,                                           /* 1001b: jne 5 */
  0xb9, 0x14, 0x00, 0x00, 0x00,                         /* 1001d: mov $0x14,%ecx */
  0xbe, 0x00, 0x00, 0x02, 0x00,                         /* 10022: mov $0x20000,%esi */
  0xbf, 0x00, 0x04, 0x02, 0x00,                         /* 10027: mov $0x20400,%edi */
  0xf3, 0xa4,                                           /* 1002c: rep movsb %ds:(%esi),%es:(%edi) */
  0xc7, 0x05, 0xfe, 0x0f, 0x02, 0x00, 0x44, 0x33, 0x22, 0x11,/* 1002e: movl $0x11223344,0x20ffe */
  0x8b, 0x1d, 0xfe, 0x0f, 0x02, 0x00,                   /* 10038: mov 0x20ffe,%ebx */
  0xe6, 0x80,                                           /* 1003e: out %al,$0x80 */
  0xe4, 0x80,                                           /* 10040: in $0x80,%al */
  0x66, 0xba, 0x80, 0x00,                               /* 10042: mov $0x80,%dx */
  0xef,                                                 /* 10046: out %eax,(%dx) */
  0xcd, 0x30,                                           /* 10047: int $0x30 */
  0xb8, 0x07, 0x00, 0x00, 0x00,                         /* 10049: mov $0x7,%eax */
  0xcd, 0x80,                                           /* 1004e: int $0x80 */
  0xcc,                                                 /* 10050: int3 */
  0x8b, 0x1d, 0x00, 0x30, 0x02, 0x00,                   /* 10051: mov 0x23000,%ebx */
  0x0f, 0x20, 0xc0,                                     /* 10057: mov %cr0,%eax */
  0x0f, 0x22, 0xc0,                                     /* 1005a: mov %eax,%cr0 */
  0x0f, 0x06,                                           /* 1005d: clts */
  0xb9, 0x74, 0x01, 0x00, 0x00,                         /* 1005f: mov $0x174,%ecx */
  0xb8, 0x08, 0x00, 0x00, 0x00,                         /* 10064: mov $0x8,%eax */
  0x31, 0xd2,                                           /* 10069: xor %edx,%edx */
  0x0f, 0x30,                                           /* 1006b: wrmsr */
  0x0f, 0x32,                                           /* 1006d: rdmsr */
  0xb9, 0x75, 0x01, 0x00, 0x00,                         /* 1006f: mov $0x175,%ecx */
  0xb8, 0x00, 0x80, 0x00, 0x00,                         /* 10074: mov $0x8000,%eax */
  0x0f, 0x30,                                           /* 10079: wrmsr */
  0xb9, 0x76, 0x01, 0x00, 0x00,                         /* 1007b: mov $0x176,%ecx */
  0xb8, 0x00, 0x01, 0x01, 0x00,                         /* 10080: mov $0x10100,%eax */
  0x0f, 0x30,                                           /* 10085: wrmsr */
  0x66, 0x87, 0xdb,                                     /* 10087: xchg %bx,%bx */
  0x9c,                                                 /* 1008a: pushf */
  0x5f,                                                 /* 1008b: pop %edi */
  0xb8, 0xd2, 0x04, 0x00, 0x00,                         /* 1008c: mov $0x4d2,%eax */
  0x0f, 0x34,                                           /* 10091: sysenter */
};

static const guint8 entered[] = {
  0x0f, 0x10, 0x05, 0x00, 0x00, 0x02, 0x00,             /* 10100: movups 0x20000,%xmm0 */
  0x0f, 0x11, 0x05, 0x10, 0x00, 0x02, 0x00,             /* 10107: movups %xmm0,0x20010 */
  0xc7, 0x05, 0x04, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, /* 1010e: movl $0x1,0x30004 */
  0xe8, 0x04, 0x00, 0x00, 0x00,                         /* 10118: call 10121 */
  0xe6, 0xf4,                                           /* 1011d: out %al,$0xf4 */
  0xeb, 0xfe,                                           /* 1011f: jmp 1011f */
  0xc3,                                                 /* 10121: ret */
};

static const guint8 iret_handler[] = {
  0xcf,                                                 /* 11140: iret */
};

static const guint8 pf_handler[] = {
  0x83, 0xc4, 0x04,                                     /* 11150: add $0x4,%esp */
  0x83, 0x04, 0x24, 0x06,                               /* 11153: addl $0x6,(%esp) */
  0xcf,                                                 /* 11157: iret */
};

typedef struct
{
  AsternMachine  *machine;
  AsternRamBlock *ram;
  X86Features     features;
  guint           n_told;
} Fixture;

/* ---- the machine ---- */

static void
put (Fixture *f, guint32 physical, gconstpointer data, gsize size)
{
  astern_memory_write (f->machine->memory, f->ram->start + physical, data, size);
}

static void
put4 (Fixture *f, guint32 physical, guint32 value)
{
  put (f, physical, &value, 4);
}

static void
put8 (Fixture *f, guint32 physical, guint64 value)
{
  put (f, physical, &value, 8);
}

static guint32
get4 (Fixture *f, guint32 physical)
{
  guint32 value;

  memcpy (&value, astern_memory_host (f->machine->memory, f->ram->start + physical), 4);
  return value;
}

static void
make_memory (Fixture *f)
{
  put4 (f, PD, PT | 3);
  for (guint32 page = 0; page < RAM; page += PAGE)
    put4 (f, PT + page / PAGE * 4, page == ABSENT ? 0 : page == FAR ? SHADOW | 3 : page == DEVICE ? 0x80003 : page | 3);
  put8 (f, GDT + 0x08, G_GUINT64_CONSTANT (0x00cf9b000000ffff));
  put8 (f, GDT + 0x10, G_GUINT64_CONSTANT (0x00cf93000000ffff));
  for (guint i = 0; i < 256; i++)
    {
      guint32 offset = i == X86_EXC_PF ? PF_HANDLER : i == X86_EXC_BP ? BP_HANDLER : i == 0x30 || i == 0x80 ? INT_HANDLER : HANDLER;

      put8 (f, IDT + 8 * i, (offset & 0xffff) | 0x08 << 16 | G_GUINT64_CONSTANT (0x8e) << 40 | (guint64) (offset >> 16) << 48);
    }
  put (f, CODE, program, sizeof program);
  put (f, ENTERED, entered, sizeof entered);
  put (f, HANDLER, iret_handler, sizeof iret_handler);
  put (f, INT_HANDLER, iret_handler, sizeof iret_handler);
  put (f, BP_HANDLER, iret_handler, sizeof iret_handler);
  put (f, PF_HANDLER, pf_handler, sizeof pf_handler);
}

static X86State *
state_of (Fixture *f)
{
  return f->machine->cpus[0]->state;
}

static void
make_state (Fixture *f)
{
  X86State *s = state_of (f);
  X86Segment data = { .limit = G_MAXUINT32, .selector = 0x10, .attr = 0xc093 };

  s->cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_PG;
  s->cr3 = PD;
  s->cr4 = X86_CR4_OSFXSR;
  s->fcw = 0x037f;
  s->ftw = 0;
  s->gdtr_base = GDT;
  s->gdtr_limit = 0x17;
  s->idtr_base = IDT;
  s->idtr_limit = 256 * 8 - 1;
  s->seg[X86_CS] = (X86Segment) { .limit = G_MAXUINT32, .selector = 0x08, .attr = 0xc09b };
  s->seg[X86_SS] = s->seg[X86_DS] = s->seg[X86_ES] = s->seg[X86_FS] = s->seg[X86_GS] = data;
  memset (s->gpr, 0, sizeof s->gpr);
  s->gpr[X86_RSP] = STACK;
  s->rip = CODE;
  s->rflags = 2;
  f->machine->cpus[0]->sync_in (f->machine->cpus[0]);
}

static AsternPoint
point (AsternPointKind kind, guint64 at)
{
  return (AsternPoint) { .kind = kind, .start = at, .size = 1, .address_space = ANY, .error_code = ANY, .cpu = ANY,
                         .enabled = TRUE };
}

static void
start (Fixture *f)
{
  AsternKvmOptions options = { .features = &f->features, .n_cpus = 1 };
  AsternPoint end = point (ASTERN_POINT_PORT, END_PORT);
  GError *error = NULL;

  memset (f, 0, sizeof *f);
  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  f->ram = astern_memory_add (f->machine->memory, "ram", RAM, FALSE, &error);
  g_assert_no_error (error);
  x86_features_parse (&f->features, "x86-64-v1", 1, &error);
  g_assert_no_error (error);
  astern_bus_add_memory (f->machine->physical, 0, f->ram, 0);
  g_assert_nonnull (astern_kvm_engine_new (f->machine, &options, &error));
  g_assert_no_error (error);
  astern_machine_reset (f->machine);
  make_memory (f);
  make_state (f);
  astern_points_add (f->machine->points, &end);
}

static void
end (Fixture *f)
{
  astern_machine_free (f->machine);
}

static void
told (gpointer data, const AsternHit *hit)
{
  Fixture *f = data;

  f->n_told++;
  if (g_test_verbose ())
    g_printerr ("# kind %u point %u pc %" G_GINT64_MODIFIER "x linear %" G_GINT64_MODIFIER "x physical %" G_GINT64_MODIFIER "x number %"
                G_GINT64_MODIFIER "x size %u access %u %" G_GINT64_MODIFIER "x -> %" G_GINT64_MODIFIER "x error %" G_GINT64_MODIFIER "x\n",
                hit->kind, hit->point->id, hit->pc, hit->linear, hit->physical, hit->number, hit->size, hit->access, hit->old_value,
                hit->new_value, hit->error_code);
}

/* Whether it is another point than the end. */
static gboolean
run (Fixture *f)
{
  astern_points_set_mode (f->machine->points, ASTERN_POINTS_STOP, told, f);
  astern_points_resume_at (f->machine->points, astern_clock_moment (&f->machine->clock));
  astern_machine_run (f->machine, G_MAXUINT64);
  astern_points_set_mode (f->machine->points, ASTERN_POINTS_OFF, NULL, NULL);
  f->machine->cpus[0]->sync_out (f->machine->cpus[0]);
  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_POINT);
  if (astern_points_last_hit (f->machine->points)->number == END_PORT)
    return FALSE;
  told (f, astern_points_last_hit (f->machine->points));
  return TRUE;
}

/* What it computed. */
static void
assert_done (Fixture *f)
{
  g_assert_cmphex (state_of (f)->rip, ==, 0x1011f);
  g_assert_cmphex (get4 (f, DATA), ==, 15);
  g_assert_cmphex (get4 (f, DATA + 4), ==, 5);
  g_assert_cmphex (get4 (f, DATA + 0x10), ==, 15);
  g_assert_cmphex (get4 (f, DATA + 0x400), ==, 15);
  g_assert_cmphex (get4 (f, SHADOW + 4), ==, 1);
  g_assert_cmphex (state_of (f)->gpr[X86_RBX], ==, 0x11223344);
  g_assert_cmphex (state_of (f)->gpr[X86_RDI] & X86_TF, ==, 0);      /* PUSHF */
  g_assert_cmphex (state_of (f)->sysenter_eip, ==, ENTERED);
  g_assert_cmpint (memcmp (astern_memory_host (f->machine->memory, f->ram->start + CODE), program, sizeof program), ==, 0);
  g_assert_cmpint (memcmp (astern_memory_host (f->machine->memory, f->ram->start + ENTERED), entered, sizeof entered), ==, 0);
  g_assert_cmpint (get4 (f, HANDLER) & 0xff, ==, 0xcf);
  g_assert_cmpint (get4 (f, PF_HANDLER), ==, 0x8304c483);
}

/* ---- the cases ---- */

typedef struct
{
  const char     *name;
  AsternPointKind kind;
  AsternSpace     space;
  guint64         start, size;
  guint8          access;
  gboolean        changes_only;
  guint64         error_code;
  const char     *condition;
  guint           n_hits;
} Case;

enum { R = ASTERN_POINT_READ, W = ASTERN_POINT_WRITE, F = ASTERN_POINT_FETCH };
#define LIN  ASTERN_SPACE_LINEAR
#define VIRT ASTERN_SPACE_VIRTUAL
#define PHYS ASTERN_SPACE_PHYSICAL

static const Case cases[] = {
  { "the_first_instruction", ASTERN_POINT_EXECUTE, LIN, 0x10000, 1, 0, FALSE, ANY, NULL, 0 },
  { "the_head_of_a_loop", ASTERN_POINT_EXECUTE, LIN, 0x10005, 1, 0, FALSE, ANY, NULL, 5 },
  { "an_offset", ASTERN_POINT_EXECUTE, VIRT, 0x10019, 1, 0, FALSE, ANY, NULL, 5 },
  { "a_physical_address", ASTERN_POINT_EXECUTE, PHYS, 0x1001a, 1, 0, FALSE, ANY, NULL, 5 },
  { "a_physical_address_of_a_jump", ASTERN_POINT_EXECUTE, PHYS, 0x1001b, 1, 0, FALSE, ANY, NULL, 5 },
  { "a_range_of_code", ASTERN_POINT_EXECUTE, LIN, 0x10005, 0x18, 0, FALSE, ANY, NULL, 40 },
  { "a_repetition_hits_once", ASTERN_POINT_EXECUTE, LIN, 0x1002c, 1, 0, FALSE, ANY, NULL, 1 },
  { "a_repetition_in_memory_hits_once", ASTERN_POINT_EXECUTE, PHYS, 0x1002c, 1, 0, FALSE, ANY, NULL, 1 },
  { "an_instruction_that_faults", ASTERN_POINT_EXECUTE, LIN, 0x10051, 1, 0, FALSE, ANY, NULL, 1 },
  { "an_instruction_that_faults_in_memory", ASTERN_POINT_EXECUTE, PHYS, 0x10051, 1, 0, FALSE, ANY, NULL, 1 },
  { "the_guest's_own_breakpoint_instruction", ASTERN_POINT_EXECUTE, LIN, 0x10050, 1, 0, FALSE, ANY, NULL, 1 },
  { "a_handler", ASTERN_POINT_EXECUTE, LIN, INT_HANDLER, 1, 0, FALSE, ANY, NULL, 2 },
  { "a_handler_in_memory", ASTERN_POINT_EXECUTE, PHYS, PF_HANDLER, 1, 0, FALSE, ANY, NULL, 1 },
  { "code_with_a_condition", ASTERN_POINT_EXECUTE, LIN, 0x1000d, 1, 0, FALSE, ANY, "$eax == 9 && u32[0x20004] == 2", 1 },
  { "code_with_a_condition_in_memory", ASTERN_POINT_EXECUTE, PHYS, 0x1000d, 1, 0, FALSE, ANY, "$eax == 9 && u32[0x20004] == 2", 1 },
  { "writes", ASTERN_POINT_MEMORY, LIN, DATA, 4, W, FALSE, ANY, NULL, 5 },
  { "the_stack", ASTERN_POINT_MEMORY, LIN, STACK - 4, 4, W, TRUE, ANY, NULL, 8 },
  { "the_stack's_page", ASTERN_POINT_MEMORY, PHYS, STACK - 4, 4, W, TRUE, ANY, NULL, 8 },
  { "writes_of_a_page", ASTERN_POINT_MEMORY, PHYS, DATA, 4, W, FALSE, ANY, NULL, 5 },
  { "reads_of_a_page", ASTERN_POINT_MEMORY, PHYS, DATA + 4, 4, R, FALSE, ANY, NULL, 10 },
  { "a_value", ASTERN_POINT_MEMORY, LIN, DATA, 4, W, FALSE, ANY, "$new == 9 && $old == 6", 1 },
  { "a_value_in_a_page", ASTERN_POINT_MEMORY, PHYS, DATA, 4, W, FALSE, ANY, "$new == 9 && $old == 6", 1 },
  { "bytes_of_a_vector", ASTERN_POINT_MEMORY, LIN, DATA + 0x1f, 1, W, FALSE, ANY, NULL, 1 },
  { "bytes_of_a_vector_in_a_page", ASTERN_POINT_MEMORY, LIN, DATA + 0x1d, 3, W, FALSE, ANY, NULL, 1 },
  { "the_end_of_an_access_over_two_pages", ASTERN_POINT_MEMORY, LIN, DATA + 0x1001, 1, W, FALSE, ANY, NULL, 1 },
  { "the_other_address", ASTERN_POINT_MEMORY, LIN, FAR + 4, 4, W, FALSE, ANY, NULL, 1 },
  { "the_other_address_in_a_page", ASTERN_POINT_MEMORY, LIN, FAR + 3, 4, W, FALSE, ANY, NULL, 1 },
  { "a_physical_page_by_another_address", ASTERN_POINT_MEMORY, PHYS, SHADOW + 4, 4, W, FALSE, ANY, NULL, 1 },
  { "a_write_that_changes_nothing", ASTERN_POINT_MEMORY, PHYS, 0x20405, 1, W, TRUE, ANY, NULL, 0 },
  { "a_port", ASTERN_POINT_PORT, 0, 0x80, 1, 0, FALSE, ANY, NULL, 3 },
  { "writes_of_a_port", ASTERN_POINT_PORT, 0, 0x80, 1, W, FALSE, ANY, NULL, 2 },
  { "a_wide_write_of_a_port", ASTERN_POINT_PORT, 0, 0x80, 1, 0, FALSE, ANY, "$size == 4", 1 },
  { "an_msr", ASTERN_POINT_MSR, 0, 0x174, 1, 0, FALSE, ANY, NULL, 2 },
  { "writes_of_msrs", ASTERN_POINT_MSR, 0, 0x174, 3, W, FALSE, ANY, NULL, 3 },
  { "any_msr", ASTERN_POINT_MSR, 0, ANY, 1, 0, FALSE, ANY, NULL, 4 },
  { "cr0", ASTERN_POINT_CONTROL, 0, 0, 1, 0, FALSE, ANY, NULL, 2 },
  { "cr4", ASTERN_POINT_CONTROL, 0, 4, 1, 0, FALSE, ANY, NULL, 0 },
  { "any_exception", ASTERN_POINT_EXCEPTION, 0, ANY, 1, 0, FALSE, ANY, NULL, 2 },
  { "a_page_fault", ASTERN_POINT_EXCEPTION, 0, X86_EXC_PF, 1, 0, FALSE, 0, NULL, 1 },
  { "a_breakpoint_instruction", ASTERN_POINT_EXCEPTION, 0, X86_EXC_BP, 1, 0, FALSE, ANY, NULL, 1 },
  { "an_interrupt", ASTERN_POINT_INTERRUPT, 0, 0x30, 1, 0, FALSE, ANY, NULL, 1 },
  { "any_interrupt", ASTERN_POINT_INTERRUPT, 0, ANY, 1, 0, FALSE, ANY, NULL, 3 },
  { "system_calls", ASTERN_POINT_SYSCALL, 0, ANY, 1, 0, FALSE, ANY, NULL, 2 },
  { "a_system_call_by_number", ASTERN_POINT_SYSCALL, 0, 1234, 1, F, FALSE, ANY, NULL, 1 },
  { "the_magic_instruction", ASTERN_POINT_MAGIC, 0, 0, 1, 0, FALSE, ANY, NULL, 1 },
};

static AsternPoint
point_of (const Case *c)
{
  AsternPoint p = { .kind = c->kind, .space = c->space, .start = c->start, .size = c->size, .access = c->access,
                    .changes_only = c->changes_only, .address_space = ANY, .error_code = c->error_code, .cpu = ANY,
                    .enabled = TRUE };
  GError *error = NULL;

  if (c->condition != NULL)
    p.condition = astern_expression_new (c->condition, &x86_cpu_class, NULL, &error);
  g_assert_no_error (error);
  return p;
}

static void
hits (gconstpointer data)
{
  const Case *c = data;

  for (guint log_only = 0; log_only < 2; log_only++)
    {
      AsternPoint p = point_of (c);
      Fixture f;

      p.log_only = log_only;
      start (&f);
      astern_points_add (f.machine->points, &p);
      while (run (&f))
        ;
      g_assert_cmpint (f.n_told, ==, c->n_hits);
      assert_done (&f);
      end (&f);
    }
}

/* ---- more than one ---- */

static void
six_breakpoints_each_stop (void)
{
  static const guint32 places[] = { 0x10005, 0x1000a, 0x1000d, 0x10012, 0x10019, 0x1001b };
  guint counts[G_N_ELEMENTS (places)] = { 0 };
  Fixture f;

  start (&f);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      AsternPoint p = point (ASTERN_POINT_EXECUTE, places[i]);

      p.user = &counts[i];
      astern_points_add (f.machine->points, &p);
    }
  while (run (&f))
    {
      const AsternHit *hit = astern_points_last_hit (f.machine->points);

      ++*(guint *) hit->point->user;
      g_assert_cmphex (state_of (&f)->rip, ==, hit->point->start);
      g_assert_cmphex (hit->pc, ==, hit->point->start);
    }
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    g_assert_cmpint (counts[i], ==, 5);
  assert_done (&f);
  end (&f);
}

/* No more than four have a debug register.  (The stack is changed by PUSH, by the frames of INT 30h and of the
 * page fault, and by PUSHF.) */
static void
five_watchpoints_each_stop (void)
{
  static const guint32 places[] = { DATA, DATA + 4, STACK - 4, 0x20404, FAR + 4 };
  static const guint expected[] = { 5, 5, 8, 1, 1 };
  guint counts[G_N_ELEMENTS (places)] = { 0 };
  Fixture f;

  start (&f);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      AsternPoint p = point (ASTERN_POINT_MEMORY, places[i]);

      p.access = W;
      p.size = 4;
      p.changes_only = TRUE;
      p.user = &counts[i];
      astern_points_add (f.machine->points, &p);
    }
  while (run (&f))
    ++*(guint *) astern_points_last_hit (f.machine->points)->point->user;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    g_assert_cmpint (counts[i], ==, expected[i]);
  assert_done (&f);
  end (&f);
}

static void
ignored_and_temporary_points (void)
{
  AsternPoint p = point (ASTERN_POINT_EXECUTE, 0x10005);
  Fixture f;
  guint id;

  start (&f);
  p.ignore = 2;
  p.temporary = TRUE;
  id = astern_points_add (f.machine->points, &p)->id;
  g_assert_true (run (&f));
  g_assert_cmphex (state_of (&f)->gpr[X86_RCX], ==, 3);
  g_assert_null (astern_points_find (f.machine->points, id));
  g_assert_false (run (&f));
  assert_done (&f);
  end (&f);
}

/* ---- steps ---- */

static AsternStopReason
step (Fixture *f)
{
  AsternMoment now = astern_clock_moment (&f->machine->clock);

  f->machine->until_step = now.step + 1;
  astern_machine_run (f->machine, now.icount);
  f->machine->until_step = 0;
  f->machine->cpus[0]->sync_out (f->machine->cpus[0]);
  return f->machine->stop.reason;
}

/* INT, exceptions and the system call are single steps like others, and nobody sees the trap flag. */
static void
a_whole_program_by_steps (void)
{
  Fixture f;
  guint n = 0;

  start (&f);
  while (state_of (&f)->rip != 0x1011f && n++ < 1000)
    {
      guint64 rip = state_of (&f)->rip;

      g_assert_cmpint (step (&f), ==, ASTERN_STOP_ICOUNT);
      g_assert_cmphex (state_of (&f)->rflags & X86_TF, ==, 0);
      if (rip == 0x10047 || rip == 0x1004e)
        g_assert_cmphex (state_of (&f)->rip, ==, INT_HANDLER);
      if (rip == 0x10050)
        g_assert_cmphex (state_of (&f)->rip, ==, BP_HANDLER);
      if (rip == 0x10051)
        {
          g_assert_cmphex (state_of (&f)->rip, ==, PF_HANDLER);
          g_assert_cmpint (f.machine->cpus[0]->exceptions, ==, 1);
          g_assert_cmpint (f.machine->cpus[0]->last_exception, ==, X86_EXC_PF);
          g_assert_cmphex (get4 (&f, (guint32) state_of (&f)->gpr[X86_RSP] + 12) & X86_TF, ==, 0);
        }
      if (rip == 0x10091)
        g_assert_cmphex (state_of (&f)->rip, ==, ENTERED);
    }
  /* The loop is 40, the moved bytes are 20, the fault is one that does not retire. */
  g_assert_cmpint (n, ==, 106);
  assert_done (&f);
  end (&f);
}

/* The kernel forgets its trap flag over a write that it leaves to us. */
static void
an_access_to_a_device_is_one_step (void)
{
  static const guint8 code[] = {
    0xa3, 0x00, 0xf0, 0x03, 0x00,     /* 10300: mov %eax,0x3f000 */
    0xa1, 0x00, 0xf0, 0x03, 0x00,     /* 10305: mov 0x3f000,%eax */
    0xe6, 0x80,                       /* 1030a: out %al,$0x80 */
    0xe4, 0x80,                       /* 1030c: in $0x80,%al */
    0x90,                             /* 1030e: nop */
  };
  static const guint32 places[] = { 0x10305, 0x1030a, 0x1030c, 0x1030e, 0x1030f };
  Fixture f;

  start (&f);
  put (&f, 0x10300, code, sizeof code);
  state_of (&f)->rip = 0x10300;
  f.machine->cpus[0]->sync_in (f.machine->cpus[0]);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_assert_cmpint (step (&f), ==, ASTERN_STOP_ICOUNT);
      g_assert_cmphex (state_of (&f)->rip, ==, places[i]);
      g_assert_cmphex (f.machine->clock.s.icount, ==, i + 1);
    }
  end (&f);
}

/* Debug registers for some, instructions for the others: what even a KVM can that does not get the rest through. */
static void
six_points_in_real_mode (gconstpointer data)
{
  gboolean log_only = data != NULL;
  static const guint8 code[] = {
    0xb9, 0x05, 0x00,                 /* 8000: mov $0x5,%cx */
    0xff, 0x06, 0x00, 0x90,           /* 8003: incw 0x9000 */
    0xa1, 0x00, 0x90,                 /* 8007: mov 0x9000,%ax */
    0xa3, 0x10, 0x90,                 /* 800a: mov %ax,0x9010 */
    0xe2, 0xf4,                       /* 800d: loop 8003 */
    0xe6, 0xf4,                       /* 800f: out %al,$0xf4 */
    0xeb, 0xfe,                       /* 8011: jmp 8011 */
  };
  static const struct { AsternPointKind kind; guint32 at; guint size; guint8 access; } places[] = {
    { ASTERN_POINT_EXECUTE, 0x8003, 1, 0 }, { ASTERN_POINT_EXECUTE, 0x8007, 1, 0 }, { ASTERN_POINT_EXECUTE, 0x800a, 1, 0 },
    { ASTERN_POINT_EXECUTE, 0x800d, 1, 0 }, { ASTERN_POINT_MEMORY, 0x9000, 2, W }, { ASTERN_POINT_MEMORY, 0x9010, 2, W },
  };
  X86State *s;
  Fixture f;

  start (&f);
  put (&f, 0x8000, code, sizeof code);
  s = state_of (&f);
  s->cr0 = X86_CR0_ET;
  for (guint i = X86_ES; i <= X86_GS; i++)
    s->seg[i] = (X86Segment) { .limit = 0xffff, .attr = i == X86_CS ? 0x9b : 0x93 };
  s->rip = 0x8000;
  f.machine->cpus[0]->sync_in (f.machine->cpus[0]);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      AsternPoint p = point (places[i].kind, places[i].at);

      p.size = places[i].size;
      p.access = places[i].access;
      p.log_only = log_only;
      astern_points_add (f.machine->points, &p);
    }
  while (run (&f))
    ;
  /* A run that goes on from a stop is past what stands there. */
  g_assert_cmpint (f.n_told, ==, log_only ? 30 : 20);
  g_assert_cmphex (get4 (&f, 0x9000), ==, 5);
  g_assert_cmphex (get4 (&f, 0x9010), ==, 5);
  g_assert_cmpint (memcmp (astern_memory_host (f.machine->memory, f.ram->start + 0x8000), code, sizeof code), ==, 0);
  end (&f);
}

/* A KVM that is itself emulated, or built upon another one, may not get even this guest through. */
static gboolean
host_can (void)
{
  gboolean can;
  Fixture f;

  start (&f);
  astern_points_set_mode (f.machine->points, ASTERN_POINTS_STOP, NULL, NULL);
  astern_machine_run (f.machine, G_MAXUINT64);
  can = f.machine->stop.reason == ASTERN_STOP_POINT;
  end (&f);
  return can;
}

static void
skip_the_rest (void)
{
  g_test_skip ("this host's KVM does not run a small guest in protected mode to its end");
}

int
main (int argc, char **argv)
{
  int fd;

  g_test_init (&argc, &argv, NULL);
  fd = open ("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (fd < 0)
    {
      g_print ("1..0 # SKIP /dev/kvm: %s\n", g_strerror (errno));
      return 0;
    }
  close (fd);
  g_test_add_data_func ("/kvm/real_mode/six_points_stop", NULL, six_points_in_real_mode);
  g_test_add_data_func ("/kvm/real_mode/six_points_are_told_of", "", six_points_in_real_mode);
  if (!host_can ())
    {
      g_test_add_func ("/kvm/the_rest", skip_the_rest);
      return g_test_run ();
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/kvm/points/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], hits);
    }
  g_test_add_func ("/kvm/points/six_breakpoints_each_stop", six_breakpoints_each_stop);
  g_test_add_func ("/kvm/points/five_watchpoints_each_stop", five_watchpoints_each_stop);
  g_test_add_func ("/kvm/points/ignored_and_temporary_points", ignored_and_temporary_points);
  g_test_add_func ("/kvm/steps/a_whole_program_by_steps", a_whole_program_by_steps);
  g_test_add_func ("/kvm/steps/an_access_to_a_device_is_one_step", an_access_to_a_device_is_one_step);
  return g_test_run ();
}
