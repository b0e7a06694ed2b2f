/* machine-form - what somebody who makes a machine fills in, and the options that this comes to.
 *
 * What is as it would be without an option gives none, so that the command line is one that a person would type.
 *
 * Threads: any.
 * Units:   memory in MiB. */
#pragma once

#include "launch/options.h"

/* Texts as they were typed; NULL is as an empty one.  None is owned. */
typedef struct
{
  const char *name, *cpu;
  guint       n_cpus, memory_mib;
  const char *engine;                       /* of -accel */
  gboolean    firmware;                     /* boots by it; else by the kernel */
  const char *kernel, *initrd, *append;
  const char *bios;
  const char *disk, *cdrom, *network, *vga;
  const char *serials[ASTERN_MAX_SERIALS];  /* places; empty: there is no such port */
  const char *record, *history, *gdb;
  gboolean    start_stopped;
  const char *seed, *rtc;
  const char *extra;                        /* options, quoted as for a shell */
} AsternMachineForm;

/* NULL-terminated; free it with g_strfreev().  NULL: the extra options' quotes do not match. */
char   **astern_machine_form_words (const AsternMachineForm *form, GError **error);

/* As astern_launch_options_parse() for a window, and what it leaves to the launch and no file is needed for: the CPU, and
 * whether what is recorded is the translator's. */
gboolean astern_machine_form_check (const char *const *words, GError **error);
