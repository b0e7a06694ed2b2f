/* expression-lex.c - the words of an expression. */

#include "config.h"

#include "core/expression-private.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_QUARK (astern-expression-error-quark, astern_expression_error)

gboolean
astern_expression_fail (GError **error, AsternExpressionError code, guint column, const char *format, ...)
{
  va_list args;
  g_autofree char *what = NULL;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, ASTERN_EXPRESSION_ERROR, code, _("Column %u: %s"), column, what);
  return FALSE;
}

static gboolean
starts_name (char c)
{
  return g_ascii_isalpha (c) || c == '_';
}

/* A dot belongs to a name when more of it follows: "cs.base", "copy.isra.0". */
static gboolean
continues_name (const char *at)
{
  return g_ascii_isalnum (*at) || *at == '_' || (*at == '.' && (g_ascii_isalnum (at[1]) || at[1] == '_'));
}

static gboolean
take_name (const char **at, ExprToken *token, GError **error)
{
  const char *end = *at;
  gsize length;

  while (continues_name (end))
    end++;
  length = (gsize) (end - *at);
  if (length >= MAX_NAME)
    return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_LIMIT, token->column, _("This name is too long."));
  memcpy (token->name, *at, length);
  token->name[length] = '\0';
  *at = end;
  return TRUE;
}

static gboolean
take_quoted (const char **at, ExprToken *token, GError **error)
{
  const char *start = *at + 1, *end = strchr (start, '\'');

  token->kind = TOKEN_SYMBOL;
  if (end == NULL)
    return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_SYNTAX, token->column,
                                   _("The quotation mark has no other behind the name."));
  if (end == start || end - start >= MAX_NAME)
    return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_SYNTAX, token->column,
                                   _("This name is empty, or too long."));
  memcpy (token->name, start, (gsize) (end - start));
  token->name[end - start] = '\0';
  *at = end + 1;
  return TRUE;
}

static gboolean
take_number (const char **at, ExprToken *token, GError **error)
{
  guint base = 10;
  const char *p = *at;
  gboolean any = FALSE;

  if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
    base = 16, p += 2;
  else if (p[0] == '0' && (p[1] == 'b' || p[1] == 'B'))
    base = 2, p += 2;
  else if (p[0] == '0')
    base = 8;
  token->kind = TOKEN_NUMBER;
  token->number = 0;
  for (; g_ascii_isxdigit (*p) && (guint) g_ascii_xdigit_value (*p) < base; p++)
    {
      guint digit = (guint) g_ascii_xdigit_value (*p);

      if (token->number > (G_MAXUINT64 - digit) / base)
        return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_SYNTAX, token->column,
                                       _("This number has more than 64 bits."));
      token->number = token->number * base + digit;
      any = TRUE;
    }
  if (!any || g_ascii_isalnum (*p) || *p == '_' || *p == '.')
    return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_SYNTAX, token->column,
                                   _("This is not a number; hexadecimal ones begin with 0x."));
  *at = p;
  return TRUE;
}

static gboolean
take_operator (const char **at, ExprToken *token, GError **error)
{
  static const char *const two[] = { "<<", ">>", "<=", ">=", "==", "!=", "&&", "||" };

  token->kind = TOKEN_OPERATOR;
  for (guint i = 0; i < G_N_ELEMENTS (two); i++)
    if (strncmp (*at, two[i], 2) == 0)
      {
        memcpy (token->op, two[i], 3);
        *at += 2;
        return TRUE;
      }
  if (**at == '=')
    return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_SYNTAX, token->column,
                                   _("An expression changes nothing; to compare, write “==”."));
  if (strchr ("+-*/%<>&^|!~?:()[]", **at) == NULL)
    return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_SYNTAX, token->column,
                                   _("This character has no meaning in an expression."));
  token->op[0] = **at;
  token->op[1] = '\0';
  (*at)++;
  return TRUE;
}

gboolean
astern_expression_next_token (const char *text, const char **at, ExprToken *token, GError **error)
{
  while (g_ascii_isspace (**at))
    (*at)++;
  token->column = (guint) (*at - text) + 1;
  token->op[0] = '\0';
  if (**at == '\0')
    {
      token->kind = TOKEN_END;
      return TRUE;
    }
  if (**at == '$')
    {
      (*at)++;
      token->kind = TOKEN_DOLLAR;
      if (!starts_name (**at))
        return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_SYNTAX, token->column,
                                       _("Behind “$” a register's name is expected."));
      return take_name (at, token, error);
    }
  if (starts_name (**at))
    {
      token->kind = TOKEN_NAME;
      return take_name (at, token, error);
    }
  if (g_ascii_isdigit (**at))
    return take_number (at, token, error);
  return **at == '\'' ? take_quoted (at, token, error) : take_operator (at, token, error);
}
