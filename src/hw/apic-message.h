/* apic-message - what I/O APICs, MSI writers and local APICs send to local APICs.
 *
 * Threads: plain values. */
#pragma once

#include <glib.h>

/* Delivery modes, as in ICR, LVT and redirection entries. */
typedef enum
{
  APIC_FIXED, APIC_LOWEST_PRIORITY, APIC_SMI, APIC_REMOTE_READ, APIC_NMI, APIC_INIT, APIC_SIPI,
  APIC_EXTINT,
} ApicDelivery;

#define APIC_BROADCAST G_MAXUINT32

typedef struct
{
  guint32 destination;    /* an APIC ID, or a logical one; APIC_BROADCAST: all */
  guint8  logical;        /* whether destination is a logical one */
  guint8  delivery;       /* ApicDelivery */
  guint8  vector;
  guint8  level;          /* level-triggered: its end is told to the I/O APICs */
} ApicMessage;

/* A destination of eight bits, as I/O APICs, MSI and xAPICs have it. */
static inline guint32
apic_destination8 (guint8 destination, gboolean logical)
{
  return !logical && destination == 0xff ? APIC_BROADCAST : destination;
}

typedef void (*ApicDeliverFunc) (gpointer bus, const ApicMessage *message);
