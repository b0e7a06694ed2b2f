/* link.c - see link.h. */
#include "config.h"

#include "core/link.h"

#include "core/machine.h"

static void
deliver (gpointer receiver, gconstpointer data, gsize size)
{
  AsternLink *link = receiver;

  if (link->delivered != NULL && !astern_inputs_is_deaf (link->machine->inputs))
    link->delivered (link->user, data, size);
  if (link->device != NULL)
    link->input (link->device, data, size);
}

AsternLink *
astern_link_new (AsternMachine *machine, const char *name)
{
  AsternLink *link = g_new0 (AsternLink, 1);

  link->name = g_strdup (name);
  link->machine = machine;
  link->connected = TRUE;
  if (machine != NULL)
    link->port = astern_inputs_add_port (machine->inputs, name, deliver, link);
  return link;
}

void
astern_link_free (AsternLink *link)
{
  if (link == NULL)
    return;
  g_free (link->name);
  g_free (link);
}

void
astern_link_attach (AsternLink *link, gpointer device, AsternInputFunc input, guint (*room) (gpointer device))
{
  g_return_if_fail (link->device == NULL);

  link->device = device;
  link->input = input;
  link->room = room;
}

void
astern_link_send (AsternLink *link, gconstpointer data, gsize size)
{
  if (link == NULL || link->send == NULL || (link->machine != NULL && link->machine->muted))
    return;
  link->send (link->user, data, size);
}

void
astern_link_has_room (AsternLink *link)
{
  if (link != NULL && link->roomy != NULL)
    link->roomy (link->user);
}
