/* clipboard - what is copied in the guest and outside of it: a line to the guest's agent (-chardev qemu-vdagent), and who tells
 * and hears of text.
 *
 * Threads: the main thread; `text` is called on the host's. */
#pragma once

#include "launch/launch.h"

typedef struct _AsternClipboard AsternClipboard;

/* @text: (UTF-8) was copied in the guest. */
AsternClipboard *astern_clipboard_new     (AsternHostLoop *loop, const AsternLine *line, void (*text) (gpointer user, const char *text), gpointer user);
void             astern_clipboard_free    (AsternClipboard *clipboard);

/* @text was copied outside. */
void             astern_clipboard_offer   (AsternClipboard *clipboard, const char *text);
/* The guest is another one than it was. */
void             astern_clipboard_restart (AsternClipboard *clipboard);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternClipboard, astern_clipboard_free)
