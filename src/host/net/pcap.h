/* pcap - a file of frames, as tcpdump and Wireshark read it.
 *
 * Threads: one at a time.
 * Units:   nanoseconds since 1970, of the guest's time. */
#pragma once

#include <glib.h>

typedef struct _AsternPcap AsternPcap;

#define ASTERN_PCAP_DEFAULT_BYTES 65536

/* @most_bytes: of each frame. */
AsternPcap *astern_pcap_open  (const char *path, guint32 most_bytes, GError **error);
void        astern_pcap_close (AsternPcap *pcap);
void        astern_pcap_write (AsternPcap *pcap, guint64 time_ns, const guint8 *frame, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternPcap, astern_pcap_close)
