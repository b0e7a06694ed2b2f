/* agent.c - agent expressions.
 * Source: "Debugging with GDB", appendix "The GDB Agent Expression Mechanism".
 * Left out: tracing (trace, tracev …: accepted, collect nothing), trace state variables (setv, getv), floating
 * point, which gdb does not send either. */
#include "config.h"

#include "gdbstub/agent.h"

#include <stdarg.h>
#include <string.h>

#define MOST_STEPS  100000
#define MOST_STACK  128
#define MOST_STRING 4096     /* bytes that %s takes from memory */
#define MOST_PRINTED 16384

/* Stack: how many items an instruction takes and leaves. */
#define AGENT_OPS(X) \
  /* code  name            operand bytes  takes  leaves */ \
  X (0x02, ADD,            0, 2, 1) \
  X (0x03, SUB,            0, 2, 1) \
  X (0x04, MUL,            0, 2, 1) \
  X (0x05, DIV_SIGNED,     0, 2, 1) \
  X (0x06, DIV_UNSIGNED,   0, 2, 1) \
  X (0x07, REM_SIGNED,     0, 2, 1) \
  X (0x08, REM_UNSIGNED,   0, 2, 1) \
  X (0x09, LSH,            0, 2, 1) \
  X (0x0a, RSH_SIGNED,     0, 2, 1) \
  X (0x0b, RSH_UNSIGNED,   0, 2, 1) \
  X (0x0c, TRACE,          0, 2, 0) \
  X (0x0d, TRACE_QUICK,    1, 1, 1) \
  X (0x0e, LOG_NOT,        0, 1, 1) \
  X (0x0f, BIT_AND,        0, 2, 1) \
  X (0x10, BIT_OR,         0, 2, 1) \
  X (0x11, BIT_XOR,        0, 2, 1) \
  X (0x12, BIT_NOT,        0, 1, 1) \
  X (0x13, EQUAL,          0, 2, 1) \
  X (0x14, LESS_SIGNED,    0, 2, 1) \
  X (0x15, LESS_UNSIGNED,  0, 2, 1) \
  X (0x16, EXT,            1, 1, 1) \
  X (0x17, REF8,           0, 1, 1) \
  X (0x18, REF16,          0, 1, 1) \
  X (0x19, REF32,          0, 1, 1) \
  X (0x1a, REF64,          0, 1, 1) \
  X (0x20, IF_GOTO,        2, 1, 0) \
  X (0x21, GOTO,           2, 0, 0) \
  X (0x22, CONST8,         1, 0, 1) \
  X (0x23, CONST16,        2, 0, 1) \
  X (0x24, CONST32,        4, 0, 1) \
  X (0x25, CONST64,        8, 0, 1) \
  X (0x26, REG,            2, 0, 1) \
  X (0x27, END,            0, 0, 0) \
  X (0x28, DUP,            0, 1, 2) \
  X (0x29, POP,            0, 1, 0) \
  X (0x2a, ZERO_EXT,       1, 1, 1) \
  X (0x2b, SWAP,           0, 2, 2) \
  X (0x2f, TRACENZ,        0, 2, 0) \
  X (0x30, TRACE16,        2, 1, 1) \
  X (0x32, PICK,           1, 0, 1) \
  X (0x33, ROT,            0, 3, 3) \
  X (0x34, PRINTF,         4, 0, 0)   /* and a string of a length; takes its arguments, a function and a channel */

typedef enum
{
#define X(code, name, operands, takes, leaves) OP_##name = code,
  AGENT_OPS (X)
#undef X
} AgentOp;

typedef struct
{
  const char *name;     /* NULL: no such instruction */
  guint8      operands, takes, leaves;
} OpInfo;

static const OpInfo op_info[256] = {
#define X(code, name, operands, takes, leaves) [code] = { #name, operands, takes, leaves },
  AGENT_OPS (X)
#undef X
};

struct _AsternAgentProgram
{
  gsize  size;
  guint8 code[];
};

typedef struct
{
  const AsternAgentProgram *program;
  const AsternAgentView    *view;
  gsize                     at;         /* of the next instruction */
  guint                     depth;
  guint64                   stack[MOST_STACK];
  const char               *problem;
} Run;

/* Operands have their big end first, whatever the target's order. */
static guint64
operand (const guint8 *at, guint size)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value = value << 8 | at[i];
  return value;
}

/* ---- checking ---- */

