/* disk-pages.c - which pages of a disk are in memory, and what they were at the start, see disk-private.h.
 *
 * A page's origin is kept packed when it is begun and is not zero, unless the image is never written and has it: a recording
 * that is written afterwards needs it, and by then the image may have another content.  The hash of a disk is the sum of what
 * its pages that were written add, less what their origins would: so it is a function of the content alone, whichever
 * pages were written, and one that never was costs nothing.
 *
 * What the image says of its zeros is asked for long stretches, and asked again after something was written to it. */
#include "config.h"

#include "core/disk-private.h"

#include "core/machine.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include <glib/gi18n.h>

#define LOOK_AHEAD (G_GUINT64_CONSTANT (1) << 30)

guint8 *
disk_host_page (const AsternDisk *disk, guint64 page)
{
  return astern_memory_host (disk->machine->memory, disk->block->start + (page << ASTERN_PAGE_BITS));
}

static guint8 *
flags_of (const AsternDisk *disk, guint64 page)
{
  return astern_memory_flags (disk->machine->memory, disk->block->start + (page << ASTERN_PAGE_BITS));
}

gboolean
disk_is_zero (const guint8 *page)
{
  static const guint8 zeros[ASTERN_PAGE_SIZE];

  return memcmp (page, zeros, sizeof zeros) == 0;
}

guint64
disk_page_hash (guint64 page, const guint8 *content)
{
  return disk_is_zero (content) ? 0 : astern_hash_bytes (page, content, ASTERN_PAGE_SIZE);
}

/* What the host could not do is told.  What it could not write is not the guest's affair: a replay, which writes nothing,
 * would not have it.  What it could not read is not in a recording either, and fails in a replay as here. */
