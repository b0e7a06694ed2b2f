/* net.c - what all network back ends have in common, and how they are asked for.
 * Source: QEMU's manual, "Network options", for names and meanings of the words.
 * Left out: vde, l2tpv3, netmap, vhost-user, vhost-vdpa, af-xdp, passt. */
#include "config.h"

#include "host/net/net.h"

#include <string.h>

#include <glib/gi18n.h>

G_DEFINE_QUARK (astern-net-error-quark, astern_net_error)

static const AsternNetClass *const classes[] = {
  &astern_net_bridge, &astern_net_dgram, &astern_net_hubport, &astern_net_socket, &astern_net_stream, &astern_net_tap,
  &astern_net_user,
};

gboolean
astern_net_fail (GError **error, AsternNetError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (ASTERN_NET_ERROR, code, format, args);
  va_end (args);
  return FALSE;
}

/* ---- specifications ---- */

gboolean
astern_net_spec_init (AsternNetSpec *spec, const char *kind, GError **error)
{
  static const char *const absent[] = { "vde", "l2tpv3", "netmap", "vhost-user", "vhost-vdpa", "af-xdp", "passt", NULL };
  GString *known = NULL;

  memset (spec, 0, sizeof *spec);
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_equal (classes[i]->name, kind))
      {
        spec->klass = classes[i];
        spec->words = g_ptr_array_new_with_free_func (g_free);
        return TRUE;
      }
  known = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", classes[i]->name);
  if (g_strv_contains (absent, kind))
    astern_net_fail (error, ASTERN_NET_ERROR_UNAVAILABLE, _("The network “%s” is not there; there are %s."), kind, known->str);
  else
    astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("There is no network “%s”; there are %s."), kind, known->str);
  g_string_free (known, TRUE);
  return FALSE;
}

void
astern_net_spec_clear (AsternNetSpec *spec)
{
  g_clear_pointer (&spec->words, g_ptr_array_unref);
  g_clear_pointer (&spec->id, g_free);
}

static const AsternNetWord *
find_word (const AsternNetClass *klass, const char *name)
{
  for (const AsternNetWord *word = klass->words; word->name != NULL; word++)
    if (g_str_equal (word->name, name))
      return word;
  return NULL;
}

static gboolean
unknown_word (const AsternNetSpec *spec, const char *name, GError **error)
{
  g_autoptr (GString) known = g_string_new ("id");

  for (const AsternNetWord *word = spec->klass->words; word->name != NULL; word++)
    g_string_append_printf (known, ", %s", word->name);
  return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("A network “%s” has no “%s”; it has %s."), spec->klass->name, name,
                          known->str);
}

static gboolean
says_no (const char *value)
{
  return g_str_equal (value, "off") || g_str_equal (value, "no") || g_str_equal (value, "false") || value[0] == '\0';
}

gboolean
astern_net_spec_set (AsternNetSpec *spec, const char *name, const char *value, GError **error)
{
  const AsternNetWord *word = find_word (spec->klass, name);

  if (g_str_equal (name, "id"))
    {
      g_free (spec->id);
      spec->id = g_strdup (value);
      return TRUE;
    }
  if (word == NULL)
    return unknown_word (spec, name, error);
  if (word->refused != NULL && !says_no (value))
    return astern_net_fail (error, ASTERN_NET_ERROR_UNAVAILABLE, _("“%s” of a network “%s”: %s."), name, spec->klass->name,
                            _(word->refused));
  if (!word->many && astern_net_spec_get (spec, name) != NULL)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%s” was said twice."), name);
  g_ptr_array_add (spec->words, g_strdup (name));
  g_ptr_array_add (spec->words, g_strdup (value));
  return TRUE;
}

gboolean
astern_net_spec_check (const AsternNetSpec *spec, GError **error)
{
  return spec->klass->check == NULL || spec->klass->check (spec, error);
}

