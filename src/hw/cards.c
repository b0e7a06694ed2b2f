/* cards.c - every card that can be plugged in, in alphabetical order. */
#include "config.h"

#include "hw/card.h"

#include "hw/boards/i6300esb.h"
#include "hw/boards/parallel.h"
#include "hw/boards/pci-express.h"
#include "hw/boards/pvpanic.h"
#include "hw/boards/serial-cards.h"
#include "hw/boards/vmport.h"
#include "hw/display/device-cards.h"
#include "hw/display/virtio-vga.h"
#include "hw/net/dp8390.h"
#include "hw/net/e1000.h"
#include "hw/net/pcnet.h"
#include "hw/net/rtl8139.h"
#include "hw/sound/ac97.h"
#include "hw/sound/hda.h"
#include "hw/storage/ahci.h"
#include "hw/storage/ata.h"
#include "hw/storage/fdc82078.h"
#include "hw/storage/floppy.h"
#include "hw/storage/ide-piix.h"
#include "hw/storage/lsi53c895a.h"
#include "hw/storage/nvme.h"
#include "hw/storage/scsi.h"
#include "hw/usb/ehci.h"
#include "hw/usb/hid.h"
#include "hw/usb/hub.h"
#include "hw/usb/net.h"
#include "hw/usb/ohci.h"
#include "hw/usb/redir.h"
#include "hw/usb/serial.h"
#include "hw/usb/storage.h"
#include "hw/usb/uhci.h"
#include "hw/usb/xhci.h"
#include "hw/virtio/cards.h"

const AsternCard *const astern_cards[] = {
  &ac97_card,
  &ahci_card,
  &ata_cd_card,
  &ata_disk_card,
  &bochs_display_card,
  &cirrus_card,
  &e1000_card,
  &e1000e_card,
  &ehci_card,
  &ehci_ich9_card,
  &fdc82078_card,
  &floppy_card,
  &hda_duplex_card,
  &hda_micro_card,
  &hda_output_card,
  &i6300esb_card,
  &ich9_intel_hda_card,
  &ide_piix_card,
  &intel_hda_card,
  &ioh3420_card,
  &isa_debugcon_card,
  &isa_serial_card,
  &lsi53c895a_card,
  &ne2k_isa_card,
  &ne2k_pci_card,
  &nvme_card,
  &ohci_card,
  &parallel_card,
  &pci_bridge_card,
  &pci_serial_card,
  &pcie_root_port_card,
  &pcnet_card,
  &pvpanic_card,
  &pvpanic_pci_card,
  &qxl_card,
  &qxl_second_card,
  &rtl8139_card,
  &scsi_cd_card,
  &scsi_hd_card,
  &secondary_vga_card,
  &svga_card,
  &uhci_ich9_1_card,
  &uhci_ich9_2_card,
  &uhci_ich9_3_card,
  &uhci_piix3_card,
  &usb_host_card,
  &usb_hub_card,
  &usb_kbd_card,
  &usb_mouse_card,
  &usb_net_card,
  &usb_redir_card,
  &usb_serial_card,
  &usb_storage_card,
  &usb_tablet_card,
  &vga_card,
  &virtconsole_card,
  &virtio_9p_device_card,
  &virtio_9p_pci_card,
  &virtio_balloon_device_card,
  &virtio_balloon_pci_card,
  &virtio_blk_device_card,
  &virtio_blk_pci_card,
  &virtio_gpu_device_card,
  &virtio_gpu_pci_card,
  &virtio_keyboard_device_card,
  &virtio_keyboard_pci_card,
  &virtio_mouse_device_card,
  &virtio_mouse_pci_card,
  &virtio_net_device_card,
  &virtio_net_pci_card,
  &virtio_rng_device_card,
  &virtio_rng_pci_card,
  &virtio_scsi_device_card,
  &virtio_scsi_pci_card,
  &virtio_serial_device_card,
  &virtio_serial_pci_card,
  &virtio_tablet_device_card,
  &virtio_tablet_pci_card,
  &virtio_vsock_device_card,
  &virtio_vsock_pci_card,
  &virtio_vga_card,
  &virtserialport_card,
  &vmport_card,
  &xhci_card,
  &xhci_nec_card,
  NULL
};
