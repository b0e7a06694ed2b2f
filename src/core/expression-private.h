/* expression-private - an expression's stack code, between its compiler and its evaluation.
 *
 * Threads: plain data. */
#pragma once

#include "core/expression.h"

/* name: what it does to the stack (a below b, top last) */
typedef enum
{
  /* Push. */
  EXPR_NUMBER,      /* value */
  EXPR_REGISTER,    /* number arg, `bits` wide */
  EXPR_ICOUNT,
  EXPR_NS,
  EXPR_CPU,
  EXPR_PC,
  EXPR_HIT,         /* ExprHitPart arg */
  /* Replace the top. */
  EXPR_LOAD,        /* memory of `bits` at linear a */
  EXPR_LOAD_PHYS,
  EXPR_ZERO_EXTEND, /* its low `bits` */
  EXPR_SIGN_EXTEND,
  EXPR_FIELD,       /* `bits` of it from bit arg on */
  EXPR_NEGATE, EXPR_COMPLEMENT, EXPR_NOT, EXPR_BOOL,
  /* Replace a and b. */
  EXPR_ADD, EXPR_SUB, EXPR_MUL, EXPR_DIV, EXPR_SDIV, EXPR_MOD, EXPR_SMOD,
  EXPR_SHL, EXPR_SHR, EXPR_SAR, EXPR_AND, EXPR_OR, EXPR_XOR,
  EXPR_EQ, EXPR_NE, EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE, EXPR_SLT, EXPR_SLE, EXPR_SGT, EXPR_SGE,
  /* Go to code[value], which is further on. */
  EXPR_JUMP,
  EXPR_JUMP_ZERO,   /* pops; when that is 0 */
  EXPR_AND_THEN,    /* when the top is 0, and leaves it; else pops it */
  EXPR_OR_ELSE,     /* when the top is not 0, and makes it 1; else pops it */
} ExprOp;

typedef enum { EXPR_OLD, EXPR_NEW, EXPR_ADDR, EXPR_PHYS, EXPR_SIZE, EXPR_NUM, EXPR_ERR } ExprHitPart;

typedef struct
{
  guint8  op;       /* ExprOp */
  guint8  bits;
  guint16 arg;
  guint64 value;
} ExprInsn;

#define EXPR_MAX_STACK 64     /* values at once */
#define EXPR_MAX_NEST  200    /* parentheses (two each), unary operators and arms of ?: within each other */

struct _AsternExpression
{
  char     *text;
  ExprInsn *code;
  guint     n;
  gboolean  is_signed;
  gboolean  reads_cpu;      /* its state has to be brought up to date */
};

/* ---- the compiler's parts ---- */

typedef enum { TOKEN_END, TOKEN_NUMBER, TOKEN_NAME, TOKEN_SYMBOL, TOKEN_DOLLAR, TOKEN_OPERATOR } TokenKind;

#define MAX_NAME 512

typedef struct
{
  TokenKind kind;
  guint     column;         /* of its first byte, from 1 */
  guint64   number;         /* NUMBER */
  char      name[MAX_NAME]; /* NAME; SYMBOL, which was quoted; DOLLAR, without it */
  char      op[3];          /* OPERATOR */
} ExprToken;

/* Takes the next token from *@at.  FALSE, with a GError. */
gboolean astern_expression_next_token (const char *text, const char **at, ExprToken *token, GError **error);

/* Fails at @column. */
gboolean astern_expression_fail       (GError **error, AsternExpressionError code, guint column, const char *format, ...)
                                       G_GNUC_PRINTF (4, 5);

/* The code of @text, appended to @code. */
gboolean astern_expression_compile    (const char *text, const AsternCpuClass *klass, const AsternNames *names,
                                       GArray *code, gboolean *is_signed, GError **error);
