/* kvm-doorbells.c - writes that only knock (core/device.h) do not come out to user space: the kernel notes them, and the
 * machine's thread answers.  None is left unanswered when a run ends.
 * Source: Linux, Documentation/virt/kvm/api.rst, section 4.59 (KVM_IOEVENTFD). */
#include "config.h"

#include "kvm/kvm-private.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MOST_DOORBELLS 128
#define AT_ONCE        16

static gboolean
tell_kernel (KvmEngine *engine, const KvmDoorbell *bell, guint32 flags)
{
  struct kvm_ioeventfd event = {
    .datamatch = bell->is.value, .addr = bell->address, .len = bell->is.size, .fd = bell->fd,
    .flags = flags | (bell->is.has_value ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0) | (bell->ports ? KVM_IOEVENTFD_FLAG_PIO : 0),
  };

  return ioctl (engine->vm_fd, KVM_IOEVENTFD, &event) == 0;
}

/* What the kernel does not take stays an exit. */
static void
add (KvmEngine *engine, KvmDoorbell bell)
{
  struct epoll_event interest = { .events = EPOLLIN };

  bell.fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (bell.fd < 0)
    return;
  interest.data.fd = bell.fd;
  if (!tell_kernel (engine, &bell, 0))
    {
      close (bell.fd);
      return;
    }
  epoll_ctl (engine->doorbells_fd, EPOLL_CTL_ADD, bell.fd, &interest);
  g_array_append_val (engine->doorbells, bell);
}

static void
take_away (KvmEngine *engine, guint i)
{
  const KvmDoorbell *bell = &g_array_index (engine->doorbells, KvmDoorbell, i);

  tell_kernel (engine, bell, KVM_IOEVENTFD_FLAG_DEASSIGN);
  close (bell->fd);
  g_array_remove_index_fast (engine->doorbells, i);
}

typedef struct
{
  KvmEngine *engine;
  gboolean   ports;
} Place;

static gboolean
is_known (KvmEngine *engine, const KvmDoorbell *wanted)
{
  for (guint i = 0; i < engine->doorbells->len; i++)
    {
      KvmDoorbell *bell = &g_array_index (engine->doorbells, KvmDoorbell, i);

      if (bell->address != wanted->address || bell->ports != wanted->ports || bell->is.size != wanted->is.size ||
          bell->is.has_value != wanted->is.has_value || bell->is.value != wanted->is.value)
        continue;
      bell->wanted = TRUE;
      return TRUE;
    }
  return FALSE;
}

static void
want_range (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write, gpointer data)
{
  const Place *place = data;
  const AsternWindow *window = write->kind == ASTERN_TARGET_DEVICE ? &write->device->klass->windows[write->window] : NULL;
  KvmDoorbell bell = { .ports = place->ports, .wanted = TRUE };

  if (window == NULL || window->doorbell == NULL)
    return;
  for (guint i = 0; window->doorbell (write->device, i, &bell.is); i++)
    {
      if (bell.is.offset < write->offset || bell.is.offset - write->offset >= end - start ||
          place->engine->doorbells->len >= MOST_DOORBELLS)
        continue;
      bell.address = start + (bell.is.offset - write->offset);
      if (!is_known (place->engine, &bell))
        add (place->engine, bell);
    }
}

/* After the map has changed. */
void
kvm_doorbells_update (KvmEngine *engine)
{
  AsternMachine *machine = engine->parent.machine;
  Place memory = { engine, FALSE }, ports = { engine, TRUE };

  for (guint i = 0; i < engine->doorbells->len; i++)
    g_array_index (engine->doorbells, KvmDoorbell, i).wanted = FALSE;
  astern_bus_foreach (machine->physical, want_range, &memory);
  astern_bus_foreach (machine->ports, want_range, &ports);
  for (guint i = engine->doorbells->len; i-- > 0;)
    if (!g_array_index (engine->doorbells, KvmDoorbell, i).wanted)
      take_away (engine, i);
}

static void
answer (KvmEngine *engine, int fd)
{
  AsternMachine *machine = engine->parent.machine;
  guint64 times;

  if (read (fd, &times, sizeof times) != sizeof times)
    return;
  for (guint i = 0; i < engine->doorbells->len; i++)
    {
      const KvmDoorbell *bell = &g_array_index (engine->doorbells, KvmDoorbell, i);
      const AsternAccess access = {
        .address = { bell->address }, .size = bell->is.size != 0 ? bell->is.size : 2, .kind = ASTERN_ACCESS_WRITE, .origin = ASTERN_ORIGIN_CPU,
      };

      if (bell->fd != fd)
        continue;
      astern_bus_write (bell->ports ? machine->ports : machine->physical, &access, bell->is.value);
      return;
    }
}

gboolean
kvm_doorbells_answer (KvmEngine *engine)
{
  struct epoll_event events[AT_ONCE];
  int n = engine->doorbells->len > 0 ? epoll_wait (engine->doorbells_fd, events, AT_ONCE, 0) : 0;

  for (int i = 0; i < n; i++)
    answer (engine, events[i].data.fd);
  engine->answered += (guint) MAX (n, 0);
  return n > 0;
}

void
kvm_doorbells_init (KvmEngine *engine)
{
  engine->doorbells = g_array_new (FALSE, TRUE, sizeof (KvmDoorbell));
  engine->doorbells_fd = epoll_create1 (EPOLL_CLOEXEC);
}

void
kvm_doorbells_clear (KvmEngine *engine)
{
  if (engine->doorbells == NULL)
    return;
  while (engine->doorbells->len > 0)
    take_away (engine, engine->doorbells->len - 1);
  g_clear_pointer (&engine->doorbells, g_array_unref);
  if (engine->doorbells_fd >= 0)
    close (engine->doorbells_fd);
}
