/* test-points - points of every kind on a small guest, in the interpreter and in host code.
 *
 * A row of `cases` is a point and how often it hits.  Recorded, stopped at, and not armed at all, the guest
 * must run the same way: hits are compared between tiers and between recording and stopping, and
 * the state at each stop with that of a machine without points that was run to the same moment. */
#include "config.h"

#include "core/expression.h"
#include "translate/engine.h"
#include "translate/x86/cpu.h"

#include <string.h>

/* Linear addresses; physical ones are the same, but for FAR's page. */
enum
{
  PD         = 0x1000,
  PT         = 0x2000,
  GDT        = 0x3000,
  IDT        = 0x4000,
  STACK      = 0xb000,      /* tops */
  STACK1     = 0xc000,      /* of the second CPU */
  CODE       = 0x10000,
  ENTERED    = 0x10100,
  HANDLER    = 0x11140,     /* the handlers have a page of their own */
  PF_HANDLER = 0x11150,
  DATA       = 0x20000,
  SHADOW     = 0x22000,     /* physical page that linear page FAR is */
  ABSENT     = 0x23000,
  FAR        = 0x30000,
  RAM        = 0x40000,
};
#define PAGE 0x1000
#define ANY  ASTERN_POINT_ANY

static const guint8 program[] = {
  0xb9, 0x05, 0x00, 0x00, 0x00,                       /* 10000: mov $0x5,%ecx */
  0xa1, 0x00, 0x00, 0x02, 0x00,                       /* 10005: mov 0x20000,%eax */
  0x83, 0xc0, 0x03,                                   /* 1000a: add $0x3,%eax */
  0xa3, 0x00, 0x00, 0x02, 0x00,                       /* 1000d: mov %eax,0x20000 */
  0xff, 0x05, 0x04, 0x00, 0x02, 0x00,                 /* 10012: incl 0x20004 */
  0x50,                                               /* 10018: push %eax */
  0x5a,                                               /* 10019: pop %edx */
  0x49,                                               /* 1001a: dec %ecx */
  0x75, 0xe8,                                         /* 1001b: jne 10005 <loop> */
  0xb9, 0x14, 0x00, 0x00, 0x00,                       /* 1001d: mov $0x14,%ecx */
  0xbe, 0x00, 0x00, 0x02, 0x00,                       /* 10022: mov $0x20000,%esi */
  0xbf, 0x00, 0x04, 0x02, 0x00,                       /* 10027: mov $0x20400,%edi */
  0xf3, 0xa4,                                         /* 1002c: rep movsb %ds:(%esi),%es:(%edi) */
  0xb9, 0x09, 0x00, 0x00, 0x00,                       /* 1002e: mov $0x9,%ecx */
  0xbf, 0xfa, 0x0f, 0x02, 0x00,                       /* 10033: mov $0x20ffa,%edi */
  0xb0, 0x55,                                         /* 10038: mov $0x55,%al */
  0xf3, 0xaa,                                         /* 1003a: rep stos %al,%es:(%edi) */
  0xc7, 0x05, 0xfe, 0x1f, 0x02, 0x00, 0x44, 0x33, 0x22, 0x11, /* 1003c: movl $0x11223344,0x21ffe */
  0x8b, 0x1d, 0xfe, 0x1f, 0x02, 0x00,                 /* 10046: mov 0x21ffe,%ebx */
  0xe6, 0x80,                                         /* 1004c: out %al,$0x80 */
  0xe4, 0x80,                                         /* 1004e: in $0x80,%al */
  0x66, 0xba, 0x80, 0x00,                             /* 10050: mov $0x80,%dx */
  0xef,                                               /* 10054: out %eax,(%dx) */
  0xcd, 0x30,                                         /* 10055: int $0x30 */
  0xb8, 0x07, 0x00, 0x00, 0x00,                       /* 10057: mov $0x7,%eax */
  0xcd, 0x80,                                         /* 1005c: int $0x80 */
  0xcc,                                               /* 1005e: int3 */
  0x8b, 0x1d, 0x00, 0x30, 0x02, 0x00,                 /* 1005f: mov 0x23000,%ebx */
  0x0f, 0x20, 0xc0,                                   /* 10065: mov %cr0,%eax */
  0x0f, 0x22, 0xc0,                                   /* 10068: mov %eax,%cr0 */
  0x0f, 0x06,                                         /* 1006b: clts */
  0xb9, 0x74, 0x01, 0x00, 0x00,                       /* 1006d: mov $0x174,%ecx */
  0xb8, 0x08, 0x00, 0x00, 0x00,                       /* 10072: mov $0x8,%eax */
  0x31, 0xd2,                                         /* 10077: xor %edx,%edx */
  0x0f, 0x30,                                         /* 10079: wrmsr */
  0x0f, 0x32,                                         /* 1007b: rdmsr */
  0xb9, 0x75, 0x01, 0x00, 0x00,                       /* 1007d: mov $0x175,%ecx */
  0xb8, 0x00, 0x80, 0x00, 0x00,                       /* 10082: mov $0x8000,%eax */
  0x0f, 0x30,                                         /* 10087: wrmsr */
  0xb9, 0x76, 0x01, 0x00, 0x00,                       /* 10089: mov $0x176,%ecx */
  0xb8, 0x00, 0x01, 0x01, 0x00,                       /* 1008e: mov $0x10100,%eax */
  0x0f, 0x30,                                         /* 10093: wrmsr */
  0x66, 0x87, 0xdb,                                   /* 10095: xchg %bx,%bx */
  0xfb,                                               /* 10098: sti */
  0x90,                                               /* 10099: nop */
  0xfa,                                               /* 1009a: cli */
  0xb8, 0xd2, 0x04, 0x00, 0x00,                       /* 1009b: mov $0x4d2,%eax */
  0x0f, 0x34,                                         /* 100a0: sysenter */
};

