/* options.c - the table of options, and how a command line is read by it.
 * Source: QEMU's manual, "Invocation", for names and meanings. */
#include "config.h"

#include "launch/options.h"

#include <string.h>

#include "launch/option-acpi.h"
#include "launch/option-parsers.h"

#include <glib/gi18n.h>

G_DEFINE_QUARK (astern-launch-error-quark, astern_launch_error)

static void
set_error (GError **error, AsternLaunchError code, const char *format, va_list args)
{
  if (error != NULL)
    *error = g_error_new_valist (ASTERN_LAUNCH_ERROR, code, format, args);
}

gboolean
astern_launch_usage (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  set_error (error, ASTERN_LAUNCH_ERROR_USAGE, format, args);
  va_end (args);
  return FALSE;
}

gboolean
astern_launch_unavailable (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  set_error (error, ASTERN_LAUNCH_ERROR_UNAVAILABLE, format, args);
  va_end (args);
  return FALSE;
}

typedef struct
{
  const char       *name;       /* without dashes; NULL in a row that only has help: a heading */
  const char       *argument;   /* NULL: takes none */
  const char       *help;
  AsternOptionFunc  parse;      /* or one of the two below */
  gsize             text;       /* offset of a char *, 0: none */
  gsize             flag;       /* offset of a gboolean, 0: none */
  gboolean          value;      /* what the flag becomes */
} Option;

#define TEXT(member) .text = G_STRUCT_OFFSET (AsternLaunchOptions, member)
#define FLAG(member, on) .flag = G_STRUCT_OFFSET (AsternLaunchOptions, member), .value = (on)

#define DEFAULT_DISK_CACHE_BYTES (G_GUINT64_CONSTANT (1) << 30)
#define DEFAULT_HISTORY_BYTES (G_GUINT64_CONSTANT (1) << 30)

static gboolean
add_firmware_dir (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_ptr_array_add (options->firmware_dirs, g_strdup (argument));
  return TRUE;
}

static gboolean
accept_it (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  return TRUE;
}

/* Who starts a machine of its own has taken it out before (saved.h). */
static gboolean
cannot_load (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  return astern_launch_usage (error, _("“%s” is for “astern run” and “astern gui” alone: the machine is in the file."), name);
}

