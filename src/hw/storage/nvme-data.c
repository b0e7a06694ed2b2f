/* nvme-data.c - where a command's data lies in the guest's memory: pages (PRP) or scatter-gather lists (SGL).
 * Source: NVM Express 1.4, sections 4.3 and 4.4.
 * Left out: metadata, keyed descriptors, descriptors with offsets.
 *
 * Neighbouring pieces are joined, then moved one by one.  There are no more than a transfer's pages, or MOST_PIECES. */
#include "config.h"

#include "hw/storage/nvme-private.h"

#include <string.h>

#define MOST_PIECES      1024
#define MOST_SEGMENTS    64
#define PAGE_MASK        (NVME_PAGE_BYTES - 1)
#define LIST_ENTRIES     (NVME_PAGE_BYTES / 8)
#define BIT_BUCKET       G_MAXUINT64               /* address of a piece that goes nowhere */

typedef struct
{
  guint64 address, size;
} Piece;

typedef struct
{
  guint n;
  gsize size;                                      /* of all */
  Piece pieces[MOST_PIECES];
} Pieces;

static gboolean
add_piece (Pieces *to, guint64 address, guint64 size)
{
  Piece *last = to->n > 0 ? &to->pieces[to->n - 1] : NULL;

  to->size += size;
  if (size == 0)
    return TRUE;
  if (last != NULL && address != BIT_BUCKET && last->address != BIT_BUCKET && last->address + last->size == address)
    {
      last->size += size;
      return TRUE;
    }
  if (to->n == MOST_PIECES)
    return FALSE;
  to->pieces[to->n++] = (Piece) { address, size };
  return TRUE;
}

/* -- PRP */

/* The list's last entry in a page leads to the next page, if there is more. */
static NvmeStatus
add_prp_list (Nvme *nvme, Pieces *to, guint64 list, gsize left)
{
  guint64 entries[LIST_ENTRIES];
  guint i = 0, n = 0;

  if (list & 7)
    return NVME_INVALID_PRP_OFFSET;
  while (left > 0)
    {
      guint64 entry;

      if (i == n)
        {
          n = (NVME_PAGE_BYTES - (list & PAGE_MASK)) / 8;
          i = 0;
          if (!astern_pci_dma_read (&nvme->parent.parent, list, entries, n * 8))
            return NVME_DATA_TRANSFER_ERROR;
        }
      entry = GUINT64_FROM_LE (entries[i++]);
      if (i == n && left > NVME_PAGE_BYTES)
        {
          if (entry & PAGE_MASK)
            return NVME_INVALID_PRP_OFFSET;
          list = entry;
          continue;
        }
      if (entry & PAGE_MASK)
        return NVME_INVALID_PRP_OFFSET;
      add_piece (to, entry, MIN (left, NVME_PAGE_BYTES));
      left -= MIN (left, NVME_PAGE_BYTES);
    }
  return NVME_SUCCESS;
}

static NvmeStatus
map_prp (Nvme *nvme, Pieces *to, guint64 prp1, guint64 prp2, gsize size)
{
  gsize first = MIN (size, NVME_PAGE_BYTES - (prp1 & PAGE_MASK)), left = size - first;

  if (prp1 & 3)
    return NVME_INVALID_PRP_OFFSET;
  add_piece (to, prp1, first);
  if (left == 0)
    return NVME_SUCCESS;
  if (left > NVME_PAGE_BYTES)
    return add_prp_list (nvme, to, prp2, left);
  if (prp2 & PAGE_MASK)
    return NVME_INVALID_PRP_OFFSET;
  add_piece (to, prp2, left);
  return NVME_SUCCESS;
}

/* -- SGL */

enum { SGL_DATA = 0, SGL_BIT_BUCKET = 1, SGL_SEGMENT = 2, SGL_LAST_SEGMENT = 3 };

typedef struct
{
  guint64 address;
  guint32 size;
  guint8  type, subtype;
} Descriptor;

static Descriptor
parse_descriptor (const guint8 *bytes)
{
  Descriptor d = { 0, 0, bytes[15] >> 4, bytes[15] & 0x0f };

  memcpy (&d.address, bytes, 8);
  memcpy (&d.size, bytes + 8, 4);
  d.address = GUINT64_FROM_LE (d.address);
  d.size = GUINT32_FROM_LE (d.size);
  return d;
}

static NvmeStatus
add_descriptor (Pieces *to, const Descriptor *d, gsize size)
{
  if (d->subtype != 0 || d->type > SGL_BIT_BUCKET)
    return NVME_SGL_TYPE;
  if (to->size > size || d->size > size - MIN (to->size, size))
    return NVME_SGL_DATA_LENGTH;
  return add_piece (to, d->type == SGL_BIT_BUCKET ? BIT_BUCKET : d->address, d->size) ? NVME_SUCCESS : NVME_SGL_TOO_LONG;
}

