/* kvm-memory.c - the guest's physical memory as slots of the kernel: what the bus leads to memory.
 *
 * What can be read and not written - ROM, shadowed RAM - is a slot for reading, and its writes are exits. */
#include "config.h"

#include "kvm/kvm-private.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define ASK_EVERY_US 20000

static void
set_slot (KvmEngine *engine, const KvmSlot *slot, guint64 size)
{
  struct kvm_userspace_memory_region region = {
    .slot = slot->number | slot->space << 16,
    .flags = (slot->readonly ? KVM_MEM_READONLY : 0) | (slot->logged ? KVM_MEM_LOG_DIRTY_PAGES : 0),
    .guest_phys_addr = slot->start,
    .memory_size = size,
    .userspace_addr = (guintptr) astern_memory_host (engine->parent.machine->memory, slot->ram),
  };

  kvm_must (engine->vm_fd, KVM_SET_USER_MEMORY_REGION, &region, "KVM_SET_USER_MEMORY_REGION");
}

static void
want_slot (KvmEngine *engine, KvmSlot slot)
{
  if (slot.size == 0)
    return;
  for (guint i = 0; i < engine->slots->len; i++)
    {
      KvmSlot *known = &g_array_index (engine->slots, KvmSlot, i);

      if (known->start == slot.start && known->size == slot.size && known->ram == slot.ram && known->readonly == slot.readonly &&
          known->space == slot.space)
        {
          known->wanted = TRUE;
          return;
        }
    }
  slot.number = G_MAXUINT32;
  g_array_append_val (engine->slots, slot);
}

/* @whole up to @end, and what is left of it. */
static KvmSlot
cut (KvmSlot *whole, guint64 end)
{
  KvmSlot piece = *whole;

  piece.size = end - whole->start;
  whole->start += piece.size;
  whole->ram += piece.size;
  whole->size -= piece.size;
  return piece;
}

/* A watched page is a slot of its own, or none. */
static void
want_range (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write, gpointer data)
{
  KvmEngine *engine = data;
  KvmSlot slot = { .start = start, .size = end - start, .space = engine->space, .wanted = TRUE };

  if (read->kind != ASTERN_TARGET_MEMORY || ((start | end | read->offset) & ASTERN_PAGE_MASK) != 0)
    return;
  slot.ram = read->block->start + read->offset;
  slot.readonly = read->block->readonly || write->kind != ASTERN_TARGET_MEMORY || write->block != read->block ||
                  write->offset != read->offset;
  slot.logged = !slot.readonly && !g_str_equal (read->block->name, "ram");
  for (guint i = 0; i < engine->watches->len && !engine->open; i++)
    {
      const KvmWatch *watch = &g_array_index (engine->watches, KvmWatch, i);
      KvmSlot page;

      if (watch->start < slot.start || watch->start >= slot.start + slot.size)
        continue;
      want_slot (engine, cut (&slot, watch->start));
      page = cut (&slot, watch->start + ASTERN_PAGE_SIZE);
      page.readonly = TRUE;
      page.logged = FALSE;
      if (!watch->reads)
        want_slot (engine, page);
    }
  want_slot (engine, slot);
}

guint8 *
kvm_memory_at (KvmEngine *engine, guint64 address, guint64 *ram)
{
  AsternRoute route;

  astern_bus_route (engine->parent.machine->physical, address, &route);
  if (route.read.kind != ASTERN_TARGET_MEMORY)
    return NULL;
  *ram = route.read.block->start + route.read.offset;
  return astern_memory_host (engine->parent.machine->memory, *ram);
}

/* Beside what all CPUs see: what one does that is in system management mode. */
static void
want_smm_space (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;

  if (!engine->has_smm || machine->smm_changed == NULL)
    return;
  engine->space = 1;
  machine->smm_changed (machine, 0, TRUE);
  astern_bus_foreach (machine->physical, want_range, engine);
  machine->smm_changed (machine, 0, FALSE);
  engine->space = 0;
}

