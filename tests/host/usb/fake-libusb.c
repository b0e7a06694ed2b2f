/* fake-libusb.c - see fake-libusb.h.
 * Source: libusb's documentation; Universal Serial Bus Mass Storage Class, Bulk-Only Transport 1.0; SPC-2, SBC-2.
 * Left out: all functions that neither Astern nor libusbredirhost calls. */
#include "fake-libusb.h"

#include <errno.h>
#include <libusb.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SECTOR 512u
enum { ADDRESS = 5, BUS = 3, IN_ENDPOINT = 0x81, OUT_ENDPOINT = 0x02, INTERRUPT_ENDPOINT = 0x83, CBW = 31, CSW = 13 };

struct libusb_context { int event; struct libusb_pollfd fd; const struct libusb_pollfd *fds[2]; };
struct libusb_device { int refs; };
struct libusb_device_handle { int open; };

typedef enum { PHASE_COMMAND, PHASE_IN, PHASE_OUT, PHASE_STATUS } Phase;

static struct
{
  GMutex   lock;
  gboolean absent, claimed;
  int      refuse;
  struct libusb_context context;
  struct libusb_device  device;
  struct libusb_device_handle handle;
  GSList  *done;                        /* libusb_transfer, latest first */
  GSList  *waiting;                     /* libusb_transfer, on the interrupt endpoint, in order */
  guint8   pressed[64];
  guint    n_pressed;
  guint8  *disk;
  gsize    disk_size;
  Phase    phase;
  guint8   tag[4], status, sense;
  guint32  expected, moved;
  GByteArray *answer;
  gsize    out_at;
} fake;

/* ---- the drive ---- */

guint8 *
fake_usb_disk (void)
{
  const char *path = g_getenv ("FAKE_USB_DISK");

  if (fake.disk != NULL)
    return fake.disk;
  if (path != NULL && g_file_get_contents (path, (char **) &fake.disk, &fake.disk_size, NULL))
    return fake.disk;
  fake.disk_size = FAKE_USB_SECTORS * SECTOR;
  fake.disk = g_malloc0 (fake.disk_size);
  for (guint i = 0; i < FAKE_USB_SECTORS; i++)
    g_snprintf ((char *) fake.disk + i * SECTOR, SECTOR, "sector %u\n", i);
  return fake.disk;
}

