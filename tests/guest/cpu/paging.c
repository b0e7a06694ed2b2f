/* paging.c - four-level paging: rights, reserved bits, error codes, A and D bits, PCIDs.
 * Source: Intel SDM vol. 3A, chapter 4. */
#include "guest.h"

#define ARG(n) ((void *) (uword) (n))
#define EFER 0xc0000080u
#define P 1ull
#define W 2ull
#define U 4ull
#define A 0x20ull
#define D 0x40ull
#define PS 0x80ull
#define NX (1ull << 63)
#define RESERVED (1ull << 51)
#define WP (1ul << 16)
#define SMEP (1ul << 20)
#define SMAP (1ul << 21)
#define PCIDE (1ul << 17)

/* Bits of #PF's error code. */
enum { PRESENT = 1, WRITE = 2, USER = 4, RSVD = 8, FETCH = 16 };

extern u64 page_map[512], page_pointers[512];
static u64 directory[512] __attribute__ ((aligned (4096)));
static u64 table[512] __attribute__ ((aligned (4096)));
static u8 frame[8192] __attribute__ ((aligned (4096)));

#define PLACE 0x40000000ull            /* the second GiB: its tables are ours */
#define NEXT (PLACE + 4096)

static void
map (u64 pointer_bits, u64 directory_bits, u64 table_bits)
{
  page_pointers[1] = (u64) directory | pointer_bits;
  directory[0] = (u64) table | directory_bits;
  table[0] = (u64) frame | table_bits;
  table[1] = 0;
  set_cr3 (get_cr3 ());
}
#define ALL (P | W | U)
#define MAP(bits) map (ALL, ALL, bits)

static void read_byte (void *arg) { __asm__ volatile ("movb (%0), %%al" :: "r" (arg) : "rax"); }
static void read_four (void *arg) { __asm__ volatile ("movl (%0), %%eax" :: "r" (arg) : "rax"); }
static void write_byte (void *arg) { __asm__ volatile ("movb $0xc3, (%0)" :: "r" (arg) : "memory"); }
static void add_byte (void *arg) { __asm__ volatile ("addb $0, (%0)" :: "r" (arg) : "memory", "cc"); }
static void write_four (void *arg) { __asm__ volatile ("movl $-1, (%0)" :: "r" (arg) : "memory"); }
static void call_it (void *arg) { __asm__ volatile ("call *%0" :: "r" (arg) : "memory"); }
static void user_read (void *arg) { read_byte (arg); leave (); }
static void user_write (void *arg) { write_byte (arg); leave (); }
static void user_call (void *arg) { call_it (arg); leave (); }
static void with_ac (void *arg)
{
  __asm__ volatile ("stac\n movb (%0), %%al\n clac" :: "r" (arg) : "rax");
}

static void load_with_ac (void *arg) { __asm__ volatile ("stac\n mov %w0, %%fs\n clac" :: "r" (arg)); }

static void
faults_at (const char *name, void (*fn) (void *), u64 at, u32 error, u64 cr2)
{
  int got;

  set_cr2 (0);
  got = run (fn, ARG (at));
  check (name, got == PF && last.error == error && get_cr2 () == cr2);
  if (got == PF && last.error == error && get_cr2 () == cr2)
    return;
  note ("vector", (u32) got);
  note ("error", last.error);
  note ("cr2", get_cr2 ());
}
#define FAULTS(name, fn, error) faults_at (name, fn, PLACE, error, PLACE)

static void
user_faults (const char *name, void (*fn) (void *), u32 error)
{
  int got = run_user (fn, ARG (PLACE));

  check (name, got == PF && last.error == error && get_cr2 () == PLACE);
  if (got == PF && last.error == error)
    return;
  note ("vector", (u32) got);
  note ("error", last.error);
}

static void
missing (void)
{
  MAP (0);
  FAULTS ("reading a missing page", read_byte, 0);
  FAULTS ("writing it", write_byte, WRITE);
  FAULTS ("a read-modify-write of it", add_byte, WRITE);
  FAULTS ("executing it", call_it, FETCH);
  user_faults ("ring 3 reading it", user_read, USER);
  user_faults ("ring 3 writing it", user_write, USER | WRITE);
  user_faults ("ring 3 executing it", user_call, USER | FETCH);
  map (ALL, 0, ALL);
  FAULTS ("a missing table", read_byte, 0);
  map (0, ALL, ALL);
  FAULTS ("a missing directory", write_byte, WRITE);
}

