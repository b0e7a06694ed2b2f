/* kallsyms.c - a Linux kernel's table of its own symbols, found in bytes of memory.
 * Source: Linux, scripts/kallsyms.c and kernel/kallsyms.c, of 4.6 to 6.18.
 * Left out: modules' symbols; kernels before 4.6; tables whose offsets are relative to their own place.
 *
 * What the table consists of, each part aligned to a pointer:
 *
 *   names         for each symbol a length (one byte, or two of seven bits each) and so many tokens, a byte each
 *   markers       where each 256th name begins, in 32 bits (before 4.20 in a pointer)
 *   token_table   256 strings, one behind the other: what the tokens stand for
 *   token_index   where in it each token begins, 16 bits
 *   num_syms      how many there are
 *   offsets       from relative_base, 32 bits; or addresses
 *
 * Until 6.3 the order is offsets, relative_base, num_syms, names, markers, token_table, token_index; from 6.4 on
 * num_syms, names, markers, token_table, token_index, offsets, relative_base.  Between markers and token_table, or at
 * the end, there may be the symbols' order by name (seqs_of_names).
 *
 * The search starts from the tokens of the ten digits, which stand for themselves. */
#include "config.h"

#include "launch/kallsyms.h"

#include "core/bytes.h"

#include <string.h>

#define N_TOKENS     256
#define MAX_TOKEN    512            /* bytes of a token's string */
#define MAX_NAME     1024           /* bytes of a symbol's name */
#define MIN_SYMBOLS  2048
#define MAX_SYMBOLS  (1u << 22)
#define PER_MARKER   256
#define LEAST_STEP   (PER_MARKER * 2u)       /* between two markers: a length and a token for each name */
#define MOST_STEP    (PER_MARKER * 520u)

static gsize
align (gsize at, guint to)
{
  return (at + to - 1) & ~(gsize) (to - 1);
}

/* ---- tokens ---- */

/* The strings from @at on: where those of so many end; 0: they are none. */
static gsize
skip_strings (const AsternKallsyms *k, gsize at, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      const guint8 *end = at < k->size ? memchr (k->data + at, 0, MIN (k->size - at, MAX_TOKEN)) : NULL;

      if (end == NULL)
        return 0;
      at = (gsize) (end - k->data) + 1;
    }
  return at;
}

static guint
token_offset (const AsternKallsyms *k, guint token)
{
  return astern_get_le16 (k->data + k->token_index + token * 2);
}

/* Whether the index at `token_index` describes strings, '0' being at @digit. */
static gboolean
index_fits (AsternKallsyms *k, gsize digit)
{
  guint at = 0;

  if (k->token_index + N_TOKENS * 2 > k->size || token_offset (k, '0') > digit)
    return FALSE;
  k->token_table = digit - token_offset (k, '0');
  for (guint i = 0; i < N_TOKENS; i++)
    {
      const guint8 *end;

      if (token_offset (k, i) != at)
        return FALSE;
      end = memchr (k->data + k->token_table + at, 0, MIN (k->token_index - k->token_table - at, MAX_TOKEN));
      if (end == NULL)
        return FALSE;
      at = (guint) (end - (k->data + k->token_table)) + 1;
    }
  return k->token_table + at <= k->token_index;
}

/* @digit: where the tokens of the digits begin. */
static gboolean
find_index (AsternKallsyms *k, gsize digit)
{
  gsize end = skip_strings (k, digit, N_TOKENS - '0');

  if (end == 0)
    return FALSE;
  k->token_index = align (end, k->word);
  return index_fits (k, digit);
}

/* ---- names ---- */

/* The name's first token; 0: there is no name.  *@length: of how many tokens it is. */
static gsize
name_tokens (const AsternKallsyms *k, gsize at, gsize end, guint *length)
{
  if (at >= end)
    return 0;
  *length = k->data[at++];
  if (*length & 0x80)
    {
      if (at >= end)
        return 0;
      *length = (*length & 0x7f) | (guint) k->data[at++] << 7;
    }
  return *length > 0 && *length <= end - at ? at : 0;
}

