/* fuzz-net-spec.c - the words of networks: what is taken makes sense, what is not is an error. */
#include "config.h"

#include "host/net/net.h"
#include "host/net/user-spec.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
set_words (AsternNetSpec *spec, char **words, GError **error)
{
  for (guint i = 1; words[0] != NULL && words[i] != NULL; i++)
    {
      char *equals = strchr (words[i], '=');

      if (equals != NULL)
        *equals++ = '\0';
      if (!astern_net_spec_set (spec, words[i], equals != NULL ? equals : "on", error))
        return FALSE;
    }
  return astern_net_spec_check (spec, error);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  g_autoptr (GError) error = NULL;
  AsternNetForward forward;
  AsternNetSpec spec;

  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  if (astern_net_spec_init (&spec, words[0] != NULL ? words[0] : "", &error))
    {
      gboolean good = set_words (&spec, words, &error);

      g_assert_true (good == (error == NULL));
      astern_net_spec_clear (&spec);
    }
  astern_net_parse_forward (text, size & 1, &forward, NULL);
  return 0;
}
