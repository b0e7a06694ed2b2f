/* link - the wire from a device to the outside: a serial line, a network cable, a speaker.
 *
 * What is sent goes out at once, as bytes or as one frame a call.  What comes from outside comes through
 * the door (inputs.h), at a port of the link's name.  While the past is executed again nothing goes out.
 *
 * A link has no state of its own: a device that hears of `connected` keeps it in its own, and sets it when that is restored.
 *
 * Threads: send, attach, has_room: the thread that runs the machine; room may be asked on the host's. */
#pragma once

#include "core/inputs.h"

typedef struct _AsternDevice  AsternDevice;
typedef struct _AsternMachine AsternMachine;

typedef struct
{
  char            *name;          /* the door's port: "serial0", "net0" */
  AsternMachine   *machine;       /* borrowed; (nullable) in unit tests */
  guint            port;          /* the door's */
  guint            plug;          /* the door's, for whether it is plugged in; with astern_link_add_plug() */
  /* The device's side. */
  gpointer         device;        /* NULL: nobody is attached, what comes is dropped */
  AsternInputFunc  input;         /* at the door: bytes, or one frame */
  guint          (*room)    (gpointer device);   /* bytes, or frames, that it would take now; a hint, from any thread; NULL: always some */
  void           (*changed) (gpointer device);   /* (nullable): connected changed, at the door */
  gboolean       (*is_open) (gpointer device);   /* (nullable): whether the guest has opened its end; NULL: always */
  /* The outside's. */
  void           (*send)    (gpointer user, const guint8 *data, gsize size);   /* NULL: dropped */
  /* (nullable) came through the door at the head of the run, told before the device hears it. */
  void           (*delivered) (gpointer user, const guint8 *data, gsize size);
  void           (*taken)     (gpointer user);      /* (nullable) the same, told when the device has it: its room() says so */
  void           (*roomy)     (gpointer user);    /* (nullable) astern_link_has_room() */
  void           (*opened)    (gpointer user, gboolean open);   /* (nullable) astern_link_set_open() */
  gpointer         user;
  gboolean         large;         /* it takes TCP segments of up to 64 KiB in one frame; set before power-on */
  gboolean         connected;     /* the cable is plugged in, somebody listens; set by the outside before power-on or at the door */
} AsternLink;

/* Makes a port of that name.  @machine NULL: a unit test's, which sets `send` and calls `input` itself. */
AsternLink *astern_link_new    (AsternMachine *machine, const char *name);
void        astern_link_free   (AsternLink *link);

/* A device takes its end.  Once. */
void        astern_link_attach (AsternLink *link, gpointer device, AsternInputFunc input, guint (*room) (gpointer device));

/* Something on the other side comes and goes: makes a port "NAME.plug", in which that comes, of which a device hears that has
 * `changed`.  Before power-on. */
void        astern_link_add_plug (AsternLink *link, gboolean connected);
/* Any thread. */
void        astern_link_set_plugged (AsternLink *link, gboolean connected);

/* The guest has opened or closed its end.  @link may be NULL. */
void        astern_link_set_open (AsternLink *link, gboolean open);
gboolean    astern_link_is_open  (const AsternLink *link);

/* @link may be NULL: dropped. */
void        astern_link_send   (AsternLink *link, gconstpointer data, gsize size);

/* FALSE: what is sent is dropped, as while the past is executed again.  @link may be NULL. */
gboolean    astern_link_is_heard (AsternLink *link);

/* A device that had no room has some again: what waits is to come.  @link may be NULL. */
void        astern_link_has_room (AsternLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternLink, astern_link_free)