static guint64
marker_at (const AsternKallsyms *k, guint entry, guint index)
{
  const guint8 *at = k->data + k->markers + (gsize) index * entry;

  return entry == 8 ? astern_get_le64 (at) : astern_get_le32 (at);
}

/* How many numbers from `markers` on, up to @end, could be markers. */
static guint
count_markers (const AsternKallsyms *k, guint entry, gsize end)
{
  guint n = 1;

  if (marker_at (k, entry, 0) != 0)
    return 0;
  while (k->markers + (gsize) (n + 1) * entry <= end)
    {
      guint64 step = marker_at (k, entry, n) - marker_at (k, entry, n - 1);

      if (step < LEAST_STEP || step > MOST_STEP)
        break;
      n++;
    }
  return n;
}

/* Whether `n` names from `names` on end where the markers begin, and are where these say. */
static gboolean
names_fit (const AsternKallsyms *k, guint entry)
{
  gsize at = k->names;

  for (guint i = 0; i < k->n; i++)
    {
      guint length;

      if (i % PER_MARKER == 0 && at - k->names != marker_at (k, entry, i / PER_MARKER))
        return FALSE;
      at = name_tokens (k, at, k->markers, &length);
      if (at == 0)
        return FALSE;
      at += length;
    }
  return align (at, k->word) == k->markers;
}

/* The number of symbols stands before the names. */
static gboolean
find_names (AsternKallsyms *k, guint entry, guint n_markers)
{
  guint64 most = marker_at (k, entry, n_markers - 1) + MOST_STEP;

  for (gsize back = k->word; back <= most && back + k->word <= k->markers; back += k->word)
    {
      guint needed;

      k->names = k->markers - back;
      k->n = astern_get_le32 (k->data + k->names - k->word);
      if (k->n < MIN_SYMBOLS || k->n > MAX_SYMBOLS || (k->word == 8 && astern_get_le32 (k->data + k->names - 4) != 0))
        continue;
      needed = (k->n + PER_MARKER - 1) / PER_MARKER;
      if (needed <= n_markers && marker_at (k, entry, needed - 1) < back && names_fit (k, entry))
        return TRUE;
    }
  return FALSE;
}

/* Behind the markers there is nothing but padding or seqs_of_names, up to four bytes a symbol. */
static gboolean
find_markers (AsternKallsyms *k, guint entry)
{
  gsize lowest = k->token_table > (gsize) MAX_SYMBOLS * 6 ? k->token_table - (gsize) MAX_SYMBOLS * 6 : 0;

  for (gsize at = k->token_table & ~(gsize) (k->word - 1); at >= lowest + k->word; at -= k->word)
    {
      guint n;

      k->markers = at - k->word;
      if (k->markers + (gsize) entry * (MIN_SYMBOLS / PER_MARKER) > k->token_table)
        continue;
      n = count_markers (k, entry, k->token_table);
      if (n >= MIN_SYMBOLS / PER_MARKER && find_names (k, entry, n))
        return TRUE;
    }
  return FALSE;
}

/* ---- addresses ---- */

static guint64
word_at (const AsternKallsyms *k, gsize at)
{
  return k->word == 8 ? astern_get_le64 (k->data + at) : astern_get_le32 (k->data + at);
}

static guint64
address_at (const AsternKallsyms *k, guint index)
{
  gint32 offset;

  if (k->form == ASTERN_KALLSYMS_ADDRESSES)
    return word_at (k, k->addresses + (gsize) index * k->word);
  offset = (gint32) astern_get_le32 (k->data + k->addresses + (gsize) index * 4);
  if (k->form == ASTERN_KALLSYMS_RELATIVE)
    return k->base + (guint32) offset;
  return offset >= 0 ? (guint64) offset : k->base - 1 - (guint64) (gint64) offset;
}

static gboolean
is_kernel_address (const AsternKallsyms *k, guint64 address)
{
  return k->word == 8 ? address >= G_GUINT64_CONSTANT (0xffff800000000000) : address >= 0x40000000 && address <= G_MAXUINT32;
}

