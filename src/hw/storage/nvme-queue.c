/* nvme-queue.c - submission and completion queues, and the commands under way.
 * Source: NVM Express 1.4, sections 3.1.24, 3.1.25, 4.1, 4.6, 7.2.
 * Left out: weighted round robin, priorities, queues that are not contiguous, interrupt coalescing.
 *
 * A command is fetched when its doorbell rings and a slot is free, gets a deadline that is a function of the command
 * alone, and is carried out then, its data moved.  Deadlines that are equal are met in the order of fetching. */
#include "config.h"

#include "hw/storage/nvme-private.h"

#include "core/machine.h"

#include <string.h>

#define ADMIN_NS 10000

void
nvme_guest_error (Nvme *nvme, const char *what)
{
  AsternDevice *device = &nvme->parent.parent;

  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS, "%s: %s", device->name, what);
}

/* -- Queues */

void
nvme_create_sq (Nvme *nvme, guint queue, guint64 base, guint entries, guint cq)
{
  NvmeState *s = &nvme->s;

  s->sq_base[queue] = base;
  s->sq_size[queue] = (guint16) entries;
  s->sq_head[queue] = s->sq_tail[queue] = 0;
  s->sq_cq[queue] = (guint16) cq;
}

void
nvme_create_cq (Nvme *nvme, guint queue, guint64 base, guint entries, guint vector, gboolean interrupts)
{
  NvmeState *s = &nvme->s;

  s->cq_base[queue] = base;
  s->cq_size[queue] = (guint16) entries;
  s->cq_head[queue] = s->cq_tail[queue] = 0;
  s->cq_vector[queue] = (guint16) vector;
  s->cq_phase[queue] = 1;
  s->cq_interrupts[queue] = interrupts != FALSE;
}

void
nvme_delete_cq (Nvme *nvme, guint queue)
{
  NvmeState *s = &nvme->s;

  s->cq_base[queue] = 0;
  s->cq_size[queue] = s->cq_head[queue] = s->cq_tail[queue] = s->cq_vector[queue] = 0;
  s->cq_phase[queue] = s->cq_interrupts[queue] = 0;
}

static void
clear_sq (NvmeState *s, guint queue)
{
  s->sq_base[queue] = 0;
  s->sq_size[queue] = s->sq_head[queue] = s->sq_tail[queue] = s->sq_cq[queue] = 0;
}

static void
free_slot (NvmeState *s, guint slot)
{
  s->slot_phase[slot] = NVME_SLOT_FREE;
  s->slot_deadline_ns[slot] = ASTERN_CLOCK_NEVER;
  s->slot_sequence[slot] = 0;
  s->slot_result[slot] = 0;
  s->slot_status[slot] = s->slot_sq[slot] = 0;
  memset (&s->slot_sqe[slot * NVME_SQE_WORDS], 0, 4 * NVME_SQE_WORDS);
}

void
nvme_forget_all (Nvme *nvme)
{
  NvmeState *s = &nvme->s;

  for (guint i = 0; i < NVME_QUEUES; i++)
    {
      clear_sq (s, i);
      nvme_delete_cq (nvme, i);
    }
  for (guint i = 0; i < NVME_SLOTS; i++)
    free_slot (s, i);
  s->n_events = 0;
  memset (s->event_cid, 0, sizeof s->event_cid);
  s->event_pending = s->event_masked = 0;
  s->next_sq = 0;
  astern_timer_cancel (&nvme->timer);
}

static gboolean
is_queue_sane (guint size, guint head, guint tail)
{
  return size == 0 || (size >= 2 && size <= NVME_QUEUE_ENTRIES && head < size && tail < size);
}

void
nvme_make_sane (Nvme *nvme)
{
  NvmeState *s = &nvme->s;

  for (guint i = 0; i < NVME_QUEUES; i++)
    {
      if (!is_queue_sane (s->cq_size[i], s->cq_head[i], s->cq_tail[i]) || s->cq_vector[i] >= NVME_QUEUES)
        nvme_delete_cq (nvme, i);
      if (!is_queue_sane (s->sq_size[i], s->sq_head[i], s->sq_tail[i]) || s->sq_cq[i] >= NVME_QUEUES)
        clear_sq (s, i);
    }
  for (guint i = 0; i < NVME_SLOTS; i++)
    if (s->slot_phase[i] > NVME_SLOT_WAITING || s->slot_sq[i] >= NVME_QUEUES)
      free_slot (s, i);
  s->n_events = MIN (s->n_events, NVME_EVENTS);
  s->next_sq %= NVME_QUEUES;
}

/* -- Interrupts */

