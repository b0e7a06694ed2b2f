/* img - what the commands of `astern img` share.
 *
 * Threads: the main thread. */
#pragma once

#include "host/images/disk-file.h"
#include "session/exit.h"

/* What the commands return; those of qemu-img. */
enum
{
  IMG_OK            = 0,
  IMG_FAILED        = 1,
  IMG_DIFFERENT     = 1,     /* compare */
  IMG_COMPARE_ERROR = 2,
  IMG_CORRUPT       = 2,     /* check */
  IMG_LEAKS         = 3,
  IMG_UNCHECKED     = 63,
};

/* Options of a command, and what stands beside them.  FALSE: it has been said why, or the help was shown. */
typedef struct
{
  const char         *name;        /* "create" */
  const char         *arguments;   /* "FILE [SIZE]" */
  const char         *summary;
  const GOptionEntry *entries;
  guint               min, max;    /* how many arguments */
} ImgCommand;

char   **img_parse       (const ImgCommand *command, const char *const *args, int *status);
/* "human" or "json". */
gboolean img_is_json     (const char *output, gboolean *json, GError **error);
/* Says @error and returns @status. */
int      img_fail        (GError *error, int status);
/* "10 MiB" */
char    *img_size        (guint64 bytes);
/* A number, with a fraction and a unit k, M, G, T, P or E; bytes without. */
gboolean img_parse_size  (const char *text, guint64 *size, GError **error);
void     img_progress    (gboolean wanted, guint64 done, guint64 total);
void     img_print_json  (GVariant *value);
/* -o key=value,…, given more than once; commas in values are written twice. */
gboolean img_parse_options (char **lists, AsternDiskFileOptions *options, GHashTable *strings, GError **error);

int      img_create      (const char *const *args);
int      img_info        (const char *const *args);
int      img_check       (const char *const *args);
int      img_convert     (const char *const *args);
int      img_commit      (const char *const *args);
int      img_compare     (const char *const *args);
int      img_map         (const char *const *args);
int      img_rebase      (const char *const *args);
int      img_resize      (const char *const *args);
int      img_snapshot    (const char *const *args);
