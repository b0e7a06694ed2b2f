/* test-vsock.c - the host's end of a guest's sockets, as a guest's driver finds it. */
#include "config.h"

#include "core/machine.h"
#include "host/vsock/vsock.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

enum { CID = 7, HEADER = 44, BUFFER = 1 << 20 };
enum { REQUEST = 1, RESPONSE, RST, SHUTDOWN, RW, CREDIT_UPDATE, CREDIT_REQUEST };

#define PATIENCE_US (60 * G_USEC_PER_SEC)

typedef struct
{
  AsternMachine  *machine;
  AsternHostLoop *loop;
  AsternLink     *link;
  AsternVsock    *vsock;
  char           *folder, *path;
  GQueue          came;                 /* GBytes */
  guint64         number;
} Fixture;

typedef struct
{
  guint32 from, to, length, flags, buffer, forwarded;
  guint16 op;
  char    data[8193];
} Packet;

/* ---- the guest's side ---- */

static void
input (gpointer device, gconstpointer data, gsize size)
{
  g_queue_push_tail (&((Fixture *) device)->came, g_bytes_new (data, size));
}

static guint
room (gpointer device)
{
  return 32768;
}

static GBytes *
next (Fixture *f)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  while (f->came.length == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      if (!astern_inputs_poll (f->machine->inputs))
        g_usleep (1000);
    }
  return g_queue_pop_head (&f->came);
}

static guint32
word (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static void
receive (Fixture *f, Packet *packet)
{
  g_autoptr (GBytes) bytes = next (f);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpuint (data[0], ==, 0);
  data++;
  g_assert_cmpuint (size, >=, 1 + HEADER);
  g_assert_cmpuint (word (data), ==, 2);
  g_assert_cmpuint (word (data + 8), ==, CID);
  *packet = (Packet) { .from = word (data + 16), .to = word (data + 20), .length = word (data + 24), .op = (guint16) (word (data + 28) >> 16),
                       .flags = word (data + 32), .buffer = word (data + 36), .forwarded = word (data + 40) };
  g_assert_cmpuint (word (data + 28) & 0xffff, ==, 1);
  g_assert_cmpuint (size, ==, 1 + HEADER + packet->length);
  g_assert_cmpuint (packet->length, <, sizeof packet->data);
  memcpy (packet->data, data + HEADER, packet->length);
}

static void
put (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8) (value >> 8 * i);
}

static void
transmit (Fixture *f, guint32 from, guint32 to, guint16 op, guint32 flags, guint32 buffer, guint32 forwarded, const char *text)
{
  guint8 bytes[8 + HEADER + 256] = { 0 }, *header = bytes + 8;

  put (bytes, (guint32) f->number++);
  put (header, CID);
  put (header + 8, 2);
  put (header + 16, from);
  put (header + 20, to);
  put (header + 24, (guint32) strlen (text));
  put (header + 28, 1 | (guint32) op << 16);
  put (header + 32, flags);
  put (header + 36, buffer);
  put (header + 40, forwarded);
  memcpy (header + HEADER, text, strlen (text));
  astern_link_send (f->link, bytes, 8 + HEADER + strlen (text));
}

/* ---- the host's ---- */

static int
make_socket (const char *path, gboolean listening)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (!listening)
    g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  else
    {
      g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
      g_assert_cmpint (listen (fd, 4), ==, 0);
    }
  return fd;
}

