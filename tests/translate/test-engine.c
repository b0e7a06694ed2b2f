/* test-engine - small guest programs on the least machine that runs them, in the
 * interpreter and in host code: stops, faults, code that changes, two CPUs.
 *
 * The guest is 32-bit code in ring 3 with page tables.  Every exception without a
 * handler of its own halts in a stub whose address tells its vector; HLT, which ring 3
 * may not execute, so ends a program. */
#include "config.h"

#include "arch/x86/tsc.h"
#include "translate/engine.h"
#include "translate/x86/cpu.h"

#include <string.h>

/* Physical addresses, and linear ones by the identity map. */
enum
{
  PD         = 0x1000,
  PT         = 0x2000,
  GDT        = 0x3000,
  IDT        = 0x4000,
  STUBS      = 0x5000,
  TSS        = 0x6000,
  STACK0     = 0x8000,      /* tops */
  COUNTERS   = 0x9000,
  STACK3     = 0xb000,
  CODE       = 0x10000,
  STRADDLER  = 0x10ffd,     /* an instruction of five bytes starts here */
  DATA       = 0x20000,
  ABSENT     = 0x21000,     /* the pages at 0x21000, 0x23000 and 0x24000 are not present */
  RAM        = 0x40000,
  ALIAS      = 0x300000,    /* the same memory again */
};
#define PAGE 0x1000
#define STUB_BYTES 16
#define MOST_INSNS 20000

enum { SEL_KERNEL = 0x08, SEL_USER = 0x1b, SEL_USER_DATA = 0x23, SEL_TSS = 0x28 };

static const AsternTier tiers[] = { ASTERN_TIER_INTERP, ASTERN_TIER_ONE };

typedef struct
{
  AsternMachine  *machine;
  AsternRamBlock *ram;
  X86Features     features;
  X86Cpu         *cpu;
} Fixture;

/* --- the machine ---------------------------------------------------------------------- */

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
set_gate (Fixture *f, guint vector, guint32 offset)
{
  put8 (f, IDT + 8 * vector, (offset & 0xffff) | SEL_KERNEL << 16 | G_GUINT64_CONSTANT (0x8e) << 40
                             | (guint64) (offset >> 16) << 48);
}

static void
make_tables (Fixture *f)
{
  enum { P = 1, W = 2, U = 4 };
  const guint8 hlt = 0xf4;

  put4 (f, PD, PT | P | W | U);
  for (guint32 page = 0; page < RAM; page += PAGE)
    {
      gboolean present = page != ABSENT && page != 0x23000 && page != 0x24000;

      put4 (f, PT + page / PAGE * 4, page | (present ? P : 0) | W | U);
      put4 (f, PT + (ALIAS + page) / PAGE * 4, page | P | W | U);
    }
  put8 (f, GDT + SEL_KERNEL, G_GUINT64_CONSTANT (0x00cf9b000000ffff));
  put8 (f, GDT + 0x10, G_GUINT64_CONSTANT (0x00cf93000000ffff));
  put8 (f, GDT + (SEL_USER & ~7), G_GUINT64_CONSTANT (0x00cffb000000ffff));
  put8 (f, GDT + (SEL_USER_DATA & ~7), G_GUINT64_CONSTANT (0x00cff3000000ffff));
  put8 (f, GDT + SEL_TSS, 0x67 | TSS << 16 | G_GUINT64_CONSTANT (0x8b) << 40);
  put4 (f, TSS + 4, STACK0);
  put4 (f, TSS + 8, 0x10);
  for (guint i = 0; i < 32; i++)
    {
      set_gate (f, i, STUBS + i * STUB_BYTES);
      put (f, STUBS + i * STUB_BYTES, &hlt, 1);
    }
}

static void
make_state (Fixture *f)
{
  X86State *s = &f->cpu->s;
  X86Segment data = { .limit = G_MAXUINT32, .selector = SEL_USER_DATA, .attr = 0xc0f3 };

  s->cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_PG;
  s->cr3 = PD;
  s->gdtr_base = GDT;
  s->gdtr_limit = 0x2f;
  s->idtr_base = IDT;
  s->idtr_limit = 32 * 8 - 1;
  s->seg[X86_TR] = (X86Segment) { .base = TSS, .limit = 0x67, .selector = SEL_TSS, .attr = 0x8b };
  s->seg[X86_LDTR] = (X86Segment) { .attr = X86_ATTR_UNUSABLE };
  s->seg[X86_CS] = (X86Segment) { .limit = G_MAXUINT32, .selector = SEL_USER, .attr = 0xc0fb };
  s->seg[X86_SS] = s->seg[X86_DS] = s->seg[X86_ES] = s->seg[X86_FS] = s->seg[X86_GS] = data;
  memset (s->gpr, 0, sizeof s->gpr);
  s->gpr[X86_RSP] = STACK3;
  s->rip = CODE;
  s->rflags = 2;
  s->a20 = 1;
  f->cpu->parent.sync_in (&f->cpu->parent);
}

static void
start (Fixture *f, AsternTier tier, guint n_cpus)
{
  AsternTranslateOptions options = {
    .tier = tier, .features = &f->features, .n_cpus = n_cpus, .turn_insns = 50,
  };
  GError *error = NULL;

  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  f->ram = astern_memory_add (f->machine->memory, "ram", RAM, FALSE, &error);
  g_assert_no_error (error);
  x86_features_parse (&f->features, "x86-64-v1", 1, &error);
  g_assert_no_error (error);
  astern_bus_add_memory (f->machine->physical, 0, f->ram, 0);
  f->machine->engine = astern_translate_engine_new (f->machine, &options, &error);
  g_assert_no_error (error);
  f->cpu = x86_cpu (f->machine->cpus[0]);
  astern_translate_reset_cpus (f->machine);
  make_tables (f);
  make_state (f);
}

static void
end (Fixture *f)
{
  g_clear_pointer (&f->machine, astern_machine_free);
}

