/* Character back ends, each against a far end in this program. */
#include "config.h"

#include "host/chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <glib/gstdio.h>

typedef struct
{
  AsternHostLoop *loop;
  char           *dir, *path;
  GMutex          mutex;
  GCond           cond;
  GString        *heard;      /* under the mutex */
  gsize           room;       /* under the mutex */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->loop = astern_host_loop_new ();
  f->dir = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->path = g_build_filename (f->dir, "end", NULL);
  f->heard = g_string_new (NULL);
  f->room = G_MAXSIZE;
  g_mutex_init (&f->mutex);
  g_cond_init (&f->cond);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_host_loop_free (f->loop);
  g_unlink (f->path);
  g_rmdir (f->dir);
  g_free (f->dir);
  g_free (f->path);
  g_string_free (f->heard, TRUE);
  g_cond_clear (&f->cond);
  g_mutex_clear (&f->mutex);
}

static AsternChardev *
open_spec (Fixture *f, const char *format)
{
  g_auto (AsternChardevSpec) spec = { 0 };
  g_autofree char *text = NULL;
  GString *built = g_string_new (format);
  AsternChardev *chardev;
  GError *error = NULL;

  g_string_replace (built, "PATH", f->path, 1);
  text = g_string_free (built, FALSE);
  g_assert_true (astern_chardev_spec_parse (text, &spec, NULL));
  chardev = astern_chardev_open (f->loop, &spec, &error);
  g_assert_no_error (error);
  return chardev;
}

static void
hear (gpointer receiver, const guint8 *data, gsize size)
{
  Fixture *f = receiver;

  g_mutex_lock (&f->mutex);
  g_string_append_len (f->heard, (const char *) data, (gssize) size);
  f->room -= MIN (f->room, size);
  g_cond_signal (&f->cond);
  g_mutex_unlock (&f->mutex);
}

static gsize
room (gpointer receiver)
{
  Fixture *f = receiver;
  gsize result;

  g_mutex_lock (&f->mutex);
  result = f->room;
  g_mutex_unlock (&f->mutex);
  return result;
}

static void
wait_to_hear (Fixture *f, const char *text)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  g_mutex_lock (&f->mutex);
  while (!g_str_equal (f->heard->str, text))
    if (!g_cond_wait_until (&f->cond, &f->mutex, end))
      g_error ("heard “%s”, not “%s”", f->heard->str, text);
  g_mutex_unlock (&f->mutex);
}

static int
connect_to (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

static void
assert_reads (int fd, const char *expected)
{
  char data[256] = { 0 };
  gsize got = 0;

  while (got < strlen (expected))
    {
      gssize n = read (fd, data + got, sizeof data - 1 - got);

      g_assert_cmpint (n, >, 0);
      got += (gsize) n;
    }
  g_assert_cmpstr (data, ==, expected);
}

static void
write_text (AsternChardev *chardev, const char *text)
{
  astern_chardev_write (chardev, (const guint8 *) text, strlen (text));
}

static void
a_file_has_all_that_was_written_when_closed (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "file:PATH");
  g_autofree char *text = NULL;
  gsize length;

  for (guint i = 0; i < 100000; i++)
    write_text (chardev, "0123456789");
  astern_chardev_close (chardev);
  g_assert_true (g_file_get_contents (f->path, &text, &length, NULL));
  g_assert_cmpuint (length, ==, 1000000);
  g_assert_true (g_str_has_suffix (text, "90123456789"));
}

static void
a_socket_carries_bytes_both_ways (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "unix:PATH,server,nowait");
  int fd = connect_to (f->path);

  astern_chardev_receive (chardev, hear, f);
  g_assert_cmpint (write (fd, "in", 2), ==, 2);
  wait_to_hear (f, "in");   /* so the connection is known */
  write_text (chardev, "out");
  assert_reads (fd, "out");
  close (fd);
  astern_chardev_close (chardev);
}

static void
a_server_takes_the_next_client (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "unix:PATH,server,nowait");

  astern_chardev_receive (chardev, hear, f);
  for (guint i = 0; i < 3; i++)
    {
      static const char *const so_far[] = { "x", "xx", "xxx" };
      int fd = connect_to (f->path);

      g_assert_cmpint (write (fd, "x", 1), ==, 1);
      wait_to_hear (f, so_far[i]);
      close (fd);
    }
  astern_chardev_close (chardev);
}

static void
hear_left (gpointer user)
{
  hear (user, (const guint8 *) "|", 1);
}

static void
that_a_client_leaves_is_told_once_for_each (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "unix:PATH,server,nowait");

  astern_chardev_set_left (chardev, hear_left, f);
  astern_chardev_receive (chardev, hear, f);
  for (guint i = 0; i < 2; i++)
    {
      static const char *const so_far[] = { "x|", "x|x|" };
      int fd = connect_to (f->path);

      g_assert_cmpint (write (fd, "x", 1), ==, 1);
      close (fd);
      wait_to_hear (f, so_far[i]);
    }
  astern_chardev_close (chardev);
}

static void
a_stuck_client_never_holds_up_the_machine (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "unix:PATH,server,nowait");
  int fd = connect_to (f->path);
  g_autofree guint8 *block = g_malloc0 (65536);

  astern_chardev_receive (chardev, hear, f);
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
  wait_to_hear (f, "x");
  for (guint i = 0; i < 64; i++)   /* 4 MiB, and nobody reads */
    astern_chardev_write (chardev, block, 65536);
  g_assert_cmpuint (astern_chardev_dropped (chardev), >, 1 << 20);
  close (fd);
  astern_chardev_close (chardev);
}

