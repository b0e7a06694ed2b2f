/* usb - devices on the Universal Serial Bus, and the ports that they are plugged into.
 *
 * A USB device is a device whose struct begins with UsbDevice and whose state begins with UsbState.  What it
 * is, and which endpoints it has, are tables (UsbInfo), of which descriptors are made and against which
 * requests are checked; a control transfer's stages and the standard requests are done here.  What is left to
 * a device is its class's requests and its endpoints' packets.
 *
 * A controller hands packets over with usb_packet().  A packet may be as long as a whole transfer: a device
 * sees a stream that a short packet ends.  What a device cannot do yet is NAKed, and asked for again by the
 * controller; usb_wake() tells those that do not ask every frame.
 *
 * Nothing here depends on the moment: a device that needs time has a timer and NAKs meanwhile.
 *
 * Source: Universal Serial Bus Specification 2.0, chapters 8 and 9; 3.0, chapter 9.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   bytes. */
#pragma once

#include "hw/card.h"

typedef struct _UsbDevice UsbDevice;
typedef struct _UsbPort   UsbPort;

typedef enum { USB_LOW, USB_FULL, USB_HIGH, USB_SUPER, USB_N_SPEEDS } UsbSpeed;
#define USB_SPEED_BIT(speed) (1u << (speed))

typedef enum { USB_OUT, USB_IN, USB_SETUP } UsbToken;

typedef enum
{
  USB_ACK,
  USB_NAK,          /* not now */
  USB_STALL,
  USB_BABBLE,       /* the device sent more than there was room for */
  USB_NO_ANSWER,    /* nobody is there, or nobody who understands */
} UsbResult;

typedef struct
{
  guint8  token;       /* UsbToken */
  guint8  endpoint;    /* 0..15 */
  guint8 *data;        /* OUT and SETUP: what is sent; IN: room for what comes */
  guint   size;
  guint   done;        /* (out) bytes that were moved */
} UsbPacket;

typedef struct
{
  guint8  type, request;
  guint16 value, index, length;
} UsbSetup;

/* Of a setup's type. */
enum
{
  USB_TYPE_IN = 0x80,
  USB_TYPE_KIND = 0x60, USB_TYPE_STANDARD = 0x00, USB_TYPE_CLASS = 0x20, USB_TYPE_VENDOR = 0x40,
  USB_TYPE_TO = 0x1f, USB_TYPE_DEVICE = 0, USB_TYPE_INTERFACE = 1, USB_TYPE_ENDPOINT = 2, USB_TYPE_OTHER = 3,
};

enum
{
  USB_GET_STATUS = 0, USB_CLEAR_FEATURE = 1, USB_SET_FEATURE = 3, USB_SET_ADDRESS = 5, USB_GET_DESCRIPTOR = 6,
  USB_SET_DESCRIPTOR = 7, USB_GET_CONFIGURATION = 8, USB_SET_CONFIGURATION = 9, USB_GET_INTERFACE = 10,
  USB_SET_INTERFACE = 11, USB_SET_SEL = 48, USB_SET_ISOCH_DELAY = 49,
};

enum
{
  USB_DESCRIPTOR_DEVICE = 1, USB_DESCRIPTOR_CONFIGURATION = 2, USB_DESCRIPTOR_STRING = 3, USB_DESCRIPTOR_INTERFACE = 4,
  USB_DESCRIPTOR_ENDPOINT = 5, USB_DESCRIPTOR_QUALIFIER = 6, USB_DESCRIPTOR_OTHER_SPEED = 7, USB_DESCRIPTOR_BOS = 15,
  USB_DESCRIPTOR_CAPABILITY = 16, USB_DESCRIPTOR_HID = 0x21, USB_DESCRIPTOR_REPORT = 0x22,
  USB_DESCRIPTOR_CLASS_INTERFACE = 0x24, USB_DESCRIPTOR_HUB = 0x29, USB_DESCRIPTOR_COMPANION = 0x30,
};

enum { USB_ENDPOINT_CONTROL, USB_ENDPOINT_ISOCHRONOUS, USB_ENDPOINT_BULK, USB_ENDPOINT_INTERRUPT };

/* ---- what a device is: constant tables ---- */

typedef struct
{
  guint8        address;                /* 0x80 | number for IN */
  guint8        attributes;             /* USB_ENDPOINT_... */
  guint16       full, high, super;      /* largest packet at these speeds */
  guint8        interval_ms;            /* of interrupt endpoints; a power of two */
} UsbEndpoint;

typedef struct
{
  guint8             number, alternate;
  guint8             class_code, subclass, protocol;
  guint8             string;            /* its name's index; 0: none */
  const guint8      *extra;             /* (nullable) class descriptors that follow it */
  guint              extra_size;
  const UsbEndpoint *endpoints;
  guint              n_endpoints;
} UsbInterface;

