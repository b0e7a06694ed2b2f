/* option-acpi - tables of -acpitable.
 *
 * Threads: any; plain values. */
#pragma once

#include "launch/options.h"

/* The table that @item makes of its files' @content, whose checksum firmware's script sets.  NULL with @error: it is none. */
GBytes *astern_acpi_table_make  (const AsternAcpiTableItem *item, GBytes *content, GError **error);
void    astern_acpi_table_clear (AsternAcpiTableItem *item);