static const Option option_table[] = {
  { .help = N_("Machine") },
  { "machine",    N_("TYPE[,hpet=off]"),  N_("the board: pc (i440FX and PIIX) or q35 (Q35 and ICH9)"), .parse = astern_option_machine },
  { "M",          N_("TYPE"),             N_("the same as -machine"), .parse = astern_option_machine },
  { "cpu",        N_("MODEL[,±FEATURE]"), N_("the CPU: 486 … x86-64-v3, max"), TEXT (cpu) },
  { "smp",        N_("N"),                N_("number of CPUs, 1 to 8"), .parse = astern_option_smp },
  { "m",          N_("SIZE"),             N_("memory, in MiB unless it says k, M, G (default 128)"), .parse = astern_option_memory },
  { "accel",      N_("translate[,tier=T]|kvm[,kernel_irqchip=on|off|split]|kvm:translate"), N_("the engine; tiers auto, interp, one; whose interrupt controllers"), .parse = astern_option_accel },
  { "enable-kvm", NULL, N_("as -accel kvm"), FLAG (accel, ASTERN_ACCEL_KVM) },
  { "name",       N_("TEXT"),             N_("a name for the machine"), TEXT (name) },
  { "no-hpet",    NULL,                   N_("a board without HPET"), FLAG (hpet, FALSE) },
  { "no-acpi",    NULL,                   N_("a board without ACPI tables"), FLAG (acpi, FALSE) },
  { "nodefaults", NULL,                   N_("no serial port, monitor, VGA card, network, CD or floppy drive unless asked for"), FLAG (nodefaults, TRUE) },

  { .help = N_("Boot") },
  { "kernel",     N_("FILE"),             N_("boot a Linux, multiboot or PVH kernel directly"), TEXT (kernel) },
  { "initrd",     N_("FILE"),             N_("its initial RAM disk; for multiboot, FILE[ ARGS][,FILE…]"), TEXT (initrd) },
  { "append",     N_("TEXT"),             N_("its command line"), TEXT (append) },
  { "bios",       N_("FILE"),             N_("firmware (default: SeaBIOS, when there is no -kernel)"), TEXT (bios) },
  { "pflash",     N_("FILE"),             N_("flash memory with firmware (the first) and its variables (the second)"), .parse = astern_option_disk },
  { "smbios",     N_("type=N[,KEY=TEXT]…|file=F"), N_("what SMBIOS says of the machine"), .parse = astern_option_smbios },
  { "acpitable",  N_("file=F|data=F[:F]…[,sig=S]…"), N_("another ACPI table"), .parse = astern_option_acpitable },
  { "uuid",       N_("UUID"),             N_("the machine's UUID"), .parse = astern_option_uuid },
  { "L",          N_("DIR"),              N_("where to look for firmware first"), .parse = add_firmware_dir },
  { "boot",       N_("[order=]abc…[,once=abc…][,menu=on]"), N_("what the firmware tries, in order; splash=F, splash-time=MS, reboot-timeout=MS, strict=on"), .parse = astern_option_boot },
  { "fw_cfg",     N_("name=N,file=F|string=S"), N_("a firmware configuration file"), .parse = astern_option_fw_cfg },

  { .help = N_("Disks") },
  { "drive",      N_("file=FILE[,if=I][,format=F]…"), N_("a disk: if=ide|floppy|virtio|scsi|pflash|none, media=cdrom, index=, readonly=on, snapshot=on, id="), .parse = astern_option_drive },
  { "hda",        N_("FILE"),             N_("the first disk; -hdb, -hdc, -hdd: the others"), .parse = astern_option_disk },
  { "hdb",        N_("FILE"),             N_("the second disk"), .parse = astern_option_disk },
  { "hdc",        N_("FILE"),             N_("the third disk"), .parse = astern_option_disk },
  { "hdd",        N_("FILE"),             N_("the fourth disk"), .parse = astern_option_disk },
  { "cdrom",      N_("FILE"),             N_("a CD in the CD drive"), .parse = astern_option_disk },
  { "fda",        N_("FILE"),             N_("a disk in the first floppy drive"), .parse = astern_option_disk },
  { "fdb",        N_("FILE"),             N_("a disk in the second floppy drive"), .parse = astern_option_disk },
  { "snapshot",   NULL,                   N_("no image is written; what the guest writes is gone at the end"), FLAG (snapshot, TRUE) },

  { .help = N_("Devices") },
  { "serial",     N_("PLACE"),            N_("next serial port: stdio, mon:stdio, file:PATH, pty, tcp:HOST:PORT, unix:PATH, null"), .parse = astern_option_serial },
  { "parallel",   N_("PLACE"),            N_("the printer port: file:PATH, tcp:HOST:PORT, none …"), .parse = astern_option_parallel },
  { "debugcon",   N_("PLACE"),            N_("the debug ports 0xe9 and 0x402"), .parse = astern_option_debugcon },
  { "device",     N_("DEVICE[,PROPERTY=VALUE…]"), N_("plug in a card or a drive; “-device help” lists them, “-device NAME,help” its properties"), .parse = astern_option_device },
  { "usb",        NULL,                   N_("the board's USB controller"), .parse = astern_option_usb },
  { "usbdevice",  "tablet|mouse|keyboard|disk:FILE", N_("the same, and a device on it"), .parse = astern_option_usbdevice },
  { "chardev",    N_("PLACE,id=ID[,…]"),  N_("a place for the bytes of a -device"), .parse = astern_option_chardev },
  { "fsdev",      "local,id=ID,path=DIR,security_model=M[,readonly=on]", N_("a directory for a -device virtio-9p-pci"), .parse = astern_option_fsdev },
  { "virtfs",     "local,path=DIR,mount_tag=TAG,security_model=M[,readonly=on]", N_("a directory for the guest, with its device"), .parse = astern_option_virtfs },
  { "vga",        N_("CARD"),             N_("the VGA card: std, cirrus, vmware, qxl, virtio, none"), .parse = astern_option_vga },
  { "netdev",     N_("KIND,id=ID[,…]"),   N_("a network: user, tap, bridge, socket, stream, dgram, hubport"), .parse = astern_option_netdev },
  { "nic",        N_("KIND[,model=CARD][,mac=M][,…]|none"), N_("a network and a card in one"), .parse = astern_option_nic },
  { "net",        N_("nic|KIND[,…]|none"), N_("the same, apart: cards and networks on one hub"), .parse = astern_option_net },
  { "audiodev",   N_("DRIVER,id=ID[,…]"), N_("where sound goes to and comes from: none, pa, pipewire, wav; “-audiodev help” lists them"), .parse = astern_option_audiodev },
  { "audio",      N_("DRIVER[,model=CARD][,…]"), N_("the same, and a card in one: ac97, hda, pcspk"), .parse = astern_option_audio },
  { "soundhw",    N_("CARD"),             N_("gone; says what is there in its place"), .parse = astern_option_soundhw },
  { "object",     N_("filter-dump,id=ID,netdev=N,file=F[,maxlen=B]"), N_("what goes over a network, as a pcap file"), .parse = astern_option_object },

  { .help = N_("Display and control") },
  { "nographic",  NULL,                   N_("serial port and monitor on this terminal (Ctrl-A h helps)"), FLAG (nographic, TRUE) },
  { "display",    "none|gtk|vnc=…",       N_("no window; “astern gui” opens one"), .parse = astern_option_display },
  { "vnc",        N_(":N|HOST:N|unix:PATH"), N_("show the screen to VNC clients; [,to=N][,password=on][,password-file=F][,websocket=on][,share=…]"), .parse = astern_option_vnc },
  { "spice",      N_("port=N|unix=on,addr=…"), N_("show the screen to SPICE clients; disable-ticketing=on or password=P; [,tls-port=N,x509-dir=D][,…]"), .parse = astern_option_spice },
  { "monitor",    N_("PLACE"),            N_("the monitor: stdio, none, tcp:…, unix:…"), .parse = astern_option_monitor },
  { "no-reboot",  NULL,                   N_("a reset ends the run, with status 0"), FLAG (no_reboot, TRUE) },
  { "no-shutdown", NULL,                  N_("powering off only stops the machine"), FLAG (no_shutdown, TRUE) },
  { "watchdog",   N_("DEVICE"),           N_("a watchdog, as -device"), .parse = astern_option_watchdog },
  { "watchdog-action", "reset|poweroff|pause|none", N_("what a watchdog does"), .parse = astern_option_watchdog_action },
  { "action",     N_("EVENT=ACTION[,…]"), N_("what happens at reboot=, shutdown=, panic= and watchdog="), .parse = astern_option_action },
  { "screendump", N_("FILE"),             N_("write the screen as PNG at exit (Astern)"), TEXT (screendump) },

  { .help = N_("Time and determinism") },
  { "rtc",        N_("base=utc|localtime|DATE"), N_("the wall clock at power-on"), .parse = astern_option_rtc },
  { "seed",       N_("N"),                N_("the seed of all random numbers"), .parse = astern_option_seed },
  { "icount",     "sleep=on|off",         N_("off: idle time takes no time"), .parse = astern_option_icount },
  { "stop-at",    N_("ICOUNT"),           N_("stop when so many instructions have retired (Astern)"), .parse = astern_option_stop_at },
  { "shift-at",   N_("SYMBOL|@TIME"),     N_("where or when (2s, 300ms; guest time) the other engine takes over (Astern)"), .parse = astern_option_shift_at },
  { "record",     N_("FILE"),             N_("write a recording, for “astern replay FILE” (Astern)"), TEXT (record) },
  { "record-events", N_("KIND[,KIND…]"),  N_("… with what happened, of the kinds of -d (Astern)"), .parse = astern_option_record_events },
  { "load-state", N_("FILE"),             N_("go on from a state that “save-state” has saved; what makes the machine is in it (Astern)"), .parse = cannot_load },
  { "incoming",   N_("file:FILE"),        N_("the same"), .parse = cannot_load },
  { "state-hash", NULL,                   N_("print the state hash at exit (Astern)"), FLAG (state_hash, TRUE) },

  { .help = N_("Debugging") },
  { "gdb",        N_("PLACE[,arch=A][,linear-pc=on]"), N_("wait for gdb or lldb: tcp::PORT (this host), tcp:ADDRESS:PORT, unix:PATH, stdio"), .parse = astern_option_gdb },
  { "s",          NULL,                   N_("the same as -gdb tcp::1234"), .parse = astern_option_gdb_default },
  { "S",          NULL,                   N_("do not start before gdb or the monitor says so"), FLAG (start_stopped, TRUE) },
  { "d",          N_("KIND[,KIND…]"),     N_("log: “-d help” lists the kinds"), .parse = astern_option_log },
  { "D",          N_("FILE"),             N_("where the log goes (default: standard error)"), TEXT (log_file) },
  { "disk-cache", N_("SIZE|off"),         N_("most memory for what was written to disks, in MiB unless it says k, M, G (default 1G) (Astern)"), .parse = astern_option_disk_cache },
  { "history",    N_("SIZE|off"),         N_("most memory for going back, in MiB unless it says k, M, G (default 1G) (Astern)"), .parse = astern_option_history },
  { "symbols",    N_("FILE[@BASE]"),      N_("names for addresses, of an ELF file, moved to BASE (Astern)"), .parse = astern_option_symbols },
  { "perf-map",   NULL,                   N_("tell “perf” the names of translated code (Astern)"), FLAG (perf_map, TRUE) },

  { .help = N_("Other") },
  { "help",       NULL,                   N_("this help"), FLAG (help, TRUE) },
  { "h",          NULL,                   N_("this help"), FLAG (help, TRUE) },
  { "version",    NULL,                   N_("the version"), FLAG (version, TRUE) },
  { "no-user-config", NULL,               N_("nothing: there are no configuration files"), .parse = accept_it },
};

