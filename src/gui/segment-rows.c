/* segment-rows.c - see segment-rows.h.
 * Source: Intel SDM vol. 3A, chapters 3, 6, 7 and section 20.1.4 (real mode). */
#include "config.h"

#include "gui/segment-rows.h"

#include "arch/x86/descriptors.h"
#include "session/point-text.h"

#include <string.h>

#include <glib/gi18n.h>

enum { GDT = 1, LDT, IDT, TSS };
enum { MOST_PORT_RANGES = 8, MOST_TSS_BYTES = 0x2068 };

typedef struct
{
  AsternRowList  *list;
  AsternSession  *session;
  AsternCpu      *cpu;
  const X86State *state;
  GHashTable     *unfolded;
} Filling;

static guint64
key_of (guint table, guint entry)
{
  return (guint64) table << 32 | entry;
}

/* Bytes of linear memory; returns how many are there. */
static gsize
read_linear (const Filling *f, guint64 address, gpointer bytes, gsize size)
{
  return astern_debugger_read_memory (f->session->debugger, f->cpu->index, ASTERN_SPACE_LINEAR, address, bytes, size);
}

static void
append_name (Filling *f, GString *text, guint64 address)
{
  g_autofree char *name = astern_symbols_describe (f->session->launch->symbols, address);

  if (name != NULL)
    g_string_append_printf (text, " <%s>", name);
}

/* ---- descriptors ---- */

/* Which of the CPU's segment registers came from this entry: "CS SS". */
static void
set_users (Filling *f, guint table, guint offset)
{
  static const char *const names[X86_N_SEGS] = { "ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR" };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < X86_N_SEGS; i++)
    {
      guint16 selector = f->state->seg[i].selector;

      if (!X86_SEL_NULL (selector) && X86_SEL_LDT (selector) == (table == LDT) && X86_SEL_INDEX (selector) == offset)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", names[i]);
    }
  astern_row_list_set (f->list, ASTERN_SEGMENT_USERS, text->str);
}

/* Of the code segment that a gate leads to; 0 in long mode, and where it leads nowhere. */
static guint64
base_of (Filling *f, guint16 selector)
{
  gboolean local = X86_SEL_LDT (selector);
  guint64 table = local ? f->state->seg[X86_LDTR].base : f->state->gdtr_base;
  guint8 bytes[8];
  X86Descriptor d;

  if (x86_long_mode (f->state) || X86_SEL_NULL (selector) || read_linear (f, table + X86_SEL_INDEX (selector), bytes, 8) < 8)
    return 0;
  x86_descriptor_decode (bytes, 8, FALSE, FALSE, &d);
  return d.kind == X86_DESCRIPTOR_CODE ? d.base : 0;
}

static void
set_gate (Filling *f, AsternRow *row, const X86Descriptor *d)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (d->kind == X86_DESCRIPTOR_TASK_GATE)
    g_string_append_printf (text, "%04x", d->selector);
  else
    {
      row->address = base_of (f, d->selector) + d->offset;
      row->flags |= ASTERN_SEGMENT_CODE;
      g_string_append_printf (text, "%04x:%0*" G_GINT64_MODIFIER "x", d->selector, d->bits == 64 ? 16 : d->bits / 4, d->offset);
      append_name (f, text, row->address);
    }
  astern_row_list_set (f->list, ASTERN_SEGMENT_PLACE, text->str);
}

static void
set_segment (Filling *f, AsternRow *row, const X86Descriptor *d)
{
  row->address = d->base;
  row->flags |= ASTERN_SEGMENT_MEMORY;
  astern_row_list_printf (f->list, ASTERN_SEGMENT_PLACE, "%0*" G_GINT64_MODIFIER "x", d->bits == 64 && d->bytes == 16 ? 16 : 8,
                          d->base);
  astern_row_list_printf (f->list, ASTERN_SEGMENT_LIMIT, "%x", d->limit);
}