static void
rights (void)
{
  frame[0] = 0xc3;
  MAP (P | U);
  user_faults ("ring 3 writing a read-only page", user_write, PRESENT | USER | WRITE);
  FAULTS ("ring 0 writing it under WP", write_byte, PRESENT | WRITE);
  check_trap ("and reading it", read_byte, ARG (PLACE), NO_TRAP, 0);
  set_cr0 (get_cr0 () & ~WP);
  check_trap ("ring 0 writing it without WP", write_byte, ARG (PLACE), NO_TRAP, 0);
  user_faults ("ring 3 still may not", user_write, PRESENT | USER | WRITE);
  set_cr0 (get_cr0 () | WP);
  FAULTS ("nor ring 0 when WP is back", write_byte, PRESENT | WRITE);
  map (ALL, P | U, ALL);
  FAULTS ("the table is read-only", write_byte, PRESENT | WRITE);
  map (P | U, ALL, ALL);
  FAULTS ("the directory is read-only", write_byte, PRESENT | WRITE);

  MAP (P | W);
  user_faults ("ring 3 reading ring 0's page", user_read, PRESENT | USER);
  user_faults ("ring 3 executing it", user_call, PRESENT | USER | FETCH);
  map (ALL, P | W, ALL);
  user_faults ("ring 0's by its table", user_read, PRESENT | USER);

  MAP (ALL | NX);
  FAULTS ("executing an NX page", call_it, PRESENT | FETCH);
  user_faults ("in ring 3", user_call, PRESENT | USER | FETCH);
  check_trap ("reading it", read_byte, ARG (PLACE), NO_TRAP, 0);
  map (ALL, ALL | NX, ALL);
  FAULTS ("NX by its table", call_it, PRESENT | FETCH);
  MAP (ALL);
  frame[0] = 0xc3;
  check_trap ("executing another", call_it, ARG (PLACE), NO_TRAP, 0);
  check_user_trap ("in ring 3", user_call, ARG (PLACE), LEAVE_VECTOR, 0);
}

static void
reserved (void)
{
  MAP (ALL | RESERVED);
  FAULTS ("a reserved bit", read_byte, PRESENT | RSVD);
  FAULTS ("for a write", write_byte, PRESENT | RSVD | WRITE);
  FAULTS ("for a fetch", call_it, PRESENT | RSVD | FETCH);
  user_faults ("in ring 3", user_read, PRESENT | RSVD | USER);
  map (ALL, ALL | RESERVED, ALL);
  FAULTS ("in a directory", read_byte, PRESENT | RSVD);
  map (ALL | RESERVED, ALL, ALL);
  FAULTS ("in a pointer table", read_byte, PRESENT | RSVD);
  MAP (ALL);
  page_map[1] = (u64) page_pointers | ALL | PS;
  faults_at ("PS at the top", read_byte, 1ull << 39, PRESENT | RSVD, 1ull << 39);
  page_map[1] = 0;
  wrmsr (EFER, rdmsr (EFER) & ~0x800ull);
  MAP (ALL | NX);
  FAULTS ("NX without EFER.NXE is reserved", read_byte, PRESENT | RSVD);
  MAP (0);
  FAULTS ("and fetches are not told", call_it, 0);
  wrmsr (EFER, rdmsr (EFER) | 0x800);
}

