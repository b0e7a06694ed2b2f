/* classes.c - every device class of the program, in alphabetical order. */
#include "config.h"

#include "core/device.h"

#include "hw/boards/i6300esb.h"
#include "hw/boards/ich9-lpc.h"
#include "hw/boards/ich9-smb.h"
#include "hw/boards/parallel.h"
#include "hw/boards/pci-express.h"
#include "hw/boards/pflash.h"
#include "hw/boards/pvpanic.h"
#include "hw/boards/smbus-eeprom.h"
#include "hw/boards/smbus-host.h"
#include "hw/boards/smi-features.h"
#include "hw/boards/q35-mch.h"
#include "hw/boards/serial-cards.h"
#include "hw/boards/vmport.h"
#include "hw/debugcon.h"
#include "hw/display/bochs.h"
#include "hw/display/cirrus.h"
#include "hw/display/qxl.h"
#include "hw/display/svga.h"
#include "hw/display/vga.h"
#include "hw/display/virtio-vga.h"
#include "hw/drive.h"
#include "hw/fw-cfg.h"
#include "hw/hpet.h"
#include "hw/i440fx.h"
#include "hw/i8042.h"
#include "hw/i8237.h"
#include "hw/ioapic.h"
#include "hw/isa-debug-exit.h"
#include "hw/lapic-bus.h"
#include "hw/lapic.h"
#include "hw/mc146818rtc.h"
#include "hw/net/dp8390.h"
#include "hw/net/e1000.h"
#include "hw/net/pcnet.h"
#include "hw/net/rtl8139.h"
#include "hw/pic8259.h"
#include "hw/piix3.h"
#include "hw/piix4-pm.h"
#include "hw/pit8254.h"
#include "hw/port61.h"
#include "hw/port92.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-mouse.h"
#include "hw/sound/ac97.h"
#include "hw/sound/hda.h"
#include "hw/sound/pcspk.h"
#include "hw/storage/ahci.h"
#include "hw/storage/ata.h"
#include "hw/storage/fdc82078.h"
#include "hw/storage/floppy.h"
#include "hw/storage/ide-piix.h"
#include "hw/storage/lsi53c895a.h"
#include "hw/storage/nvme.h"
#include "hw/storage/scsi.h"
#include "hw/uart16550.h"
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
#include "hw/virtio/virtio-input.h"
#include "hw/virtio/virtio-vsock.h"

const AsternDeviceClass *const astern_device_classes[] = {
  &ac97_class,
  &ahci_class,
  &ata_cd_class,
  &ata_disk_class,
  &bochs_display_class,
  &cirrus_class,
  &debugcon_class,
  &drive_class,
  &e1000_class,
  &e1000e_class,
  &ehci_class,
  &ehci_ich9_class,
  &fdc82078_class,
  &floppy_class,
  &fw_cfg_class,
  &hda_duplex_class,
  &hda_micro_class,
  &hda_output_class,
  &hpet_class,
  &i440fx_class,
  &i6300esb_class,
  &i8042_class,
  &i8237_class,
  &ich9_intel_hda_class,
  &ich9_lpc_class,
  &ich9_smb_class,
  &ide_piix_class,
  &intel_hda_class,
  &ioapic_class,
  &ioh3420_class,
  &isa_debug_exit_class,
  &lapic_bus_class,
  &lapic_class,
  &lsi53c895a_class,
  &mc146818rtc_class,
  &ne2k_isa_class,
  &ne2k_pci_class,
  &nvme_class,
  &ohci_class,
  &parallel_class,
  &pci_bridge_class,
  &pci_serial_class,
  &pcie_root_port_class,
  &pcnet_class,
  &pcspk_class,
  &pflash_class,
  &pic8259_class,
  &piix3_class,
  &piix4_pm_class,
  &pit8254_class,
  &port61_class,
  &port92_class,
  &ps2_keyboard_class,
  &ps2_mouse_class,
  &pvpanic_class,
  &pvpanic_pci_class,
  &q35_mch_class,
  &qxl_class,
  &qxl_second_class,
  &rtl8139_class,
  &scsi_cd_class,
  &scsi_hd_class,
  &secondary_vga_class,
  &svga_class,
  &uart16550_class,
  &uhci_ich9_1_class,
  &uhci_ich9_2_class,
  &uhci_ich9_3_class,
  &uhci_piix3_class,
  &smbus_eeprom_class,
  &smbus_host_ich9_class,
  &smbus_host_piix4_class,
  &smi_features_class,
  &usb_host_class,
  &usb_hub_class,
  &usb_kbd_class,
  &usb_mouse_class,
  &usb_net_class,
  &usb_redir_class,
  &usb_serial_class,
  &usb_storage_class,
  &usb_tablet_class,
  &vga_class,
  &virtconsole_class,
  &virtio_9p_class,
  &virtio_9p_device_class,
  &virtio_9p_pci_class,
  &virtio_balloon_class,
  &virtio_balloon_device_class,
  &virtio_balloon_pci_class,
  &virtio_blk_class,
  &virtio_blk_device_class,
  &virtio_blk_pci_class,
  &virtio_gpu_class,
  &virtio_gpu_device_class,
  &virtio_gpu_pci_class,
  &virtio_keyboard_class,
  &virtio_keyboard_device_class,
  &virtio_keyboard_pci_class,
  &virtio_mouse_class,
  &virtio_mouse_device_class,
  &virtio_mouse_pci_class,
  &virtio_net_class,
  &virtio_net_device_class,
  &virtio_net_pci_class,
  &virtio_rng_class,
  &virtio_rng_device_class,
  &virtio_rng_pci_class,
  &virtio_scsi_class,
  &virtio_scsi_device_class,
  &virtio_scsi_pci_class,
  &virtio_serial_class,
  &virtio_serial_device_class,
  &virtio_serial_pci_class,
  &virtio_tablet_class,
  &virtio_tablet_device_class,
  &virtio_tablet_pci_class,
  &virtio_vsock_class,
  &virtio_vsock_device_class,
  &virtio_vsock_pci_class,
  &virtio_vga_class,
  &virtserialport_class,
  &vmport_class,
  &xhci_class,
  &xhci_nec_class,
  NULL
};