/* With all its operands; 0: it is not whole. */
static gsize
length_at (const AsternAgentProgram *program, gsize at)
{
  gsize length = 1 + (gsize) op_info[program->code[at]].operands;

  if (at + length > program->size)
    return 0;
  /* printf: number of arguments, length of the string, the string with its 0.  The table's four
     bytes are those of the shortest: n, length, and a string of one byte. */
  if (program->code[at] == OP_PRINTF)
    {
      gsize string = operand (&program->code[at + 2], 2);

      length = 1 + 1 + 2 + string;
      if (string == 0 || at + length > program->size || program->code[at + length - 1] != 0)
        return 0;
    }
  return length;
}

static const char *
check_jumps (const AsternAgentProgram *program, const guint8 *starts)
{
  for (gsize at = 0; at < program->size; at += length_at (program, at))
    if (program->code[at] == OP_GOTO || program->code[at] == OP_IF_GOTO)
      {
        gsize target = operand (&program->code[at + 1], 2);

        if (target >= program->size || !starts[target])
          return "a jump in it goes nowhere";
      }
  return NULL;
}

static const char *
check (const AsternAgentProgram *program)
{
  g_autofree guint8 *starts = g_malloc0 (program->size + 1);
  gsize length;

  for (gsize at = 0; at < program->size; at += length)
    {
      if (op_info[program->code[at]].name == NULL)
        return "it has an instruction that is not known";
      starts[at] = 1;
      length = length_at (program, at);
      if (length == 0)
        return "its last instruction is cut off";
    }
  return check_jumps (program, starts);
}

AsternAgentProgram *
astern_agent_program_new (const guint8 *code, gsize size, const char **problem)
{
  g_autoptr (AsternAgentProgram) program = NULL;

  if (size > G_MAXUINT16)
    {
      *problem = "it is too long";
      return NULL;
    }
  program = g_malloc (sizeof *program + size);
  program->size = size;
  memcpy (program->code, code, size);
  *problem = check (program);
  return *problem == NULL ? g_steal_pointer (&program) : NULL;
}

void
astern_agent_program_free (AsternAgentProgram *program)
{
  g_free (program);
}

/* ---- printf ---- */

static void
print_string (Run *run, GString *out, const char *spec, guint64 address)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char c;

  while (text->len < MOST_STRING && run->view->read_memory (run->view->user, address + text->len, &c, 1) && c != '\0')
    g_string_append_c (text, c);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_string_append_printf (out, spec, text->str);
#pragma GCC diagnostic pop
}

static void
print_number (GString *out, const char *spec, char conversion, guint longs, guint64 value)
{
  if (conversion == 'd' || conversion == 'i')
    value = longs > 0 ? value : (guint64) (gint64) (gint32) value;
  else if (longs == 0 && conversion != 'p')
    value = (guint32) value;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  if (conversion == 'c')
    g_string_append_printf (out, spec, (int) (value & 0xff));
  else
    g_string_append_printf (out, spec, value);
#pragma GCC diagnostic pop
}

/* One conversion from after its %.  The pieces are put together anew, so that nothing of the client's
 * reaches printf() but flags, width and precision in digits.  Returns where the text goes on. */
static const char *
print_one (Run *run, GString *out, const char *at, const guint64 *args, guint n_args, guint *used)
{
  g_autoptr (GString) spec = g_string_new ("%");
  guint longs = 0;
  guint64 value = *used < n_args ? args[*used] : 0;
  char conversion;

  while (*at != '\0' && strchr ("-+ #0123456789.", *at) != NULL && spec->len < 16)
    g_string_append_c (spec, *at++);
  for (; *at == 'l' || *at == 'h' || *at == 'z' || *at == 'j'; at++)
    longs += *at != 'h';
  conversion = *at;
  if (conversion == '\0')
    return at;
  if (g_ascii_strtoull (spec->str + strcspn (spec->str, "123456789"), NULL, 10) > MOST_STRING ||
      (strchr (spec->str, '.') != NULL && g_ascii_strtoull (strchr (spec->str, '.') + 1, NULL, 10) > MOST_STRING))
    g_string_assign (spec, "%");
  *used += 1;
  if (conversion == 's')
    print_string (run, out, g_string_append_c (spec, 's')->str, value);
  else if (conversion == 'c')
    print_number (out, g_string_append_c (spec, 'c')->str, 'c', longs, value);
  else if (conversion == 'p')
    g_string_append_printf (out, "0x%" G_GINT64_MODIFIER "x", value);
  else if (strchr ("diouxX", conversion) != NULL)
    {
      g_string_append (spec, G_GINT64_MODIFIER);
      print_number (out, g_string_append_c (spec, conversion)->str, conversion, longs, value);
    }
  else
    g_string_append_c (out, conversion);
  return at + 1;
}

