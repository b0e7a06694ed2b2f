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
  GPtrArray *acpi_tables; /* GBytes, one for each of the options': whole tables */
  GPtrArray *smbios_files;  /* GBytes, likewise */
  GBytes *splash;         /* (nullable): the picture of -boot */
  GHashTable *roms;       /* char * -> GBytes: of cards */
} AsternSources;

/* From the host's files, or from where @options->source says. */
gboolean astern_sources_read  (AsternSources *sources, const AsternLaunchOptions *options, GError **error);

/* The firmware file @name of a card, a path or one that is looked for as -L says; borrowed, it joins the sources.  NULL
 * without error: it was not asked for by name (@given), and is not installed. */
GBytes  *astern_sources_rom   (AsternSources *sources, const AsternLaunchOptions *options, const char *name, gboolean given,
                               GError **error);

/* Calls @visit for each, by the names under which @options->source is asked for them: "bios", "vgabios", "kernel",
 * "module0", ..., "fw_cfg0", ..., "rom:NAME". */
void     astern_sources_each  (const AsternSources *sources, void (*visit) (gpointer user, const char *name, GBytes *bytes),
                               gpointer user);
void     astern_sources_clear (AsternSources *sources);
