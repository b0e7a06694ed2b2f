/* png - a picture of the guest's screen as a PNG file.
 *
 * Threads: any. */
#pragma once

#include "core/picture.h"

#include <gio/gio.h>

/* Neither side may be 0 or over 16384. */
GBytes *astern_png_encode (const AsternPicture *picture);