static void
supervisor (void)
{
  static u64 descriptor_page[512] __attribute__ ((aligned (4096)));

  const u64 place = (1ull << 39) | PLACE;

  /* Nothing of ours may be user memory then: all of it is ring 0's but the place. */
  frame[0] = 0xc3;
  MAP (ALL);
  page_map[0] &= ~U;
  page_map[1] = (u64) page_pointers | ALL;
  set_cr3 (get_cr3 ());
  set_cr4 (get_cr4 () | SMEP);
  faults_at ("SMEP: ring 0 executing ring 3's page", call_it, place, PRESENT | FETCH, place);
  check_trap ("SMEP: reading it", read_byte, ARG (place), NO_TRAP, 0);
  set_cr4 (get_cr4 () & ~SMEP);
  check_trap ("executing it without SMEP", call_it, ARG (place), NO_TRAP, 0);

  set_cr4 (get_cr4 () | SMAP);
  faults_at ("SMAP: ring 0 reading ring 3's page", read_byte, place, PRESENT, place);
  faults_at ("SMAP: writing it", write_byte, place, PRESENT | WRITE, place);
  check_trap ("SMAP: reading it with AC", with_ac, ARG (place), NO_TRAP, 0);
  check_trap ("SMAP: executing it", call_it, ARG (place), NO_TRAP, 0);
  descriptor_page[1] = segment (0, 0xfffff, D_DATA, 0xc);
  table[1] = (u64) descriptor_page | ALL;
  gdt[8] = segment ((u32) PLACE + 4096, 4095, 0x82, 0);
  gdt[9] = place >> 32;
  __asm__ volatile ("lldt %w0" :: "r" (FREE_SEL));
  faults_at ("SMAP: descriptors there are not read, whatever AC is", load_with_ac, 8 | 4, PRESENT, place + 4096 + 8);
  __asm__ volatile ("lldt %w0" :: "r" (0));
  set_cr4 (get_cr4 () & ~SMAP);
  page_map[1] = 0;
  page_map[0] |= U;
  set_cr3 (get_cr3 ());
}

static void
accessed (void)
{
  MAP (ALL);
  read_byte (ARG (PLACE));
  check ("a read sets A at each level", (page_pointers[1] & A) && (directory[0] & A) && (table[0] & (A | D)) == A);
  write_byte (ARG (PLACE));
  check ("a write sets D in the last one", (table[0] & (A | D)) == (A | D) && !(directory[0] & D));
  MAP (ALL);
  write_byte (ARG (PLACE));
  check ("a write sets both", (table[0] & (A | D)) == (A | D));
  MAP (P | U);
  run (write_byte, ARG (PLACE));
  check ("a write that faults sets no D", !(table[0] & D));
  MAP (ALL);
  frame[0] = 0xc3;
  call_it (ARG (PLACE));
  check ("a fetch sets A", (table[0] & (A | D)) == A);
}

static void
sizes (void)
{
  u32 r[4];

  page_pointers[1] = (u64) directory | ALL;
  directory[0] = 0x200000 | ALL | PS;
  set_cr3 (get_cr3 ());
  *(volatile u32 *) 0x234560 = 0x12345678;
  check_equal ("a page of 2 MiB", *(volatile u32 *) (PLACE + 0x34560), 0x12345678);
  *(volatile u8 *) (PLACE + 0x1000) = 1;
  check ("has its D bit", (directory[0] & D) != 0);
  directory[0] = 0x202000 | ALL | PS;
  set_cr3 (get_cr3 ());
  FAULTS ("its reserved bits", read_byte, PRESENT | RSVD);
  cpuid (0x80000001, 0, r);
  if (r[3] >> 26 & 1)
    {
      page_pointers[1] = ALL | PS;
      set_cr3 (get_cr3 ());
      check_equal ("a page of 1 GiB", *(volatile u32 *) (PLACE + 0x234560), 0x12345678);
      page_pointers[1] = 0x2000 | ALL | PS;
      set_cr3 (get_cr3 ());
      FAULTS ("its reserved bits", read_byte, PRESENT | RSVD);
    }
  else
    skip ("a page of 1 GiB", "the CPU has none");
}