/* Options of QEMU's that are not there, and the nearest thing that is. */
static const struct { const char *name, *instead; } absent_options[] = {
  { "blockdev",      N_("use -drive") },
  { "dtb",           N_("the board “pc” has no device tree; use -append") },
  { "shim",          N_("there is no EFI boot from -kernel; the kernel's own entry is used") },
  { "mon",           N_("use -monitor with the place itself, as in “-monitor stdio”") },
  { "qmp",           N_("there is no QMP; use -monitor") },
  { "qmp-pretty",    N_("there is no QMP; use -monitor") },
  { "numa",          N_("there is one memory node; use -m and -smp") },
  { "global",        N_("device properties cannot be set; “astern run -help” lists what can") },
  { "set",           N_("device properties cannot be set; “astern run -help” lists what can") },
  { "readconfig",    N_("there are no configuration files; put the options on the command line") },
  { "loadvm",        N_("use -load-state FILE, with a file that the monitor's “save-state FILE” has written") },
  { "k",             N_("the keyboard is as the window has it; “astern gui” opens one") },
  { "curses",        N_("use -nographic, or -screendump FILE for a picture of the screen") },
  { "sdl",           N_("“astern gui” in place of “astern run” opens the window") },
  { "gtk",           N_("“astern gui” in place of “astern run” opens the window") },
  { "full-screen",   N_("start with “astern gui”; there, Ctrl+Alt+F fills the screen") },
  { "daemonize",     N_("use the shell's “&” with “-serial file:PATH”") },
  { "pidfile",       N_("use the shell's “$!”") },
  { "runas",         N_("start the program as the user that it should run as") },
  { "sandbox",       N_("start the program in a sandbox of your own") },
  { "trace",         N_("use -d") },
  { "dfilter",       N_("use -d without a filter, and -stop-at") },
  { "singlestep",    N_("use “-accel translate,tier=interp”") },
  { "one-insn-per-tb", N_("use “-accel translate,tier=interp”") },
  { "plugin",        N_("there are no plugins; use -d") },
  { "overcommit",    N_("memory is always taken from the host as the guest uses it") },
  { "mem-path",      N_("memory is always taken from the host as the guest uses it") },
  { "mem-prealloc",  N_("memory is always taken from the host as the guest uses it") },
  { "tpmdev",        N_("there is no TPM") },
};

