/* The clipboard of the guest's agent: what it says, byte by byte, and what it is told. */
#include "config.h"

#include "host/remote/agent.h"

#include <string.h>

enum { CLIPBOARD = 4, ANNOUNCE = 6, GRAB = 7, REQUEST = 8 };
enum { CAP_BY_DEMAND = 1 << 5, CAP_SELECTION = 1 << 6 };

typedef struct
{
  AsternAgent *agent;
  GByteArray  *sent;
  GString     *texts;
} Fixture;

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  g_byte_array_append (((Fixture *) user)->sent, data, (guint) size);
}

static void
copied (gpointer user, const char *text)
{
  g_string_append_printf (((Fixture *) user)->texts, "[%s]", text);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const AsternAgentFuncs funcs = { .send = sent, .text = copied, .user = f };

  f->sent = g_byte_array_new ();
  f->texts = g_string_new (NULL);
  f->agent = astern_agent_new (&funcs, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_agent_free (f->agent);
  g_byte_array_unref (f->sent);
  g_string_free (f->texts, TRUE);
}

static void
put32 (GByteArray *to, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (to, (const guint8 *) &value, 4);
}

/* The guest says something, @step bytes at a time, in chunks of @chunk. */
static void
say (Fixture *f, guint32 type, gconstpointer body, guint size, guint chunk, guint step)
{
  g_autoptr (GByteArray) message = g_byte_array_new (), wire = g_byte_array_new ();

  put32 (message, 1);
  put32 (message, type);
  put32 (message, 0);
  put32 (message, 0);
  put32 (message, size);
  g_byte_array_append (message, body, size);
  for (guint at = 0; at < message->len; at += chunk)
    {
      put32 (wire, 1);
      put32 (wire, MIN (chunk, message->len - at));
      g_byte_array_append (wire, message->data + at, MIN (chunk, message->len - at));
    }
  for (guint at = 0; at < wire->len; at += step)
    astern_agent_receive (f->agent, wire->data + at, MIN (step, wire->len - at));
}

/* What was sent, without chunks; forgets it. */
static GByteArray *
take_sent (Fixture *f)
{
  GByteArray *plain = g_byte_array_new ();
  guint32 size;

  for (guint at = 0; at + 8 <= f->sent->len; at += 8 + size)
    {
      memcpy (&size, f->sent->data + at + 4, 4);
      size = GUINT32_FROM_LE (size);
      g_assert_cmpuint (size, <=, 2048);
      g_byte_array_append (plain, f->sent->data + at + 8, size);
    }
  g_byte_array_set_size (f->sent, 0);
  return plain;
}

static guint32
word (const GByteArray *bytes, guint at)
{
  guint32 value;

  g_assert_cmpuint (bytes->len, >=, at + 4);
  memcpy (&value, bytes->data + at, 4);
  return GUINT32_FROM_LE (value);
}

static void
announce (Fixture *f, guint32 capabilities)
{
  const guint32 body[] = { GUINT32_TO_LE (0), GUINT32_TO_LE (capabilities) };

  astern_agent_open (f->agent, TRUE);
  say (f, ANNOUNCE, body, sizeof body, 2048, 1000);
  g_byte_array_unref (take_sent (f));
}

static void
an_agent_is_greeted (Fixture *f, gconstpointer data)
{
  g_autoptr (GByteArray) said = NULL;

  astern_agent_open (f->agent, TRUE);
  said = take_sent (f);
  g_assert_cmpuint (word (said, 4), ==, ANNOUNCE);
  g_assert_cmpuint (word (said, 20), ==, 1);
  g_assert_cmphex (word (said, 24), ==, CAP_BY_DEMAND | CAP_SELECTION);
}

static void
what_is_copied_in_the_guest_is_asked_for (Fixture *f, gconstpointer data)
{
  static const guint8 grab[] = { 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0 };
  static const guint8 clip[] = { 0, 0, 0, 0, 1, 0, 0, 0, 'a', 'h', 'o', 'y' };
  g_autoptr (GByteArray) said = NULL;

  announce (f, CAP_BY_DEMAND | CAP_SELECTION);
  say (f, CLIPBOARD, clip, sizeof clip, 2048, 1);           /* unasked */
  g_assert_cmpstr (f->texts->str, ==, "");
  say (f, GRAB, grab, sizeof grab, 5, 1);
  said = take_sent (f);
  g_assert_cmpuint (word (said, 4), ==, REQUEST);
  g_assert_cmpuint (word (said, 24), ==, 1);
  say (f, CLIPBOARD, clip, sizeof clip, 3, 2);
  g_assert_cmpstr (f->texts->str, ==, "[ahoy]");
}

static void
what_is_copied_outside_is_given_when_asked_for (Fixture *f, gconstpointer data)
{
  static const guint8 request[] = { 0, 0, 0, 0, 1, 0, 0, 0 }, other[] = { 0, 0, 0, 0, 2, 0, 0, 0 };
  g_autofree char *text = g_strnfill (5000, 'x');
  g_autoptr (GByteArray) grab = NULL, clip = NULL, none = NULL;

  announce (f, CAP_BY_DEMAND | CAP_SELECTION);
  astern_agent_offer (f->agent, text);
  grab = take_sent (f);
  g_assert_cmpuint (word (grab, 4), ==, GRAB);
  g_assert_cmpuint (word (grab, 24), ==, 1);
  say (f, REQUEST, request, sizeof request, 2048, 1000);
  clip = take_sent (f);
  g_assert_cmpuint (word (clip, 4), ==, CLIPBOARD);
  g_assert_cmpuint (word (clip, 16), ==, 8 + 5000);
  g_assert_cmpmem (clip->data + 28, clip->len - 28, text, 5000);
  say (f, REQUEST, other, sizeof other, 2048, 1000);
  none = take_sent (f);
  g_assert_cmpuint (word (none, 24), ==, 0);
}

static void
an_old_agent_names_no_selection (Fixture *f, gconstpointer data)
{
  static const guint8 grab[] = { 1, 0, 0, 0 }, clip[] = { 1, 0, 0, 0, 'o', 'l', 'd' };

  announce (f, CAP_BY_DEMAND);
  say (f, GRAB, grab, sizeof grab, 2048, 1000);
  say (f, CLIPBOARD, clip, sizeof clip, 2048, 1000);
  g_assert_cmpstr (f->texts->str, ==, "[old]");
}

static void
what_is_too_long_is_left_out_and_the_next_is_heard (Fixture *f, gconstpointer data)
{
  static const guint8 grab[] = { 0, 0, 0, 0, 1, 0, 0, 0 }, clip[] = { 0, 0, 0, 0, 1, 0, 0, 0, 'o', 'k' };
  g_autofree guint8 *long_one = g_malloc0 (ASTERN_AGENT_MOST + 1);

  announce (f, CAP_BY_DEMAND | CAP_SELECTION);
  say (f, GRAB, grab, sizeof grab, 2048, 1000);
  long_one[4] = 1;
  say (f, CLIPBOARD, long_one, ASTERN_AGENT_MOST + 1, 1 << 20, 1 << 20);
  g_assert_cmpstr (f->texts->str, ==, "");
  say (f, CLIPBOARD, clip, sizeof clip, 2048, 1000);
  g_assert_cmpstr (f->texts->str, ==, "[ok]");
}

static void
an_agent_that_starts_again_is_heard_from_its_first_byte (Fixture *f, gconstpointer data)
{
  static const guint8 half[] = { 1, 0, 0, 0, 50, 0, 0, 0, 1, 0 };
  static const guint8 grab[] = { 0, 0, 0, 0, 1, 0, 0, 0 };
  g_autoptr (GByteArray) said = NULL;

  announce (f, CAP_BY_DEMAND | CAP_SELECTION);
  astern_agent_receive (f->agent, half, sizeof half);
  astern_agent_open (f->agent, FALSE);
  announce (f, CAP_BY_DEMAND | CAP_SELECTION);
  say (f, GRAB, grab, sizeof grab, 2048, 1000);
  said = take_sent (f);
  g_assert_cmpuint (word (said, 4), ==, REQUEST);
}

#define ADD(name) g_test_add ("/host/agent/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (an_agent_is_greeted);
  ADD (what_is_copied_in_the_guest_is_asked_for);
  ADD (what_is_copied_outside_is_given_when_asked_for);
  ADD (an_old_agent_names_no_selection);
  ADD (what_is_too_long_is_left_out_and_the_next_is_heard);
  ADD (an_agent_that_starts_again_is_heard_from_its_first_byte);
  return g_test_run ();
}
