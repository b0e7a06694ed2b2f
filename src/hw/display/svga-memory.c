/* svga-memory.c - the guest's memory by numbers: guest memory regions, and the video memory.
 * Source: VMware SVGA Device Developer Kit, svga_reg.h, "Guest Memory Regions".
 *
 * The numbers of the pages lie in memory of the card's own, which goes back with the machine as all memory does. */
#include "config.h"

#include "hw/display/svga-state.h"

#include <string.h>

#define MAX_DESCRIPTORS 4096

static guint8 *
table (const Svga *svga)
{
  return astern_memory_host (svga->vga.memory, svga->private->start) + SVGA_GMR_TABLE;
}

/* The first of @n words of the table that are nobody's; G_MAXUINT32: there are not so many. */
static guint32
find_room (const Svga *svga, guint32 id, guint32 n)
{
  guint32 first = 0;
  gboolean moved = TRUE;

  while (moved && n <= SVGA_GMR_PAGES && first <= SVGA_GMR_PAGES - n)
    {
      moved = FALSE;
      for (guint i = 0; i < SVGA_N_GMRS; i++)
        {
          const SvgaGmr *other = &svga->s.gmrs[i];

          if (i == id || other->count == 0 || first + n <= other->first || first >= other->first + other->count)
            continue;
          first = other->first + other->count;
          moved = TRUE;
        }
    }
  return n <= SVGA_GMR_PAGES && first <= SVGA_GMR_PAGES - n ? first : G_MAXUINT32;
}

void
svga_gmr_define (Svga *svga, guint32 id, guint32 n_pages)
{
  static const guint8 nothing[ASTERN_PAGE_SIZE];
  guint32 first;

  if (id >= SVGA_N_GMRS || svga->private == NULL)
    return;
  first = find_room (svga, id, n_pages);
  if (first == G_MAXUINT32)
    n_pages = first = 0;
  svga->s.gmrs[id] = (SvgaGmr) { first, n_pages };
  for (guint64 at = 0; at < (guint64) n_pages * 4; at += sizeof nothing)
    astern_memory_write (svga->vga.memory, svga->private->start + SVGA_GMR_TABLE + first * 4 + at, nothing,
                         (gsize) MIN (sizeof nothing, n_pages * 4 - at));
}

void
svga_gmr_set_page (Svga *svga, guint32 id, guint32 page, guint32 ppn)
{
  guint32 word = GUINT32_TO_LE (ppn);

  if (id >= SVGA_N_GMRS || svga->private == NULL || page >= svga->s.gmrs[id].count)
    return;
  astern_memory_write (svga->vga.memory, svga->private->start + SVGA_GMR_TABLE + (svga->s.gmrs[id].first + page) * 4, &word, 4);
}

/* Calls @visit for each stretch of pages of the list; returns how many pages. */
static guint64
walk_descriptors (Svga *svga, guint32 ppn, void (*visit) (Svga *svga, guint32 id, guint32 page, guint32 ppn), guint32 id)
{
  guint64 at = (guint64) ppn << 12, pages = 0;

  for (guint n = 0; n < MAX_DESCRIPTORS; n++)
    {
      guint32 pair[2];

      astern_pci_dma_read (&svga->vga.parent.parent, at, pair, sizeof pair);
      pair[0] = GUINT32_FROM_LE (pair[0]);
      pair[1] = GUINT32_FROM_LE (pair[1]);
      if (pair[1] == 0 && pair[0] == 0)
        break;
      at += sizeof pair;
      if (pair[1] == 0)
        at = (guint64) pair[0] << 12;
      for (guint32 i = 0; i < pair[1] && pages < SVGA_GMR_PAGES; i++, pages++)
        if (visit != NULL)
          visit (svga, id, (guint32) pages, pair[0] + i);
    }
  return pages;
}

void
svga_gmr_describe (Svga *svga, guint32 id, guint32 ppn)
{
  svga_gmr_define (svga, id, ppn != 0 ? (guint32) walk_descriptors (svga, ppn, NULL, id) : 0);
  if (ppn != 0)
    walk_descriptors (svga, ppn, svga_gmr_set_page, id);
}

/* Where @offset of the region is in the guest's memory, and how far that goes; FALSE: outside. */
static gboolean
find_page (const Svga *svga, guint32 id, guint64 offset, guint64 *address, gsize *size)
{
  guint32 ppn;

  if (id >= SVGA_N_GMRS || svga->private == NULL || offset >> 12 >= svga->s.gmrs[id].count)
    return FALSE;
  memcpy (&ppn, table (svga) + (svga->s.gmrs[id].first + (offset >> 12)) * 4, 4);
  *address = (guint64) GUINT32_FROM_LE (ppn) << 12 | (offset & 0xfff);
  *size = MIN (*size, 0x1000 - (offset & 0xfff));
  return TRUE;
}

static gboolean
is_in_vram (const Svga *svga, guint64 offset, gsize size)
{
  return svga->vga.vram != NULL && offset <= svga_vram_size (svga) && size <= svga_vram_size (svga) - offset;
}

gboolean
svga_memory_read (Svga *svga, guint32 id, guint64 offset, gpointer data, gsize size)
{
  if (id == SVGA_FRAMEBUFFER)
    {
      if (is_in_vram (svga, offset, size))
        memcpy (data, vga_vram (&svga->vga) + offset, size);
      return is_in_vram (svga, offset, size);
    }
  for (gsize done = 0, n; done < size; done += n)
    {
      guint64 address;

      n = size - done;
      if (!find_page (svga, id, offset + done, &address, &n))
        return FALSE;
      astern_pci_dma_read (&svga->vga.parent.parent, address, (guint8 *) data + done, n);
    }
  return TRUE;
}

gboolean
svga_memory_write (Svga *svga, guint32 id, guint64 offset, gconstpointer data, gsize size)
{
  if (id == SVGA_FRAMEBUFFER)
    {
      if (is_in_vram (svga, offset, size))
        astern_memory_write (svga->vga.memory, svga->vga.vram->start + offset, data, size);
      return is_in_vram (svga, offset, size);
    }
  for (gsize done = 0, n; done < size; done += n)
    {
      guint64 address;

      n = size - done;
      if (!find_page (svga, id, offset + done, &address, &n))
        return FALSE;
      astern_pci_dma_write (&svga->vga.parent.parent, address, (const guint8 *) data + done, n);
    }
  return TRUE;
}
