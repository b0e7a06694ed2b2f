/* descriptors.c - see descriptors.h.
 * Source: Intel SDM vol. 3A, sections 3.4.5, 3.5, 5.8.3, 6.11, 6.14, 7.2 and 7.7; vol. 1, section 18.5.2. */
#include "config.h"

#include "arch/x86/descriptors.h"

#include <string.h>

#include <glib/gi18n.h>

static guint64
word_at (const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

/* ---- system descriptors ---- */

typedef struct
{
  guint8 kind, bits;      /* outside long mode */
  guint8 long_bits;       /* in it; 0: reserved there */
} SystemType;

static const SystemType system_types[16] = {
  [0]                   = { X86_DESCRIPTOR_RESERVED, 0, 0 },
  [X86_SYS_TSS16]       = { X86_DESCRIPTOR_TSS, 16, 0 },
  [X86_SYS_LDT]         = { X86_DESCRIPTOR_LDT, 32, 64 },
  [X86_SYS_TSS16_BUSY]  = { X86_DESCRIPTOR_TSS, 16, 0 },
  [X86_SYS_CALL16]      = { X86_DESCRIPTOR_CALL_GATE, 16, 0 },
  [X86_SYS_TASK_GATE]   = { X86_DESCRIPTOR_TASK_GATE, 32, 0 },
  [X86_SYS_INT16]       = { X86_DESCRIPTOR_INTERRUPT_GATE, 16, 0 },
  [X86_SYS_TRAP16]      = { X86_DESCRIPTOR_TRAP_GATE, 16, 0 },
  [8]                   = { X86_DESCRIPTOR_RESERVED, 0, 0 },
  [X86_SYS_TSS]         = { X86_DESCRIPTOR_TSS, 32, 64 },
  [10]                  = { X86_DESCRIPTOR_RESERVED, 0, 0 },
  [X86_SYS_TSS_BUSY]    = { X86_DESCRIPTOR_TSS, 32, 64 },
  [X86_SYS_CALL]        = { X86_DESCRIPTOR_CALL_GATE, 32, 64 },
  [13]                  = { X86_DESCRIPTOR_RESERVED, 0, 0 },
  [X86_SYS_INT]         = { X86_DESCRIPTOR_INTERRUPT_GATE, 32, 64 },
  [X86_SYS_TRAP]        = { X86_DESCRIPTOR_TRAP_GATE, 32, 64 },
};

static gboolean
is_gate (guint kind)
{
  return kind >= X86_DESCRIPTOR_CALL_GATE && kind <= X86_DESCRIPTOR_TRAP_GATE;
}

/* Gates for interrupts and traps belong into the IDT, the rest but the task gate elsewhere. */
static gboolean
belongs (guint kind, gboolean idt)
{
  if (kind == X86_DESCRIPTOR_TASK_GATE)
    return TRUE;
  return idt == (kind == X86_DESCRIPTOR_INTERRUPT_GATE || kind == X86_DESCRIPTOR_TRAP_GATE);
}

static void
decode_system (guint64 low, guint64 high, gboolean long_mode, gboolean idt, X86Descriptor *d)
{
  const SystemType *type = &system_types[x86_desc_type (low)];

  d->kind = type->kind;
  d->bits = long_mode ? type->long_bits : type->bits;
  if (d->bits == 0 || !belongs (d->kind, idt))
    {
      d->kind = X86_DESCRIPTOR_RESERVED;
      return;
    }
  if (!is_gate (d->kind))
    {
      d->base = x86_desc_base (low) | (d->bits == 64 ? high << 32 : 0);
      d->limit = x86_desc_limit (low);
      return;
    }
  d->selector = x86_gate_selector (low);
  d->offset = d->bits == 16 ? low & 0xffff : x86_gate_offset (low);
  if (d->kind == X86_DESCRIPTOR_TASK_GATE)
    d->offset = 0;
  if (d->bits == 64)
    {
      d->offset |= high << 32;
      d->ist = low >> 32 & 7;
    }
  else if (d->kind == X86_DESCRIPTOR_CALL_GATE)
    d->n_params = low >> 32 & 0x1f;
}

static void
decode_segment (guint64 low, gboolean long_mode, X86Descriptor *d)
{
  gboolean code = (d->attr & X86_TYPE_CODE) != 0;

  d->kind = code ? X86_DESCRIPTOR_CODE : X86_DESCRIPTOR_DATA;
  d->bits = code && long_mode && (d->attr & X86_ATTR_L) ? 64 : d->attr & X86_ATTR_DB ? 32 : 16;
  d->base = x86_desc_base (low);
  d->limit = x86_desc_limit (low);
}

gboolean
x86_descriptor_decode (const guint8 *bytes, gsize size, gboolean long_mode, gboolean idt, X86Descriptor *d)
{
  guint64 low, high;
  gboolean segment;

  *d = (X86Descriptor) { .bytes = idt && long_mode ? 16 : 8 };
  if (size < d->bytes)
    return FALSE;
  low = word_at (bytes);
  segment = (x86_desc_type (low) & X86_DESC_S) != 0;
  if (long_mode && !segment && system_types[x86_desc_type (low)].long_bits == 64 && size >= 16)
    d->bytes = 16;
  high = d->bytes == 16 ? word_at (bytes + 8) : 0;
  if (low == 0 && high == 0)
    return TRUE;
  d->attr = x86_desc_attr (low);
  d->dpl = (guint8) x86_desc_dpl (low);
  d->present = x86_desc_present (low);
  if (segment && !idt)
    decode_segment (low, long_mode, d);
  else if (segment)
    d->kind = X86_DESCRIPTOR_RESERVED;
  else
    decode_system (low, high, long_mode, idt, d);
  return TRUE;
}

/* ---- in words ---- */

static char *
segment_text (const X86Descriptor *d)
{
  gboolean extra = (d->attr & X86_TYPE_WRITE_READ) != 0, other = (d->attr & X86_TYPE_CONFORMING_DOWN) != 0;

  if (d->kind == X86_DESCRIPTOR_CODE)
    return g_strdup_printf (_("%u-bit code, %s%s"), d->bits, extra ? _("readable") : _("execute only"),
                            other ? _(", conforming") : "");
  return g_strdup_printf (_("%u-bit data, %s%s"), d->bits, extra ? _("writable") : _("read-only"), other ? _(", expand-down") : "");
}

char *
x86_descriptor_text (const X86Descriptor *d)
{
  static const char *const names[] = {
    [X86_DESCRIPTOR_EMPTY] = N_("empty"), [X86_DESCRIPTOR_LDT] = N_("LDT"), [X86_DESCRIPTOR_TASK_GATE] = N_("task gate"),
    [X86_DESCRIPTOR_RESERVED] = N_("reserved type"),
  };

  switch (d->kind)
    {
    case X86_DESCRIPTOR_CODE:
    case X86_DESCRIPTOR_DATA:
      return segment_text (d);
    case X86_DESCRIPTOR_TSS:
      return g_strdup_printf (d->attr & X86_SYS_BUSY ? _("%u-bit TSS, busy") : _("%u-bit TSS, available"), d->bits);
    case X86_DESCRIPTOR_CALL_GATE:
      return g_strdup_printf (_("%u-bit call gate"), d->bits);
    case X86_DESCRIPTOR_INTERRUPT_GATE:
      return g_strdup_printf (_("%u-bit interrupt gate"), d->bits);
    case X86_DESCRIPTOR_TRAP_GATE:
      return g_strdup_printf (_("%u-bit trap gate"), d->bits);
    default:
      return g_strdup (_(names[d->kind]));
    }
}

char *
x86_descriptor_flags (const X86Descriptor *d)
{
  GString *text = g_string_new (d->present ? "P" : "");
  gboolean segment = d->kind == X86_DESCRIPTOR_CODE || d->kind == X86_DESCRIPTOR_DATA;

  if (segment && (d->attr & X86_TYPE_ACCESSED))
    g_string_append (text, " A");
  if (segment && (d->attr & X86_ATTR_DB))
    g_string_append (text, d->kind == X86_DESCRIPTOR_CODE ? " D" : " B");
  if (segment && (d->attr & X86_ATTR_L))
    g_string_append (text, " L");
  if (!is_gate (d->kind) && (d->attr & X86_ATTR_G))
    g_string_append (text, " G");
  if (!is_gate (d->kind) && (d->attr & X86_ATTR_AVL))
    g_string_append (text, " AVL");
  if (d->ist != 0)
    g_string_append_printf (text, " IST%u", d->ist);
  if (d->n_params != 0)
    g_string_append_printf (text, _(" %u parameters"), d->n_params);
  return g_strchug (g_string_free (text, FALSE));
}

/* ---- task-state segments ---- */

static const X86TssField fields16[] = {
  { "link", 0x00, 2 }, { "SP0", 0x02, 2 }, { "SS0", 0x04, 2 }, { "SP1", 0x06, 2 }, { "SS1", 0x08, 2 }, { "SP2", 0x0a, 2 },
  { "SS2", 0x0c, 2 },
  { "IP", 0x0e, 2 }, { "FLAGS", 0x10, 2 }, { "AX", 0x12, 2 }, { "CX", 0x14, 2 }, { "DX", 0x16, 2 }, { "BX", 0x18, 2 },
  { "SP", 0x1a, 2 },
  { "BP", 0x1c, 2 }, { "SI", 0x1e, 2 }, { "DI", 0x20, 2 }, { "ES", 0x22, 2 }, { "CS", 0x24, 2 }, { "SS", 0x26, 2 },
  { "DS", 0x28, 2 },
  { "LDT", 0x2a, 2 }, { 0 },
};
static const X86TssField fields32[] = {
  { "link", 0x00, 2 }, { "ESP0", 0x04, 4 }, { "SS0", 0x08, 2 }, { "ESP1", 0x0c, 4 }, { "SS1", 0x10, 2 }, { "ESP2", 0x14, 4 },
  { "SS2", 0x18, 2 }, { "CR3", 0x1c, 4 }, { "EIP", 0x20, 4 }, { "EFLAGS", 0x24, 4 }, { "EAX", 0x28, 4 }, { "ECX", 0x2c, 4 },
  { "EDX", 0x30, 4 }, { "EBX", 0x34, 4 }, { "ESP", 0x38, 4 }, { "EBP", 0x3c, 4 }, { "ESI", 0x40, 4 }, { "EDI", 0x44, 4 },
  { "ES", 0x48, 2 }, { "CS", 0x4c, 2 }, { "SS", 0x50, 2 }, { "DS", 0x54, 2 }, { "FS", 0x58, 2 }, { "GS", 0x5c, 2 },
  { "LDT", 0x60, 2 },
  { "T", 0x64, 2 }, { "IOMAP", 0x66, 2 }, { 0 },
};
static const X86TssField fields64[] = {
  { "RSP0", 0x04, 8 }, { "RSP1", 0x0c, 8 }, { "RSP2", 0x14, 8 }, { "IST1", 0x24, 8 }, { "IST2", 0x2c, 8 }, { "IST3", 0x34, 8 },
  { "IST4", 0x3c, 8 }, { "IST5", 0x44, 8 }, { "IST6", 0x4c, 8 }, { "IST7", 0x54, 8 }, { "IOMAP", 0x66, 2 }, { 0 },
};

const X86TssField *
x86_tss_fields (guint bits)
{
  return bits == 64 ? fields64 : bits == 32 ? fields32 : fields16;
}

guint64
x86_tss_value (const X86TssField *field, const guint8 *tss, gsize size)
{
  guint64 value = 0;

  if ((gsize) field->offset + field->size > size)
    return 0;
  memcpy (&value, tss + field->offset, field->size);
  return GUINT64_FROM_LE (value);
}

/* The CPU reads two bytes for each port, so that the last byte within the limit lets nothing through. */
static gboolean
port_passes (const guint8 *tss, gsize size, guint io_map, guint port)
{
  gsize at = (gsize) io_map + port / 8;

  return at + 1 < size && !(tss[at] >> (port & 7) & 1);
}

char *
x86_tss_ports_text (const guint8 *tss, gsize size, guint io_map, guint most)
{
  GString *text = g_string_new (NULL);
  guint n = 0;

  for (guint port = 0; port < 0x10000; port++)
    {
      guint first = port;

      if (!port_passes (tss, size, io_map, port))
        continue;
      while (port + 1 < 0x10000 && port_passes (tss, size, io_map, port + 1))
        port++;
      if (n++ == most)
        {
          g_string_append (text, ", …");
          break;
        }
      g_string_append_printf (text, "%s0x%x", text->len > 0 ? ", " : "", first);
      if (port > first)
        g_string_append_printf (text, "–0x%x", port);
    }
  if (text->len == 0)
    g_string_append (text, _("none"));
  return g_string_free (text, FALSE);
}
