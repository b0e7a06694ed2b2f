/* floppy - a floppy disk drive: its arm, and the formats of what may be in it.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/device.h"
#include "hw/card.h"

extern const AsternDeviceClass floppy_class;
extern const AsternCard        floppy_card;

#define FLOPPY_SECTOR_BYTES 512

typedef struct
{
  guint8 cylinders, heads, sectors;     /* sectors of a track */
  guint8 rate;                          /* as the controller numbers it: 0: 500, 1: 300, 2: 250, 3: 1000 kbit/s */
  guint8 type;                          /* the drive for it, as the CMOS memory numbers them: 2: 1.2 M, 4: 1.44 M, 5: 2.88 M */
} FloppyFormat;

void         floppy_set_drive  (AsternDevice *floppy, AsternDevice *drive);
AsternDevice *floppy_drive     (AsternDevice *floppy);        /* (nullable) */
/* Of what is in; NULL: nothing is, or it has a size that no floppy has. */
const FloppyFormat *floppy_format (AsternDevice *floppy);
/* The CMOS memory's number of the drive: for what is in, or a drive of 1.44 M. */
guint        floppy_type       (AsternDevice *floppy);

guint        floppy_cylinder   (AsternDevice *floppy);
/* The arm moves: the change line falls when a medium is in. */
void         floppy_seek       (AsternDevice *floppy, guint cylinder);
gboolean     floppy_is_changed (AsternDevice *floppy);
gboolean     floppy_readonly   (AsternDevice *floppy);
/* At the arm's cylinder, which the medium has, like @head and @sector (from 1 on). */
gboolean     floppy_read       (AsternDevice *floppy, guint head, guint sector, guint8 *data);
gboolean     floppy_write      (AsternDevice *floppy, guint head, guint sector, const guint8 *data);