gboolean
disk_host_failed (AsternDisk *disk, GError *error)
{
  astern_events_log (&disk->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", disk->name, error->message);
  g_warning (_("The image of the disk “%s”: %s"), disk->name, error->message);
  g_error_free (error);
  return FALSE;
}

/* ---- the image ---- */

/* The bytes from @offset on, of which @size becomes how many are alike. */
static gboolean
known_to_be_zeros (AsternDisk *disk, guint64 offset, guint64 *size)
{
  guint64 n = MIN (disk->image.size - offset, LOOK_AHEAD);

  if (disk->image.zeros == NULL)
    return FALSE;
  if (offset < disk->alike.from || offset >= disk->alike.end)
    {
      disk->alike.zeros = disk->image.zeros (disk->image.user, offset, &n);
      disk->alike.from = offset;
      disk->alike.end = offset + n;
    }
  *size = MIN (*size, disk->alike.end - offset);
  return disk->alike.zeros;
}

/* Inside of the image. */
static gboolean
read_bytes (AsternDisk *disk, guint64 offset, guint8 *data, gsize size)
{
  GError *error = NULL;

  for (guint64 n, done = 0; done < size; done += n)
    {
      n = size - done;
      if (known_to_be_zeros (disk, offset + done, &n))
        memset (data + done, 0, n);
      else if (!disk->image.read (disk->image.user, offset + done, data + done, n, &error))
        {
          memset (data, 0, size);
          return disk_host_failed (disk, error);
        }
    }
  return TRUE;
}

gboolean
disk_read_image (AsternDisk *disk, guint64 page, guint64 n, guint8 *data)
{
  guint64 offset = page << ASTERN_PAGE_BITS, size = n << ASTERN_PAGE_BITS;
  guint64 there = MIN (size, disk->image.size - offset);

  memset (data + there, 0, size - there);
  return read_bytes (disk, offset, data, there);
}

void
disk_tell (AsternDisk *disk, guint64 page, const guint8 *content)
{
  if (disk_bit (disk->seen, page))
    return;
  disk_set_bit (disk->seen, page);
  if (disk->machine->disk_page_seen != NULL)
    disk->machine->disk_page_seen (disk->machine->disk_page_user, disk, page, content);
}

static gboolean
has_something_to_tell (const AsternDisk *disk, guint64 first, guint64 end)
{
  if (disk->machine->disk_page_seen == NULL)
    return FALSE;
  for (guint64 page = first; page < end; page++)
    if (!disk_bit (disk->seen, page))
      return TRUE;
  return FALSE;
}

/* Whole pages only where an observer has to be told of them. */
gboolean
disk_read_absent (AsternDisk *disk, guint64 offset, guint8 *data, gsize size)
{
  guint64 first = offset >> ASTERN_PAGE_BITS, end = (offset + size + ASTERN_PAGE_MASK) >> ASTERN_PAGE_BITS;

  if (!has_something_to_tell (disk, first, end))
    {
      if (!read_bytes (disk, offset, data, size))
        return FALSE;
      for (guint64 page = first; page < end; page++)
        disk_set_bit (disk->seen, page);
      return TRUE;
    }
  if (!disk_read_image (disk, first, end - first, disk->run))
    {
      memset (data, 0, size);
      return FALSE;
    }
  memcpy (data, disk->run + (offset & ASTERN_PAGE_MASK), size);
  for (guint64 page = first; page < end; page++)
    disk_tell (disk, page, disk->run + ((page - first) << ASTERN_PAGE_BITS));
  return TRUE;
}

/* ---- coming into memory ---- */

static DiskOrigin *
origin_of (const AsternDisk *disk, guint64 page)
{
  return &g_array_index (disk->origins, DiskOrigin, disk->begun[page] - 1);
}

guint64
disk_run_of (const AsternDisk *disk, guint64 page, guint64 end)
{
  gboolean present = disk_is_present (disk, page);
  guint64 n = 1;

  while (page + n < end && n < DISK_RUN_PAGES && disk_is_present (disk, page + n) == present)
    n++;
  return n;
}

static void
begin (AsternDisk *disk, guint64 page, gboolean zero, GArray *refs)
{
  DiskOrigin origin = { page, zero ? 0 : DISK_NO_HASH, 0, zero ? 0 : DISK_IN_IMAGE };

  if (!zero && !disk->keep)
    {
      origin.content = astern_page_store_put (disk->store, disk_host_page (disk, page));
      g_array_append_val (refs, origin.content);
    }
  g_array_append_val (disk->origins, origin);
  disk->begun[page] = disk->origins->len;
}

/* Many pages of the host come for one fault. */
static void
populate (AsternDisk *disk, guint64 page, guint64 n)
{
#ifdef MADV_POPULATE_WRITE
  if (n > 1)
    madvise (disk_host_page (disk, page), n << ASTERN_PAGE_BITS, MADV_POPULATE_WRITE);      /* or at the first write */
#endif
}

/* Pages [page, page + n), none of which is present; @zeros: and all of which are, and untouched. */
static gboolean
fetch_alike (AsternDisk *disk, guint64 page, guint64 n, gboolean zeros)
{
  g_autoptr (GArray) refs = g_array_sized_new (FALSE, FALSE, sizeof (AsternPageRef), (guint) n);

  populate (disk, page, n);
  if (!zeros && !disk_read_image (disk, page, n, disk_host_page (disk, page)))
    return FALSE;
  for (guint64 i = page; i < page + n; i++)
    {
      if (disk->begun[i] == 0)
        {
          begin (disk, i, zeros || disk_is_zero (disk_host_page (disk, i)), refs);
          disk_tell (disk, i, disk_host_page (disk, i));
        }
      else
        disk_set_bit (disk->out, i);
      *flags_of (disk, i) &= (guint8) ~ASTERN_PAGE_AWAY;
      disk_set_bit (disk->present, i);
    }
  disk->machine->disk_pages += n;
  if (refs->len > 0)
    astern_page_store_settle (disk->store, (const AsternPageRef *) (gpointer) refs->data, refs->len);
  return TRUE;
}

/* How many of the pages are known to be zeros, or, 0 of them being that, are not (in @others). */
static guint64
pages_of_zeros (AsternDisk *disk, guint64 page, guint64 n, guint64 *others)
{
  guint64 offset = page << ASTERN_PAGE_BITS, size = MIN (n << ASTERN_PAGE_BITS, disk->image.size - offset), wanted = size;

  if (!known_to_be_zeros (disk, offset, &size))
    {
      *others = MAX (size >> ASTERN_PAGE_BITS, 1);
      return 0;
    }
  *others = 1;
  return size == wanted ? n : size >> ASTERN_PAGE_BITS;
}

static gboolean
fetch_absent (AsternDisk *disk, guint64 page, guint64 end)
{
  while (page < end)
    {
      guint64 others, zeros = 0, untouched = 0;

      while (page + untouched < end && disk->begun[page + untouched] == 0)
        untouched++;
      others = end - page;
      if (untouched > 0)
        zeros = pages_of_zeros (disk, page, untouched, &others);
      others = MIN (others, untouched > 0 ? untouched : end - page);
      if (!fetch_alike (disk, page, zeros > 0 ? zeros : others, zeros > 0))
        return FALSE;
      page += zeros > 0 ? zeros : others;
    }
  return TRUE;
}

gboolean
disk_fetch (AsternDisk *disk, guint64 first, guint64 end)
{
  while (first < end)
    {
      guint64 n = disk_run_of (disk, first, end);

      if (!disk_bit (disk->present, first) && !fetch_absent (disk, first, first + n))
        return FALSE;
      for (guint64 page = first; page < first + n; page++)
        disk_set_bit (disk->recent, page);
      first += n;
    }
  return TRUE;
}

void
disk_bring (const AsternRamBlock *block, guint64 ram, gpointer user)
{
  guint64 page = (ram - block->start) >> ASTERN_PAGE_BITS;

  disk_fetch (user, page, page + 1);
}

/* ---- going from memory ---- */

/* Of [first, end) what is in the image as well, and was not used lately. */
static void
put_away (AsternDisk *disk, guint64 first, guint64 end)
{
  guint64 ram = disk->block->start + (first << ASTERN_PAGE_BITS);

  for (guint64 page = first; page < end; page++)
    origin_of (disk, page)->away = disk_page_hash (page, disk_host_page (disk, page));
  if (!astern_memory_put_away (disk->machine->memory, ram, (end - first) << ASTERN_PAGE_BITS))
    return;
  for (guint64 page = first; page < end; page++)
    {
      disk_clear_bit (disk->present, page);
      disk_clear_bit (disk->out, page);
    }
  disk->machine->disk_pages -= end - first;
}

static guint64
may_go (const AsternDisk *disk, guint64 word)
{
  return disk->present[word] & disk->out[word] & ~disk->dirty[word] & ~disk->recent[word];
}

/* Once over the disk, until the machine holds @goal pages; what was used lately stays this time. */
static void
sweep (AsternDisk *disk, guint64 goal)
{
  for (guint64 word = 0; word <= disk->n_pages / 64 && disk->machine->disk_pages > goal; word++)
    {
      guint64 going = may_go (disk, word);

      disk->recent[word] = 0;
      while (going != 0)
        {
          guint first = (guint) __builtin_ctzll (going), n = 0;

          while (first + n < 64 && (going >> (first + n) & 1))
            going &= ~(G_GUINT64_CONSTANT (1) << (first + n++));
          put_away (disk, word * 64 + first, word * 64 + first + n);
        }
    }
}

void
disk_make_room (AsternMachine *machine)
{
  guint64 most = machine->disk_most_pages, goal = most - most / 8;

  if (machine->disk_pages <= MAX (most, machine->disk_next_pages) || most == 0 || machine->muted)
    return;
  astern_disks_write_out (machine);
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < machine->disks->len; i++)
      {
        AsternDisk *disk = g_ptr_array_index (machine->disks, i);

        if (disk->block != NULL && disk_goes_out (disk))
          sweep (disk, goal);
      }
  /* What cannot go is not looked for at each write. */
  machine->disk_next_pages = machine->disk_pages + most / 8;
}

