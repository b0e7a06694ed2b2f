/* Power cuts: an image's writes are recorded; after any of them the power goes.  Of what was written since the last
 * flush, some is lost.  What is left is an image in which qemu-img and we find nothing wrong but leaks, and in which
 * all is that was flushed. */
#include "config.h"

#include "image-fixture.h"

#include "host/images/image-format.h"

#include <string.h>

#define SECTOR 512

typedef struct
{
  guint64 offset, size;
  guint8 *bytes;          /* NULL: zeros */
  gboolean flush;
  guint   request;        /* how many requests were done before */
} Step;

typedef struct
{
  AsternStore  parent;
  AsternStore *under;     /* in memory */
  GArray      *steps;
  guint       *request;
} RecordStore;

static gboolean
record_read (AsternStore *store, guint64 offset, gpointer data, gsize size, GError **error)
{
  return astern_store_read (((RecordStore *) store)->under, offset, data, size, error);
}

static void
add_step (AsternStore *store, guint64 offset, gconstpointer data, guint64 size, gboolean flush)
{
  RecordStore *self = (RecordStore *) store;
  Step step = { offset, size, data != NULL ? g_memdup2 (data, size) : NULL, flush, *self->request };

  g_array_append_val (self->steps, step);
}

static gboolean
record_write (AsternStore *store, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  add_step (store, offset, data, size, FALSE);
  return astern_store_write (((RecordStore *) store)->under, offset, data, size, error);
}

static gboolean
record_zero (AsternStore *store, guint64 offset, guint64 size, GError **error)
{
  add_step (store, offset, NULL, size, FALSE);
  return astern_store_zero (((RecordStore *) store)->under, offset, size, error);
}

static gboolean
record_resize (AsternStore *store, guint64 size, GError **error)
{
  return astern_store_resize (((RecordStore *) store)->under, size, error);
}

static gboolean
record_flush (AsternStore *store, GError **error)
{
  add_step (store, 0, NULL, 0, TRUE);
  return TRUE;
}

static void
record_free (AsternStore *store)
{
  astern_store_free (((RecordStore *) store)->under);
  g_free (store);
}

static const AsternStoreClass record_class = {
  .kind = "memory", .read = record_read, .write = record_write, .zero = record_zero, .resize = record_resize,
  .flush = record_flush, .free = record_free,
};

static AsternStore *
record_store_new (gconstpointer bytes, gsize size, GArray *steps, guint *request)
{
  RecordStore *self = g_new0 (RecordStore, 1);

  self->parent.klass = &record_class;
  self->parent.name = g_strdup ("recorded");
  self->parent.size = size;
  self->under = astern_store_memory (bytes, size);
  self->steps = steps;
  self->request = request;
  return &self->parent;
}

typedef struct { guint kind; guint64 offset; gsize size; guint8 *bytes; } Request;   /* 0 write, 1 zero, 2 flush */

static void
apply (AsternDiskFile *file, const Request *request)
{
  g_autoptr (GError) error = NULL;

  if (request->kind == 0)
    astern_disk_file_write (file, request->offset, request->bytes, request->size, &error);
  else if (request->kind == 1)
    astern_disk_file_zero (file, request->offset, request->size, &error);
  else
    astern_disk_file_flush (file, &error);
  g_assert_no_error (error);
}

static GArray *
make_requests (Fixture *f, guint n)
{
  GArray *requests = g_array_new (FALSE, FALSE, sizeof (Request));

  for (guint i = 0; i < n; i++)
    {
      Request request = { (guint) (g_test_rand_int_range (0, 8) / 3), 0, 0, NULL };

      request.size = (gsize) g_test_rand_int_range (1, g_test_rand_int_range (0, 4) == 0 ? 60 : 8) * 4096;
      request.offset = (guint64) g_test_rand_int_range (0, (gint32) ((f->size - request.size) / 4096)) * 4096;
      if (request.kind == 0)
        {
          request.bytes = g_malloc (request.size);
          memset (request.bytes, 1 + (int) (i % 255), request.size);
        }
      g_array_append_val (requests, request);
    }
  return requests;
}

/* What is in the file when the power goes after @cut steps: each sector that was written since the last flush was
 * perhaps not. */
static void
replay (GByteArray *image, GArray *steps, guint cut, gboolean lose)
{
  guint last_flush = 0;

  for (guint i = 0; i < cut; i++)
    if (g_array_index (steps, Step, i).flush)
      last_flush = i;
  for (guint i = 0; i < cut; i++)
    {
      const Step *step = &g_array_index (steps, Step, i);
      gboolean dropped = lose && i > last_flush && g_test_rand_bit ();

      if (step->flush)
        continue;
      if (step->offset + step->size > image->len)
        {
          guint old = image->len;

          g_byte_array_set_size (image, (guint) (step->offset + step->size));
          memset (image->data + old, 0, image->len - old);
        }
      for (guint64 at = 0; at < step->size && !dropped; at += SECTOR)
        {
          gsize n = (gsize) MIN (SECTOR, step->size - at);

          if (lose && i > last_flush && g_test_rand_int_range (0, 4) == 0)
            continue;
          if (step->bytes != NULL)
            memcpy (image->data + step->offset + at, step->bytes + at, n);
          else
            memset (image->data + step->offset + at, 0, n);
        }
    }
}