/* Goes on from CODE in ring 3, whatever happened before. */
static void
run_again (Fixture *f)
{
  make_state (f);
  f->cpu->s.halted = 0;
  f->cpu->parent.sync_in (&f->cpu->parent);
  astern_machine_run (f->machine, f->machine->clock.s.icount + MOST_INSNS);
}

static void
run (Fixture *f, gconstpointer code, gsize size)
{
  put (f, CODE, code, size);
  run_again (f);
}

#define RUN(f, code) run (f, code, sizeof (code))

static guint32
gpr (Fixture *f, guint number)
{
  return (guint32) f->cpu->s.gpr[number];
}

typedef struct { guint32 error, eip, cs, eflags, esp, ss; } Frame;

/* What the exception that ended the program pushed. */
static Frame
frame_of (Fixture *f, guint vector)
{
  gboolean has_error = vector == X86_EXC_GP || vector == X86_EXC_PF;
  Frame frame = { 0 };
  guint32 esp = gpr (f, X86_RSP);

  g_assert_cmpint (f->machine->stop.reason, ==, ASTERN_STOP_DEADLOCK);
  g_assert_cmphex (f->cpu->s.rip, ==, STUBS + vector * STUB_BYTES + 1);
  g_assert_cmphex (esp, ==, STACK0 - (has_error ? 24 : 20));
  for (guint i = has_error ? 0 : 1; i < 6; i++, esp += 4)
    ((guint32 *) &frame)[i] = get4 (f, esp);
  return frame;
}

/* The program came to the HLT at @eip. */
static void
assert_ended (Fixture *f, guint32 eip)
{
  g_assert_cmphex (frame_of (f, X86_EXC_GP).eip, ==, eip);
}

/* --- stops ---------------------------------------------------------------------------- */

static const guint8 mixed[] = {
  0xb9, 0x05, 0x00, 0x00, 0x00,                       /* 10000: mov ecx, 5 */
  0xbe, 0x00, 0x00, 0x02, 0x00,                       /* 10005: mov esi, 20000h */
  0xbf, 0x00, 0x04, 0x02, 0x00,                       /* 1000a: mov edi, 20400h */
  0x05, 0xff, 0xff, 0xff, 0x7f,                       /* 1000f: add eax, 7fffffffh */
  0x11, 0xc3,                                         /* 10014: adc ebx, eax */
  0x1b, 0x16,                                         /* 10016: sbb edx, [esi] */
  0xff, 0x06,                                         /* 10018: inc dword [esi] */
  0x89, 0x07,                                         /* 1001a: mov [edi], eax */
  0xc1, 0xc0, 0x03,                                   /* 1001c: rol eax, 3 */
  0xd3, 0xe2,                                         /* 1001f: shl edx, cl */
  0x50,                                               /* 10021: push eax */
  0x9c,                                               /* 10022: pushf */
  0x5d,                                               /* 10023: pop ebp */
  0x31, 0x6f, 0x04,                                   /* 10024: xor [edi+4], ebp */
  0xe8, 0x65, 0x00, 0x00, 0x00,                       /* 10027: call 10091h */
  0x58,                                               /* 1002c: pop eax */
  0x49,                                               /* 1002d: dec ecx */
  0x75, 0xdf,                                         /* 1002e: jne 1000fh */
  0xb9, 0x14, 0x00, 0x00, 0x00,                       /* 10030: mov ecx, 20 */
  0xf3, 0xa4,                                         /* 10035: rep movsb */
  0xb9, 0x06, 0x00, 0x00, 0x00,                       /* 10037: mov ecx, 6 */
  0xbf, 0x00, 0x05, 0x02, 0x00,                       /* 1003c: mov edi, 20500h */
  0xf3, 0xab,                                         /* 10041: rep stosd */
  0xb9, 0x1e, 0x00, 0x00, 0x00,                       /* 10043: mov ecx, 30 */
  0xbe, 0x00, 0x05, 0x02, 0x00,                       /* 10048: mov esi, 20500h */
  0xbf, 0x10, 0x05, 0x02, 0x00,                       /* 1004d: mov edi, 20510h */
  0xf3, 0xa6,                                         /* 10052: repe cmpsb */
  0x39, 0xd8,                                         /* 10054: cmp eax, ebx */
  0x8b, 0x3d, 0x00, 0x10, 0x02, 0x00,                 /* 10056: mov edi, [21000h]   (#PF) */
  0x83, 0xdf, 0x00,                                   /* 1005c: sbb edi, 0 */
  0xb9, 0x28, 0x00, 0x00, 0x00,                       /* 1005f: mov ecx, 40 */
  0xbf, 0xf0, 0x2f, 0x02, 0x00,                       /* 10064: mov edi, 22ff0h */
  0xf3, 0xaa,                                         /* 10069: rep stosb           (#PF midway) */
  0xa3, 0x00, 0x06, 0x02, 0x00,                       /* 1006b: mov [20600h], eax */
  0x31, 0xc9,                                         /* 10070: xor ecx, ecx */
  0x83, 0xe8, 0x01,                                   /* 10072: sub eax, 1 */
  0xf7, 0xf1,                                         /* 10075: div ecx             (#DE) */
  0x60,                                               /* 10077: pusha */
  0x0f, 0x31,                                         /* 10078: rdtsc */
  0xa3, 0x04, 0x06, 0x02, 0x00,                       /* 1007a: mov [20604h], eax */
  0x61,                                               /* 1007f: popa */
  0xf9,                                               /* 10080: stc */
  0xff, 0x35, 0x00, 0x40, 0x02, 0x00,                 /* 10081: push dword [24000h] (#PF) */
  0x5f,                                               /* 10087: pop edi */
  0xf0, 0x0f, 0xc1, 0x05, 0x00, 0x06, 0x02, 0x00,     /* 10088: lock xadd [20600h], eax */
  0xf4,                                               /* 10090: hlt */
  0x6b, 0xdb, 0x4d,                                   /* 10091: imul ebx, ebx, 77 */
  0x0f, 0xba, 0xe3, 0x03,                             /* 10094: bt ebx, 3 */
  0x72, 0x02,                                         /* 10098: jb 1009ch */
  0xf7, 0xdb,                                         /* 1009a: neg ebx */
  0xc3,                                               /* 1009c: ret */
};
enum { MIXED_END = 0x10090, HANDLE_PF = CODE + 0x200, HANDLE_DE = CODE + 0x240 };

