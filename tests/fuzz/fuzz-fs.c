/* fuzz-fs.c - a directory by 9P, asked anything: requests of any bytes, one behind the other, each with two bytes of length.
 *
 * The directory is one of its own in the temporary folder, owners and devices are in attributes: the host is left alone. */
#include "config.h"

#include "host/fs/p9.h"
#include "host/fs/server.h"
#include "../host/fs/remove-all.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
run (AsternFsServer *server, const guint8 *at, const guint8 *end, guint32 most)
{
  for (guint64 number = 1; end - at > 2 && number < 100; number++)
    {
      gsize wanted = at[0] | at[1] << 8, size = MIN (wanted, (gsize) (end - at - 2));
      g_autofree guint8 *message = g_memdup2 (at + 2, size);
      g_autoptr (GByteArray) answer = NULL;

      if (size >= 4 && message[3] != 0)         /* mostly, the length is right */
        {
          memset (message, 0, 4);
          message[0] = (guint8) size;
          message[1] = (guint8) (size >> 8);
        }
      answer = astern_fs_server_do (server, number, message, size, most);
      g_assert_cmpuint (answer->len, >=, P9_HEADER);
      g_assert_cmpuint (answer->len, <=, MAX (most, P9_HEADER + 4));
      at += 2 + size;
      if (size % 7 == 6)
        astern_fs_server_go_back (server, number / 2);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *folder = NULL;
  g_autofree char *file = NULL;
  AsternFsSpec spec = { .security = ASTERN_FS_MAPPED };
  AsternFsServer *server;

  if (size < 2)
    return 0;
  folder = g_dir_make_tmp ("astern-fuzz-XXXXXX", NULL);
  g_assert_nonnull (folder);
  file = g_build_filename (folder, "a", NULL);
  g_assert_true (g_file_set_contents (file, "content", -1, NULL));
  spec.path = folder;
  spec.readonly = data[0] & 1;
  server = astern_fs_server_new (&spec, NULL);
  g_assert_nonnull (server);
  run (server, data + 2, data + size, data[1] < 128 ? 8192 : data[1]);
  astern_fs_server_free (server);
  remove_all (folder);
  return 0;
}
