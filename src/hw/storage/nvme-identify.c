/* nvme-identify.c - what the controller says about itself: Identify and the log pages.
 * Source: NVM Express 1.4, sections 5.14 and 5.15.
 * Left out: namespace management, NVM sets, endurance groups, telemetry, persistent events; the error log is empty. */
#include "config.h"

#include "hw/storage/nvme-private.h"

#include <string.h>

#define PAGE_BYTES 4096
#define KELVIN     0x143                   /* it is 50 degrees Celsius in there */

enum { CNS_NAMESPACE = 0x00, CNS_CONTROLLER = 0x01, CNS_NAMESPACES = 0x02, CNS_DESCRIPTORS = 0x03 };

static void
put16 (guint8 *to, guint value)
{
  to[0] = (guint8) value;
  to[1] = (guint8) (value >> 8);
}

static void
put32 (guint8 *to, guint32 value)
{
  put16 (to, value & 0xffff);
  put16 (to + 2, value >> 16);
}

static void
put64 (guint8 *to, guint64 value)
{
  put32 (to, (guint32) value);
  put32 (to + 4, (guint32) (value >> 32));
}

static void
put_text (guint8 *to, const char *text, gsize size)
{
  gsize n = MIN (strlen (text), size);

  memset (to, ' ', size);
  memcpy (to, text, n);
}

/* The number by which the disk is known everywhere: of its serial number, or of its name. */
static guint64
eui64 (const Nvme *nvme)
{
  const char *of = nvme->serial[0] != '\0' ? nvme->serial : nvme->parent.parent.name;

  return G_GUINT64_CONSTANT (0x5254000000000000) | astern_hash_bytes (0, of, strlen (of)) >> 24;
}

static void
put_eui64 (const Nvme *nvme, guint8 *to)
{
  guint64 big = GUINT64_TO_BE (eui64 (nvme));

  memcpy (to, &big, 8);
}

/* -- Identify */

static void
put_controller (const Nvme *nvme, guint8 *p)
{
  put16 (p + 0, 0x1b36);                   /* VID, SSVID */
  put16 (p + 2, 0x1af4);
  put_text (p + 4, nvme->serial[0] != '\0' ? nvme->serial : nvme->parent.parent.name, 20);
  put_text (p + 24, "Astern NVMe disk", 40);
  put_text (p + 64, "1.0", 8);
  p[72] = 6;                               /* RAB */
  p[73] = 0x00;                            /* IEEE 52:54:00 */
  p[74] = 0x54;
  p[75] = 0x52;
  p[77] = NVME_MDTS;
  put32 (p + 80, 0x00010400);              /* VER */
  p[111] = 1;                              /* CNTRLTYPE: I/O */
  put16 (p + 256, 0);                      /* OACS */
  p[258] = 3;                              /* ACL */
  p[259] = NVME_EVENTS - 1;                /* AERL */
  p[260] = 0x03;                           /* FRMW: one slot, read-only */
  p[261] = 0x06;                           /* LPA: effects; long log pages */
  p[262] = 0;                              /* ELPE: one entry */
  put16 (p + 266, 0x157);                  /* WCTEMP, CCTEMP */
  put16 (p + 268, 0x175);
  p[512] = 0x66;                           /* SQES, CQES: 64 and 16 bytes */
  p[513] = 0x44;
  put32 (p + 516, nvme->drive != NULL ? 1 : 0);            /* NN */
  put16 (p + 520, 0x01 | 0x04 | 0x08 | 0x40 | 0x80);       /* ONCS: compare, DSM, write zeroes, timestamp, verify */
  p[525] = 0x01;                           /* VWC */
  put32 (p + 536, 0x00000001);             /* SGLS: any alignment */
  p[538] |= 0x01;                          /* ... bit buckets */
  g_snprintf ((char *) p + 768, 256, "nqn.2026-01.org.astern:nvme:%s",
              nvme->serial[0] != '\0' ? nvme->serial : nvme->parent.parent.name);
  put16 (p + 2048, 0x9c4);                 /* power state 0: 25 W */
}

static void
put_namespace (const Nvme *nvme, guint8 *p)
{
  guint64 blocks = nvme_blocks (nvme);

  put64 (p + 0, blocks);                   /* NSZE, NCAP, NUSE */
  put64 (p + 8, blocks);
  put64 (p + 16, blocks);
  p[24] = 0x01;                            /* NSFEAT: thin */
  p[25] = 0;                               /* NLBAF */
  p[26] = 0;                               /* FLBAS: format 0 */
  p[33] = 0x01 | 0x08;                     /* DLFEAT: they read zeros; WRITE ZEROES deallocates */
  p[99] = drive_readonly (nvme->drive) ? 1 : 0;            /* NSATTR */
  put_eui64 (nvme, p + 120);
  p[130] = (guint8) nvme->block_shift;     /* LBAF 0: LBADS */
}