/* Makes the page present. */
static const guint8 handle_pf[] = {
  0x50,                                               /* push eax */
  0x0f, 0x20, 0xd0,                                   /* mov eax, cr2 */
  0xc1, 0xe8, 0x0c,                                   /* shr eax, 12 */
  0x83, 0x0c, 0x85, 0x00, 0x20, 0x00, 0x00, 0x01,     /* or dword [eax*4+2000h], 1 */
  0x58,                                               /* pop eax */
  0x83, 0xc4, 0x04,                                   /* add esp, 4 */
  0xcf,                                               /* iret */
};

static const guint8 handle_de[] = {
  0xb9, 0x03, 0x00, 0x00, 0x00,                       /* mov ecx, 3 */
  0x31, 0xd2,                                         /* xor edx, edx */
  0xcf,                                               /* iret */
};

static void
start_mixed (Fixture *f, AsternTier tier)
{
  start (f, tier, 1);
  put (f, CODE, mixed, sizeof mixed);
  put (f, HANDLE_PF, handle_pf, sizeof handle_pf);
  put (f, HANDLE_DE, handle_de, sizeof handle_de);
  set_gate (f, X86_EXC_PF, HANDLE_PF);
  set_gate (f, X86_EXC_DE, HANDLE_DE);
}

/* The hash at every moment of the program, the interpreter going from each to the next. */
static GArray *
hashes_by_single_steps (void)
{
  GArray *hashes = g_array_new (FALSE, FALSE, sizeof (guint64));
  Fixture f;
  guint64 hash;

  start_mixed (&f, ASTERN_TIER_INTERP);
  do
    {
      hash = astern_machine_hash (f.machine);
      g_array_append_val (hashes, hash);
      g_assert_cmpuint (hashes->len, <, MOST_INSNS);
      astern_machine_run (f.machine, hashes->len);
    }
  while (f.machine->stop.reason == ASTERN_STOP_ICOUNT);
  assert_ended (&f, MIXED_END);
  end (&f);
  return hashes;
}

static void
a_stop_at_any_icount_is_the_same_moment_however_it_was_reached (gconstpointer tier)
{
  g_autoptr (GArray) hashes = hashes_by_single_steps ();

  g_assert_cmpuint (hashes->len, >, 200);
  for (guint64 n = 1; n < hashes->len; n++)
    {
      Fixture f;

      start_mixed (&f, *(const AsternTier *) tier);
      astern_machine_run (f.machine, n);
      g_assert_cmpint (f.machine->stop.reason, ==, ASTERN_STOP_ICOUNT);
      g_assert_cmpuint (f.machine->clock.s.icount, ==, n);
      if (astern_machine_hash (f.machine) != g_array_index (hashes, guint64, n))
        g_error ("after %" G_GUINT64_FORMAT " instructions the state is another one; EIP %"
                 G_GINT64_MODIFIER "x", n, f.cpu->s.rip);
      end (&f);
    }
}

static void
stops_on_the_way_change_nothing (gconstpointer tier)
{
  g_autoptr (GArray) hashes = hashes_by_single_steps ();

  for (guint stride = 2; stride < 60; stride += 19)
    {
      Fixture f;

      start_mixed (&f, *(const AsternTier *) tier);
      for (guint64 n = stride; n < hashes->len; n += stride)
        {
          astern_machine_run (f.machine, n);
          g_assert_cmphex (astern_machine_hash (f.machine), ==, g_array_index (hashes, guint64, n));
        }
      end (&f);
    }
}

/* --- code that changes ------------------------------------------------------------------ */

static void
a_store_into_the_next_instruction_is_seen_at_once (gconstpointer tier)
{
  static const guint8 code[] = {
    0xc6, 0x05, 0x08, 0x00, 0x01, 0x00, 0x22,   /* 10000: mov byte [10008h], 22h */
    0xb0, 0x11,                                 /* 10007: mov al, 11h */
    0xf4,                                       /* 10009: hlt */
  };
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  RUN (&f, code);
  assert_ended (&f, 0x10009);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x22);
  end (&f);
}

static void
a_store_into_a_unit_that_is_linked_is_seen (gconstpointer tier)
{
  static const guint8 code[] = {
    0xb9, 0x04, 0x00, 0x00, 0x00,               /* 10000: mov ecx, 4 */
    0xeb, 0x16,                                 /* 10005: jmp 1001dh */
    0x49,                                       /* 10007: dec ecx */
    0x75, 0xfb,                                 /* 10008: jne 10005h */
    0x3c, 0x22,                                 /* 1000a: cmp al, 22h */
    0x74, 0x0e,                                 /* 1000c: je 1001ch */
    0xc6, 0x05, 0x1e, 0x00, 0x01, 0x00, 0x22,   /* 1000e: mov byte [1001eh], 22h */
    0xb9, 0x04, 0x00, 0x00, 0x00,               /* 10015: mov ecx, 4 */
    0xeb, 0xe9,                                 /* 1001a: jmp 10005h */
    0xf4,                                       /* 1001c: hlt */
    0xb0, 0x11,                                 /* 1001d: mov al, 11h */
    0xeb, 0xe6,                                 /* 1001f: jmp 10007h */
  };
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  RUN (&f, code);
  assert_ended (&f, 0x1001c);
  /* MOV, twice four rounds of five and the comparison, the change once, the stub's HLT. */
  g_assert_cmpuint (f.machine->clock.s.icount, ==, 1 + 2 * (4 * 5 + 2) + 3 + 1);
  end (&f);
}

