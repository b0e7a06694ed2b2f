/* spice - a server of the screen for SPICE clients.
 *
 * The server is shown pictures, whatever the card, and never looks into the guest: what its threads do has no say in
 * the run but by the door.
 *
 * Threads: those of this header: the machine's. */
#pragma once

#include "core/link.h"
#include "host/chardev.h"
#include "host/remote/remote.h"

typedef struct _AsternSpice AsternSpice;

/* -spice.  Zeroed: as without an option. */
typedef struct
{
  AsternRemoteSpec place;
  guint16  tls_port;                /* 0: none */
  char    *x509_dir, *x509_key_file, *x509_key_password, *x509_cert_file, *x509_cacert_file, *x509_dh_key_file, *tls_ciphers;   /* (nullable) */
  char    *secured, *plain;         /* (nullable) names of channels that must, and must not, be TLS; "main,display" */
  guint    image_compression, jpeg, zlib_glz, streaming;   /* the library's numbers; 0: the default */
  gboolean no_copy_paste, no_file_xfer, no_agent_mouse, no_playback_compression;
} AsternSpiceSpec;

void         astern_spice_spec_clear    (AsternSpiceSpec *spec);
/* Sets what QEMU's option @key ("image-compression") says; FALSE: it has no such @value, and *@values lists those that it has. */
gboolean     astern_spice_spec_tune     (AsternSpiceSpec *spec, const char *key, const char *value, char **values);
/* Whether there is such a key. */
gboolean     astern_spice_spec_tunes    (const char *key);

/* Listens and serves from now on.  There can be one. */
AsternSpice *astern_spice_new           (const AsternSpiceSpec *spec, const char *name, const AsternRemoteFuncs *funcs, GError **error);
void         astern_spice_free          (AsternSpice *spice);

/* Rows [first, end) have changed; all of them when the size has. */
void         astern_spice_show          (AsternSpice *spice, const AsternPicture *picture, guint first_row, guint end_row);
/* The card's cursor, which is not in the picture then.  It has no pixels that are XORed. */
void         astern_spice_show_cursor   (AsternSpice *spice, const AsternCursor *cursor);
/* Whether the guest takes the place of the pointer, and not only how far it goes. */
void         astern_spice_set_absolute  (AsternSpice *spice, gboolean absolute);
/* Those who are there: are left alone, make it fail, or are sent away. */
void         astern_spice_set_password  (AsternSpice *spice, const char *password, AsternRemoteConnected connected);
/* When the password ends, in seconds since 1970; 0: never. */
void         astern_spice_set_expiry    (AsternSpice *spice, gint64 when_s);

/* A spicevmc or a spiceport, for as long as the server lives; @link and @chardev are borrowed. */
void         astern_spice_add_line      (AsternSpice *spice, const AsternChardevSpec *spec, AsternChardev *chardev, AsternLink *link);
/* The guest is another one than it was: what was under way on the lines is over. */
void         astern_spice_restart_lines (AsternSpice *spice);

/* Lines about where it listens and who is there. */
void         astern_spice_describe      (AsternSpice *spice, GString *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternSpice, astern_spice_free)