static void
clear_fw_cfg (gpointer data)
{
  AsternFwCfgItem *item = data;

  g_free (item->name);
  g_free (item->file);
  g_free (item->string);
}

static void
clear_drive (gpointer data)
{
  AsternDriveItem *item = data;

  g_free (item->id);
  g_free (item->file);
  g_free (item->format);
  g_free (item->serial);
}

static void
clear_device (gpointer data)
{
  AsternDeviceItem *item = data;

  g_free (item->driver);
  g_free (item->id);
  g_array_unref (item->properties);
}

static void
clear_chardev (gpointer data)
{
  AsternChardevItem *item = data;

  g_free (item->id);
  astern_chardev_spec_clear (&item->spec);
}

static void
clear_netdev (gpointer data)
{
  astern_net_spec_clear (data);
}

static void
clear_audiodev (gpointer data)
{
  astern_audio_spec_clear (data);
}

static void
clear_dump (gpointer data)
{
  AsternDumpItem *item = data;

  g_free (item->id);
  g_free (item->netdev);
  g_free (item->file);
}

static void
clear_smbios (gpointer data)
{
  AsternSmbiosItem *item = data;

  g_free (item->key);
  g_free (item->value);
}

static void
clear_acpi_table (gpointer data)
{
  astern_acpi_table_clear (data);
}

