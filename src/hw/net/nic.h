/* nic - what network cards have in common: what comes through the door, filters by hash, properties.
 *
 * At its link a card is given frames, from the destination's address on, without CRC; and packets of NIC_LINK_PACKET_BYTES
 * that say whether the cable is plugged in, 0 or 1.
 *
 * Threads: any; plain values. */
#pragma once

#include "hw/card.h"
#include "hw/net/checksum.h"

#define NIC_LINK_PACKET_BYTES 1
#define NIC_MAX_FRAME         (64u * 1024)
#define NIC_CRC_BYTES         4

/* Of every PCI network card; @rom: in Debian's ipxe-qemu. */
#define NIC_PROPERTIES(rom)                                                                              \
  { "mac", ASTERN_PROPERTY_MAC, "52:54:00:12:34:56", N_("the card's address") },                          \
  { "netdev", ASTERN_PROPERTY_NETDEV, NULL, N_("the network that it is plugged into") },                  \
  { "romfile", ASTERN_PROPERTY_ROM, (rom), N_("its option ROM; empty: none") },                           \
  { "bootindex", ASTERN_PROPERTY_NUMBER, NULL, N_("Its place in the order of booting") }

/* The upper six bits of the sum over an address, which choose one of 64 bits: DP8390, RTL8139; and of its mirror image, Am79C970A. */
guint    nic_hash_high (const guint8 *address);
guint    nic_hash_low  (const guint8 *address);

/* For a PCI card's init, after astern_pci_init(): cache line size, latency timer, write and invalidate, SERR, parity. */
void     nic_init_pci  (AsternDevice *device);

static inline gboolean
nic_is_broadcast (const guint8 *frame)
{
  return (frame[0] & frame[1] & frame[2] & frame[3] & frame[4] & frame[5]) == 0xff;
}