typedef struct
{
  guint8              value;            /* 1, 2, ... */
  guint8              attributes;       /* 0x80, 0x40: powers itself, 0x20: wakes the host */
  guint8              power;            /* of the bus, in 2 mA */
  const UsbInterface *interfaces;
  guint               n_interfaces;
} UsbConfiguration;

/* Strings have these numbers; more from USB_STRING_MORE on. */
enum { USB_STRING_MANUFACTURER = 1, USB_STRING_PRODUCT, USB_STRING_SERIAL, USB_STRING_MORE };

/* What `control` returns besides a length. */
enum { USB_CONTROL_STALL = -1, USB_CONTROL_LATER = -2 };

typedef struct
{
  guint16     vendor, product, release;
  guint8      class_code, subclass, protocol;
  guint8      speeds;                   /* USB_SPEED_BIT()s that it can */
  const char *manufacturer, *product_name, *serial;
  const char *const *strings;           /* (nullable) from USB_STRING_MORE on; NULL-terminated */
  const UsbConfiguration *configurations;
  guint       n_configurations;
  gboolean    foreign;                  /* it stands for one outside: all but SET_ADDRESS is passed on, nothing is checked */

  /* A request that is not standard, or one that is and was not known.  IN: fills @data, of @size, and returns how
   * much of it; OUT: @data is what came, @size all of it; returns 0.  (nullable) */
  gint      (*control)    (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size);
  /* A packet of an endpoint that is there.  (nullable): all NAKed */
  UsbResult (*packet)     (UsbDevice *usb, UsbPacket *packet);
  /* The bus was reset.  (nullable) */
  void      (*bus_reset)  (UsbDevice *usb);
  /* A configuration or an alternate setting was chosen.  (nullable) */
  void      (*configured) (UsbDevice *usb);
  /* A halt of an endpoint was lifted.  (nullable) */
  void      (*unhalted)   (UsbDevice *usb, guint8 address);
  /* (nullable) a string that is the device's own, by its number; NULL: none */
  const char *(*string) (UsbDevice *usb, guint8 number);
  /* (nullable) a hub's ports */
  UsbPort  *(*ports)      (UsbDevice *usb, guint *n);
} UsbInfo;

/* ---- devices ---- */

#define USB_CONTROL_BYTES   4096
#define USB_MAX_INTERFACES  16

/* Embedded first in a device's state, as member `usb`. */
typedef struct
{
  guint8  control[USB_CONTROL_BYTES];   /* data of the control transfer that is under way */
  guint8  setup[8];
  guint16 control_len, control_pos;     /* bytes in control, and how many of them are done */
  guint16 halted_out, halted_in;        /* a bit for each endpoint */
  guint8  alternates[USB_MAX_INTERFACES];
  guint8  stage;                        /* of the control transfer */
  guint8  attached;                     /* it is plugged in and seen */
  guint8  speed;                        /* UsbSpeed, since the bus was reset */
  guint8  address, configuration;
  guint8  remote_wakeup;
  guint8  absent;                       /* its user has not plugged it in yet, or pulled it out */
  guint8  reserved;
} UsbState;

#define USB_FIELDS(Struct, since)                                                                        \
  ASTERN_FIELD_BYTES (Struct, usb.control, since), ASTERN_FIELD_BYTES (Struct, usb.setup, since),        \
  ASTERN_FIELD (Struct, usb.control_len, since), ASTERN_FIELD (Struct, usb.control_pos, since),          \
  ASTERN_FIELD (Struct, usb.halted_out, since), ASTERN_FIELD (Struct, usb.halted_in, since),             \
  ASTERN_FIELD_BYTES (Struct, usb.alternates, since), ASTERN_FIELD (Struct, usb.stage, since),           \
  ASTERN_FIELD (Struct, usb.attached, since), ASTERN_FIELD (Struct, usb.speed, since),                   \
  ASTERN_FIELD (Struct, usb.address, since), ASTERN_FIELD (Struct, usb.configuration, since),            \
  ASTERN_FIELD (Struct, usb.remote_wakeup, since), ASTERN_FIELD (Struct, usb.absent, since),             \
  ASTERN_FIELD (Struct, usb.reserved, since)

struct _UsbDevice
{
  AsternDevice   parent;
  const UsbInfo *info;
  UsbPort       *port;          /* borrowed; NULL: not plugged in */
  UsbDevice     *other;         /* (nullable) that has its time at the same port */
  char          *serial;        /* (nullable) instead of info's; freed by usb_finalize() */
};

