/* options - a QEMU-like command line, parsed into what the launcher needs.
 *
 * One table has every option: name, argument, help, parser.  Names and meanings
 * are QEMU's; those that only Astern has are marked so in the help.  An option
 * of QEMU's that is not there is an error that names it and the nearest thing
 * that is.
 *
 * Parsing opens no file and looks at nothing of the host.
 *
 * Threads: any; an options struct has one owner.
 * Units:   bytes; seconds since 1970 UTC; icount as in core/moment.h. */
#pragma once

#include <glib.h>

#include "core/disk.h"
#include "gdbstub/gdbstub.h"
#include "host/chardev.h"
#include "host/audio/audio.h"
#include "host/fs/server.h"
#include "host/net/net.h"
#include "host/remote/spice.h"
#include "host/remote/vnc.h"
#include "hw/display/cards.h"
#include "kvm/kvm.h"
#include "trace/recording.h"

#define ASTERN_MAX_SERIALS 4

#define ASTERN_LAUNCH_ERROR (astern_launch_error_quark ())

typedef enum
{
  ASTERN_LAUNCH_ERROR_USAGE,         /* an option or its argument is wrong */
  ASTERN_LAUNCH_ERROR_UNAVAILABLE,   /* known, but not there (yet) */
  ASTERN_LAUNCH_ERROR_IMAGE,         /* a kernel, initrd or firmware image is not usable */
  ASTERN_LAUNCH_ERROR_MEMORY,        /* the guest's memory is too small, too large, or not to be had */
} AsternLaunchError;

GQuark astern_launch_error_quark (void);