const char *
astern_net_spec_get (const AsternNetSpec *spec, const char *name)
{
  const char *found = NULL;

  for (guint i = 0; i + 1 < spec->words->len; i += 2)
    if (g_str_equal (g_ptr_array_index (spec->words, i), name))
      found = g_ptr_array_index (spec->words, i + 1);
  return found;
}

gboolean
astern_net_spec_switch (const AsternNetSpec *spec, const char *name, gboolean fallback)
{
  static const char *const yes[] = { "on", "yes", "true", "y", NULL };
  const char *value = astern_net_spec_get (spec, name);

  return value != NULL ? g_strv_contains (yes, value) : fallback;
}

/* ---- back ends ---- */

AsternNet *
astern_net_open (AsternHostLoop *loop, const AsternNetSpec *spec, GError **error)
{
  AsternNet *net = g_malloc0 (spec->klass->instance_size);

  net->klass = spec->klass;
  net->loop = loop;
  net->id = g_strdup (spec->id != NULL ? spec->id : spec->klass->name);
  if (spec->klass->open (net, spec, error))
    return net;
  astern_net_close (net);
  return NULL;
}

static void
close_on_loop (gpointer data)
{
  AsternNet *net = data;

  net->frame = NULL;
  net->klass->close (net);
}

void
astern_net_close (AsternNet *net)
{
  if (net == NULL)
    return;
  astern_host_loop_call_and_wait (net->loop, close_on_loop, net);
  if (net->klass->finish != NULL)
    net->klass->finish (net);
  g_free (net->id);
  g_free (net);
}

void
astern_net_receive (AsternNet *net, void (*frame) (gpointer user, const guint8 *frame, gsize size),
                    void (*released) (gpointer user), gboolean (*room) (gpointer user), gpointer user)
{
  net->user = user;
  net->released = released;
  net->room = room;
  net->frame = frame;
}

void
astern_net_send (AsternNet *net, const guint8 *frame, gsize size)
{
  if (size <= ASTERN_NET_MAX_FRAME)
    net->klass->send (net, frame, size);
}

void
astern_net_resume (AsternNet *net)
{
  if (net->klass->resume != NULL)
    net->klass->resume (net);
}

void
astern_net_deliver (AsternNet *net, const guint8 *frame, gsize size)
{
  if (net->frame == NULL || size > ASTERN_NET_MAX_FRAME)
    return;
  astern_net_hold (net);
  net->frame (net->user, frame, size);
  astern_net_release (net);
}

void
astern_net_hold (AsternNet *net)
{
  net->held++;
}

void
astern_net_release (AsternNet *net)
{
  if (--net->held == 0 && net->released != NULL)
    net->released (net->user);
}

gboolean
astern_net_has_room (AsternNet *net)
{
  return net->room == NULL || net->room (net->user);
}

/* ---- asked from other threads ---- */

typedef struct
{
  AsternNet  *net;
  char       *text;
  gboolean    add, done;
  const char *rule;
  GError     *error;
} Question;

static void
describe_on_loop (gpointer data)
{
  Question *question = data;

  question->text = question->net->klass->describe != NULL ? question->net->klass->describe (question->net) : g_strdup ("");
}

char *
astern_net_describe (AsternNet *net)
{
  Question question = { .net = net };

  astern_host_loop_call_and_wait (net->loop, describe_on_loop, &question);
  return question.text;
}

static void
forward_on_loop (gpointer data)
{
  Question *question = data;

  question->done = question->net->klass->forward (question->net, question->add, question->rule, &question->error);
}

gboolean
astern_net_forward (AsternNet *net, gboolean add, const char *rule, GError **error)
{
  Question question = { .net = net, .add = add, .rule = rule };

  if (net->klass->forward == NULL)
    return astern_net_fail (error, ASTERN_NET_ERROR_USAGE, _("“%s” is not a network “user”: only those forward ports."), net->id);
  astern_host_loop_call_and_wait (net->loop, forward_on_loop, &question);
  if (question.error != NULL)
    g_propagate_error (error, question.error);
  return question.done;
}
