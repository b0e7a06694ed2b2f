/* image.c - pieces of memory and the state in which a kernel is entered.
 * Source: Intel SDM vol. 3, 3.4.5 (descriptors), 4.5 (4-level paging). */
#include "config.h"

#include "launch/image.h"

#include "arch/x86/state.h"
#include "core/bytes.h"
#include "launch/options.h"

#include <inttypes.h>

#include <glib/gi18n.h>

static void
clear_piece (gpointer data)
{
  AsternImagePiece *piece = data;

  g_clear_pointer (&piece->data, g_bytes_unref);
}

AsternImage *
astern_image_new (const char *format)
{
  AsternImage *image = g_new0 (AsternImage, 1);

  image->format = format;
  image->pieces = g_array_new (FALSE, FALSE, sizeof (AsternImagePiece));
  g_array_set_clear_func (image->pieces, clear_piece);
  return image;
}

void
astern_image_free (AsternImage *image)
{
  if (image == NULL)
    return;
  g_array_unref (image->pieces);
  g_free (image);
}

void
astern_image_add (AsternImage *image, guint64 address, guint64 size, GBytes *data, const char *what)
{
  AsternImagePiece piece = { address, size, data, what };
  guint at = 0;

  g_return_if_fail (data == NULL || g_bytes_get_size (data) <= size);
  if (size == 0)
    {
      clear_piece (&piece);
      return;
    }
  while (at < image->pieces->len && g_array_index (image->pieces, AsternImagePiece, at).address <= address)
    at++;
  g_array_insert_val (image->pieces, at, piece);
}

void
astern_image_add_gdt (AsternImage *image, guint64 address)
{
  guint8 table[ASTERN_IMAGE_GDT_SIZE] = { 0 };
  gboolean long_mode = image->mode == ASTERN_ENTRY_LONG;

  astern_put_le64 (table + 0x10, long_mode ? G_GUINT64_CONSTANT (0x00af9b000000ffff)
                                           : G_GUINT64_CONSTANT (0x00cf9b000000ffff));
  astern_put_le64 (table + 0x18, G_GUINT64_CONSTANT (0x00cf93000000ffff));
  image->gdt = address;
  astern_image_add (image, address, sizeof table, g_bytes_new (table, sizeof table), "GDT");
}

/* One PML4, one PDPT, four page directories with 2 MiB pages. */
void
astern_image_add_page_tables (AsternImage *image, guint64 address)
{
  enum { PRESENT_WRITABLE = 3, LARGE = 0x80 };
  guint8 *tables = g_malloc0 (ASTERN_IMAGE_PAGE_TABLES_SIZE);

  astern_put_le64 (tables, (address + 0x1000) | PRESENT_WRITABLE);
  for (guint i = 0; i < 4; i++)
    astern_put_le64 (tables + 0x1000 + 8 * i, (address + 0x2000 + 0x1000 * i) | PRESENT_WRITABLE);
  for (guint i = 0; i < 2048; i++)
    astern_put_le64 (tables + 0x2000 + 8 * i, (guint64) i << 21 | PRESENT_WRITABLE | LARGE);
  image->page_tables = address;
  astern_image_add (image, address, ASTERN_IMAGE_PAGE_TABLES_SIZE,
                    g_bytes_new_take (tables, ASTERN_IMAGE_PAGE_TABLES_SIZE), "page tables");
}

/* ---- free room ---- */

/* The piece that touches [start, start + size), or NULL. */
static const AsternImagePiece *
piece_in (const AsternImage *image, guint64 start, guint64 size)
{
  for (guint i = 0; i < image->pieces->len; i++)
    {
      const AsternImagePiece *piece = &g_array_index (image->pieces, AsternImagePiece, i);

      if (piece->address < start + size && start < piece->address + piece->size)
        return piece;
    }
  return NULL;
}

static guint64
align_up (guint64 value, guint64 alignment)
{
  return value > G_MAXUINT64 - alignment ? G_MAXUINT64 : (value + alignment - 1) / alignment * alignment;
}

guint64
astern_image_find_free (const AsternImage *image, const AsternBootRequest *request, guint64 from, guint64 limit,
                        guint64 size, guint64 alignment)
{
  for (guint i = 0; i < request->n_map; i++)
    {
      const AsternE820 *range = &request->map[i];
      guint64 end = MIN (range->start + range->size, limit);
      guint64 at = align_up (MAX (range->start, from), alignment);

      while (range->type == ASTERN_E820_RAM && at < end && size <= end - at)
        {
          const AsternImagePiece *piece = piece_in (image, at, size);

          if (piece == NULL)
            return at;
          at = align_up (piece->address + piece->size, alignment);
        }
    }
  return G_MAXUINT64;
}

guint64
astern_image_find_free_high (const AsternImage *image, const AsternBootRequest *request, guint64 from, guint64 limit,
                             guint64 size, guint64 alignment)
{
  for (guint i = request->n_map; i-- > 0;)
    {
      const AsternE820 *range = &request->map[i];
      guint64 start = MAX (range->start, from);
      guint64 end = MIN (range->start + range->size, limit);

      while (range->type == ASTERN_E820_RAM && end > start && size <= end - start)
        {
          guint64 at = (end - size) / alignment * alignment;
          const AsternImagePiece *piece;

          if (at < start)
            break;
          piece = piece_in (image, at, size);
          if (piece == NULL)
            return at;
          end = piece->address;
        }
    }
  return G_MAXUINT64;
}

