/* sources - all files that a machine is made of, read before it is made.
 *
 * Threads: any. */
#pragma once

#include "launch/image.h"
#include "launch/options.h"

typedef struct
{
  GBytes *bios;           /* (nullable): none, when a kernel is entered directly and no -bios was given */
  GBytes *vgabios;        /* (nullable): the option ROM of the VGA card; kernels entered directly
                             get its font */
  GBytes *kernel;         /* (nullable) */
  char   *kernel_name;    /* for messages, and for multiboot's command line */
  GArray *modules;        /* AsternBootModule */
  GPtrArray *fw_cfg;      /* GBytes, one for each item of the options */
} AsternSources;

gboolean astern_sources_read  (AsternSources *sources, const AsternLaunchOptions *options, GError **error);
void     astern_sources_clear (AsternSources *sources);
