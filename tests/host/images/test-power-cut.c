/* Power cuts: an image's writes are recorded; after any of them the power goes.  Of what was written since the last
 * flush, some is lost.  What is left is an image in which qemu-img and we find nothing wrong but leaks, and in which
 * all is that was flushed, and the snapshots.  Only while a snapshot is made, deleted or gone back to are the flags of the tables
 * what has to be repaired, as in an image that was not closed. */
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

typedef enum { WRITE, ZERO, FLUSH, CREATE, DELETE, APPLY } RequestKind;

typedef struct
{
  RequestKind kind;
  guint64     offset;
  gsize       size;
  guint8     *bytes;        /* of WRITE; of CREATE: what the disk is then */
  guint       snapshot;     /* of CREATE, DELETE, APPLY: the request that makes it */
} Request;

static char *
snapshot_name (guint number)
{
  return g_strdup_printf ("s%u", number);      /* no id */
}

static void
apply (AsternDiskFile *file, const Request *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = snapshot_name (request->snapshot);

  switch (request->kind)
    {
    case WRITE:  astern_disk_file_write (file, request->offset, request->bytes, request->size, &error); break;
    case ZERO:   astern_disk_file_zero (file, request->offset, request->size, &error); break;
    case FLUSH:  astern_disk_file_flush (file, &error); break;
    case CREATE: astern_disk_file_snapshot_create (file, name, 1, 1, &error); break;
    case DELETE: astern_disk_file_snapshot_delete (file, name, &error); break;
    default:     astern_disk_file_snapshot_apply (file, name, &error); break;
    }
  g_assert_no_error (error);
}

/* What the request makes of the disk. */
static void
do_to (Fixture *f, GArray *requests, const Request *request, guint8 *content)
{
  if (request->kind == WRITE)
    memcpy (content + request->offset, request->bytes, request->size);
  else if (request->kind == ZERO)
    memset (content + request->offset, 0, request->size);
  else if (request->kind == APPLY)
    memcpy (content, g_array_index (requests, Request, request->snapshot).bytes, f->size);
}

static Request
make_request (Fixture *f, GArray *live, guint number, gboolean snapshots)
{
  Request request = { (RequestKind) (g_test_rand_int_range (0, 8) / 3), 0, 0, NULL, number };

  request.size = (gsize) g_test_rand_int_range (1, g_test_rand_int_range (0, 4) == 0 ? 60 : 8) * 4096;
  request.offset = (guint64) g_test_rand_int_range (0, (gint32) ((f->size - request.size) / 4096)) * 4096;
  if (snapshots && g_test_rand_int_range (0, 6) == 0)
    request.kind = live->len == 0 ? CREATE : CREATE + (guint) g_test_rand_int_range (0, live->len > 2 ? 3 : 2);
  if (request.kind == DELETE || request.kind == APPLY)
    {
      guint which = (guint) g_test_rand_int_range (0, (gint32) live->len);

      request.snapshot = g_array_index (live, guint, which);
      if (request.kind == DELETE)
        g_array_remove_index (live, which);
    }
  if (request.kind == CREATE)
    g_array_append_val (live, number);
  return request;
}