static void
clear_symbols (gpointer data)
{
  g_free (((AsternSymbolsItem *) data)->file);
}

AsternLaunchOptions *
astern_launch_options_new (void)
{
  AsternLaunchOptions *options = g_new0 (AsternLaunchOptions, 1);

  options->n_cpus = 1;
  options->memory_bytes = G_GUINT64_CONSTANT (128) << 20;
  options->smm = TRUE;
  options->kernel_irqchip = ASTERN_KVM_IRQCHIP_AUTO;
  options->hpet = TRUE;
  options->acpi = TRUE;
  options->boot_retry_ms = -1;
  options->vga = &astern_vga_cards[0];
  options->firmware_dirs = g_ptr_array_new_with_free_func (g_free);
  options->fw_cfg = g_array_new (FALSE, FALSE, sizeof (AsternFwCfgItem));
  g_array_set_clear_func (options->fw_cfg, clear_fw_cfg);
  options->smbios = g_array_new (FALSE, FALSE, sizeof (AsternSmbiosItem));
  g_array_set_clear_func (options->smbios, clear_smbios);
  options->smbios_files = g_ptr_array_new_with_free_func (g_free);
  options->acpi_tables = g_array_new (FALSE, FALSE, sizeof (AsternAcpiTableItem));
  g_array_set_clear_func (options->acpi_tables, clear_acpi_table);
  options->symbols = g_array_new (FALSE, FALSE, sizeof (AsternSymbolsItem));
  g_array_set_clear_func (options->symbols, clear_symbols);
  options->drives = g_array_new (FALSE, TRUE, sizeof (AsternDriveItem));
  g_array_set_clear_func (options->drives, clear_drive);
  options->devices = g_array_new (FALSE, TRUE, sizeof (AsternDeviceItem));
  g_array_set_clear_func (options->devices, clear_device);
  options->chardevs = g_array_new (FALSE, TRUE, sizeof (AsternChardevItem));
  g_array_set_clear_func (options->chardevs, clear_chardev);
  options->netdevs = g_array_new (FALSE, TRUE, sizeof (AsternNetSpec));
  g_array_set_clear_func (options->netdevs, clear_netdev);
  options->fsdevs = g_array_new (FALSE, TRUE, sizeof (AsternFsItem));
  g_array_set_clear_func (options->fsdevs, (GDestroyNotify) astern_fs_item_clear);
  options->audiodevs = g_array_new (FALSE, TRUE, sizeof (AsternAudioSpec));
  g_array_set_clear_func (options->audiodevs, clear_audiodev);
  options->dumps = g_array_new (FALSE, TRUE, sizeof (AsternDumpItem));
  g_array_set_clear_func (options->dumps, clear_dump);
  options->device_words = g_ptr_array_new_with_free_func (g_free);
  options->debug_exit_iobase = 0x501;
  options->debug_exit_iosize = 2;
  options->idle_sleep = TRUE;
  options->stop_at = options->shift_ns = G_MAXUINT64;
  options->disk_cache_bytes = DEFAULT_DISK_CACHE_BYTES;
  options->history_bytes = DEFAULT_HISTORY_BYTES;
  return options;
}

