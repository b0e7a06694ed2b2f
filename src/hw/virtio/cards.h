/* cards - the virtio devices that can be plugged in, and what they are behind a transport.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "hw/card.h"
#include "hw/storage/scsi.h"
#include "hw/virtio/virtio.h"

extern const AsternCard virtio_9p_pci_card, virtio_balloon_pci_card, virtio_blk_pci_card, virtio_gpu_pci_card, virtio_keyboard_pci_card,
  virtio_mouse_pci_card, virtio_net_pci_card, virtio_rng_pci_card, virtio_scsi_pci_card, virtio_serial_pci_card,
  virtio_tablet_pci_card, virtio_vsock_pci_card, virtconsole_card, virtserialport_card;

/* The same on MMIO. */
extern const AsternCard virtio_9p_device_card, virtio_balloon_device_card, virtio_blk_device_card, virtio_gpu_device_card,
  virtio_keyboard_device_card, virtio_mouse_device_card, virtio_net_device_card, virtio_rng_device_card,
  virtio_scsi_device_card, virtio_serial_device_card, virtio_tablet_device_card,
  virtio_vsock_device_card;

extern const AsternDeviceClass virtio_9p_class, virtio_balloon_class, virtio_blk_class, virtio_gpu_class, virtio_net_class, virtio_rng_class,
  virtio_scsi_class, virtio_serial_class, virtconsole_class, virtserialport_class;

/* The same on PCI. */
extern const AsternDeviceClass virtio_9p_pci_class, virtio_balloon_pci_class, virtio_blk_pci_class, virtio_gpu_pci_class,
  virtio_keyboard_pci_class, virtio_mouse_pci_class, virtio_net_pci_class, virtio_rng_pci_class, virtio_scsi_pci_class,
  virtio_serial_pci_class, virtio_tablet_pci_class, virtio_vsock_pci_class;

/* ... and on MMIO. */
extern const AsternDeviceClass virtio_9p_device_class, virtio_balloon_device_class, virtio_blk_device_class, virtio_gpu_device_class,
  virtio_keyboard_device_class, virtio_mouse_device_class, virtio_net_device_class, virtio_rng_device_class,
  virtio_scsi_device_class, virtio_serial_device_class, virtio_tablet_device_class, virtio_vsock_device_class;

/* Before power-on, for who has no card.  @drive, @serial: (nullable). */
void virtio_blk_set_drive (VirtioDevice *device, AsternDevice *drive, const char *serial);
/* @link: (nullable). */
void virtio_net_connect   (VirtioDevice *device, AsternLink *link, const guint8 mac[6]);
ScsiBus *virtio_scsi_bus  (VirtioDevice *device);
