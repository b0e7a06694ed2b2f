/* monitor-line.c - readline on a terminal that is a chardev.
 * Source: GNU Readline Library manual, edition 8.2, section 2.4.12 "Alternate Interface", 2.6 "Custom Completers".
 *
 * Readline reads from a function of ours that hands out what was fed, and writes to a stream of ours that
 * ends in the chardev; it neither touches the terminal's mode, which the chardev has set already, nor signals.
 * In its callback form it never waits for a key, but for the questions that its pager asks and bracketed paste:
 * those are switched off. */
#include "config.h"

#include "session/monitor-line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <readline/history.h>
#include <readline/readline.h>

#define PROMPT "(astern) "
#define LINE_MAX_BYTES  4096
#define TYPED_AHEAD_MAX (1u << 20)
#define HISTORY_LINES   1000
#define SHOW_AT_MOST    200         /* completions */
#define CTRL_C 0x03
#define CTRL_U 0x15

typedef enum
{
  EDIT_READLINE,
  EDIT_SIMPLE,       /* a terminal; readline is another one's */
  EDIT_NONE,         /* no terminal: nothing is echoed */
} Editing;

struct _AsternMonitorLine
{
  AsternChardev                *out;
  const AsternMonitorLineFuncs *funcs;
  AsternMonitorNames           *names;          /* borrowed */
  Editing                       editing;
  gboolean                      add_returns;    /* lines end in CR LF: nobody behind the chardev translates */

  /* Host thread. */
  GByteArray                   *typed;          /* and not read yet */
  GString                      *text;           /* the line, without readline */
  gboolean                      reading;        /* a line is being typed; else a command is executed */
  gboolean                      installed;      /* readline's handler */
  gboolean                      visible;
  gboolean                      at_end;         /* of what will ever be typed */
  guint                         columns, rows;  /* of a window's terminal, as readline was told */
  gboolean                      after_return;   /* the last byte was CR: a LF does not end another line */
  FILE                         *stream, *no_input;
  char                         *history_path;

  GMutex                        mutex;
  GString                      *outbox;         /* guarded */
  gboolean                      done;           /* guarded: ready() was called */
  gboolean                      flush_asked;    /* guarded */
};

/* Readline's one state belongs to this one; host thread only.  Readline's own functions take no user data. */
static AsternMonitorLine *edited;

/* ---- output ---- */

static void
put (AsternMonitorLine *line, const char *text, gsize size)
{
  g_autoptr (GString) translated = NULL;

  if (line->out == NULL)   /* being freed */
    return;
  if (line->add_returns && memchr (text, '\n', size) != NULL)
    {
      translated = g_string_sized_new (size + 64);
      for (gsize i = 0; i < size; i++)
        {
          if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
            g_string_append_c (translated, '\r');
          g_string_append_c (translated, text[i]);
        }
      text = translated->str;
      size = translated->len;
    }
  astern_chardev_write (line->out, (const guint8 *) text, size);
}

static void
put_string (AsternMonitorLine *line, const char *text)
{
  put (line, text, strlen (text));
}

/* What readline writes. */
static ssize_t
write_stream (void *cookie, const char *data, size_t size)
{
  put (cookie, data, size);
  return (ssize_t) size;
}

/* ---- history ---- */

static void
load_history (AsternMonitorLine *line)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "astern", NULL);

  using_history ();
  stifle_history (HISTORY_LINES);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return;   /* then there is none from one session to the next */
  line->history_path = g_build_filename (folder, "monitor-history", NULL);
  if (read_history (line->history_path) == ENOENT)
    write_history (line->history_path);
}

static void
remember (AsternMonitorLine *line, const char *text)
{
  HIST_ENTRY *last = history_length > 0 ? history_get (history_base + history_length - 1) : NULL;

  if (text[0] == '\0' || (last != NULL && g_str_equal (last->line, text)))
    return;
  add_history (text);
  if (line->history_path != NULL)
    append_history (1, line->history_path);   /* what cannot be written is forgotten at the end */
}

/* ---- completion: readline asks, monitor-complete.c knows ---- */

static GPtrArray *matches;      /* of the word that is being completed */

static char *
next_match (const char *text, int state)
{
  static guint next;

  if (state == 0)
    next = 0;
  return next < matches->len ? strdup (g_ptr_array_index (matches, next++)) : NULL;
}

