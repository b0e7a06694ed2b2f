/* card - what can be plugged into a board with -device: names, properties, slots.
 *
 * A card is a row in astern_cards: a device class, the bus that it is plugged into, and its properties.  Launch
 * makes the device, has it configured, and plugs it in.  So a new device is a C file and a row, and -device,
 * -device help, the window's “new machine” and the tests over all cards know it.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "core/device.h"
#include "core/link.h"
#include "hw/isa.h"

typedef struct _AsternCard         AsternCard;
typedef struct _AsternCardSettings AsternCardSettings;

typedef enum
{
  ASTERN_SLOT_BOARD,        /* nowhere: it is wired by its configure() */
  ASTERN_SLOT_PCI,          /* its struct begins with AsternPciFunction */
  ASTERN_SLOT_ISA,          /* its configure() asks for the board's ISA bus: astern_settings_isa() */
  ASTERN_SLOT_IDE, ASTERN_SLOT_SCSI, ASTERN_SLOT_USB, ASTERN_SLOT_VIRTIO_SERIAL, ASTERN_SLOT_FLOPPY,
  ASTERN_SLOT_VIRTIO_MMIO,  /* one of the board's places without a bus: hw/virtio/virtio-mmio.h */
  ASTERN_SLOT_HDA,
  ASTERN_N_SLOTS
} AsternSlot;

typedef enum
{
  ASTERN_PROPERTY_SWITCH,   /* on, off */
  ASTERN_PROPERTY_NUMBER,
  ASTERN_PROPERTY_SIZE,     /* with k, M, G */
  ASTERN_PROPERTY_TEXT,
  ASTERN_PROPERTY_MAC,
  ASTERN_PROPERTY_DRIVE,    /* the id of a -drive */
  ASTERN_PROPERTY_NETDEV,   /* ... of a -netdev: a link */
  ASTERN_PROPERTY_CHARDEV,  /* ... of a -chardev: a link */
  ASTERN_PROPERTY_AUDIODEV, /* ... of an -audiodev: a link */
  ASTERN_PROPERTY_FSDEV,    /* ... of a -fsdev: a link */
  ASTERN_PROPERTY_ROM,      /* a firmware file's name: its content */
} AsternPropertyKind;

typedef struct
{
  const char *name;         /* QEMU's */
  guint8      kind;         /* AsternPropertyKind */
  const char *fallback;     /* (nullable): as if given; NULL: 0, off, none */
  const char *help;         /* N_() */
} AsternProperty;

typedef enum
{
  ASTERN_CARD_STORAGE, ASTERN_CARD_NETWORK, ASTERN_CARD_DISPLAY, ASTERN_CARD_SOUND, ASTERN_CARD_USB,
  ASTERN_CARD_INPUT, ASTERN_CARD_CHARACTER, ASTERN_CARD_OTHER,
} AsternCardKind;

struct _AsternCard
{
  const char              *name;          /* as in -device and -nic model=: "e1000" */
  const char              *alias;         /* (nullable): another one */
  const char              *summary;       /* N_() "Intel 82540EM network card" */
  const AsternDeviceClass *klass;
  guint8                   kind;          /* AsternCardKind */
  guint8                   slot;          /* AsternSlot: what it is plugged into */
  guint8                   offers;        /* AsternSlot that it has for others; 0: none */
  const AsternProperty    *properties;    /* (nullable): ended by a NULL name */
  /* (nullable) the device was made and is not attached.  May fail with a usage error. */
  gboolean (*configure) (AsternDevice *device, const AsternCardSettings *settings, GError **error);
  /* Plugs @child, configured, into this one.  @settings: the child's ("port", "lun", "unit" ...).  With `offers`. */
  gboolean (*plug)      (AsternDevice *device, AsternDevice *child, const AsternCardSettings *settings, GError **error);
};

/* NULL-terminated, in alphabetical order. */
extern const AsternCard *const astern_cards[];

const AsternCard     *astern_card_find          (const char *name);
const AsternProperty *astern_card_find_property (const AsternCard *card, const char *name);

/* What -device help shows, and -device NAME,help; free it. */
char                 *astern_cards_help         (void);
char                 *astern_card_help          (const AsternCard *card);

/* What was given, or the fallback; of a property that the card has. */
const char   *astern_settings_text   (const AsternCardSettings *settings, const char *name);   /* (nullable) */
guint64       astern_settings_number (const AsternCardSettings *settings, const char *name);
gboolean      astern_settings_switch (const AsternCardSettings *settings, const char *name);
gboolean      astern_settings_given  (const AsternCardSettings *settings, const char *name);
void          astern_settings_mac    (const AsternCardSettings *settings, const char *name, guint8 mac[6]);
AsternDevice *astern_settings_drive  (const AsternCardSettings *settings, const char *name);   /* (nullable) */
AsternLink   *astern_settings_link   (const AsternCardSettings *settings, const char *name);   /* (nullable) */
GBytes       *astern_settings_rom    (const AsternCardSettings *settings, const char *name);   /* (nullable); borrowed */
AsternMachine *astern_settings_machine (const AsternCardSettings *settings);
const AsternIsaBus *astern_settings_isa (const AsternCardSettings *settings);    /* of cards with ASTERN_SLOT_ISA */
/* Which of the buses of the device that it is plugged into: 1 of “bus=ide.1”; 0 when none was named. */
guint         astern_settings_bus       (const AsternCardSettings *settings);

/* For launch, and for tests without it.  @card may not be freed. */
AsternCardSettings *astern_settings_new   (const AsternCard *card, AsternMachine *machine);
void          astern_settings_free        (AsternCardSettings *settings);
/* A word that means nothing for the property's kind is an error that says what does. */
gboolean      astern_settings_set         (AsternCardSettings *settings, const char *name, const char *value, GError **error);
/* What a DRIVE, NETDEV, CHARDEV, AUDIODEV or ROM property names; borrowed, of a ROM a new reference is held. */
void          astern_settings_set_drive   (AsternCardSettings *settings, const char *name, AsternDevice *drive);
void          astern_settings_set_link    (AsternCardSettings *settings, const char *name, AsternLink *link);
void          astern_settings_set_isa     (AsternCardSettings *settings, const AsternIsaBus *isa);
void          astern_settings_set_bus     (AsternCardSettings *settings, guint number);
void          astern_settings_set_rom     (AsternCardSettings *settings, const char *name, GBytes *rom);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternCardSettings, astern_settings_free)