/* What must be there after @done whole requests, and which bytes may be otherwise. */
static void
model_of (Fixture *f, GArray *requests, guint done, guint8 *flushed, guint8 *open)
{
  guint last_flush = 0;

  for (guint i = 0; i < done; i++)
    if (g_array_index (requests, Request, i).kind == 2)
      last_flush = i + 1;
  memset (flushed, 0, f->size);
  memset (open, 0, f->size);
  for (guint i = 0; i < MIN (done + 1, requests->len); i++)
    {
      const Request *request = &g_array_index (requests, Request, i);

      if (request->kind == 2)
        continue;
      if (i >= last_flush)
        memset (open + request->offset, 1, request->size);
      else if (request->kind == 0)
        memcpy (flushed + request->offset, request->bytes, request->size);
      else
        memset (flushed + request->offset, 0, request->size);
    }
}

static void
assert_survived (Fixture *f, GByteArray *image, const guint8 *flushed, const guint8 *open, gboolean ask_qemu)
{
  AsternStore *store = astern_store_memory (image->data, image->len);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *content = g_malloc (f->size);
  AsternDiskFileCheck result;
  AsternDiskFile *file;

  store->readonly = TRUE;
  file = astern_disk_file_new (store, "cut", "qcow2", 0, &error);
  g_assert_no_error (error);
  astern_disk_file_check (file, 0, NULL, NULL, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.corruptions, ==, 0);
  astern_disk_file_read (file, 0, content, f->size, &error);
  g_assert_no_error (error);
  for (guint64 i = 0; i < f->size; i++)
    if (!open[i] && content[i] != flushed[i])
      g_error ("At %#" PRIx64 " is %#x, and %#x was flushed.", i, content[i], flushed[i]);
  close_image (file);
  if (!ask_qemu)
    return;
  g_file_set_contents (f->path, (const char *) image->data, image->len, &error);
  g_assert_no_error (error);
  /* 0: all is well; 3: there are leaks. */
  g_assert_cmpint (run (NULL, "qemu-img", "check", "-q", "-f", "qcow2", f->path, NULL) % 3, ==, 0);
}

static void
what_was_flushed_is_there_after_a_power_cut_at_any_write (Fixture *f, gconstpointer data)
{
  const AsternDiskFileOptions *options = data;
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_autoptr (GArray) requests = NULL;
  g_autofree guint8 *flushed = NULL, *open = NULL;
  g_autofree char *empty = NULL;
  g_autofree char *qemu = g_find_program_in_path ("qemu-img");
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;
  guint request = 0, every;
  gsize empty_size;

  f->size = DISK_SIZE / 8;
  flushed = g_malloc (f->size);
  open = g_malloc (f->size);
  create_image (f, "qcow2", options);
  g_file_get_contents (f->path, &empty, &empty_size, &error);
  g_assert_no_error (error);
  file = astern_disk_file_new (record_store_new (empty, empty_size, steps, &request), "recorded", "qcow2",
                               ASTERN_DISK_FILE_WRITE, &error);
  g_assert_no_error (error);
  requests = make_requests (f, 70);
  for (request = 0; request < requests->len; request++)
    apply (file, &g_array_index (requests, Request, request));
  close_image (file);

  g_test_message ("%u writes and flushes", steps->len);
  every = MAX (steps->len / 20, 1);
  for (guint cut = 0; cut <= steps->len; cut++)
    for (guint lose = 0; lose < 2; lose++)
      {
        g_autoptr (GByteArray) image = g_byte_array_new ();
        guint done = cut < steps->len ? g_array_index (steps, Step, cut).request : requests->len;

        g_byte_array_append (image, (const guint8 *) empty, (guint) empty_size);
        replay (image, steps, cut, lose == 1);
        model_of (f, requests, done, flushed, open);
        assert_survived (f, image, flushed, open, qemu != NULL && cut % every == 0);
      }
  for (guint i = 0; i < steps->len; i++)
    g_free (g_array_index (steps, Step, i).bytes);
  for (guint i = 0; i < requests->len; i++)
    g_free (g_array_index (requests, Request, i).bytes);
}

int
main (int argc, char *argv[])
{
  static const AsternDiskFileOptions plain = { .size = DISK_SIZE / 8 }, version_2 = { .size = DISK_SIZE / 8, .version = 2 },
    small = { .size = DISK_SIZE / 8, .cluster_size = 2048, .refcount_bits = 64 },
    lazy = { .size = DISK_SIZE / 8, .cluster_size = 8192, .lazy_refcounts = TRUE };

  g_test_init (&argc, &argv, NULL);
#define ADD(name, options) g_test_add ("/power-cut/" #name "/" #options, Fixture, &options, set_up, name, tear_down)
  ADD (what_was_flushed_is_there_after_a_power_cut_at_any_write, plain);
  ADD (what_was_flushed_is_there_after_a_power_cut_at_any_write, version_2);
  ADD (what_was_flushed_is_there_after_a_power_cut_at_any_write, small);
  ADD (what_was_flushed_is_there_after_a_power_cut_at_any_write, lazy);
  return g_test_run ();
}