static void
a_store_through_another_mapping_is_seen (gconstpointer tier)
{
  static const guint8 code[] = {
    0xb9, 0x04, 0x00, 0x00, 0x00,               /* 10000: mov ecx, 4 */
    0xe8, 0x1b, 0x00, 0x00, 0x00,               /* 10005: call 10025h */
    0x49,                                       /* 1000a: dec ecx */
    0x75, 0xf8,                                 /* 1000b: jne 10005h */
    0x89, 0xc3,                                 /* 1000d: mov ebx, eax */
    0xc6, 0x05, 0x26, 0x00, 0x31, 0x00, 0x22,   /* 1000f: mov byte [310026h], 22h */
    0xe8, 0x0a, 0x00, 0x00, 0x00,               /* 10016: call 10025h */
    0xc6, 0x05, 0x23, 0x00, 0x31, 0x00, 0x33,   /* 1001b: mov byte [310023h], 33h */
    0xb2, 0x11,                                 /* 10022: mov dl, 11h */
    0xf4,                                       /* 10024: hlt */
    0xb0, 0x11,                                 /* 10025: mov al, 11h */
    0xc3,                                       /* 10027: ret */
  };
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  RUN (&f, code);
  assert_ended (&f, 0x10024);
  g_assert_cmphex (gpr (&f, X86_RBX), ==, 0x11);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x22);
  g_assert_cmphex (gpr (&f, X86_RDX), ==, 0x33);
  end (&f);
}

/* A variable in the line of its function, as in small programs. */
static void
a_store_into_code_is_seen_after_stores_beside_it (gconstpointer tier)
{
  static const guint8 code[] = {
    0xb9, 0x04, 0x00, 0x00, 0x00,               /* 10000: mov ecx, 4 */
    0xe8, 0x1e, 0x00, 0x00, 0x00,               /* 10005: call 10028h */
    0xfe, 0x05, 0x2b, 0x00, 0x01, 0x00,         /* 1000a: inc byte [1002bh] */
    0x49,                                       /* 10010: dec ecx */
    0x75, 0xf2,                                 /* 10011: jne 10005h */
    0x89, 0xc3,                                 /* 10013: mov ebx, eax */
    0xc6, 0x05, 0x29, 0x00, 0x01, 0x00, 0x22,   /* 10015: mov byte [10029h], 22h */
    0xe8, 0x07, 0x00, 0x00, 0x00,               /* 1001c: call 10028h */
    0x8a, 0x15, 0x2b, 0x00, 0x01, 0x00,         /* 10021: mov dl, [1002bh] */
    0xf4,                                       /* 10027: hlt */
    0xb0, 0x11,                                 /* 10028: mov al, 11h */
    0xc3,                                       /* 1002a: ret */
    0x00,                                       /* 1002b: the variable */
  };
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  RUN (&f, code);
  assert_ended (&f, 0x10027);
  g_assert_cmphex (gpr (&f, X86_RBX), ==, 0x11);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x22);
  g_assert_cmphex (gpr (&f, X86_RDX), ==, 4);
  end (&f);
}

/* MOV EAX, imm32 with three bytes on the first page; RET. */
static const guint8 straddler[] = { 0xb8, 0x11, 0x22, 0x33, 0x44, 0xc3 };

static void
either_half_of_an_instruction_on_two_pages_may_change (gconstpointer tier)
{
  static const guint8 code[] = {
    0xb9, 0x04, 0x00, 0x00, 0x00,               /* 10000: mov ecx, 4 */
    0xe8, 0xf3, 0x0f, 0x00, 0x00,               /* 10005: call 10ffdh */
    0x49,                                       /* 1000a: dec ecx */
    0x75, 0xf8,                                 /* 1000b: jne 10005h */
    0x89, 0xc3,                                 /* 1000d: mov ebx, eax */
    0xc6, 0x05, 0xfe, 0x0f, 0x01, 0x00, 0xaa,   /* 1000f: mov byte [10ffeh], 0aah */
    0xe8, 0xe2, 0x0f, 0x00, 0x00,               /* 10016: call 10ffdh */
    0x89, 0xc2,                                 /* 1001b: mov edx, eax */
    0xc6, 0x05, 0x01, 0x10, 0x01, 0x00, 0xbb,   /* 1001d: mov byte [11001h], 0bbh */
    0xe8, 0xd4, 0x0f, 0x00, 0x00,               /* 10024: call 10ffdh */
    0xf4,                                       /* 10029: hlt */
  };
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  put (&f, STRADDLER, straddler, sizeof straddler);
  RUN (&f, code);
  assert_ended (&f, 0x10029);
  g_assert_cmphex (gpr (&f, X86_RBX), ==, 0x44332211);
  g_assert_cmphex (gpr (&f, X86_RDX), ==, 0x443322aa);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0xbb3322aa);
  end (&f);
}

static const guint8 call_straddler[] = {
  0xb9, 0x04, 0x00, 0x00, 0x00,                 /* 10000: mov ecx, 4 */
  0xe8, 0xf3, 0x0f, 0x00, 0x00,                 /* 10005: call 10ffdh */
  0x49,                                         /* 1000a: dec ecx */
  0x75, 0xf8,                                   /* 1000b: jne 10005h */
  0xf4,                                         /* 1000d: hlt */
};

static void
a_device_may_write_code (gconstpointer tier)
{
  static const guint8 other[] = { 0x55, 0x66 };
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  put (&f, STRADDLER, straddler, sizeof straddler);
  RUN (&f, call_straddler);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x44332211);
  astern_bus_write_bytes (f.machine->physical, (AsternPaddr) { STRADDLER + 2 }, other, sizeof other,
                          ASTERN_ORIGIN_DMA);
  run_again (&f);
  assert_ended (&f, 0x1000d);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x44665511);
  end (&f);
}

