/* kvmclock - the clock that a guest of KVM reads from a page of its own memory, with its time stamp counter.
 *
 * The engine `kvm` leaves it to the kernel.  Elsewhere the counter is a function of guest time, so that one page, written when the
 * guest asks for it, stays right.
 * Source: Linux, Documentation/virt/kvm/x86/msr.rst, cpuid.rst.
 *
 * Threads: pure functions.
 * Units:   ns = guest time since power-on. */
#pragma once

#include <glib.h>

enum { X86_KVMCLOCK_BYTES = 32, X86_KVMCLOCK_WALL_BYTES = 12 };
enum { X86_KVMCLOCK_ENABLED = 1 };

#define X86_MSR_KVM_WALL_CLOCK  0x4b564d00u
#define X86_MSR_KVM_SYSTEM_TIME 0x4b564d01u
#define X86_MSR_KVM_PV_EOI      0x4b564d04u

/* A counter of @tsc_hz stood at @tsc when the time was @now_ns. */
void x86_kvmclock_page (guint64 now_ns, guint64 tsc, guint64 tsc_hz, guint8 page[X86_KVMCLOCK_BYTES]);
/* The machine was switched on @power_on_s seconds after 1970. */
void x86_kvmclock_wall (guint64 power_on_s, guint8 wall[X86_KVMCLOCK_WALL_BYTES]);
