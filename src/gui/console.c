/* console.c - see console.h. */
#include "config.h"

#include "gui/console.h"

#include <string.h>

/* Bytes printed at one moment end at @end. */
typedef struct
{
  AsternMoment moment;
  guint64      end;          /* counted from power-on */
} Piece;

struct _AsternConsole
{
  GObject        parent_instance;
  char          *name;
  gboolean       has_moments;
  GMainContext  *context;

  GMutex         mutex;
  AsternChardev *chardev;    /* guarded, (nullable), borrowed */
  AsternMoment (*moment) (gpointer user);
  gpointer       moment_user;
  GByteArray    *bytes;      /* guarded; the first is byte @start */
  guint64        start;
  GArray        *pieces;     /* guarded: Piece, ascending */
  gboolean       told;       /* guarded: a "written" is pending */
  guint          columns, rows; /* guarded; 0: unknown */
};

G_DEFINE_FINAL_TYPE (AsternConsole, astern_console, G_TYPE_OBJECT)

enum { WRITTEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean
emit_written (gpointer data)
{
  AsternConsole *console = data;

  g_mutex_lock (&console->mutex);
  console->told = FALSE;
  g_mutex_unlock (&console->mutex);
  g_signal_emit (console, signals[WRITTEN], 0);
  return G_SOURCE_REMOVE;
}

/* The mutex is held. */
static void
tell (AsternConsole *console)
{
  GSource *source;

  if (console->told)
    return;
  console->told = TRUE;
  source = g_idle_source_new ();
  g_source_set_callback (source, emit_written, g_object_ref (console), g_object_unref);
  g_source_attach (source, console->context);
  g_source_unref (source);
}

/* Half of it goes, so that this is seldom. */
static void
forget_oldest (AsternConsole *console)
{
  guint n = console->bytes->len / 2;
  guint gone = 0;

  g_byte_array_remove_range (console->bytes, 0, n);
  console->start += n;
  while (gone < console->pieces->len && g_array_index (console->pieces, Piece, gone).end <= console->start)
    gone++;
  g_array_remove_range (console->pieces, 0, gone);
}

static void
written (gpointer data, const guint8 *bytes, gsize size)
{
  AsternConsole *console = data;
  Piece piece = { { 0, 0 }, 0 };

  g_mutex_lock (&console->mutex);
  if (console->moment != NULL)
    piece.moment = console->moment (console->moment_user);
  g_byte_array_append (console->bytes, bytes, (guint) size);
  piece.end = console->start + console->bytes->len;
  if (console->has_moments)
    g_array_append_val (console->pieces, piece);
  if (console->bytes->len > ASTERN_CONSOLE_MAX_BYTES)
    forget_oldest (console);
  tell (console);
  g_mutex_unlock (&console->mutex);
}

void
astern_console_connect (AsternConsole *console, AsternChardev *chardev, AsternMoment (*moment) (gpointer user), gpointer user)
{
  AsternChardev *before;

  g_mutex_lock (&console->mutex);
  before = console->chardev;
  console->chardev = chardev;
  console->moment = chardev != NULL ? moment : NULL;
  console->moment_user = user;
  if (chardev != NULL)
    astern_chardev_set_size (chardev, console->columns, console->rows);
  g_mutex_unlock (&console->mutex);
  if (before != NULL)
    astern_chardev_set_sink (before, NULL, NULL);
  if (chardev != NULL)
    astern_chardev_set_sink (chardev, written, console);
}

void
astern_console_type (AsternConsole *console, const char *text, gsize size)
{
  g_mutex_lock (&console->mutex);
  if (console->chardev != NULL)
    astern_chardev_type (console->chardev, (const guint8 *) text, size);
  g_mutex_unlock (&console->mutex);
}

void
astern_console_set_size (AsternConsole *console, guint columns, guint rows)
{
  g_mutex_lock (&console->mutex);
  console->columns = columns;
  console->rows = rows;
  if (console->chardev != NULL)
    astern_chardev_set_size (console->chardev, columns, rows);
  g_mutex_unlock (&console->mutex);
}

/* How many pieces were printed up to @moment.  The mutex is held. */
static guint
pieces_until (AsternConsole *console, AsternMoment moment)
{
  guint low = 0, high = console->pieces->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (astern_moment_compare (g_array_index (console->pieces, Piece, middle).moment, moment) <= 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* The mutex is held. */
static guint64
size_until (AsternConsole *console, const AsternMoment *moment)
{
  guint n;

  if (moment == NULL || !console->has_moments)
    return console->start + console->bytes->len;
  n = pieces_until (console, *moment);
  return n > 0 ? g_array_index (console->pieces, Piece, n - 1).end : console->start;
}

void
astern_console_cut (AsternConsole *console, AsternMoment moment)
{
  guint64 end;

  g_mutex_lock (&console->mutex);
  end = size_until (console, &moment);
  if (console->has_moments && end < console->start + console->bytes->len)
    {
      g_array_set_size (console->pieces, pieces_until (console, moment));
      g_byte_array_set_size (console->bytes, (guint) (end - console->start));
      tell (console);
    }
  g_mutex_unlock (&console->mutex);
}

guint64
astern_console_size (AsternConsole *console, const AsternMoment *moment)
{
  guint64 size;

  g_mutex_lock (&console->mutex);
  size = size_until (console, moment);
  g_mutex_unlock (&console->mutex);
  return size;
}

guint8 *
astern_console_read (AsternConsole *console, guint64 from, guint64 to, gsize *size)
{
  guint8 *copy;

  g_mutex_lock (&console->mutex);
  from = MAX (from, console->start);
  to = MIN (to, console->start + console->bytes->len);
  *size = to > from ? (gsize) (to - from) : 0;
  copy = g_memdup2 (console->bytes->data + (from - console->start), *size);
  g_mutex_unlock (&console->mutex);
  return copy;
}

const char *
astern_console_name (AsternConsole *console)
{
  return console->name;
}

gboolean
astern_console_has_moments (AsternConsole *console)
{
  return console->has_moments;
}

static void
finalize (GObject *object)
{
  AsternConsole *console = ASTERN_CONSOLE (object);

  g_free (console->name);
  g_byte_array_unref (console->bytes);
  g_array_unref (console->pieces);
  g_clear_pointer (&console->context, g_main_context_unref);
  g_mutex_clear (&console->mutex);
  G_OBJECT_CLASS (astern_console_parent_class)->finalize (object);
}

static void
astern_console_class_init (AsternConsoleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = finalize;
  signals[WRITTEN] = g_signal_new ("written", ASTERN_TYPE_CONSOLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
astern_console_init (AsternConsole *console)
{
  console->bytes = g_byte_array_new ();
  console->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  g_mutex_init (&console->mutex);
}

AsternConsole *
astern_console_new (const char *name, gboolean has_moments, GMainContext *context)
{
  AsternConsole *console = g_object_new (ASTERN_TYPE_CONSOLE, NULL);

  console->name = g_strdup (name);
  console->has_moments = has_moments;
  console->context = context != NULL ? g_main_context_ref (context) : g_main_context_ref_thread_default ();
  return console;
}
