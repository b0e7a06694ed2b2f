/* memory.c - m, M, x, X, qSearch, qCRC. */
#include "config.h"

#include "gdbstub/gdbstub-private.h"

#include <string.h>

#define CHUNK       4096
/* The machine and whoever else asks wait for a search or a sum, so that they take some seconds at most. */
#define MOST_SEARCH (G_GUINT64_CONSTANT (1) << 32)
#define MOST_SUM    (G_GUINT64_CONSTANT (1) << 28)

static AsternSpace
space (const AsternGdbStub *stub)
{
  return stub->session.physical ? ASTERN_SPACE_PHYSICAL : ASTERN_SPACE_LINEAR;
}

static gsize
read_bytes (AsternGdbStub *stub, guint64 address, gpointer data, gsize size)
{
  astern_gdb_cpu (stub, stub->session.general_cpu);
  return astern_debugger_read_memory (stub->debugger, stub->session.general_cpu, space (stub), address, data, size);
}

/* ADDRESS,LENGTH */
static gboolean
take_range (AsternGdbCursor *in, guint64 *address, guint64 *size)
{
  return astern_gdb_take_hex (in, address) && astern_gdb_take_char (in, ',') && astern_gdb_take_hex (in, size);
}

static AsternGdbOutcome
too_long (AsternGdbStub *stub)
{
  return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, "That is too long a piece of memory to look at in one go.");
}

static AsternGdbOutcome
not_there (AsternGdbStub *stub)
{
  return astern_gdb_refuse (stub, ASTERN_GDB_EFAULT, "There is no memory at that address.");
}

/* What could be read of what was asked for: as much as fits into a reply.  NULL: nothing. */
static GByteArray *
take_and_read (AsternGdbStub *stub, guint64 address, guint64 size, gsize most)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_set_size (bytes, (guint) MIN (size, most));
  g_byte_array_set_size (bytes, (guint) read_bytes (stub, address, bytes->data, bytes->len));
  return bytes->len > 0 ? g_steal_pointer (&bytes) : NULL;
}