/* ---- checks ---- */

static gboolean
in_ram (const AsternBootRequest *request, const AsternImagePiece *piece)
{
  for (guint i = 0; i < request->n_map; i++)
    {
      const AsternE820 *range = &request->map[i];

      if (range->type == ASTERN_E820_RAM && piece->address >= range->start &&
          piece->address - range->start <= range->size &&
          piece->size <= range->size - (piece->address - range->start))
        return TRUE;
    }
  return FALSE;
}

gboolean
astern_image_check (AsternImage *image, const AsternBootRequest *request, GError **error)
{
  gboolean entry_found = FALSE;

  for (guint i = 0; i < image->pieces->len; i++)
    {
      const AsternImagePiece *piece = &g_array_index (image->pieces, AsternImagePiece, i);

      if (!in_ram (request, piece))
        {
          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY,
                       _("“%s” wants its %s at 0x%" PRIx64 " to 0x%" PRIx64 ", where the guest "
                         "has no memory; give it more with -m."),
                       request->name, piece->what, piece->address, piece->address + piece->size);
          return FALSE;
        }
      if (i > 0 && piece[-1].address + piece[-1].size > piece->address)
        {
          g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                       _("“%s” wants two things at 0x%" PRIx64 ": its %s and its %s."),
                       request->name, piece->address, piece[-1].what, piece->what);
          return FALSE;
        }
      entry_found |= image->rip - piece->address < piece->size;
    }
  if (!entry_found)
    g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                 _("“%s” begins at 0x%" PRIx64 ", which is not in it."), request->name, image->rip);
  return entry_found;
}

/* ---- into the machine ---- */

static void
write_zeros (AsternMachine *machine, guint64 start, guint64 end)
{
  static const guint8 zeros[4096];

  while (start < end)
    {
      gsize size = (gsize) MIN (end - start, sizeof zeros);

      astern_bus_write_bytes (machine->physical, (AsternPaddr) { start }, zeros, size, ASTERN_ORIGIN_DMA);
      start += size;
    }
}

void
astern_image_place (const AsternImage *image, AsternMachine *machine)
{
  for (guint i = 0; i < image->pieces->len; i++)
    {
      const AsternImagePiece *piece = &g_array_index (image->pieces, AsternImagePiece, i);
      gsize size = 0;
      gconstpointer data = piece->data != NULL ? g_bytes_get_data (piece->data, &size) : NULL;

      if (size > 0)
        astern_bus_write_bytes (machine->physical, (AsternPaddr) { piece->address }, data, size, ASTERN_ORIGIN_DMA);
      write_zeros (machine, piece->address + size, piece->address + piece->size);
    }
}

static void
set_flat (X86Segment *segment, guint16 selector, guint16 attr)
{
  *segment = (X86Segment) { .base = 0, .limit = G_MAXUINT32, .selector = selector, .attr = attr };
}

static void
set_segments (X86State *s, gboolean long_mode)
{
  enum { DATA = 0x93 | X86_ATTR_DB | X86_ATTR_G };
  static const guint data_segments[] = { X86_DS, X86_ES, X86_SS, X86_FS, X86_GS };

  set_flat (&s->seg[X86_CS], 0x10, (guint16) (0x9b | X86_ATTR_G | (long_mode ? X86_ATTR_L : X86_ATTR_DB)));
  for (guint i = 0; i < G_N_ELEMENTS (data_segments); i++)
    set_flat (&s->seg[data_segments[i]], 0x18, DATA);
  s->seg[X86_LDTR] = (X86Segment) { .attr = X86_ATTR_UNUSABLE };
  s->seg[X86_TR] = (X86Segment) { .limit = 0x67, .attr = 0x8b };   /* a busy 32- or 64-bit TSS */
}

void
astern_image_enter (const AsternImage *image, AsternMachine *machine)
{
  AsternCpu *cpu = machine->cpus[0];
  X86State *s = cpu->state;
  gboolean long_mode = image->mode == ASTERN_ENTRY_LONG;

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  set_segments (s, long_mode);
  s->gdtr_base = image->gdt;
  s->gdtr_limit = ASTERN_IMAGE_GDT_SIZE - 1;
  s->idtr_base = 0;
  s->idtr_limit = 0;
  s->cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE;
  if (long_mode)
    {
      s->cr0 |= X86_CR0_PG;
      s->cr3 = image->page_tables;
      s->cr4 = X86_CR4_PAE;
      s->efer = X86_EFER_LME | X86_EFER_LMA;
    }
  memset (s->gpr, 0, sizeof s->gpr);
  s->gpr[X86_RSP] = image->rsp;
  s->gpr[X86_RAX] = image->rax;
  s->gpr[X86_RBX] = image->rbx;
  s->gpr[X86_RSI] = image->rsi;
  s->rip = image->rip;
  s->rflags = 2;
  s->halted = 0;
  s->a20 = 1;
  if (cpu->sync_in != NULL)
    cpu->sync_in (cpu);
}
