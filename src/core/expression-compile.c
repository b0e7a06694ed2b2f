/* expression-compile.c - from an expression's text to its stack code.
 *
 * Recursive descent; binary operators by precedence.  Whether a value is signed is known while its code is made, and
 * is not part of the code. */

#include "config.h"

#include "core/expression-private.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  const char           *text, *at;
  ExprToken             token;      /* the next one, not yet taken */
  const AsternCpuClass *klass;
  const AsternNames    *names;
  GArray               *code;       /* ExprInsn */
  guint                 depth;      /* values on the stack after the code so far */
  guint                 nest;
  GError              **error;
} Compiler;

typedef struct { guint8 bits; gboolean is_signed; } Type;

static const Type wide = { 64, FALSE };

static gboolean
fail (Compiler *c, AsternExpressionError code, const char *what)
{
  return astern_expression_fail (c->error, code, c->token.column, "%s", what);
}

static gboolean
syntax_error (Compiler *c, const char *what)
{
  return fail (c, ASTERN_EXPRESSION_ERROR_SYNTAX, what);
}

static gboolean
advance (Compiler *c)
{
  return astern_expression_next_token (c->text, &c->at, &c->token, c->error);
}

static gboolean
is_operator (const Compiler *c, const char *op)
{
  return c->token.kind == TOKEN_OPERATOR && strcmp (c->token.op, op) == 0;
}

static gboolean
expect (Compiler *c, const char *op)
{
  if (is_operator (c, op))
    return advance (c);
  return astern_expression_fail (c->error, ASTERN_EXPRESSION_ERROR_SYNTAX, c->token.column, _("“%s” is expected here."), op);
}

/* ---- code ---- */

static void
emit_insn (Compiler *c, ExprInsn insn)
{
  g_array_append_val (c->code, insn);
}

/* Code that leaves one value more. */
static gboolean
emit_push (Compiler *c, ExprInsn insn)
{
  if (c->depth == EXPR_MAX_STACK)
    return fail (c, ASTERN_EXPRESSION_ERROR_LIMIT, _("This is nested too deeply."));
  c->depth++;
  emit_insn (c, insn);
  return TRUE;
}

/* Code that leaves one value less. */
static void
emit_pop (Compiler *c, ExprOp op)
{
  c->depth--;
  emit_insn (c, (ExprInsn) { .op = op });
}

/* A jump whose target land() fills in. */
static guint
emit_jump (Compiler *c, ExprOp op)
{
  emit_insn (c, (ExprInsn) { .op = op });
  return c->code->len - 1;
}

static void
land (Compiler *c, guint jump)
{
  g_array_index (c->code, ExprInsn, jump).value = c->code->len;
}

/* Memory of @type at the top. */
static void
emit_load (Compiler *c, ExprOp op, Type type)
{
  emit_insn (c, (ExprInsn) { .op = op, .bits = type.bits });
  if (type.is_signed)
    emit_insn (c, (ExprInsn) { .op = EXPR_SIGN_EXTEND, .bits = type.bits });
}

/* ---- operands ---- */

static gboolean compile_ternary (Compiler *c, gboolean *is_signed);
static gboolean compile_unary   (Compiler *c, gboolean *is_signed);

static gboolean
find_type (const char *name, Type *type)
{
  static const struct { const char *name; Type type; } types[] = {
    { "u8", { 8, FALSE } }, { "u16", { 16, FALSE } }, { "u32", { 32, FALSE } }, { "u64", { 64, FALSE } },
    { "s8", { 8, TRUE } },  { "s16", { 16, TRUE } },  { "s32", { 32, TRUE } },  { "s64", { 64, TRUE } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, name) == 0)
      {
        *type = types[i].type;
        return TRUE;
      }
  return FALSE;
}

static gboolean
emit_register (Compiler *c, gint index)
{
  return emit_push (c, (ExprInsn) { .op = EXPR_REGISTER, .arg = (guint16) index,
                                    .bits = (guint8) MIN (c->klass->registers[index].bits, 64) });
}

/* REG.PART */
static gboolean
find_part (Compiler *c, const char *name, gint *index, const AsternRegisterPart **part)
{
  const char *dot = strrchr (name, '.');
  g_autofree char *reg = dot != NULL ? g_strndup (name, (gsize) (dot - name)) : NULL;
  g_autofree char *joined = NULL;

  *part = NULL;
  if (dot == NULL)
    return FALSE;
  for (const AsternRegisterPart *p = c->klass->parts; p != NULL && p->name != NULL; p++)
    if (g_ascii_strcasecmp (p->reg, reg) == 0 && g_ascii_strcasecmp (p->name, dot + 1) == 0)
      {
        *part = p;
        *index = astern_cpu_find_register (c->klass, reg);
        return *index >= 0;
      }
  joined = g_strconcat (reg, "_", dot + 1, NULL);
  *index = astern_cpu_find_register (c->klass, joined);
  return *index >= 0;
}

