/* fuzz-agent.c - what a guest says as its SPICE agent: whatever it is, it is survived, and what is told is text. */
#include "config.h"

#include "host/remote/agent.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  *(gsize *) user += size;
}

static void
copied (gpointer user, const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

/* The first byte: how it begins, and in pieces of what size the rest comes. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  gsize n_sent = 0;
  const AsternAgentFuncs funcs = { .send = sent, .text = copied, .user = &n_sent };
  g_autoptr (AsternAgent) agent = NULL;
  gsize step;

  if (size == 0)
    return 0;
  agent = astern_agent_new (&funcs, (data[0] & 1) != 0);
  astern_agent_open (agent, TRUE);
  if (data[0] & 2)
    astern_agent_offer (agent, "ahoy");
  step = 1 + (data[0] >> 2);
  for (gsize at = 1; at < size; at += step)
    astern_agent_receive (agent, data + at, MIN (step, size - at));
  g_assert_cmpuint (n_sent, >, 0);
  return 0;
}
