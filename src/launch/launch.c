/* launch.c - wiring a machine: sources, engine, board, kernel, ends.
 *
 * All that can be wrong with the options is found before a terminal or a socket
 * is touched. */
#include "config.h"

#include "launch/launch.h"

#include "host/file.h"
#include "host/journal-file.h"
#include "host/png.h"
#include "hw/board-pc.h"
#include "hw/boards/i6300esb.h"
#include "hw/debugcon.h"
#include "hw/fw-cfg.h"
#include "hw/human.h"
#include "hw/sound/pcspk.h"
#include "hw/uart16550.h"
#include "hw/display/display.h"
#include "launch/demo-image.h"
#include "launch/devices.h"
#include "launch/elf.h"
#include "launch/ends.h"
#include "launch/engines.h"
#include "launch/hot-plug.h"
#include "launch/keys.h"
#include "launch/network.h"
#include "launch/option-boot.h"
#include "launch/shares.h"
#include "launch/sound.h"
#include "launch/symbols-elf.h"
#include "launch/usb.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n.h>

typedef struct
{
  AsternLaunch             public;
  const AsternLaunchFront *front;
  AsternSources            sources;
  X86Features              features;
  AsternPacer             *pacer;
  AsternJournalFile       *journal_file;
  AsternBoardPc           *board;
  AsternImage             *image;      /* (nullable): the kernel that is entered directly */
  AsternEnds              *ends;
  AsternShares            *shares;
  GPtrArray               *later;      /* char *: arguments of a -device, for those that came since power-on */
  GPtrArray               *links;      /* AsternLink, of -chardev, in the order of the options */
  FILE                    *log;        /* (nullable) */
} Launch;

/* ---- what can be checked without a machine ---- */

static gboolean
check_memory (const AsternLaunchOptions *options, GError **error)
{
  guint64 host_bytes = astern_host_memory_bytes ();
  g_autofree char *wanted = NULL;
  g_autofree char *there = NULL;

  if (host_bytes == 0 || options->memory_bytes <= host_bytes)
    return TRUE;
  wanted = g_format_size_full (options->memory_bytes, G_FORMAT_SIZE_IEC_UNITS);
  there = g_format_size_full (host_bytes, G_FORMAT_SIZE_IEC_UNITS);
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY,
               _("The guest cannot have %s of memory: this host has %s, swap included; give a smaller -m."), wanted, there);
  return FALSE;
}

static gboolean
open_log (Launch *launch, GError **error)
{
  const AsternLaunchOptions *options = launch->public.options;

  if (options->log_file == NULL)
    return TRUE;
  launch->log = fopen (options->log_file, "we");
  if (launch->log == NULL)
    g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("Cannot write the log “%s”: %s."),
                 options->log_file, g_strerror (errno));
  else
    setvbuf (launch->log, NULL, _IOLBF, BUFSIZ);   /* whole lines, whatever happens */
  return launch->log != NULL;
}

static gboolean
is_refused (const char *model, const char *feature)
{
  g_auto (GStrv) words = g_strsplit (model, ",", -1);
  g_autofree char *minus = g_strconcat ("-", feature, NULL), *off = g_strconcat (feature, "=off", NULL);

  return g_strv_contains ((const char *const *) words, minus) || g_strv_contains ((const char *const *) words, off);
}

