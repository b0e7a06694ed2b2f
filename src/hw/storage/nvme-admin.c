/* nvme-admin.c - admin commands: queues, features, aborts.
 * Source: NVM Express 1.4, section 5.
 * Left out: firmware, namespace management, self-test, directives, security, virtualization, doorbell buffers. */
#include "config.h"

#include "hw/storage/nvme-private.h"

#include <string.h>

enum
{
  DELETE_SQ = 0x00, CREATE_SQ = 0x01, GET_LOG = 0x02, DELETE_CQ = 0x04, CREATE_CQ = 0x05, IDENTIFY = 0x06, ABORT = 0x08,
  SET_FEATURES = 0x09, GET_FEATURES = 0x0a,
};

/* -- Queues */

static gboolean
is_io_queue (guint queue)
{
  return queue >= 1 && queue < NVME_QUEUES;
}

static NvmeStatus
check_new_queue (const NvmeCommand *command, guint queue, guint entries, guint present)
{
  if (!is_io_queue (queue) || present != 0)
    return NVME_INVALID_QID;
  if (entries < 2 || entries > NVME_QUEUE_ENTRIES)
    return NVME_INVALID_QUEUE_SIZE;
  if (!(command->w[11] & 1) || (command->w[6] & (NVME_PAGE_BYTES - 1)))       /* PC; PRP 1 is a page */
    return command->w[11] & 1 ? NVME_INVALID_PRP_OFFSET : NVME_INVALID_FIELD;
  return NVME_SUCCESS;
}

static guint64
prp1 (const NvmeCommand *command)
{
  return (guint64) command->w[7] << 32 | command->w[6];
}

static NvmeStatus
create_cq (Nvme *nvme, NvmeCommand *command)
{
  guint queue = command->w[10] & 0xffff, entries = (command->w[10] >> 16) + 1, vector = command->w[11] >> 16;
  NvmeStatus status = check_new_queue (command, queue, entries, is_io_queue (queue) ? nvme->s.cq_size[queue] : 0);

  if (status != NVME_SUCCESS)
    return status;
  if (vector >= NVME_QUEUES || (vector != 0 && !astern_pci_msix_enabled (&nvme->parent.parent)))
    return NVME_INVALID_VECTOR;
  nvme_create_cq (nvme, queue, prp1 (command), entries, vector, (command->w[11] & 2) != 0);
  return NVME_SUCCESS;
}

static NvmeStatus
create_sq (Nvme *nvme, NvmeCommand *command)
{
  guint queue = command->w[10] & 0xffff, entries = (command->w[10] >> 16) + 1, cq = command->w[11] >> 16;
  NvmeStatus status = check_new_queue (command, queue, entries, is_io_queue (queue) ? nvme->s.sq_size[queue] : 0);

  if (status != NVME_SUCCESS)
    return status;
  if (!is_io_queue (cq) || nvme->s.cq_size[cq] == 0)
    return NVME_CQ_INVALID;
  nvme_create_sq (nvme, queue, prp1 (command), entries, cq);
  return NVME_SUCCESS;
}

static NvmeStatus
delete_sq (Nvme *nvme, NvmeCommand *command)
{
  guint queue = command->w[10] & 0xffff;

  if (!is_io_queue (queue) || nvme->s.sq_size[queue] == 0)
    return NVME_INVALID_QID;
  nvme_delete_sq (nvme, queue);
  return NVME_SUCCESS;
}

static NvmeStatus
delete_cq (Nvme *nvme, NvmeCommand *command)
{
  guint queue = command->w[10] & 0xffff;

  if (!is_io_queue (queue) || nvme->s.cq_size[queue] == 0)
    return NVME_INVALID_QID;
  for (guint i = 1; i < NVME_QUEUES; i++)
    if (nvme->s.sq_size[i] != 0 && nvme->s.sq_cq[i] == queue)
      return NVME_INVALID_DELETION;
  nvme_delete_cq (nvme, queue);
  nvme_update_pin (nvme);
  return NVME_SUCCESS;
}

