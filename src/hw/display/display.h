/* display - what a card shows, for people: the picture, its text, the pointer that the card draws.
 *
 * Whoever shows a screen (the window, a screendump, VNC, SPICE) asks here and need not know the card.  A card
 * with a screen is a row in the table of display.c.  A card may have several screens: heads.
 *
 * Looking never changes the machine.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   pixels. */
#pragma once

#include "core/cursor.h"
#include "core/machine.h"
#include "core/picture.h"

/* A screen that is looked at again and again, with what it was drawn from: only what has changed is drawn again.
 * Zeroed: never drawn. */
typedef struct
{
  AsternPicture picture;
  guint         first_row, end_row; /* what the last update changed of the picture */
  gboolean      apart;              /* set by who looks: the cursor is not drawn into the picture */
  AsternCursor  cursor;             /* as last seen */
  gboolean      cursor_changed;     /* by the last update */
  GByteArray   *seen;               /* (nullable) the card's: what the picture was drawn from */
  AsternPicture below;              /* what the cursor covers */
  gint          below_x, below_y;
} AsternScreen;

void     astern_screen_clear   (AsternScreen *screen);
/* For a card's update: rows of the picture that are not as in @before, which has its size, have changed. */
void     astern_screen_compare (AsternScreen *screen, const AsternPicture *before);
/* For cards without an update of their own: draws all and finds the rows that are not as before. */
void     astern_screen_redraw  (AsternScreen *screen, AsternDevice *device, guint head,
                                void (*draw) (AsternDevice *device, guint head, AsternPicture *picture));

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AsternScreen, astern_screen_clear)

/* What a card has to say about its screens. */
typedef struct
{
  const AsternDeviceClass *klass;
  guint  (*heads)  (AsternDevice *device);                                          /* NULL: 1 */
  /* The screen as it is now, without the cursor, however small or large; what blinks is shown. */
  void   (*draw)   (AsternDevice *device, guint head, AsternPicture *picture);
  /* (nullable) the same, only what has changed: sets first_row, end_row, keeps in `seen` what it wants to. */
  void   (*update) (AsternDevice *device, guint head, AsternScreen *screen);
  /* (nullable) fills @cursor, which may hold another one.  FALSE: none. */
  gboolean (*cursor) (AsternDevice *device, guint head, AsternCursor *cursor);
  char  *(*text)   (AsternDevice *device);                                          /* (nullable) NULL: graphics */
  /* (nullable) whether @part, a device with a screen, is in this one, which shows what there is to see of it. */
  gboolean (*owns) (AsternDevice *device, AsternDevice *part);
} AsternDisplayClass;

/* The machine's @n-th card with a screen, the first being the one that the PC starts with; NULL: there are not so many. */
AsternDevice *astern_display_find  (AsternMachine *machine, guint n);
gboolean      astern_is_display    (const AsternDevice *device);
guint         astern_display_heads (AsternDevice *device);

/* The screen as it is now, with its cursor. */
void          astern_display_draw  (AsternDevice *device, guint head, AsternPicture *picture);
/* FALSE: nothing has changed. */
gboolean      astern_display_update (AsternDevice *device, guint head, AsternScreen *screen);
/* The lines of a text screen, without trailing blanks; NULL in a graphics mode.  Free it. */
char         *astern_display_text  (AsternDevice *device);