/* The pin is up while a queue that interrupts has something for the host. */
void
nvme_update_pin (Nvme *nvme)
{
  const NvmeState *s = &nvme->s;
  gboolean level = FALSE;

  for (guint i = 0; i < NVME_QUEUES; i++)
    if (s->cq_size[i] != 0 && s->cq_interrupts[i] && s->cq_head[i] != s->cq_tail[i]
        && !(s->intms >> (s->cq_vector[i] & 31) & 1))
      level = TRUE;
  astern_pci_set_intx (&nvme->parent.parent, 0, level);
}

static void
interrupt (Nvme *nvme, guint cq)
{
  if (nvme->s.cq_interrupts[cq] && astern_pci_msix_enabled (&nvme->parent.parent))
    astern_pci_notify (&nvme->parent.parent, nvme->s.cq_vector[cq]);
  nvme_update_pin (nvme);
}

/* -- Completions */

static gboolean
has_room (const NvmeState *s, guint cq)
{
  return (s->cq_tail[cq] + 1) % s->cq_size[cq] != s->cq_head[cq];
}

static void
post (Nvme *nvme, guint sq, guint16 cid, guint32 result, guint status)
{
  NvmeState *s = &nvme->s;
  guint cq = s->sq_cq[sq];
  guint32 entry[4] = { GUINT32_TO_LE (result), 0, GUINT32_TO_LE (sq << 16 | s->sq_head[sq]), 0 };

  if (status != NVME_SUCCESS)
    {
      s->errors++;
      status |= 0x4000;                    /* Do Not Retry */
    }
  entry[3] = GUINT32_TO_LE (status << 17 | (guint) s->cq_phase[cq] << 16 | cid);
  astern_pci_dma_write (&nvme->parent.parent, s->cq_base[cq] + (guint64) s->cq_tail[cq] * NVME_CQE_BYTES, entry, sizeof entry);
  s->cq_tail[cq]++;
  if (s->cq_tail[cq] == s->cq_size[cq])
    {
      s->cq_tail[cq] = 0;
      s->cq_phase[cq] ^= 1;
    }
  interrupt (nvme, cq);
}

/* The slot's command is done: tells the host now, or when its queue has room. */
static void
complete (Nvme *nvme, guint slot, guint32 result, guint status)
{
  NvmeState *s = &nvme->s;
  guint sq = s->slot_sq[slot], cq = s->sq_cq[sq];
  guint16 cid = (guint16) (GUINT32_FROM_LE (s->slot_sqe[slot * NVME_SQE_WORDS]) >> 16);

  if (s->sq_size[sq] == 0 || s->cq_size[cq] == 0)
    free_slot (s, slot);
  else if (has_room (s, cq))
    {
      free_slot (s, slot);
      post (nvme, sq, cid, result, status);
    }
  else
    {
      s->slot_phase[slot] = NVME_SLOT_WAITING;
      s->slot_deadline_ns[slot] = ASTERN_CLOCK_NEVER;
      s->slot_result[slot] = result;
      s->slot_status[slot] = (guint16) status;
    }
}

/* The slot of @phase that was fetched first, among those of the completion queue; NVME_SLOTS: none. */
static guint
first_waiting (const NvmeState *s, guint cq)
{
  guint first = NVME_SLOTS;

  for (guint i = 0; i < NVME_SLOTS; i++)
    if (s->slot_phase[i] == NVME_SLOT_WAITING && s->sq_cq[s->slot_sq[i]] == cq
        && (first == NVME_SLOTS || s->slot_sequence[i] < s->slot_sequence[first]))
      first = i;
  return first;
}

static void
post_waiting (Nvme *nvme, guint cq)
{
  NvmeState *s = &nvme->s;
  guint slot;

  while (s->cq_size[cq] != 0 && has_room (s, cq) && (slot = first_waiting (s, cq)) != NVME_SLOTS)
    complete (nvme, slot, s->slot_result[slot], s->slot_status[slot]);
}

/* -- Asynchronous events */

static void
tell_event (Nvme *nvme)
{
  NvmeState *s = &nvme->s;
  guint32 event = s->event_pending;
  guint16 cid;

  if (event == 0 || s->n_events == 0 || s->sq_size[0] == 0 || s->cq_size[0] == 0 || !has_room (s, s->sq_cq[0]))
    return;
  cid = s->event_cid[0];
  s->n_events--;
  memmove (&s->event_cid[0], &s->event_cid[1], sizeof s->event_cid - sizeof s->event_cid[0]);
  s->event_cid[NVME_EVENTS - 1] = 0;
  s->event_pending = 0;
  s->event_masked |= 1u << (event & 7);
  post (nvme, 0, cid, event & 0x7fffffff, NVME_SUCCESS);
}

