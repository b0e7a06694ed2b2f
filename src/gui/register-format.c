/* register-format.c - see register-format.h.
 * Source: of segments, Intel SDM vol. 3, 3.4.5; of the 80-bit format, vol. 1, 4.2.2.
 *
 * Left out: 80-bit values that no CPU since the 387 makes (unnormals) are shown as the number that their bits say. */
#include "config.h"

#include "gui/register-format.h"

#include "arch/x86/state.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

G_DEFINE_QUARK (astern-register-format-error-quark, astern_register_format_error)

typedef enum { WHOLE, UNSIGNED, SIGNED, FLOATING } Kind;

static const struct { const char *name; guint8 size; guint8 kind; } formats[ASTERN_N_REGISTER_FORMATS] = {
  [ASTERN_REGISTER_HEX] = { "hex", 0, WHOLE },
  [ASTERN_REGISTER_U8] = { "u8", 1, UNSIGNED }, [ASTERN_REGISTER_U16] = { "u16", 2, UNSIGNED },
  [ASTERN_REGISTER_U32] = { "u32", 4, UNSIGNED }, [ASTERN_REGISTER_U64] = { "u64", 8, UNSIGNED },
  [ASTERN_REGISTER_S8] = { "s8", 1, SIGNED }, [ASTERN_REGISTER_S16] = { "s16", 2, SIGNED },
  [ASTERN_REGISTER_S32] = { "s32", 4, SIGNED }, [ASTERN_REGISTER_S64] = { "s64", 8, SIGNED },
  [ASTERN_REGISTER_FLOAT] = { "float", 4, FLOATING }, [ASTERN_REGISTER_DOUBLE] = { "double", 8, FLOATING },
  [ASTERN_REGISTER_EXTENDED] = { "extended", 10, FLOATING },
};

const char *
astern_register_format_name (AsternRegisterFormat format)
{
  return formats[format].name;
}

gint
astern_register_format_named (const char *name)
{
  for (gint i = 0; i < ASTERN_N_REGISTER_FORMATS; i++)
    if (g_str_equal (formats[i].name, name))
      return i;
  return -1;
}

static gboolean
fail (GError **error, const char *text, const char *why)
{
  g_set_error (error, ASTERN_REGISTER_FORMAT_ERROR, 0, why, text);
  return FALSE;
}

/* ---- 80 bits ---- */

static long double
load_extended (const guint8 *bytes)
{
  guint exponent = (bytes[8] | bytes[9] << 8) & 0x7fff;
  guint64 mantissa;
  long double value;

  memcpy (&mantissa, bytes, sizeof mantissa);
  mantissa = GUINT64_FROM_LE (mantissa);
  if (exponent == 0x7fff)
    value = mantissa << 1 == 0 ? HUGE_VALL : nanl ("");
  else
    value = ldexpl ((long double) mantissa, (int) MAX (exponent, 1) - 16383 - 63);
  return bytes[9] & 0x80 ? -value : value;
}

static void
store_extended (guint8 *bytes, long double value)
{
  guint64 mantissa = 0;
  int exponent = 0;

  if (isnan (value))
    mantissa = G_GUINT64_CONSTANT (3) << 62, exponent = 0x7fff;
  else if (isinf (value))
    mantissa = G_GUINT64_CONSTANT (1) << 63, exponent = 0x7fff;
  else if (value != 0)
    {
      mantissa = (guint64) ldexpl (frexpl (fabsl (value), &exponent), 64);
      exponent += 16382;
      if (exponent <= 0)        /* denormal */
        {
          mantissa = exponent > -64 ? mantissa >> (1 - exponent) : 0;
          exponent = 0;
        }
    }
  mantissa = GUINT64_TO_LE (mantissa);
  memcpy (bytes, &mantissa, sizeof mantissa);
  bytes[8] = (guint8) exponent;
  bytes[9] = (guint8) (exponent >> 8 | (signbit (value) ? 0x80 : 0));
}

/* The point is one here, whatever the locale has. */
static char *
with_point (char *text, const char *from, const char *to)
{
  char *at = strstr (text, from), *result;

  if (at == NULL || g_str_equal (from, to))
    return text;
  *at = '\0';
  result = g_strconcat (text, to, at + strlen (from), NULL);
  g_free (text);
  return result;
}

static void
append_extended (GString *text, const guint8 *bytes)
{
  char digits[64];
  g_autofree char *result = NULL;

  snprintf (digits, sizeof digits, "%.20Lg", load_extended (bytes));
  result = with_point (g_strdup (digits), localeconv ()->decimal_point, ".");
  g_string_append (text, result);
}

static gboolean
parse_extended (const char *word, guint8 *bytes)
{
  g_autofree char *local = with_point (g_strdup (word), ".", localeconv ()->decimal_point);
  char *end;
  long double value = strtold (local, &end);

  if (end == local || *end != '\0')
    return FALSE;
  store_extended (bytes, value);
  return TRUE;
}

