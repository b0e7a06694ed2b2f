/* ahci-private - what the files of the AHCI controller share.  For ahci*.c alone. */
#pragma once

#include "hw/storage/ahci.h"

#include "core/clock.h"
#include "hw/storage/ata.h"

#define AHCI_SLOTS   32
#define AHCI_NO_SLOT 0xff

/* PxIS, PxIE */
enum
{
  PXIS_DHRS = 1 << 0, PXIS_PSS = 1 << 1, PXIS_DSS = 1 << 2, PXIS_SDBS = 1 << 3, PXIS_DPS = 1 << 5, PXIS_PCS = 1 << 6,
  PXIS_PRCS = 1 << 22, PXIS_HBFS = 1 << 29, PXIS_TFES = 1 << 30,
};
/* PxCMD */
enum
{
  PXCMD_ST = 1 << 0, PXCMD_SUD = 1 << 1, PXCMD_POD = 1 << 2, PXCMD_CLO = 1 << 3, PXCMD_FRE = 1 << 4,
  PXCMD_FR = 1 << 14, PXCMD_CR = 1 << 15,
};
enum { PXSERR_N = 1 << 16, PXSERR_X = 1 << 26 };

typedef struct
{
  guint64 queue_ns;                     /* deadline: the earliest of the queue */
  guint64 queued_ns[AHCI_SLOTS];        /* when each is done */
  guint64 queued_lba[AHCI_SLOTS];
  guint32 queued_sectors[AHCI_SLOTS];
  guint32 queued, queued_out;           /* a bit a slot: in the queue; it writes */
  guint32 clb, clbu, fb, fbu, is, ie, cmd, tfd, sig, sctl, serr, sact, ci, sntf;
  guint8  slot;                         /* that the drive is at; AHCI_NO_SLOT: none */
  guint8  last;                         /* that was issued */
  guint8  halted;                       /* a command failed: nothing goes on until ST is cleared */
  guint8  signature;                    /* to be told when FIS are received */
  guint8  resetting;                    /* by a FIS, SRST */
  guint8  reserved[11];
} AhciPort;

typedef struct
{
  AsternPciState pci;
  AhciPort ports[AHCI_PORTS];
  guint32  ghc, is;
} AhciState;

typedef struct _Ahci Ahci;

typedef struct
{
  Ahci *ahci;
  guint port;
} AhciRef;

struct _Ahci
{
  AsternPciFunction parent;
  AhciState     s;
  AsternDevice *drives[AHCI_PORTS];     /* (nullable) */
  AsternTimer   timers[AHCI_PORTS];
  AhciRef       refs[AHCI_PORTS];
};

void ahci_guest_error (Ahci *self, guint port, const char *what);

/* -- ahci.c */

/* Bits of PxIS, and who hears of them. */
void ahci_interrupt   (Ahci *self, guint port, guint32 bits);
gboolean ahci_is_linked (const Ahci *self, guint port);

/* -- ahci-commands.c */

extern const AtaHost ahci_host;

/* Issues what waits and can be. */
void ahci_run         (Ahci *self, guint port);
/* The port's timer: queued commands are done. */
void ahci_queue_due   (gpointer ref);
/* Whatever the port was at is dropped. */
void ahci_abort       (Ahci *self, guint port);
/* The drive says what it is, when it was reset. */
void ahci_tell_signature (Ahci *self, guint port);