static GArray *
make_requests (Fixture *f, guint n, gboolean snapshots)
{
  GArray *requests = g_array_new (FALSE, FALSE, sizeof (Request));
  g_autoptr (GArray) live = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint8 *content = g_malloc0 (f->size);

  for (guint i = 0; i < n; i++)
    {
      Request request = make_request (f, live, i, snapshots);

      if (request.kind == WRITE)
        {
          request.bytes = g_malloc (request.size);
          memset (request.bytes, 1 + (int) (i % 255), request.size);
        }
      do_to (f, requests, &request, content);
      if (request.kind == CREATE)
        request.bytes = g_memdup2 (content, f->size);
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

typedef struct
{
  guint8       *flushed;      /* what must be there */
  guint8       *open;         /* 1: but not that byte */
  const guint8 *after;        /* (nullable) or this whole content */
  guint8       *live;         /* a snapshot, by number: 0: must not be there; 1: must be; 2: may be */
  gboolean      repairs;      /* first */
} Model;

/* After @done whole requests. */
static void
model_of (Fixture *f, GArray *requests, guint done, Model *model)
{
  guint last_flush = 0;

  for (guint i = 0; i < done; i++)
    if (g_array_index (requests, Request, i).kind >= FLUSH)
      last_flush = i + 1;
  memset (model->flushed, 0, f->size);
  memset (model->open, 0, f->size);
  memset (model->live, 0, requests->len);
  model->after = NULL;
  model->repairs = FALSE;
  for (guint i = 0; i < MIN (done + 1, requests->len); i++)
    {
      const Request *request = &g_array_index (requests, Request, i);

      if (request->kind <= ZERO && i >= last_flush)
        memset (model->open + request->offset, 1, request->size);
      else if (i < done)
        do_to (f, requests, request, model->flushed);
      if (request->kind == CREATE || request->kind == DELETE)
        model->live[request->snapshot] = i == done ? 2 : request->kind == CREATE;
      if (i == done)
        model->repairs = request->kind >= CREATE;
      if (i == done && request->kind == APPLY)
        model->after = g_array_index (requests, Request, request->snapshot).bytes;
    }
}

static gboolean
is_as_flushed (Fixture *f, const Model *model, const guint8 *content)
{
  for (guint64 i = 0; i < f->size; i++)
    if (!model->open[i] && content[i] != model->flushed[i])
      return FALSE;
  return TRUE;
}

static void
assert_snapshots (Fixture *f, GArray *requests, AsternDiskFile *file, const Model *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = astern_disk_file_snapshots (file, &error);
  g_autofree guint8 *content = g_malloc (f->size), *there = g_malloc0 (requests->len + 1);

  g_assert_no_error (error);
  for (guint i = 0; i < found->len; i++)
    {
      const AsternDiskSnapshot *snapshot = g_ptr_array_index (found, i);
      guint number = (guint) g_ascii_strtoull (snapshot->name + 1, NULL, 10);

      g_assert_cmpuint (model->live[number], !=, 0);
      there[number] = 1;
      astern_disk_file_snapshot_show (file, snapshot->name, &error);
      g_assert_no_error (error);
      astern_disk_file_read (file, 0, content, f->size, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (content, f->size, g_array_index (requests, Request, number).bytes, f->size);
    }
  for (guint i = 0; i < requests->len; i++)
    g_assert_true (model->live[i] != 1 || there[i]);
}

static void
assert_checked (AsternDiskFile *file, AsternRepair repair)
{
  g_autoptr (GError) error = NULL;
  AsternDiskFileCheck result;

  astern_disk_file_check (file, repair, NULL, NULL, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.corruptions, ==, 0);
}

static void
repair (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file = astern_disk_file_open (f->path, "qcow2", ASTERN_DISK_FILE_WRITE | ASTERN_DISK_FILE_REPAIR, &error);

  g_assert_no_error (error);
  assert_checked (file, ASTERN_REPAIR_LEAKS | ASTERN_REPAIR_ERRORS);
  close_image (file);
}

static void
assert_qemu_finds_nothing (Fixture *f, GByteArray *image, gboolean repairs)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (f->path, (const char *) image->data, image->len, &error);
  g_assert_no_error (error);
  if (repairs)
    g_assert_cmpint (run (NULL, "qemu-img", "check", "-q", "-r", "all", "-f", "qcow2", f->path, NULL), ==, 0);
  else      /* 0: all is well; 3: there are leaks. */
    g_assert_cmpint (run (NULL, "qemu-img", "check", "-q", "-f", "qcow2", f->path, NULL) % 3, ==, 0);
}

static void
assert_survived (Fixture *f, GByteArray *image, GArray *requests, const Model *model, gboolean ask_qemu)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *content = g_malloc (f->size);
  AsternStore *store;
  AsternDiskFile *file;

  if (model->repairs)
    {
      g_file_set_contents (f->path, (const char *) image->data, image->len, &error);
      g_assert_no_error (error);
      repair (f);
      file = astern_disk_file_open (f->path, "qcow2", 0, &error);
    }
  else
    {
      store = astern_store_memory (image->data, image->len);
      store->readonly = TRUE;
      file = astern_disk_file_new (store, "cut", "qcow2", 0, &error);
    }
  g_assert_no_error (error);
  assert_checked (file, 0);
  astern_disk_file_read (file, 0, content, f->size, &error);
  g_assert_no_error (error);
  g_assert_true (is_as_flushed (f, model, content) || (model->after != NULL && memcmp (content, model->after, f->size) == 0));
  assert_snapshots (f, requests, file, model);
  close_image (file);
  if (ask_qemu)
    assert_qemu_finds_nothing (f, image, model->repairs);
}

static void
cut_everywhere (Fixture *f, const AsternDiskFileOptions *options, guint n, gboolean snapshots)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_autoptr (GArray) requests = NULL;
  g_autofree guint8 *flushed = NULL, *open = NULL, *live = NULL;
  g_autofree char *empty = NULL;
  g_autofree char *qemu = g_find_program_in_path ("qemu-img");
  g_autoptr (GError) error = NULL;
  AsternDiskFile *file;
  Model model = { 0 };
  guint request = 0, every;
  gsize empty_size;

  f->size = options->size;
  model.flushed = flushed = g_malloc (f->size);
  model.open = open = g_malloc (f->size);
  create_image (f, "qcow2", options);
  g_file_get_contents (f->path, &empty, &empty_size, &error);
  g_assert_no_error (error);
  file = astern_disk_file_new (record_store_new (empty, empty_size, steps, &request), "recorded", "qcow2",
                               ASTERN_DISK_FILE_WRITE, &error);
  g_assert_no_error (error);
  requests = make_requests (f, n, snapshots);
  model.live = live = g_malloc (requests->len);
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
        model_of (f, requests, done, &model);
        assert_survived (f, image, requests, &model, qemu != NULL && cut % every == 0);
      }
  for (guint i = 0; i < steps->len; i++)
    g_free (g_array_index (steps, Step, i).bytes);
  for (guint i = 0; i < requests->len; i++)
    g_free (g_array_index (requests, Request, i).bytes);
}

static void
what_was_flushed_is_there_after_a_power_cut_at_any_write (Fixture *f, gconstpointer options)
{
  cut_everywhere (f, options, 70, FALSE);
}

static void
snapshots_and_what_was_flushed_are_there_after_a_power_cut_at_any_write (Fixture *f, gconstpointer options)
{
  cut_everywhere (f, options, 60, TRUE);
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
  ADD (snapshots_and_what_was_flushed_are_there_after_a_power_cut_at_any_write, plain);
  ADD (snapshots_and_what_was_flushed_are_there_after_a_power_cut_at_any_write, version_2);
  ADD (snapshots_and_what_was_flushed_are_there_after_a_power_cut_at_any_write, small);
  ADD (snapshots_and_what_was_flushed_are_there_after_a_power_cut_at_any_write, lazy);
  return g_test_run ();
}