/* Symbols are in the order of their addresses, and nearly all are the kernel's. */
static gboolean
addresses_fit (const AsternKallsyms *k)
{
  guint64 before = 0;
  guint kernel = 0;

  for (guint i = 0; i < k->n; i++)
    {
      guint64 address = address_at (k, i);

      if (address < before)
        return FALSE;
      before = address;
      kernel += is_kernel_address (k, address);
    }
  return kernel > k->n / 10 * 9;
}

/* The two places at which offsets and their base, or addresses, may be. */
static gboolean
try_addresses (AsternKallsyms *k, AsternKallsymsForm form, gboolean before_names)
{
  gsize bytes = align (form == ASTERN_KALLSYMS_ADDRESSES ? (gsize) k->n * k->word : (gsize) k->n * 4, k->word);
  gsize needed = bytes + (form == ASTERN_KALLSYMS_ADDRESSES ? 0 : k->word);
  gsize num_syms = k->names - k->word;
  gsize base_at;

  k->form = form;
  if (before_names ? needed > num_syms : needed > k->size - align (k->token_index + N_TOKENS * 2, k->word))
    return FALSE;
  k->addresses = before_names ? num_syms - needed : align (k->token_index + N_TOKENS * 2, k->word);
  base_at = k->addresses + bytes;
  k->base = form == ASTERN_KALLSYMS_ADDRESSES ? 0 : word_at (k, base_at);
  return addresses_fit (k);
}

static gboolean
find_addresses (AsternKallsyms *k)
{
  static const AsternKallsymsForm forms[] = { ASTERN_KALLSYMS_PERCPU, ASTERN_KALLSYMS_RELATIVE, ASTERN_KALLSYMS_ADDRESSES };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    for (guint before_names = 0; before_names < 2; before_names++)
      if (try_addresses (k, forms[i], before_names != 0))
        return TRUE;
  return FALSE;
}

/* ---- all of it ---- */

static gboolean
find_around (AsternKallsyms *k, gsize digit)
{
  static const struct { guint word, marker; } shapes[] = { { 8, 4 }, { 4, 4 }, { 8, 8 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      k->word = shapes[i].word;
      if (find_index (k, digit) && find_markers (k, shapes[i].marker) && find_addresses (k))
        return TRUE;
    }
  return FALSE;
}

gboolean
astern_kallsyms_find (const guint8 *data, gsize size, gsize from, AsternKallsyms *found)
{
  static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";      /* with its own end */
  AsternKallsyms k = { .data = data, .size = size };

  while (from < size)
    {
      const guint8 *hit = memmem (data + from, size - from, digits, sizeof digits);

      if (hit == NULL)
        return FALSE;
      if (find_around (&k, (gsize) (hit - data)) && k.token_table >= from)
        {
          *found = k;
          return TRUE;
        }
      from = (gsize) (hit - data) + 1;
    }
  return FALSE;
}

/* The type and the name; FALSE: it is too long, or empty. */
static gboolean
expand (const AsternKallsyms *k, gsize tokens, guint length, char name[MAX_NAME + 1])
{
  gsize used = 0;

  for (guint i = 0; i < length; i++)
    {
      const char *token = (const char *) k->data + k->token_table + token_offset (k, k->data[tokens + i]);
      gsize bytes = strlen (token);

      if (bytes > MAX_NAME - used)
        return FALSE;
      memcpy (name + used, token, bytes);
      used += bytes;
    }
  name[used] = '\0';
  return used >= 2;
}

void
astern_kallsyms_each (const AsternKallsyms *k,
                      gboolean (*visit) (const char *name, char type, guint64 address, gpointer user), gpointer user)
{
  gsize at = k->names;

  for (guint i = 0; i < k->n; i++)
    {
      char name[MAX_NAME + 1];
      guint length;

      at = name_tokens (k, at, k->markers, &length);
      if (at == 0)
        return;
      if (expand (k, at, length, name) && !visit (name + 1, name[0], address_at (k, i), user))
        return;
      at += length;
    }
}
