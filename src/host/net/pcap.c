/* pcap.c - a file of frames.
 * Source: draft-ietf-opsawg-pcap, sections 4 and 5; times in nanoseconds, of this host's byte order.
 *
 * What was written is in the file a second of the guest's later at the latest, so that one can look while it runs. */
#include "config.h"

#include "host/net/pcap.h"

#include <errno.h>
#include <stdio.h>

#include "host/net/net.h"

#include <glib/gi18n.h>

#define MAGIC_NS      0xa1b23c4du
#define LINK_ETHERNET 1
#define FLUSH_NS      G_GUINT64_CONSTANT (1000000000)

struct _AsternPcap
{
  FILE    *file;
  guint32  most;
  guint64  flushed_ns;
};

AsternPcap *
astern_pcap_open (const char *path, guint32 most_bytes, GError **error)
{
  const struct { guint32 magic; guint16 major, minor; guint32 zone, accuracy, most, link; } header = {
    MAGIC_NS, 2, 4, 0, 0, most_bytes, LINK_ETHERNET,
  };
  FILE *file = fopen (path, "wbe");
  AsternPcap *pcap;

  if (file == NULL || fwrite (&header, sizeof header, 1, file) != 1)
    {
      astern_net_fail (error, ASTERN_NET_ERROR_HOST, _("Cannot write the frames to “%s”: %s."), path, g_strerror (errno));
      if (file != NULL)
        fclose (file);
      return NULL;
    }
  pcap = g_new0 (AsternPcap, 1);
  pcap->file = file;
  pcap->most = most_bytes;
  return pcap;
}

void
astern_pcap_close (AsternPcap *pcap)
{
  if (pcap == NULL)
    return;
  fclose (pcap->file);
  g_free (pcap);
}

void
astern_pcap_write (AsternPcap *pcap, guint64 time_ns, const guint8 *frame, gsize size)
{
  const guint32 header[4] = {
    (guint32) (time_ns / 1000000000), (guint32) (time_ns % 1000000000), (guint32) MIN (size, pcap->most), (guint32) size,
  };

  fwrite (header, sizeof header, 1, pcap->file);
  fwrite (frame, header[2], 1, pcap->file);
  if (time_ns - pcap->flushed_ns >= FLUSH_NS)
    {
      fflush (pcap->file);
      pcap->flushed_ns = time_ns;
    }
}