static const guint8 entered[] = {
  0x0f, 0x10, 0x05, 0x00, 0x00, 0x02, 0x00,           /* 10100: movups 0x20000,%xmm0 */
  0x0f, 0x11, 0x05, 0x10, 0x00, 0x02, 0x00,           /* 10107: movups %xmm0,0x20010 */
  0xc7, 0x05, 0x04, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, /* 1010e: movl $0x1,0x30004 */
  0xff, 0x35, 0x00, 0x00, 0x02, 0x00,                 /* 10118: push 0x20000 */
  0xe8, 0x1d, 0x00, 0x00, 0x00,                       /* 1011e: call 10140 */
  0xdd, 0x05, 0x00, 0x00, 0x02, 0x00,                 /* 10123: fldl 0x20000 */
  0xdd, 0x1d, 0x08, 0x00, 0x02, 0x00,                 /* 10129: fstpl 0x20008 */
  0xbe, 0x00, 0x00, 0x02, 0x00,                       /* 1012f: mov $0x20000,%esi */
  0xbf, 0x00, 0x30, 0x02, 0x00,                       /* 10134: mov $0x23000,%edi */
  0xa5,                                               /* 10139: movsl: reads and then faults */
  0x90, 0x90, 0x90, 0x90, 0x90,                       /* 1013a: what the handler skips with it */
  0xf4,                                               /* 1013f: hlt */
  0xc3,                                               /* 10140: ret */
};

static const guint8 iret_handler[] = {
  0xcf,                                               /* 11140: iret */
};

static const guint8 pf_handler[] = {
  0x83, 0xc4, 0x04,                                   /* 11150: add $0x4,%esp */
  0x83, 0x04, 0x24, 0x06,                             /* 11153: addl $0x6,(%esp) */
  0xcf,                                               /* 11157: iret */
};

static const AsternTier tiers[] = { ASTERN_TIER_INTERP, ASTERN_TIER_ONE, ASTERN_TIER_AUTO };

typedef struct
{
  AsternMachine  *machine;
  AsternRamBlock *ram;
  X86Features     features;
  GString        *hits;       /* what was told, a line each */
  guint           n_hits;
  AsternTimer     timer;
  guint64         deadline;
} Fixture;

/* --- the machine ------------------------------------------------------------------------- */

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

static void
make_memory (Fixture *f)
{
  put4 (f, PD, PT | 3);
  for (guint32 page = 0; page < RAM; page += PAGE)
    put4 (f, PT + page / PAGE * 4, page == ABSENT ? 0 : page == FAR ? SHADOW | 3 : page | 3);
  put8 (f, GDT + 0x08, G_GUINT64_CONSTANT (0x00cf9b000000ffff));
  put8 (f, GDT + 0x10, G_GUINT64_CONSTANT (0x00cf93000000ffff));
  for (guint i = 0; i < 256; i++)
    {
      guint32 offset = i == X86_EXC_PF ? PF_HANDLER : HANDLER;

      put8 (f, IDT + 8 * i, (offset & 0xffff) | 0x08 << 16 | G_GUINT64_CONSTANT (0x8e) << 40 | (guint64) (offset >> 16) << 48);
    }
  put (f, CODE, program, sizeof program);
  put (f, ENTERED, entered, sizeof entered);
  put (f, HANDLER, iret_handler, sizeof iret_handler);
  put (f, PF_HANDLER, pf_handler, sizeof pf_handler);
}

