/* fuzz-offload.c - headers, checksums and segmentation of any bytes. */
#include "config.h"

#include "hw/net/offload.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct { gsize payload, header, mss; } Seen;

static void
emit (gpointer user, const guint8 *frame, gsize size)
{
  Seen *seen = user;

  g_assert_cmpuint (size, >, seen->header);
  g_assert_cmpuint (size, <=, seen->header + seen->mss);
  seen->payload += size - seen->header;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  NetSegmentation how = { 0 };
  NetHeaders headers;
  Seen seen = { 0 };

  if (net_headers_parse (data, size, &headers))
    {
      g_assert_cmpuint (headers.end, <=, size);
      g_assert_cmpuint (headers.payload, <=, headers.end);
      net_checksum_ip_ok (data, &headers);
      net_checksum_l4_ok (data, &headers);
    }
  if (size > 16)
    {
      memcpy (&how, data, sizeof how);
      how.version = how.version & 1 ? 4 : 6;
      seen = (Seen) { 0, how.header, how.mss };
      if (net_segment (data, size, &how, emit, &seen) > 0)
        g_assert_cmpuint (seen.payload, ==, size - how.header);
    }
  if (net_segmentation_find (data, size, 100, &how))
    {
      seen = (Seen) { 0, how.header, how.mss };
      if (net_segment (data, size, &how, emit, &seen) > 0)
        g_assert_cmpuint (seen.payload, ==, size - how.header);
    }
  return 0;
}
