/* link.c - see link.h. */
#include "config.h"

#include "core/link.h"

#include "core/machine.h"

static void
deliver (gpointer receiver, gconstpointer data, gsize size)
{
  AsternLink *link = receiver;
  gboolean told = !astern_inputs_is_deaf (link->machine->inputs);

  if (told && link->delivered != NULL)
    link->delivered (link->user, data, size);
  if (link->device != NULL)
    link->input (link->device, data, size);
  if (told && link->taken != NULL)
    link->taken (link->user);
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

static void
plugged (gpointer receiver, gconstpointer data, gsize size)
{
  AsternLink *link = receiver;
  gboolean connected = size > 0 && *(const guint8 *) data != 0;

  if (link->changed == NULL || link->connected == connected)
    return;
  link->connected = connected;
  link->changed (link->device);
}

void
astern_link_add_plug (AsternLink *link, gboolean connected)
{
  g_autofree char *name = g_strconcat (link->name, ".plug", NULL);

  link->plug = astern_inputs_add_port (link->machine->inputs, name, plugged, link);
  link->connected = connected;
}

void
astern_link_set_plugged (AsternLink *link, gboolean connected)
{
  const guint8 byte = connected ? 1 : 0;

  astern_inputs_submit (link->machine->inputs, link->plug, &byte, sizeof byte);
}

void
astern_link_set_open (AsternLink *link, gboolean open)
{
  if (link != NULL && link->opened != NULL && (link->machine == NULL || !link->machine->muted))
    link->opened (link->user, open);
}

gboolean
astern_link_is_open (const AsternLink *link)
{
  return link->device != NULL && (link->is_open == NULL || link->is_open (link->device));
}

gboolean
astern_link_is_heard (AsternLink *link)
{
  return link != NULL && link->send != NULL && (link->machine == NULL || !link->machine->muted);
}

void
astern_link_send (AsternLink *link, gconstpointer data, gsize size)
{
  if (astern_link_is_heard (link))
    link->send (link->user, data, size);
}

void
astern_link_has_room (AsternLink *link)
{
  if (link != NULL && link->roomy != NULL)
    link->roomy (link->user);
}
