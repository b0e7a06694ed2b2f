/* nvme-io.c - the commands of a namespace.
 * Source: NVM Express 1.4, section 6.
 * Left out: write uncorrectable, reservations, protection information, fused commands, streams. */
#include "config.h"

#include "hw/storage/nvme-private.h"

#include <string.h>

enum
{
  FLUSH = 0x00, WRITE = 0x01, READ = 0x02, COMPARE = 0x05, WRITE_ZEROES = 0x08, DATASET_MANAGEMENT = 0x09, VERIFY = 0x0c,
};

#define FORCE_UNIT_ACCESS (1u << 30)
#define MOST_RANGES       256

static guint64
first_block (const NvmeCommand *command)
{
  return (guint64) command->w[11] << 32 | command->w[10];
}

static guint64
n_blocks (const NvmeCommand *command)
{
  return (command->w[12] & 0xffff) + 1;
}

guint64
nvme_io_latency_ns (const Nvme *nvme, const NvmeCommand *command)
{
  switch (command->opcode)
    {
    case READ: case COMPARE: case VERIFY:
      return astern_disk_latency_ns (n_blocks (command) << nvme->block_shift);
    case WRITE:
      return astern_disk_latency_ns (n_blocks (command) << nvme->block_shift);
    default:
      return astern_disk_latency_ns (0);
    }
}

/* Where the blocks lie, when they are inside; data moves only up to the most of a transfer. */
static NvmeStatus
extent (const Nvme *nvme, const NvmeCommand *command, gboolean with_data, guint64 *offset, gsize *size)
{
  guint64 lba = first_block (command), blocks = n_blocks (command), all = nvme_blocks (nvme);

  if (with_data && blocks << nvme->block_shift > NVME_MOST_BYTES)
    return NVME_INVALID_FIELD;
  if (lba > all || blocks > all - lba)
    return NVME_LBA_OUT_OF_RANGE;
  *offset = lba << nvme->block_shift;
  *size = blocks << nvme->block_shift;
  return NVME_SUCCESS;
}

static NvmeStatus
flush (Nvme *nvme, NvmeCommand *command)
{
  drive_flush (nvme->drive);
  return NVME_SUCCESS;
}

static NvmeStatus
flush_if_asked (Nvme *nvme, NvmeCommand *command)
{
  if ((command->w[12] & FORCE_UNIT_ACCESS) || !nvme->s.write_cache)
    return flush (nvme, command);
  return NVME_SUCCESS;
}

static NvmeStatus
read_blocks (Nvme *nvme, NvmeCommand *command)
{
  guint64 offset;
  gsize size;
  NvmeStatus status = extent (nvme, command, TRUE, &offset, &size);

  if (status != NVME_SUCCESS)
    return status;
  if (!drive_read (nvme->drive, offset, nvme->data, size))
    return NVME_READ_ERROR;
  nvme->s.reads++;
  nvme->s.bytes_read += size;
  return nvme_to_guest (nvme, command, nvme->data, size);
}

static NvmeStatus
write_blocks (Nvme *nvme, NvmeCommand *command)
{
  guint64 offset;
  gsize size;
  NvmeStatus status = extent (nvme, command, TRUE, &offset, &size);

  if (status == NVME_SUCCESS)
    status = nvme_from_guest (nvme, command, nvme->data, size);
  if (status != NVME_SUCCESS)
    return status;
  if (!drive_write (nvme->drive, offset, nvme->data, size))
    return NVME_WRITE_FAULT;
  nvme->s.writes++;
  nvme->s.bytes_written += size;
  return flush_if_asked (nvme, command);
}

static NvmeStatus
compare_blocks (Nvme *nvme, NvmeCommand *command)
{
  guint64 offset;
  gsize size;
  NvmeStatus status = extent (nvme, command, TRUE, &offset, &size);

  if (status == NVME_SUCCESS)
    status = nvme_from_guest (nvme, command, nvme->other, size);
  if (status != NVME_SUCCESS)
    return status;
  if (!drive_read (nvme->drive, offset, nvme->data, size))
    return NVME_READ_ERROR;
  return memcmp (nvme->data, nvme->other, size) == 0 ? NVME_SUCCESS : NVME_COMPARE_FAILURE;
}

static NvmeStatus
verify_blocks (Nvme *nvme, NvmeCommand *command)
{
  guint64 offset;
  gsize size;

  return extent (nvme, command, FALSE, &offset, &size);
}

static NvmeStatus
zero_blocks (Nvme *nvme, NvmeCommand *command)
{
  guint64 offset;
  gsize size;
  NvmeStatus status = extent (nvme, command, FALSE, &offset, &size);

  if (status != NVME_SUCCESS)
    return status;
  return drive_zero (nvme->drive, offset, size) ? flush_if_asked (nvme, command) : NVME_WRITE_FAULT;
}

typedef struct
{
  guint32 attributes, blocks;
  guint64 first;
} Range;

/* Only deallocation does something; all ranges are looked at before the first one goes. */
static NvmeStatus
manage_dataset (Nvme *nvme, NvmeCommand *command)
{
  Range ranges[MOST_RANGES];
  guint n = (command->w[10] & 0xff) + 1;
  guint64 all = nvme_blocks (nvme);
  NvmeStatus status = nvme_from_guest (nvme, command, ranges, n * sizeof (Range));

  if (status != NVME_SUCCESS || !(command->w[11] & 4))
    return status;
  for (guint i = 0; i < n; i++)
    {
      guint64 first = GUINT64_FROM_LE (ranges[i].first);

      if (first > all || GUINT32_FROM_LE (ranges[i].blocks) > all - first)
        return NVME_LBA_OUT_OF_RANGE;
    }
  for (guint i = 0; i < n; i++)
    if (!drive_zero (nvme->drive, GUINT64_FROM_LE (ranges[i].first) << nvme->block_shift,
                     (guint64) GUINT32_FROM_LE (ranges[i].blocks) << nvme->block_shift))
      return NVME_WRITE_FAULT;
  return NVME_SUCCESS;
}

NvmeStatus
nvme_io (Nvme *nvme, NvmeCommand *command)
{
  static const struct
  {
    guint8       opcode;
    gboolean     writes;
    NvmeStatus (*run) (Nvme *nvme, NvmeCommand *command);
  } commands[] = {
    { FLUSH, FALSE, flush }, { WRITE, TRUE, write_blocks }, { READ, FALSE, read_blocks }, { COMPARE, FALSE, compare_blocks },
    { WRITE_ZEROES, TRUE, zero_blocks }, { DATASET_MANAGEMENT, TRUE, manage_dataset }, { VERIFY, FALSE, verify_blocks },
  };
  guint i = 0;

  while (i < G_N_ELEMENTS (commands) && commands[i].opcode != command->opcode)
    i++;
  if (i == G_N_ELEMENTS (commands))
    return NVME_INVALID_OPCODE;
  if (command->w[0] >> 8 & 3)              /* no fused ones */
    return NVME_INVALID_FIELD;
  if (nvme->drive == NULL || (command->nsid != 1 && !(command->opcode == FLUSH && command->nsid == G_MAXUINT32)))
    return NVME_INVALID_NAMESPACE;
  if (commands[i].writes && drive_readonly (nvme->drive))
    return NVME_WRITE_PROTECTED;
  return commands[i].run (nvme, command);
}