static void
make_state (X86Cpu *cpu, guint32 stack)
{
  X86State *s = &cpu->s;
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
  s->gpr[X86_RSP] = stack;
  s->rip = CODE;
  s->rflags = 2;
  s->wait_for_sipi = 0;
  s->a20 = 1;
  cpu->parent.sync_in (&cpu->parent);
}

/* A device's transfer of four bytes. */
static void
transfer (gpointer owner)
{
  Fixture *f = owner;
  const guint32 value = 0xd0d0d0d0;

  astern_bus_write_bytes (f->machine->physical, (AsternPaddr) { SHADOW + 0x10 }, &value, 4, ASTERN_ORIGIN_DMA);
}

static void
start (Fixture *f, AsternTier tier, guint n_cpus)
{
  AsternTranslateOptions options = { .tier = tier, .features = &f->features, .n_cpus = n_cpus, .turn_insns = 7 };
  GError *error = NULL;

  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  f->ram = astern_memory_add (f->machine->memory, "ram", RAM, FALSE, &error);
  g_assert_no_error (error);
  x86_features_parse (&f->features, "x86-64-v1", n_cpus, &error);
  g_assert_no_error (error);
  astern_bus_add_memory (f->machine->physical, 0, f->ram, 0);
  g_assert_nonnull (astern_translate_engine_new (f->machine, &options, &error));
  g_assert_no_error (error);
  astern_translate_reset_cpus (f->machine);
  make_memory (f);
  for (guint i = 0; i < n_cpus; i++)
    make_state (x86_cpu (f->machine->cpus[i]), i == 0 ? STACK : STACK1);
  astern_timer_init (&f->timer, &f->machine->clock, "transfer", &f->deadline, transfer, f);
  astern_timer_set (&f->timer, 30);
  f->hits = g_string_new (NULL);
  f->n_hits = 0;
}

static void
end (Fixture *f)
{
  g_string_free (f->hits, TRUE);
  f->hits = NULL;
  astern_machine_free (f->machine);
}

/* --- hits ------------------------------------------------------------------------------------ */

static void
told (gpointer data, const AsternHit *hit)
{
  Fixture *f = data;

  f->n_hits++;
  g_string_append_printf (f->hits,
                          "kind %u point %u cpu %u @%" G_GUINT64_FORMAT "+%u..@%" G_GUINT64_FORMAT "+%u pc %" G_GINT64_MODIFIER
                          "x linear %" G_GINT64_MODIFIER "x physical %" G_GINT64_MODIFIER "x number %" G_GINT64_MODIFIER
                          "x size %u access %u origin %u %" G_GINT64_MODIFIER "x -> %" G_GINT64_MODIFIER "x error %"
                          G_GINT64_MODIFIER "x\n",
                          hit->kind, hit->point->id, hit->cpu, hit->before.icount, hit->before.step, hit->after.icount,
                          hit->after.step, hit->pc, hit->linear, hit->physical, hit->number, hit->size, hit->access, hit->origin,
                          hit->old_value, hit->new_value, hit->error_code);
}

static AsternPoint
point (AsternPointKind kind, guint64 at)
{
  return (AsternPoint) { .kind = kind, .start = at, .size = 1, .address_space = ANY, .error_code = ANY, .cpu = ANY,
                         .enabled = TRUE };
}

/* The machine, without points, at the moment: its hash. */
static guint64
hash_at (AsternTier tier, guint64 icount)
{
  Fixture f;
  guint64 hash;

  start (&f, tier, 1);
  astern_machine_run (f.machine, icount);
  hash = astern_machine_hash (f.machine);
  end (&f);
  return hash;
}

/* Runs to the end of the program with @point recorded.  The text is the caller's. */
static char *
record (AsternTier tier, const AsternPoint *point, guint64 *hash)
{
  Fixture f;
  char *text;