static void
code_is_where_the_page_tables_say_now (gconstpointer tier)
{
  static const guint8 second_half[] = { 0x77, 0x88, 0xc3 }, both_halves[] = { 0xb8, 0x12, 0x34 };
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  put (&f, STRADDLER, straddler, sizeof straddler);
  RUN (&f, call_straddler);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x44332211);
  put (&f, 0x31000, second_half, sizeof second_half);
  put4 (&f, PT + 0x11 * 4, 0x31000 | 7);
  run_again (&f);
  assert_ended (&f, 0x1000d);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x88772211);
  put (&f, 0x30000, call_straddler, sizeof call_straddler);
  put (&f, 0x30ffd, both_halves, sizeof both_halves);
  put4 (&f, PT + 0x10 * 4, 0x30000 | 7);
  run_again (&f);
  assert_ended (&f, 0x1000d);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x88773412);
  end (&f);
}

/* --- faults ----------------------------------------------------------------------------- */

static void
an_undefined_opcode_is_ud_at_its_address (gconstpointer tier)
{
  static const guint8 opcodes[][3] = {
    { 0x0f, 0x0b, 0x90 }, { 0x0f, 0x04, 0x90 }, { 0x0f, 0xff, 0xc0 },
  };
  Fixture f;

  for (guint i = 0; i < G_N_ELEMENTS (opcodes); i++)
    {
      guint8 code[] = {
        0xb8, 0x07, 0x00, 0x00, 0x00,           /* 10000: mov eax, 7 */
        0x83, 0xf8, 0x08,                       /* 10005: cmp eax, 8 */
        0, 0, 0,                                /* 10008 */
      };
      Frame frame;

      memcpy (code + 8, opcodes[i], 3);
      start (&f, *(const AsternTier *) tier, 1);
      RUN (&f, code);
      frame = frame_of (&f, X86_EXC_UD);
      g_assert_cmphex (frame.eip, ==, 0x10008);
      g_assert_cmphex (frame.eflags & X86_ARITH, ==, X86_CF | X86_PF | X86_AF | X86_SF);
      g_assert_cmphex (gpr (&f, X86_RAX), ==, 7);
      end (&f);
    }
}

static void
a_division_by_zero_changes_nothing (gconstpointer tier)
{
  static const guint8 code[] = {
    0xb8, 0x07, 0x00, 0x00, 0x00,               /* 10000: mov eax, 7 */
    0xba, 0x09, 0x00, 0x00, 0x00,               /* 10005: mov edx, 9 */
    0x31, 0xc9,                                 /* 1000a: xor ecx, ecx */
    0x83, 0xf8, 0x08,                           /* 1000c: cmp eax, 8 */
    0xf7, 0xf1,                                 /* 1000f: div ecx */
  };
  Fixture f;
  Frame frame;

  start (&f, *(const AsternTier *) tier, 1);
  RUN (&f, code);
  frame = frame_of (&f, X86_EXC_DE);
  g_assert_cmphex (frame.eip, ==, 0x1000f);
  g_assert_cmphex (frame.eflags & X86_ARITH, ==, X86_CF | X86_PF | X86_AF | X86_SF);
  g_assert_cmphex (gpr (&f, X86_RAX), ==, 7);
  g_assert_cmphex (gpr (&f, X86_RDX), ==, 9);
  g_assert_cmphex (gpr (&f, X86_RCX), ==, 0);
  end (&f);
}

/* A segment that does not span all of memory, and an address that takes a register to compute. */
static void
a_segment_with_a_limit_is_checked (gconstpointer tier)
{
  static const guint8 code[] = {
    0xb8, 0x00, 0x00, 0x02, 0x00,               /* 10000: mov eax, 0x20000 */
    0xbb, 0x3d, 0x00, 0x00, 0x00,               /* 10005: mov ebx, 0x3d */
    0x66, 0xc7, 0x44, 0x98, 0x08, 0x34, 0x12,   /* 1000a: mov word [eax + ebx*4 + 8], 0x1234 */
    0x8b, 0x4c, 0x98, 0x08,                     /* 10011: mov ecx, [eax + ebx*4 + 8]: ends at the limit */
    0x01, 0x4c, 0x98, 0x04,                     /* 10015: add [eax + ebx*4 + 4], ecx */
    0x83, 0xf8, 0x08,                           /* 10019: cmp eax, 8 */
    0x0f, 0xb6, 0x54, 0x98, 0x0b,               /* 1001c: movzx edx, byte [eax + ebx*4 + 11] */
    0x8b, 0x54, 0x98, 0x09,                     /* 10021: mov edx, [eax + ebx*4 + 9]: beyond it */
  };
  Fixture f;
  Frame frame;

  start (&f, *(const AsternTier *) tier, 1);
  put (&f, CODE, code, sizeof code);
  f.cpu->s.seg[X86_DS].limit = DATA + 0xff;
  f.cpu->parent.sync_in (&f.cpu->parent);
  astern_machine_run (f.machine, MOST_INSNS);
  frame = frame_of (&f, X86_EXC_GP);
  g_assert_cmphex (frame.eip, ==, 0x10021);
  g_assert_cmphex (gpr (&f, X86_RCX), ==, 0x1234);
  g_assert_cmphex (gpr (&f, X86_RDX), ==, 0);
  g_assert_cmphex (get4 (&f, DATA + 0xf8), ==, 0x1234);
  end (&f);
}

