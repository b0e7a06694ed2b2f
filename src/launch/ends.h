/* ends - the outside ends of a machine: terminals, files and sockets on its ports.
 *
 * Output goes straight from the device to the back end's queue.  Input goes from
 * the host thread through the door to the device; as much as the device has room
 * for, so that nothing that is typed or pasted is lost.
 *
 * Threads: those that say nothing else: the thread that runs the machine. */
#pragma once

#include "core/link.h"
#include "launch/launch.h"

typedef struct _AsternEnds AsternEnds;

/* What a serial port is to its end. */
typedef struct
{
  AsternDevice *device;
  guint         port;                                   /* the door's */
  guint       (*can_receive) (AsternDevice *device);    /* bytes */
} AsternSerialDevice;

AsternEnds    *astern_ends_new  (AsternMachine *machine, const AsternLaunchOptions *options,
                                 const AsternLaunchFront *front, AsternHostLoop *loop);
void           astern_ends_free (AsternEnds *ends);

/* Before open. */
void           astern_ends_add_serial (AsternEnds *ends, guint index, const AsternSerialDevice *device);

/* Opens what the options say; until then output is dropped and nothing is read. */
gboolean       astern_ends_open (AsternEnds *ends, GError **error);
void           astern_ends_close (AsternEnds *ends);

/* The place of @link, for a device of -device; before open.  @spec must outlive the ends. */
void           astern_ends_add_link (AsternEnds *ends, AsternLink *link, const AsternChardevSpec *spec);

/* FALSE: there are not so many.  Between open and close. */
gboolean       astern_ends_line (AsternEnds *ends, guint index, AsternLine *line);

/* For the devices' transmit functions. */
typedef struct _AsternEnd AsternEnd;
AsternEnd     *astern_ends_serial   (AsternEnds *ends, guint index);
AsternEnd     *astern_ends_debugcon (AsternEnds *ends);
void           astern_end_transmit  (gpointer end, const guint8 *data, gsize size);

/* A terminal that the guest and the monitor share is the monitor's now. */
void           astern_ends_give_to_monitor (AsternEnds *ends);

/* (nullable) where the monitor is. */
AsternChardev *astern_ends_monitor  (AsternEnds *ends);
