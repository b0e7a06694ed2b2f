/* disk-check - does random operations on a disk and compares what it reads with what must be there.
 *
 *   disk-check DEVICE OPERATIONS [SEED]   writes, reads, discards and flushes, of 1 to 64 KiB, bypassing the cache
 *   disk-check DEVICE read MEGABYTES SIZE    reads that much in pieces of SIZE bytes, one after the other
 *   disk-check DEVICE random OPERATIONS SIZE reads pieces of SIZE bytes here and there
 *
 * The content of each block is a function of its number and of the write that put it there, so that a block in the
 * wrong place, an old one and a torn one all differ.  Runs in a guest, statically linked. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BLOCK      4096u
#define MOST       16u            /* blocks at once */
#define MOST_BLOCKS 65536u        /* of the disk that are used: 256 MiB */

static uint64_t state;
static uint32_t written[MOST_BLOCKS];      /* 0: as it was, 1: zeros, else the number of the write + 2 */
static uint8_t *buffer;
static unsigned differences;

static uint64_t
next (void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void
fill (uint8_t *to, uint32_t block, uint32_t by)
{
  uint64_t x = (uint64_t) block << 32 | by;

  for (unsigned i = 0; i < BLOCK; i += 8)
    {
      x = x * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
      memcpy (to + i, &x, 8);
    }
}

static void
die (const char *what)
{
  printf ("disk-check: %s: %s\n", what, strerror (errno));
  exit (1);
}

static void
compare (const uint8_t *there, uint32_t block, unsigned operation)
{
  static uint8_t expected[BLOCK];

  if (written[block] == 0)
    return;
  if (written[block] == 1)
    memset (expected, 0, BLOCK);
  else
    fill (expected, block, written[block] - 2);
  if (memcmp (there, expected, BLOCK) == 0)
    return;
  if (differences++ < 5)
    printf ("disk-check: block %u differs at operation %u\n", block, operation);
}

static void
operate (int fd, unsigned operation, uint32_t blocks)
{
  uint32_t n = 1 + next () % MOST, first = next () % (blocks - n), what = next () % 100;
  off_t at = (off_t) first * BLOCK;

  if (what < 48)
    {
      for (uint32_t i = 0; i < n; i++)
        {
          fill (buffer + i * BLOCK, first + i, operation);
          written[first + i] = operation + 2;
        }
      if (pwrite (fd, buffer, n * BLOCK, at) != (ssize_t) (n * BLOCK))
        die ("write");
    }
  else if (what < 94)
    {
      if (pread (fd, buffer, n * BLOCK, at) != (ssize_t) (n * BLOCK))
        die ("read");
      for (uint32_t i = 0; i < n; i++)
        compare (buffer + i * BLOCK, first + i, operation);
    }
  else if (what < 98)
    {
      uint64_t range[2] = { (uint64_t) at, (uint64_t) n * BLOCK };

      if (ioctl (fd, BLKDISCARD, range) != 0)
        {
          if (errno != EOPNOTSUPP)
            die ("discard");
          return;
        }
      for (uint32_t i = 0; i < n; i++)
        written[first + i] = 1;
    }
  else if (fsync (fd) != 0)
    die ("flush");
}

static void
read_all (int fd, uint32_t blocks)
{
  for (uint32_t first = 0; first + MOST <= blocks; first += MOST)
    {
      if (pread (fd, buffer, MOST * BLOCK, (off_t) first * BLOCK) != (ssize_t) (MOST * BLOCK))
        die ("read");
      for (uint32_t i = 0; i < MOST; i++)
        compare (buffer + i * BLOCK, first + i, ~0u);
    }
}

static int
check (int fd, uint32_t blocks, unsigned operations)
{
  for (unsigned i = 0; i < operations; i++)
    operate (fd, i, blocks);
  read_all (fd, blocks);
  if (fsync (fd) != 0)
    die ("flush");
  printf ("disk-check: %u operations, %u differences\n", operations, differences);
  return differences != 0;
}

static int
measure (int fd, uint64_t size, int at_random, uint64_t amount, uint32_t piece)
{
  uint64_t pieces = size / piece;
  uint8_t *data;

  if (posix_memalign ((void **) &data, 4096, piece) != 0)
    die ("memory");
  for (uint64_t i = 0; i < amount; i++)
    {
      uint64_t n = at_random ? next () % pieces : i % pieces;

      if (pread (fd, data, piece, (off_t) (n * piece)) != (ssize_t) piece)
        die ("read");
    }
  return 0;
}

int
main (int argc, char **argv)
{
  uint64_t size, seed = 88172645463325252u;
  uint32_t blocks;
  int fd;

  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc < 3)
    return 2;
  fd = open (argv[1], O_RDWR | O_DIRECT);
  if (fd < 0)
    fd = open (argv[1], O_RDONLY | O_DIRECT);
  if (fd < 0 || ioctl (fd, BLKGETSIZE64, &size) != 0)
    die (argv[1]);
  if (posix_memalign ((void **) &buffer, 4096, MOST * BLOCK) != 0)
    die ("memory");
  blocks = size / BLOCK < MOST_BLOCKS ? (uint32_t) (size / BLOCK) : MOST_BLOCKS;
  state = seed;
  if (argc >= 5 && strcmp (argv[2], "read") == 0)
    return measure (fd, size, 0, strtoull (argv[3], NULL, 0) * 1048576 / strtoul (argv[4], NULL, 0), (uint32_t) strtoul (argv[4], NULL, 0));
  if (argc >= 5 && strcmp (argv[2], "random") == 0)
    return measure (fd, size, 1, strtoull (argv[3], NULL, 0), (uint32_t) strtoul (argv[4], NULL, 0));
  if (argc >= 4)
    state = seed ^ strtoull (argv[3], NULL, 0);
  return check (fd, blocks, (unsigned) strtoul (argv[2], NULL, 0));
}