static void
a_page_fault_in_pusha_moves_nothing (gconstpointer tier)
{
  static const guint8 code[] = {
    0xbc, 0x08, 0x20, 0x02, 0x00,               /* 10000: mov esp, 22008h */
    0xf9,                                       /* 10005: stc */
    0x60,                                       /* 10006: pusha */
  };
  Fixture f;
  Frame frame;

  start (&f, *(const AsternTier *) tier, 1);
  RUN (&f, code);
  frame = frame_of (&f, X86_EXC_PF);
  g_assert_cmphex (frame.eip, ==, 0x10006);
  g_assert_cmphex (frame.error, ==, 6);
  g_assert_cmphex (frame.esp, ==, 0x22008);
  g_assert_cmphex (frame.eflags & X86_ARITH, ==, X86_CF);
  g_assert_cmphex (f.cpu->s.cr2 & ~0xfffu, ==, ABSENT);
  end (&f);
}

static void
a_page_fault_in_rep_movs_keeps_what_is_done (gconstpointer tier)
{
  static const guint8 code[] = {
    0xbe, 0x00, 0x00, 0x02, 0x00,               /* 10000: mov esi, 20000h */
    0xbf, 0xf5, 0x0f, 0x02, 0x00,               /* 10005: mov edi, 20ff5h */
    0xb9, 0x64, 0x00, 0x00, 0x00,               /* 1000a: mov ecx, 100 */
    0x83, 0xf9, 0x65,                           /* 1000f: cmp ecx, 101 */
    0xf3, 0xa4,                                 /* 10012: rep movsb */
  };
  Fixture f;
  Frame frame;

  start (&f, *(const AsternTier *) tier, 1);
  put4 (&f, DATA + 7, 0xa1b2c3d4);
  RUN (&f, code);
  frame = frame_of (&f, X86_EXC_PF);
  g_assert_cmphex (frame.eip, ==, 0x10012);
  g_assert_cmphex (frame.error, ==, 6);
  g_assert_cmphex (frame.eflags & X86_ARITH, ==, X86_CF | X86_PF | X86_AF | X86_SF);
  g_assert_cmphex (f.cpu->s.cr2, ==, ABSENT);
  g_assert_cmpuint (gpr (&f, X86_RCX), ==, 100 - 11);
  g_assert_cmphex (gpr (&f, X86_RSI), ==, DATA + 11);
  g_assert_cmphex (gpr (&f, X86_RDI), ==, ABSENT);
  g_assert_cmphex (get4 (&f, ABSENT - 4), ==, 0xa1b2c3d4);
  end (&f);
}

static void
a_page_fault_in_xchg_exchanges_nothing (gconstpointer tier)
{
  static const guint8 code[] = {
    0xb8, 0x78, 0x56, 0x34, 0x12,               /* 10000: mov eax, 12345678h */
    0x83, 0xf8, 0x01,                           /* 10005: cmp eax, 1 */
    0x87, 0x05, 0x00, 0x10, 0x02, 0x00,         /* 10008: xchg [21000h], eax */
  };
  const guint32 entries[] = { ABSENT | 6, ABSENT | 5 }, errors[] = { 6, 7 };

  for (guint i = 0; i < 2; i++)
    {
      Fixture f;
      Frame frame;

      start (&f, *(const AsternTier *) tier, 1);
      put4 (&f, PT + ABSENT / PAGE * 4, entries[i]);
      put4 (&f, ABSENT, 0x5a5a5a5a);
      RUN (&f, code);
      frame = frame_of (&f, X86_EXC_PF);
      g_assert_cmphex (frame.eip, ==, 0x10008);
      g_assert_cmphex (frame.error, ==, errors[i]);
      g_assert_cmphex (f.cpu->s.cr2, ==, ABSENT);
      g_assert_cmphex (gpr (&f, X86_RAX), ==, 0x12345678);
      g_assert_cmphex (get4 (&f, ABSENT), ==, 0x5a5a5a5a);
      end (&f);
    }
}

/* --- two CPUs ------------------------------------------------------------------------------ */

static const guint8 first_cpu[] = {
  0xb8, 0x01, 0x00, 0x00, 0x00,                       /* 10000: mov eax, 1 */
  0xf0, 0x0f, 0xc1, 0x05, 0x00, 0x90, 0x00, 0x00,     /* 10005: lock xadd [9000h], eax */
  0x01, 0xc3,                                         /* 1000d: add ebx, eax */
  0x33, 0x1d, 0x04, 0x90, 0x00, 0x00,                 /* 1000f: xor ebx, [9004h] */
  0xc1, 0xc3, 0x05,                                   /* 10015: rol ebx, 5 */
  0xeb, 0xe6,                                         /* 10018: jmp 10000h */
};

/* In real mode, where its SIPI starts it. */
enum { SECOND_CPU = 0x8000 };
static const guint8 second_cpu[] = {
  0xff, 0x06, 0x00, 0x90,                             /* 8000: inc word [9000h] */
  0x03, 0x06, 0x00, 0x90,                             /* 8004: add ax, [9000h] */
  0xa3, 0x04, 0x90,                                   /* 8008: mov [9004h], ax */
  0xeb, 0xf3,                                         /* 800b: jmp 8000h */
};

static void
start_two (Fixture *f, AsternTier tier)
{
  start (f, tier, 2);
  put (f, CODE, first_cpu, sizeof first_cpu);
  put (f, SECOND_CPU, second_cpu, sizeof second_cpu);
  astern_machine_run (f->machine, 500);
  g_assert_cmphex (get4 (f, COUNTERS + 4), ==, 0);
  astern_cpu_set_pin (f->machine->cpus[1], ASTERN_PIN_INIT, 1);
  astern_cpu_set_pin (f->machine->cpus[1], ASTERN_PIN_SIPI, SECOND_CPU >> 12);
}

static void
a_sipi_right_behind_its_init_starts_the_cpu (gconstpointer tier)
{
  Fixture f;

  start_two (&f, *(const AsternTier *) tier);
  astern_machine_run (f.machine, 1000);
  g_assert_cmphex (x86_cpu (f.machine->cpus[1])->s.seg[X86_CS].selector, ==, SECOND_CPU >> 4);
  g_assert_cmphex (get4 (&f, COUNTERS + 4), !=, 0);
  g_assert_cmphex (f.cpu->s.gpr[X86_RBX], !=, 0);
  end (&f);
}

