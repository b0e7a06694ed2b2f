/* recording-fixture - a folder with a recording in it, written by hand. */
#pragma once

#include "trace/recording.h"
#include "trace/writer.h"

#include <string.h>

#include <glib/gstdio.h>

typedef struct
{
  char *dir, *path;
} Fixture;

static inline void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->path = g_build_filename (f->dir, "run.astern", NULL);
}

static inline void
remove_named (const char *path, const char *suffix)
{
  g_autofree char *name = g_strconcat (path, suffix, NULL);

  g_unlink (name);
}

static inline void
tear_down (Fixture *f, gconstpointer data)
{
  remove_named (f->path, "");
  remove_named (f->path, "-wal");
  remove_named (f->path, "-shm");
  g_rmdir (f->dir);
  g_free (f->path);
  g_free (f->dir);
}

static const char *const fixture_words[] = { "-m", "64", "-append", "a, b", NULL };
static const char *const fixture_meta[] = { "program-version", "0.1.0", "serial-ports", "1", NULL };

static inline AsternMoment
moment (guint64 icount, guint32 step)
{
  return (AsternMoment) { icount, step };
}

static inline AsternWriter *
begin_recording (Fixture *f, const AsternRecordingSource *sources, guint n_sources)
{
  const AsternRecordingStart start = { fixture_words, fixture_meta, sources, n_sources };
  const AsternWriterFuncs none = { NULL, NULL, NULL };
  g_autoptr (GError) error = NULL;
  AsternWriter *writer = astern_writer_new (f->path, &start, &none, &error);

  g_assert_no_error (error);
  return writer;
}

static inline void
write_input (AsternWriter *writer, guint64 icount, guint32 step, const char *port, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  astern_writer_input (writer, moment (icount, step), icount, port, bytes);
}

static inline void
end_recording (AsternWriter *writer, guint64 icount, const char *ending)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (astern_writer_finish (writer, moment (icount, 0), icount, ending, &error));
  g_assert_no_error (error);
}

static inline AsternRecording *
open_recording (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AsternRecording *recording = astern_recording_open (f->path, &error);

  g_assert_no_error (error);
  return recording;
}