static void
set_entry_name (Filling *f, guint table, guint index)
{
  const char *name = table == IDT ? astern_point_number_name (ASTERN_POINT_EXCEPTION, index) : NULL;

  if (table != IDT)
    astern_row_list_printf (f->list, ASTERN_SEGMENT_ENTRY, "%04x", index * 8 + (table == LDT ? 4 : 0));
  else if (name != NULL)
    astern_row_list_printf (f->list, ASTERN_SEGMENT_ENTRY, "%02x %s", index, name);
  else
    astern_row_list_printf (f->list, ASTERN_SEGMENT_ENTRY, "%02x", index);
}

static void
add_descriptor (Filling *f, guint table, guint index, const X86Descriptor *d)
{
  g_autofree char *type = x86_descriptor_text (d), *flags = x86_descriptor_flags (d);
  AsternRow *row = astern_row_list_add (f->list, 1, key_of (table, index + 1));

  set_entry_name (f, table, index);
  astern_row_list_set (f->list, ASTERN_SEGMENT_TYPE, type);
  if (d->kind >= X86_DESCRIPTOR_CALL_GATE && d->kind <= X86_DESCRIPTOR_TRAP_GATE)
    set_gate (f, row, d);
  else if (d->kind != X86_DESCRIPTOR_RESERVED)
    set_segment (f, row, d);
  astern_row_list_printf (f->list, ASTERN_SEGMENT_DPL, "%u", d->dpl);
  astern_row_list_set (f->list, ASTERN_SEGMENT_FLAGS, flags);
  if (table != IDT)
    set_users (f, table, index * 8);
}

static void
add_descriptors (Filling *f, guint table, guint64 base, guint limit)
{
  gboolean long_mode = x86_long_mode (f->state), idt = table == IDT;
  gsize size = (gsize) MIN (limit, 0xffffu) + 1;
  g_autofree guint8 *bytes = g_malloc (size);

  size = read_linear (f, base, bytes, MIN (size, idt ? 256u * (long_mode ? 16 : 8) : size));
  for (gsize at = 0; at < size; )
    {
      X86Descriptor d;

      if (!x86_descriptor_decode (bytes + at, size - at, long_mode, idt, &d))
        break;
      if (d.kind != X86_DESCRIPTOR_EMPTY)
        add_descriptor (f, table, (guint) (at / (idt ? d.bytes : 8)), &d);
      at += d.bytes;
    }
}

/* ---- real mode's interrupt vectors ---- */

static void
add_vectors (Filling *f, guint64 base, guint limit)
{
  guint8 bytes[256 * 4];
  gsize size = read_linear (f, base, bytes, MIN (sizeof bytes, (gsize) limit + 1));

  for (guint i = 0; (i + 1) * 4 <= size; i++)
    {
      guint offset = bytes[i * 4] | bytes[i * 4 + 1] << 8, segment = bytes[i * 4 + 2] | bytes[i * 4 + 3] << 8;
      g_autoptr (GString) text = g_string_new (NULL);
      AsternRow *row;

      if (offset == 0 && segment == 0)
        continue;
      row = astern_row_list_add (f->list, 1, key_of (IDT, i + 1));
      row->address = ((guint64) segment << 4) + offset;
      row->flags = ASTERN_SEGMENT_CODE;
      astern_row_list_printf (f->list, ASTERN_SEGMENT_ENTRY, "%02x", i);
      astern_row_list_set (f->list, ASTERN_SEGMENT_TYPE, _("vector"));
      g_string_append_printf (text, "%04x:%04x", segment, offset);
      append_name (f, text, row->address);
      astern_row_list_set (f->list, ASTERN_SEGMENT_PLACE, text->str);
    }
}

/* ---- the task ---- */

static void
add_tss_row (Filling *f, guint n, const char *name, const char *value)
{
  astern_row_list_add (f->list, 1, key_of (TSS, n + 1));
  astern_row_list_set (f->list, ASTERN_SEGMENT_ENTRY, name);
  astern_row_list_set (f->list, ASTERN_SEGMENT_PLACE, value);
}

