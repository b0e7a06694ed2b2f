/* p9 - messages of 9P2000.L as bytes.
 *
 * A reader goes over foreign bytes and remembers whether they were too few or made no sense; what it gives then is zero
 * or empty.  What is written is appended to an array.
 *
 * Threads: any; a message belongs to its maker.
 * Units:   bytes; numbers are little-endian. */
#pragma once

#include <glib.h>

#define P9_HEADER     7                 /* size of 4, type of 1, tag of 2 */
#define P9_NO_TAG     0xffff
#define P9_NO_FID     G_MAXUINT32
#define P9_MOST_NAME  255
#define P9_MOST_WALK  16

/* Requests; the answer to one has the next number. */
enum
{
  P9_LERROR = 6, P9_STATFS = 8, P9_LOPEN = 12, P9_LCREATE = 14, P9_SYMLINK = 16, P9_MKNOD = 18, P9_RENAME = 20,
  P9_READLINK = 22, P9_GETATTR = 24, P9_SETATTR = 26, P9_XATTRWALK = 30, P9_XATTRCREATE = 32, P9_READDIR = 40,
  P9_FSYNC = 50, P9_LOCK = 52, P9_GETLOCK = 54, P9_LINK = 70, P9_MKDIR = 72, P9_RENAMEAT = 74, P9_UNLINKAT = 76,
  P9_VERSION = 100, P9_AUTH = 102, P9_ATTACH = 104, P9_FLUSH = 108, P9_WALK = 110, P9_READ = 116, P9_WRITE = 118,
  P9_CLUNK = 120, P9_REMOVE = 122,
};

typedef struct
{
  const guint8 *at, *end;
  gboolean      bad;
} P9Reader;

/* What a server says of a file to name it for good. */
typedef struct
{
  guint8  type;
  guint32 version;
  guint64 path;
} P9Qid;

enum { P9_QID_DIRECTORY = 0x80, P9_QID_SYMLINK = 0x02, P9_QID_FILE = 0x00 };

guint64 p9_get        (P9Reader *reader, guint size);
/* A string without NULs; never NULL. */
char   *p9_get_string (P9Reader *reader);
/* A name of one file: not empty, no slash, not too long; “.” and “..” are names. */
char   *p9_get_name   (P9Reader *reader);
/* @size bytes, or fewer when there are no more and the message is bad. */
const guint8 *p9_get_bytes (P9Reader *reader, gsize size);

void    p9_put        (GByteArray *message, guint size, guint64 value);
void    p9_put_string (GByteArray *message, const char *text);
void    p9_put_qid    (GByteArray *message, const P9Qid *qid);
/* At a place that is there. */
void    p9_set        (GByteArray *message, gsize offset, guint size, guint64 value);