/* Whether there was such a register; *@ok: whether its code could be made. */
static gboolean
compile_register (Compiler *c, const char *name, gboolean *ok)
{
  const AsternRegisterPart *part = NULL;
  gint index = astern_cpu_find_register (c->klass, name);

  if (index < 0 && !find_part (c, name, &index, &part))
    return FALSE;
  *ok = emit_register (c, index);
  if (*ok && part != NULL)
    emit_insn (c, (ExprInsn) { .op = EXPR_FIELD, .arg = part->low, .bits = part->bits });
  return TRUE;
}

static gboolean
compile_dollar (Compiler *c)
{
  static const struct { const char *name; ExprInsn insn; } known[] = {
    { "icount", { .op = EXPR_ICOUNT } }, { "ns", { .op = EXPR_NS } }, { "cpu", { .op = EXPR_CPU } }, { "pc", { .op = EXPR_PC } },
    { "old", { .op = EXPR_HIT, .arg = EXPR_OLD } },   { "new", { .op = EXPR_HIT, .arg = EXPR_NEW } },
    { "addr", { .op = EXPR_HIT, .arg = EXPR_ADDR } }, { "phys", { .op = EXPR_HIT, .arg = EXPR_PHYS } },
    { "size", { .op = EXPR_HIT, .arg = EXPR_SIZE } }, { "num", { .op = EXPR_HIT, .arg = EXPR_NUM } },
    { "err", { .op = EXPR_HIT, .arg = EXPR_ERR } },
  };
  const char *name = c->token.name;
  gboolean ok;

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_ascii_strcasecmp (known[i].name, name) == 0)
      return emit_push (c, known[i].insn) && advance (c);
  if (compile_register (c, name, &ok))
    return ok && advance (c);
  return astern_expression_fail (c->error, ASTERN_EXPRESSION_ERROR_NAME, c->token.column,
                                 _("There is no register “$%s”."), name);
}

/* The address of the symbol that is the next token. */
static gboolean
compile_symbol (Compiler *c)
{
  guint64 value = 0;

  if (c->names == NULL || !c->names->lookup (c->names->data, c->token.name, &value))
    return astern_expression_fail (c->error, ASTERN_EXPRESSION_ERROR_NAME, c->token.column,
                                   _("There is no symbol or register “%s”; hexadecimal numbers begin with 0x."),
                                   c->token.name);
  return emit_push (c, (ExprInsn) { .op = EXPR_NUMBER, .value = value }) && advance (c);
}

/* [x], of memory of that type; the name before it is taken. */
static gboolean
compile_memory (Compiler *c, ExprOp op, Type type, gboolean *is_signed)
{
  gboolean ignored;

  if (!expect (c, "[") || !compile_ternary (c, &ignored) || !expect (c, "]"))
    return FALSE;
  emit_load (c, op, type);
  *is_signed = type.is_signed;
  return TRUE;
}

static gboolean
compile_name (Compiler *c, gboolean *is_signed)
{
  const char *name = c->token.name;
  gboolean ok;
  Type type;

  *is_signed = FALSE;
  if (find_type (name, &type))
    return advance (c) && compile_memory (c, EXPR_LOAD, type, is_signed);
  if (g_str_has_prefix (name, "phys.") && find_type (name + 5, &type))
    return advance (c) && compile_memory (c, EXPR_LOAD_PHYS, type, is_signed);
  if (compile_register (c, name, &ok))
    return ok && advance (c);
  return compile_symbol (c);
}

static gboolean
compile_operand (Compiler *c, gboolean *is_signed)
{
  *is_signed = FALSE;
  switch (c->token.kind)
    {
    case TOKEN_NUMBER:
      return emit_push (c, (ExprInsn) { .op = EXPR_NUMBER, .value = c->token.number }) && advance (c);
    case TOKEN_NAME:   return compile_name (c, is_signed);
    case TOKEN_SYMBOL: return compile_symbol (c);
    case TOKEN_DOLLAR: return compile_dollar (c);
    case TOKEN_END:    return syntax_error (c, _("Something is missing at the end."));
    default:           return syntax_error (c, _("A number, a register or a symbol is expected here."));
    }
}

/* ---- unary operators ---- */

/* TYPE) or TYPE *), behind the parenthesis.  @pointer is NULL where there may be none. */
static gboolean
take_cast (Compiler *c, Type *type, gboolean *pointer)
{
  gboolean star;

  find_type (c->token.name, type);
  if (!advance (c))
    return FALSE;
  star = is_operator (c, "*");
  if (star && pointer == NULL)
    return syntax_error (c, _("A pointer can only be read from at once: “*(u8 *) (address)”."));
  if (pointer != NULL)
    *pointer = star;
  return (!star || advance (c)) && expect (c, ")");
}

