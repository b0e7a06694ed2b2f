/* nvme-private - the NVMe controller's state, and what its files share.
 *
 * nvme.c has the registers, nvme-queue.c the rings and the commands under way, nvme-data.c the guest's buffers,
 * nvme-admin.c, nvme-identify.c and nvme-io.c the commands.
 *
 * Threads: as nvme.h. */
#pragma once

#include "hw/drive.h"
#include "hw/pci.h"
#include "hw/storage/nvme.h"

#define NVME_IO_QUEUES     16
#define NVME_QUEUES        (1 + NVME_IO_QUEUES)      /* 0: the admin queues */
#define NVME_QUEUE_ENTRIES 1024                      /* most that a queue has */
#define NVME_SLOTS         64                        /* commands under way */
#define NVME_EVENTS        4                         /* asynchronous event requests that wait */
#define NVME_SQE_WORDS     16
#define NVME_CQE_BYTES     16
#define NVME_PAGE_BYTES    4096
#define NVME_MDTS          7
#define NVME_MOST_BYTES    (NVME_PAGE_BYTES << NVME_MDTS)

/* Values of slot_phase. */
enum
{
  NVME_SLOT_FREE,
  NVME_SLOT_RUNNING,         /* until its deadline */
  NVME_SLOT_WAITING,         /* done; its completion queue is full */
};

/* Status: type << 8 | code (NVMe 1.4, section 4.6.1). */
typedef enum
{
  NVME_SUCCESS              = 0x000,
  NVME_INVALID_OPCODE       = 0x001,
  NVME_INVALID_FIELD        = 0x002,
  NVME_DATA_TRANSFER_ERROR  = 0x004,
  NVME_INTERNAL_ERROR       = 0x006,
  NVME_ABORT_REQUESTED      = 0x007,
  NVME_ABORTED_BY_DELETION  = 0x008,
  NVME_INVALID_NAMESPACE    = 0x00b,
  NVME_INVALID_SGL_SEGMENT  = 0x00d,
  NVME_SGL_TOO_LONG         = 0x00e,
  NVME_SGL_DATA_LENGTH      = 0x00f,
  NVME_SGL_TYPE             = 0x011,
  NVME_INVALID_PRP_OFFSET   = 0x013,
  NVME_WRITE_PROTECTED      = 0x020,
  NVME_LBA_OUT_OF_RANGE     = 0x080,
  NVME_CQ_INVALID           = 0x100,
  NVME_INVALID_QID          = 0x101,
  NVME_INVALID_QUEUE_SIZE   = 0x102,
  NVME_TOO_MANY_EVENTS      = 0x105,
  NVME_INVALID_VECTOR       = 0x108,
  NVME_INVALID_LOG          = 0x109,
  NVME_INVALID_DELETION     = 0x10c,
  NVME_NOT_SAVEABLE         = 0x10d,
  NVME_WRITE_FAULT          = 0x280,
  NVME_READ_ERROR           = 0x281,
  NVME_COMPARE_FAILURE      = 0x285,
  NVME_NO_COMPLETION        = 0xffff,      /* of ours: the command stays with the controller */
} NvmeStatus;

/* Queues and slots lie as arrays of each of their parts, so that each has a name in the field table. */
typedef struct
{
  AsternPciState     pci;
  AsternPciMsixState msix;
  guint64 asq, acq;
  guint64 deadline_ns;                     /* the first of slot_deadline_ns */
  guint64 sequence;                        /* commands fetched so far */
  guint64 bytes_read, bytes_written, reads, writes, errors;   /* for the health log */
  guint64 timestamp_ms, timestamp_set_ns;  /* as set, and when */
  guint64 sq_base[NVME_QUEUES], cq_base[NVME_QUEUES];
  guint64 slot_deadline_ns[NVME_SLOTS];
  guint64 slot_sequence[NVME_SLOTS];
  guint32 slot_sqe[NVME_SLOTS * NVME_SQE_WORDS];
  guint32 slot_result[NVME_SLOTS];         /* of one that waits */
  guint32 intms, cc, csts, aqa;
  guint32 arbitration, power, temperature_over, temperature_under, recovery, write_cache, coalescing,
          vectors_uncoalesced, atomicity, event_config;       /* features */
  guint32 event_pending;                   /* what an asynchronous event request would tell; 0: nothing */
  guint32 event_masked;                    /* bit mask of types that were told and whose log was not read */
  guint16 sq_size[NVME_QUEUES], sq_head[NVME_QUEUES], sq_tail[NVME_QUEUES], sq_cq[NVME_QUEUES];
  guint16 cq_size[NVME_QUEUES], cq_head[NVME_QUEUES], cq_tail[NVME_QUEUES], cq_vector[NVME_QUEUES];
  guint16 slot_status[NVME_SLOTS], slot_sq[NVME_SLOTS];
  guint16 event_cid[NVME_EVENTS];
  guint8  cq_phase[NVME_QUEUES], cq_interrupts[NVME_QUEUES];
  guint8  slot_phase[NVME_SLOTS];
  guint8  n_events;                        /* of event_cid */
  guint8  next_sq;                         /* whose turn it is to be fetched from */
  guint8  timestamp_origin;                /* 0: from reset; 1: from Set Features */
  guint8  reserved[3];
} NvmeState;

