/* fields.c - tables of state bytes, see fields.h.
 *
 * The hash is our own: four lanes of rotate and multiply over little-endian
 * 8-byte words, folded and finished with the multiply-xorshift that also makes
 * our random numbers.  It is no protection against someone who makes collisions. */
#include "config.h"

#include "core/fields.h"

#include <glib/gi18n.h>
#include <string.h>

#define K0 G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)
#define K1 G_GUINT64_CONSTANT (0xc2b2ae3d27d4eb4f)
#define K2 G_GUINT64_CONSTANT (0xd6e8feb86659fd93)
#define K3 G_GUINT64_CONSTANT (0xa0761d6478bd642f)

static inline guint64
rotate (guint64 x, guint bits)
{
  return x << bits | x >> (64 - bits);
}

static inline guint64
word_at (const guint8 *p)
{
  guint64 w;

  memcpy (&w, p, 8);
  return GUINT64_FROM_LE (w);
}

static inline guint64
finish (guint64 x)
{
  x = (x ^ x >> 32) * K2;
  x = (x ^ x >> 29) * K3;
  return x ^ x >> 32;
}

static inline guint64
mix (guint64 lane, guint64 word)
{
  return rotate (lane ^ word, 29) * K0;
}

guint64
astern_hash_bytes (guint64 hash, gconstpointer data, gsize size)
{
  const guint8 *p = data;
  guint64 h = mix (hash + K1, size);

  if (size >= 32)
    {
      guint64 a = h, b = h ^ K1, c = h ^ K2, d = h ^ K3;
      const guint8 *end = p + (size & ~(gsize) 31);

      for (; p < end; p += 32)
        {
          a = mix (a, word_at (p));
          b = mix (b, word_at (p + 8));
          c = mix (c, word_at (p + 16));
          d = mix (d, word_at (p + 24));
        }
      h = mix (mix (mix (finish (a), finish (b)), finish (c)), finish (d));
      size &= 31;
    }
  for (; size >= 8; p += 8, size -= 8)
    h = mix (h, word_at (p));
  if (size > 0)
    {
      guint64 last = 0;

      for (gsize i = 0; i < size; i++)
        last |= (guint64) p[i] << 8 * i;
      h = mix (h, last);
    }
  return finish (h);
}

static guint64
load (gconstpointer p, guint size)
{
  switch (size)
    {
    case 1: return *(const guint8 *) p;
    case 2: { guint16 v; memcpy (&v, p, 2); return v; }
    case 4: { guint32 v; memcpy (&v, p, 4); return v; }
    case 8: { guint64 v; memcpy (&v, p, 8); return v; }
    default: g_assert_not_reached ();
    }
}

static const GVariantType *
element_type (guint size)
{
  switch (size)
    {
    case 1: return G_VARIANT_TYPE_BYTE;
    case 2: return G_VARIANT_TYPE_UINT16;
    case 4: return G_VARIANT_TYPE_UINT32;
    case 8: return G_VARIANT_TYPE_UINT64;
    default: g_assert_not_reached ();
    }
}

static GVariant *
save_scalar (guint64 value, guint size)
{
  switch (size)
    {
    case 1: return g_variant_new_byte ((guint8) value);
    case 2: return g_variant_new_uint16 ((guint16) value);
    case 4: return g_variant_new_uint32 ((guint32) value);
    default: return g_variant_new_uint64 (value);
    }
}

/* A field of one element is a scalar, of several an array. */
static GVariant *
save_field (const AsternField *field, gconstpointer state)
{
  const guint8 *at = (const guint8 *) state + field->offset;

  if (field->count == 1)
    return save_scalar (load (at, field->size), field->size);
  return g_variant_new_fixed_array (element_type (field->size), at, field->count, field->size);
}

GVariant *
astern_fields_save (const AsternField *fields, guint n_fields, gconstpointer state)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < n_fields; i++)
    g_variant_builder_add (&builder, "{sv}", fields[i].name, save_field (&fields[i], state));
  return g_variant_builder_end (&builder);
}

static gboolean
load_field (const AsternField *field, GVariant *value, guint8 *state)
{
  guint8 *at = state + field->offset;
  gsize count;
  gconstpointer elements;

  if (field->count == 1)
    {
      if (!g_variant_is_of_type (value, element_type (field->size)))
        return FALSE;
      memcpy (at, g_variant_get_data (value), field->size);
      return TRUE;
    }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_ARRAY)
      || !g_variant_type_equal (g_variant_type_element (g_variant_get_type (value)),
                                element_type (field->size)))
    return FALSE;
  elements = g_variant_get_fixed_array (value, &count, field->size);
  if (count != field->count)
    return FALSE;
  memcpy (at, elements, count * field->size);
  return TRUE;
}

gboolean
astern_fields_load (const AsternField *fields, guint n_fields, guint version, GVariant *saved,
                    gpointer state, gsize state_size, GError **error)
{
  g_autofree guint8 *copy = g_memdup2 (state, state_size);

  for (guint i = 0; i < n_fields; i++)
    {
      const AsternField *field = &fields[i];
      g_autoptr (GVariant) value = NULL;

      if (field->since > version)
        continue;
      value = g_variant_lookup_value (saved, field->name, NULL);
      if (value == NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _("The saved state lacks “%s”."), field->name);
          return FALSE;
        }
      if (!load_field (field, value, copy))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _("The saved state has “%s” in a form that this version does not read."),
                       field->name);
          return FALSE;
        }
    }
  memcpy (state, copy, state_size);
  return TRUE;
}

guint64
astern_fields_hash (const AsternField *fields, guint n_fields, gconstpointer state, guint64 hash)
{
  for (guint i = 0; i < n_fields; i++)
    {
      const AsternField *field = &fields[i];
      const guint8 *at = (const guint8 *) state + field->offset;

      if (G_BYTE_ORDER == G_LITTLE_ENDIAN || field->size == 1)
        hash = astern_hash_bytes (hash, at, (gsize) field->count * field->size);
      else
        {
          g_autofree guint8 *ordered = g_malloc ((gsize) field->count * field->size);

          for (guint32 e = 0; e < field->count; e++)
            for (guint b = 0; b < field->size; b++)
              ordered[e * field->size + b] = (guint8) (load (at + e * field->size, field->size) >> 8 * b);
          hash = astern_hash_bytes (hash, ordered, (gsize) field->count * field->size);
        }
    }
  return hash;
}

gboolean
astern_fields_cover (const AsternField *fields, guint n_fields, gsize state_size, gsize *wrong_offset)
{
  g_autofree guint8 *named = g_malloc0 (state_size + 1);

  for (guint i = 0; i < n_fields; i++)
    {
      gsize end = fields[i].offset + (gsize) fields[i].count * fields[i].size;

      for (gsize at = fields[i].offset; at < end; at++)
        if (at >= state_size || named[at]++ != 0)
          {
            *wrong_offset = at;
            return FALSE;
          }
    }
  for (gsize at = 0; at < state_size; at++)
    if (!named[at])
      {
        *wrong_offset = at;
        return FALSE;
      }
  return TRUE;
}