void
astern_launch_options_free (AsternLaunchOptions *options)
{
  if (options == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (option_table); i++)
    if (option_table[i].text != 0)
      g_free (G_STRUCT_MEMBER (char *, options, option_table[i].text));
  for (guint i = 0; i < ASTERN_MAX_SERIALS; i++)
    astern_chardev_spec_clear (&options->serials[i]);
  astern_chardev_spec_clear (&options->monitor);
  astern_chardev_spec_clear (&options->debugcon);
  astern_chardev_spec_clear (&options->gdb);
  astern_remote_spec_clear (&options->vnc.place);
  astern_spice_spec_clear (&options->spice);
  g_ptr_array_unref (options->firmware_dirs);
  g_array_unref (options->fw_cfg);
  g_array_unref (options->smbios);
  g_ptr_array_unref (options->smbios_files);
  g_array_unref (options->acpi_tables);
  g_free (options->uuid);
  g_array_unref (options->symbols);
  g_array_unref (options->drives);
  g_array_unref (options->devices);
  g_array_unref (options->chardevs);
  g_array_unref (options->netdevs);
  g_array_unref (options->fsdevs);
  g_array_unref (options->audiodevs);
  g_free (options->pcspk_audiodev);
  g_array_unref (options->dumps);
  g_ptr_array_unref (options->device_words);
  g_clear_pointer (&options->kernel_bytes, g_bytes_unref);
  if (options->state != NULL)
    options->free_state (options->state);
  g_free (options->boot_order);
  g_free (options->boot_once);
  for (guint i = 0; i < G_N_ELEMENTS (options->flash); i++)
    g_free (options->flash[i]);
  g_free (options->boot_splash);
  g_free (options->device_help);
  g_free (options->tier);
  g_free (options->shift_at);
  g_free (options);
}

static const Option *
find_option (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (option_table); i++)
    if (g_strcmp0 (option_table[i].name, name) == 0)
      return &option_table[i];
  return NULL;
}

gboolean
astern_launch_option_takes_argument (const char *name)
{
  const Option *option = find_option (name);

  return option != NULL && option->argument != NULL;
}

/* How many letters must change to get from @a to @b; both short. */
static guint
distance (const char *a, const char *b)
{
  guint row[64];
  gsize n = MIN (strlen (b), G_N_ELEMENTS (row) - 1);

  for (guint j = 0; j <= n; j++)
    row[j] = j;
  for (guint i = 1; a[i - 1] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (guint j = 1; j <= n; j++)
        {
          guint best = MIN (MIN (row[j], row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));

          diagonal = row[j];
          row[j] = best;
        }
    }
  return row[n];
}

