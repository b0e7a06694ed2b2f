/* aml - writes ACPI machine language, term by term.
 *
 * What holds other terms is opened by its function and closed by aml_end():
 *
 *   aml_device (a, "RTC_");
 *     aml_name (a, "_HID");  aml_eisa_id (a, "PNP0B00");
 *   aml_end (a);
 *
 * Names are written as in ASL ("\\_SB.PCI0", "_CRS"); segments have up to four letters.
 *
 * Threads: any; an Aml belongs to its maker. */
#pragma once

#include <glib.h>

typedef struct _Aml Aml;

Aml        *aml_new         (void);
/* Frees @aml; everything must be closed. */
GByteArray *aml_finish      (Aml *aml);

/* Containers: until aml_end(). */
void aml_scope              (Aml *aml, const char *path);
void aml_device             (Aml *aml, const char *name);
void aml_method             (Aml *aml, const char *name, guint n_args);
void aml_package            (Aml *aml, guint8 n_elements);
void aml_resources          (Aml *aml);     /* a buffer; takes aml_res_...() alone */
void aml_if                 (Aml *aml);     /* then the condition, then the terms */
void aml_else               (Aml *aml);
void aml_end                (Aml *aml);

/* Terms. */
void aml_name               (Aml *aml, const char *name);      /* then its value */
void aml_integer            (Aml *aml, guint64 value);
void aml_string             (Aml *aml, const char *text);
void aml_eisa_id            (Aml *aml, const char *id);         /* "PNP0A03" */
void aml_path               (Aml *aml, const char *path);
void aml_arg                (Aml *aml, guint n);
void aml_return             (Aml *aml);     /* then a value */
void aml_store              (Aml *aml);     /* then a value, a target */
void aml_and                (Aml *aml);     /* then two values, a target; aml_nothing() for none */
void aml_or                 (Aml *aml);
void aml_nothing            (Aml *aml);
void aml_dword_field        (Aml *aml);     /* CreateDWordField: then a buffer, an index, a name (aml_path) */

/* A field of bytes in the device's PCI configuration space, each named. */
void aml_pci_config_bytes   (Aml *aml, const char *region, guint8 offset, const char *const *names);

/* Resource descriptors (ACPI 6.4, section 6.4). */
void aml_res_io             (Aml *aml, guint16 start, guint8 length);
void aml_res_irq            (Aml *aml, guint line);                           /* edge, active high, exclusive */
void aml_res_level_irqs     (Aml *aml, const guint32 *lines, guint8 n);       /* level, active high, shared */
void aml_res_memory         (Aml *aml, guint32 start, guint32 length);        /* read-write */
void aml_res_bus_window     (Aml *aml, guint16 first, guint16 last);
void aml_res_io_window      (Aml *aml, guint16 first, guint16 last);
void aml_res_memory_window  (Aml *aml, guint32 first, guint32 last, gboolean cacheable);
void aml_res_memory64_window (Aml *aml, guint64 first, guint64 last);          /* cacheable */