static char **
complete (const char *text, int start, int end)
{
  g_autofree char *head = g_strndup (rl_line_buffer, (gsize) start);
  char **completions;

  rl_attempted_completion_over = 1;
  if (astern_monitor_completes (head) == ASTERN_COMPLETES_FILE)
    {
      rl_filename_completion_desired = 1;
      return rl_completion_matches (text, rl_filename_completion_function);
    }
  matches = astern_monitor_completions (head, text, edited->names);
  completions = rl_completion_matches (text, next_match);
  g_clear_pointer (&matches, g_ptr_array_unref);
  return completions;
}

static char *
word_breaks (void)
{
  g_autofree char *head = g_strndup (rl_line_buffer, (gsize) rl_point);
  char *space = strrchr (head, ' ');

  head[space != NULL ? space + 1 - head : 0] = '\0';
  return (char *) astern_monitor_word_breaks (astern_monitor_completes (head));
}

static void
display_matches (char **words, int n, int longest)
{
  rl_crlf ();
  rl_display_match_list (words, MIN (n, SHOW_AT_MOST), longest);
  if (n > SHOW_AT_MOST)
    fprintf (rl_outstream, _("… and %d more\n"), n - SHOW_AT_MOST);
  rl_on_new_line ();
  rl_forced_update_display ();
}

/* ---- readline ---- */

static int
next_key (FILE *stream)
{
  guint8 key;

  if (edited->typed->len == 0)
    return EOF;   /* it wants more than there is: only what was switched off does */
  key = edited->typed->data[0];
  g_byte_array_remove_index (edited->typed, 0);
  return key;
}

static int
key_is_there (void)
{
  return edited->typed->len > 0;
}

static void
prepare_terminal (int meta)
{
  rl_tty_set_echoing (1);   /* by readline, not by the terminal, which is raw */
}

static void
leave_terminal (void)
{
}

/* A window's terminal has no descriptor to ask; it says itself how large it is. */
static void
tell_size (AsternMonitorLine *line)
{
  guint columns, rows;

  if (line->editing != EDIT_READLINE || astern_chardev_kind (line->out) != ASTERN_CHARDEV_VC)
    return;
  astern_chardev_get_size (line->out, &columns, &rows);
  if (columns == 0 || rows == 0 || (columns == line->columns && rows == line->rows))
    return;
  line->columns = columns;
  line->rows = rows;
  rl_set_screen_size ((int) rows, (int) columns);
}

static void
set_up_readline (AsternMonitorLine *line)
{
  static const cookie_io_functions_t functions = { .write = write_stream };
  static const char *const off[] = { "enable-bracketed-paste", "page-completions", "blink-matching-paren" };
  const char *terminal = g_getenv ("TERM");
  gboolean stdio = astern_chardev_kind (line->out) == ASTERN_CHARDEV_STDIO;
  gboolean window = astern_chardev_kind (line->out) == ASTERN_CHARDEV_VC;

  edited = line;
  line->stream = fopencookie (line, "w", functions);
  line->no_input = fopen ("/dev/null", "re");
  rl_outstream = line->stream;
  rl_instream = stdio || line->no_input == NULL ? stdin : line->no_input;     /* asked for the window's size alone */
  if (window || (!stdio && (terminal == NULL || g_str_equal (terminal, "dumb"))))
    rl_terminal_name = "xterm";
  rl_readline_name = "astern";
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  rl_getc_function = next_key;
  rl_input_available_hook = key_is_there;
  rl_prep_term_function = prepare_terminal;
  rl_deprep_term_function = leave_terminal;
  rl_attempted_completion_function = complete;
  rl_completion_word_break_hook = word_breaks;
  rl_completion_display_matches_hook = display_matches;
  rl_completer_quote_characters = "\"'";
  rl_initialize ();
  rl_completion_query_items = -1;
  for (gsize i = 0; i < G_N_ELEMENTS (off); i++)
    rl_variable_bind (off[i], "off");
  load_history (line);
}

static void enter (AsternMonitorLine *line, const char *text);

static void
line_typed (char *text)
{
  rl_callback_handler_remove ();
  edited->installed = FALSE;
  if (text != NULL)
    remember (edited, text);
  enter (edited, text != NULL ? text : "");    /* NULL: Ctrl-D */
  free (text);
}

