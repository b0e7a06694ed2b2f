/* svga-state - what the files of the VMware card share.  For svga*.c alone. */
#pragma once

#include "hw/display/svga.h"
#include "hw/display/vga-state.h"

#define SVGA_MAX_WIDTH    4096
#define SVGA_MAX_HEIGHT   2160
#define SVGA_CURSOR_MAX   256           /* pixels, each way */
#define SVGA_N_SCREENS    8
#define SVGA_N_GMRS       64
#define SVGA_GMR_PAGES    ((SVGA_PRIVATE_SIZE - SVGA_GMR_TABLE) / 4)   /* of all together */
#define SVGA_GMR_TABLE    (SVGA_CURSOR_MAX * SVGA_CURSOR_MAX * 4)      /* in the private memory, behind the cursor's pixels */
#define SVGA_N_SCRATCH    64
#define SVGA_FRAMEBUFFER  0xfffffffeu   /* the id of the video memory among those of the guest's */

/* In the FIFO, words. */
enum
{
  FIFO_MIN, FIFO_MAX, FIFO_NEXT, FIFO_STOP, FIFO_CAPABILITIES, FIFO_FLAGS, FIFO_FENCE,
  FIFO_PITCHLOCK = 8, FIFO_CURSOR_ON, FIFO_CURSOR_X, FIFO_CURSOR_Y, FIFO_CURSOR_COUNT, FIFO_CURSOR_SCREEN = 15,
  FIFO_FENCE_GOAL = 289, FIFO_BUSY = 290, FIFO_N_REGS = 293,
};
enum { SVGA_IRQ_ANY_FENCE = 1 << 0, SVGA_IRQ_PROGRESS = 1 << 1, SVGA_IRQ_FENCE_GOAL = 1 << 2 };

/* Memory of the guest's that has a number: pages, in the table. */
typedef struct
{
  guint32 first, count;         /* in the table */
} SvgaGmr;

/* A screen that was defined, in the video memory. */
typedef struct
{
  guint32 on, width, height, offset, pitch;
  gint32  x, y;                 /* among the others */
} SvgaScreen;

typedef struct
{
  VgaState vga;
  guint32  index, id;
  guint32  enable, config_done, width, height, bits, pitchlock, traces, guest_id;
  guint32  irq_mask, irq_status;
  guint32  cursor_id, cursor_x, cursor_y, cursor_on;
  guint32  n_guest_displays, display_id;
  guint32  gmr_id;
  guint32  colors[768];
  guint32  scratch[SVGA_N_SCRATCH];
  SvgaGmr  gmrs[SVGA_N_GMRS];
  SvgaScreen screens[SVGA_N_SCREENS];
  guint32  reserved;
  /* The guest's frame buffer that is copied from. */
  guint32  gmrfb_id, gmrfb_offset, gmrfb_pitch, gmrfb_format;
  guint32  annotation;          /* a colour that the next copy may be */
  guint32  cursor_width, cursor_height, cursor_hot_x, cursor_hot_y;
  guint64  continue_ns;         /* deadline: there was too much to do at once */
} SvgaState;

typedef struct
{
  Vga             vga;
  SvgaState       s;
  AsternRamBlock *fifo, *private;   /* (nullable) */
  AsternTimer     timer;
} Svga;
VGA_ASSERT_CARD (Svga);

static inline guint32
svga_vram_size (const Svga *svga)
{
  return svga->vga.vram != NULL ? (guint32) svga->vga.vram->size : SVGA_VRAM_SIZE;
}

/* svga.c */
void     svga_update_irq     (Svga *svga);
guint32  svga_pitch          (const Svga *svga);

/* svga-fifo.c */
guint32  svga_fifo_get       (const Svga *svga, guint word);
void     svga_fifo_put       (Svga *svga, guint word, guint32 value);
/* Executes what is there, as far as one may at once. */
void     svga_fifo_run       (Svga *svga);

/* svga-memory.c */
void     svga_gmr_define     (Svga *svga, guint32 id, guint32 n_pages);
void     svga_gmr_set_page   (Svga *svga, guint32 id, guint32 page, guint32 ppn);
/* By a list of descriptors in the guest's memory, as the register has it; 0: none. */
void     svga_gmr_describe   (Svga *svga, guint32 id, guint32 ppn);
/* FALSE: outside. */
gboolean svga_memory_read    (Svga *svga, guint32 id, guint64 offset, gpointer data, gsize size);
gboolean svga_memory_write   (Svga *svga, guint32 id, guint64 offset, gconstpointer data, gsize size);