/* What KVM does for guests that know it, unless the user refuses it. */
static void
add_kvm_features (X86Features *features, const char *model)
{
  static const struct { X86Feature feature, needs; const char *name; } list[] = {
    { X86_FEATURE_KVMCLOCK, X86_FEATURE_TSC, "kvmclock" },
    { X86_FEATURE_KVMCLOCK_STABLE, X86_FEATURE_KVMCLOCK, "kvmclock-stable-bit" },
    { X86_FEATURE_KVM_NOPIODELAY, X86_FEATURE_HYPERVISOR, "kvm-nopiodelay" },
    { X86_FEATURE_KVM_PV_EOI, X86_FEATURE_APIC, "kvm-pv-eoi" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (list); i++)
    if (features->has[X86_FEATURE_HYPERVISOR] && features->has[X86_FEATURE_MSR] && features->has[list[i].needs] &&
        !is_refused (model, list[i].name))
      features->has[list[i].feature] = 1;
}

static gboolean
choose_cpu (Launch *launch, GError **error)
{
  const AsternLaunchOptions *options = launch->public.options;
  const char *model = options->cpu != NULL ? options->cpu : x86_features_default_model ();

  if (!x86_features_parse (&launch->features, model, options->n_cpus, error))
    return FALSE;
  if (options->accel != ASTERN_ACCEL_TRANSLATE)
    add_kvm_features (&launch->features, model);
  launch->public.long_mode = launch->features.has[X86_FEATURE_LM];
  return TRUE;
}

/* ---- names ---- */

#define MAX_SYMBOLS_BYTES ((gsize) 4 << 30)     /* a vmlinux with everything a debugger wants has one or two */

/* The demo guest was stripped, but what it was stripped of is in the program. */
static gboolean
is_demo (GBytes *kernel)
{
  gsize size;
  const void *data = g_bytes_get_data (kernel, &size);

  return size == astern_demo_image_size && memcmp (data, astern_demo_image, size) == 0;
}

static void
read_debug_info (Launch *launch)
{
  g_autoptr (GBytes) demo = g_bytes_new_static (astern_demo_debug, astern_demo_debug_size);
  GBytes *kernel = launch->sources.kernel;

  launch->public.debug_info = astern_debug_info_new ();
  if (kernel != NULL && is_demo (kernel))
    astern_debug_info_add_elf (launch->public.debug_info, demo, "demo", NULL);
  else if (kernel != NULL && astern_is_elf (kernel))
    astern_debug_info_add_elf (launch->public.debug_info, kernel, "kernel", NULL);
}

/* The kernel's own symbols, when it is an ELF file that has some, and those of -symbols. */
static gboolean
read_symbols (Launch *launch, GError **error)
{
  const AsternLaunchOptions *options = launch->public.options;
  AsternSymbols *symbols = astern_symbols_new ();

  launch->public.symbols = symbols;
  launch->public.names = (AsternNames) { astern_symbols_lookup_value, symbols };
  read_debug_info (launch);
  if (launch->sources.kernel != NULL && astern_is_elf (launch->sources.kernel))
    astern_symbols_load_elf (symbols, launch->sources.kernel, "kernel", NULL, NULL);
  for (guint i = 0; i < options->symbols->len; i++)
    {
      const AsternSymbolsItem *item = &g_array_index (options->symbols, AsternSymbolsItem, i);
      g_autoptr (GBytes) file = astern_file_read (item->file, _("symbols"), MAX_SYMBOLS_BYTES, error);

      if (file == NULL || !astern_symbols_load_elf (symbols, file, item->file, item->has_base ? &item->base : NULL, error))
        return FALSE;
      astern_debug_info_add_elf (launch->public.debug_info, file, item->file, item->has_base ? &item->base : NULL);
    }
  return TRUE;
}

/* ---- the machine ---- */

static AsternBoardPcOptions
board_options (const Launch *launch)
{
  const AsternLaunchOptions *options = launch->public.options;

  return (AsternBoardPcOptions) {
    .kind = options->q35 ? ASTERN_BOARD_PC_Q35 : ASTERN_BOARD_PC_I440FX,
    .ram_bytes = options->memory_bytes,
    .n_cpus = options->n_cpus,
    .smm = options->smm && launch->features.level >= 5,
    .vga = options->vga,
    .hpet = options->hpet,
    .acpi = options->acpi,
    .n_serial = options->n_serials,
    .bios_debugcon = options->debugcon_given,
    .debug_exit = options->debug_exit,
    .debug_exit_port = (guint16) options->debug_exit_iobase,
    .boot_menu = options->boot_menu,
    .uuid = options->uuid,
    .smbios = (const SmbiosField *) (gpointer) options->smbios->data,
    .n_smbios = options->smbios->len,
    .smbios_files = launch->sources.smbios_files,
    .acpi_tables = launch->sources.acpi_tables,
    .boot_order = options->boot_order,
    .boot_once = options->boot_once,
    .bios = launch->sources.bios,
    .vga_bios = launch->sources.vgabios,
  };
}

static gboolean
has_something_to_do (gpointer data)
{
  AsternMachine *machine = data;

  return astern_inputs_pending (machine->inputs) || g_atomic_int_get (&machine->stop_requested) != ASTERN_STOP_NONE;
}

static void
set_start_inputs (AsternMachine *machine, const AsternLaunchOptions *options)
{
  guint64 wall_clock_s = options->rtc_base == ASTERN_RTC_DATE ? options->rtc_date_s
                         : astern_host_wall_clock_s (options->rtc_base == ASTERN_RTC_LOCALTIME);

  astern_inputs_set_wall_clock (machine->inputs, wall_clock_s);
  astern_inputs_set_seed (machine->inputs, options->seed_given ? options->seed : astern_host_random_seed ());
}

static void
add_fw_cfg (Launch *launch)
{
  const AsternLaunchOptions *options = launch->public.options;
  AsternDevice *device = astern_machine_find_device (launch->public.machine, "fw-cfg");

  for (guint i = 0; i < options->fw_cfg->len; i++)
    fw_cfg_add_file (device, g_array_index (options->fw_cfg, AsternFwCfgItem, i).name,
                     g_ptr_array_index (launch->sources.fw_cfg, i));
  astern_boot_add_files (options, launch->sources.splash, device);
}

static AsternLink *
link_of (gpointer user, AsternPropertyKind kind, const char *id)
{
  Launch *launch = user;

  if (kind == ASTERN_PROPERTY_NETDEV)
    return astern_network_link (launch->public.network, id);
  if (kind == ASTERN_PROPERTY_FSDEV)
    return astern_shares_link (launch->shares, id);
  if (kind == ASTERN_PROPERTY_AUDIODEV)
    return astern_sound_link (launch->public.sound, id);
  for (guint i = 0; kind == ASTERN_PROPERTY_CHARDEV && i < launch->links->len; i++)
    if (g_str_equal (((AsternLink *) g_ptr_array_index (launch->links, i))->name, id))
      return g_ptr_array_index (launch->links, i);
  return NULL;
}

static GBytes *
rom_of (gpointer user, const char *name, gboolean given, GError **error)
{
  Launch *launch = user;
  GBytes *rom = astern_sources_rom (&launch->sources, launch->public.options, name, given, error);

  return rom != NULL ? g_bytes_ref (rom) : NULL;
}

/* -drive if=pflash, the units in order. */
static gboolean
add_flash (Launch *launch, GError **error)
{
  AsternDrives *drives = launch->public.drives;
  guint n = astern_drives_count (drives), unit = 0, i = 0;

  while (i < n && unit < ASTERN_BOARD_PC_FLASHES)
    {
      const AsternDriveItem *item = astern_drives_item (drives, i);

      if (item->interface != ASTERN_IF_PFLASH || item->unit != (gint) unit)
        {
          i++;
          continue;
        }
      if (!astern_board_pc_add_flash (launch->board, unit++, astern_drives_at (drives, i), error))
        return FALSE;
      i = 0;
    }
  return TRUE;
}

static void
set_watchdogs (Launch *launch)
{
  GPtrArray *devices = launch->public.machine->devices;

  for (guint i = 0; i < devices->len; i++)
    if (((AsternDevice *) g_ptr_array_index (devices, i))->klass == &i6300esb_class)
      i6300esb_set_action (g_ptr_array_index (devices, i), (WatchdogAction) launch->public.options->watchdog_action);
}

/* The loudspeaker is there when it is heard. */
static gboolean
add_speaker (Launch *launch, GError **error)
{
  const char *id = launch->public.options->pcspk_audiodev;
  AsternMachine *machine = launch->public.machine;
  AsternLink *link = id != NULL ? astern_sound_link (launch->public.sound, id) : NULL;
  AsternDevice *speaker;

  if (id == NULL)
    return TRUE;
  if (link == NULL)
    return astern_launch_usage (error, _("-machine pcspk-audiodev=%s: there is no such audiodev; make it with “-audiodev DRIVER,id=%s”."), id, id);
  speaker = astern_device_new (&pcspk_class, "pcspk", machine, &machine->clock);
  astern_machine_add_device (machine, speaker);
  pcspk_connect (speaker, astern_machine_find_device (machine, "port61"), astern_machine_find_device (machine, "pit"), link);
  return TRUE;
}

static AsternDevices
devices_of (Launch *launch)
{
  return (AsternDevices) {
    .machine = launch->public.machine,
    .options = launch->public.options,
    .pci = astern_board_pc_pci (launch->board),
    .isa = astern_board_pc_isa (launch->board),
    .virtio_mmio = astern_board_pc_virtio_mmio (launch->board),
    .drives = launch->public.drives,
    .link = link_of,
    .rom = rom_of,
    .later = launch->later,
    .user = launch,
  };
}

static gboolean
plug_devices (Launch *launch, GError **error)
{
  const AsternLaunchOptions *options = launch->public.options;
  const AsternDevices devices = devices_of (launch);

  launch->public.network = astern_network_new (launch->public.machine, options);
  launch->shares = astern_shares_new (launch->public.machine, options);
  launch->public.sound = astern_sound_new (launch->public.machine, options);
  for (guint i = 0; i < options->chardevs->len; i++)
    {
      const AsternChardevItem *item = &g_array_index (options->chardevs, AsternChardevItem, i);
      AsternLink *link = astern_link_new (launch->public.machine, item->id);

      if (astern_chardev_is_inner (item->spec.kind))
        astern_link_add_plug (link, FALSE);
      g_ptr_array_add (launch->links, link);
    }
  if (!astern_drives_make (launch->public.drives, launch->public.machine, error) || !add_flash (launch, error) ||
      !add_speaker (launch, error) || !astern_devices_plug (&devices, error))
    return FALSE;
  set_watchdogs (launch);
  return TRUE;
}

/* Most memory of cards, on boards and in their firmware. */
#define CARDS_BYTES (G_GUINT64_CONSTANT (1) << 30)

/* Where an engine does not know system management mode the board has none, unless a guest has seen it. */
static gboolean
choose_smm (Launch *launch, AsternBoardPcOptions *board, GError **error)
{
  AsternMachine *machine = launch->public.machine;
  gboolean can = (astern_engines_can (machine) & ASTERN_CAN_MANAGE) != 0;

  if (board->smm && !can && launch->public.options->state != NULL)
    return astern_launch_unavailable (error, _("The saved machine has system management mode, which the engine “%s” has not on this host. "
                                               "It goes on under “translate”; one that was started with “-machine smm=off” does under both."),
                                      machine->engine->klass->name);
  launch->public.smm = board->smm = board->smm && can;
  return TRUE;
}

static gboolean
make_machine (Launch *launch, GError **error)
{
  const AsternLaunchOptions *options = launch->public.options;
  AsternBoardPcOptions board = board_options (launch);
  guint64 capacity = astern_board_pc_capacity (&board) + astern_drives_capacity (launch->public.drives) + CARDS_BYTES;
  AsternMachine *machine = astern_machine_new (capacity, error);
  AsternJournalShelf shelf;

  if (machine == NULL)
    return FALSE;
  launch->public.machine = machine;
  machine->events.enabled = options->log_mask;
  if (launch->log != NULL)
    machine->events.file = launch->log;
  machine->idle = astern_pacer_idle;
  machine->wake = astern_pacer_wake;
  machine->idle_host = launch->pacer = astern_pacer_new (options->idle_sleep, has_something_to_do, machine);
  launch->journal_file = astern_journal_file_new ();
  shelf = astern_journal_file_shelf (launch->journal_file);
  astern_inputs_set_shelf (machine->inputs, &shelf);
  set_start_inputs (machine, options);
  if (!astern_engines_start (machine, options, &launch->features, error))
    return FALSE;
  if (!choose_smm (launch, &board, error))
    return FALSE;
  launch->board = astern_board_pc_new (machine, &board, error);
  if (launch->board == NULL)
    return FALSE;
  add_fw_cfg (launch);
  return plug_devices (launch, error);
}

/* ---- power-on ---- */

static gboolean
load_kernel (Launch *launch, guint64 rsdp, GError **error)
{
  const AsternSources *sources = &launch->sources;
  AsternBoardPcRange ranges[ASTERN_BOARD_PC_MAX_RANGES];
  AsternE820 map[ASTERN_BOARD_PC_MAX_RANGES];
  guint64 seed[ASTERN_BOOT_SEED_SIZE / sizeof (guint64)];
  AsternBootRequest request = {
    .name = sources->kernel_name,
    .kernel = sources->kernel,
    .append = launch->public.options->append,
    .modules = (const AsternBootModule *) sources->modules->data,
    .n_modules = sources->modules->len,
    .map = map,
    .n_map = astern_board_pc_map (launch->board, ranges),
    .rsdp = rsdp,
    .long_mode = launch->features.has[X86_FEATURE_LM],
    .seed = (const guint8 *) seed,
  };

  for (guint i = 0; i < G_N_ELEMENTS (seed); i++)
    seed[i] = astern_inputs_random (launch->public.machine->inputs);
  for (guint i = 0; i < request.n_map; i++)
    map[i] = (AsternE820) { ranges[i].start, ranges[i].size, ranges[i].type };
  g_clear_pointer (&launch->image, astern_image_free);
  launch->image = astern_load_kernel (&request, error);
  return launch->image != NULL;
}

static gboolean
power_on (Launch *launch, GError **error)
{
  AsternMachine *machine = launch->public.machine;
  guint64 rsdp = 0;

  astern_machine_reset (machine);
  if (launch->sources.kernel == NULL)
    return TRUE;
  if (!astern_board_pc_start_without_firmware (launch->board, &rsdp, error) ||
      !load_kernel (launch, rsdp, error))
    return FALSE;
  astern_image_place (launch->image, machine);
  astern_image_enter (launch->image, machine);
  return TRUE;
}

/* ---- ends ---- */

static void
connect_serial (Launch *launch, guint index)
{
  g_autofree char *name = g_strdup_printf ("serial%u", index);
  AsternDevice *device = astern_machine_find_device (launch->public.machine, name);
  AsternSerialDevice serial = {
    .device = device,
    .port = astern_board_pc_inputs (launch->board)->serial[index],
    .can_receive = uart16550_can_receive,
  };

  astern_ends_add_serial (launch->ends, index, &serial);
  uart16550_set_transmit (device, astern_end_transmit, astern_ends_serial (launch->ends, index));
}

static void
connect_debugcon (Launch *launch, const char *name)
{
  AsternDevice *device = astern_machine_find_device (launch->public.machine, name);

  if (device != NULL)
    debugcon_set_transmit (device, astern_end_transmit, astern_ends_debugcon (launch->ends));
}

static gboolean
connect_ends (Launch *launch, GError **error)
{
  launch->public.loop = astern_host_loop_new ();
  launch->ends = astern_ends_new (launch->public.machine, launch->public.options, launch->front, launch->public.loop);
  for (guint i = 0; i < launch->public.options->n_serials; i++)
    connect_serial (launch, i);
  for (guint i = 0; i < launch->links->len; i++)
    astern_ends_add_link (launch->ends, g_ptr_array_index (launch->links, i),
                          &g_array_index (launch->public.options->chardevs, AsternChardevItem, i).spec);
  connect_debugcon (launch, "debugcon");
  connect_debugcon (launch, "debugcon-bios");
  launch->public.usb = astern_usb_new (launch->public.machine, launch->public.options, launch->public.loop, error);
  return launch->public.usb != NULL && astern_network_open (launch->public.network, launch->public.loop, error) &&
         astern_shares_open (launch->shares, launch->public.loop, error) &&
         astern_sound_open (launch->public.sound, launch->pacer, error) && astern_ends_open (launch->ends, error);
}

/* ---- the interface ---- */

static gboolean
open_drives (Launch *launch, GError **error)
{
  launch->public.drives = astern_drives_open (launch->public.options, error);
  return launch->public.drives != NULL;
}

static void
restart (AsternMachine *machine)
{
  astern_launch_reset (machine->restart_user);
}

static AsternEngine *
make_engine (AsternMachine *machine, const char *name, GError **error)
{
  Launch *launch = machine->restart_user;

  return astern_engines_make (machine, launch->public.options, &launch->features, name, error);
}

AsternLaunch *
astern_launch (const AsternLaunchOptions *options, const AsternLaunchFront *front, GError **error)
{
  Launch *launch = g_new0 (Launch, 1);

  launch->public.options = options;
  launch->front = front;
  launch->links = g_ptr_array_new_with_free_func ((GDestroyNotify) astern_link_free);
  launch->later = g_ptr_array_new_with_free_func (g_free);
  if (choose_cpu (launch, error) && check_memory (options, error) &&
      astern_sources_read (&launch->sources, options, error) && read_symbols (launch, error) && open_log (launch, error) &&
      open_drives (launch, error) &&
      make_machine (launch, error) && power_on (launch, error) && connect_ends (launch, error))
    {
      launch->public.machine->restart = restart;
      launch->public.machine->restart_user = launch;
      launch->public.machine->make_engine = make_engine;
      return &launch->public;
    }
  astern_launch_free (&launch->public);
  return NULL;
}

void
astern_launch_close_terminals (AsternLaunch *public)
{
  Launch *launch = (Launch *) public;

  if (launch->public.network != NULL)
    astern_network_close (launch->public.network);
  g_clear_pointer (&launch->public.usb, astern_usb_free);
  if (launch->shares != NULL)
    astern_shares_close (launch->shares);
  if (launch->public.sound != NULL)
    astern_sound_close (launch->public.sound);
  if (launch->ends != NULL)
    astern_ends_close (launch->ends);
}

guint64
astern_launch_history_bytes (const AsternLaunch *public)
{
  return public->options->history_bytes;
}

AsternChardev *
astern_launch_monitor (AsternLaunch *public)
{
  return astern_ends_monitor (((Launch *) public)->ends);
}

gboolean
astern_launch_line (AsternLaunch *public, guint index, AsternLine *line)
{
  return astern_ends_line (((Launch *) public)->ends, index, line);
}

void
astern_launch_give_to_monitor (AsternLaunch *public)
{
  astern_ends_give_to_monitor (((Launch *) public)->ends);
}

void
astern_launch_free (AsternLaunch *public)
{
  Launch *launch = (Launch *) public;

  if (launch == NULL)
    return;
  if (launch->public.network != NULL)
    astern_network_close (launch->public.network);
  g_clear_pointer (&launch->public.usb, astern_usb_free);
  if (launch->shares != NULL)
    astern_shares_close (launch->shares);
  if (launch->public.sound != NULL)
    astern_sound_close (launch->public.sound);
  g_clear_pointer (&launch->ends, astern_ends_free);
  g_clear_pointer (&launch->public.loop, astern_host_loop_free);
  g_clear_pointer (&launch->public.drives, astern_drives_free);
  g_clear_pointer (&launch->public.machine, astern_machine_free);
  g_clear_pointer (&launch->public.network, astern_network_free);
  g_clear_pointer (&launch->shares, astern_shares_free);
  g_clear_pointer (&launch->public.sound, astern_sound_free);
  g_ptr_array_unref (launch->links);
  g_ptr_array_unref (launch->later);
  g_clear_pointer (&launch->board, astern_board_pc_free);
  g_clear_pointer (&launch->pacer, astern_pacer_free);
  g_clear_pointer (&launch->journal_file, astern_journal_file_free);
  g_clear_pointer (&launch->image, astern_image_free);
  astern_sources_clear (&launch->sources);
  g_clear_pointer (&launch->public.symbols, astern_symbols_free);
  g_clear_pointer (&launch->public.debug_info, astern_debug_info_free);
  g_clear_pointer (&launch->log, fclose);
  g_free (launch);
}

void
astern_launch_reset (AsternLaunch *public)
{
  g_autoptr (GError) error = NULL;

  /* What went well at power-on does so again. */
  if (!power_on ((Launch *) public, &error))
    g_error ("%s", error->message);
}

const X86Features *
astern_launch_features (AsternLaunch *public)
{
  return &((Launch *) public)->features;
}

const AsternSources *
astern_launch_sources (AsternLaunch *public)
{
  return &((Launch *) public)->sources;
}

const GPtrArray *
astern_launch_later_devices (AsternLaunch *public)
{
  return ((Launch *) public)->later;
}

void
astern_launch_resume (AsternLaunch *public)
{
  astern_pacer_reanchor (((Launch *) public)->pacer);
}

/* The first card with a screen, or the one that is named, with so many screens; NULL: there is none. */
static AsternDevice *
find_display (AsternLaunch *public, const char *name, guint head, GError **error)
{
  AsternDevice *display = name == NULL ? astern_display_find (public->machine, 0) : astern_machine_find_device (public->machine, name);

  if (display == NULL && name == NULL)
    g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE,
                 _("There is no VGA card to take a picture of; start with “-vga std”."));
  else if (display == NULL || !astern_is_display (display))
    {
      display = NULL;
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("There is no display card “%s”; the first card is “vga”, and “-device CARD,id=NAME” names another."), name);
    }
  else if (head >= MAX (astern_display_heads (display), 1))
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("The card “%s” has no screen %u; the first one is 0."), display->name, head);
      display = NULL;
    }
  return display;
}

