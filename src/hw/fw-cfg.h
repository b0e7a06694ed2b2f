/* fw-cfg - how firmware asks what machine it is on: numbered items and named files.
 *
 * The interface is QEMU's, which SeaBIOS, OVMF and Linux speak.  Items are part
 * of the machine's description, set up before it runs; only where the guest
 * stands in them is state.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/device.h"

#include <glib.h>

enum
{
  FW_CFG_PORTS_WINDOW,          /* 0x510: selector (word), 0x511: data (byte) */
  FW_CFG_DMA_WINDOW,            /* 0x514, eight bytes, big endian */
};

/* Numbered items. */
enum
{
  FW_CFG_SIGNATURE    = 0x00,
  FW_CFG_ID           = 0x01,
  FW_CFG_UUID         = 0x02,
  FW_CFG_RAM_SIZE     = 0x03,
  FW_CFG_NOGRAPHIC    = 0x04,
  FW_CFG_NB_CPUS      = 0x05,
  FW_CFG_KERNEL_ADDR  = 0x07,
  FW_CFG_KERNEL_SIZE  = 0x08,
  FW_CFG_INITRD_ADDR  = 0x0a,
  FW_CFG_INITRD_SIZE  = 0x0b,
  FW_CFG_BOOT_DEVICE  = 0x0c,
  FW_CFG_NUMA         = 0x0d,
  FW_CFG_BOOT_MENU    = 0x0e,
  FW_CFG_MAX_CPUS     = 0x0f,
  FW_CFG_KERNEL_ENTRY = 0x10,
  FW_CFG_KERNEL_DATA  = 0x11,
  FW_CFG_INITRD_DATA  = 0x12,
  FW_CFG_CMDLINE_ADDR = 0x13,
  FW_CFG_CMDLINE_SIZE = 0x14,
  FW_CFG_CMDLINE_DATA = 0x15,
  FW_CFG_SETUP_ADDR   = 0x16,
  FW_CFG_SETUP_SIZE   = 0x17,
  FW_CFG_SETUP_DATA   = 0x18,
  FW_CFG_FILE_DIR     = 0x19,
  FW_CFG_FILE_FIRST   = 0x20,
  FW_CFG_IRQ0_OVERRIDE = 0x8002,
};

/* A file's name, terminator included. */
#define FW_CFG_NAME_SIZE 56

extern const AsternDeviceClass fw_cfg_class;

/* Replaces what was there.  Numbers are little endian to the guest. */
void    fw_cfg_set         (AsternDevice *device, guint16 key, GBytes *data);
void    fw_cfg_set_number  (AsternDevice *device, guint16 key, guint64 value, guint size_bytes);

/* Adds or replaces a file; the directory is kept sorted.  FALSE when the name is too long. */
gboolean fw_cfg_add_file   (AsternDevice *device, const char *name, GBytes *data);

/* A file that is part of a device's state. */
typedef struct
{
  AsternDevice *owner;
  gsize         offset, size;           /* in its state; bytes */
  gboolean    (*may_write) (AsternDevice *owner);       /* (nullable): never; the guest writes by DMA */
  void        (*selected)  (AsternDevice *owner);       /* (nullable) the guest turned to it */
} FwCfgLive;

/* Before power-on; its name is a literal's. */
void    fw_cfg_add_live    (AsternDevice *device, const char *name, const FwCfgLive *live);

/* (nullable) contents by name, borrowed. */
GBytes *fw_cfg_find_file   (AsternDevice *device, const char *name);

/* @prepare is called when the guest selects any file, and after state was loaded: files
 * that depend on how the guest set up other devices are made anew there. */
void    fw_cfg_set_prepare (AsternDevice *device, void (*prepare) (gpointer data), gpointer data);