static void
show_smram (KvmEngine *engine, gboolean shown)
{
  AsternMachine *machine = engine->parent.machine;

  for (guint i = 0; i < engine->n_cpus && engine->has_smm && machine->smm_changed != NULL; i++)
    {
      const KvmCpu *cpu = engine->cpus[i];

      if (cpu->in_kernel ? (cpu->run->flags & KVM_RUN_X86_SMM) != 0 : cpu->s.in_smm)
        machine->smm_changed (machine, i, shown);
    }
}

void
kvm_memory_enter (KvmEngine *engine)
{
  show_smram (engine, FALSE);
}

void
kvm_memory_leave (KvmEngine *engine)
{
  show_smram (engine, TRUE);
}

void
kvm_memory_update (KvmEngine *engine)
{
  if (!engine->map_changed)
    return;
  for (guint i = 0; i < engine->slots->len; i++)
    g_array_index (engine->slots, KvmSlot, i).wanted = FALSE;
  astern_bus_foreach (engine->parent.machine->physical, want_range, engine);
  want_smm_space (engine);
  engine->map_changed = FALSE;
  for (guint i = engine->slots->len; i-- > 0;)
    {
      KvmSlot *slot = &g_array_index (engine->slots, KvmSlot, i);

      if (slot->wanted)
        continue;
      set_slot (engine, slot, 0);
      g_array_append_val (engine->free_numbers, slot->number);
      g_array_remove_index_fast (engine->slots, i);
    }
  for (guint i = 0; i < engine->slots->len; i++)
    {
      KvmSlot *slot = &g_array_index (engine->slots, KvmSlot, i);

      if (slot->number != G_MAXUINT32)
        continue;
      if (engine->free_numbers->len > 0)
        {
          slot->number = g_array_index (engine->free_numbers, guint32, engine->free_numbers->len - 1);
          g_array_set_size (engine->free_numbers, engine->free_numbers->len - 1);
        }
      else
        slot->number = engine->n_numbers++;
      if (!slot->readonly && !slot->logged)
        madvise (astern_memory_host (engine->parent.machine->memory, slot->ram), slot->size, MADV_HUGEPAGE);   /* or small ones */
      set_slot (engine, slot, slot->size);
    }
  kvm_doorbells_update (engine);
}

static void
ask_slot (KvmEngine *engine, const KvmSlot *slot)
{
  guint64 pages = slot->size >> ASTERN_PAGE_BITS;
  g_autofree guint64 *bits = g_new0 (guint64, (pages + 63) / 64);
  struct kvm_dirty_log log = { .slot = slot->number | slot->space << 16, .dirty_bitmap = bits };

  kvm_must (engine->vm_fd, KVM_GET_DIRTY_LOG, &log, "KVM_GET_DIRTY_LOG");
  for (guint64 page = 0; page < pages; page++)
    if (bits[page / 64] >> (page % 64) & 1)
      *astern_memory_flags (engine->parent.machine->memory, slot->ram + (page << ASTERN_PAGE_BITS)) |= ASTERN_PAGE_DISPLAY;
}

/* What the guest drew, now and then: displays look at their pages' flags. */
void
kvm_memory_ask (KvmEngine *engine)
{
  gint64 now_us = g_get_monotonic_time ();

  if (now_us < engine->dirty_us + ASK_EVERY_US)
    return;
  engine->dirty_us = now_us;
  for (guint i = 0; i < engine->slots->len; i++)
    {
      const KvmSlot *slot = &g_array_index (engine->slots, KvmSlot, i);

      if (slot->logged && slot->number != G_MAXUINT32)
        ask_slot (engine, slot);
    }
}

static void
map_changed (gpointer listener)
{
  ((KvmEngine *) listener)->map_changed = TRUE;
}

void
kvm_memory_init (KvmEngine *engine)
{
  engine->slots = g_array_new (FALSE, TRUE, sizeof (KvmSlot));
  engine->free_numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  engine->map_changed = TRUE;
  astern_bus_add_map_listener (engine->parent.machine->physical, map_changed, engine);
  astern_bus_add_map_listener (engine->parent.machine->ports, map_changed, engine);
}

void
kvm_memory_clear (KvmEngine *engine)
{
  g_clear_pointer (&engine->slots, g_array_unref);
  g_clear_pointer (&engine->free_numbers, g_array_unref);
}
