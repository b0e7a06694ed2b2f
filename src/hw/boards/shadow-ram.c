/* shadow-ram.c - see shadow-ram.h.
 * Source: Intel 440FX PCIset data sheet 290549, section 3.2.18 (PAM); 3 Series Express Chipset Family
 * data sheet 316966, section 5.1 (the same in later bridges). */
#include "config.h"

#include "hw/boards/shadow-ram.h"

enum { PAM_READ = 1, PAM_WRITE = 2 };

/* The low and high nibble of PAM1..PAM6 rule 16 KiB each from 0xc0000 on, PAM0's high one the last 64 KiB. */
static void
pam_place (guint n, guint64 *start, guint64 *size)
{
  *start = 0xc0000 + n * 0x4000;
  *size = n == SHADOW_RAM_SEGMENTS - 1 ? 0x10000 : 0x4000;
}

static guint
pam_bits (const guint8 *pam, guint n)
{
  if (n == SHADOW_RAM_SEGMENTS - 1)
    return pam[0] >> 4 & 3;
  return pam[1 + n / 2] >> (n % 2 * 4) & 3;
}

static gboolean
set_target (AsternTarget *target, const ShadowRam *self, gboolean to_ram, guint64 start)
{
  AsternTargetKind kind = to_ram ? ASTERN_TARGET_MEMORY : ASTERN_TARGET_BELOW;
  gboolean changed = target->kind != kind;

  target->kind = kind;
  target->block = self->ram;
  target->offset = start;
  return changed;
}

gboolean
shadow_ram_update (ShadowRam *self, const guint8 *pam, gboolean smram_open)
{
  gboolean changed = FALSE;

  if (self->memory == NULL)
    return FALSE;
  for (guint n = 0; n < SHADOW_RAM_SEGMENTS; n++)
    {
      AsternRange *range = self->pam[n];
      guint bits = pam_bits (pam, n);

      changed |= set_target (&range->read, self, bits & PAM_READ, range->start);
      changed |= set_target (&range->write, self, bits & PAM_WRITE, range->start);
    }
  if (self->smram->enabled != smram_open)
    {
      self->smram->enabled = smram_open;
      changed = TRUE;
    }
  return changed;
}

void
shadow_ram_map (ShadowRam *self, AsternBus *memory, AsternRamBlock *ram)
{
  AsternRange smram = { .name = "smram", .start = 0xa0000, .size = 0x20000, .shadows = ASTERN_SHADOW_SMRAM };

  self->memory = memory;
  self->ram = ram;
  for (guint n = 0; n < SHADOW_RAM_SEGMENTS; n++)
    {
      AsternRange range = { .name = "pam", .shadows = ASTERN_SHADOW_PAM, .enabled = TRUE,
                            .read = { .kind = ASTERN_TARGET_BELOW }, .write = { .kind = ASTERN_TARGET_BELOW } };

      pam_place (n, &range.start, &range.size);
      self->pam[n] = astern_bus_add (memory, &range);
    }
  smram.read = smram.write = (AsternTarget) { .kind = ASTERN_TARGET_MEMORY, .block = ram, .offset = 0xa0000 };
  self->smram = astern_bus_add (memory, &smram);
}