  start (&f, tier, 1);
  astern_points_add (f.machine->points, point);
  astern_points_set_mode (f.machine->points, ASTERN_POINTS_RECORD, told, &f);
  astern_machine_run (f.machine, 10000);
  g_assert_cmpint (f.machine->stop.reason, ==, ASTERN_STOP_DEADLOCK);
  *hash = astern_machine_hash (f.machine);
  text = g_strdup (f.hits->str);
  end (&f);
  return text;
}

/* The same, stopping at each hit; hits of one instruction are one stop.  Every stop is at the moment that the
 * hit tells, and the state there is that of a run without points. */
static char *
stop_at_each (AsternTier tier, const AsternPoint *point, guint64 *hash)
{
  Fixture f;
  char *text;

  start (&f, tier, 1);
  astern_points_add (f.machine->points, point);
  astern_points_set_mode (f.machine->points, ASTERN_POINTS_STOP, NULL, NULL);
  for (;;)
    {
      const AsternHit *hit;
      AsternMoment now;

      astern_machine_run (f.machine, 10000);
      if (f.machine->stop.reason != ASTERN_STOP_POINT)
        break;
      hit = astern_points_last_hit (f.machine->points);
      now = astern_clock_moment (&f.machine->clock);
      told (&f, hit);
      g_assert_cmpint (astern_moment_compare (now, hit->after), ==, 0);
      if (now.step == 0 && now.icount != 30)
        g_assert_cmphex (astern_machine_hash (f.machine), ==, hash_at (tier, now.icount));
      astern_points_resume_at (f.machine->points, now);
    }
  g_assert_cmpint (f.machine->stop.reason, ==, ASTERN_STOP_DEADLOCK);
  *hash = astern_machine_hash (f.machine);
  text = g_strdup (f.hits->str);
  end (&f);
  return text;
}

