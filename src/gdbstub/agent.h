/* agent - GDB's agent expressions: conditions and commands that gdb sends as byte code.
 *
 * A program is checked once when it is made: known instructions, whole operands, jumps to instructions.
 * Running one needs no allocation but for what it prints, and ends: there is a limit of steps.
 *
 * Threads: programs are constant; run on the machine's thread. */
#pragma once

#include <glib.h>

typedef struct _AsternAgentProgram AsternAgentProgram;

/* What a program looks at. */
typedef struct
{
  /* A register by its number in the target description; FALSE: there is none such, or it is wider than 64 bits. */
  gboolean (*read_register) (gpointer user, guint number, guint64 *value);
  gboolean (*read_memory)   (gpointer user, guint64 address, gpointer data, gsize size);
  /* (nullable) where `printf` goes. */
  void     (*print)         (gpointer user, const char *text);
  gpointer user;
} AsternAgentView;

/* NULL with *@problem (static text) when it cannot be run. */
AsternAgentProgram *astern_agent_program_new  (const guint8 *code, gsize size, const char **problem);
void                astern_agent_program_free (AsternAgentProgram *program);

/* *@value: what it leaves on top of its stack, 0 for nothing.  FALSE with *@problem: memory that is not there, a
 * division by zero, too many steps. */
gboolean            astern_agent_run          (const AsternAgentProgram *program, const AsternAgentView *view,
                                               guint64 *value, const char **problem);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternAgentProgram, astern_agent_program_free)
