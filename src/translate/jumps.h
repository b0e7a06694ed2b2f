/* jumps - where a CPU's indirect jumps, calls and returns find host code by themselves: the table in X86Cpu.
 *
 * Threads: the machine's. */
#pragma once

#include "translate/units.h"
#include "translate/x86/cpu.h"

/* Before host code runs: the table and jump_tag become those of @cpu's mode and CS base. */
void jumps_prepare  (X86Cpu *cpu);
/* After jumps_prepare(): from now on jumps to @unit's RIP find it. */
void jumps_remember (X86Cpu *cpu, const XlateUnit *unit);
/* @unit died. */
void jumps_drop     (X86Cpu *cpu, const XlateUnit *unit);
void jumps_forget   (X86Cpu *cpu);