static gboolean
at_type (const Compiler *c)
{
  Type type;

  return c->token.kind == TOKEN_NAME && find_type (c->token.name, &type);
}

/* After '('.  u8[x] may also stand first in parentheses. */
static gboolean
is_cast (const Compiler *c)
{
  const char *next = c->at;

  while (g_ascii_isspace (*next))
    next++;
  return at_type (c) && *next != '[';
}

static gboolean
compile_cast (Compiler *c, gboolean *is_signed)
{
  Type type;
  gboolean ignored;

  if (!take_cast (c, &type, NULL) || !compile_unary (c, &ignored))
    return FALSE;
  if (type.bits < 64)
    emit_insn (c, (ExprInsn) { .op = type.is_signed ? EXPR_SIGN_EXTEND : EXPR_ZERO_EXTEND, .bits = type.bits });
  *is_signed = type.is_signed;
  return TRUE;
}

static gboolean
compile_parentheses (Compiler *c, gboolean *is_signed)
{
  if (!advance (c))
    return FALSE;
  if (is_cast (c))
    return compile_cast (c, is_signed);
  return compile_ternary (c, is_signed) && expect (c, ")");
}

/* * x, *(u8 *) x */
static gboolean
compile_load (Compiler *c, gboolean *is_signed)
{
  Type type = wide;
  gboolean pointer = FALSE, ignored;
  Compiler before;

  if (!advance (c))
    return FALSE;
  before = *c;
  if (is_operator (c, "("))
    {
      if (!advance (c))
        return FALSE;
      if (is_cast (c) && !take_cast (c, &type, &pointer))
        return FALSE;
    }
  if (!pointer)      /* what stands in the parentheses is an operand like others */
    {
      type = wide;
      *c = before;
    }
  if (!compile_unary (c, &ignored))
    return FALSE;
  emit_load (c, EXPR_LOAD, type);
  *is_signed = type.is_signed;
  return TRUE;
}

static gboolean
compile_address (Compiler *c, gboolean *is_signed)
{
  *is_signed = FALSE;
  if (!advance (c))
    return FALSE;
  if (c->token.kind != TOKEN_NAME && c->token.kind != TOKEN_SYMBOL)
    return syntax_error (c, _("Behind “&” a symbol is expected."));
  return compile_symbol (c);
}

/* - ! ~ + */
static gboolean
compile_sign (Compiler *c, gboolean *is_signed)
{
  char op = c->token.op[0];

  if (!advance (c) || !compile_unary (c, is_signed))
    return FALSE;
  if (op != '+')
    emit_insn (c, (ExprInsn) { .op = op == '-' ? EXPR_NEGATE : op == '~' ? EXPR_COMPLEMENT : EXPR_NOT });
  if (op == '!')
    *is_signed = FALSE;
  return TRUE;
}

static gboolean
compile_unary (Compiler *c, gboolean *is_signed)
{
  gboolean ok;

  if (c->nest == EXPR_MAX_NEST)
    return fail (c, ASTERN_EXPRESSION_ERROR_LIMIT, _("This is nested too deeply."));
  c->nest++;
  if (is_operator (c, "("))
    ok = compile_parentheses (c, is_signed);
  else if (is_operator (c, "*"))
    ok = compile_load (c, is_signed);
  else if (is_operator (c, "&"))
    ok = compile_address (c, is_signed);
  else if (is_operator (c, "-") || is_operator (c, "!") || is_operator (c, "~") || is_operator (c, "+"))
    ok = compile_sign (c, is_signed);
  else
    ok = compile_operand (c, is_signed);
  c->nest--;
  return ok;
}

/* ---- binary operators ---- */

typedef enum { SIGN_OF_BOTH, SIGN_OF_LEFT, SIGN_NONE } ResultSign;

typedef struct
{
  const char *op;
  guint8      precedence;      /* the higher, the closer */
  guint8      plain, with_sign;   /* ExprOp */
  guint8      result;          /* ResultSign */
} Binary;

enum { OR_ELSE = 1, AND_THEN = 2, LOWEST = 1 };

