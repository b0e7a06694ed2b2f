/* test-virtio-serial.c - the console device: ports are announced, bytes go both ways and wait for buffers. */
#include "config.h"

#include "rig.h"

#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-serial.h"

#include <string.h>

enum { PORT0_IN, PORT0_OUT, CONTROL_IN, CONTROL_OUT, PORT1_IN, PORT1_OUT };
enum { READY = 0, ADD_PORT = 1, PORT_READY = 3, CONSOLE = 4, OPEN = 6, NAME = 7 };

#define F_MULTIPORT VIRTIO_BIT (1)
#define OUT         RIG_BUFFERS
#define IN          (RIG_BUFFERS + 0x1000)
#define MESSAGES    (RIG_BUFFERS + 0x2000)

typedef struct
{
  Rig           rig;
  AsternLink   *links[2];
  AsternDevice *ports[2];
  GString      *sent;
} Fixture;

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  g_string_append_len (user, (const char *) data, (gssize) size);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const AsternDeviceClass *classes[] = { &virtconsole_class, &virtserialport_class };

  rig_set_up (&f->rig, &virtio_serial_class, 0);
  f->sent = g_string_new (NULL);
  for (guint i = 0; i < 2; i++)
    {
      f->links[i] = astern_link_new (NULL, i == 0 ? "console" : "port");
      f->links[i]->send = sent;
      f->links[i]->user = f->sent;
      f->ports[i] = astern_device_new (classes[i], f->links[i]->name, f->rig.machine, &f->rig.machine->clock);
      astern_machine_add_device (f->rig.machine, f->ports[i]);
      virtio_port_connect (f->ports[i], f->links[i], i == 1 ? "org.example" : NULL);
      g_assert_true (virtio_serial_plug (f->rig.virtio, f->ports[i], -1, NULL));
    }
  rig_plug (&f->rig, TRUE, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  rig_tear_down (&f->rig);
  for (guint i = 0; i < 2; i++)
    astern_link_free (f->links[i]);
  g_string_free (f->sent, TRUE);
}

static void
add_in (Fixture *f, guint queue, guint64 address, guint32 size)
{
  const RigPart part = { address, size, TRUE };

  rig_add (&f->rig, queue, &part, 1);
  rig_kick (&f->rig, queue);
}

static void
tell (Fixture *f, guint port, guint event, guint value)
{
  const RigPart part = { OUT, 8, FALSE };
  guint8 *at = rig_at (&f->rig, OUT);

  memset (at, 0, 8);
  at[0] = (guint8) port;
  at[4] = (guint8) event;
  at[6] = (guint8) value;
  rig_add (&f->rig, CONTROL_OUT, &part, 1);
  rig_kick (&f->rig, CONTROL_OUT);
  rig_wait (&f->rig, CONTROL_OUT, NULL);
}

static void
assert_event (Fixture *f, guint port, guint event, guint value, const char *name)
{
  guint32 written;
  guint head;

  add_in (f, CONTROL_IN, MESSAGES, 64);
  g_assert_true (rig_take (&f->rig, CONTROL_IN, &head, &written));
  g_assert_cmpuint (*rig_at (&f->rig, MESSAGES), ==, port);
  g_assert_cmpuint (*rig_at (&f->rig, MESSAGES + 4), ==, event);
  g_assert_cmpuint (*rig_at (&f->rig, MESSAGES + 6), ==, value);
  g_assert_cmpmem (rig_at (&f->rig, MESSAGES + 8), written - 8, name, strlen (name));
}

static void
assert_message (Fixture *f, guint port, guint event, const char *name)
{
  assert_event (f, port, event, 1, name);
}

static void
ports_are_announced (Fixture *f, gconstpointer data)
{
  guint32 written;
  guint head;

  rig_start (&f->rig, F_MULTIPORT, 6);
  tell (f, 0, READY, 1);
  assert_message (f, 0, ADD_PORT, "");
  assert_message (f, 1, ADD_PORT, "");
  tell (f, 0, PORT_READY, 1);
  assert_message (f, 0, CONSOLE, "");
  assert_message (f, 0, OPEN, "");
  tell (f, 1, PORT_READY, 1);
  assert_message (f, 1, NAME, "org.example");
  assert_message (f, 1, OPEN, "");
  tell (f, 9, PORT_READY, 1);
  add_in (f, CONTROL_IN, MESSAGES, 64);
  g_assert_false (rig_take (&f->rig, CONTROL_IN, &head, &written));
}

