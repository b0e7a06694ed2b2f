/* spice-spec.c - what -spice says of libspice-server's settings.
 * Source: QEMU's manual, "-spice"; spice-server's spice-server.h. */
#include "config.h"

#include "host/remote/spice.h"

#include <spice.h>

typedef struct { const char *word; guint value; } Word;

static const Word compressions[] = {
  { "auto_glz", SPICE_IMAGE_COMPRESSION_AUTO_GLZ }, { "auto_lz", SPICE_IMAGE_COMPRESSION_AUTO_LZ },
  { "quic", SPICE_IMAGE_COMPRESSION_QUIC }, { "glz", SPICE_IMAGE_COMPRESSION_GLZ }, { "lz", SPICE_IMAGE_COMPRESSION_LZ },
  { "lz4", SPICE_IMAGE_COMPRESSION_LZ4 }, { "off", SPICE_IMAGE_COMPRESSION_OFF }, { NULL, 0 },
};
static const Word wan[] = {
  { "auto", SPICE_WAN_COMPRESSION_AUTO }, { "never", SPICE_WAN_COMPRESSION_NEVER }, { "always", SPICE_WAN_COMPRESSION_ALWAYS }, { NULL, 0 },
};
static const Word streaming[] = {
  { "off", SPICE_STREAM_VIDEO_OFF }, { "all", SPICE_STREAM_VIDEO_ALL }, { "filter", SPICE_STREAM_VIDEO_FILTER }, { NULL, 0 },
};
static const Word on_means_false[] = { { "on", FALSE }, { "off", TRUE }, { NULL, 0 } };
static const Word on_means_true[] = { { "on", TRUE }, { "off", FALSE }, { NULL, 0 } };

#define AT(member) G_STRUCT_OFFSET (AsternSpiceSpec, member)
static const struct { const char *key; const Word *words; gsize offset; } keys[] = {
  { "image-compression",        compressions,   AT (image_compression) },
  { "jpeg-wan-compression",     wan,            AT (jpeg) },
  { "zlib-glz-wan-compression", wan,            AT (zlib_glz) },
  { "streaming-video",          streaming,      AT (streaming) },
  { "agent-mouse",              on_means_false, AT (no_agent_mouse) },
  { "playback-compression",     on_means_false, AT (no_playback_compression) },
  { "disable-copy-paste",       on_means_true,  AT (no_copy_paste) },
  { "disable-agent-file-xfer",  on_means_true,  AT (no_file_xfer) },
};
G_STATIC_ASSERT (sizeof (gboolean) == sizeof (guint));

gboolean
astern_spice_spec_tunes (const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_equal (keys[i].key, key))
      return TRUE;
  return FALSE;
}

gboolean
astern_spice_spec_tune (AsternSpiceSpec *spec, const char *key, const char *value, char **values)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    for (const Word *word = keys[i].words; g_str_equal (keys[i].key, key) && word->word != NULL; word++)
      {
        if (g_str_equal (word->word, value))
          {
            *(guint *) G_STRUCT_MEMBER_P (spec, keys[i].offset) = word->value;
            return TRUE;
          }
        g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", word->word);
      }
  *values = g_string_free (g_steal_pointer (&known), FALSE);
  return FALSE;
}

void
astern_spice_spec_clear (AsternSpiceSpec *spec)
{
  astern_remote_spec_clear (&spec->place);
  g_free (spec->x509_dir);
  g_free (spec->x509_key_file);
  g_free (spec->x509_key_password);
  g_free (spec->x509_cert_file);
  g_free (spec->x509_cacert_file);
  g_free (spec->x509_dh_key_file);
  g_free (spec->tls_ciphers);
  g_free (spec->secured);
  g_free (spec->plain);
  *spec = (AsternSpiceSpec) { 0 };
}
