/* source-look - what the source pane asks of the machine, and what it has done there.
 *
 * Threads: a question is made and read on the main thread, answered on the machine's. */
#pragma once

#include "gui/frames.h"
#include "gui/rows.h"
#include "gui/run.h"

enum { ASTERN_VALUE_NAME, ASTERN_VALUE_VALUE, ASTERN_VALUE_TYPE };
/* IN_MEMORY: the row's address is where it lies; from SIZE on: how many bytes, at most 4095. */
enum { ASTERN_VALUE_IN_MEMORY = ASTERN_ROW_OWN, ASTERN_VALUE_SIZE = 1 << 16, ASTERN_VALUE_LARGEST = 4095 };

typedef struct
{
  guint    line;
  gboolean enabled;
} AsternSourceMark;

typedef struct
{
  guint   line;
  guint64 address;        /* the lowest of that line */
} AsternSourceCode;

typedef struct
{
  /* what is asked */
  guint       cpu;
  AsternFrameChoice choice;        /* the frame */
  guint       generation;          /* of the view's choice of a file */
  AsternFrameChoice followed;      /* what was followed last; the answer: what is there now */
  gboolean    follow;              /* the file is the frame's, when it has one; so it is where something has moved */
  char       *file;                /* (nullable) the file shown */
  gboolean    wants_code;          /* or what is shown becomes another file */
  guint       info_serial;         /* of the files that are known */
  char       *hover;               /* (nullable) a variable's path */
  GHashTable *unfolded;

  /* the answer */
  char       *frame_file;          /* (nullable) */
  guint       frame_line;
  char       *frame_function;      /* (nullable) */
  guint64     frame_address;
  gboolean    has_info;            /* there is debug information at all */
  GArray     *code;                /* (nullable) AsternSourceCode of `file`, by line */
  GArray     *marks;               /* AsternSourceMark */
  GPtrArray  *files;               /* (nullable) char *, when they are others than were known */
  char       *hover_text;          /* (nullable) */
  AsternRowList *values;
} AsternSourceQuestion;

void astern_source_question_free (AsternSourceQuestion *question);
/* The machine's thread. */
void astern_source_look          (AsternSession *session, AsternSourceQuestion *question);

/* Main thread.  Breakpoints where @line of @file begins; or no longer, when there are some.  What cannot be done is said. */
void astern_source_toggle        (AsternRun *run, const char *file, guint line);

/* Main thread.  Goes to where the last write to it was made. */
void astern_source_who_wrote     (AsternRun *run, guint64 address, guint64 size);

/* The line at or behind @line that has code; NULL: none. */
const AsternSourceCode *astern_source_code_at (GArray *code, guint line);