static void
two_cpus_take_their_turns_the_same_way_each_time (gconstpointer tier)
{
  static const guint64 stops[] = { 501, 777, 1234, 5000, 20001 };
  Fixture a, b, c;

  start_two (&a, *(const AsternTier *) tier);
  start_two (&b, *(const AsternTier *) tier);
  start_two (&c, ASTERN_TIER_INTERP);
  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      guint64 hash;

      astern_machine_run (a.machine, stops[i]);
      astern_machine_run (c.machine, stops[i]);
      hash = astern_machine_hash (a.machine);
      g_assert_cmphex (hash, ==, astern_machine_hash (c.machine));
    }
  /* And without the stops between. */
  astern_machine_run (b.machine, stops[G_N_ELEMENTS (stops) - 1]);
  g_assert_cmphex (astern_machine_hash (a.machine), ==, astern_machine_hash (b.machine));
  end (&a);
  end (&b);
  end (&c);
}

/* --- the budget ------------------------------------------------------------------------------ */

/* REP counts what it retires itself.  A unit that ends in one is reached over a link when the
 * loop is warm, with any part of the budget left: strides of all lengths find each of them. */
static void
linked_units_with_rep_never_run_past_a_stop (gconstpointer tier)
{
  static const guint8 code[] = {
    0xb9, 0x03, 0x00, 0x00, 0x00,                       /* 10000: mov ecx, 3 */
    0xbf, 0x00, 0x90, 0x00, 0x00,                       /* 10005: mov edi, 9000h */
    0xf3, 0xaa,                                         /* 1000a: rep stosb */
    0x43,                                               /* 1000c: inc ebx */
    0xeb, 0xf1,                                         /* 1000d: jmp 10000h */
  };
  Fixture f;
  guint64 stop = 1000;

  start (&f, *(const AsternTier *) tier, 1);
  put (&f, CODE, code, sizeof code);
  astern_machine_run (f.machine, stop);
  for (guint stride = 1; stride <= 64; stride++)
    for (guint i = 0; i < 8; i++)
      {
        stop += stride;
        astern_machine_run (f.machine, stop);
        g_assert_cmpuint (f.machine->clock.s.icount, ==, stop);
      }
  end (&f);
}

/* --- events ------------------------------------------------------------------------------------ */

static AsternCpu *interrupted;

static int
acknowledge (AsternDevice *apic)
{
  astern_cpu_set_pin (interrupted, ASTERN_PIN_INTR, 0);
  return 17;
}

/* Somebody outside who hears of a page's first write, and the door's word to him. */
typedef struct
{
  Fixture f;
  guint   port;
  guint64 icount;
  guint8  shadow;
} Outside;

static void
hear_of_write (gpointer data, guint64 ram, guint32 size, guint8 flags)
{
  Outside *o = data;

  *astern_memory_flags (o->f.machine->memory, ram) &= (guint8) ~ASTERN_PAGE_CLEAN;
  astern_inputs_submit (o->f.machine->inputs, o->port, "", 1);
}

static void
come_in (gpointer data, gconstpointer bytes, gsize size)
{
  Outside *o = data;

  o->icount = o->f.machine->clock.s.icount;
  o->shadow = o->f.cpu->s.shadow;
}

/* A stack segment of another size is another mode, which ends the stretch; an input that comes then finds what it would
 * find if the run had been stopped there. */
static void
an_input_behind_a_move_to_ss_finds_interrupts_held (gconstpointer tier)
{
  static const guint8 code[] = {
    0xba, SEL_USER_DATA, 0x00, 0x00, 0x00,              /* 10000: mov edx, 23h */
    0xa3, 0x00, 0x00, 0x02, 0x00,                       /* 10005: mov [20000h], eax */
    0x8e, 0xd2,                                         /* 1000a: mov ss, dx */
    0x43,                                               /* 1000c: inc ebx */
    0xeb, 0xfd,                                         /* 1000d: jmp 1000ch */
  };
  Outside o = { .icount = 0 };
  guint8 *flags;

  start (&o.f, *(const AsternTier *) tier, 1);
  o.port = astern_inputs_add_port (o.f.machine->inputs, "outside", come_in, &o);
  put (&o.f, CODE, code, sizeof code);
  put8 (&o.f, GDT + (SEL_USER_DATA & ~7), G_GUINT64_CONSTANT (0x008ff3000000ffff));      /* of 16 bits from now on */
  flags = astern_memory_flags (o.f.machine->memory, o.f.ram->start + DATA);
  *flags |= ASTERN_PAGE_CLEAN;
  astern_memory_add_write_listener (o.f.machine->memory, ASTERN_PAGE_CLEAN, hear_of_write, &o);
  astern_memory_flags_raised (o.f.machine->memory);
  astern_machine_run (o.f.machine, 1000);
  g_assert_cmpuint (o.icount, ==, 3);
  g_assert_cmpuint (o.shadow, ==, X86_SHADOW_MOV_SS);
  end (&o.f);
}

/* An NMI by a trap gate leaves IF as it was: the interrupt that waits comes before its handler's
 * first instruction, on whatever stretch of a run that falls. */