typedef struct
{
  AsternPciFunction parent;
  NvmeState         s;
  AsternTimer       timer;
  AsternDevice     *drive;                 /* (nullable) borrowed */
  char              serial[21];
  guint             block_shift;           /* 9, or 12 */
  guint8           *data;                  /* NVME_MOST_BYTES: of the medium */
  guint8           *other;                 /* ... and of the guest, to compare */
} Nvme;

/* A command that is carried out: the slot's copy, in the host's byte order. */
typedef struct
{
  guint   sq;
  guint8  opcode;
  guint16 cid;
  guint32 nsid;
  guint32 w[NVME_SQE_WORDS];
  guint32 result;                          /* dword 0 of the completion */
} NvmeCommand;

static inline gboolean
nvme_is_ready (const Nvme *nvme)
{
  return (nvme->s.csts & 1) != 0;
}

static inline guint64
nvme_blocks (const Nvme *nvme)
{
  return nvme->drive != NULL ? drive_size (nvme->drive) >> nvme->block_shift : 0;
}

void       nvme_guest_error      (Nvme *nvme, const char *what);

/* -- nvme-queue.c */
void       nvme_create_sq        (Nvme *nvme, guint queue, guint64 base, guint entries, guint cq);
void       nvme_create_cq        (Nvme *nvme, guint queue, guint64 base, guint entries, guint vector, gboolean interrupts);
void       nvme_delete_sq        (Nvme *nvme, guint queue);
void       nvme_delete_cq        (Nvme *nvme, guint queue);
void       nvme_forget_all       (Nvme *nvme);             /* queues, commands, events */
void       nvme_ring_sq          (Nvme *nvme, guint queue, guint32 tail);
void       nvme_ring_cq          (Nvme *nvme, guint queue, guint32 head);
void       nvme_update_pin       (Nvme *nvme);
void       nvme_expired          (gpointer nvme);
/* A state that was loaded may say anything: what cannot be is forgotten. */
void       nvme_make_sane        (Nvme *nvme);
gboolean   nvme_abort            (Nvme *nvme, guint sq, guint16 cid);
/* An asynchronous event: type | information << 8 | log page << 16. */
void       nvme_event            (Nvme *nvme, guint32 event);

/* -- nvme-data.c: @size at most NVME_MOST_BYTES, between the guest's buffer of a command and ours */
NvmeStatus nvme_to_guest         (Nvme *nvme, const NvmeCommand *command, gconstpointer data, gsize size);
NvmeStatus nvme_from_guest       (Nvme *nvme, const NvmeCommand *command, gpointer data, gsize size);

/* -- Commands: when their time has come */
NvmeStatus nvme_admin            (Nvme *nvme, NvmeCommand *command);
NvmeStatus nvme_identify         (Nvme *nvme, NvmeCommand *command);
NvmeStatus nvme_get_log          (Nvme *nvme, NvmeCommand *command);
NvmeStatus nvme_io               (Nvme *nvme, NvmeCommand *command);
guint64    nvme_io_latency_ns    (const Nvme *nvme, const NvmeCommand *command);
NvmeStatus nvme_get_feature      (Nvme *nvme, NvmeCommand *command);
NvmeStatus nvme_set_feature      (Nvme *nvme, NvmeCommand *command);
void       nvme_reset_features   (Nvme *nvme);
