/* fuzz-controller - a stream of bytes as what a guest does with a PCI function: registers, memory, time.
 *
 * Each step: a byte that says what (its low three bits) and how much, and its operands; addresses in memory are kept
 * inside, near what the controller was told of.
 *
 * Threads: a fuzz target's own. */
#pragma once

#include "hw/pci.h"

#include "../hw/storage/storage-fixture.h"

#define FUZZ_MEMORY 0x20000       /* what steps write: from FUZZ_BASE on */
#define FUZZ_BASE   0x10000

typedef struct
{
  const guint8 *data;
  gsize         size;
} FuzzInput;

static inline guint64
fuzz_take (FuzzInput *input, guint bytes)
{
  guint64 value = 0;

  for (guint i = 0; i < bytes && input->size > 0; i++)
    {
      value |= (guint64) *input->data++ << 8 * i;
      input->size--;
    }
  return value;
}

static inline void
fuzz_pass (AsternMachine *machine, guint64 ns)
{
  guint64 end_ns = astern_clock_now_ns (&machine->clock) + ns;

  for (guint n = 0; n < 64 && machine->clock.next_ns <= end_ns; n++)
    {
      guint64 now_ns = astern_clock_now_ns (&machine->clock);

      if (machine->clock.next_ns > now_ns)
        astern_clock_skip (&machine->clock, machine->clock.next_ns - now_ns);
      astern_clock_fire_due (&machine->clock);
      astern_clock_retire (&machine->clock, 1);
    }
  if (end_ns > astern_clock_now_ns (&machine->clock))
    astern_clock_skip (&machine->clock, end_ns - astern_clock_now_ns (&machine->clock));
}

static inline void
fuzz_write_memory (AsternMachine *machine, FuzzInput *input, gsize bytes)
{
  guint64 to = FUZZ_BASE + fuzz_take (input, 3) % FUZZ_MEMORY;
  gsize n = MIN (bytes, input->size);

  astern_bus_write_bytes (machine->physical, (AsternPaddr) { to }, input->data, n, ASTERN_ORIGIN_DMA);
  input->data += n;
  input->size -= n;
}

/* Goes through the rest of the input.  @window: with the registers, of which those below @registers are mostly meant. */
static inline void
fuzz_steps (AsternDevice *device, guint window, guint registers, FuzzInput *input)
{
  guint saves = 0;

  while (input->size > 0)
    {
      guint8 what = (guint8) fuzz_take (input, 1);
      guint size = 1 << (what >> 3 & 3);

      switch (what & 7)
        {
        case 0: case 1:
          {
            guint64 at = fuzz_take (input, 2) % registers;

            astern_device_write (device, window, at, size, fuzz_take (input, size), NULL);
            break;
          }
        case 2:
          astern_device_read (device, window, fuzz_take (input, 2) % registers, size, NULL);
          break;
        case 3: case 4:
          fuzz_write_memory (device->machine, input, (what >> 3) * 8);
          break;
        case 5:
          fuzz_pass (device->machine, G_GUINT64_CONSTANT (100) << (what >> 3 & 15));
          break;
        case 6:
          astern_device_write (device, 0, fuzz_take (input, 1), MIN (size, 4), fuzz_take (input, MIN (size, 4)), NULL);
          break;
        default:
          if (what == 0xff && saves++ == 0)          /* it takes longer than all the rest */
            {
              g_autoptr (GVariant) saved = g_variant_ref_sink (astern_device_save (device));

              g_assert (astern_device_load (device, saved, NULL));
            }
          break;
        }
    }
  fuzz_pass (device->machine, 10000000);
}