static guint
tss_bits (const Filling *f)
{
  if (x86_long_mode (f->state))
    return 64;
  return f->state->seg[X86_TR].attr & 8 ? 32 : 16;      /* types 9 and 11 */
}

static void
add_tss (Filling *f)
{
  const X86Segment *tr = &f->state->seg[X86_TR];
  guint8 bytes[MOST_TSS_BYTES + 1];
  gsize size = read_linear (f, tr->base, bytes, MIN (sizeof bytes, (gsize) tr->limit + 1));
  guint n = 0, io_map = G_MAXUINT;

  for (const X86TssField *field = x86_tss_fields (tss_bits (f));
       field->name != NULL && (gsize) field->offset + field->size <= size; field++)
    {
      guint64 value = x86_tss_value (field, bytes, size);
      g_autofree char *text = g_strdup_printf ("%0*" G_GINT64_MODIFIER "x", field->size * 2, value);

      if (g_str_equal (field->name, "IOMAP"))
        io_map = (guint) value;
      add_tss_row (f, n++, field->name, text);
    }
  if (io_map != G_MAXUINT)
    {
      g_autofree char *ports = x86_tss_ports_text (bytes, size, io_map, MOST_PORT_RANGES);

      add_tss_row (f, n, _("ports let through"), ports);
    }
}

/* ---- the tables ---- */

/* TRUE: it is unfolded. */
static gboolean
add_table (Filling *f, guint table, const char *name, guint64 base, guint limit, gboolean open)
{
  AsternRow *row = astern_row_list_add (f->list, 0, key_of (table, 0));

  row->address = base;
  row->flags = ASTERN_ROW_LAZY | ASTERN_ROW_STRONG | ASTERN_SEGMENT_MEMORY | (open ? ASTERN_ROW_OPEN : 0);
  astern_row_list_set (f->list, ASTERN_SEGMENT_ENTRY, name);
  astern_row_list_printf (f->list, ASTERN_SEGMENT_PLACE, "%0*" G_GINT64_MODIFIER "x", x86_long_mode (f->state) ? 16 : 8, base);
  astern_row_list_printf (f->list, ASTERN_SEGMENT_LIMIT, "%x", limit);
  return astern_rows_is_in (f->unfolded, key_of (table, 0));
}

static gboolean
is_usable (const X86Segment *seg)
{
  return (seg->attr & X86_ATTR_P) && !(seg->attr & X86_ATTR_UNUSABLE) && !X86_SEL_NULL (seg->selector);
}

void
astern_segment_rows_add (AsternRowList *list, AsternSession *session, AsternCpu *cpu, GHashTable *unfolded)
{
  const X86State *s = cpu->state;
  Filling f = { list, session, cpu, s, unfolded };

  if (!(s->cr0 & X86_CR0_PE))
    {
      if (add_table (&f, IDT, _("IVT"), s->idtr_base, s->idtr_limit, TRUE))
        add_vectors (&f, s->idtr_base, s->idtr_limit);
      return;
    }
  if (add_table (&f, GDT, "GDT", s->gdtr_base, s->gdtr_limit, TRUE))
    add_descriptors (&f, GDT, s->gdtr_base, s->gdtr_limit);
  if (is_usable (&s->seg[X86_LDTR]) && add_table (&f, LDT, "LDT", s->seg[X86_LDTR].base, s->seg[X86_LDTR].limit, FALSE))
    add_descriptors (&f, LDT, s->seg[X86_LDTR].base, s->seg[X86_LDTR].limit);
  if (add_table (&f, IDT, "IDT", s->idtr_base, s->idtr_limit, TRUE))
    add_descriptors (&f, IDT, s->idtr_base, s->idtr_limit);
  if (is_usable (&s->seg[X86_TR]) && add_table (&f, TSS, "TSS", s->seg[X86_TR].base, s->seg[X86_TR].limit, FALSE))
    add_tss (&f);
}