static void
put_descriptors (const Nvme *nvme, guint8 *p)
{
  p[0] = 1;                                /* EUI-64 */
  p[1] = 8;
  put_eui64 (nvme, p + 4);
}

NvmeStatus
nvme_identify (Nvme *nvme, NvmeCommand *command)
{
  guint8 page[PAGE_BYTES] = { 0 };
  gboolean there = nvme->drive != NULL && command->nsid == 1;

  switch (command->w[10] & 0xff)
    {
    case CNS_CONTROLLER:
      put_controller (nvme, page);
      break;
    case CNS_NAMESPACE:
      if (command->nsid == 0 || command->nsid > 1)
        return NVME_INVALID_NAMESPACE;
      if (there)
        put_namespace (nvme, page);
      break;
    case CNS_DESCRIPTORS:
      if (!there)
        return NVME_INVALID_NAMESPACE;
      put_descriptors (nvme, page);
      break;
    case CNS_NAMESPACES:
      if (command->nsid >= 0xfffffffe)
        return NVME_INVALID_NAMESPACE;
      if (nvme->drive != NULL && command->nsid == 0)
        put32 (page, 1);
      break;
    default:
      return NVME_INVALID_FIELD;
    }
  return nvme_to_guest (nvme, command, page, sizeof page);
}

/* -- Log pages */

enum { LOG_ERRORS = 0x01, LOG_HEALTH = 0x02, LOG_FIRMWARE = 0x03, LOG_NAMESPACES = 0x04, LOG_EFFECTS = 0x05 };

static void
put_health (const Nvme *nvme, guint8 *p)
{
  const NvmeState *s = &nvme->s;

  put16 (p + 1, KELVIN);
  p[3] = 100;                              /* available spare, and its threshold */
  p[4] = 10;
  put64 (p + 32, (s->bytes_read + 511999) / 512000);       /* thousands of blocks of 512 bytes */
  put64 (p + 48, (s->bytes_written + 511999) / 512000);
  put64 (p + 64, s->reads);
  put64 (p + 80, s->writes);
  put64 (p + 112, 1);                      /* power cycles */
  put64 (p + 128, astern_clock_now_ns (nvme->parent.parent.clock) / G_GUINT64_CONSTANT (3600000000000));
  put64 (p + 176, s->errors);
}

static void
put_firmware (const Nvme *nvme, guint8 *p)
{
  p[0] = 1;
  put_text (p + 8, "1.0", 8);
}

/* Supported ones; writes change the content. */
static void
put_effects (const Nvme *nvme, guint8 *p)
{
  static const guint8 admin[] = { 0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c };
  static const guint8 reads[] = { 0x00, 0x02, 0x05, 0x0c }, writes[] = { 0x01, 0x08, 0x09 };

  for (guint i = 0; i < G_N_ELEMENTS (admin); i++)
    put32 (p + 4 * admin[i], 1);
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    put32 (p + 1024 + 4 * reads[i], 1);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    put32 (p + 1024 + 4 * writes[i], 1 | 2);
}

NvmeStatus
nvme_get_log (Nvme *nvme, NvmeCommand *command)
{
  static const struct { guint8 id; guint16 size; void (*put) (const Nvme *nvme, guint8 *page); } logs[] = {
    { LOG_ERRORS, 64, NULL }, { LOG_HEALTH, 512, put_health }, { LOG_FIRMWARE, 512, put_firmware },
    { LOG_NAMESPACES, 4096, NULL }, { LOG_EFFECTS, 4096, put_effects },
  };
  guint8 page[PAGE_BYTES] = { 0 };
  guint64 size = ((guint64) (command->w[11] & 0xffff) << 16 | command->w[10] >> 16) * 4 + 4;
  guint64 from = (guint64) command->w[13] << 32 | command->w[12];
  guint i = 0;

  while (i < G_N_ELEMENTS (logs) && logs[i].id != (command->w[10] & 0xff))
    i++;
  if (i == G_N_ELEMENTS (logs))
    return NVME_INVALID_LOG;
  if ((from & 3) || from > logs[i].size)
    return NVME_INVALID_FIELD;
  if (logs[i].put != NULL)
    logs[i].put (nvme, page);
  if (!(command->w[10] >> 15 & 1) && logs[i].id <= LOG_HEALTH)       /* RAE: the event stays masked */
    nvme->s.event_masked &= ~(1u << (logs[i].id - 1));
  size = MIN (size, logs[i].size - from);
  return size == 0 ? NVME_SUCCESS : nvme_to_guest (nvme, command, page + from, size);
}