static void
an_interrupt_follows_an_nmi_at_once (gconstpointer tier)
{
  static const AsternApicInterface apic = { .acknowledge = acknowledge };
  static const guint8 code[] = { 0x43, 0xeb, 0xfd };       /* 10000: inc ebx; jmp 10000h */
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  interrupted = f.machine->cpus[0];
  interrupted->apic_ops = &apic;
  put (&f, CODE, code, sizeof code);
  put8 (&f, IDT + 8 * X86_EXC_NMI, get4 (&f, IDT + 8 * X86_EXC_NMI) | (guint64) (0x8f << 8) << 32);
  f.cpu->s.rflags |= X86_IF;
  interrupted->sync_in (interrupted);
  astern_machine_run (f.machine, 100);
  astern_cpu_set_pin (interrupted, ASTERN_PIN_NMI, 1);
  astern_cpu_set_pin (interrupted, ASTERN_PIN_INTR, 1);
  astern_machine_run (f.machine, 1000);
  /* It halts in the interrupt's handler, with interrupts off, having come from the NMI's first instruction. */
  g_assert_cmpint (f.machine->stop.reason, ==, ASTERN_STOP_DEADLOCK);
  g_assert_cmphex (f.cpu->s.rip, ==, STUBS + 17 * STUB_BYTES + 1);
  g_assert_cmphex (get4 (&f, gpr (&f, X86_RSP)), ==, STUBS + X86_EXC_NMI * STUB_BYTES);
  g_assert_cmpuint (f.machine->clock.s.icount, ==, 101);
  end (&f);
}

/* What another engine had taken from the interrupt controller, and not delivered, comes before anything else. */
static void
an_interrupt_that_was_accepted_comes_first (gconstpointer tier)
{
  static const guint8 code[] = { 0x43, 0x43 };             /* 10000: inc ebx; inc ebx */
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  put (&f, CODE, code, sizeof code);
  f.cpu->s.rflags |= X86_IF;
  f.cpu->s.halted = 1;
  f.cpu->s.intr_accepted = 1;
  f.cpu->s.intr_vector = 18;
  f.cpu->parent.sync_in (&f.cpu->parent);
  astern_machine_run (f.machine, 2);
  g_assert_cmphex (f.cpu->s.rip, ==, STUBS + 18 * STUB_BYTES + 1);
  g_assert_cmphex (get4 (&f, gpr (&f, X86_RSP)), ==, CODE);
  g_assert_cmpuint (f.cpu->s.intr_accepted, ==, 0);
  end (&f);
}

/* The counter is that of guest time, at its frequency and from its offset; IA32_TSC_DEADLINE speaks of it. */
static void
the_time_stamp_counter_has_its_own_frequency (gconstpointer tier)
{
  static const guint8 code[] = { 0x0f, 0x31, 0xf4 };       /* 10000: rdtsc; hlt */
  Fixture f;
  guint64 now_ns;

  start (&f, *(const AsternTier *) tier, 1);
  put (&f, CODE, code, sizeof code);
  astern_clock_skip (&f.machine->clock, 1000000);
  f.cpu->s.tsc_hz = 2500000000u;
  f.cpu->s.tsc_offset = 7;
  f.cpu->parent.sync_in (&f.cpu->parent);
  now_ns = astern_clock_now_ns (&f.machine->clock);
  astern_machine_run (f.machine, 1);
  g_assert_cmpuint (gpr (&f, X86_RAX), ==, now_ns * 5 / 2 + 7);
  g_assert_cmpuint (x86_tsc_at (&f.cpu->s, now_ns), ==, now_ns * 5 / 2 + 7);
  g_assert_cmpuint (x86_tsc_ns (&f.cpu->s, x86_tsc_at (&f.cpu->s, now_ns)), ==, now_ns);
  end (&f);
}

/* A step that is due is state: it comes after going on from anywhere. */
static void
a_step_that_is_due_survives_a_stop (gconstpointer tier)
{
  static const guint8 code[] = { 0x43, 0x43 };             /* 10000: inc ebx; inc ebx */
  Fixture f;

  start (&f, *(const AsternTier *) tier, 1);
  put (&f, CODE, code, sizeof code);
  f.cpu->s.rflags |= X86_TF;
  f.cpu->parent.sync_in (&f.cpu->parent);
  astern_machine_run (f.machine, 1);
  g_assert_cmphex (f.cpu->s.rip, ==, CODE + 1);
  g_assert_cmphex (f.cpu->s.debug_pending, !=, 0);
  astern_machine_run (f.machine, 2);
  g_assert_cmphex (f.cpu->s.rip, ==, STUBS + X86_EXC_DB * STUB_BYTES + 1);
  g_assert_cmphex (get4 (&f, gpr (&f, X86_RSP)), ==, CODE + 1);
  g_assert_cmphex (f.cpu->s.dr[6] & 0xe00f, ==, X86_DR6_BS);
  end (&f);
}

#define ADD(name) \
  g_test_add_data_func ("/translate/engine/interp/" #name, &tiers[0], name); \
  g_test_add_data_func ("/translate/engine/one/" #name, &tiers[1], name)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_stop_at_any_icount_is_the_same_moment_however_it_was_reached);
  ADD (stops_on_the_way_change_nothing);
  ADD (a_store_into_the_next_instruction_is_seen_at_once);
  ADD (a_store_into_a_unit_that_is_linked_is_seen);
  ADD (a_store_through_another_mapping_is_seen);
  ADD (a_store_into_code_is_seen_after_stores_beside_it);
  ADD (either_half_of_an_instruction_on_two_pages_may_change);
  ADD (a_device_may_write_code);
  ADD (code_is_where_the_page_tables_say_now);
  ADD (an_undefined_opcode_is_ud_at_its_address);
  ADD (a_division_by_zero_changes_nothing);
  ADD (a_segment_with_a_limit_is_checked);
  ADD (a_page_fault_in_pusha_moves_nothing);
  ADD (a_page_fault_in_rep_movs_keeps_what_is_done);
  ADD (a_page_fault_in_xchg_exchanges_nothing);
  ADD (a_sipi_right_behind_its_init_starts_the_cpu);
  ADD (two_cpus_take_their_turns_the_same_way_each_time);
  ADD (linked_units_with_rep_never_run_past_a_stop);
  ADD (an_input_behind_a_move_to_ss_finds_interrupts_held);
  ADD (an_interrupt_follows_an_nmi_at_once);
  ADD (an_interrupt_that_was_accepted_comes_first);
  ADD (the_time_stamp_counter_has_its_own_frequency);
  ADD (a_step_that_is_due_survives_a_stop);
  return g_test_run ();
}