/* One escape from after its backslash: gdb sends the text as its user typed it. */
static const char *
print_escape (GString *out, const char *at)
{
  static const char letters[] = "abefnrtv", values[] = "\a\b\033\f\n\r\t\v";
  const char *letter = *at != '\0' ? strchr (letters, *at) : NULL;
  guint value = 0, digits = 0;

  if (letter != NULL)
    {
      g_string_append_c (out, values[letter - letters]);
      return at + 1;
    }
  for (; digits < 3 && *at >= '0' && *at <= '7'; digits++)
    value = value << 3 | (guint) (*at++ - '0');
  if (digits > 0)
    g_string_append_c (out, (char) value);
  else if (*at != '\0')    /* a backslash, a quotation mark */
    g_string_append_c (out, *at++);
  return at;
}

static gboolean
print (Run *run, const guint8 *operands)
{
  guint n_args = operands[0];
  const char *at = (const char *) operands + 3;
  g_autoptr (GString) out = g_string_new (NULL);
  guint used = 0;
  guint64 args[G_MAXUINT8];

  /* The function and the channel are for targets that have some. */
  if (run->depth < n_args + 2)
    {
      run->problem = "its stack is empty";
      return FALSE;
    }
  run->depth -= n_args + 2;
  for (guint i = 0; i < n_args; i++)    /* the last one was pushed first */
    args[i] = run->stack[run->depth + n_args - 1 - i];
  while (*at != '\0' && out->len < MOST_PRINTED)
    {
      if (at[0] == '%' && at[1] != '%')
        at = print_one (run, out, at + 1, args, n_args, &used);
      else if (at[0] == '\\')
        at = print_escape (out, at + 1);
      else
        {
          g_string_append_c (out, *at);
          at += at[0] == '%' ? 2 : 1;
        }
    }
  if (run->view->print != NULL)
    run->view->print (run->view->user, out->str);
  return TRUE;
}

/* ---- running ---- */

static guint64
extend (guint64 value, guint bits, gboolean sign)
{
  guint shift = bits == 0 || bits >= 64 ? 0 : 64 - bits;

  return sign ? (guint64) ((gint64) (value << shift) >> shift) : value << shift >> shift;
}

static guint64
shift_by (guint64 value, guint64 count, AgentOp op)
{
  gboolean negative = (value >> 63) != 0;

  if (count > 63)
    return op == OP_RSH_SIGNED && negative ? G_MAXUINT64 : 0;
  return op == OP_LSH ? value << count : op == OP_RSH_UNSIGNED ? value >> count : (guint64) ((gint64) value >> count);
}

/* The smallest number divided by -1 is itself, as where it wraps. */
static guint64
divide (AgentOp op, guint64 a, guint64 b)
{
  gboolean minus_one = b == G_MAXUINT64;

  switch (op)
    {
    case OP_DIV_SIGNED:
      return minus_one ? 0 - a : (guint64) ((gint64) a / (gint64) b);
    case OP_REM_SIGNED:
      return minus_one ? 0 : (guint64) ((gint64) a % (gint64) b);
    case OP_DIV_UNSIGNED:
      return a / b;
    default:
      return a % b;
    }
}

static gboolean
two_operands (Run *run, AgentOp op, guint64 a, guint64 b, guint64 *result)
{
  switch (op)
    {
    case OP_ADD:           *result = a + b; break;
    case OP_SUB:           *result = a - b; break;
    case OP_MUL:           *result = a * b; break;
    case OP_BIT_AND:       *result = a & b; break;
    case OP_BIT_OR:        *result = a | b; break;
    case OP_BIT_XOR:       *result = a ^ b; break;
    case OP_EQUAL:         *result = a == b; break;
    case OP_LESS_SIGNED:   *result = (gint64) a < (gint64) b; break;
    case OP_LESS_UNSIGNED: *result = a < b; break;
    case OP_LSH:
    case OP_RSH_SIGNED:
    case OP_RSH_UNSIGNED:
      *result = shift_by (a, b, op);
      break;
    default:
      if (b == 0)
        {
          run->problem = "it divides by zero";
          return FALSE;
        }
      *result = divide (op, a, b);
      break;
    }
  return TRUE;
}

