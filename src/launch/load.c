/* load.c - which kind of kernel a file is. */
#include "config.h"

#include "launch/elf.h"
#include "launch/image.h"
#include "launch/options.h"

#include <glib/gi18n.h>

AsternImage *
astern_load_kernel (const AsternBootRequest *request, GError **error)
{
  if (astern_is_linux (request->kernel))
    return astern_load_linux (request, error);
  if (astern_is_multiboot (request->kernel))
    return astern_load_multiboot (request, error);
  if (astern_is_elf (request->kernel))
    return astern_load_pvh (request, error);
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
               _("“%s” is not a kernel that can be booted: neither a Linux bzImage nor a multiboot nor a PVH image."),
               request->name);
  return NULL;
}
