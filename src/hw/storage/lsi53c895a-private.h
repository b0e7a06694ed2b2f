/* lsi53c895a-private - the adapter's state, and what its files share.
 *
 * lsi53c895a.c has the registers, lsi53c895a-scripts.c the SCRIPTS processor, lsi53c895a-target.c what is at the other
 * end of the cable: the phases that a target goes through.
 *
 * Threads: as lsi53c895a.h. */
#pragma once

#include "hw/pci.h"
#include "hw/storage/lsi53c895a.h"

#define LSI_RAM_BYTES 8192

/* Registers (LSI53C895A technical manual, chapter 4). */
enum
{
  LSI_SCNTL0 = 0x00, LSI_SCNTL1 = 0x01, LSI_SCNTL2 = 0x02, LSI_SCNTL3 = 0x03, LSI_SCID = 0x04, LSI_SXFER = 0x05,
  LSI_SDID = 0x06, LSI_GPREG = 0x07, LSI_SFBR = 0x08, LSI_SOCL = 0x09, LSI_SSID = 0x0a, LSI_SBCL = 0x0b,
  LSI_DSTAT = 0x0c, LSI_SSTAT0 = 0x0d, LSI_SSTAT1 = 0x0e, LSI_SSTAT2 = 0x0f, LSI_DSA = 0x10, LSI_ISTAT0 = 0x14,
  LSI_ISTAT1 = 0x15, LSI_CTEST2 = 0x1a, LSI_CTEST3 = 0x1b, LSI_TEMP = 0x1c, LSI_DBC = 0x24, LSI_DCMD = 0x27,
  LSI_DNAD = 0x28, LSI_DSP = 0x2c, LSI_DSPS = 0x30, LSI_SCRATCHA = 0x34, LSI_DMODE = 0x38, LSI_DIEN = 0x39,
  LSI_DCNTL = 0x3b, LSI_SIEN0 = 0x40, LSI_SIEN1 = 0x41, LSI_SIST0 = 0x42, LSI_SIST1 = 0x43, LSI_STIME1 = 0x49,
  LSI_SIDL = 0x50, LSI_STEST4 = 0x52, LSI_CCNTL0 = 0x56, LSI_CCNTL1 = 0x57, LSI_SCRATCHB = 0x5c, LSI_SCRATCHC = 0x60,
  LSI_MMRS = 0xa0, LSI_MMWS = 0xa4, LSI_SFS = 0xa8, LSI_DRS = 0xac, LSI_SBMS = 0xb0, LSI_DBMS = 0xb4, LSI_DNAD64 = 0xb8,
  LSI_PMJAD1 = 0xc0, LSI_PMJAD2 = 0xc4, LSI_RBC = 0xc8, LSI_UA = 0xcc, LSI_ESA = 0xd0, LSI_IA = 0xd4, LSI_SBC = 0xd8,
  LSI_CSBC = 0xdc,
};

enum { SCNTL1_RST = 1 << 3, SCNTL1_CON = 1 << 4, SCNTL2_SDU = 1 << 7 };
enum { DSTAT_IID = 1 << 0, DSTAT_SIR = 1 << 2, DSTAT_SSI = 1 << 3, DSTAT_ABRT = 1 << 4, DSTAT_BF = 1 << 5, DSTAT_DFE = 1 << 7 };
enum { ISTAT0_DIP = 1 << 0, ISTAT0_SIP = 1 << 1, ISTAT0_INTF = 1 << 2, ISTAT0_CON = 1 << 3, ISTAT0_SEM = 1 << 4,
       ISTAT0_SIGP = 1 << 5, ISTAT0_SRST = 1 << 6, ISTAT0_ABRT = 1 << 7 };
enum { SIST0_RST = 1 << 1, SIST0_UDC = 1 << 2, SIST0_SGE = 1 << 3, SIST0_CMP = 1 << 6, SIST0_MA = 1 << 7 };
enum { SIST1_GEN = 1 << 1, SIST1_STO = 1 << 2 };
enum { DMODE_MAN = 1 << 0, DMODE_DIOM = 1 << 4, DMODE_SIOM = 1 << 5 };
enum { DCNTL_COM = 1 << 0, DCNTL_IRQD = 1 << 1, DCNTL_STD = 1 << 2, DCNTL_SSM = 1 << 4 };
enum { CCNTL0_ENNDJ = 1 << 5, CCNTL0_PMJCTL = 1 << 6, CCNTL0_ENPMJ = 1 << 7 };
enum { CCNTL1_EN64DBMV = 1 << 0, CCNTL1_EN64TIBMV = 1 << 1, CCNTL1_64TIMOD = 1 << 2 };

