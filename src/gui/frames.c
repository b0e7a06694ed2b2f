/* frames.c - see frames.h. */
#include "config.h"

#include "gui/frames.h"

#define ASTERN_TYPE_FRAMES (astern_frames_get_type ())
G_DECLARE_FINAL_TYPE (AsternFrames, astern_frames, ASTERN, FRAMES, GObject)

/* Belongs to a run. */
struct _AsternFrames
{
  GObject           parent_instance;
  AsternFrameChoice choice;
};

G_DEFINE_FINAL_TYPE (AsternFrames, astern_frames, G_TYPE_OBJECT)

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static AsternFrames *
of_run (AsternRun *run)
{
  AsternFrames *frames = g_object_get_data (G_OBJECT (run), "astern-frames");

  if (frames == NULL)
    {
      frames = g_object_new (ASTERN_TYPE_FRAMES, NULL);
      g_object_set_data_full (G_OBJECT (run), "astern-frames", frames, g_object_unref);
    }
  return frames;
}

AsternFrameChoice
astern_frames_chosen (AsternRun *run)
{
  return of_run (run)->choice;
}

void
astern_frames_choose (AsternRun *run, guint index)
{
  AsternFrames *frames = of_run (run);

  frames->choice = (AsternFrameChoice) { index, astern_run_status (run)->present };
  g_signal_emit (frames, signals[CHOSEN], 0);
}

guint
astern_frame_choice_index (const AsternFrameChoice *choice, AsternSession *session)
{
  AsternMoment present = astern_clock_moment (&session->launch->machine->clock);

  return astern_moment_compare (choice->at, present) == 0 ? choice->index : 0;
}

void
astern_frames_watch (AsternRun *run, GCallback changed, gpointer object)
{
  g_signal_connect_object (of_run (run), "chosen", changed, object, G_CONNECT_SWAPPED);
}

void
astern_frames_forget (AsternRun *run, GCallback changed, gpointer object)
{
  g_signal_handlers_disconnect_by_func (of_run (run), changed, object);
}

static void
astern_frames_class_init (AsternFramesClass *klass)
{
  signals[CHOSEN] = g_signal_new ("chosen", ASTERN_TYPE_FRAMES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
astern_frames_init (AsternFrames *frames)
{
}