/* --- the cases ---------------------------------------------------------------------------------- */

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
  { "the_head_of_a_loop", ASTERN_POINT_EXECUTE, LIN, 0x10005, 1, 0, FALSE, ANY, NULL, 5 },
  { "the_middle_of_a_unit", ASTERN_POINT_EXECUTE, LIN, 0x1000d, 1, 0, FALSE, ANY, NULL, 5 },
  { "an_offset", ASTERN_POINT_EXECUTE, VIRT, 0x10019, 1, 0, FALSE, ANY, NULL, 5 },
  { "a_physical_address", ASTERN_POINT_EXECUTE, PHYS, 0x1001a, 1, 0, FALSE, ANY, NULL, 5 },
  { "the_middle_of_an_instruction_is_none", ASTERN_POINT_EXECUTE, LIN, 0x10006, 1, 0, FALSE, ANY, NULL, 0 },
  { "a_range_of_code", ASTERN_POINT_EXECUTE, LIN, 0x10005, 0x18, 0, FALSE, ANY, NULL, 40 },
  { "a_repetition_hits_once", ASTERN_POINT_EXECUTE, LIN, 0x1002c, 1, 0, FALSE, ANY, NULL, 1 },
  { "behind_sti", ASTERN_POINT_EXECUTE, LIN, 0x10099, 1, 0, FALSE, ANY, NULL, 1 },
  { "where_a_fault_returned_with_rf", ASTERN_POINT_EXECUTE, LIN, 0x10065, 1, 0, FALSE, ANY, NULL, 1 },
  { "an_instruction_that_faults", ASTERN_POINT_EXECUTE, LIN, 0x1005f, 1, 0, FALSE, ANY, NULL, 1 },
  { "a_page_not_yet_accessed", ASTERN_POINT_EXECUTE, LIN, HANDLER, 1, 0, FALSE, ANY, NULL, 3 },
  { "a_called_function", ASTERN_POINT_EXECUTE, LIN, 0x10140, 1, 0, FALSE, ANY, NULL, 1 },
  { "code_with_a_condition", ASTERN_POINT_EXECUTE, LIN, 0x1000d, 1, 0, FALSE, ANY, "$eax == 9 && u32[0x20004] == 2", 1 },
  { "code_with_a_condition_on_flags", ASTERN_POINT_EXECUTE, LIN, 0x1001b, 1, 0, FALSE, ANY, "$eflags.zf", 1 },
  { "writes", ASTERN_POINT_MEMORY, LIN, DATA, 4, W, FALSE, ANY, NULL, 5 },
  { "reads", ASTERN_POINT_MEMORY, LIN, DATA, 4, R, FALSE, ANY, NULL, 12 },
  { "reads_and_writes", ASTERN_POINT_MEMORY, LIN, DATA + 4, 1, 0, FALSE, ANY, NULL, 13 },
  { "a_value", ASTERN_POINT_MEMORY, LIN, DATA, 4, W, FALSE, ANY, "$new == 9 && $old == 6", 1 },
  { "bytes_of_a_vector", ASTERN_POINT_MEMORY, LIN, DATA + 0x1f, 1, W, FALSE, ANY, NULL, 1 },
  { "an_x87_store", ASTERN_POINT_MEMORY, LIN, DATA + 15, 1, W, FALSE, ANY, NULL, 1 },
  { "one_iteration_of_many", ASTERN_POINT_MEMORY, LIN, 0x20404, 1, W, FALSE, ANY, NULL, 1 },
  { "a_write_that_changes_nothing", ASTERN_POINT_MEMORY, LIN, 0x20405, 1, W, TRUE, ANY, NULL, 0 },
  { "a_write_that_changes_something", ASTERN_POINT_MEMORY, LIN, 0x20404, 1, W, TRUE, ANY, NULL, 1 },
  { "a_repetition_into_the_next_page", ASTERN_POINT_MEMORY, LIN, 0x21000, 2, W, FALSE, ANY, NULL, 2 },
  { "the_end_of_an_access_over_two_pages", ASTERN_POINT_MEMORY, LIN, 0x22001, 1, 0, FALSE, ANY, NULL, 2 },
  { "the_stack", ASTERN_POINT_MEMORY, LIN, STACK - 4, 4, W, FALSE, ANY, NULL, 9 },
  { "a_gate_that_is_read", ASTERN_POINT_MEMORY, LIN, IDT + 0x30 * 8, 8, R, FALSE, ANY, NULL, 1 },
  { "a_physical_page_by_another_address", ASTERN_POINT_MEMORY, PHYS, SHADOW + 4, 4, W, FALSE, ANY, NULL, 1 },
  { "the_other_address", ASTERN_POINT_MEMORY, LIN, FAR + 4, 4, W, FALSE, ANY, NULL, 1 },
  { "accessed_and_dirty_bits", ASTERN_POINT_MEMORY, PHYS, PT + (DATA >> 12) * 4, 4, W, FALSE, ANY, NULL, 2 },
  { "accessed_bit_of_code", ASTERN_POINT_MEMORY, PHYS, PT + (HANDLER >> 12) * 4, 4, W, TRUE, ANY, NULL, 1 },
  { "accessed_bit_of_the_first_instruction", ASTERN_POINT_MEMORY, PHYS, PT + (CODE >> 12) * 4, 4, W, FALSE, ANY,
    "$icount == 0", 1 },
  { "the_same_bits_by_linear_address", ASTERN_POINT_MEMORY, LIN, PT + (FAR >> 12) * 4, 1, W, FALSE, ANY, NULL, 1 },
  { "dma_by_physical_address", ASTERN_POINT_MEMORY, PHYS, SHADOW + 0x12, 1, W, FALSE, ANY, "$new == 0xd0 && $old == 0", 1 },
  { "dma_by_linear_address", ASTERN_POINT_MEMORY, LIN, FAR + 0x10, 4, W, TRUE, ANY, "$new == 0xd0d0d0d0 && $old == 0", 1 },
  { "a_port", ASTERN_POINT_PORT, 0, 0x80, 1, 0, FALSE, ANY, NULL, 3 },
  { "writes_of_a_port", ASTERN_POINT_PORT, 0, 0x80, 1, W, FALSE, ANY, NULL, 2 },
  { "a_wide_write_of_any_port", ASTERN_POINT_PORT, 0, ANY, 1, 0, FALSE, ANY, "$size == 4", 1 },
  { "an_msr", ASTERN_POINT_MSR, 0, 0x174, 1, 0, FALSE, ANY, NULL, 2 },
  { "writes_of_msrs", ASTERN_POINT_MSR, 0, 0x174, 3, W, FALSE, ANY, NULL, 3 },
  { "cr0", ASTERN_POINT_CONTROL, 0, 0, 1, 0, FALSE, ANY, NULL, 2 },
  { "cr4", ASTERN_POINT_CONTROL, 0, 4, 1, 0, FALSE, ANY, NULL, 0 },
  { "any_exception", ASTERN_POINT_EXCEPTION, 0, ANY, 1, 0, FALSE, ANY, NULL, 3 },
  { "a_page_fault", ASTERN_POINT_EXCEPTION, 0, X86_EXC_PF, 1, 0, FALSE, 0, NULL, 1 },
  { "a_page_fault_of_a_write", ASTERN_POINT_EXCEPTION, 0, X86_EXC_PF, 1, 0, FALSE, 2, NULL, 1 },
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

