/* small-machine - the least machine that runs a program.
 *
 * The program is 32-bit code in ring 0 without paging, the same on all CPUs:
 *
 *   10000  mov  eax, 5
 *   10005  mov  [20000], eax
 *   1000a  inc  eax              <- again
 *   1000b  mov  [20000], eax
 *   10010  mov  ebx, [20000]
 *   10016  jmp  1000a
 *
 * or in real mode, at 1000:0000:  nop; nop; jmp 1000:0000, with the stack at 2000:0100. */
#pragma once

#include "arch/x86/features.h"
#include "core/machine.h"

enum { CODE = 0x10000, COUNT = 0x1000a, STORE = 0x1000b, LOAD = 0x10010, DATA = 0x20000, STACK = 0x30000, RAM = 0x40000 };

typedef struct
{
  AsternMachine  *machine;
  AsternRamBlock *ram;
  X86Features     features;
} SmallMachine;

SmallMachine *small_machine_new  (guint n_cpus, gboolean real_mode);
void          small_machine_free (SmallMachine *small);