void
nvme_event (Nvme *nvme, guint32 event)
{
  NvmeState *s = &nvme->s;

  if (!nvme_is_ready (nvme) || s->event_pending != 0 || (s->event_masked >> (event & 7) & 1))
    return;
  s->event_pending = event | 0x80000000;
  tell_event (nvme);
}

static NvmeStatus
keep_event_request (Nvme *nvme, guint16 cid)
{
  NvmeState *s = &nvme->s;

  if (s->n_events == NVME_EVENTS)
    return NVME_TOO_MANY_EVENTS;
  s->event_cid[s->n_events++] = cid;
  tell_event (nvme);
  return NVME_NO_COMPLETION;
}

/* -- Commands */

static void
take_command (const NvmeState *s, guint slot, NvmeCommand *command)
{
  const guint32 *sqe = &s->slot_sqe[slot * NVME_SQE_WORDS];

  memset (command, 0, sizeof *command);
  for (guint i = 0; i < NVME_SQE_WORDS; i++)
    command->w[i] = GUINT32_FROM_LE (sqe[i]);
  command->sq = s->slot_sq[slot];
  command->opcode = command->w[0] & 0xff;
  command->cid = command->w[0] >> 16;
  command->nsid = command->w[1];
}

#define ASYNC_EVENT_REQUEST 0x0c

static void
begin (Nvme *nvme, guint slot)
{
  NvmeState *s = &nvme->s;
  NvmeCommand command;
  guint64 latency_ns = ADMIN_NS;

  take_command (s, slot, &command);
  if (command.sq == 0 && command.opcode == ASYNC_EVENT_REQUEST)
    {
      NvmeStatus status = keep_event_request (nvme, command.cid);

      if (status == NVME_NO_COMPLETION)
        free_slot (s, slot);
      else
        complete (nvme, slot, 0, status);
      return;
    }
  if (command.sq != 0)
    latency_ns = nvme_io_latency_ns (nvme, &command);
  s->slot_deadline_ns[slot] = astern_clock_now_ns (nvme->parent.parent.clock) + latency_ns;
}

static void
carry_out (Nvme *nvme, guint slot)
{
  NvmeCommand command;
  NvmeStatus status;

  take_command (&nvme->s, slot, &command);
  status = command.sq == 0 ? nvme_admin (nvme, &command) : nvme_io (nvme, &command);
  /* A deletion of queues, and a reset, have taken the slots with them. */
  if (nvme->s.slot_phase[slot] == NVME_SLOT_RUNNING)
    complete (nvme, slot, command.result, status);
}

/* -- Fetching */

static guint
free_slot_number (const NvmeState *s)
{
  guint slot = 0;

  while (slot < NVME_SLOTS && s->slot_phase[slot] != NVME_SLOT_FREE)
    slot++;
  return slot;
}

/* The next queue, in turn, that has commands; NVME_QUEUES: none. */
static guint
next_queue (NvmeState *s)
{
  for (guint i = 0; i < NVME_QUEUES; i++)
    {
      guint queue = (s->next_sq + i) % NVME_QUEUES;

      if (s->sq_size[queue] != 0 && s->sq_head[queue] != s->sq_tail[queue])
        return queue;
    }
  return NVME_QUEUES;
}

static gboolean
fetch_one (Nvme *nvme, guint queue, guint slot)
{
  NvmeState *s = &nvme->s;
  guint64 from = s->sq_base[queue] + (guint64) s->sq_head[queue] * 4 * NVME_SQE_WORDS;

  if (!astern_pci_dma_read (&nvme->parent.parent, from, &s->slot_sqe[slot * NVME_SQE_WORDS], 4 * NVME_SQE_WORDS))
    {
      s->csts |= 2;                        /* Controller Fatal Status */
      nvme_guest_error (nvme, "commands are there, but it may not be a bus master");
      return FALSE;
    }
  s->sq_head[queue] = (s->sq_head[queue] + 1) % s->sq_size[queue];
  s->next_sq = (guint8) ((queue + 1) % NVME_QUEUES);
  s->slot_phase[slot] = NVME_SLOT_RUNNING;
  s->slot_sq[slot] = (guint16) queue;
  s->slot_sequence[slot] = s->sequence++;
  return TRUE;
}

static void
arm (Nvme *nvme)
{
  guint64 first_ns = ASTERN_CLOCK_NEVER;

  for (guint i = 0; i < NVME_SLOTS; i++)
    if (nvme->s.slot_phase[i] == NVME_SLOT_RUNNING)
      first_ns = MIN (first_ns, nvme->s.slot_deadline_ns[i]);
  if (first_ns != nvme->s.deadline_ns)
    astern_timer_set (&nvme->timer, first_ns);
}

