/* launch - options into a wired machine: board, engine, devices, host.
 *
 * Threads: the thread that will run the machine; the front's functions are called
 * on the host thread. */
#pragma once

#include "arch/x86/features.h"
#include "core/expression.h"
#include "core/link.h"
#include "core/machine.h"
#include "core/symbols.h"
#include "host/chardev.h"
#include "host/idle.h"
#include "host/mux.h"
#include "launch/debug-info.h"
#include "launch/drives.h"
#include "launch/image.h"
#include "launch/options.h"
#include "launch/sources.h"

typedef struct _AsternLaunch  AsternLaunch;
typedef struct _AsternNetwork AsternNetwork;
typedef struct _AsternUsb     AsternUsb;
typedef struct _AsternSound   AsternSound;

/* Where a person at a terminal is heard.  Any may be NULL. */
typedef struct
{
  /* Bytes for the monitor; @out is where its answers go. */
  void   (*monitor)  (gpointer user, AsternChardev *out, const guint8 *data, gsize size);
  /* The monitor has a place of its own, @out, and somebody is there now. */
  void   (*arrived)  (gpointer user, AsternChardev *out);
  /* ... or nobody, or nothing more will be typed there. */
  void   (*left)     (gpointer user, AsternChardev *out);
  /* HELP, QUIT or SWITCH was typed after Ctrl-A on @out; @monitor: who has the terminal now. */
  void   (*terminal) (gpointer user, AsternChardev *out, AsternMuxEvent event, gboolean monitor);
  /* A console of the window's (vc) was opened: “serial0”, “debugcon”, “monitor”; NULL: it will be closed.  The machine's
   * thread, before the machine runs and after it. */
  void   (*console)  (gpointer user, const char *name, AsternChardev *chardev);
  gpointer user;
} AsternLaunchFront;

/* A -chardev whose far end is a part of this program. */
typedef struct
{
  const AsternChardevSpec *spec;
  AsternChardev           *chardev;
  AsternLink              *link;
} AsternLine;

struct _AsternLaunch
{
  AsternMachine             *machine;
  const AsternLaunchOptions *options;   /* borrowed */
  AsternHostLoop            *loop;
  AsternNetwork             *network;   /* launch/network.h */
  AsternSound               *sound;     /* launch/sound.h */
  AsternSymbols             *symbols;   /* of the kernel and of -symbols */
  AsternNames                names;     /* the same, for expressions */
  AsternDebugInfo           *debug_info;   /* the same files', and the demo guest's */
  gboolean                   long_mode; /* the CPU has it */
  gboolean                   smm;       /* the board has system management mode */
  AsternDrives              *drives;
  AsternUsb                 *usb;       /* launch/usb.h */
};

/* Checks and reads everything before the machine is made; opens the terminal
 * last.  @options and @front must outlive the launch. */
AsternLaunch *astern_launch            (const AsternLaunchOptions *options, const AsternLaunchFront *front, GError **error);
/* Of the options, where the engine can go back; 0: it cannot. */
guint64       astern_launch_history_bytes  (const AsternLaunch *launch);
void          astern_launch_free       (AsternLaunch *launch);

/* Sends what is still queued for the outside and gives the terminal back; the
 * machine can still be looked at, but not run. */
void          astern_launch_close_terminals (AsternLaunch *launch);

/* (nullable) where the monitor is: a place of its own, or a terminal shared with the guest. */
AsternChardev *astern_launch_monitor         (AsternLaunch *launch);
/* Such a terminal is the monitor's now. */
void          astern_launch_give_to_monitor (AsternLaunch *launch);

/* FALSE: there are not so many.  Until the terminals are closed. */
gboolean      astern_launch_line       (AsternLaunch *launch, guint index, AsternLine *line);

/* Reset as by the button, and a -kernel put into place again. */
void          astern_launch_reset      (AsternLaunch *launch);

/* What the machine was made of. */
const X86Features   *astern_launch_features (AsternLaunch *launch);
const AsternSources *astern_launch_sources  (AsternLaunch *launch);
/* Arguments of a -device for each that came since (char *): absent. */
const GPtrArray     *astern_launch_later_devices (AsternLaunch *launch);

/* The time in which the machine stood still is not to be caught up with. */
void          astern_launch_resume     (AsternLaunch *launch);

/* The screen as it is now, as a PNG file. */
gboolean      astern_launch_screendump (AsternLaunch *launch, const char *path, const char *device, guint head, GError **error);

/* The lines of a text screen; NULL in a graphics mode or without a VGA card.  Free it. */
char         *astern_launch_screen_text (AsternLaunch *launch);

/* A USB device is plugged in, @words as those of -device, or pulled out, through the door. */
gboolean      astern_launch_device_add (AsternLaunch *launch, const char *words, GError **error);
gboolean      astern_launch_device_del (AsternLaunch *launch, const char *id, GError **error);

/* Through the door, so from any thread. */
void          astern_launch_press_power_button (AsternLaunch *launch);
/* "ctrl-alt-delete": names as QEMU's. */
gboolean      astern_launch_send_keys  (AsternLaunch *launch, const char *chord, GError **error);
/* One key, as numbered in hw/ps2-keyboard.h. */
void          astern_launch_key        (AsternLaunch *launch, guint16 number, gboolean down);
/* How far the pointer went, as in hw/ps2-mouse.h; @buttons: Ps2MouseButtons that are down now. */
void          astern_launch_mouse      (AsternLaunch *launch, gint dx, gint dy, gint dz, guint8 buttons);
/* Where the pointer is: 0 .. HUMAN_POINTER_MAX from the left and the top of the screen. */
void          astern_launch_pointer    (AsternLaunch *launch, guint x, guint y, gint dz, guint8 buttons);
/* The guest has a device that takes it: a tablet.  The machine's thread, or while it is stopped. */
gboolean      astern_launch_points     (AsternLaunch *launch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternLaunch, astern_launch_free)
