/* disk-private - what the parts of a disk share: disk.c (reading and writing), disk-pages.c (which pages are in memory, and
 * what they were at the start), disk-out.c (what goes to the image), disk-saved.c (what a state in a file has of it).
 *
 * A page of a disk that is written is, in this order:
 *     untouched   never written: its content is in the image, as it was at the start
 *     present     in memory: begun, with its origin kept
 *     away        begun, and not in memory: its content is in the image, as it is now
 *
 * Threads: as disk.h. */
#pragma once

#include "core/disk.h"
#include "core/page-store.h"

#define DISK_RUN_PAGES 256u            /* most that go to the image, or come from it, at once */

/* Of a page that was written: what it was at the start. */
typedef struct
{
  guint64       page;
  guint64       hash;                   /* of what it adds to the disk's hash; DISK_NO_HASH: not computed yet */
  guint64       away;                   /* the same of its present content, while it is away */
  AsternPageRef content;                /* 0: zeros; DISK_IN_IMAGE */
} DiskOrigin;

#define DISK_NO_HASH  G_MAXUINT64       /* a hash that happens to be this one is computed each time */
#define DISK_IN_IMAGE G_MAXUINT32       /* an image that is never written has them all */

struct _AsternDisk
{
  AsternMachine   *machine;
  char            *name;
  AsternDiskImage  image;
  gboolean         keep;
  AsternRamBlock  *block;               /* NULL: it is never written */
  guint64          n_pages;
  /* A bit a page.  seen: told to an observer, or a recorder would have to be; out: in memory as it is in the image;
   * recent: used since room was last looked for. */
  guint64         *present, *dirty, *seen, *out, *recent;
  guint32         *begun;               /* a page's origin, by number + 1; 0: untouched */
  GArray          *origins;             /* DiskOrigin, in the order in which pages were begun */
  guint64          before;              /* of a run that goes on from a saved state: what its hash had changed by then */
  AsternPageStore *store;
  GArray          *dirty_pages;         /* guint64 */
  guint8          *run;                 /* room for DISK_RUN_PAGES */
  struct { guint64 from, end; gboolean zeros; } alike;      /* what the image said last of its zeros */
};

static inline gboolean
disk_bit (const guint64 *bits, guint64 page)
{
  return bits[page >> 6] >> (page & 63) & 1;
}

static inline void
disk_set_bit (guint64 *bits, guint64 page)
{
  bits[page >> 6] |= G_GUINT64_CONSTANT (1) << (page & 63);
}

static inline void
disk_clear_bit (guint64 *bits, guint64 page)
{
  bits[page >> 6] &= ~(G_GUINT64_CONSTANT (1) << (page & 63));
}

static inline gboolean
disk_is_present (const AsternDisk *disk, guint64 page)
{
  return disk->present != NULL && disk_bit (disk->present, page);
}

guint8  *disk_host_page   (const AsternDisk *disk, guint64 page);
gboolean disk_is_zero     (const guint8 *page);
/* Tells of what the host could not do, and returns FALSE. */
gboolean disk_host_failed (AsternDisk *disk, GError *error);

/* ---- disk-pages.c ---- */

/* Of the block of memory. */
guint64  disk_page_hash   (guint64 page, const guint8 *content);
/* By what the content differs from what it was at the start. */
guint64  disk_change      (AsternDisk *disk);
guint64  disk_hash        (const AsternRamBlock *block, gpointer disk);
void     disk_bring       (const AsternRamBlock *block, guint64 ram, gpointer disk);

/* How many pages from @page on, before @end, are as present as it is; no more than a run. */
guint64  disk_run_of      (const AsternDisk *disk, guint64 page, guint64 end);
/* @n pages from @page on, the last of the disk filled up with zeros; the image's. */
gboolean disk_read_image  (AsternDisk *disk, guint64 page, guint64 n, guint8 *data);
/* [offset, offset + size) of pages that are not present. */
gboolean disk_read_absent (AsternDisk *disk, guint64 offset, guint8 *data, gsize size);
/* An observer hears of the page, if it has not. */
void     disk_tell        (AsternDisk *disk, guint64 page, const guint8 *content);
/* Pages [first, end) become present. */
gboolean disk_fetch       (AsternDisk *disk, guint64 first, guint64 end);
/* When the machine's disks hold more than they may, what is in their images as well goes from memory. */
void     disk_make_room   (AsternMachine *machine);

/* ---- disk-out.c ---- */

/* Whether what is written goes to the image: at the head. */
gboolean disk_goes_out    (const AsternDisk *disk);
void     disk_make_dirty  (AsternDisk *disk, guint64 first, guint64 end);
/* The pages were written; when many are dirty, some go out. */
void     disk_written     (AsternDisk *disk, guint64 first, guint64 end);
/* What is dirty goes to the image, in the order of its places.  What the host does not take stays dirty. */
gboolean disk_write_out   (AsternDisk *disk);
