/* agent.c - see agent.h.
 * Source: spice-protocol's vd_agent.h; "Spice agent protocol" of the SPICE project.
 * Left out: all but text in the clipboard (images, files), other selections than the clipboard, the pointer, the sizes of
 * monitors. */
#include "config.h"

#include "host/remote/agent.h"

#include <string.h>

enum { CHUNK_HEADER = 8, HEADER = 20, CHUNK_MOST = 2048 };
enum { PORT_CLIENT = 1, PROTOCOL = 1 };
enum { CLIPBOARD = 4, ANNOUNCE = 6, GRAB = 7, REQUEST = 8, RELEASE = 9 };
enum { CAP_BY_DEMAND = 1 << 5, CAP_SELECTION = 1 << 6 };
enum { NONE = 0, UTF8_TEXT = 1 };
enum { SELECTION_CLIPBOARD = 0 };

struct _AsternAgent
{
  AsternAgentFuncs funcs;
  gboolean    clipboard;
  gboolean    open;
  gboolean    selections;       /* the guest's agent names them: four bytes more */
  char       *offered;          /* (nullable) */
  gboolean    wanted;           /* what the guest has copied was asked for */

  /* The parser. */
  guint8      chunk[CHUNK_HEADER];
  guint       chunk_have;
  guint32     chunk_left;       /* bytes of the chunk that are to come */
  gboolean    chunk_ours;
  guint8      header[HEADER];
  guint       header_have;
  guint32     left;             /* bytes of the message that are to come */
  GByteArray *body;             /* none of a message that is too long */
};

static guint32
get32 (const guint8 *bytes)
{
  return bytes[0] | (guint32) bytes[1] << 8 | (guint32) bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static void
add32 (GByteArray *to, guint32 value)
{
  const guint8 bytes[] = { (guint8) value, (guint8) (value >> 8), (guint8) (value >> 16), (guint8) (value >> 24) };

  g_byte_array_append (to, bytes, sizeof bytes);
}

/* ---- to the guest ---- */

/* A message goes in chunks. */
static void
send_message (AsternAgent *agent, guint32 type, const GByteArray *body)
{
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_autoptr (GByteArray) chunks = g_byte_array_new ();

  add32 (message, PROTOCOL);
  add32 (message, type);
  add32 (message, 0);
  add32 (message, 0);
  add32 (message, body->len);
  g_byte_array_append (message, body->data, body->len);
  for (guint at = 0; at < message->len; at += CHUNK_MOST)
    {
      guint size = MIN (message->len - at, CHUNK_MOST);

      add32 (chunks, PORT_CLIENT);
      add32 (chunks, size);
      g_byte_array_append (chunks, message->data + at, size);
    }
  agent->funcs.send (agent->funcs.user, chunks->data, chunks->len);
}

static void
announce (AsternAgent *agent, gboolean request)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  add32 (body, request ? 1 : 0);
  add32 (body, agent->clipboard ? CAP_BY_DEMAND | CAP_SELECTION : 0);
  send_message (agent, ANNOUNCE, body);
}

/* GRAB and REQUEST: a selection, if it is named, and a type. */
static GByteArray *
about_text (AsternAgent *agent, guint32 type)
{
  GByteArray *body = g_byte_array_new ();

  if (agent->selections)
    add32 (body, SELECTION_CLIPBOARD);
  add32 (body, type);
  return body;
}

static void
grab (AsternAgent *agent)
{
  g_autoptr (GByteArray) body = about_text (agent, UTF8_TEXT);

  send_message (agent, GRAB, body);
}

void
astern_agent_offer (AsternAgent *agent, const char *text)
{
  if (!agent->clipboard || strlen (text) > ASTERN_AGENT_MOST)
    return;
  g_free (agent->offered);
  agent->offered = g_strdup (text);
  agent->wanted = FALSE;
  if (agent->open)
    grab (agent);
}

/* ---- from the guest ---- */

/* The guest has copied something: of these types. */
static void
grabbed (AsternAgent *agent, const guint8 *types, guint size)
{
  for (guint at = 0; at + 4 <= size; at += 4)
    if (get32 (types + at) == UTF8_TEXT)
      {
        g_autoptr (GByteArray) body = about_text (agent, UTF8_TEXT);

        g_clear_pointer (&agent->offered, g_free);
        agent->wanted = TRUE;
        send_message (agent, REQUEST, body);
        return;
      }
}