/* No more commands at once than all queues hold: a guest that fills its ring with event requests does not keep us here. */
static void
fetch (Nvme *nvme)
{
  NvmeState *s = &nvme->s;

  for (guint n = 0; n < NVME_QUEUES * NVME_QUEUE_ENTRIES && !(s->csts & 2); n++)
    {
      guint queue = next_queue (s), slot = free_slot_number (s);

      if (queue == NVME_QUEUES || slot == NVME_SLOTS || !fetch_one (nvme, queue, slot))
        break;
      begin (nvme, slot);
    }
  arm (nvme);
}

static guint
first_due (const NvmeState *s, guint64 now_ns)
{
  guint first = NVME_SLOTS;

  for (guint i = 0; i < NVME_SLOTS; i++)
    if (s->slot_phase[i] == NVME_SLOT_RUNNING && s->slot_deadline_ns[i] <= now_ns
        && (first == NVME_SLOTS || s->slot_deadline_ns[i] < s->slot_deadline_ns[first]
            || (s->slot_deadline_ns[i] == s->slot_deadline_ns[first] && s->slot_sequence[i] < s->slot_sequence[first])))
      first = i;
  return first;
}

void
nvme_expired (gpointer owner)
{
  Nvme *nvme = owner;
  guint64 now_ns = astern_clock_now_ns (nvme->parent.parent.clock);
  guint slot;

  for (guint n = 0; n < NVME_SLOTS && (slot = first_due (&nvme->s, now_ns)) != NVME_SLOTS; n++)
    carry_out (nvme, slot);
  fetch (nvme);
}

/* -- Doorbells */

enum { EVENT_INVALID_REGISTER = 0x010000, EVENT_INVALID_VALUE = 0x010100 };   /* errors; their log is page 1 */

void
nvme_ring_sq (Nvme *nvme, guint queue, guint32 tail)
{
  NvmeState *s = &nvme->s;

  if (!nvme_is_ready (nvme) || s->sq_size[queue] == 0 || tail >= s->sq_size[queue])
    {
      nvme_guest_error (nvme, "a submission doorbell that has no queue, or a value beyond its queue");
      nvme_event (nvme, s->sq_size[queue] == 0 ? EVENT_INVALID_REGISTER : EVENT_INVALID_VALUE);
      return;
    }
  s->sq_tail[queue] = (guint16) tail;
  fetch (nvme);
}

void
nvme_ring_cq (Nvme *nvme, guint queue, guint32 head)
{
  NvmeState *s = &nvme->s;

  if (!nvme_is_ready (nvme) || s->cq_size[queue] == 0 || head >= s->cq_size[queue])
    {
      nvme_guest_error (nvme, "a completion doorbell that has no queue, or a value beyond its queue");
      nvme_event (nvme, s->cq_size[queue] == 0 ? EVENT_INVALID_REGISTER : EVENT_INVALID_VALUE);
      return;
    }
  s->cq_head[queue] = (guint16) head;
  post_waiting (nvme, queue);
  if (queue == s->sq_cq[0])
    tell_event (nvme);
  nvme_update_pin (nvme);
  fetch (nvme);
}

/* -- Ends before their time */

/* What is under way of the queue is told as aborted; what has no room to be told is forgotten. */
void
nvme_delete_sq (Nvme *nvme, guint queue)
{
  NvmeState *s = &nvme->s;

  for (guint i = 0; i < NVME_SLOTS; i++)
    if (s->slot_phase[i] != NVME_SLOT_FREE && s->slot_sq[i] == queue)
      {
        if (s->slot_phase[i] == NVME_SLOT_RUNNING)
          complete (nvme, i, 0, NVME_ABORTED_BY_DELETION);
        if (s->slot_phase[i] != NVME_SLOT_FREE)
          free_slot (s, i);
      }
  clear_sq (s, queue);
}

gboolean
nvme_abort (Nvme *nvme, guint sq, guint16 cid)
{
  NvmeState *s = &nvme->s;

  for (guint i = 0; i < NVME_SLOTS; i++)
    if (s->slot_phase[i] == NVME_SLOT_RUNNING && s->slot_sq[i] == sq
        && GUINT32_FROM_LE (s->slot_sqe[i * NVME_SQE_WORDS]) >> 16 == cid && sq != 0)
      {
        complete (nvme, i, 0, NVME_ABORT_REQUESTED);
        return TRUE;
      }
  return FALSE;
}
