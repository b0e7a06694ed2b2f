/* i8237 - the PC's pair of DMA controllers, their page registers, and how a device on the ISA bus uses a channel.
 *
 * A device raises its request; when the guest has set the channel up, now or later, the device is told, and moves
 * as much as it has in one go.  Channels 0..3 move bytes, 5..7 words; 4 is the cascade.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes, for channels of words, too. */
#pragma once

#include "core/bus.h"
#include "core/device.h"

enum
{
  I8237_LOW_WINDOW,             /* channels 0..3: 16 ports */
  I8237_HIGH_WINDOW,            /* channels 4..7: 32 ports, every second one used */
  I8237_PAGE_WINDOW,            /* 16 ports at 0x80; those of no channel are memory of a byte */
};

#define I8237_CHANNELS 8

extern const AsternDeviceClass i8237_class;

/* Where memory is. */
void     i8237_connect     (AsternDevice *dma, AsternBus *memory);
/* Who asks on @channel.  @granted: the channel may be used, the request being up; never within i8237_request(). */
void     i8237_attach      (AsternDevice *dma, guint channel, void (*granted) (gpointer device), gpointer device);

/* The device's DREQ. */
void     i8237_request     (AsternDevice *dma, guint channel, gboolean level);
/* Whether the channel is set up: not masked, its controller on, of the mode that @to_memory wants. */
gboolean i8237_is_granted  (AsternDevice *dma, guint channel, gboolean to_memory);
/* Bytes up to terminal count, of the channel as it is set up. */
guint    i8237_left        (AsternDevice *dma, guint channel);

/* The device moves up to @size bytes between @data and memory; returns how many.  @terminal: (out) (optional) that was
 * the last of them: the channel begins anew, or is masked.  Not granted, or of the other direction: nothing. */
guint    i8237_to_memory   (AsternDevice *dma, guint channel, gconstpointer data, guint size, gboolean *terminal);
guint    i8237_from_memory (AsternDevice *dma, guint channel, gpointer data, guint size, gboolean *terminal);