static guint
count_lines (const char *text)
{
  guint n = 0;

  for (; *text != 0; text++)
    n += *text == '\n';
  return n;
}

/* The first hit of each instruction. */
static char *
first_of_each (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *out = g_string_new (NULL);
  g_autofree char *last = NULL;

  for (guint i = 0; lines[i] != NULL && *lines[i] != 0; i++)
    {
      const char *from = strchr (lines[i], '@');
      char *moments = g_strndup (from, (gsize) (strstr (from, " pc") - from));

      if (last == NULL || strcmp (last, moments) != 0)
        g_string_append_printf (out, "%s\n", lines[i]);
      g_free (last);
      last = moments;
    }
  return g_string_free (out, FALSE);
}

static void
hits_as_it_should (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *expected = NULL;
  guint64 end_hash = hash_at (ASTERN_TIER_INTERP, 10000), hash;

  for (guint i = 0; i < G_N_ELEMENTS (tiers); i++)
    {
      AsternPoint p = point_of (c), q = point_of (c);
      g_autofree char *recorded = record (tiers[i], &p, &hash);
      g_autofree char *once = first_of_each (recorded), *stopped = NULL;

      g_assert_cmphex (hash, ==, end_hash);
      if (count_lines (recorded) != c->n_hits)
        g_test_message ("%s", recorded);
      g_assert_cmpuint (count_lines (recorded), ==, c->n_hits);
      if (expected == NULL)
        expected = g_strdup (recorded);
      g_assert_cmpstr (recorded, ==, expected);
      stopped = stop_at_each (tiers[i], &q, &hash);
      g_assert_cmphex (hash, ==, end_hash);
      g_assert_cmpstr (stopped, ==, once);
    }
}

/* --- all at once, and two CPUs ------------------------------------------------------------------ */

static void
add_all (Fixture *f)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AsternPoint p = point_of (&cases[i]);

      astern_points_add (f->machine->points, &p);
    }
}

static void
the_run_is_the_same_with_all_points (void)
{
  for (guint n_cpus = 1; n_cpus <= 2; n_cpus++)
    {
      g_autofree char *hits = NULL;
      guint64 hash = 0;

      for (guint i = 0; i < G_N_ELEMENTS (tiers); i++)
        for (guint armed = 0; armed <= 2; armed++)
          {
            static const AsternPointsMode modes[] = { ASTERN_POINTS_OFF, ASTERN_POINTS_RECORD, ASTERN_POINTS_STOP };
            Fixture f;

            start (&f, tiers[i], n_cpus);
            add_all (&f);
            astern_points_set_mode (f.machine->points, modes[armed], told, &f);
            while (astern_machine_run (f.machine, 150 * n_cpus)->reason == ASTERN_STOP_POINT)
              astern_points_resume_at (f.machine->points, astern_clock_moment (&f.machine->clock));
            if (hash == 0)
              hash = astern_machine_hash (f.machine);
            g_assert_cmphex (astern_machine_hash (f.machine), ==, hash);
            if (modes[armed] == ASTERN_POINTS_RECORD)
              {
                g_assert_cmpuint (f.n_hits, >, 100);
                if (hits == NULL)
                  hits = g_strdup (f.hits->str);
                g_assert_cmpstr (f.hits->str, ==, hits);
              }
            end (&f);
          }
    }
}

static void
a_point_may_be_for_one_cpu (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (tiers); i++)
    {
      AsternPoint p = point (ASTERN_POINT_EXECUTE, 0x10005);
      Fixture f;

      p.cpu = 1;
      start (&f, tiers[i], 2);
      astern_points_add (f.machine->points, &p);
      astern_points_set_mode (f.machine->points, ASTERN_POINTS_RECORD, told, &f);
      astern_machine_run (f.machine, 200);
      g_assert_cmpuint (f.n_hits, ==, 5);
      g_assert_null (strstr (f.hits->str, "cpu 0"));
      end (&f);
    }
}