static NvmeStatus
abort_command (Nvme *nvme, NvmeCommand *command)
{
  command->result = !nvme_abort (nvme, command->w[10] & 0xffff, (guint16) (command->w[10] >> 16));
  return NVME_SUCCESS;
}

/* -- Features (section 5.21.1) */

enum { FEATURE_TEMPERATURE = 0x04, FEATURE_QUEUES = 0x07, FEATURE_VECTOR = 0x09, FEATURE_TIMESTAMP = 0x0e };

#define AT(member) G_STRUCT_OFFSET (NvmeState, member)

/* Those that are one word. */
static const struct
{
  guint8  id;
  guint32 backing;
  guint32 writable, fallback;
} features[] = {
  { 0x01, AT (arbitration),  0xffffff07, 0x07 },       /* no limit to a burst */
  { 0x02, AT (power),        0x00000000, 0x00 },       /* power state 0 */
  { 0x05, AT (recovery),     0x0001ffff, 0x00 },
  { 0x06, AT (write_cache),  0x00000001, 0x01 },
  { 0x08, AT (coalescing),   0x0000ffff, 0x00 },
  { 0x0a, AT (atomicity),    0x00000001, 0x00 },
  { 0x0b, AT (event_config), 0x00000fff, 0x00 },
};

#define TEMPERATURE_OVER 0x157                         /* 343 K */

static guint32 *
feature_word (Nvme *nvme, guint i)
{
  return (guint32 *) (gpointer) ((guint8 *) &nvme->s + features[i].backing);
}

void
nvme_reset_features (Nvme *nvme)
{
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    *feature_word (nvme, i) = features[i].fallback;
  nvme->s.temperature_over = TEMPERATURE_OVER;
  nvme->s.temperature_under = 0;
  nvme->s.vectors_uncoalesced = 0;
  nvme->s.timestamp_ms = nvme->s.timestamp_set_ns = 0;
  nvme->s.timestamp_origin = 0;
}

static guint
find_feature (guint8 id)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (features) && features[i].id != id)
    i++;
  return i;
}

/* Of the composite sensor, over or under; others are never reached. */
static guint32 *
temperature_word (Nvme *nvme, guint32 w11)
{
  if ((w11 >> 16 & 0xf) != 0)
    return NULL;
  switch (w11 >> 20 & 3)
    {
    case 0:  return &nvme->s.temperature_over;
    case 1:  return &nvme->s.temperature_under;
    default: return NULL;
    }
}

static guint64
timestamp_now (const Nvme *nvme)
{
  const NvmeState *s = &nvme->s;
  guint64 passed_ns = astern_clock_now_ns (nvme->parent.parent.clock) - s->timestamp_set_ns;

  return ((s->timestamp_ms + passed_ns / 1000000) & G_GUINT64_CONSTANT (0xffffffffffff))
         | (guint64) (s->timestamp_origin & 7) << 49;
}

static NvmeStatus
get_timestamp (Nvme *nvme, NvmeCommand *command)
{
  guint64 now = GUINT64_TO_LE (timestamp_now (nvme));

  return nvme_to_guest (nvme, command, &now, sizeof now);
}

static NvmeStatus
set_timestamp (Nvme *nvme, NvmeCommand *command)
{
  guint64 value;
  NvmeStatus status = nvme_from_guest (nvme, command, &value, sizeof value);

  if (status != NVME_SUCCESS)
    return status;
  nvme->s.timestamp_ms = GUINT64_FROM_LE (value) & G_GUINT64_CONSTANT (0xffffffffffff);
  nvme->s.timestamp_set_ns = astern_clock_now_ns (nvme->parent.parent.clock);
  nvme->s.timestamp_origin = 1;
  return NVME_SUCCESS;
}

#define QUEUES_ALLOCATED ((NVME_IO_QUEUES - 1) << 16 | (NVME_IO_QUEUES - 1))

