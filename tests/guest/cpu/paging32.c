/* paging32.c - 32-bit and PAE paging: large pages, reserved bits, pointers that are latched.
 * Source: Intel SDM vol. 3A, 4.3 and 4.4. */
#include "guest.h"

#define ARG(n) ((void *) (uword) (n))
#define EFER 0xc0000080u
#define PG 0x80000000u
#define WP 0x10000u
#define PSE 0x10u
#define PAE 0x20u
#define ALL 7u                        /* present, writable, ring 3's */
#define PS 0x80u
#define A 0x20u
#define D 0x40u
enum { PRESENT = 1, WRITE = 2, USER = 4, RSVD = 8, FETCH = 16 };

static u32 directory[1024] __attribute__ ((aligned (4096)));
static u32 table[1024] __attribute__ ((aligned (4096)));
static u64 pointers[4] __attribute__ ((aligned (32)));
static u64 wide_directory[4][512] __attribute__ ((aligned (4096)));
static u64 wide_table[512] __attribute__ ((aligned (4096)));
static u8 frame[8192] __attribute__ ((aligned (4096)));

#define PLACE 0x40000000u

static void read_byte (void *arg) { __asm__ volatile ("movb (%0), %%al" :: "r" (arg) : "eax"); }
static void write_byte (void *arg) { __asm__ volatile ("movb $0xc3, (%0)" :: "r" (arg) : "memory"); }
static void call_it (void *arg) { __asm__ volatile ("call *%0" :: "r" (arg) : "memory"); }
static void user_read (void *arg) { read_byte (arg); leave (); }
static void load_cr3 (void *arg) { set_cr3 ((uword) arg); }

static void
faults_at (const char *name, void (*fn) (void *), u32 at, u32 error)
{
  int got = run (fn, ARG (at));

  check (name, got == PF && last.error == error && get_cr2 () == at);
  if (got == PF && last.error == error && get_cr2 () == at)
    return;
  note ("vector", (u32) got);
  note ("error", last.error);
  note ("cr2", get_cr2 ());
}

static void
flush (void)
{
  __asm__ volatile ("" ::: "memory");
  set_cr3 (get_cr3 ());
}

static void
narrow (void)
{
  for (u32 i = 0; i < 4; i++)
    directory[i] = i << 22 | ALL | PS;
  directory[PLACE >> 22] = (u32) table | ALL;
  table[0] = (u32) frame | ALL;
  set_cr4 (get_cr4 () | PSE);
  set_cr3 ((u32) directory);
  set_cr0 (get_cr0 () | PG | WP);

  frame[0] = 0x55;
  check_equal ("a page of 4 KiB", *(volatile u8 *) PLACE, 0x55);
  check ("has A in both entries", (table[0] & (A | D)) == A && (directory[PLACE >> 22] & A));
  *(volatile u8 *) PLACE = 1;
  check ("and D after a write", (table[0] & D) != 0);
  table[0] = (u32) frame | 5;
  flush ();
  faults_at ("writing a read-only page", write_byte, PLACE, PRESENT | WRITE);
  faults_at ("a missing page", read_byte, PLACE + 4096, 0);
  faults_at ("fetches are not told without NX", call_it, PLACE + 4096, 0);
  faults_at ("a missing table", write_byte, PLACE + (1u << 22), WRITE);

  directory[PLACE >> 22] = 0 | ALL | PS;
  flush ();
  check_equal ("a page of 4 MiB", *(volatile u8 *) (PLACE + (u32) frame), 1);
  directory[PLACE >> 22] = 1u << 21 | ALL | PS;
  flush ();
  faults_at ("its reserved bit", read_byte, PLACE, PRESENT | RSVD);
  set_cr0 (get_cr0 () & ~PG);
  directory[PLACE >> 22] = (u32) table | ALL | PS;
  table[0] = (u32) frame | ALL;
  for (u32 i = 0; i < 1024; i++)
    ((u32 *) wide_directory)[i] = i << 12 | ALL;      /* the first 4 MiB by a table */
  directory[0] = (u32) wide_directory | ALL;
  directory[1] = directory[2] = directory[3] = 0;
  set_cr4 (get_cr4 () & ~PSE);
  set_cr0 (get_cr0 () | PG);
  check_equal ("without PSE the bit is ignored", *(volatile u8 *) PLACE, 1);
  set_cr0 (get_cr0 () & ~PG);
}

static void no_pae (void *arg) { (void) arg; set_cr4 (get_cr4 () | PAE); }

static void
wide (void)
{
  u64 saved;

  for (u32 i = 0; i < 4; i++)
    {
      pointers[i] = (u32) wide_directory[i] | 1;
      for (u32 j = 0; j < 512; j++)
        wide_directory[i][j] = 0;
    }
  wide_directory[0][0] = 0 | ALL | PS;
  wide_directory[0][1] = 0x200000 | ALL | PS;
  wide_directory[1][0] = (u32) wide_table | ALL;
  wide_table[0] = (u32) frame | ALL;
  set_cr4 (get_cr4 () | PAE);
  set_cr3 ((u32) pointers);
  wrmsr (EFER, 0x800);
  set_cr0 (get_cr0 () | PG | WP);

  frame[0] = 0x66;
  check_equal ("PAE: a page of 4 KiB", *(volatile u8 *) PLACE, 0x66);
  check_equal ("PAE: a page of 2 MiB", *(volatile u8 *) (u32) frame, 0x66);
  wide_table[0] |= 1ull << 63;
  flush ();
  faults_at ("PAE: executing an NX page", call_it, PLACE, PRESENT | FETCH);
  wide_table[0] = (u32) frame | ALL | 1ull << 62;
  flush ();
  faults_at ("PAE: a reserved bit", read_byte, PLACE, PRESENT | RSVD);
  wide_table[0] = (u32) frame | 3;
  flush ();
  {
    int got = run_user (user_read, ARG (PLACE));

    check ("PAE: ring 3 reading ring 0's page", got == PF && last.error == (PRESENT | USER));
  }
  wide_directory[1][0] = 1u << 13 | ALL | PS;
  flush ();
  faults_at ("PAE: a reserved bit of a page of 2 MiB", read_byte, PLACE, PRESENT | RSVD);
  wide_directory[1][0] = (u32) wide_table | ALL;
  wide_table[0] = (u32) frame | ALL;
  flush ();

  saved = pointers[1];
  pointers[1] = 0;
  check_equal ("PAE: pointers are read when CR3 is loaded", *(volatile u8 *) PLACE, 0x66);
  flush ();
  faults_at ("PAE: and then a missing one is missed", read_byte, PLACE, 0);
  pointers[1] = saved | 2;
  check_trap ("PAE: reserved bits of a pointer fault the load", load_cr3, ARG (pointers), GP, 0);
  faults_at ("PAE: which changes nothing", read_byte, PLACE, 0);
  pointers[1] = saved;
  flush ();
  check_equal ("PAE: until it is good", *(volatile u8 *) PLACE, 0x66);
  pointers[2] = 2;
  check_trap ("PAE: a pointer that is not present may have any", load_cr3, ARG (pointers), NO_TRAP, 0);

  set_cr0 (get_cr0 () & ~PG);
  pointers[1] = saved | 2;
  check_trap ("PAE without paging looks at none", no_pae, 0, NO_TRAP, 0);
  check_trap ("nor does CR3 then", load_cr3, ARG (pointers), NO_TRAP, 0);
  pointers[1] = saved;
  set_cr4 (get_cr4 () & ~PAE);
}

void
guest_main (void)
{
  narrow ();
  wide ();
}