static void
bytes_go_out (Fixture *f, gconstpointer data)
{
  const RigPart parts[] = { { OUT, 3, FALSE }, { OUT + 3, 4, FALSE } };

  rig_start (&f->rig, F_MULTIPORT, 6);
  memcpy (rig_at (&f->rig, OUT), "astern\n", 7);
  rig_add (&f->rig, PORT1_OUT, parts, 2);
  rig_kick (&f->rig, PORT1_OUT);
  rig_wait (&f->rig, PORT1_OUT, NULL);
  g_assert_cmpstr (f->sent->str, ==, "astern\n");
}

static void
bytes_wait_for_buffers (Fixture *f, gconstpointer data)
{
  static guint8 many[2000];
  AsternLink *link = f->links[0];
  guint32 written;
  guint head;

  rig_start (&f->rig, 0, 2);
  link->input (link->device, "hello", 5);
  g_assert_cmpuint (link->room (link->device), ==, 1024 - 5);
  add_in (f, PORT0_IN, IN, 3);
  g_assert_true (rig_take (&f->rig, PORT0_IN, &head, &written));
  g_assert_cmpmem (rig_at (&f->rig, IN), written, "hel", 3);
  add_in (f, PORT0_IN, IN, 100);
  g_assert_true (rig_take (&f->rig, PORT0_IN, &head, &written));
  g_assert_cmpmem (rig_at (&f->rig, IN), written, "lo", 2);
  link->input (link->device, many, sizeof many);
  g_assert_cmpuint (link->room (link->device), ==, 0);
}

static void
a_port_that_the_guest_has_not_opened_has_no_room (Fixture *f, gconstpointer data)
{
  AsternLink *link = f->links[1];

  rig_start (&f->rig, F_MULTIPORT, 6);
  g_assert_cmpuint (link->room (link->device), ==, 0);
  tell (f, 1, OPEN, 1);
  g_assert_cmpuint (link->room (link->device), ==, 1024);
}

static void
opened (gpointer user, gboolean open)
{
  g_string_append (user, open ? "<open>" : "<closed>");
}

static void
the_other_side_hears_of_opening_and_the_guest_of_the_plug (Fixture *f, gconstpointer data)
{
  AsternLink *link = f->links[1];

  link->opened = opened;
  rig_start (&f->rig, F_MULTIPORT, 6);
  tell (f, VIRTIO_SERIAL_PORTS, READY, 1);
  tell (f, 1, OPEN, 1);
  tell (f, 1, OPEN, 1);
  g_assert_true (astern_link_is_open (link));
  tell (f, 1, OPEN, 0);
  g_assert_false (astern_link_is_open (link));
  g_assert_cmpstr (f->sent->str, ==, "<open><closed>");
  assert_message (f, 0, ADD_PORT, "");
  assert_message (f, 1, ADD_PORT, "");
  link->connected = FALSE;
  link->changed (link->device);
  assert_event (f, 1, OPEN, 0, "");
}

/* Whether somebody is there goes back with the machine. */
static void
the_plug_is_part_of_the_state (Fixture *f, gconstpointer data)
{
  AsternLink *link = f->links[1];
  g_autofree guint8 *before = g_memdup2 (astern_device_state (f->ports[1]), f->ports[1]->klass->state_size);

  link->connected = FALSE;
  link->changed (link->device);
  memcpy (astern_device_state (f->ports[1]), before, f->ports[1]->klass->state_size);
  f->ports[1]->klass->restored (f->ports[1]);
  g_assert_true (link->connected);
}

static void
a_number_is_given_once (Fixture *f, gconstpointer data)
{
  AsternDevice *port = astern_device_new (&virtserialport_class, "third", f->rig.machine, &f->rig.machine->clock);
  g_autoptr (GError) error = NULL;

  astern_machine_add_device (f->rig.machine, port);
  g_assert_false (virtio_serial_plug (f->rig.virtio, port, 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_true (virtio_serial_plug (f->rig.virtio, port, 5, NULL));
}

#define ADD(name) g_test_add ("/hw/virtio-serial/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (ports_are_announced);
  ADD (bytes_go_out);
  ADD (bytes_wait_for_buffers);
  ADD (a_port_that_the_guest_has_not_opened_has_no_room);
  ADD (the_other_side_hears_of_opening_and_the_guest_of_the_plug);
  ADD (the_plug_is_part_of_the_state);
  ADD (a_number_is_given_once);
  return g_test_run ();
}