static gboolean
is_segment (const Descriptor *d)
{
  return d->type == SGL_SEGMENT || d->type == SGL_LAST_SEGMENT;
}

/* One segment's descriptors; its last may lead to the next one, which is left in @segment. */
static NvmeStatus
add_segment (Nvme *nvme, Pieces *to, Descriptor *segment, gsize size)
{
  guint8 bytes[NVME_PAGE_BYTES];
  Descriptor this = *segment;

  *segment = (Descriptor) { 0, 0, SGL_DATA, 0 };
  if (this.subtype != 0 || this.size == 0 || this.size % 16 != 0)
    return NVME_INVALID_SGL_SEGMENT;
  for (guint32 at = 0; at < this.size; at += sizeof bytes)
    {
      guint32 n = (guint32) MIN (this.size - at, sizeof bytes);

      if (!astern_pci_dma_read (&nvme->parent.parent, this.address + at, bytes, n))
        return NVME_DATA_TRANSFER_ERROR;
      for (guint32 i = 0; i < n; i += 16)
        {
          Descriptor d = parse_descriptor (bytes + i);
          NvmeStatus status;

          if (is_segment (&d) && at + i + 16 == this.size && this.type == SGL_SEGMENT)
            {
              *segment = d;
              return NVME_SUCCESS;
            }
          status = add_descriptor (to, &d, size);
          if (status != NVME_SUCCESS)
            return status;
          /* Empty ones could go on for gigabytes. */
          if (at + i >= 16 * MOST_PIECES)
            return NVME_SGL_TOO_LONG;
        }
    }
  return NVME_SUCCESS;
}

static NvmeStatus
map_sgl (Nvme *nvme, Pieces *to, const guint8 *bytes, gsize size)
{
  Descriptor d = parse_descriptor (bytes);
  NvmeStatus status = NVME_SUCCESS;

  if (!is_segment (&d))
    status = add_descriptor (to, &d, size);
  for (guint n = 0; status == NVME_SUCCESS && is_segment (&d); n++)
    status = n < MOST_SEGMENTS ? add_segment (nvme, to, &d, size) : NVME_SGL_TOO_LONG;
  if (status == NVME_SUCCESS && to->size != size)
    status = NVME_SGL_DATA_LENGTH;
  return status;
}

static NvmeStatus
map (Nvme *nvme, const NvmeCommand *command, gsize size, Pieces *to)
{
  guint psdt = command->w[0] >> 14 & 3;
  guint8 sgl[16];

  to->n = 0;
  to->size = 0;
  if (psdt == 0)
    return map_prp (nvme, to, (guint64) command->w[7] << 32 | command->w[6], (guint64) command->w[9] << 32 | command->w[8], size);
  if (psdt == 3 || command->sq == 0)               /* admin commands of PCI controllers have pages */
    return NVME_INVALID_FIELD;
  for (guint i = 0; i < 4; i++)
    {
      guint32 word = GUINT32_TO_LE (command->w[6 + i]);

      memcpy (sgl + 4 * i, &word, 4);
    }
  return map_sgl (nvme, to, sgl, size);
}

/* -- Moving */

NvmeStatus
nvme_to_guest (Nvme *nvme, const NvmeCommand *command, gconstpointer data, gsize size)
{
  const guint8 *from = data;
  Pieces pieces;
  NvmeStatus status = map (nvme, command, size, &pieces);

  if (status != NVME_SUCCESS)
    return status;
  for (guint i = 0; i < pieces.n; i++)
    {
      const Piece *piece = &pieces.pieces[i];

      if (piece->address != BIT_BUCKET
          && !astern_pci_dma_write (&nvme->parent.parent, piece->address, from, piece->size))
        return NVME_DATA_TRANSFER_ERROR;
      from += piece->size;
    }
  return NVME_SUCCESS;
}

NvmeStatus
nvme_from_guest (Nvme *nvme, const NvmeCommand *command, gpointer data, gsize size)
{
  guint8 *to = data;
  Pieces pieces;
  NvmeStatus status = map (nvme, command, size, &pieces);

  if (status != NVME_SUCCESS)
    return status;
  for (guint i = 0; i < pieces.n; i++)
    {
      const Piece *piece = &pieces.pieces[i];

      if (piece->address == BIT_BUCKET)            /* only for what is read */
        return NVME_SGL_TYPE;
      if (!astern_pci_dma_read (&nvme->parent.parent, piece->address, to, piece->size))
        return NVME_DATA_TRANSFER_ERROR;
      to += piece->size;
    }
  return NVME_SUCCESS;
}
