/* disk.c - see disk.h.
 *
 * A page's origin, its content at the start, is kept packed when the page becomes present and is not zero: a
 * recording that is written afterwards needs it, and by then the image may have another content.  The hash
 * of a disk is the sum of what its present pages add, less what their origins would: so it is a function of the
 * content alone, whichever pages are present, and a page that was never written costs nothing. */
#include "config.h"

#include "core/disk.h"

#include "core/machine.h"
#include "core/page-store.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define RUN_PAGES       256u            /* most that go to the image, or come from it, at once */
#define WRITE_OUT_PAGES (64u << 8)      /* dirty ones, before some go out without a flush: 64 MiB */

typedef struct
{
  guint64       page, hash;             /* of what it adds to the disk's hash */
  AsternPageRef content;                /* 0: zeros */
} Origin;

struct _AsternDisk
{
  AsternMachine   *machine;
  char            *name;
  AsternDiskImage  image;
  gboolean         keep;
  AsternRamBlock  *block;               /* NULL: it is never written */
  guint64          n_pages;
  guint64         *present, *dirty, *seen;   /* a bit a page; seen: told to an observer, or a recorder would have to be */
  GArray          *origins;             /* Origin, in the order in which pages became present */
  AsternPageStore *store;
  GArray          *dirty_pages;         /* guint64 */
  guint8          *run;                 /* room for RUN_PAGES */
};

static inline gboolean
bit (const guint64 *bits, guint64 page)
{
  return bits[page >> 6] >> (page & 63) & 1;
}

static inline void
set_bit (guint64 *bits, guint64 page)
{
  bits[page >> 6] |= G_GUINT64_CONSTANT (1) << (page & 63);
}

static inline void
clear_bit (guint64 *bits, guint64 page)
{
  bits[page >> 6] &= ~(G_GUINT64_CONSTANT (1) << (page & 63));
}

static guint8 *
host_page (const AsternDisk *disk, guint64 page)
{
  return astern_memory_host (disk->machine->memory, disk->block->start + (page << ASTERN_PAGE_BITS));
}

static gboolean
is_zero (const guint8 *page)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];

  return memcmp (page, zeros, sizeof zeros) == 0;
}

static guint64
page_hash (guint64 page, const guint8 *content)
{
  return is_zero (content) ? 0 : astern_hash_bytes (page, content, ASTERN_PAGE_SIZE);
}

/* What the host could not do is told.  What it could not write is not the guest's affair: a replay, which writes nothing,
 * would not have it.  What it could not read is not in a recording either, and fails in a replay as here. */