gboolean
astern_launch_screendump (AsternLaunch *public, const char *path, const char *device, guint head, GError **error)
{
  AsternDevice *display = find_display (public, device, head, error);
  g_auto (AsternPicture) picture = { 0 };
  g_autoptr (GBytes) png = NULL;

  if (display == NULL)
    return FALSE;
  astern_display_draw (display, head, &picture);
  if (picture.width == 0 || picture.height == 0)   /* switched off */
    astern_picture_resize (&picture, 720, 400);
  png = astern_png_encode (&picture);
  return astern_file_write (path, _("screen"), png, error);
}

char *
astern_launch_screen_text (AsternLaunch *public)
{
  AsternDevice *display = astern_display_find (public->machine, 0);

  return display != NULL ? astern_display_text (display) : NULL;
}

void
astern_launch_press_power_button (AsternLaunch *public)
{
  const AsternBoardPcInputs *inputs = astern_board_pc_inputs (((Launch *) public)->board);

  astern_inputs_submit (public->machine->inputs, inputs->power_button, "", 1);
}

gboolean
astern_launch_send_keys (AsternLaunch *public, const char *chord, GError **error)
{
  const AsternBoardPcInputs *inputs = astern_board_pc_inputs (((Launch *) public)->board);
  g_autofree char *unknown = NULL;
  g_autoptr (GByteArray) packets = astern_key_packets (chord, &unknown);

  if (packets != NULL)
    {
      g_byte_array_prepend (packets, (const guint8[]) { HUMAN_KEYS }, 1);
      astern_inputs_submit (public->machine->inputs, inputs->human, packets->data, packets->len);
    }
  else
    g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                 _("There is no key “%s”; keys are named as in “ctrl-alt-delete”, “ret”, “spc”, “f1”."), unknown);
  return packets != NULL;
}