/* ---- to text ---- */

static void
append_hex (GString *text, const guint8 *bytes, gsize size)
{
  g_string_append (text, "0x");
  for (gsize i = size; i-- > 0;)
    g_string_append_printf (text, "%02x", bytes[i]);
}

static void
append_floating (GString *text, const guint8 *bytes, gsize size)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  guint32 bits;
  guint64 wide;
  float single;
  double value;

  if (size == 4)
    {
      memcpy (&bits, bytes, sizeof bits);
      bits = GUINT32_FROM_LE (bits);
      memcpy (&single, &bits, sizeof single);
      value = (double) single;
    }
  else
    {
      memcpy (&wide, bytes, sizeof wide);
      wide = GUINT64_FROM_LE (wide);
      memcpy (&value, &wide, sizeof value);
    }
  g_string_append (text, g_ascii_formatd (digits, sizeof digits, size == 4 ? "%.9g" : "%.17g", value));
}

static void
append_lane (GString *text, Kind kind, const guint8 *bytes, gsize size)
{
  guint64 value = 0;

  if (kind == FLOATING && size == 10)
    append_extended (text, bytes);
  else if (kind == FLOATING)
    append_floating (text, bytes, size);
  else
    {
      memcpy (&value, bytes, size);
      value = GUINT64_FROM_LE (value);
      if (kind == SIGNED)
        g_string_append_printf (text, "%" G_GINT64_FORMAT, (gint64) (value << (64 - 8 * size)) >> (64 - 8 * size));
      else
        g_string_append_printf (text, "%" G_GUINT64_FORMAT, value);
    }
}

char *
astern_register_format (AsternRegisterFormat format, const guint8 *bytes, gsize size)
{
  GString *text = g_string_new (NULL);
  gsize lane = formats[format].size;

  if (lane == 0 || lane > size)
    append_hex (text, bytes, size);
  else
    for (gsize at = 0; at + lane <= size; at += lane)
      {
        g_string_append (text, at > 0 ? " " : "");
        append_lane (text, formats[format].kind, bytes + at, lane);
      }
  return g_string_free (text, FALSE);
}

/* ---- from text ---- */

gboolean
astern_register_fits (guint64 value, guint bits)
{
  return bits >= 64 || value >> bits == 0 || (gint64) value >> (bits - 1) == -1;
}

static gboolean
parse_hex (const char *text, guint8 *bytes, gsize size, GError **error)
{
  const char *digits = g_ascii_strncasecmp (text, "0x", 2) == 0 ? text + 2 : text;
  gsize n = strlen (digits);

  if (n == 0 || strspn (digits, "0123456789abcdefABCDEF") != n)
    return fail (error, text, _("“%s” is not a hexadecimal number."));
  while (n > 2 * size && digits[0] == '0')
    digits++, n--;
  if (n > 2 * size)
    return fail (error, text, _("“%s” does not fit into this register."));
  memset (bytes, 0, size);
  for (gsize i = 0; i < n; i++)
    bytes[i / 2] |= (guint8) (g_ascii_xdigit_value (digits[n - 1 - i]) << (i % 2 * 4));
  return TRUE;
}

static gboolean
parse_integer (const char *word, guint8 *bytes, gsize size, GError **error)
{
  gboolean negative = word[0] == '-', binary;
  const char *digits = word + (negative || word[0] == '+');
  guint64 value;
  char *end;

  binary = g_ascii_strncasecmp (digits, "0b", 2) == 0;
  errno = 0;
  value = g_ascii_strtoull (digits + (binary ? 2 : 0), &end, binary ? 2 : g_ascii_strncasecmp (digits, "0x", 2) == 0 ? 16 : 10);
  if (!g_ascii_isdigit (digits[0]) || *end != '\0')
    return fail (error, word, _("“%s” is not a number."));
  if (errno == ERANGE || (negative ? value > G_GUINT64_CONSTANT (1) << (8 * size - 1) : size < 8 && value >> (8 * size) != 0))
    return fail (error, word, _("“%s” does not fit into a lane."));
  value = GUINT64_TO_LE (negative ? -value : value);
  memcpy (bytes, &value, size);
  return TRUE;
}

static gboolean
parse_floating (const char *word, guint8 *bytes, gsize size, GError **error)
{
  double value;
  float single;
  guint32 bits;
  guint64 wide;
  char *end;

  if (size == 10)
    return parse_extended (word, bytes) || fail (error, word, _("“%s” is not a number."));
  value = g_ascii_strtod (word, &end);
  if (end == word || *end != '\0')
    return fail (error, word, _("“%s” is not a number."));
  if (size == 4)
    {
      single = (float) value;
      memcpy (&bits, &single, sizeof bits);
      bits = GUINT32_TO_LE (bits);
      memcpy (bytes, &bits, sizeof bits);
    }
  else
    {
      memcpy (&wide, &value, sizeof wide);
      wide = GUINT64_TO_LE (wide);
      memcpy (bytes, &wide, sizeof wide);
    }
  return TRUE;
}

