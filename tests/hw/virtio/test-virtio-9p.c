/* test-virtio-9p.c - messages go out with a number, and answers come back in order. */
#include "config.h"

#include "rig.h"

#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-9p.h"

#include <string.h>

enum { OUT = RIG_BUFFERS, IN = RIG_BUFFERS + 0x10000, IN_BYTES = 64 };

typedef struct
{
  Rig         rig;
  AsternLink *link;
  guint       n;
  guint64     number;           /* of the last one */
  gboolean    again;
  guint32     most;
  char        message[64];
} Fixture;

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  Fixture *f = user;

  f->n++;
  f->number = virtio_get (data + VIRTIO_9P_OUT_NUMBER, 8);
  f->again = data[VIRTIO_9P_OUT_AGAIN];
  f->most = (guint32) virtio_get (data + VIRTIO_9P_OUT_MOST, 4);
  g_assert_cmpuint (size - VIRTIO_9P_OUT_HEADER, <, sizeof f->message);
  memcpy (f->message, data + VIRTIO_9P_OUT_HEADER, size - VIRTIO_9P_OUT_HEADER);
  f->message[size - VIRTIO_9P_OUT_HEADER] = '\0';
}

static void
set_up (Fixture *f, gconstpointer data)
{
  rig_set_up (&f->rig, &virtio_9p_class, 0);
  f->rig.virtio->offered |= VIRTIO_F_RING_PACKED;
  f->link = astern_link_new (NULL, "fs");
  f->link->send = sent;
  f->link->user = f;
  virtio_9p_connect (f->rig.virtio, f->link, "tag");
  rig_plug (&f->rig, TRUE, TRUE);
  rig_start (&f->rig, GPOINTER_TO_INT (data) ? VIRTIO_F_RING_PACKED : 0, 1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  rig_tear_down (&f->rig);
  astern_link_free (f->link);
}

static guint
request (Fixture *f, guint at, const char *text)
{
  const RigPart parts[] = { { OUT + 256 * at, (guint32) strlen (text), FALSE }, { IN + 256 * at, IN_BYTES, TRUE } };
  guint head;

  memcpy (rig_at (&f->rig, OUT + 256 * at), text, strlen (text));
  head = rig_add (&f->rig, 0, parts, 2);
  rig_kick (&f->rig, 0);
  return head;
}

static void
answer (Fixture *f, guint64 number, const char *text)
{
  guint8 packet[64];

  virtio_put (packet, 8, number);
  memcpy (packet + 8, text, strlen (text));
  f->link->input (f->link->device, packet, 8 + strlen (text));
}

static void
the_configuration_has_the_tag (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (rig_config (&f->rig, 0, 2), ==, 3);
  g_assert_cmpuint (rig_config (&f->rig, 2, 1), ==, 't');
  g_assert_cmpuint (rig_config (&f->rig, 4, 1), ==, 'g');
}

static void
a_request_goes_out_and_its_answer_comes_back (Fixture *f, gconstpointer data)
{
  guint head = request (f, 0, "question"), came;
  guint32 written;

  g_assert_cmpuint (f->n, ==, 1);
  g_assert_cmpstr (f->message, ==, "question");
  g_assert_cmpuint (f->most, ==, IN_BYTES);
  g_assert_false (f->again);
  g_assert_false (rig_take (&f->rig, 0, &came, &written));
  answer (f, f->number, "the answer");
  g_assert_true (rig_take (&f->rig, 0, &came, &written));
  g_assert_cmpuint (came, ==, head);
  g_assert_cmpuint (written, ==, 10);
  g_assert_cmpmem (rig_at (&f->rig, IN), 10, "the answer", 10);
  g_assert_true (f->rig.intx);
}

static void
only_the_answer_that_is_waited_for_is_taken (Fixture *f, gconstpointer data)
{
  guint first = request (f, 0, "question"), second = request (f, 1, "another"), came;
  guint64 number = f->number;
  guint32 written;

  answer (f, number, "too early");
  answer (f, number - 7, "too late");
  g_assert_false (rig_take (&f->rig, 0, &came, &written));
  answer (f, number - 1, "the first");
  answer (f, number - 1, "the first");
  answer (f, number, "the second");
  g_assert_true (rig_take (&f->rig, 0, &came, &written));
  g_assert_cmpuint (came, ==, first);
  g_assert_true (rig_take (&f->rig, 0, &came, &written));
  g_assert_cmpuint (came, ==, second);
  g_assert_cmpmem (rig_at (&f->rig, IN + 256), 10, "the second", 10);
  g_assert_false (rig_take (&f->rig, 0, &came, &written));
}

static void
what_has_no_answer_goes_out_again (Fixture *f, gconstpointer data)
{
  guint64 number;

  request (f, 0, "question");
  number = f->number;
  rig_pass (&f->rig, VIRTIO_9P_PATIENCE_NS / 2);
  g_assert_cmpuint (f->n, ==, 1);
  rig_pass (&f->rig, VIRTIO_9P_PATIENCE_NS);
  g_assert_cmpuint (f->n, ==, 2);
  g_assert_true (f->again);
  g_assert_cmpuint (f->number, ==, number);
  g_assert_cmpstr (f->message, ==, "question");
  answer (f, number, "the answer");
  rig_pass (&f->rig, 2 * VIRTIO_9P_PATIENCE_NS);
  g_assert_cmpuint (f->n, ==, 2);
}

static void
a_reset_forgets_what_was_asked_and_numbers_go_on (Fixture *f, gconstpointer data)
{
  guint64 number;
  guint32 written;
  guint came;

  request (f, 0, "question");
  number = f->number;
  rig_start (&f->rig, GPOINTER_TO_INT (data) ? VIRTIO_F_RING_PACKED : 0, 1);
  answer (f, number, "the answer");
  g_assert_false (rig_take (&f->rig, 0, &came, &written));
  request (f, 0, "question");
  g_assert_cmpuint (f->number, ==, number + 1);
  answer (f, f->number, "the answer");
  g_assert_true (rig_take (&f->rig, 0, &came, &written));
}

static void
a_request_without_room_for_an_answer_is_a_mistake (Fixture *f, gconstpointer data)
{
  const RigPart part = { OUT, 20, FALSE };

  rig_add (&f->rig, 0, &part, 1);
  rig_kick (&f->rig, 0);
  g_assert_cmpuint (f->n, ==, 0);
  g_assert_cmpuint (rig_common_read (&f->rig, 0x14, 1) & VIRTIO_NEEDS_RESET, !=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name)                                                                                                  \
  g_test_add ("/virtio-9p/split/" #name, Fixture, GINT_TO_POINTER (0), set_up, name, tear_down);                   \
  g_test_add ("/virtio-9p/packed/" #name, Fixture, GINT_TO_POINTER (1), set_up, name, tear_down)
  ADD (the_configuration_has_the_tag);
  ADD (a_request_goes_out_and_its_answer_comes_back);
  ADD (only_the_answer_that_is_waited_for_is_taken);
  ADD (what_has_no_answer_goes_out_again);
  ADD (a_reset_forgets_what_was_asked_and_numbers_go_on);
  ADD (a_request_without_room_for_an_answer_is_a_mistake);
  return g_test_run ();
}