/* Sets @error (nullable) to a sentence of that kind; returns FALSE. */
gboolean astern_launch_usage       (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean astern_launch_unavailable (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

typedef enum
{
  ASTERN_RTC_UTC,
  ASTERN_RTC_LOCALTIME,
  ASTERN_RTC_DATE,        /* rtc_date_s */
} AsternRtcBase;

typedef struct
{
  char *name;             /* "opt/org.example/key" */
  char *file;             /* (nullable): contents come from this file ... */
  char *string;           /* (nullable): ... or are this text without its terminator */
} AsternFwCfgItem;

/* A file that the machine is made of, by its part in it ("bios", "kernel", "module0"); a new reference.  NULL without error:
 * there is none. */
typedef GBytes *(*AsternSourceFunc) (gpointer user, const char *name, GError **error);

typedef enum
{
  ASTERN_IF_DEFAULT,      /* the board's: IDE */
  ASTERN_IF_IDE, ASTERN_IF_FLOPPY, ASTERN_IF_VIRTIO, ASTERN_IF_SCSI, ASTERN_IF_PFLASH,
  ASTERN_IF_NONE,         /* a -device names it */
} AsternDriveInterface;

/* -drive and what is short for it. */
typedef struct
{
  char    *id;
  char    *file;          /* (nullable): nothing is in it */
  char    *format;        /* (nullable): to be found out */
  char    *serial;        /* (nullable) */
  AsternDriveInterface interface;
  gboolean cdrom;
  gint     bus, unit;     /* -1: the next one */
  gint     index;         /* counts units of all buses; -1: not known */
  gboolean readonly, snapshot;
} AsternDriveItem;

/* -device, or one that belongs to a drive. */
typedef struct
{
  char   *driver;
  char   *id;             /* (nullable) */
  GArray *properties;     /* AsternSuboption, without driver and id */
} AsternDeviceItem;

/* -chardev */
typedef struct
{
  char             *id;
  AsternChardevSpec spec;
} AsternChardevItem;

/* -fsdev */
typedef struct
{
  char        *id;
  AsternFsSpec spec;
  gboolean     security_given;
} AsternFsItem;

/* -smbios type=N,KEY=VALUE: one key */
typedef struct
{
  guint type;
  char *key, *value;
} AsternSmbiosItem;

#define ASTERN_ACPI_KEYS 7

/* -acpitable */
typedef struct
{
  char    *files;         /* with a colon between them */
  gboolean whole;         /* they have the header, too */
  char    *header[ASTERN_ACPI_KEYS];    /* (nullable) as given, in option-acpi.c's order */
} AsternAcpiTableItem;

/* -object filter-dump */
typedef struct
{
  char   *id, *netdev, *file;
  guint32 most_bytes;     /* of each frame */
} AsternDumpItem;

/* The image of the medium @number of the drive @id, into @image.  FALSE: there is none, with an error. */
typedef gboolean (*AsternDiskFunc) (gpointer user, const char *id, guint number, AsternDiskImage *image, GError **error);

/* -symbols FILE[@BASE] */
typedef struct
{
  char    *file;
  gboolean has_base;
  guint64  base;          /* where its first segment lies */
} AsternSymbolsItem;

/* The engine that a machine starts with. */
typedef enum
{
  ASTERN_ACCEL_TRANSLATE,
  ASTERN_ACCEL_KVM,
  ASTERN_ACCEL_KVM_OR_TRANSLATE,        /* what the host has */
} AsternAccel;

typedef struct
{
  guint              n_cpus;
  char              *name;              /* (nullable) -name */
  char              *cpu;               /* "max", "x86-64-v2,-avx"; NULL: the default */
  guint64            memory_bytes;
  gboolean           q35;               /* -machine q35, in place of pc */
  gboolean           usb;               /* -usb: the board's controller */
  char              *flash[2];          /* (nullable): ids of drives that are flash memory */
  gboolean           smm;               /* system management mode, where the CPU has it */
  gboolean           hpet;              /* also -no-hpet and -machine hpet=off */
  gboolean           acpi;

  char              *kernel, *initrd, *append;   /* (nullable) */
  GBytes            *kernel_bytes;      /* (nullable) a built-in kernel, instead of a file's */
  char              *bios;              /* (nullable) */
  GPtrArray         *firmware_dirs;     /* char *; -L, in order */
  char              *boot_order;        /* (nullable) letters */
  char              *boot_once;         /* (nullable) letters, until the first reset */
  gboolean           boot_menu, boot_strict;
  char              *boot_splash;       /* (nullable) a picture */
  guint              boot_splash_ms;    /* how long the menu and the picture are there; 0: firmware's own idea */
  gint               boot_retry_ms;     /* after which firmware starts again when nothing boots; -1: never */

  AsternChardevSpec  serials[ASTERN_MAX_SERIALS];
  guint              n_serials;         /* after parsing, defaults are filled in */
  gboolean           serial_given;
  AsternChardevSpec  monitor, debugcon;
  gboolean           monitor_given, debugcon_given;
  AsternChardevSpec  gdb;               /* a server, where it is a socket */
  gboolean           gdb_given;
  AsternGdbOptions   gdb_options;       /* but long_mode, which the CPU decides */
  gboolean           start_stopped;     /* -S */
  gboolean           nographic, display_given, nodefaults;
  AsternVncSpec      vnc;               /* servers of the screen */
  AsternSpiceSpec    spice;
  const AsternVgaCard *vga;             /* (nullable) the card that the machine starts with */
  gboolean           vga_given;         /* -vga was */

  GArray            *drives;            /* AsternDriveItem */
  GArray            *devices;           /* AsternDeviceItem */
  GArray            *chardevs;          /* AsternChardevItem */
  GArray            *netdevs;           /* AsternNetSpec, each with an id */
  GArray            *fsdevs;            /* AsternFsItem */
  GArray            *dumps;             /* AsternDumpItem */
  GArray            *audiodevs;         /* AsternAudioSpec, each with an id */
  char              *pcspk_audiodev;    /* (nullable) -machine pcspk-audiodev= */
  gboolean           network_given;     /* something was said about networks, even if “none” */
  GPtrArray         *device_words;      /* options and arguments, as given, that made those and the like: a recording keeps them */
  gboolean           snapshot;          /* no image is written */
  AsternDiskFunc     disk;              /* (nullable): disks come from here, and not from the host */
  gpointer           disk_user;

  gboolean           debug_exit;
  guint              debug_exit_iobase, debug_exit_iosize;
  GArray            *fw_cfg;            /* AsternFwCfgItem */
  GArray            *symbols;           /* AsternSymbolsItem */

  AsternRtcBase      rtc_base;
  guint64            rtc_date_s;
  gboolean           seed_given;
  guint64            seed;
  gboolean           no_reboot, no_shutdown;
  guint              watchdog_action;   /* WatchdogAction */
  guint              n_parallels;
  char              *uuid;              /* (nullable) */
  GArray            *smbios;            /* AsternSmbiosItem */
  GPtrArray         *smbios_files;      /* char *: a structure each */
  GArray            *acpi_tables;       /* AsternAcpiTableItem */

  AsternAccel        accel;
  AsternKvmIrqchip   kernel_irqchip;    /* whose the interrupt controllers are with “kvm” */
  char              *tier;              /* (nullable) "auto", "interp", "one" */
  gboolean           idle_sleep;        /* -icount sleep=off clears it */
  guint32            log_mask;          /* by AsternEventKind */
  char              *log_file;          /* (nullable) */

  guint64            disk_cache_bytes;  /* most memory for what was written to disks; 0: any amount */
  guint64            history_bytes;     /* most memory for snapshots; 0: no going back */
  guint64            stop_at;           /* G_MAXUINT64: never */
  char              *shift_at;          /* (nullable) where another engine takes over: an expression */
  guint64            shift_ns;          /* when, in guest time; ASTERN_CLOCK_NEVER: not at a time */
  gboolean           state_hash, perf_map;
  char              *record;            /* (nullable) */
  guint32            record_events;     /* by AsternEventKind */
  char              *screendump;        /* (nullable) PNG written at exit */

  gboolean           help;              /* -help was given: show it and leave */
  char              *device_help;       /* (nullable) what -device …help asked for, to be shown in place of it */
  gboolean           log_help;          /* -d help */
  gboolean           version;           /* -version */

  gboolean           told;              /* set before parsing: all that the machine has is told */
  gboolean           replay;            /* what comes from outside is in the recording */
  AsternRecording   *state;             /* (nullable) the saved state that the machine goes on from; owned ... */
  GDestroyNotify     free_state;        /* ... by who put it there */
  gboolean           window;            /* set before parsing: there is one, which has consoles (vc) */
  AsternSourceFunc   source;            /* (nullable): files come from here, and not from the host */
  gpointer           source_user;
} AsternLaunchOptions;

AsternLaunchOptions *astern_launch_options_new   (void);
void                 astern_launch_options_free  (AsternLaunchOptions *options);

/* @args: NULL-terminated, without the program's name.  On failure @options is
 * half filled and only good to be freed. */
gboolean             astern_launch_options_parse (AsternLaunchOptions *options, const char *const *args, GError **error);

/* Whether there is an option of this name, without dashes, that is followed by an argument. */
gboolean             astern_launch_option_takes_argument (const char *name);

/* The help text made from the table; free it. */
char                *astern_launch_options_help  (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternLaunchOptions, astern_launch_options_free)