/* Left by ends of turns, by a watched byte, and by stops. */
static void
a_repetition_that_is_taken_up_again_hits_once (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (tiers); i++)
    {
      AsternPoint p = point (ASTERN_POINT_EXECUTE, 0x1002c), w = point (ASTERN_POINT_MEMORY, 0x20408);
      AsternPoint *at_rep;
      guint n_stops = 0;
      Fixture f;

      p.cpu = 0;
      w.access = W;
      start (&f, tiers[i], 2);
      at_rep = astern_points_add (f.machine->points, &p);
      astern_points_add (f.machine->points, &w);
      astern_points_set_mode (f.machine->points, ASTERN_POINTS_STOP, NULL, NULL);
      for (; astern_machine_run (f.machine, 200)->reason == ASTERN_STOP_POINT; n_stops++)
        astern_points_resume_at (f.machine->points, astern_clock_moment (&f.machine->clock));
      g_assert_cmpuint (at_rep->hits, ==, 1);
      g_assert_cmpuint (n_stops, ==, 3);
      end (&f);
    }
}

/* --- points that come and go ---------------------------------------------------------------------- */

static void
code_translated_before_is_found (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (tiers); i++)
    {
      AsternPoint p = point (ASTERN_POINT_EXECUTE, 0x1000d), w = point (ASTERN_POINT_MEMORY, DATA);
      AsternPoint *added;
      Fixture f;

      start (&f, tiers[i], 1);
      astern_timer_cancel (&f.timer);          /* or its moment would cut the loop into steps */
      astern_points_set_mode (f.machine->points, ASTERN_POINTS_STOP, NULL, NULL);
      astern_machine_run (f.machine, 20);      /* in the loop's third round */
      added = astern_points_add (f.machine->points, &p);
      g_assert_cmpint (astern_machine_run (f.machine, 10000)->reason, ==, ASTERN_STOP_POINT);
      g_assert_cmphex (x86_cpu (f.machine->cpus[0])->s.rip, ==, 0x1000d);
      astern_points_remove (f.machine->points, added);
      w.access = W;
      astern_points_add (f.machine->points, &w);
      g_assert_cmpint (astern_machine_run (f.machine, 10000)->reason, ==, ASTERN_STOP_POINT);
      g_assert_cmphex (x86_cpu (f.machine->cpus[0])->s.rip, ==, 0x10012);
      end (&f);
    }
}

static void
a_temporary_point_stops_once (void)
{
  AsternPoint p = point (ASTERN_POINT_EXECUTE, 0x10005);
  guint id;
  Fixture f;

  p.temporary = TRUE;
  start (&f, ASTERN_TIER_ONE, 1);
  id = astern_points_add (f.machine->points, &p)->id;
  astern_points_set_mode (f.machine->points, ASTERN_POINTS_STOP, NULL, NULL);
  g_assert_cmpint (astern_machine_run (f.machine, 10000)->reason, ==, ASTERN_STOP_POINT);
  g_assert_cmpuint (astern_points_last_hit (f.machine->points)->point->id, ==, id);
  g_assert_null (astern_points_find (f.machine->points, id));
  g_assert_cmpint (astern_machine_run (f.machine, 10000)->reason, ==, ASTERN_STOP_DEADLOCK);
  end (&f);
}

static void
ignored_hits_are_counted_and_logged_ones_told (void)
{
  AsternPoint p = point (ASTERN_POINT_EXECUTE, 0x10005), q = point (ASTERN_POINT_MEMORY, DATA);
  AsternPoint *ignoring;
  Fixture f;

  p.ignore = 3;
  q.access = W;
  q.log_only = TRUE;
  start (&f, ASTERN_TIER_ONE, 1);
  ignoring = astern_points_add (f.machine->points, &p);
  astern_points_add (f.machine->points, &q);
  astern_points_set_mode (f.machine->points, ASTERN_POINTS_STOP, told, &f);
  g_assert_cmpint (astern_machine_run (f.machine, 10000)->reason, ==, ASTERN_STOP_POINT);
  g_assert_cmpuint (ignoring->hits, ==, 4);
  g_assert_cmphex (x86_cpu (f.machine->cpus[0])->s.gpr[X86_RCX], ==, 2);
  g_assert_cmpuint (f.n_hits, ==, 3);
  end (&f);
}

static void
off_looks_at_nothing (void)
{
  AsternPoint p = point (ASTERN_POINT_EXECUTE, 0x10005);
  Fixture f;

  start (&f, ASTERN_TIER_ONE, 1);
  astern_points_add (f.machine->points, &p);
  g_assert_cmpint (astern_machine_run (f.machine, 10000)->reason, ==, ASTERN_STOP_DEADLOCK);
  g_assert_cmpuint (astern_points_at (f.machine->points, 0)->hits, ==, 0);
  end (&f);
}

