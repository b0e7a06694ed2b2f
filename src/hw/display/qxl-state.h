/* qxl-state - what the files of the QXL card share.  For qxl*.c alone. */
#pragma once

#include "hw/display/qxl.h"
#include "hw/display/vga-state.h"

#define QXL_N_SLOTS      8
#define QXL_N_SURFACES   128
#define QXL_CURSOR_MAX   64             /* pixels, each way */
#define QXL_MAX_SIZE     8192           /* of a surface, each way */

/* In the RAM header (spice's qxl_dev.h, QXLRam). */
enum
{
  RAM_MAGIC = 0, RAM_INT_PENDING = 4, RAM_INT_MASK = 8, RAM_COMMANDS = 4108, RAM_CURSORS = 4640, RAM_RELEASES = 5172,
  RAM_MEM_SLOT = 5276, RAM_CREATE = 5292, RAM_MONITORS = 5340,
};
/* In a ring. */
enum { RING_N = 0, RING_PROD = 4, RING_NOTIFY_ON_PROD = 8, RING_CONS = 12, RING_NOTIFY_ON_CONS = 16, RING_ITEMS = 20 };
enum { QXL_N_COMMANDS = 32, QXL_N_RELEASES = 8 };
enum { QXL_INT_DISPLAY = 1 << 0, QXL_INT_CURSOR = 1 << 1, QXL_INT_IO_CMD = 1 << 2, QXL_INT_ERROR = 1 << 3 };
enum { QXL_FORMAT_NONE = 0, QXL_FORMAT_8 = 8, QXL_FORMAT_555 = 16, QXL_FORMAT_XRGB = 32, QXL_FORMAT_565 = 80, QXL_FORMAT_ARGB = 96 };

/* Part of one of the card's memories that the guest has given a number. */
typedef struct
{
  guint32 active;
  guint32 block;                /* 0: RAM, 1: surfaces' */
  guint32 start, size;
} QxlSlot;

typedef struct
{
  guint32 format;               /* 0: there is none */
  guint32 width, height;
  gint32  stride;               /* bytes; negative: from the bottom */
  guint32 block, start;         /* of its first row */
} QxlSurface;

typedef struct
{
  VgaState   vga;
  QxlSlot    slots[QXL_N_SLOTS];
  QxlSurface surfaces[QXL_N_SURFACES];      /* the first is what is shown */
  guint32    head_on, head_x, head_y, head_width, head_height;   /* the part of it that the guest says is the monitor */
  guint32    cursor_shown, cursor_x, cursor_y, cursor_width, cursor_height, cursor_hot_x, cursor_hot_y;
  guint32    n_released;        /* commands in the list that the guest has not been given */
  guint64    last_released;     /* where the last of them is */
  guint64    continue_ns;       /* deadline: there was too much to do at once */
} QxlState;

typedef struct
{
  Vga             vga;
  QxlState        s;
  AsternRamBlock *surfaces, *rom, *private;   /* (nullable) */
  AsternTimer     timer;
} Qxl;
VGA_ASSERT_CARD (Qxl);

/* A place in one of the card's memories, and how much there is. */
typedef struct
{
  guint32 block, start, size;
} QxlPlace;

/* Without memory there is none, in the tests of classes. */
static inline guint32
qxl_ram_size (const Qxl *qxl)
{
  return qxl->vga.vram != NULL ? (guint32) qxl->vga.vram->size : QXL_RAM_SIZE;
}

static inline guint32
qxl_surfaces_size (const Qxl *qxl)
{
  return qxl->surfaces != NULL ? (guint32) qxl->surfaces->size : QXL_VRAM_SIZE;
}

/* Where the rings are in the RAM. */
static inline guint32
qxl_header (const Qxl *qxl)
{
  return qxl_ram_size (qxl) - 0x2000;
}

/* qxl.c */
void      qxl_interrupt     (Qxl *qxl, guint32 events);

/* qxl-memory.c */
/* Where a guest's physical address leads, for @size bytes; FALSE: nowhere. */
gboolean  qxl_find          (const Qxl *qxl, guint64 address, guint64 size, QxlPlace *place);
const guint8 *qxl_bytes     (const Qxl *qxl, const QxlPlace *place);
/* Copies from where an address leads; FALSE: nowhere, and zeros. */
gboolean  qxl_read          (const Qxl *qxl, guint64 address, gpointer data, gsize size);
void      qxl_store         (Qxl *qxl, guint32 block, guint64 offset, gconstpointer data, gsize size);
guint32   qxl_header_get    (const Qxl *qxl, guint offset);
void      qxl_header_put    (Qxl *qxl, guint offset, guint32 value);
void      qxl_error         (Qxl *qxl, const char *what, guint64 value);
gboolean  qxl_surface_fits  (const Qxl *qxl, const QxlSurface *surface);
/* A surface as a command or the header has it: format, width, height, stride. */
gboolean  qxl_surface_make  (Qxl *qxl, QxlSurface *surface, guint64 address);

/* qxl-draw.c */
/* Executes a QXLDrawable; returns how many bytes that moved. */
guint64   qxl_draw          (Qxl *qxl, guint64 address);

/* qxl-rings.c */
void      qxl_run_commands  (Qxl *qxl);
void      qxl_run_cursors   (Qxl *qxl);
/* Gives the guest back what it may free. */
void      qxl_push_releases (Qxl *qxl);
void      qxl_init_rings    (Qxl *qxl);

static inline guint32
qxl_get32 (const guint8 *at)
{
  return at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

static inline guint64
qxl_get64 (const guint8 *at)
{
  return qxl_get32 (at) | (guint64) qxl_get32 (at + 4) << 32;
}

static inline guint
qxl_bytes_per_pixel (guint32 format)
{
  return format == QXL_FORMAT_8 ? 1 : format == QXL_FORMAT_555 || format == QXL_FORMAT_565 ? 2 : 4;
}