static gboolean
parse_lanes (AsternRegisterFormat format, const char *text, guint8 *bytes, gsize size, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (text, " ,{}\t", -1);
  gsize lane = formats[format].size, n = 0;

  for (char **word = words; *word != NULL; word++)
    if ((*word)[0] == '\0')
      continue;
    else if ((n + 1) * lane > size)
      return fail (error, text, _("“%s” has more numbers than this register has lanes."));
    else if (!(formats[format].kind == FLOATING ? parse_floating : parse_integer) (*word, bytes + n * lane, lane, error))
      return FALSE;
    else
      n++;
  if (n != 1 && n != size / lane)
    return fail (error, text, _("“%s” has neither one number nor one for each lane."));
  return TRUE;
}

gboolean
astern_register_parse (AsternRegisterFormat format, const char *text, guint8 *bytes, gsize size, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  gboolean whole = g_ascii_strncasecmp (stripped, "0x", 2) == 0 && strlen (stripped) == 2 + 2 * size;
  guint8 parsed[ASTERN_REGISTER_BYTES];

  memcpy (parsed, bytes, size);
  if (format == ASTERN_REGISTER_HEX || whole || formats[format].size > size
      ? !parse_hex (stripped, parsed, size, error) : !parse_lanes (format, stripped, parsed, size, error))
    return FALSE;
  memcpy (bytes, parsed, size);
  return TRUE;
}

/* ---- what bits mean ---- */

char *
astern_register_describe_parts (const AsternRegisterPart *parts, const char *reg, guint64 value)
{
  GString *text = NULL;

  for (const AsternRegisterPart *part = parts; part != NULL && part->name != NULL; part++)
    if (g_str_equal (part->reg, reg))
      {
        guint64 bits = value >> part->low & ((G_GUINT64_CONSTANT (1) << part->bits) - 1);
        g_autofree char *name = g_ascii_strup (part->name, -1);

        text = text != NULL ? text : g_string_new (NULL);
        if (bits != 0)
          g_string_append_printf (text, part->bits > 1 ? "%s%s=%u" : "%s%s", text->len > 0 ? " " : "", name, (guint) bits);
      }
  return text != NULL ? g_string_free (text, FALSE) : NULL;
}

static const char *
system_name (guint type, gboolean long_mode)
{
  static const char *const names[16] = {
    NULL, N_("available 16-bit TSS"), N_("LDT"), N_("busy 16-bit TSS"), N_("16-bit call gate"), N_("task gate"),
    N_("16-bit interrupt gate"), N_("16-bit trap gate"), NULL, N_("available 32-bit TSS"), NULL, N_("busy 32-bit TSS"),
    N_("32-bit call gate"), NULL, N_("32-bit interrupt gate"), N_("32-bit trap gate"),
  };

  if (long_mode && type == 9)
    return _("available 64-bit TSS");
  if (long_mode && type == 11)
    return _("busy 64-bit TSS");
  return names[type] != NULL ? _(names[type]) : _("reserved");
}

char *
astern_register_describe_segment (guint64 base, guint64 limit, guint16 attr, gboolean long_mode)
{
  guint type = attr & X86_ATTR_TYPE;
  gboolean code = type & 8, segment = attr & X86_ATTR_S;
  GString *text;

  if (attr & X86_ATTR_UNUSABLE)
    return g_strdup (_("unusable"));
  text = g_string_new (segment ? code ? _("code") : _("data") : system_name (type, long_mode));
  if (segment && (code || !long_mode))
    g_string_append (text, code && attr & X86_ATTR_L ? " 64-bit" : attr & X86_ATTR_DB ? " 32-bit" : " 16-bit");
  g_string_append_printf (text, _(", DPL %u, base %" PRIx64 ", limit %" PRIx64),
                          X86_ATTR_DPL_OF (attr), base, limit);
  if (segment)
    g_string_append (text, code ? type & 2 ? _(", readable") : _(", execute only") : type & 2 ? _(", writable") : _(", read only"));
  if (segment && type & 4)
    g_string_append (text, code ? _(", conforming") : _(", expands down"));
  if (segment && type & 1)
    g_string_append (text, _(", accessed"));
  if (!(attr & X86_ATTR_P))
    g_string_append (text, _(", not present"));
  if (attr & X86_ATTR_G)
    g_string_append (text, ", G");
  if (attr & X86_ATTR_AVL)
    g_string_append (text, ", AVL");
  return g_string_free (text, FALSE);
}