static void
output_without_a_client_is_dropped (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "unix:PATH,server,nowait");

  write_text (chardev, "gone");
  g_assert_cmpuint (astern_chardev_dropped (chardev), ==, 4);
  astern_chardev_close (chardev);
}

static void
nothing_is_read_without_room (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "unix:PATH,server,nowait");
  int fd = connect_to (f->path);

  f->room = 3;
  astern_chardev_set_room (chardev, room, f);
  astern_chardev_receive (chardev, hear, f);
  g_assert_cmpint (write (fd, "abcdef", 6), ==, 6);
  wait_to_hear (f, "abc");
  close (fd);   /* what was sent before the hang-up is still read */
  g_mutex_lock (&f->mutex);
  f->room = 100;
  g_mutex_unlock (&f->mutex);
  astern_chardev_room_changed (chardev);
  wait_to_hear (f, "abcdef");
  astern_chardev_close (chardev);
}

static void
a_closed_server_leaves_no_socket_behind (Fixture *f, gconstpointer data)
{
  astern_chardev_close (open_spec (f, "unix:PATH,server,nowait"));
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
}

static void
an_address_that_cannot_be_had_is_an_error (Fixture *f, gconstpointer data)
{
  static const char *const texts[] = { "unix:/nowhere/at/all", "unix:/nowhere/at/all,server,nowait", "file:/nowhere/at/all" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (AsternChardevSpec) spec = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (astern_chardev_spec_parse (texts[i], &spec, NULL));
      g_assert_null (astern_chardev_open (f->loop, &spec, &error));
      g_assert_nonnull (strstr (error->message, "/nowhere/at/all"));
    }
}

#define ADD(name) g_test_add ("/host/chardev/" #name, Fixture, NULL, set_up, name, tear_down)

static void
read_cpu_time (gpointer data)
{
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, data);
}

/* Time that the loop's own thread has spent, in ms. */
static double
cpu_time (Fixture *f)
{
  struct timespec time;

  astern_host_loop_call_and_wait (f->loop, read_cpu_time, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static void
an_end_that_waits_takes_no_time (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "pty");
  double before;

  astern_chardev_receive (chardev, hear, f);
  before = cpu_time (f);
  g_usleep (200000);
  g_assert_cmpfloat (cpu_time (f) - before, <, 50);
  astern_chardev_close (chardev);
}

static void
a_console_takes_what_is_written_where_it_is_written (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "vc");

  astern_chardev_write (chardev, (const guint8 *) "early", 5);       /* nobody looks yet */
  g_assert_cmpuint (astern_chardev_dropped (chardev), ==, 5);
  astern_chardev_set_sink (chardev, hear, f);
  astern_chardev_write (chardev, (const guint8 *) "seen", 4);
  g_assert_cmpstr (f->heard->str, ==, "seen");                       /* at once, on this thread */
  astern_chardev_set_sink (chardev, NULL, NULL);
  astern_chardev_write (chardev, (const guint8 *) "late", 4);
  g_assert_cmpstr (f->heard->str, ==, "seen");
  astern_chardev_close (chardev);
}

static void
what_is_typed_at_a_console_arrives_in_order (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "vc:80Cx24C");
  g_autofree char *long_text = g_strnfill (3 * 4096 + 5, 'x');

  astern_chardev_receive (chardev, hear, f);
  astern_chardev_type (chardev, (const guint8 *) "one ", 4);
  astern_chardev_type (chardev, (const guint8 *) "", 0);
  astern_chardev_type (chardev, (const guint8 *) "two", 3);
  wait_to_hear (f, "one two");
  g_mutex_lock (&f->mutex);
  g_string_truncate (f->heard, 0);
  g_mutex_unlock (&f->mutex);
  astern_chardev_type (chardev, (const guint8 *) long_text, strlen (long_text));
  wait_to_hear (f, long_text);
  astern_chardev_close (chardev);
}

static void
what_is_typed_at_a_console_waits_for_room (Fixture *f, gconstpointer data)
{
  AsternChardev *chardev = open_spec (f, "vc");

  f->room = 3;
  astern_chardev_set_room (chardev, room, f);
  astern_chardev_receive (chardev, hear, f);
  astern_chardev_type (chardev, (const guint8 *) "abcdef", 6);
  wait_to_hear (f, "abc");
  g_usleep (50000);
  wait_to_hear (f, "abc");
  g_mutex_lock (&f->mutex);
  f->room = 100;
  g_mutex_unlock (&f->mutex);
  wait_to_hear (f, "abcdef");
  astern_chardev_close (chardev);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_file_has_all_that_was_written_when_closed);
  ADD (a_socket_carries_bytes_both_ways);
  ADD (a_server_takes_the_next_client);
  ADD (that_a_client_leaves_is_told_once_for_each);
  ADD (a_stuck_client_never_holds_up_the_machine);
  ADD (output_without_a_client_is_dropped);
  ADD (nothing_is_read_without_room);
  ADD (an_end_that_waits_takes_no_time);
  ADD (a_console_takes_what_is_written_where_it_is_written);
  ADD (what_is_typed_at_a_console_arrives_in_order);
  ADD (what_is_typed_at_a_console_waits_for_room);
  ADD (a_closed_server_leaves_no_socket_behind);
  ADD (an_address_that_cannot_be_had_is_an_error);
  return g_test_run ();
}