/* Shows the prompt and what has been typed behind it. */
static void
show_prompt (AsternMonitorLine *line)
{
  if (!line->reading || !line->visible)
    return;
  tell_size (line);
  if (line->editing != EDIT_READLINE)
    {
      put_string (line, PROMPT);
      put_string (line, line->editing == EDIT_SIMPLE ? line->text->str : "");
    }
  else if (!line->installed)
    {
      if (astern_chardev_kind (line->out) != ASTERN_CHARDEV_VC)
        rl_reset_screen_size ();
      rl_callback_handler_install (PROMPT, line_typed);
      line->installed = TRUE;
    }
  else
    {
      rl_on_new_line ();
      rl_forced_update_display ();
    }
}

/* Makes room for other output where the prompt is. */
static void
hide_prompt (AsternMonitorLine *line)
{
  if (!line->reading || !line->visible || line->editing == EDIT_NONE)
    return;
  if (line->editing == EDIT_READLINE)
    {
      rl_clear_visible_line ();
      fflush (line->stream);
    }
  else
    put_string (line, "\r\033[K");
}

/* ---- lines ---- */

static void
enter (AsternMonitorLine *line, const char *text)
{
  line->reading = FALSE;
  line->funcs->entered (line->funcs->user, line, text);
}

static void
simple_key (AsternMonitorLine *line, guint8 key)
{
  gboolean echo = line->editing == EDIT_SIMPLE;

  if (key == '\r' || key == '\n')
    {
      g_autofree char *text = g_strdup (line->text->str);

      g_string_truncate (line->text, 0);
      if (echo)
        put_string (line, "\n");
      enter (line, text);
    }
  else if (key == '\b' || key == 0x7f || key == CTRL_U)
    for (gsize n = key == CTRL_U ? line->text->len : MIN (line->text->len, 1); n > 0; n--)
      {
        g_string_truncate (line->text, line->text->len - 1);
        if (echo)
          put_string (line, "\b \b");
      }
  else if ((key >= 0x20 || key == '\t') && line->text->len < LINE_MAX_BYTES)
    {
      g_string_append_c (line->text, (char) key);
      if (echo)
        put (line, (const char *) &key, 1);
    }
}

static void
forget_typed (AsternMonitorLine *line)
{
  if (line->editing == EDIT_READLINE && line->installed)
    rl_replace_line ("", 1);
  g_string_truncate (line->text, 0);
  put_string (line, "^C\n");
  show_prompt (line);
}

static gboolean
is_empty (const AsternMonitorLine *line)
{
  return line->editing == EDIT_READLINE ? !line->installed || rl_end == 0 : line->text->len == 0;
}

/* Works through what was typed until a line is entered. */
static void
read_keys (AsternMonitorLine *line)
{
  while (line->reading && line->typed->len > 0)
    if (line->editing == EDIT_READLINE && line->installed)
      rl_callback_read_char ();
    else
      {
        guint8 key = line->typed->data[0];

        g_byte_array_remove_index (line->typed, 0);
        simple_key (line, key);
      }
  if (line->stream != NULL)
    fflush (line->stream);
  if (line->at_end && line->reading && line->typed->len == 0)
    {
      line->at_end = FALSE;
      line->funcs->ended (line->funcs->user);
    }
}

void
astern_monitor_line_end (AsternMonitorLine *line)
{
  line->at_end = line->editing == EDIT_NONE;
  if (line->at_end)
    {
      read_keys (line);
      return;
    }
  /* Another client may come; what this one left half typed is not the next one's. */
  g_byte_array_set_size (line->typed, 0);
  g_string_truncate (line->text, 0);
  if (line->editing == EDIT_READLINE && line->installed)
    rl_replace_line ("", 1);
  line->visible = FALSE;
}

void
astern_monitor_line_feed (AsternMonitorLine *line, const guint8 *data, gsize size)
{
  tell_size (line);
  for (gsize i = 0; i < size; i++)
    {
      gboolean after_return = line->after_return;

      line->after_return = data[i] == '\r';
      if (data[i] == CTRL_C && line->editing != EDIT_NONE)
        {
          read_keys (line);
          if (line->reading && !is_empty (line))
            forget_typed (line);
          else
            line->funcs->interrupted (line->funcs->user);
        }
      else if ((data[i] != '\n' || !after_return) && line->typed->len < TYPED_AHEAD_MAX)
        g_byte_array_append (line->typed, &data[i], 1);
    }
  read_keys (line);
}