static const char *
nearest_option (const char *name)
{
  const char *best = "help";
  guint best_distance = G_MAXUINT;

  for (gsize i = 0; i < G_N_ELEMENTS (option_table); i++)
    if (option_table[i].name != NULL && distance (name, option_table[i].name) < best_distance)
      {
        best = option_table[i].name;
        best_distance = distance (name, best);
      }
  return best;
}

static gboolean
refuse (const char *shown, const char *name, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (absent_options); i++)
    if (g_str_equal (absent_options[i].name, name))
      {
        g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_UNAVAILABLE,
                     /* Translators: an option, and the nearest thing that is there */
                     _("The option “%s” is not there: %s."), shown, _(absent_options[i].instead));
        return FALSE;
      }
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
               _("There is no option “%s”; the nearest is “-%s”, and “astern run -help” lists all."), shown,
               nearest_option (name));
  return FALSE;
}

static gboolean
apply (AsternLaunchOptions *options, const Option *option, const char *shown, const char *argument, GError **error)
{
  if (option->parse != NULL)
    return option->parse (options, shown, argument, error);
  if (option->text != 0)
    {
      char **slot = &G_STRUCT_MEMBER (char *, options, option->text);

      g_free (*slot);
      *slot = g_strdup (argument);
    }
  if (option->flag != 0)
    G_STRUCT_MEMBER (gboolean, options, option->flag) = option->value;
  return TRUE;
}

static gboolean
parse_one (AsternLaunchOptions *options, const char *const **args, GError **error)
{
  const char *shown = *(*args)++;
  const char *name = shown + (g_str_has_prefix (shown, "--") ? 2 : 1);
  const char *argument = NULL;
  const Option *option;

  if (shown[0] != '-')          /* an image: the first disk */
    return astern_option_disk (options, "-hda", shown, error);
  option = name[0] != '\0' ? find_option (name) : NULL;
  if (option == NULL)
    return refuse (shown, name, error);
  if (option->argument != NULL && (argument = *(*args)++) == NULL)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("The option “%s” needs an argument: %s."),
                   shown, _(option->argument));
      return FALSE;
    }
  return apply (options, option, shown, argument, error);
}

/* ---- what belongs together ---- */

static void
set_place (AsternChardevSpec *spec, AsternChardevKind kind, gboolean monitor)
{
  memset (spec, 0, sizeof *spec);
  spec->kind = kind;
  spec->monitor = monitor;
}

static void
fill_window_defaults (AsternLaunchOptions *options)
{
  if (!options->serial_given && !options->nodefaults)
    {
      set_place (&options->serials[0], ASTERN_CHARDEV_VC, FALSE);
      options->n_serials = 1;
    }
  if (!options->monitor_given)
    {
      set_place (&options->monitor, ASTERN_CHARDEV_VC, FALSE);
      options->monitor_given = TRUE;
    }
}

static void
fill_defaults (AsternLaunchOptions *options)
{
  gboolean on_terminal = options->nographic || !options->display_given;

  if (options->nodefaults && !options->vga_given)
    options->vga = NULL;
  if (options->window)
    {
      fill_window_defaults (options);
      return;
    }

  if (!options->serial_given && !options->nodefaults && on_terminal)
    {
      gboolean shared = !options->monitor_given;
      gboolean taken = (options->monitor_given && options->monitor.kind == ASTERN_CHARDEV_STDIO) ||
                       (options->gdb_given && options->gdb.kind == ASTERN_CHARDEV_STDIO);

      set_place (&options->serials[0], taken ? ASTERN_CHARDEV_NULL : ASTERN_CHARDEV_STDIO, shared && !taken);
      options->n_serials = 1;
    }
  else if (!options->serial_given && !options->nodefaults)
    {
      set_place (&options->serials[0], ASTERN_CHARDEV_NULL, FALSE);
      options->n_serials = 1;
    }
}

