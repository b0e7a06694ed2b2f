/* pic8259 - one 8259A interrupt controller.
 *
 * A PC has two: the slave's INT is a line of the master (pic8259_cascade()).
 * Window 0 is the chip's two ports, window 1 its edge/level control register.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "core/device.h"
#include "core/irqchip.h"

extern const AsternDeviceClass pic8259_class;

enum { PIC8259_WINDOW_CHIP, PIC8259_WINDOW_ELCR };

/* The chip's INT pin; for a slave it is connected by pic8259_cascade(). */
AsternIrq *pic8259_int         (AsternDevice *pic);

/* Puts @slave behind line @line (2 on a PC) of @master. */
void       pic8259_cascade     (AsternDevice *master, AsternDevice *slave, guint line);

/* AsternIrqFunc of lines 0..7. */
void       pic8259_set_irq     (gpointer pic, guint line, gboolean level);

/* The CPU's interrupt acknowledge cycle; gives the vector, that of the spurious
 * interrupt (line 7) when no request stands. */
int        pic8259_acknowledge (AsternDevice *master);

/* What it holds, and what it holds from now on (core/irqchip.h); the INT pin is not driven. */
void       pic8259_take_values (AsternDevice *pic, AsternPicValues *values);
void       pic8259_give_values (AsternDevice *pic, const AsternPicValues *values);
/* What INT is now. */
gboolean   pic8259_get_int     (AsternDevice *pic);