static gboolean
load (Run *run, guint64 address, guint size, guint64 *value)
{
  guint8 bytes[8] = { 0 };
  guint64 sum = 0;

  if (!run->view->read_memory (run->view->user, address, bytes, size))
    {
      run->problem = "it reads memory that is not there";
      return FALSE;
    }
  for (guint i = size; i > 0; i--)
    sum = sum << 8 | bytes[i - 1];
  *value = sum;
  return TRUE;
}

static gboolean
load_register (Run *run, guint number, guint64 *value)
{
  if (run->view->read_register (run->view->user, number, value))
    return TRUE;
  run->problem = "it reads a register that is not there";
  return FALSE;
}

/* Those that only move what is on the stack; @top: the item above the highest. */
static gboolean
shuffle (Run *run, AgentOp op, const guint8 *operands, guint64 *top)
{
  guint64 kept = top[-1];

  switch (op)
    {
    case OP_DUP:
      top[0] = top[-1];
      return TRUE;
    case OP_SWAP:
      top[-1] = top[-2];
      top[-2] = kept;
      return TRUE;
    case OP_ROT:             /* a b c -> c a b */
      top[-1] = top[-2];
      top[-2] = top[-3];
      top[-3] = kept;
      return TRUE;
    default:                 /* PICK */
      if (operands[0] >= run->depth)
        {
          run->problem = "its stack is empty";
          return FALSE;
        }
      top[0] = top[-1 - (int) operands[0]];
      return TRUE;
    }
}

/* One instruction whose items are there; the stack is grown or shrunk by the caller. */
static gboolean
step (Run *run, AgentOp op, const guint8 *operands)
{
  guint64 *top = &run->stack[run->depth];

  switch (op)
    {
    case OP_LOG_NOT:  top[-1] = !top[-1]; return TRUE;
    case OP_BIT_NOT:  top[-1] = ~top[-1]; return TRUE;
    case OP_EXT:      top[-1] = extend (top[-1], operands[0], TRUE); return TRUE;
    case OP_ZERO_EXT: top[-1] = extend (top[-1], operands[0], FALSE); return TRUE;
    case OP_REF8:     return load (run, top[-1], 1, &top[-1]);
    case OP_REF16:    return load (run, top[-1], 2, &top[-1]);
    case OP_REF32:    return load (run, top[-1], 4, &top[-1]);
    case OP_REF64:    return load (run, top[-1], 8, &top[-1]);
    case OP_CONST8:   top[0] = operand (operands, 1); return TRUE;
    case OP_CONST16:  top[0] = operand (operands, 2); return TRUE;
    case OP_CONST32:  top[0] = operand (operands, 4); return TRUE;
    case OP_CONST64:  top[0] = operand (operands, 8); return TRUE;
    case OP_REG:      return load_register (run, (guint) operand (operands, 2), &top[0]);
    case OP_DUP:
    case OP_SWAP:
    case OP_ROT:
    case OP_PICK:
      return shuffle (run, op, operands, top);
    case OP_GOTO:
      run->at = operand (operands, 2);
      return TRUE;
    case OP_IF_GOTO:
      if (top[-1] != 0)
        run->at = operand (operands, 2);
      return TRUE;
    case OP_POP:
    case OP_TRACE:
    case OP_TRACENZ:
    case OP_TRACE_QUICK:
    case OP_TRACE16:
      return TRUE;
    default:
      return two_operands (run, op, top[-2], top[-1], &top[-2]);
    }
}

gboolean
astern_agent_run (const AsternAgentProgram *program, const AsternAgentView *view, guint64 *value, const char **problem)
{
  Run run = { .program = program, .view = view };

  *value = 0;
  for (guint steps = 0; run.at < program->size && program->code[run.at] != OP_END; steps++)
    {
      AgentOp op = program->code[run.at];
      const OpInfo *info = &op_info[op];
      const guint8 *operands = &program->code[run.at + 1];
      gboolean fits = run.depth >= info->takes && run.depth - info->takes + info->leaves <= MOST_STACK;

      run.problem = !fits ? "its stack is empty or full" : steps >= MOST_STEPS ? "it takes too long" : NULL;
      run.at += length_at (program, run.at);
      if (run.problem != NULL || !(op == OP_PRINTF ? print (&run, operands) : step (&run, op, operands)))
        {
          *problem = run.problem;
          return FALSE;
        }
      run.depth = run.depth - info->takes + info->leaves;
    }
  if (run.depth > 0)
    *value = run.stack[run.depth - 1];
  return TRUE;
}