/* ---- as it was at the start ---- */

static gboolean
get_origin (AsternDisk *disk, const DiskOrigin *origin, guint8 *content)
{
  if (origin->content == DISK_IN_IMAGE)
    return disk_read_image (disk, origin->page, 1, content);
  if (origin->content != 0)
    astern_page_store_get (disk->store, origin->content, content);
  else
    memset (content, 0, ASTERN_PAGE_SIZE);
  return TRUE;
}

static guint64
origin_hash (AsternDisk *disk, DiskOrigin *origin)
{
  guint8 content[ASTERN_PAGE_SIZE];

  if (origin->hash == DISK_NO_HASH && get_origin (disk, origin, content))
    origin->hash = disk_page_hash (origin->page, content);
  return origin->hash;
}

guint64
disk_change (AsternDisk *disk)
{
  guint64 sum = disk->before;

  for (guint i = 0; i < disk->origins->len; i++)
    {
      DiskOrigin *origin = &g_array_index (disk->origins, DiskOrigin, i);

      sum += disk_bit (disk->present, origin->page) ? disk_page_hash (origin->page, disk_host_page (disk, origin->page)) : origin->away;
      sum -= origin_hash (disk, origin);
    }
  return sum;
}

guint64
disk_hash (const AsternRamBlock *block, gpointer user)
{
  AsternDisk *disk = user;
  guint64 words[2] = { GUINT64_TO_LE (disk->image.size), 0 };

  words[1] = GUINT64_TO_LE (disk_change (disk));
  return astern_hash_bytes (0, words, sizeof words);
}

static gboolean
visit_untouched (AsternDisk *disk, AsternDiskPageFunc visit, gpointer user)
{
  for (guint64 page = 0; page < disk->n_pages; page++)
    {
      if (!disk_bit (disk->seen, page) || (disk->begun != NULL && disk->begun[page] != 0))
        continue;
      if (!disk_read_image (disk, page, 1, disk->run))
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
      const DiskOrigin *origin = &g_array_index (disk->origins, DiskOrigin, i);

      if (!get_origin (disk, origin, content))
        return FALSE;
      visit (user, disk, origin->page, content);
    }
  return visit_untouched (disk, visit, user);
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

          disk_bring (disk->block, ram, disk);
          disk_make_dirty (disk, page, page + 1);
        }
    }
}

void
astern_disks_set_cache (AsternMachine *machine, guint64 most_bytes)
{
  machine->disk_most_pages = most_bytes >> ASTERN_PAGE_BITS;
  machine->disk_next_pages = 0;
}

guint64
astern_disks_in_memory (const AsternMachine *machine)
{
  return machine->disk_pages << ASTERN_PAGE_BITS;
}