/* m ADDRESS,LENGTH */
AsternGdbOutcome
astern_gdb_read_memory (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 address, size;
  g_autoptr (GByteArray) bytes = NULL;

  if (!take_range (in, &address, &size) || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  if (size == 0)
    return ASTERN_GDB_REPLY;
  bytes = take_and_read (stub, address, size, ASTERN_GDB_MOST_PACKET / 2);
  if (bytes == NULL)
    return not_there (stub);
  astern_gdb_say_hex (stub->reply, bytes->data, bytes->len);
  return ASTERN_GDB_REPLY;
}

/* x ADDRESS,LENGTH: `b` and the bytes as they are.  lldb asks for nothing at address 0 first, and then wants them
 * without a letter. */
AsternGdbOutcome
astern_gdb_read_binary (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 address, size;
  g_autoptr (GByteArray) bytes = NULL;

  if (!take_range (in, &address, &size) || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  if (size == 0 && address == 0)
    {
      stub->session.bare_binary_reads = TRUE;
      return astern_gdb_ok (stub);
    }
  bytes = take_and_read (stub, address, size, ASTERN_GDB_MOST_PACKET / 2 - 1);
  if (size > 0 && bytes == NULL)
    return not_there (stub);
  if (!stub->session.bare_binary_reads)
    astern_gdb_say (stub->reply, "b");
  if (bytes != NULL)
    g_byte_array_append (stub->reply, bytes->data, bytes->len);
  return ASTERN_GDB_REPLY;
}

static AsternGdbOutcome
write_bytes (AsternGdbStub *stub, guint64 address, const guint8 *data, gsize size)
{
  g_autofree guint8 *now = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;

  /* What is there already is not written: it would begin a branch of history for nothing. */
  if (read_bytes (stub, address, now, size) == size && memcmp (now, data, size) == 0)
    return astern_gdb_ok (stub);
  if (!astern_debugger_write_memory (stub->debugger, stub->session.general_cpu, space (stub), address, data, size, &error))
    return astern_gdb_refuse (stub, ASTERN_GDB_EFAULT, error != NULL ? error->message : NULL);
  return astern_gdb_ok (stub);
}

/* M ADDRESS,LENGTH:XX… */
AsternGdbOutcome
astern_gdb_write_memory (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 address, size;
  g_autoptr (GByteArray) bytes = NULL;

  if (!take_range (in, &address, &size) || !astern_gdb_take_char (in, ':'))
    return astern_gdb_malformed (stub);
  bytes = astern_gdb_take_bytes (in);
  if (bytes->len != size || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  return write_bytes (stub, address, bytes->data, bytes->len);
}

/* X ADDRESS,LENGTH:bytes.  gdb finds out with a length of 0 whether there is such a packet. */
AsternGdbOutcome
astern_gdb_write_binary (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 address, size;

  if (!take_range (in, &address, &size) || !astern_gdb_take_char (in, ':') || (guint64) (in->end - in->at) != size)
    return astern_gdb_malformed (stub);
  return write_bytes (stub, address, (const guint8 *) in->at, size);
}

/* ---- searches ---- */

static const guint8 *
find (const guint8 *data, gsize size, const guint8 *pattern, gsize pattern_size)
{
  return memmem (data, size, pattern, pattern_size);
}

/* Searches [address, address + size) for @pattern, in pieces that overlap by the pattern's length. */
static gboolean
search (AsternGdbStub *stub, guint64 address, guint64 size, const guint8 *pattern, gsize pattern_size, guint64 *found,
        gboolean *fault)
{
  gsize most = CHUNK + pattern_size;
  g_autofree guint8 *data = g_malloc (most);

  while (size >= pattern_size)
    {
      gsize piece = MIN (size, most);
      const guint8 *hit;

      *fault = read_bytes (stub, address, data, piece) != piece;
      if (*fault)
        return FALSE;
      hit = find (data, piece, pattern, pattern_size);
      if (hit != NULL)
        {
          *found = address + (guint64) (hit - data);
          return TRUE;
        }
      if (piece == size)
        return FALSE;
      address += piece - (pattern_size - 1);
      size -= piece - (pattern_size - 1);
    }
  return FALSE;
}

/* qSearch:memory:ADDRESS;LENGTH;pattern */
AsternGdbOutcome
astern_gdb_search (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 address, size, found;
  gboolean fault = FALSE;

  if (!astern_gdb_take_char (in, ':') || !astern_gdb_take_hex (in, &address) || !astern_gdb_take_char (in, ';') ||
      !astern_gdb_take_hex (in, &size) || !astern_gdb_take_char (in, ';') || astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  if (size > MOST_SEARCH)
    return too_long (stub);
  if (search (stub, address, size, (const guint8 *) in->at, (gsize) (in->end - in->at), &found, &fault))
    astern_gdb_printf (stub->reply, "1,%" G_GINT64_MODIFIER "x", found);
  else if (fault)
    return not_there (stub);
  else
    astern_gdb_say (stub->reply, "0");
  return ASTERN_GDB_REPLY;
}

/* The sum that gdb's `compare-sections` wants: polynomial 04c11db7, highest bit first; a byte at a time. */
static void
make_crc_table (guint32 table[256])
{
  for (guint i = 0; i < 256; i++)
    {
      table[i] = i << 24;
      for (guint bit = 0; bit < 8; bit++)
        table[i] = table[i] << 1 ^ ((table[i] >> 31) != 0 ? 0x04c11db7u : 0);
    }
}

static guint32
add_to_crc (const guint32 table[256], guint32 crc, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    crc = crc << 8 ^ table[crc >> 24 ^ data[i]];
  return crc;
}

/* qCRC:ADDRESS,LENGTH */
AsternGdbOutcome
astern_gdb_crc (AsternGdbStub *stub, AsternGdbCursor *in)
{
  guint64 address, size;
  guint32 table[256], crc = G_MAXUINT32;
  guint8 data[CHUNK];

  if (!astern_gdb_take_char (in, ':') || !take_range (in, &address, &size) || !astern_gdb_at_end (in))
    return astern_gdb_malformed (stub);
  if (size > MOST_SUM)
    return too_long (stub);
  make_crc_table (table);
  while (size > 0)
    {
      gsize piece = MIN (size, sizeof data);

      if (read_bytes (stub, address, data, piece) != piece)
        return not_there (stub);
      crc = add_to_crc (table, crc, data, piece);
      address += piece;
      size -= piece;
    }
  astern_gdb_printf (stub->reply, "C%x", crc);
  return ASTERN_GDB_REPLY;
}