static const Binary binaries[] = {
  { "||", OR_ELSE, EXPR_OR_ELSE, EXPR_OR_ELSE, SIGN_NONE },
  { "&&", AND_THEN, EXPR_AND_THEN, EXPR_AND_THEN, SIGN_NONE },
  { "|", 3, EXPR_OR, EXPR_OR, SIGN_OF_BOTH },
  { "^", 4, EXPR_XOR, EXPR_XOR, SIGN_OF_BOTH },
  { "&", 5, EXPR_AND, EXPR_AND, SIGN_OF_BOTH },
  { "==", 6, EXPR_EQ, EXPR_EQ, SIGN_NONE }, { "!=", 6, EXPR_NE, EXPR_NE, SIGN_NONE },
  { "<", 7, EXPR_LT, EXPR_SLT, SIGN_NONE }, { "<=", 7, EXPR_LE, EXPR_SLE, SIGN_NONE },
  { ">", 7, EXPR_GT, EXPR_SGT, SIGN_NONE }, { ">=", 7, EXPR_GE, EXPR_SGE, SIGN_NONE },
  { "<<", 8, EXPR_SHL, EXPR_SHL, SIGN_OF_LEFT }, { ">>", 8, EXPR_SHR, EXPR_SAR, SIGN_OF_LEFT },
  { "+", 9, EXPR_ADD, EXPR_ADD, SIGN_OF_BOTH }, { "-", 9, EXPR_SUB, EXPR_SUB, SIGN_OF_BOTH },
  { "*", 10, EXPR_MUL, EXPR_MUL, SIGN_OF_BOTH }, { "/", 10, EXPR_DIV, EXPR_SDIV, SIGN_OF_BOTH },
  { "%", 10, EXPR_MOD, EXPR_SMOD, SIGN_OF_BOTH },
};

static const Binary *
find_binary (const Compiler *c)
{
  if (c->token.kind == TOKEN_OPERATOR)
    for (guint i = 0; i < G_N_ELEMENTS (binaries); i++)
      if (strcmp (binaries[i].op, c->token.op) == 0)
        return &binaries[i];
  return NULL;
}

static gboolean compile_binary (Compiler *c, guint lowest, gboolean *is_signed);

/* The right side of && or ||. */
static gboolean
compile_lazy (Compiler *c, const Binary *binary)
{
  guint jump = emit_jump (c, binary->plain);
  gboolean ignored;

  c->depth--;
  if (!compile_binary (c, binary->precedence + 1u, &ignored))
    return FALSE;
  emit_insn (c, (ExprInsn) { .op = EXPR_BOOL });
  land (c, jump);
  return TRUE;
}

static gboolean
compile_right (Compiler *c, const Binary *binary, gboolean *is_signed)
{
  gboolean left = *is_signed, right, any;

  if (binary->precedence <= AND_THEN)
    {
      *is_signed = FALSE;
      return compile_lazy (c, binary);
    }
  if (!compile_binary (c, binary->precedence + 1u, &right))
    return FALSE;
  any = binary->result == SIGN_OF_LEFT ? left : left || right;
  emit_pop (c, any ? binary->with_sign : binary->plain);
  *is_signed = binary->result != SIGN_NONE && any;
  return TRUE;
}

static gboolean
compile_binary (Compiler *c, guint lowest, gboolean *is_signed)
{
  const Binary *binary;

  if (!compile_unary (c, is_signed))
    return FALSE;
  while ((binary = find_binary (c)) != NULL && binary->precedence >= lowest)
    if (!advance (c) || !compile_right (c, binary, is_signed))
      return FALSE;
  return TRUE;
}

/* ---- all of it ---- */

static gboolean
compile_arms (Compiler *c, gboolean *is_signed)
{
  guint otherwise = emit_jump (c, EXPR_JUMP_ZERO), end;
  gboolean first, second;

  c->depth--;
  if (!advance (c) || !compile_ternary (c, &first) || !expect (c, ":"))
    return FALSE;
  end = emit_jump (c, EXPR_JUMP);
  land (c, otherwise);
  c->depth--;
  if (!compile_ternary (c, &second))
    return FALSE;
  land (c, end);
  *is_signed = first || second;
  return TRUE;
}

static gboolean
compile_ternary (Compiler *c, gboolean *is_signed)
{
  gboolean ok;

  if (c->nest == EXPR_MAX_NEST)
    return fail (c, ASTERN_EXPRESSION_ERROR_LIMIT, _("This is nested too deeply."));
  c->nest++;
  ok = compile_binary (c, LOWEST, is_signed) && (!is_operator (c, "?") || compile_arms (c, is_signed));
  c->nest--;
  return ok;
}

gboolean
astern_expression_compile (const char *text, const AsternCpuClass *klass, const AsternNames *names, GArray *code,
                           gboolean *is_signed, GError **error)
{
  Compiler c = { .text = text, .at = text, .klass = klass, .names = names, .code = code, .error = error };

  if (strlen (text) > ASTERN_EXPRESSION_LENGTH)
    return astern_expression_fail (error, ASTERN_EXPRESSION_ERROR_LIMIT, ASTERN_EXPRESSION_LENGTH + 1,
                                   _("The expression is too long."));
  if (!advance (&c) || !compile_ternary (&c, is_signed))
    return FALSE;
  if (c.token.kind != TOKEN_END)
    return syntax_error (&c, _("The expression was complete before this."));
  g_assert (c.depth == 1);
  return TRUE;
}
