/* bytes - little-endian numbers in and out of byte arrays, at any alignment.
 *
 * Threads: any. */
#pragma once

#include <glib.h>
#include <string.h>

static inline guint16
astern_get_le16 (const guint8 *at)
{
  return (guint16) (at[0] | at[1] << 8);
}

static inline guint32
astern_get_le32 (const guint8 *at)
{
  return (guint32) astern_get_le16 (at) | (guint32) astern_get_le16 (at + 2) << 16;
}

static inline guint64
astern_get_le64 (const guint8 *at)
{
  return (guint64) astern_get_le32 (at) | (guint64) astern_get_le32 (at + 4) << 32;
}

static inline void
astern_put_le16 (guint8 *at, guint16 value)
{
  at[0] = (guint8) value;
  at[1] = (guint8) (value >> 8);
}

static inline void
astern_put_le32 (guint8 *at, guint32 value)
{
  astern_put_le16 (at, (guint16) value);
  astern_put_le16 (at + 2, (guint16) (value >> 16));
}

static inline void
astern_put_le64 (guint8 *at, guint64 value)
{
  astern_put_le32 (at, (guint32) value);
  astern_put_le32 (at + 4, (guint32) (value >> 32));
}
