/* monitor-complete.c - completion by the command table. */
#include "config.h"

#include "session/monitor-complete.h"

#include "launch/keys.h"

#include <string.h>

struct _AsternMonitorNames
{
  GMutex     mutex;
  GPtrArray *expressions, *devices;     /* guarded; (nullable); sorted by strcmp() */
};

AsternMonitorNames *
astern_monitor_names_new (void)
{
  AsternMonitorNames *names = g_new0 (AsternMonitorNames, 1);

  g_mutex_init (&names->mutex);
  return names;
}

void
astern_monitor_names_free (AsternMonitorNames *names)
{
  g_clear_pointer (&names->expressions, g_ptr_array_unref);
  g_clear_pointer (&names->devices, g_ptr_array_unref);
  g_mutex_clear (&names->mutex);
  g_free (names);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

void
astern_monitor_names_set (AsternMonitorNames *names, AsternCompletes kind, GPtrArray *words)
{
  GPtrArray **place = kind == ASTERN_COMPLETES_DEVICE ? &names->devices : &names->expressions;

  g_ptr_array_sort (words, compare_strings);
  g_mutex_lock (&names->mutex);
  g_clear_pointer (place, g_ptr_array_unref);
  *place = words;
  g_mutex_unlock (&names->mutex);
}

static void
note_any (const char *word, gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* Words of commands come first: after “step ” there is “back” rather than a number. */
AsternCompletes
astern_monitor_completes (const char *head)
{
  const AsternMonitorCommand *command;
  const char *argument;
  gboolean more_words = FALSE;

  astern_monitor_next_words (head, note_any, &more_words);
  if (more_words)
    return ASTERN_COMPLETES_COMMAND;
  command = astern_monitor_find (head + strspn (head, " \t"), &argument);
  return command != NULL ? command->completes : ASTERN_COMPLETES_NOTHING;
}

const char *
astern_monitor_word_breaks (AsternCompletes kind)
{
  switch (kind)
    {
    case ASTERN_COMPLETES_EXPRESSION:
      return " \t()[]{}+-*/%&|^!~<>=?:,;\"'";
    case ASTERN_COMPLETES_KEY:
      return " \t-";
    case ASTERN_COMPLETES_LOG_KIND:
      return " \t,";
    default:
      return " \t";
    }
}

typedef struct
{
  const char *text;
  gsize       length;
  GPtrArray  *found;
} Matching;

static void
add_if_matches (const char *word, gpointer data)
{
  Matching *m = data;

  if (strncmp (word, m->text, m->length) == 0)
    g_ptr_array_add (m->found, g_strdup (word));
}

/* The first of @names that is not before @text. */
static guint
lower_bound (GPtrArray *names, const char *text)
{
  guint low = 0, high = names->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (strcmp (g_ptr_array_index (names, middle), text) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
add_sorted (AsternMonitorNames *guard, GPtrArray *const *place, Matching *m)
{
  GPtrArray *names;

  g_mutex_lock (&guard->mutex);
  names = *place;
  for (guint i = names != NULL ? lower_bound (names, m->text) : 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (strncmp (name, m->text, m->length) != 0)
        break;
      g_ptr_array_add (m->found, g_strdup (name));
    }
  g_mutex_unlock (&guard->mutex);
}

static void
add_log_kinds (Matching *m)
{
#define X(id, name, help) add_if_matches (name, m);
  ASTERN_EVENT_KINDS (X)
#undef X
  add_if_matches ("none", m);
}

static void
sort_uniquely (GPtrArray *words)
{
  g_ptr_array_sort (words, compare_strings);
  for (guint i = words->len; i-- > 1; )
    if (g_str_equal (g_ptr_array_index (words, i), g_ptr_array_index (words, i - 1)))
      g_ptr_array_remove_index (words, i);
}

GPtrArray *
astern_monitor_completions (const char *head, const char *text, AsternMonitorNames *names)
{
  Matching m = { text, strlen (text), g_ptr_array_new_with_free_func (g_free) };

  switch (astern_monitor_completes (head))
    {
    case ASTERN_COMPLETES_COMMAND:
      astern_monitor_next_words (head, add_if_matches, &m);
      if (m.found->len == 0)     /* “help w” */
        astern_monitor_next_words ("", add_if_matches, &m);
      break;
    case ASTERN_COMPLETES_EXPRESSION:
      add_sorted (names, &names->expressions, &m);
      break;
    case ASTERN_COMPLETES_DEVICE:
      add_sorted (names, &names->devices, &m);
      break;
    case ASTERN_COMPLETES_KEY:
      for (guint i = 0; astern_key_name (i) != NULL; i++)
        add_if_matches (astern_key_name (i), &m);
      break;
    case ASTERN_COMPLETES_LOG_KIND:
      add_log_kinds (&m);
      break;
    case ASTERN_COMPLETES_FILE:
    case ASTERN_COMPLETES_NOTHING:
      break;
    }
  sort_uniquely (m.found);
  return m.found;
}
