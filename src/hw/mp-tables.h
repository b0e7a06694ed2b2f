/* mp-tables - the tables by which kernels without ACPI find CPUs and interrupt lines.
 *
 * For a machine that starts without firmware; firmware makes its own.
 *
 * Threads: any. */
#pragma once

#include <glib.h>

/* A PCI function's interrupt pin and the I/O APIC's input that it reaches. */
typedef struct { guint8 devfn, pin, line; } MpPciPin;   /* pin: 0..3, INTA to INTD */

typedef struct
{
  guint           n_cpus;       /* with local APIC ids from 0 on; the first one boots */
  const MpPciPin *pci_pins;
  guint           n_pci_pins;
} MpTablesOptions;

/* The floating pointer with the configuration table behind it, to be put at physical
 * address @at, a multiple of 16 in 0xf0000..0xfffff. */
GBytes *mp_tables_build (const MpTablesOptions *options, guint32 at);