/* It wants to paste. */
static void
requested (AsternAgent *agent, guint32 type)
{
  gboolean has = type == UTF8_TEXT && agent->offered != NULL;
  g_autoptr (GByteArray) body = about_text (agent, has ? UTF8_TEXT : NONE);

  if (has)
    g_byte_array_append (body, (const guint8 *) agent->offered, (guint) strlen (agent->offered));
  send_message (agent, CLIPBOARD, body);
}

static void
pasted (AsternAgent *agent, guint32 type, const guint8 *data, guint size)
{
  g_autofree char *text = NULL;

  if (type != UTF8_TEXT || !agent->wanted)
    return;
  agent->wanted = FALSE;
  text = g_utf8_make_valid ((const char *) data, (gssize) strnlen ((const char *) data, size));
  agent->funcs.text (agent->funcs.user, text);
}

static void
take_message (AsternAgent *agent, guint32 type, const guint8 *body, guint size)
{
  if (type == ANNOUNCE && size >= 8)
    {
      agent->selections = (get32 (body + 4) & CAP_SELECTION) != 0;
      if (get32 (body) != 0)
        announce (agent, FALSE);
      if (agent->offered != NULL)
        grab (agent);
      return;
    }
  if (!agent->clipboard)
    return;
  if (agent->selections)
    {
      if (size < 4 || body[0] != SELECTION_CLIPBOARD)
        return;
      body += 4;
      size -= 4;
    }
  if (type == GRAB)
    grabbed (agent, body, size);
  else if (type == REQUEST && size >= 4)
    requested (agent, get32 (body));
  else if (type == CLIPBOARD && size >= 4)
    pasted (agent, get32 (body), body + 4, size - 4);
  else if (type == RELEASE)
    agent->wanted = FALSE;
}

/* A message, in the order of its bytes, across chunks. */
static void
take_bytes (AsternAgent *agent, const guint8 *data, gsize size)
{
  while (size > 0)
    {
      guint n = (guint) MIN (size, agent->header_have < HEADER ? HEADER - agent->header_have : agent->left);

      if (agent->header_have < HEADER)
        {
          memcpy (agent->header + agent->header_have, data, n);
          agent->header_have += n;
          agent->left = get32 (agent->header + 16);
        }
      else
        {
          if (get32 (agent->header + 16) <= ASTERN_AGENT_MOST)
            g_byte_array_append (agent->body, data, n);
          agent->left -= n;
        }
      data += n;
      size -= n;
      if (agent->header_have < HEADER || agent->left > 0)
        continue;
      if (get32 (agent->header) == PROTOCOL && agent->body->len == get32 (agent->header + 16))
        take_message (agent, get32 (agent->header + 4), agent->body->data, agent->body->len);
      agent->header_have = 0;
      g_byte_array_set_size (agent->body, 0);
    }
}

void
astern_agent_receive (AsternAgent *agent, const guint8 *data, gsize size)
{
  while (size > 0)
    {
      guint n = (guint) MIN (size, agent->chunk_left > 0 ? agent->chunk_left : CHUNK_HEADER - agent->chunk_have);

      if (agent->chunk_left > 0)
        {
          if (agent->chunk_ours)
            take_bytes (agent, data, n);
          agent->chunk_left -= n;
        }
      else
        {
          memcpy (agent->chunk + agent->chunk_have, data, n);
          agent->chunk_have += n;
          if (agent->chunk_have == CHUNK_HEADER)
            {
              agent->chunk_ours = get32 (agent->chunk) == PORT_CLIENT;
              agent->chunk_left = get32 (agent->chunk + 4);
              agent->chunk_have = 0;
            }
        }
      data += n;
      size -= n;
    }
}

/* ---- the whole ---- */

void
astern_agent_open (AsternAgent *agent, gboolean open)
{
  agent->open = open;
  agent->wanted = agent->selections = FALSE;
  agent->chunk_have = agent->chunk_left = agent->header_have = agent->left = 0;
  g_byte_array_set_size (agent->body, 0);
  if (open)
    announce (agent, TRUE);
}

AsternAgent *
astern_agent_new (const AsternAgentFuncs *funcs, gboolean clipboard)
{
  AsternAgent *agent = g_new0 (AsternAgent, 1);

  agent->funcs = *funcs;
  agent->clipboard = clipboard;
  agent->body = g_byte_array_new ();
  return agent;
}

void
astern_agent_free (AsternAgent *agent)
{
  if (agent == NULL)
    return;
  g_free (agent->offered);
  g_byte_array_unref (agent->body);
  g_free (agent);
}