/* Phases: MSG, C/D, I/O. */
enum { PHASE_DATA_OUT, PHASE_DATA_IN, PHASE_COMMAND, PHASE_STATUS, PHASE_MESSAGE_OUT = 6, PHASE_MESSAGE_IN = 7 };

/* Values of `script` */
enum
{
  SCRIPT_STOPPED,
  SCRIPT_RUNNING,          /* at script_ns the next instructions are done */
  SCRIPT_BLOCKED,          /* waits for the target: a phase, or the bus to be free */
  SCRIPT_IDLE,             /* WAIT RESELECT: until SIGP */
};

/* Values of `link` */
enum { LINK_FREE, LINK_SELECTING /* of nobody: times out */, LINK_CONNECTED };

/* Values of `target_does`: at target_ns */
enum { TARGET_NOTHING, TARGET_TIMES_OUT, TARGET_HAS_DATA, TARGET_FINISHES };

typedef struct
{
  AsternPciState pci;
  guint64     script_ns, target_ns, general_ns;
  ScsiRequest request;                 /* the target's */
  guint8      r[256];                  /* registers by their offsets */
  guint8      ram[LSI_RAM_BYTES];
  guint8      script;
  guint8      carry;
  guint8      move;                    /* a block move has begun: DBC, DNAD and DNAD64 say what is left of it */
  guint8      link;
  guint8      phase;                   /* as the target drives it, or drove it last */
  guint8      req;                     /* it is valid: the target wants a byte, or has one */
  guint8      attention;               /* ATN is driven */
  guint8      ack;                     /* a message's last byte is not acknowledged yet */
  guint8      without_attention;       /* selected so: the target takes a command, but would take messages first */
  guint8      target, lun;
  guint8      target_does;
  guint8      message;                 /* the byte of MESSAGE IN */
  guint8      next_phase;              /* after messages */
  guint8      free_next;               /* after MESSAGE IN the bus is free */
  guint8      again;                   /* the instruction before DSP has been fetched, and is still to be done */
} LsiState;

typedef struct
{
  AsternPciFunction parent;
  LsiState          s;
  ScsiBus           bus;
  AsternTimer       script_timer, target_timer, general_timer;
} Lsi;

static inline guint32
lsi_get32 (const Lsi *lsi, guint reg)
{
  const guint8 *p = &lsi->s.r[reg];

  return p[0] | p[1] << 8 | p[2] << 16 | (guint32) p[3] << 24;
}

static inline void
lsi_put32 (Lsi *lsi, guint reg, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    lsi->s.r[reg + i] = (guint8) (value >> 8 * i);
}

/* The byte counters have 24 bits; their fourth byte is another register. */
static inline guint32
lsi_get24 (const Lsi *lsi, guint reg)
{
  return lsi_get32 (lsi, reg) & 0xffffff;
}

static inline void
lsi_put24 (Lsi *lsi, guint reg, guint32 value)
{
  for (guint i = 0; i < 3; i++)
    lsi->s.r[reg + i] = (guint8) (value >> 8 * i);
}

void lsi_guest_error      (Lsi *lsi, const char *what);
/* Interrupts stop SCRIPTS, but for those of the general purpose timer. */
void lsi_dma_interrupt    (Lsi *lsi, guint8 dstat);
void lsi_scsi_interrupt   (Lsi *lsi, guint8 sist0, guint8 sist1);
void lsi_update_irq       (Lsi *lsi);
/* By bus master, but for SCRIPTS memory, which is ours. */
gboolean lsi_read_memory  (Lsi *lsi, guint64 address, gpointer data, gsize size);
gboolean lsi_write_memory (Lsi *lsi, guint64 address, gconstpointer data, gsize size);

/* -- SCRIPTS */
void lsi_script_start     (Lsi *lsi);      /* at DSP */
void lsi_script_stop      (Lsi *lsi);
void lsi_script_wake      (Lsi *lsi);      /* what it is blocked by may have changed */
void lsi_script_signal    (Lsi *lsi);      /* SIGP */
void lsi_script_expired   (gpointer lsi);

/* -- The target */
void lsi_target_select    (Lsi *lsi, guint id, gboolean with_attention);
void lsi_target_set_attention (Lsi *lsi);
void lsi_target_acknowledge   (Lsi *lsi);  /* ACK is let go */
void lsi_target_reset     (Lsi *lsi);      /* the bus is */
void lsi_target_expired   (gpointer lsi);
void lsi_target_make_sane (Lsi *lsi);
/* A piece of the phase's bytes; returns how many were moved. */
guint32 lsi_target_move   (Lsi *lsi, guint64 address, guint32 size);
