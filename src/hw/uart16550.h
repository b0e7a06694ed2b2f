/* uart16550 - 16550A serial port.
 *
 * Window 0 is its eight ports.  What comes from outside waits in a backlog that
 * is part of the state, and moves into the receive FIFO as the guest reads.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"

#define UART16550_BACKLOG_BYTES 4096    /* a power of two */

extern const AsternDeviceClass uart16550_class;

/* Gets what the guest sends, at once.  Never called while loopback is on. */
typedef void (*Uart16550TransmitFunc) (gpointer host, const guint8 *data, gsize size);

/* The interrupt wire; gated by MCR.OUT2, as on a PC. */
AsternIrq *uart16550_irq          (AsternDevice *uart);

void       uart16550_set_transmit (AsternDevice *uart, Uart16550TransmitFunc transmit,
                                   gpointer host);

/* A byte from the line; FALSE: the backlog is full, the byte is lost and counted as an overrun. */
gboolean   uart16550_receive      (AsternDevice *uart, guint8 byte);

/* How many bytes there is room for. */
guint      uart16550_can_receive  (AsternDevice *uart);

/* AsternInputFunc: bytes from the line; @uart is the device. */
void       uart16550_input        (gpointer uart, gconstpointer data, gsize size);

/* The modem's lines: bits 4..7 as in MSR (CTS, DSR, RI, DCD).  CTS, DSR and DCD are up at first. */
void       uart16550_set_modem    (AsternDevice *uart, guint8 lines);
