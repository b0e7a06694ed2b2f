#!/usr/bin/env python3
"""Puts GRUB on a disk image: put-grub.py IMAGE CORE SECTOR

GRUB's boot sector goes into sector 0, beside the partition table; CORE, made by grub-mkimage, to SECTOR on, where
the boot sector and the core's own first sector look for it (GRUB's manual, "BIOS installation").
"""
import struct
import sys

BOOT = "/usr/lib/grub/i386-pc/boot.img"
KERNEL_SECTOR, BOOT_DRIVE, TABLE = 0x5C, 0x64, 440
LOAD_SEGMENT = 0x820

image, core_file, sector = sys.argv[1], sys.argv[2], int(sys.argv[3])
boot = bytearray(open(BOOT, "rb").read())
core = bytearray(open(core_file, "rb").read())
sectors = (len(core) + 511) // 512
core += bytes(sectors * 512 - len(core))
struct.pack_into("<QHH", core, 500, sector + 1, sectors - 1, LOAD_SEGMENT)
struct.pack_into("<Q", boot, KERNEL_SECTOR, sector)
boot[BOOT_DRIVE] = 0xFF                     # the drive that the BIOS says
with open(image, "r+b") as disk:
    table = disk.read(512)[TABLE:]
    disk.seek(0)
    disk.write(boot[:TABLE] + table)
    disk.seek(sector * 512)
    disk.write(core)