static void
expect_text (int fd, const char *text)
{
  char bytes[256] = { 0 };
  gsize got = 0;

  while (got < strlen (text))
    {
      gssize n = read (fd, bytes + got, strlen (text) - got);

      g_assert_cmpint (n, >, 0);
      got += (gsize) n;
    }
  g_assert_cmpstr (bytes, ==, text);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("astern-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "v", NULL);
  f->machine = astern_machine_new (1 << 20, &error);
  g_assert_no_error (error);
  f->loop = astern_host_loop_new ();
  f->link = astern_link_new (f->machine, "vsock");
  astern_link_attach (f->link, f, input, room);
  f->vsock = astern_vsock_new (f->loop, f->link, CID, f->path, &error);
  g_assert_no_error (error);
  g_queue_init (&f->came);
}

static void
free_bytes (gpointer bytes)
{
  g_bytes_unref (bytes);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *port = g_strconcat (f->path, "_80", NULL);

  astern_vsock_free (f->vsock);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  astern_host_loop_free (f->loop);
  astern_machine_free (f->machine);
  astern_link_free (f->link);
  g_queue_clear_full (&f->came, free_bytes);
  g_unlink (port);
  g_rmdir (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

/* Somebody listens at port 80, the guest calls from its port 1000; returns the socket. */
static int
call_from_guest (Fixture *f, guint32 buffer)
{
  g_autofree char *port = g_strconcat (f->path, "_80", NULL);
  int listening = make_socket (port, TRUE), fd;
  Packet packet;

  transmit (f, 1000, 80, REQUEST, 0, buffer, 0, "");
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, RESPONSE);
  g_assert_cmpuint (packet.from, ==, 80);
  g_assert_cmpuint (packet.to, ==, 1000);
  g_assert_cmpuint (packet.buffer, >, 0);
  fd = accept (listening, NULL, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (listening);
  return fd;
}

/* ---- what is shown ---- */

static void
the_guest_calls_the_host (Fixture *f, gconstpointer data)
{
  int fd = call_from_guest (f, BUFFER);
  Packet packet;
  char byte;

  transmit (f, 1000, 80, RW, 0, BUFFER, 0, "ping");
  expect_text (fd, "ping");
  g_assert_cmpint (write (fd, "pong", 4), ==, 4);
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, RW);
  g_assert_cmpstr (packet.data, ==, "pong");
  g_assert_cmpuint (packet.forwarded, ==, 4);
  transmit (f, 1000, 80, SHUTDOWN, 3, BUFFER, 4, "");
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, RST);
  g_assert_cmpint (read (fd, &byte, 1), ==, 0);
  close (fd);
}

static void
the_host_calls_the_guest (Fixture *f, gconstpointer data)
{
  int fd = make_socket (f->path, FALSE);
  Packet packet;

  g_assert_cmpint (write (fd, "CONNECT 99\n", 11), ==, 11);
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, REQUEST);
  g_assert_cmpuint (packet.to, ==, 99);
  transmit (f, 99, packet.from, RESPONSE, 0, BUFFER, 0, "");
  {
    g_autofree char *ok = g_strdup_printf ("OK %u\n", packet.from);

    expect_text (fd, ok);
  }
  transmit (f, 99, packet.from, RW, 0, BUFFER, 0, "hello");
  expect_text (fd, "hello");
  close (fd);
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, SHUTDOWN);
}

static void
who_says_something_else_is_sent_away (Fixture *f, gconstpointer data)
{
  int fd = make_socket (f->path, FALSE);
  char byte;

  g_assert_cmpint (write (fd, "HELLO\n", 6), ==, 6);
  g_assert_cmpint (read (fd, &byte, 1), <=, 0);
  close (fd);
}

static void
a_port_where_nobody_listens_refuses (Fixture *f, gconstpointer data)
{
  Packet packet;

  transmit (f, 1000, 81, REQUEST, 0, BUFFER, 0, "");
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, RST);
  g_assert_cmpuint (packet.from, ==, 81);
  transmit (f, 1000, 81, RW, 0, BUFFER, 0, "to nobody");
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, RST);
}

static void
no_more_is_sent_than_the_guest_has_room_for (Fixture *f, gconstpointer data)
{
  int fd = call_from_guest (f, 10);
  guint32 got = 0;
  Packet packet;

  g_assert_cmpint (write (fd, "0123456789abcdef", 16), ==, 16);
  while (got < 10)
    {
      receive (f, &packet);
      g_assert_cmpuint (packet.op, ==, RW);
      got += packet.length;
    }
  g_assert_cmpuint (got, ==, 10);
  transmit (f, 1000, 80, CREDIT_UPDATE, 0, 10, 10, "");
  receive (f, &packet);
  g_assert_cmpstr (packet.data, ==, "abcdef");
  close (fd);
}

static void
the_guest_is_told_of_room (Fixture *f, gconstpointer data)
{
  int fd = call_from_guest (f, BUFFER);
  Packet packet;

  transmit (f, 1000, 80, RW, 0, BUFFER, 0, "12345");
  expect_text (fd, "12345");
  transmit (f, 1000, 80, CREDIT_REQUEST, 0, BUFFER, 0, "");
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, CREDIT_UPDATE);
  g_assert_cmpuint (packet.forwarded, ==, 5);
  close (fd);
}

/* Its numbers say so: connections of the other future end, and the guest hears that all are gone. */
static void
another_future_of_the_guests_past_has_no_connections (Fixture *f, gconstpointer data)
{
  int fd = call_from_guest (f, BUFFER);
  g_autoptr (GBytes) event = NULL;
  Packet packet;
  char byte;

  transmit (f, 1000, 80, RW, 0, BUFFER, 0, "x");
  expect_text (fd, "x");
  f->number = 1;
  transmit (f, 1000, 80, RW, 0, BUFFER, 0, "y");
  event = next (f);
  g_assert_cmpuint (g_bytes_get_size (event), ==, 1);
  g_assert_cmpuint (*(const guint8 *) g_bytes_get_data (event, NULL), ==, 1);
  receive (f, &packet);
  g_assert_cmpuint (packet.op, ==, RST);
  g_assert_cmpint (read (fd, &byte, 1), ==, 0);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/vsock/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (the_guest_calls_the_host);
  ADD (the_host_calls_the_guest);
  ADD (who_says_something_else_is_sent_away);
  ADD (a_port_where_nobody_listens_refuses);
  ADD (no_more_is_sent_than_the_guest_has_room_for);
  ADD (the_guest_is_told_of_room);
  ADD (another_future_of_the_guests_past_has_no_connections);
  return g_test_run ();
}