static gboolean
host_failed (AsternDisk *disk, GError *error)
{
  astern_events_log (&disk->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", disk->name, error->message);
  g_warning (_("The image of the disk “%s”: %s"), disk->name, error->message);
  g_error_free (error);
  return FALSE;
}

static guint64
hash_block (const AsternRamBlock *block, gpointer user)
{
  const AsternDisk *disk = user;
  guint64 words[2] = { GUINT64_TO_LE (disk->image.size), 0 }, sum = 0;

  for (guint i = 0; i < disk->origins->len; i++)
    {
      const Origin *origin = &g_array_index (disk->origins, Origin, i);

      sum += page_hash (origin->page, host_page (disk, origin->page)) - origin->hash;
    }
  words[1] = GUINT64_TO_LE (sum);
  return astern_hash_bytes (0, words, sizeof words);
}

/* ---- making and freeing ---- */

static guint64
pages_of (guint64 size)
{
  return (size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS;
}

guint64
astern_disk_capacity (const AsternDiskImage *image)
{
  return (pages_of (image->size) + 1) << ASTERN_PAGE_BITS;
}

AsternDisk *
astern_disk_new (AsternMachine *machine, const char *name, const AsternDiskImage *image, gboolean keep, GError **error)
{
  AsternDisk *disk = g_new0 (AsternDisk, 1);
  gsize words;

  disk->machine = machine;
  disk->name = g_strdup (name);
  disk->image = *image;
  disk->keep = keep;
  disk->n_pages = pages_of (image->size);
  words = disk->n_pages / 64 + 1;
  disk->seen = g_new0 (guint64, words);
  disk->run = g_malloc (RUN_PAGES << ASTERN_PAGE_BITS);
  if ((!image->readonly || keep) && image->size > 0)
    {
      g_autofree char *block = g_strdup_printf ("%s.disk", name);

      disk->block = astern_memory_add (machine->memory, block, image->size, FALSE, error);
      if (disk->block == NULL)
        {
          astern_disk_free (disk);
          return NULL;
        }
      disk->block->hash = hash_block;
      disk->block->hash_user = disk;
      disk->present = g_new0 (guint64, words);
      disk->dirty = g_new0 (guint64, words);
      disk->origins = g_array_new (FALSE, FALSE, sizeof (Origin));
      disk->dirty_pages = g_array_new (FALSE, FALSE, sizeof (guint64));
      disk->store = astern_page_store_new ();
    }
  g_ptr_array_add (machine->disks, disk);
  return disk;
}

static gboolean write_out (AsternDisk *disk);

void
astern_disk_free (AsternDisk *disk)
{
  if (disk == NULL)
    return;
  if (disk->block != NULL)
    {
      if (!disk->machine->muted)
        astern_disk_flush (disk);
      disk->block->hash = NULL;
      astern_page_store_free (disk->store);
      g_array_unref (disk->origins);
      g_array_unref (disk->dirty_pages);
    }
  g_ptr_array_remove (disk->machine->disks, disk);
  if (disk->image.free != NULL)
    disk->image.free (disk->image.user);
  g_free (disk->present);
  g_free (disk->dirty);
  g_free (disk->seen);
  g_free (disk->run);
  g_free (disk->name);
  g_free (disk);
}

const char *
astern_disk_name (const AsternDisk *disk)
{
  return disk->name;
}

guint64
astern_disk_size (const AsternDisk *disk)
{
  return disk->image.size;
}

gboolean
astern_disk_readonly (const AsternDisk *disk)
{
  return disk->block == NULL;
}

/* ---- the image ---- */

/* @n pages from @page on, the last of the disk filled up with zeros. */
static gboolean
read_image (AsternDisk *disk, guint64 page, guint64 n, guint8 *data)
{
  guint64 offset = page << ASTERN_PAGE_BITS, size = n << ASTERN_PAGE_BITS;
  guint64 there = MIN (size, disk->image.size - offset);
  GError *error = NULL;

  memset (data + there, 0, size - there);
  if (disk->image.read (disk->image.user, offset, data, there, &error))
    return TRUE;
  memset (data, 0, there);
  return host_failed (disk, error);
}

static void
tell (AsternDisk *disk, guint64 page, const guint8 *content)
{
  if (bit (disk->seen, page))
    return;
  set_bit (disk->seen, page);
  if (disk->machine->disk_page_seen != NULL)
    disk->machine->disk_page_seen (disk->machine->disk_page_user, disk, page, content);
}

/* Pages [page, page + n) that are absent become present, with their origins. */
static gboolean
fetch_run (AsternDisk *disk, guint64 page, guint64 n)
{
  g_autoptr (GArray) refs = g_array_sized_new (FALSE, FALSE, sizeof (AsternPageRef), (guint) n);

  if (!read_image (disk, page, n, host_page (disk, page)))
    return FALSE;
  for (guint64 i = page; i < page + n; i++)
    {
      const guint8 *content = host_page (disk, i);
      Origin origin = { i, page_hash (i, content), 0 };

      if (!is_zero (content))
        {
          origin.content = astern_page_store_put (disk->store, content);
          g_array_append_val (refs, origin.content);
        }
      g_array_append_val (disk->origins, origin);
      set_bit (disk->present, i);
      tell (disk, i, content);
    }
  astern_page_store_settle (disk->store, (const AsternPageRef *) (gpointer) refs->data, refs->len);
  return TRUE;
}

/* How many pages from @page on, before @end, are as present as it is; no more than a run. */
static guint64
run_of (const AsternDisk *disk, guint64 page, guint64 end)
{
  gboolean present = disk->present != NULL && bit (disk->present, page);
  guint64 n = 1;

  while (page + n < end && n < RUN_PAGES && (disk->present != NULL && bit (disk->present, page + n)) == present)
    n++;
  return n;
}

static gboolean
fetch (AsternDisk *disk, guint64 first, guint64 end)
{
  while (first < end)
    {
      guint64 n = run_of (disk, first, end);

      if (!bit (disk->present, first) && !fetch_run (disk, first, n))
        return FALSE;
      first += n;
    }
  return TRUE;
}

/* ---- reading and writing ---- */

static gboolean
is_inside (AsternDisk *disk, guint64 offset, guint64 size, const char *what)
{
  if (offset <= disk->image.size && size <= disk->image.size - offset)
    return TRUE;
  astern_events_log (&disk->machine->events, ASTERN_EVENT_GUEST_ERRORS,
                     "%s: %s of %" PRIu64 " bytes at %" PRIu64 ", beyond its end", disk->name, what, size, offset);
  return FALSE;
}

/* Pages [page, page + n), absent; of their bytes, those from @from on, @size of them. */
static gboolean
read_absent (AsternDisk *disk, guint64 page, guint64 n, guint64 from, guint8 *data, gsize size)
{
  if (!read_image (disk, page, n, disk->run))
    {
      memset (data, 0, size);
      return FALSE;
    }
  memcpy (data, disk->run + from, size);
  for (guint64 i = 0; i < n; i++)
    tell (disk, page + i, disk->run + (i << ASTERN_PAGE_BITS));
  return TRUE;
}

gboolean
astern_disk_read (AsternDisk *disk, guint64 offset, gpointer data, gsize size)
{
  guint8 *to = data;

  if (!is_inside (disk, offset, size, "read"))
    {
      memset (data, 0, size);
      return FALSE;
    }
  while (size > 0)
    {
      guint64 page = offset >> ASTERN_PAGE_BITS, from = offset & ASTERN_PAGE_MASK;
      guint64 n = run_of (disk, page, (offset + size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS);
      gsize chunk = (gsize) MIN (size, (n << ASTERN_PAGE_BITS) - from);

      if (disk->present != NULL && bit (disk->present, page))
        memcpy (to, host_page (disk, page) + from, chunk);
      else if (!read_absent (disk, page, n, from, to, chunk))
        {
          memset (to, 0, size);
          return FALSE;
        }
      to += chunk;
      offset += chunk;
      size -= chunk;
    }
  return TRUE;
}

static void
make_dirty (AsternDisk *disk, guint64 first, guint64 end)
{
  if (disk->keep)
    return;
  for (guint64 page = first; page < end; page++)
    if (!bit (disk->dirty, page))
      {
        set_bit (disk->dirty, page);
        g_array_append_val (disk->dirty_pages, page);
      }
}

/* Whether what is written goes to the image: at the head. */
static gboolean
goes_out (const AsternDisk *disk)
{
  return !disk->keep && !disk->machine->muted;
}

static gboolean
may_write (AsternDisk *disk, guint64 offset, guint64 size)
{
  if (disk->block != NULL)
    return is_inside (disk, offset, size, "write");
  astern_events_log (&disk->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: a write, but it is read-only", disk->name);
  return FALSE;
}

/* The pages are dirty now; when there are many, some go out. */
static void
written (AsternDisk *disk, guint64 first, guint64 end)
{
  if (!goes_out (disk))
    return;
  make_dirty (disk, first, end);
  if (disk->dirty_pages->len >= WRITE_OUT_PAGES)
    write_out (disk);
}

gboolean
astern_disk_write (AsternDisk *disk, guint64 offset, gconstpointer data, gsize size)
{
  guint64 first = offset >> ASTERN_PAGE_BITS, end = (offset + size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS;

  if (!may_write (disk, offset, size))
    return FALSE;
  if (size == 0)
    return TRUE;
  if (!fetch (disk, first, end))
    return FALSE;
  astern_memory_write (disk->machine->memory, disk->block->start + offset, data, size);
  written (disk, first, end);
  return TRUE;
}

/* Of the page of @offset, the bytes from there on, @size at most. */
static gsize
in_page (guint64 offset, guint64 size)
{
  return (gsize) MIN (size, ASTERN_PAGE_SIZE - (offset & ASTERN_PAGE_MASK));
}

static gboolean
zero_in_page (AsternDisk *disk, guint64 offset, gsize size)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];
  guint64 page = offset >> ASTERN_PAGE_BITS;

  if (!fetch (disk, page, page + 1))
    return FALSE;
  if (memcmp (host_page (disk, page) + (offset & ASTERN_PAGE_MASK), zeros, size) == 0)
    return TRUE;
  astern_memory_write (disk->machine->memory, disk->block->start + offset, zeros, size);
  written (disk, page, page + 1);
  return TRUE;
}

/* @zero: a bit for each of the run's pages, from that of @offset on, whether what is asked for is zeros already. */
static gboolean
look_for_zeros (AsternDisk *disk, guint64 offset, guint64 size, guint64 n, guint64 zero[RUN_PAGES / 64])
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];
  guint64 page = offset >> ASTERN_PAGE_BITS;

  if (!read_image (disk, page, n, disk->run))
    return FALSE;
  memset (zero, 0, RUN_PAGES / 8);
  for (guint64 i = 0; i < n; i++)
    {
      const guint8 *content = disk->run + (i << ASTERN_PAGE_BITS);
      gsize chunk = in_page (offset, size);

      tell (disk, page + i, content);
      if (memcmp (content + (offset & ASTERN_PAGE_MASK), zeros, chunk) == 0)
        set_bit (zero, i);
      offset += chunk;
      size -= chunk;
    }
  return TRUE;
}

/* A guest may discard all of a large disk: pages that are absent and zeros as they are stay absent. */
gboolean
astern_disk_zero (AsternDisk *disk, guint64 offset, guint64 size)
{
  guint64 zero[RUN_PAGES / 64];

  if (!may_write (disk, offset, size))
    return FALSE;
  while (size > 0)
    {
      guint64 page = offset >> ASTERN_PAGE_BITS;
      guint64 n = run_of (disk, page, (offset + size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS);
      gboolean absent = !bit (disk->present, page);

      if (absent && !look_for_zeros (disk, offset, size, n, zero))
        return FALSE;
      for (guint64 i = 0; i < n; i++)
        {
          gsize chunk = in_page (offset, size);

          if (!(absent && bit (zero, i)) && !zero_in_page (disk, offset, chunk))
            return FALSE;
          offset += chunk;
          size -= chunk;
        }
    }
  return TRUE;
}

/* ---- writing out ---- */

static gint
compare_pages (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

static gboolean
write_run (AsternDisk *disk, guint64 page, guint64 n)
{
  guint64 offset = page << ASTERN_PAGE_BITS, size = MIN (n << ASTERN_PAGE_BITS, disk->image.size - offset);
  gboolean zero = disk->image.zero != NULL;
  GError *error = NULL;

  for (guint64 i = page; zero && i < page + n; i++)
    zero = is_zero (host_page (disk, i));
  if (zero ? disk->image.zero (disk->image.user, offset, size, &error)
           : disk->image.write (disk->image.user, offset, host_page (disk, page), size, &error))
    return TRUE;
  return host_failed (disk, error);
}

/* What is dirty goes to the image, in the order of its places.  What the host does not take stays dirty. */
static gboolean
write_out (AsternDisk *disk)
{
  const guint64 *pages = (const guint64 *) (gpointer) disk->dirty_pages->data;
  guint n = disk->dirty_pages->len, done = 0;

  g_array_sort (disk->dirty_pages, compare_pages);
  while (done < n)
    {
      guint run = 1;

      while (done + run < n && run < RUN_PAGES && pages[done + run] == pages[done] + run)
        run++;
      if (!write_run (disk, pages[done], run))
        break;
      for (guint i = done; i < done + run; i++)
        clear_bit (disk->dirty, pages[i]);
      done += run;
    }
  g_array_remove_range (disk->dirty_pages, 0, done);
  return done == n;
}

void
astern_disk_flush (AsternDisk *disk)
{
  GError *error = NULL;

  if (disk->block == NULL || !goes_out (disk) || !write_out (disk))
    return;
  if (disk->image.flush != NULL && !disk->image.flush (disk->image.user, &error))
    host_failed (disk, error);
}

/* ---- of all disks ---- */

static gboolean
visit_absent (AsternDisk *disk, AsternDiskPageFunc visit, gpointer user)
{
  for (guint64 page = 0; page < disk->n_pages; page++)
    {
      if (!bit (disk->seen, page) || (disk->present != NULL && bit (disk->present, page)))
        continue;
      if (!read_image (disk, page, 1, disk->run))
        return FALSE;
      visit (user, disk, page, disk->run);
    }
  return TRUE;
}

gboolean
astern_disk_origins (AsternDisk *disk, AsternDiskPageFunc visit, gpointer user)
{
  guint8 content[ASTERN_PAGE_SIZE];

  for (guint i = 0; disk->origins != NULL && i < disk->origins->len; i++)
    {
      const Origin *origin = &g_array_index (disk->origins, Origin, i);

      if (origin->content != 0)
        astern_page_store_get (disk->store, origin->content, content);
      else
        memset (content, 0, sizeof content);
      visit (user, disk, origin->page, content);
    }
  return visit_absent (disk, visit, user);
}

void
astern_disks_observe (AsternMachine *machine, AsternDiskPageFunc seen, gpointer user)
{
  machine->disk_page_seen = seen;
  machine->disk_page_user = user;
  for (guint i = 0; seen != NULL && i < machine->disks->len; i++)
    astern_disk_origins (g_ptr_array_index (machine->disks, i), seen, user);
}

void
astern_disks_prepare (AsternMachine *machine, guint64 ram)
{
  for (guint i = 0; i < machine->disks->len; i++)
    {
      AsternDisk *disk = g_ptr_array_index (machine->disks, i);

      if (disk->block != NULL && ram >= disk->block->start && ram - disk->block->start < disk->block->size)
        {
          guint64 page = (ram - disk->block->start) >> ASTERN_PAGE_BITS;

          fetch (disk, page, page + 1);
        }
    }
}

void
astern_disks_write_out (AsternMachine *machine)
{
  for (guint i = 0; i < machine->disks->len; i++)
    {
      AsternDisk *disk = g_ptr_array_index (machine->disks, i);

      if (disk->block != NULL && goes_out (disk))
        write_out (disk);
    }
}

void
astern_disks_branched (AsternMachine *machine)
{
  for (guint i = 0; i < machine->disks->len; i++)
    {
      AsternDisk *disk = g_ptr_array_index (machine->disks, i);

      for (guint k = 0; disk->origins != NULL && k < disk->origins->len; k++)
        {
          guint64 page = g_array_index (disk->origins, Origin, k).page;

          make_dirty (disk, page, page + 1);
        }
    }
}

/* 20 us, and 1 GB a second; half as fast to write. */
guint64
astern_disk_latency_ns (guint64 size, gboolean write)
{
  return 20000 + (write ? 2 : 1) * MIN (size, G_GUINT64_CONSTANT (1) << 40);
}
