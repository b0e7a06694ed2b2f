/* agent - the other side of the guest's SPICE agent, for its clipboard: what -chardev qemu-vdagent is.
 *
 * Text that is copied in the guest is asked for at once and told; text that is offered is given to the guest when it
 * asks.  All else that an agent can do is not asked for.  It reads what the guest sends: whatever that is, it stands.
 *
 * Threads: any, one at a time; its functions are called from within. */
#pragma once

#include <glib.h>

#define ASTERN_AGENT_MOST (16u << 20)   /* bytes of a message; longer ones are left out */

typedef struct _AsternAgent AsternAgent;

typedef struct
{
  void (*send) (gpointer user, const guint8 *data, gsize size);   /* to the guest */
  void (*text) (gpointer user, const char *text);                 /* copied in the guest; UTF-8 */
  gpointer user;
} AsternAgentFuncs;

AsternAgent *astern_agent_new     (const AsternAgentFuncs *funcs, gboolean clipboard);
void         astern_agent_free    (AsternAgent *agent);

/* The guest's agent begins, or has ended. */
void         astern_agent_open    (AsternAgent *agent, gboolean open);
/* From the guest, in pieces of any size. */
void         astern_agent_receive (AsternAgent *agent, const guint8 *data, gsize size);
/* Somebody outside has copied @text (UTF-8). */
void         astern_agent_offer   (AsternAgent *agent, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternAgent, astern_agent_free)