void
astern_monitor_line_show (AsternMonitorLine *line, gboolean visible)
{
  if (line->visible && !visible)
    hide_prompt (line);
  line->visible = visible;
  if (visible)
    show_prompt (line);
}

/* ---- what others have to say ---- */

static void
flush (gpointer data)
{
  AsternMonitorLine *line = data;
  g_autoptr (GString) text = NULL;
  gboolean done, was_reading = line->reading;

  g_mutex_lock (&line->mutex);
  text = line->outbox;
  line->outbox = g_string_new (NULL);
  done = line->done;
  line->done = line->flush_asked = FALSE;
  g_mutex_unlock (&line->mutex);

  if (text->len > 0)
    hide_prompt (line);
  put (line, text->str, text->len);
  line->reading |= done;
  if (text->len > 0 || (done && !was_reading))
    show_prompt (line);
  read_keys (line);
}

/* With the mutex held. */
static void
ask_for_flush (AsternMonitorLine *line)
{
  if (!line->flush_asked)
    astern_host_loop_call (astern_chardev_loop (line->out), flush, line);
  line->flush_asked = TRUE;
}

void
astern_monitor_line_say (AsternMonitorLine *line, const char *text)
{
  if (text[0] == '\0')
    return;
  g_mutex_lock (&line->mutex);
  g_string_append (line->outbox, text);
  ask_for_flush (line);
  g_mutex_unlock (&line->mutex);
}

void
astern_monitor_line_ready (AsternMonitorLine *line)
{
  g_mutex_lock (&line->mutex);
  line->done = TRUE;
  ask_for_flush (line);
  g_mutex_unlock (&line->mutex);
}

void
astern_monitor_line_finish (AsternMonitorLine *line)
{
  astern_host_loop_call_and_wait (astern_chardev_loop (line->out), flush, line);
}

/* ---- the object ---- */

static Editing
choose_editing (AsternChardev *out)
{
  switch (astern_chardev_kind (out))
    {
    case ASTERN_CHARDEV_STDIO:
      if (!isatty (STDIN_FILENO) || !isatty (STDOUT_FILENO))
        return EDIT_NONE;
      break;
    case ASTERN_CHARDEV_PTY:
    case ASTERN_CHARDEV_SOCKET:
    case ASTERN_CHARDEV_VC:
      break;
    default:
      return EDIT_NONE;
    }
  return edited == NULL ? EDIT_READLINE : EDIT_SIMPLE;
}

AsternMonitorLine *
astern_monitor_line_new (AsternChardev *out, const AsternMonitorLineFuncs *funcs, AsternMonitorNames *names)
{
  AsternMonitorLine *line = g_new0 (AsternMonitorLine, 1);

  line->out = out;
  line->funcs = funcs;
  line->names = names;
  line->editing = choose_editing (out);
  line->add_returns = astern_chardev_kind (out) == ASTERN_CHARDEV_SOCKET || astern_chardev_kind (out) == ASTERN_CHARDEV_PTY ||
                      astern_chardev_kind (out) == ASTERN_CHARDEV_VC;
  line->typed = g_byte_array_new ();
  line->text = g_string_new (NULL);
  line->outbox = g_string_new (NULL);
  line->reading = TRUE;
  g_mutex_init (&line->mutex);
  if (line->editing == EDIT_READLINE)
    set_up_readline (line);
  return line;
}

gboolean
astern_monitor_line_is_on (const AsternMonitorLine *line, const AsternChardev *out)
{
  return line->out == out;
}

void
astern_monitor_line_free (AsternMonitorLine *line)
{
  if (line == NULL)
    return;
  line->out = NULL;
  if (line->editing == EDIT_READLINE)
    {
      if (line->installed)
        rl_callback_handler_remove ();
      rl_outstream = NULL;
      rl_instream = NULL;
      clear_history ();
      edited = NULL;
    }
  g_clear_pointer (&line->stream, fclose);
  g_clear_pointer (&line->no_input, fclose);
  g_byte_array_unref (line->typed);
  g_string_free (line->text, TRUE);
  g_string_free (line->outbox, TRUE);
  g_mutex_clear (&line->mutex);
  g_free (line->history_path);
  g_free (line);
}