/* SEL 0 current, 1 default, 2 saved, 3 what it can. */
NvmeStatus
nvme_get_feature (Nvme *nvme, NvmeCommand *command)
{
  guint8 id = command->w[10] & 0xff;
  guint select = command->w[10] >> 8 & 7, i = find_feature (id);
  const guint32 *temperature = temperature_word (nvme, command->w[11]);

  if (select > 3)
    return NVME_INVALID_FIELD;
  if (select == 3)
    {
      command->result = 4;                             /* changeable */
      return i < G_N_ELEMENTS (features) || id == FEATURE_TEMPERATURE || id == FEATURE_QUEUES || id == FEATURE_VECTOR
             || id == FEATURE_TIMESTAMP ? NVME_SUCCESS : NVME_INVALID_FIELD;
    }
  if (i < G_N_ELEMENTS (features))
    command->result = select == 0 ? *feature_word (nvme, i) : features[i].fallback;
  else if (id == FEATURE_QUEUES)
    command->result = QUEUES_ALLOCATED;
  else if (id == FEATURE_TEMPERATURE && temperature != NULL)
    command->result = *temperature;
  else if (id == FEATURE_VECTOR && (command->w[11] & 0xffff) < NVME_QUEUES)
    command->result = (command->w[11] & 0xffff) | (nvme->s.vectors_uncoalesced >> (command->w[11] & 0xffff) & 1) << 16;
  else if (id == FEATURE_TIMESTAMP)
    return get_timestamp (nvme, command);
  else
    return NVME_INVALID_FIELD;
  return NVME_SUCCESS;
}

static NvmeStatus
set_vector (Nvme *nvme, guint32 w11)
{
  guint vector = w11 & 0xffff;

  if (vector >= NVME_QUEUES)
    return NVME_INVALID_FIELD;
  nvme->s.vectors_uncoalesced &= ~(1u << vector);
  nvme->s.vectors_uncoalesced |= (w11 >> 16 & 1) << vector;
  return NVME_SUCCESS;
}

NvmeStatus
nvme_set_feature (Nvme *nvme, NvmeCommand *command)
{
  guint8 id = command->w[10] & 0xff;
  guint32 value = command->w[11];
  guint i = find_feature (id);
  guint32 *temperature = temperature_word (nvme, value);

  if (command->w[10] >> 31)                            /* SV: nothing can be saved */
    return NVME_NOT_SAVEABLE;
  if (i < G_N_ELEMENTS (features))
    {
      if (id == 0x06 && !(value & 1) && nvme->drive != NULL)
        drive_flush (nvme->drive);
      *feature_word (nvme, i) = value & features[i].writable;
    }
  else if (id == FEATURE_QUEUES)
    {
      if ((value & 0xffff) == 0xffff || value >> 16 == 0xffff)
        return NVME_INVALID_FIELD;
      command->result = QUEUES_ALLOCATED;
    }
  else if (id == FEATURE_TEMPERATURE && temperature != NULL)
    *temperature = value & 0xffff;
  else if (id == FEATURE_VECTOR)
    return set_vector (nvme, value);
  else if (id == FEATURE_TIMESTAMP)
    return set_timestamp (nvme, command);
  else
    return NVME_INVALID_FIELD;
  return NVME_SUCCESS;
}

/* -- Dispatch */

NvmeStatus
nvme_admin (Nvme *nvme, NvmeCommand *command)
{
  static const struct
  {
    guint8       opcode;
    NvmeStatus (*run) (Nvme *nvme, NvmeCommand *command);
  } commands[] = {
    { DELETE_SQ, delete_sq }, { CREATE_SQ, create_sq }, { GET_LOG, nvme_get_log }, { DELETE_CQ, delete_cq },
    { CREATE_CQ, create_cq }, { IDENTIFY, nvme_identify }, { ABORT, abort_command }, { SET_FEATURES, nvme_set_feature },
    { GET_FEATURES, nvme_get_feature },
  };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i].opcode == command->opcode)
      return command->w[0] >> 8 & 3 ? NVME_INVALID_FIELD : commands[i].run (nvme, command);    /* no fused ones */
  return NVME_INVALID_OPCODE;
}