static gboolean
check_terminal_once (const AsternLaunchOptions *options, GError **error)
{
  guint users = options->monitor_given && options->monitor.kind == ASTERN_CHARDEV_STDIO;

  users += options->debugcon_given && options->debugcon.kind == ASTERN_CHARDEV_STDIO;
  users += options->gdb_given && options->gdb.kind == ASTERN_CHARDEV_STDIO;
  for (guint i = 0; i < options->n_serials; i++)
    users += options->serials[i].kind == ASTERN_CHARDEV_STDIO;
  if (users <= 1)
    return TRUE;
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
               _("The terminal can be used once; give only one of -serial, -monitor, -debugcon and -gdb “stdio”."));
  return FALSE;
}

static gboolean
check_window (const AsternLaunchOptions *options, GError **error)
{
  const char *wants = options->monitor_given && options->monitor.kind == ASTERN_CHARDEV_VC ? "-monitor vc"
                      : options->debugcon_given && options->debugcon.kind == ASTERN_CHARDEV_VC ? "-debugcon vc" : NULL;

  for (guint i = 0; i < options->n_serials; i++)
    if (options->serials[i].kind == ASTERN_CHARDEV_VC)
      wants = "-serial vc";
  if (options->window)
    {
      if (options->nographic)
        g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                     _("The option “%s” is for a terminal; use it with “astern run”."), "-nographic");
      return !options->nographic;
    }
  if (wants == NULL)
    return TRUE;
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
               _("“%s” needs a window: start with “astern gui” in place of “astern run”; stdio, pty, tcp: and unix: are places "
                 "without one."), wants);
  return FALSE;
}

static gboolean
check_kernel_options (const AsternLaunchOptions *options, GError **error)
{
  const char *orphan = options->initrd != NULL ? "-initrd" : options->append != NULL ? "-append" : NULL;

  if (options->kernel != NULL || options->kernel_bytes != NULL || orphan == NULL)
    return TRUE;
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("The option “%s” needs -kernel."), orphan);
  return FALSE;
}

gboolean
astern_launch_options_parse (AsternLaunchOptions *options, const char *const *args, GError **error)
{
  while (*args != NULL)
    if (!parse_one (options, &args, error))
      return FALSE;
  if (options->help || options->version || options->log_help)
    return TRUE;
  fill_defaults (options);
  astern_option_usb_defaults (options);
  astern_option_sound_defaults (options);
  if (!astern_option_drive_defaults (options, error) || !astern_option_network_defaults (options, error))
    return FALSE;
  if (options->record == NULL && options->record_events != 0)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE, _("The option “%s” needs -record."), "-record-events");
      return FALSE;
    }
  return check_kernel_options (options, error) && check_window (options, error) && check_terminal_once (options, error);
}

char *
astern_launch_options_help (void)
{
  GString *text = g_string_new (_("Usage: astern run [OPTION…]\n\nOne dash or two; names and meanings are QEMU's.\n"));

  for (gsize i = 0; i < G_N_ELEMENTS (option_table); i++)
    {
      const Option *option = &option_table[i];
      g_autofree char *left = NULL;

      if (option->name == NULL)
        {
          g_string_append_printf (text, "\n%s\n", _(option->help));
          continue;
        }
      left = g_strdup_printf ("-%s%s%s", option->name, option->argument != NULL ? " " : "",
                              option->argument != NULL ? _(option->argument) : "");
      if (g_utf8_strlen (left, -1) > 26)
        g_string_append_printf (text, "  %s\n%30s%s\n", left, "", _(option->help));
      else
        g_string_append_printf (text, "  %s%*s%s\n", left, (int) (28 - g_utf8_strlen (left, -1)), "", _(option->help));
    }
  return g_string_free (text, FALSE);
}