static void
submit_human (AsternLaunch *public, gconstpointer packet, gsize size)
{
  guint port = astern_board_pc_inputs (((Launch *) public)->board)->human;

  astern_inputs_submit (public->machine->inputs, port, packet, size);
}

void
astern_launch_key (AsternLaunch *public, guint16 number, gboolean down)
{
  const guint8 packet[1 + HUMAN_KEYS_PACKET_BYTES] = { HUMAN_KEYS, (guint8) number, (guint8) (number >> 8), down };

  submit_human (public, packet, sizeof packet);
}

void
astern_launch_mouse (AsternLaunch *public, gint dx, gint dy, gint dz, guint8 buttons)
{
  guint16 x = (guint16) CLAMP (dx, G_MININT16, G_MAXINT16), y = (guint16) CLAMP (dy, G_MININT16, G_MAXINT16);
  const guint8 packet[1 + HUMAN_RELATIVE_PACKET_BYTES] = {
    HUMAN_RELATIVE, (guint8) x, (guint8) (x >> 8), (guint8) y, (guint8) (y >> 8), (guint8) CLAMP (dz, G_MININT8, G_MAXINT8), buttons,
  };

  submit_human (public, packet, sizeof packet);
}

void
astern_launch_pointer (AsternLaunch *public, guint x, guint y, gint dz, guint8 buttons)
{
  guint16 at_x = (guint16) MIN (x, HUMAN_POINTER_MAX), at_y = (guint16) MIN (y, HUMAN_POINTER_MAX);
  const guint8 packet[1 + HUMAN_ABSOLUTE_PACKET_BYTES] = {
    HUMAN_ABSOLUTE, (guint8) at_x, (guint8) (at_x >> 8), (guint8) at_y, (guint8) (at_y >> 8),
    (guint8) CLAMP (dz, G_MININT8, G_MAXINT8), buttons,
  };

  submit_human (public, packet, sizeof packet);
}

gboolean
astern_launch_points (AsternLaunch *public)
{
  return human_find (public->machine, HUMAN_ABSOLUTE, TRUE) != NULL;
}

gboolean
astern_launch_device_add (AsternLaunch *public, const char *words, GError **error)
{
  const AsternDevices devices = devices_of ((Launch *) public);

  return astern_hot_plug_add (&devices, public->usb, words, error);
}

gboolean
astern_launch_device_del (AsternLaunch *public, const char *id, GError **error)
{
  const AsternDevices devices = devices_of ((Launch *) public);

  return astern_hot_plug_del (&devices, public->usb, id, error);
}
