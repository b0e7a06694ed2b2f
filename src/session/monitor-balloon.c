/* monitor-balloon.c - how much memory the guest has.
 * Source: `balloon` and `info balloon` are asked as QEMU's are. */
#include "config.h"

#include "session/monitor-private.h"

#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-balloon.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

static VirtioDevice *
find_balloon (AsternMonitor *monitor, GError **error)
{
  GPtrArray *devices = monitor->machine->devices;

  for (guint i = 0; i < devices->len; i++)
    if (((AsternDevice *) g_ptr_array_index (devices, i))->klass == &virtio_balloon_class)
      return g_ptr_array_index (devices, i);
  astern_monitor_fail (error, _("The machine has no balloon; give it one with “-device virtio-balloon-pci”."));
  return NULL;
}

static void
submit (AsternMonitor *monitor, VirtioDevice *balloon, gconstpointer data, gsize size)
{
  AsternInputs *inputs = monitor->machine->inputs;
  guint port;

  if (astern_inputs_find_port (inputs, balloon->parent.name, &port))
    astern_inputs_submit (inputs, port, data, size);
}

COMMAND (balloon)
{
  VirtioDevice *device = find_balloon (monitor, error);
  guint64 mib, bytes;

  if (device == NULL || !astern_monitor_may_change (monitor, error) || !astern_monitor_number (argument, &mib, error))
    return FALSE;
  bytes = GUINT64_TO_LE (MIN (mib, G_MAXUINT64 >> 20) << 20);
  submit (monitor, device, &bytes, sizeof bytes);
  return TRUE;
}

static void
append_stats (GString *answer, const VirtioBalloonReport *report)
{
  static const char *const names[VIRTIO_BALLOON_STATS] = {
    "swapped_in", "swapped_out", "major_page_faults", "minor_page_faults", "free_mem", "total_mem", "available_mem",
    "disk_caches", "hugetlb_allocations", "hugetlb_failures",
  };

  for (guint i = 0; i < VIRTIO_BALLOON_STATS; i++)
    if (report->stats[i] != G_MAXUINT64)
      g_string_append_printf (answer, " %s=%" PRIu64, names[i], report->stats[i]);
}

/* Asks for newer statistics, too: they are there the next time. */
COMMAND (info_balloon)
{
  VirtioDevice *device = find_balloon (monitor, error);
  VirtioBalloonReport report;

  if (device == NULL)
    return FALSE;
  virtio_balloon_look (device, &report);
  g_string_append_printf (answer, "balloon: actual=%" PRIu64 " wanted=%" PRIu64 " max_mem=%" PRIu64 " reported=%" PRIu64,
                          report.actual_bytes >> 20, report.wanted_bytes >> 20, report.ram_bytes >> 20, report.reported_bytes >> 20);
  if (report.stats_ns != 0)
    append_stats (answer, &report);
  g_string_append_c (answer, '\n');
  if (!astern_inputs_is_deaf (monitor->machine->inputs))
    submit (monitor, device, "", 0);
  return TRUE;
}

const AsternMonitorCommand astern_monitor_balloon_commands[] = {
  { "balloon",      NULL, N_("MIB"), N_("ask the guest to get along with so much memory"), ASTERN_COMPLETES_NOTHING, balloon },
  { "info balloon", NULL, NULL,      N_("how much memory the guest has, in MiB, and its statistics"), ASTERN_COMPLETES_NOTHING,
    info_balloon },
  { .words = NULL },
};
