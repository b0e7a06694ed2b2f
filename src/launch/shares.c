/* shares.c - see shares.h. */
#include "config.h"

#include "launch/shares.h"

#include "host/fs/fs.h"
#include "host/vsock/vsock.h"
#include "hw/virtio/virtio-vsock.h"

struct _AsternShares
{
  AsternMachine             *machine;
  const AsternLaunchOptions *options;
  GPtrArray                 *links;     /* AsternLink, as options->fsdevs; NULL: no device has it */
  GPtrArray                 *open;      /* AsternFs */
  GPtrArray                 *sockets;   /* AsternVsock */
};

AsternShares *
astern_shares_new (AsternMachine *machine, const AsternLaunchOptions *options)
{
  AsternShares *shares = g_new0 (AsternShares, 1);

  shares->machine = machine;
  shares->options = options;
  shares->links = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_link_free);
  g_ptr_array_set_size (shares->links, (gint) options->fsdevs->len);
  shares->open = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_fs_free);
  shares->sockets = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_vsock_free);
  return shares;
}

void
astern_shares_free (AsternShares *shares)
{
  if (shares == NULL)
    return;
  astern_shares_close (shares);
  g_ptr_array_unref (shares->open);
  g_ptr_array_unref (shares->sockets);
  g_ptr_array_unref (shares->links);
  g_free (shares);
}

AsternLink *
astern_shares_link (AsternShares *shares, const char *id)
{
  for (guint i = 0; i < shares->links->len; i++)
    {
      g_autofree char *port = g_strdup_printf ("fs.%s", id);

      if (!g_str_equal (g_array_index (shares->options->fsdevs, AsternFsItem, i).id, id) || g_ptr_array_index (shares->links, i) != NULL)
        continue;
      shares->links->pdata[i] = astern_link_new (shares->machine, port);
      return g_ptr_array_index (shares->links, i);
    }
  return NULL;
}

static gboolean
open_sockets (AsternShares *shares, AsternHostLoop *loop, GError **error)
{
  for (guint i = 0; i < shares->machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (shares->machine->devices, i);
      VirtioVsockEnd end;
      AsternVsock *vsock;

      if (device->klass != &virtio_vsock_class)
        continue;
      virtio_vsock_look (device, &end);
      vsock = astern_vsock_new (loop, end.link, end.cid, end.uds_path, error);
      if (vsock == NULL)
        return FALSE;
      g_ptr_array_add (shares->sockets, vsock);
    }
  return TRUE;
}

gboolean
astern_shares_open (AsternShares *shares, AsternHostLoop *loop, GError **error)
{
  if (shares->options->replay)
    return TRUE;
  for (guint i = 0; i < shares->links->len; i++)
    {
      AsternLink *link = g_ptr_array_index (shares->links, i);
      AsternFs *fs;

      if (link == NULL)
        continue;
      fs = astern_fs_new (link, &g_array_index (shares->options->fsdevs, AsternFsItem, i).spec, error);
      if (fs == NULL)
        return FALSE;
      g_ptr_array_add (shares->open, fs);
    }
  return open_sockets (shares, loop, error);
}

void
astern_shares_close (AsternShares *shares)
{
  g_ptr_array_set_size (shares->open, 0);
  g_ptr_array_set_size (shares->sockets, 0);
}
