/* clipboard.c - see clipboard.h.
 *
 * The agent lives on the host's thread; what the machine's thread and the main thread have for it goes there, in order. */
#include "config.h"

#include "session/clipboard.h"

#include "host/remote/agent.h"

#include <string.h>

struct _AsternClipboard
{
  AsternHostLoop *loop;
  AsternChardev  *chardev;
  AsternLink     *link;
  void          (*text) (gpointer user, const char *text);
  gpointer        user;
  AsternAgent    *agent;          /* host thread */
};

typedef enum { NEWS_BYTES, NEWS_OPEN, NEWS_CLOSED, NEWS_OFFER } NewsKind;

typedef struct
{
  AsternClipboard *clipboard;
  NewsKind         kind;
  GBytes          *bytes;
} News;

static void
take_news (gpointer data)
{
  News *news = data;
  AsternAgent *agent = news->clipboard->agent;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (news->bytes, &size);

  switch (news->kind)
    {
    case NEWS_BYTES:
      astern_agent_receive (agent, bytes, size);
      break;
    case NEWS_OPEN:
    case NEWS_CLOSED:
      astern_agent_open (agent, news->kind == NEWS_OPEN);
      break;
    case NEWS_OFFER:
      astern_agent_offer (agent, (const char *) bytes);
      break;
    }
  g_bytes_unref (news->bytes);
  g_free (news);
}

static void
bring (AsternClipboard *clipboard, NewsKind kind, gconstpointer data, gsize size)
{
  News *news = g_new0 (News, 1);

  news->clipboard = clipboard;
  news->kind = kind;
  news->bytes = g_bytes_new (data, size);
  astern_host_loop_call (clipboard->loop, take_news, news);
}

/* ---- the machine's thread ---- */

static void
guest_wrote (gpointer data, const guint8 *bytes, gsize size)
{
  bring (data, NEWS_BYTES, bytes, size);
}

static void
guest_opened (gpointer data, gboolean open)
{
  bring (data, open ? NEWS_OPEN : NEWS_CLOSED, NULL, 0);
}

/* ---- the agent's ---- */

static void
send_to_guest (gpointer data, const guint8 *bytes, gsize size)
{
  astern_chardev_type (((AsternClipboard *) data)->chardev, bytes, size);
}

static void
copied_in_guest (gpointer data, const char *text)
{
  AsternClipboard *clipboard = data;

  clipboard->text (clipboard->user, text);
}

/* ---- the interface ---- */

AsternClipboard *
astern_clipboard_new (AsternHostLoop *loop, const AsternLine *line, void (*text) (gpointer user, const char *text), gpointer user)
{
  AsternClipboard *clipboard = g_new0 (AsternClipboard, 1);
  const AsternAgentFuncs funcs = { .send = send_to_guest, .text = copied_in_guest, .user = clipboard };

  clipboard->loop = loop;
  clipboard->chardev = line->chardev;
  clipboard->link = line->link;
  clipboard->text = text;
  clipboard->user = user;
  clipboard->agent = astern_agent_new (&funcs, line->spec->clipboard);
  astern_chardev_set_sink (line->chardev, guest_wrote, clipboard);
  astern_chardev_set_opened (line->chardev, guest_opened, clipboard);
  astern_link_set_plugged (line->link, TRUE);
  if (astern_link_is_open (line->link))
    guest_opened (clipboard, TRUE);
  return clipboard;
}

static void
nothing (gpointer data)
{
}

void
astern_clipboard_free (AsternClipboard *clipboard)
{
  if (clipboard == NULL)
    return;
  astern_chardev_set_sink (clipboard->chardev, NULL, NULL);
  astern_chardev_set_opened (clipboard->chardev, NULL, NULL);
  astern_host_loop_call_and_wait (clipboard->loop, nothing, NULL);
  astern_agent_free (clipboard->agent);
  g_free (clipboard);
}

void
astern_clipboard_offer (AsternClipboard *clipboard, const char *text)
{
  bring (clipboard, NEWS_OFFER, text, strlen (text) + 1);
}

void
astern_clipboard_restart (AsternClipboard *clipboard)
{
  astern_chardev_forget_typed (clipboard->chardev);
  astern_link_set_plugged (clipboard->link, FALSE);
  astern_link_set_plugged (clipboard->link, TRUE);
  guest_opened (clipboard, astern_link_is_open (clipboard->link));
}