static void
a_triple_fault_is_recorded (void)
{
  AsternPoint p = point (ASTERN_POINT_TRIPLE_FAULT, 0);
  Fixture f;

  start (&f, ASTERN_TIER_ONE, 1);
  x86_cpu (f.machine->cpus[0])->s.idtr_limit = 0;
  astern_points_add (f.machine->points, &p);
  astern_points_set_mode (f.machine->points, ASTERN_POINTS_RECORD, told, &f);
  g_assert_cmpint (astern_machine_run (f.machine, 10000)->reason, ==, ASTERN_STOP_TRIPLE_FAULT);
  g_assert_cmpuint (f.n_hits, ==, 1);
  end (&f);
}

/* Real mode, with CS' base: to protected mode and on. */
static void
modes_and_offsets_of_real_mode (void)
{
  static const guint8 code[] = {
    0x0f, 0x20, 0xc0,                      /* 0: mov %cr0,%eax */
    0x0c, 0x01,                            /* 3: or $1,%al */
    0x87, 0xdb,                            /* 5: xchg %bx,%bx: magic in 16-bit code */
    0x0f, 0x22, 0xc0,                      /* 7: mov %eax,%cr0 */
    0xf4,                                  /* a: hlt */
  };

  for (guint i = 0; i < G_N_ELEMENTS (tiers); i++)
    {
      AsternPoint points[] = { point (ASTERN_POINT_MODE, 0), point (ASTERN_POINT_EXECUTE, 3), point (ASTERN_POINT_EXECUTE, 3),
                               point (ASTERN_POINT_EXECUTE, 0x12005), point (ASTERN_POINT_MAGIC, 0) };
      X86State *s;
      Fixture f;

      start (&f, tiers[i], 1);
      put (&f, 0x12000, code, sizeof code);
      s = &x86_cpu (f.machine->cpus[0])->s;
      x86_state_reset (s, TRUE, f.features.signature);
      x86_load_segment_real (s, X86_CS, 0x1200);
      s->rip = 0;
      f.machine->cpus[0]->sync_in (f.machine->cpus[0]);
      points[1].space = ASTERN_SPACE_VIRTUAL;      /* the other one, a linear address, is not come to */
      for (guint k = 0; k < G_N_ELEMENTS (points); k++)
        astern_points_add (f.machine->points, &points[k]);
      astern_points_set_mode (f.machine->points, ASTERN_POINTS_STOP, NULL, NULL);
      astern_machine_run (f.machine, 100);
      g_assert_cmpuint (astern_points_last_hit (f.machine->points)->point->id, ==, 2);
      astern_points_resume_at (f.machine->points, astern_clock_moment (&f.machine->clock));
      astern_machine_run (f.machine, 100);
      g_assert_cmpuint (astern_points_last_hit (f.machine->points)->point->id, ==, 4);
      astern_points_resume_at (f.machine->points, astern_clock_moment (&f.machine->clock));
      astern_machine_run (f.machine, 100);
      g_assert_cmpuint (astern_points_last_hit (f.machine->points)->point->id, ==, 5);
      astern_machine_run (f.machine, 100);
      g_assert_cmpint (f.machine->stop.reason, ==, ASTERN_STOP_POINT);
      g_assert_cmpuint (astern_points_last_hit (f.machine->points)->point->id, ==, 1);
      g_assert_cmpstr (astern_points_last_hit (f.machine->points)->detail, ==, "real -> protected 16-bit");
      g_assert_cmphex (s->rip, ==, 10);
      end (&f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/translate/points/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], hits_as_it_should);
    }
#define ADD(name) g_test_add_func ("/translate/points/" #name, name)
  ADD (the_run_is_the_same_with_all_points);
  ADD (a_point_may_be_for_one_cpu);
  ADD (a_repetition_that_is_taken_up_again_hits_once);
  ADD (code_translated_before_is_found);
  ADD (a_temporary_point_stops_once);
  ADD (ignored_hits_are_counted_and_logged_ones_told);
  ADD (off_looks_at_nothing);
  ADD (a_triple_fault_is_recorded);
  ADD (modes_and_offsets_of_real_mode);
  return g_test_run ();
}
