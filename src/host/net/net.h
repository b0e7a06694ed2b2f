/* net - network back ends: what is at the other end of a network card's cable.
 *
 * A back end takes and gives whole Ethernet frames, without their CRC, on the host's thread.  What joins it to a
 * machine is a wire (wire.h).
 *
 * Threads: spec, open and close: any but the host's; the rest: the host's, unless said otherwise. */
#pragma once

#include "host/loop.h"

#define ASTERN_NET_ERROR (astern_net_error_quark ())

typedef enum
{
  ASTERN_NET_ERROR_USAGE,         /* a word of the specification is wrong */
  ASTERN_NET_ERROR_UNAVAILABLE,   /* known, but not there */
  ASTERN_NET_ERROR_HOST,          /* the host could not */
} AsternNetError;

GQuark astern_net_error_quark (void);

#define ASTERN_NET_MAX_FRAME (68u * 1024)      /* bytes */

typedef struct _AsternNet      AsternNet;
typedef struct _AsternNetClass AsternNetClass;

/* What was asked for: the kind and its words. */
typedef struct
{
  const AsternNetClass *klass;
  char                 *id;          /* (nullable) */
  GPtrArray            *words;       /* char *: name, value, name, value ... in order */
} AsternNetSpec;

/* A word of a kind's. */
typedef struct
{
  const char *name;                  /* QEMU's; a name may come several times if `many` */
  gboolean    many;
  const char *refused;               /* (nullable) N_(): why only "off" or "no" may be said */
} AsternNetWord;

struct _AsternNetClass
{
  const char          *name;         /* "user" */
  gsize                instance_size;   /* of the struct that begins with AsternNet */
  const AsternNetWord *words;        /* ended by a NULL name */
  /* Whether the words make sense; looks at nothing of the host. */
  gboolean (*check)    (const AsternNetSpec *spec, GError **error);
  /* Opens, and attaches its sources to the loop.  On failure close() is called, too. */
  gboolean (*open)     (AsternNet *net, const AsternNetSpec *spec, GError **error);
  /* On the host's thread: destroys the sources. */
  void     (*close)    (AsternNet *net);
  /* (nullable) after it, on the thread that closes: the rest. */
  void     (*finish)   (AsternNet *net);
  void     (*send)     (AsternNet *net, const guint8 *frame, gsize size);
  void     (*resume)   (AsternNet *net);             /* (nullable) there is room again */
  gboolean large;                /* it takes TCP segments of up to 64 KiB in one frame */
  char    *(*describe) (AsternNet *net);             /* (nullable) one line and more, for people */
  gboolean (*forward)  (AsternNet *net, gboolean add, const char *rule, GError **error);   /* (nullable) hostfwd */
};

/* A back end's struct begins with this. */
struct _AsternNet
{
  const AsternNetClass *klass;
  AsternHostLoop       *loop;
  char                 *id;
  void                (*frame) (gpointer user, const guint8 *frame, gsize size);
  void                (*released) (gpointer user);      /* (nullable) */
  gboolean            (*room)  (gpointer user);
  gpointer              user;
  guint                 held;
};

/* ---- specifications ---- */

/* FALSE: there is no such kind. */
gboolean       astern_net_spec_init  (AsternNetSpec *spec, const char *kind, GError **error);
void           astern_net_spec_clear (AsternNetSpec *spec);
gboolean       astern_net_spec_set   (AsternNetSpec *spec, const char *name, const char *value, GError **error);
gboolean       astern_net_spec_check (const AsternNetSpec *spec, GError **error);
/* (nullable) the last one of that name. */
const char    *astern_net_spec_get   (const AsternNetSpec *spec, const char *name);
/* "on", "yes", "true", "y"; @fallback when it was not said. */
gboolean       astern_net_spec_switch (const AsternNetSpec *spec, const char *name, gboolean fallback);

/* ---- back ends ---- */

AsternNet     *astern_net_open       (AsternHostLoop *loop, const AsternNetSpec *spec, GError **error);
void           astern_net_close      (AsternNet *net);

/* Before the loop could have read anything that must not be lost; any thread.  @released (nullable): behind each frame
 * that was not delivered by a back end that is held, and when it is not held any more. */
void           astern_net_receive    (AsternNet *net, void (*frame) (gpointer user, const guint8 *frame, gsize size),
                                      void (*released) (gpointer user), gboolean (*room) (gpointer user), gpointer user);
void           astern_net_send       (AsternNet *net, const guint8 *frame, gsize size);
void           astern_net_resume     (AsternNet *net);

/* Any thread but the host's.  Free it. */
char          *astern_net_describe   (AsternNet *net);
gboolean       astern_net_forward    (AsternNet *net, gboolean add, const char *rule, GError **error);

/* For back ends. */
void           astern_net_deliver    (AsternNet *net, const guint8 *frame, gsize size);
gboolean       astern_net_has_room   (AsternNet *net);
/* What is delivered in between may go on together. */
void           astern_net_hold       (AsternNet *net);
void           astern_net_release    (AsternNet *net);
gboolean       astern_net_fail       (GError **error, AsternNetError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

extern const AsternNetClass astern_net_user, astern_net_tap, astern_net_bridge, astern_net_socket, astern_net_stream,
                            astern_net_dgram, astern_net_hubport;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternNet, astern_net_close)