/* For a class's init, reset, restored and finalize. */
void      usb_init      (AsternDevice *device, const UsbInfo *info);
void      usb_reset     (AsternDevice *device);
void      usb_restored  (AsternDevice *device);
void      usb_finalize  (AsternDevice *device);
/* Whether it is one: its struct begins with UsbDevice. */
gboolean  usb_is_device (const AsternDevice *device);

static inline UsbState *
usb_state (UsbDevice *usb)
{
  return (UsbState *) ((guint8 *) usb + usb->parent.klass->state_offset);
}

/* A control request that was put off (USB_CONTROL_LATER) is done: as `control` would have returned. */
void      usb_control_done (UsbDevice *usb, gint result);
/* After a NAK: endpoint @address, with 0x80 for IN, has something to say now, or takes something. */
void      usb_wake         (UsbDevice *usb, guint8 address);
/* It is plugged in, or pulled out. */
void      usb_attach       (UsbDevice *usb, gboolean attached);
void      usb_port_changed (UsbDevice *usb);
/* What the guest did wrong. */
void      usb_guest_error  (UsbDevice *usb, const char *what);

/* The controller's ways. */
void      usb_bus_reset    (UsbDevice *usb, UsbSpeed speed);
/* @packet's `done` is 0 unless the result is USB_ACK; a BABBLE has none. */
UsbResult usb_packet       (UsbDevice *usb, UsbPacket *packet);

/* The descriptors of usb-descriptors.c; how many bytes, up to @size, or USB_CONTROL_STALL. */
gint      usb_descriptor   (UsbDevice *usb, const UsbSetup *setup, guint8 *data, guint size);
/* (nullable) of what is configured. */
const UsbConfiguration *usb_configuration (UsbDevice *usb, guint8 value);
const UsbEndpoint      *usb_find_endpoint (UsbDevice *usb, guint8 address);

static inline UsbSetup
usb_setup_decode (const guint8 bytes[8])
{
  return (UsbSetup) { bytes[0], bytes[1], (guint16) (bytes[2] | bytes[3] << 8), (guint16) (bytes[4] | bytes[5] << 8),
                      (guint16) (bytes[6] | bytes[7] << 8) };
}

/* ---- ports ---- */

typedef struct
{
  /* A device came or went; usb_port_device() tells. */
  void     (*changed) (UsbPort *port);
  /* As usb_wake(), told to the root port below which @usb is. */
  void     (*wake)    (UsbPort *port, UsbDevice *usb, guint8 address);
  /* Packets pass. */
  gboolean (*enabled) (UsbPort *port);
} UsbPortOps;

struct _UsbPort
{
  gpointer          owner;      /* the controller or hub */
  const UsbPortOps *ops;
  guint             number;     /* 0, 1, ... of its owner's */
  guint             speeds;     /* USB_SPEED_BIT()s */
  UsbDevice        *device;     /* plugged in; NULL: nothing; at most one of these is not absent */
  /* One socket, two controllers: a high-speed controller's port has a companion, which has the device while it is released. */
  UsbPort          *companion, *master;
  gboolean          released;   /* follows from the owner's state */
};

/* (nullable) what is seen at the port. */
UsbDevice *usb_port_device (UsbPort *port);
/* At which speed it talks there. */
UsbSpeed   usb_port_speed  (UsbPort *port);
/* The device with this address at these ports or below; (nullable). */
UsbDevice *usb_find        (UsbPort *ports, guint n_ports, guint8 address);

/* Plugs @child in at port @wanted, "1", "2" ..; NULL: the first that is free and fast enough. */
gboolean   usb_plug        (UsbPort *ports, guint n_ports, AsternDevice *child, const char *wanted, GError **error);

/* ---- at a user's word, while the machine runs ---- */

/* The door's port: USB_HOT_IN or USB_HOT_OUT, a device's name, a zero, and, of one that comes, how a -device would say it. */
#define USB_HOT_PORT "usb-plug"
enum { USB_HOT_IN = '+', USB_HOT_OUT = '-' };

void       usb_hot_input  (gpointer machine, gconstpointer data, gsize size);
void       usb_set_absent (UsbDevice *usb, gboolean absent);
/* The guest may see it. */
gboolean   usb_is_present (UsbDevice *usb);

/* What every USB device has as a card; first in its list. */
#define USB_PROPERTIES \
  { .name = "port", .kind = ASTERN_PROPERTY_TEXT, .help = N_("which of the bus's ports it is plugged into: 1, 2, …") }, \
  { .name = "serial", .kind = ASTERN_PROPERTY_TEXT, .help = N_("its serial number") }, \
  { .name = "attached", .kind = ASTERN_PROPERTY_SWITCH, .fallback = "on", .help = N_("off: it is plugged in later, by “device_add”") }
/* For its configure(). */
void       usb_configure   (AsternDevice *device, const AsternCardSettings *settings);