static guint32
big32 (const guint8 *at)
{
  return (guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | at[3];
}

static void
answer_big32 (guint32 value)
{
  const guint8 bytes[4] = { (guint8) (value >> 24), (guint8) (value >> 16), (guint8) (value >> 8), (guint8) value };

  g_byte_array_append (fake.answer, bytes, 4);
}

static void
fail (guint8 sense)
{
  fake.sense = sense;
  fake.status = 1;
}

static void
transfer_blocks (const guint8 *cdb, gboolean out)
{
  gsize at = (gsize) big32 (cdb + 2) * SECTOR, size = (gsize) (cdb[7] << 8 | cdb[8]) * SECTOR;

  if (at > fake.disk_size || size > fake.disk_size - at)
    {
      fail (0x21);
      return;
    }
  fake.out_at = at;
  fake.phase = out ? PHASE_OUT : fake.phase;
  if (!out)
    g_byte_array_append (fake.answer, fake_usb_disk () + at, (guint) size);
}

static void
command (const guint8 *cdb)
{
  static const guint8 inquiry[36] = "\0\x80\2\2\x1f\0\0\0FAKE    Drive           1.0 ";
  guint8 sense[18] = { 0x70, 0, fake.sense != 0 ? 5 : 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, fake.sense };

  switch (cdb[0])
    {
    case 0x00: case 0x1b: case 0x1e: case 0x35:
      break;
    case 0x03:
      g_byte_array_append (fake.answer, sense, sizeof sense);
      fake.sense = 0;
      break;
    case 0x12:
      if (cdb[1] & 1)
        fail (0x24);
      else
        g_byte_array_append (fake.answer, inquiry, sizeof inquiry);
      break;
    case 0x1a:
      g_byte_array_append (fake.answer, (const guint8[]) { 3, 0, 0, 0 }, 4);
      break;
    case 0x25:
      answer_big32 ((guint32) (fake.disk_size / SECTOR - 1));
      answer_big32 (SECTOR);
      break;
    case 0x28: case 0x2a:
      transfer_blocks (cdb, cdb[0] == 0x2a);
      break;
    default:
      fail (0x20);
    }
}

static int
take_out (const guint8 *data, guint size)
{
  if (fake.phase == PHASE_OUT)
    {
      memcpy (fake.disk + fake.out_at, data, size);
      fake.out_at += size;
      fake.moved += size;
      if (fake.moved >= fake.expected)
        fake.phase = PHASE_STATUS;
      return (int) size;
    }
  if (fake.phase != PHASE_COMMAND || size != CBW || memcmp (data, "USBC", 4) != 0)
    return -1;
  fake_usb_disk ();
  memcpy (fake.tag, data + 4, 4);
  fake.expected = data[8] | data[9] << 8 | data[10] << 16 | (guint32) data[11] << 24;
  fake.moved = 0;
  fake.status = 0;
  fake.phase = fake.expected != 0 && data[12] & 0x80 ? PHASE_IN : PHASE_STATUS;
  g_byte_array_set_size (fake.answer, 0);
  command (data + 15);
  if (fake.answer->len > fake.expected)
    g_byte_array_set_size (fake.answer, fake.expected);
  return (int) size;
}

static int
give_in (guint8 *data, guint size)
{
  guint8 csw[CSW] = { 'U', 'S', 'B', 'S' };
  guint32 residue = fake.expected - fake.moved;

  if (fake.phase == PHASE_IN)
    {
      guint n = MIN (size, fake.answer->len - fake.moved);

      memcpy (data, fake.answer->data + fake.moved, n);
      fake.moved += n;
      if (n < size || fake.moved == fake.expected)
        fake.phase = PHASE_STATUS;
      return (int) n;
    }
  if (fake.phase != PHASE_STATUS || size < CSW)
    return -1;
  memcpy (csw + 4, fake.tag, 4);
  for (guint i = 0; i < 4; i++)
    csw[8 + i] = (guint8) (residue >> (8 * i));
  csw[12] = fake.status;
  memcpy (data, csw, CSW);
  fake.phase = PHASE_COMMAND;
  return CSW;
}

/* ---- its descriptors ---- */

static const guint8 device_bytes[18] = { 18, 1, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 1, 0, 0, 1, 1, 2, 0, 1 };
static const guint8 config_bytes[] = {
  9, 2, 39, 0, 1, 1, 0, 0x80, 50,
  9, 4, 0, 0, 3, 8, 6, 0x50, 0,
  7, 5, IN_ENDPOINT, 2, 0, 2, 0,
  7, 5, OUT_ENDPOINT, 2, 0, 2, 0,
  7, 5, INTERRUPT_ENDPOINT, 3, 8, 0, 4,
};
static const struct libusb_endpoint_descriptor endpoints[] = {
  { 7, 5, IN_ENDPOINT, 2, 512, 0, 0, 0, NULL, 0 }, { 7, 5, OUT_ENDPOINT, 2, 512, 0, 0, 0, NULL, 0 },
  { 7, 5, INTERRUPT_ENDPOINT, 3, 8, 4, 0, 0, NULL, 0 },
};
static const struct libusb_interface_descriptor interface_descriptor = { 9, 4, 0, 0, 3, 8, 6, 0x50, 0, endpoints, NULL, 0 };
static const struct libusb_interface interface = { &interface_descriptor, 1 };
static struct libusb_config_descriptor configuration = { 9, 2, sizeof config_bytes, 1, 1, 0, 0x80, 50, &interface, NULL, 0 };

static int
give_string (guint8 index, guint8 *data, guint size)
{
  static const char *const names[] = { NULL, "Fake", "Stick" };
  guint8 bytes[64] = { 4, 3, 9, 4 };

  if (index >= G_N_ELEMENTS (names))
    return -1;
  if (index > 0)
    {
      bytes[0] = (guint8) (2 + 2 * strlen (names[index]));
      for (guint i = 0; names[index][i] != '\0'; i++)
        {
          bytes[2 + 2 * i] = (guint8) names[index][i];
          bytes[3 + 2 * i] = 0;
        }
    }
  memcpy (data, bytes, MIN (bytes[0], size));
  return MIN (bytes[0], (int) size);
}

static int
control (const guint8 *setup, guint8 *data)
{
  guint size = setup[6] | (guint) setup[7] << 8;

  if (setup[0] == 0x80 && setup[1] == LIBUSB_REQUEST_GET_DESCRIPTOR && setup[3] == 1)
    {
      memcpy (data, device_bytes, MIN (size, sizeof device_bytes));
      return (int) MIN (size, sizeof device_bytes);
    }
  if (setup[0] == 0x80 && setup[1] == LIBUSB_REQUEST_GET_DESCRIPTOR && setup[3] == 2)
    {
      memcpy (data, config_bytes, MIN (size, sizeof config_bytes));
      return (int) MIN (size, sizeof config_bytes);
    }
  if (setup[0] == 0x80 && setup[1] == LIBUSB_REQUEST_GET_DESCRIPTOR && setup[3] == 3)
    return give_string (setup[2], data, size);
  if ((setup[0] & 0x80) && setup[1] == LIBUSB_REQUEST_GET_STATUS)
    {
      memset (data, 0, MIN (size, 2));
      return (int) MIN (size, 2);
    }
  if (setup[0] == 0xa1 && setup[1] == 0xfe)
    {
      *data = 0;
      return 1;
    }
  if (setup[0] == 0x21 && setup[1] == 0xff)
    {
      fake.phase = PHASE_COMMAND;
      return 0;
    }
  return -1;
}

/* ---- transfers ---- */

static void
signal_event (void)
{
  guint64 one = 1;

  if (write (fake.context.event, &one, sizeof one) < 0 && errno != EAGAIN)
    abort ();
}

static void
finish (struct libusb_transfer *transfer, enum libusb_transfer_status status, int length)
{
  transfer->status = status;
  transfer->actual_length = length;
  fake.done = g_slist_prepend (fake.done, transfer);
  signal_event ();
}

static void
finish_interrupt (void)
{
  struct libusb_transfer *transfer;

  if (fake.waiting == NULL || fake.n_pressed == 0)
    return;
  transfer = fake.waiting->data;
  fake.waiting = g_slist_delete_link (fake.waiting, fake.waiting);
  transfer->buffer[0] = fake.pressed[0];
  memmove (fake.pressed, fake.pressed + 1, --fake.n_pressed);
  finish (transfer, LIBUSB_TRANSFER_COMPLETED, 1);
}

int
libusb_submit_transfer (struct libusb_transfer *transfer)
{
  int length = -1;

  g_mutex_lock (&fake.lock);
  if (fake.absent)
    {
      g_mutex_unlock (&fake.lock);
      return LIBUSB_ERROR_NO_DEVICE;
    }
  if (transfer->type == LIBUSB_TRANSFER_TYPE_CONTROL)
    length = control (transfer->buffer, transfer->buffer + LIBUSB_CONTROL_SETUP_SIZE);
  else if (transfer->endpoint == OUT_ENDPOINT)
    length = take_out (transfer->buffer, (guint) transfer->length);
  else if (transfer->endpoint == IN_ENDPOINT)
    length = give_in (transfer->buffer, (guint) transfer->length);
  if (transfer->endpoint == INTERRUPT_ENDPOINT)
    {
      fake.waiting = g_slist_append (fake.waiting, transfer);
      finish_interrupt ();
    }
  else
    finish (transfer, length < 0 ? LIBUSB_TRANSFER_STALL : LIBUSB_TRANSFER_COMPLETED, MAX (length, 0));
  g_mutex_unlock (&fake.lock);
  return LIBUSB_SUCCESS;
}

int
libusb_cancel_transfer (struct libusb_transfer *transfer)
{
  int result = LIBUSB_ERROR_NOT_FOUND;

  g_mutex_lock (&fake.lock);
  if (g_slist_find (fake.waiting, transfer) != NULL)
    {
      fake.waiting = g_slist_remove (fake.waiting, transfer);
      finish (transfer, LIBUSB_TRANSFER_CANCELLED, 0);
      result = LIBUSB_SUCCESS;
    }
  g_mutex_unlock (&fake.lock);
  return result;
}

int
libusb_handle_events_timeout (libusb_context *context, struct timeval *timeout)
{
  guint64 count;
  GSList *done;

  g_mutex_lock (&fake.lock);
  done = g_slist_reverse (g_steal_pointer (&fake.done));
  if (read (fake.context.event, &count, sizeof count) < 0 && errno != EAGAIN)
    abort ();
  g_mutex_unlock (&fake.lock);
  for (GSList *at = done; at != NULL; at = at->next)
    {
      struct libusb_transfer *transfer = at->data;
      gboolean release = (transfer->flags & LIBUSB_TRANSFER_FREE_TRANSFER) != 0;

      transfer->callback (transfer);
      if (release)
        libusb_free_transfer (transfer);
    }
  g_slist_free (done);
  return LIBUSB_SUCCESS;
}

int
libusb_handle_events_timeout_completed (libusb_context *context, struct timeval *timeout, int *completed)
{
  return libusb_handle_events_timeout (context, timeout);
}

struct libusb_transfer *
libusb_alloc_transfer (int packets)
{
  return calloc (1, sizeof (struct libusb_transfer) + (gsize) packets * sizeof (struct libusb_iso_packet_descriptor));
}

void
libusb_free_transfer (struct libusb_transfer *transfer)
{
  if (transfer != NULL && transfer->flags & LIBUSB_TRANSFER_FREE_BUFFER)
    free (transfer->buffer);
  free (transfer);
}

/* ---- the library ---- */

int
libusb_init (libusb_context **context)
{
  if (fake.answer == NULL)
    fake.answer = g_byte_array_new ();
  fake.context.event = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  fake.context.fd = (struct libusb_pollfd) { fake.context.event, G_IO_IN };
  fake.context.fds[0] = &fake.context.fd;
  *context = &fake.context;
  return LIBUSB_SUCCESS;
}

void
libusb_exit (libusb_context *context)
{
  close (fake.context.event);
  g_clear_pointer (&fake.answer, g_byte_array_unref);
  g_clear_pointer (&fake.disk, g_free);
  fake.phase = PHASE_COMMAND;
}

const struct libusb_pollfd **
libusb_get_pollfds (libusb_context *context)
{
  return g_memdup2 (fake.context.fds, sizeof fake.context.fds);
}

void
libusb_free_pollfds (const struct libusb_pollfd **fds)
{
  g_free (fds);
}

void
libusb_set_pollfd_notifiers (libusb_context *context, libusb_pollfd_added_cb added, libusb_pollfd_removed_cb removed, void *user)
{
}

int
libusb_get_next_timeout (libusb_context *context, struct timeval *timeout)
{
  return 0;
}

int
libusb_set_option (libusb_context *context, enum libusb_option option, ...)
{
  return LIBUSB_SUCCESS;
}

ssize_t
libusb_get_device_list (libusb_context *context, libusb_device ***list)
{
  gboolean there;

  g_mutex_lock (&fake.lock);
  there = !fake.absent;
  g_mutex_unlock (&fake.lock);
  *list = g_new0 (libusb_device *, 2);
  if (there)
    (*list)[0] = libusb_ref_device (&fake.device);
  return there;
}

void
libusb_free_device_list (libusb_device **list, int unref)
{
  if (unref && list[0] != NULL)
    libusb_unref_device (list[0]);
  g_free (list);
}

libusb_device *
libusb_ref_device (libusb_device *device)
{
  g_atomic_int_inc (&device->refs);
  return device;
}

void
libusb_unref_device (libusb_device *device)
{
  g_assert (g_atomic_int_add (&device->refs, -1) > 0);
}

int
libusb_get_device_descriptor (libusb_device *device, struct libusb_device_descriptor *descriptor)
{
  *descriptor = (struct libusb_device_descriptor) { 18, 1, 0x200, 0, 0, 0, 64, FAKE_USB_VENDOR, FAKE_USB_PRODUCT, 0x100, 1, 2, 0, 1 };
  return LIBUSB_SUCCESS;
}

int
libusb_get_active_config_descriptor (libusb_device *device, struct libusb_config_descriptor **descriptor)
{
  *descriptor = &configuration;
  return LIBUSB_SUCCESS;
}

int
libusb_get_config_descriptor (libusb_device *device, uint8_t index, struct libusb_config_descriptor **descriptor)
{
  return libusb_get_active_config_descriptor (device, descriptor);
}

void
libusb_free_config_descriptor (struct libusb_config_descriptor *descriptor)
{
}

int
libusb_get_ss_endpoint_companion_descriptor (libusb_context *context, const struct libusb_endpoint_descriptor *endpoint,
                                             struct libusb_ss_endpoint_companion_descriptor **companion)
{
  return LIBUSB_ERROR_NOT_FOUND;
}

void
libusb_free_ss_endpoint_companion_descriptor (struct libusb_ss_endpoint_companion_descriptor *companion)
{
}

uint8_t
libusb_get_bus_number (libusb_device *device)
{
  return BUS;
}

uint8_t
libusb_get_device_address (libusb_device *device)
{
  return ADDRESS;
}

int
libusb_get_port_numbers (libusb_device *device, uint8_t *numbers, int most)
{
  numbers[0] = 1;
  numbers[1] = 4;
  return 2;
}

int
libusb_get_device_speed (libusb_device *device)
{
  return LIBUSB_SPEED_HIGH;
}

int
libusb_open (libusb_device *device, libusb_device_handle **handle)
{
  if (fake.refuse != LIBUSB_SUCCESS)
    return fake.refuse;
  *handle = &fake.handle;
  fake.handle.open++;
  return LIBUSB_SUCCESS;
}

void
libusb_close (libusb_device_handle *handle)
{
  g_assert (fake.handle.open-- > 0);
}

libusb_device *
libusb_get_device (libusb_device_handle *handle)
{
  return &fake.device;
}

int
libusb_get_string_descriptor_ascii (libusb_device_handle *handle, uint8_t index, unsigned char *data, int length)
{
  return (int) g_strlcpy ((char *) data, index == 2 ? "Stick" : "Fake", (gsize) length);
}

int
libusb_claim_interface (libusb_device_handle *handle, int number)
{
  fake.claimed = TRUE;
  return LIBUSB_SUCCESS;
}

int
libusb_release_interface (libusb_device_handle *handle, int number)
{
  fake.claimed = FALSE;
  return LIBUSB_SUCCESS;
}

#define SUCCEEDS(...) { return LIBUSB_SUCCESS; }
int libusb_attach_kernel_driver (libusb_device_handle *handle, int number) SUCCEEDS ()
int libusb_set_auto_detach_kernel_driver (libusb_device_handle *handle, int enable) SUCCEEDS ()
int libusb_detach_kernel_driver (libusb_device_handle *handle, int number) SUCCEEDS ()
int libusb_set_configuration (libusb_device_handle *handle, int number) SUCCEEDS ()
int libusb_set_interface_alt_setting (libusb_device_handle *handle, int number, int alternate) SUCCEEDS ()
int libusb_clear_halt (libusb_device_handle *handle, unsigned char endpoint) SUCCEEDS ()
int libusb_reset_device (libusb_device_handle *handle) SUCCEEDS ()
int libusb_alloc_streams (libusb_device_handle *handle, uint32_t n, unsigned char *list, int n_list) SUCCEEDS ()
int libusb_free_streams (libusb_device_handle *handle, unsigned char *list, int n_list) SUCCEEDS ()
void libusb_transfer_set_stream_id (struct libusb_transfer *transfer, uint32_t id) { }
const char *libusb_error_name (int code) { return "an error of the fake's"; }
const char *libusb_strerror (int code) { return "an error of the fake's"; }

/* ---- the test's ways ---- */

void
fake_usb_plug (gboolean in)
{
  g_mutex_lock (&fake.lock);
  fake.absent = !in;
  for (; !in && fake.waiting != NULL; fake.waiting = g_slist_delete_link (fake.waiting, fake.waiting))
    finish (fake.waiting->data, LIBUSB_TRANSFER_NO_DEVICE, 0);
  g_mutex_unlock (&fake.lock);
}

void
fake_usb_refuse (int error)
{
  fake.refuse = error;
}

void
fake_usb_press (guint8 byte)
{
  g_mutex_lock (&fake.lock);
  fake.pressed[fake.n_pressed++] = byte;
  finish_interrupt ();
  g_mutex_unlock (&fake.lock);
}

gboolean
fake_usb_claimed (void)
{
  return fake.claimed;
}
