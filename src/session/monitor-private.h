/* monitor-private - what the monitor's files know of each other: the command table's rows, and the
 * session that commands work on.
 *
 * Threads: the machine's, but for the tables, which are constant. */
#pragma once

#include "session/bookmarks.h"
#include "session/monitor-format.h"
#include "session/monitor.h"
#include "core/debugger.h"
#include "launch/disassemble.h"

/* What completes the last word of a command's arguments. */
typedef enum
{
  ASTERN_COMPLETES_NOTHING,
  ASTERN_COMPLETES_EXPRESSION,    /* registers and symbols */
  ASTERN_COMPLETES_FILE,
  ASTERN_COMPLETES_COMMAND,
  ASTERN_COMPLETES_KEY,
  ASTERN_COMPLETES_LOG_KIND,
  ASTERN_COMPLETES_DEVICE,
} AsternCompletes;

typedef struct _AsternMonitorCommand AsternMonitorCommand;

/* @argument: what follows the command's words, without spaces at its ends; from the '/' on where there is a format.
 * FALSE with an error: a sentence for the user. */
typedef gboolean (*AsternMonitorFunc) (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument,
                                       GString *answer, GError **error);

struct _AsternMonitorCommand
{
  const char       *words;        /* "info registers"; NULL ends a table */
  const char       *short_form;   /* (nullable) another name: "c" */
  const char       *arguments;    /* (nullable) "ADDRESS [if CONDITION]"; one that begins with '[' may be left out */
  const char       *help;         /* untranslated */
  AsternCompletes   completes;
  AsternMonitorFunc run;
};

/* A subject; the order of the manual. */
typedef struct
{
  const char                 *title;      /* untranslated */
  const AsternMonitorCommand *commands;   /* or, where they are not constant, ... */
  const AsternMonitorCommand *(*make) (void);
} AsternMonitorTable;

const AsternMonitorCommand *astern_monitor_table_commands (const AsternMonitorTable *table);

extern const AsternMonitorCommand astern_monitor_session_commands[], astern_monitor_info_commands[],
                                  astern_monitor_paging_commands[], astern_monitor_board_commands[],
                                  astern_monitor_machine_commands[], astern_monitor_memory_commands[],
                                  astern_monitor_symbol_commands[], astern_monitor_point_commands[],
                                  astern_monitor_history_commands[], astern_monitor_change_commands[],
                                  astern_monitor_drives_commands[], astern_monitor_balloon_commands[],
                                  astern_monitor_network_commands[], astern_monitor_sound_commands[],
                                  astern_monitor_usb_commands[];
/* Made from the debugger's table of moves. */
const AsternMonitorCommand *astern_monitor_move_commands (void);

/* All tables, ended by one without a title. */
extern const AsternMonitorTable astern_monitor_tables[];

/* The moment at which a guest time is reached: after low, at high at the latest (icounts). */
typedef struct
{
  gboolean active;
  guint64  wanted_ns, low, low_ns, high, guess;
} AsternMonitorTimeSearch;

struct _AsternMonitor
{
  AsternSession      *session;        /* borrowed */
  AsternMachine      *machine;        /* its machine */
  AsternDebugger     *debugger;
  AsternTimeline     *timeline;
  AsternClient       *client;
  AsternMonitorNames *names;          /* borrowed, (nullable) */
  AsternMonitorFuncs  funcs;
  gboolean            executing;      /* a command */
  gboolean            moving;         /* a move that was asked for here is under way */
  gboolean            branching;      /* the branch that is told of was asked for here */
  AsternBookmarks    *bookmarks;      /* the session's */
  AsternMonitorTimeSearch search;
  guint               cpu;            /* whose registers and memory are meant */
  AsternDisassembler *disassembler;
  AsternMonitorFormat format;         /* the last one, of x and xp */
  guint               pointer_x, pointer_y;   /* of mouse_move and mouse_button */
  guint8              pointer_buttons;
  guint64             next_address;   /* where x and xp go on */
  gboolean            has_next_address;
  guint               n_symbols;      /* when they were last published */
};

#define ASTERN_MONITOR_ERROR (astern_monitor_error_quark ())
GQuark astern_monitor_error_quark (void);

/* Sets @error to a sentence; returns FALSE. */
gboolean   astern_monitor_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The CPU that is meant, its state brought up to date. */
AsternCpu *astern_monitor_cpu  (AsternMonitor *monitor);

/* One line for the instruction at @address; returns its size, 0 where nothing is mapped. */
guint      astern_monitor_append_instruction (AsternMonitor *monitor, AsternSpace space, guint64 address, GString *answer);

/* ---- arguments ---- */

/* Cuts the first word off *@rest, which is moved behind it; parentheses, brackets and quotes hold words together.  NULL: there is none.
 * Free it. */
char      *astern_monitor_word   (const char **rest);
/* A number as C writes it. */
gboolean   astern_monitor_number (const char *text, guint64 *value, GError **error);
/* An expression that is all of @text; $pc and $sp are linear addresses. */
gboolean   astern_monitor_evaluate (AsternMonitor *monitor, const char *text, guint64 *value, GError **error);

/* Which command @line begins with; *@argument is where its arguments start.  NULL: none, or several. */
const AsternMonitorCommand *astern_monitor_find (const char *line, const char **argument);
/* Calls @visit for each command whose words begin with the whole words of @line and go on: with the word that follows. */
void       astern_monitor_next_words (const char *line, void (*visit) (const char *word, gpointer data), gpointer data);

/* ---- moving ---- */

/* Asks the debugger for a move. */
gboolean   astern_monitor_begin     (AsternMonitor *monitor, const AsternMoveRequest *request, GError **error);
/* A move has ended.  TRUE: it was one of several, and the next is on its way. */
gboolean   astern_monitor_search_on (AsternMonitor *monitor, const AsternDebuggerStop *stop);
/* "@1234", "+10", "-1". */
gboolean   astern_monitor_moment    (AsternMonitor *monitor, const char *text, AsternMoment *moment, GError **error);

/* In the past nothing is changed before the user has said “branch”. */
gboolean   astern_monitor_may_change         (AsternMonitor *monitor, GError **error);