static void
two_pages (void)
{
  MAP (ALL);
  faults_at ("an access over the end: the second page is missing", read_four, PLACE + 4094, 0, NEXT);
  frame[4094] = frame[4095] = 0x55;
  faults_at ("a write over the end", write_four, PLACE + 4094, WRITE, NEXT);
  check ("writes nothing", frame[4094] == 0x55 && frame[4095] == 0x55);
  table[1] = (u64) frame | 4096 | P | U;
  set_cr3 (get_cr3 ());
  faults_at ("the second page is read-only", write_four, PLACE + 4094, PRESENT | WRITE, NEXT);
  table[0] = 0;
  set_cr3 (get_cr3 ());
  faults_at ("the first page is missing", read_four, PLACE + 4094, 0, PLACE + 4094);
  /* CALL at the end of a page whose end is in the next one. */
  MAP (ALL);
  frame[4095] = 0xe8;
  faults_at ("an instruction over the end", call_it, PLACE + 4095, FETCH, NEXT);
}

static void
invalidation (void)
{
  MAP (ALL);
  frame[0] = 1;
  frame[4096] = 2;
  check_equal ("a page", *(volatile u8 *) PLACE, 1);
  table[0] = ((u64) frame + 4096) | ALL;
  __asm__ volatile ("invlpg (%0)" :: "r" (PLACE) : "memory");
  check_equal ("INVLPG shows what is mapped now", *(volatile u8 *) PLACE, 2);
  table[0] = 0;
  __asm__ volatile ("invlpg (%0)" :: "r" (PLACE) : "memory");
  FAULTS ("and what is not", read_byte, 0);
}

static u64 invpcid_what[2];
static void invpcid (void *arg) { __asm__ volatile ("invpcid %1, %0" :: "r" (arg), "m" (invpcid_what) : "memory"); }
static void pcide (void *arg) { (void) arg; set_cr4 (get_cr4 () | PCIDE); }
static void no_pae (void *arg) { (void) arg; set_cr4 (get_cr4 () & ~0x20ul); }
static void no_lme (void *arg) { (void) arg; wrmsr (EFER, rdmsr (EFER) & ~0x100ull); }
static void no_paging (void *arg) { (void) arg; set_cr0 (get_cr0 () & ~0x80000000ul); }
static void wide_cr3 (void *arg) { (void) arg; set_cr3 (get_cr3 () | 1ul << 60); }
static void user_invpcid (void *arg) { invpcid (arg); }

static void
contexts (void)
{
  check_trap ("CR4 without PAE", no_pae, 0, GP, 0);
  check_trap ("EFER without LME", no_lme, 0, GP, 0);
  check_trap ("CR0 without PG in 64-bit code", no_paging, 0, GP, 0);
  check_trap ("reserved bits of CR3", wide_cr3, 0, GP, 0);
  set_cr3 (get_cr3 () | 8);
  check_trap ("PCIDE while CR3 has low bits", pcide, 0, GP, 0);
  set_cr3 (get_cr3 () & ~0xffful);
  check_trap ("PCIDE", pcide, 0, NO_TRAP, 0);
  set_cr3 ((get_cr3 () & ~0xffful) | 5 | 1ul << 63);
  check_equal ("bit 63 of CR3 is not kept", get_cr3 () >> 63, 0);
  check_equal ("the PCID is", get_cr3 () & 0xfff, 5);
  invpcid_what[0] = 5;
  invpcid_what[1] = PLACE;
  for (u64 type = 0; type < 4; type++)
    check_trap ("INVPCID", invpcid, ARG (type), NO_TRAP, 0);
  check_trap ("INVPCID of type 4", invpcid, ARG (4), GP, 0);
  invpcid_what[0] = 0x1000;
  check_trap ("INVPCID: reserved bits", invpcid, ARG (1), GP, 0);
  invpcid_what[0] = 5;
  invpcid_what[1] = 1ull << 47;
  check_trap ("INVPCID: no canonical address", invpcid, ARG (0), GP, 0);
  check_user_trap ("INVPCID in ring 3", user_invpcid, ARG (0), GP, 0);
  set_cr3 (get_cr3 () & ~0xffful);
  set_cr4 (get_cr4 () & ~PCIDE);
  invpcid_what[1] = PLACE;
  check_trap ("INVPCID of a PCID without PCIDE", invpcid, ARG (1), GP, 0);
}

void
guest_main (void)
{
  missing ();
  rights ();
  reserved ();
  supervisor ();
  accessed ();
  sizes ();
  two_pages ();
  invalidation ();
  contexts ();
}
