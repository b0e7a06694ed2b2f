"""The systems of `make check-systems`: a row each.  @ is the folder that make-systems.sh left.

A step is the name of one of machine.py's and its argument; the last one is the system's known state.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    name: str
    options: str
    steps: tuple
    needs: tuple = ()
    limit: int = 600        # seconds, of each run; a busy host shall do
    files: tuple = ()       # what the host has to have


CODE, VARS = "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"
OVMF = (f"-machine q35 -m 512 -drive if=pflash,unit=0,format=raw,readonly=on,file={CODE} "
        "-drive if=pflash,unit=1,format=raw,file=vars.fd")
STICK = "-device qemu-xhci -drive if=none,id=d,format=raw,snapshot=on,file={} -device usb-storage,drive=d"
DISK = "-drive format=raw,snapshot=on,file={}"
FOLDER = "-drive if=none,id=d,format=raw,readonly=on,file=fat:{} -device virtio-blk-pci,drive=d"
PROMPT = (r"screen GNU GRUB[^$]*command-line|grub>", "key c", "screen grub>", "type ls\n", r"screen \({}[,)]")
LINUX = (r"hear BOOTED \d", "off")
MEMTEST = (r"screen <Enter> to start testing|Status: Testing|Time:.*Status", "key ret", r"screen Status: Testing[^$]*Errors: 0")


def bios(name, options, steps, needs, **more):
    return System(name, "-nic none " + options, steps, tuple(needs.split()), **more)


def efi(name, options, steps, needs, **more):
    return System(f"{name}, by OVMF", f"{OVMF} {options}", steps, tuple(needs.split()), files=(CODE, VARS), **more)


def folder_of(name):
    return "-nic none " + FOLDER.format(f"@/{name}/efi")


LOADERS = [
    bios("GRUB's rescue floppy", "-fda @/grub/floppy.img", PROMPT[:-1] + (PROMPT[-1].format("fd0"),), "grub"),
    bios("GRUB's rescue CD", "-cdrom @/grub/cdrom.iso", PROMPT[:-1] + (PROMPT[-1].format("cd0?"),), "grub"),
    bios("GRUB's rescue CD as a USB stick", STICK.format("@/grub/cdrom.iso"), PROMPT[:-1] + (PROMPT[-1].format("hd0"),), "grub"),
    bios("GRUB Legacy's floppy", "-fda @/grublegacy/floppy.img", ("screen grub>", "type geometry (fd0)\n", r"screen C/H/S = 80/2/18"),
         "grublegacy"),
    bios("GRUB and Linux from CD", "-m 512 -cdrom @/mkrescue/all.iso", ("hear GRUB STARTS LINUX",) + LINUX, "mkrescue"),
    bios("GRUB and Linux from a disk", "-m 512 " + DISK.format("@/mkrescue/all.iso"), ("hear GRUB STARTS LINUX",) + LINUX, "mkrescue"),
    bios("GRUB and Linux from a USB stick", "-m 512 " + STICK.format("@/mkrescue/all.iso"), ("hear GRUB STARTS LINUX",) + LINUX,
         "mkrescue"),
    bios("GRUB and Linux from a stick on EHCI", "-m 512 " + STICK.format("@/mkrescue/all.iso").replace("qemu-xhci", "usb-ehci"),
         ("hear GRUB STARTS LINUX",) + LINUX, "mkrescue"),
    efi("GRUB and Linux from CD", "-nic none -cdrom @/mkrescue/all.iso", ("hear ^FIRMWARE efi", "off"), "mkrescue"),
    efi("GRUB and Linux from a USB stick", "-nic none " + STICK.format("@/mkrescue/all.iso"),
        ("hear ^FIRMWARE efi", "off"), "mkrescue"),
    bios("SYSLINUX and Linux from a disk", "-m 512 " + DISK.format("@/syslinux/disk.img"), ("hear ^SYSLINUX 6",) + LINUX,
         "syslinux"),
    bios("ISOLINUX and Linux from CD", "-m 512 -cdrom @/syslinux/cd.iso", ("hear ^ISOLINUX 6",) + LINUX, "syslinux"),
    efi("SYSLINUX and Linux from a folder", folder_of("syslinux"), ("hear ^FIRMWARE efi", "off"), "syslinux"),
    efi("systemd-boot and Linux from a folder", folder_of("sdboot"), ("hear ^FIRMWARE efi", "off"), "sdboot"),
    efi("rEFInd and Linux from a folder", folder_of("refind"), ("hear ^FIRMWARE efi", "off"), "refind"),
    # The standard VGA's BIOS needs segments of 4 GiB in real mode, which U-Boot does not give it; QEMU's TCG has no limits there.
    bios("U-Boot, 32 bits, as firmware", "-vga cirrus -bios @/uboot/32.rom", ("hear autoboot", "send \n", "hear ^=> ", "send version\n", r"hear ^U-Boot \d[^$]*^=> $"),
         "uboot"),
    bios("U-Boot, 64 bits, as firmware", "-bios @/uboot/64.rom", ("hear autoboot", "send \n", "hear ^=> ", "send version\n", r"hear ^U-Boot \d[^$]*^=> $"),
         "uboot"),
    bios("SeaBIOS' boot menu", "-boot menu=on -fda @/grub/floppy.img -cdrom @/grub/cdrom.iso",
         ("screen Press ESC for boot menu", "key esc", "screen Select boot device", "screen 2[.] DVD/CD", "key 2") + PROMPT[:-1] + (PROMPT[-1].format("cd0?"),), "grub"),
    efi("the UEFI shell", "-nic none", ("hear Shell>", "send ver\r", r"hear UEFI v2\.\d"), ""),
]

MEMORY = [
    bios("memtest86+ from CD", "-cdrom @/memtest/cd.iso", MEMTEST, "memtest"),
    bios("memtest86+ from a floppy", "-fda @/memtest/floppy.img", MEMTEST, "memtest"),
    bios("memtest86+ from a disk", DISK.format("@/memtest/cd.iso"), MEMTEST, "memtest"),
    bios("memtest86+ from a USB stick", STICK.format("@/memtest/cd.iso"), MEMTEST, "memtest"),
    efi("memtest86+ from a folder", folder_of("memtest"), ("see Enter|Testing", "key ret", "see Testing"), "memtest"),
]

KERNELS = [
    bios("Linux with real time", "-m 512 -kernel @/rt/vmlinuz -initrd @/linux/init.gz -append 'console=ttyS0 quiet panic=-1'",
         (r"hear ^BOOTED .*PREEMPT_RT", "off"), "rt linux"),
    bios("Xen and Linux in its first domain, by GRUB from CD", "-m 1024 -cdrom @/xen/cd.iso", ("hear HYPERVISOR xen", "off"), "xen"),
    # Without firmware there are no BIOS calls.
    bios("Xen and Linux in its first domain, by -kernel",
         "-m 1024 -kernel @/xen/xen -append 'no-real-mode console=com1 com1=115200,8n1 dom0_mem=512M' "
         "-initrd '@/linux/vmlinuz console=hvc0 quiet panic=-1,@/linux/init.gz'", ("hear HYPERVISOR xen", "off"), "xen linux"),
    efi("Xen and Linux in its first domain, from a folder", "-m 1024 " + folder_of("xen"), ("hear HYPERVISOR xen", "off"), "xen"),
    bios("a folder as a FAT disk, in Linux", "-m 512 -kernel @/linux/vmlinuz -initrd @/linux/init.gz "
         "-append 'console=ttyS0 quiet panic=-1 look=fat' -drive format=raw,readonly=on,file=fat:@/fat/files",
         ("hear ^HELLO from a folder", "hear ^SUM @sum", "off"), "fat linux"),
    bios("a folder as a FAT disk, in GRUB", "-fda @/grub/floppy.img -boot a -drive format=raw,readonly=on,file=fat:@/fat/files",
         PROMPT[:-2] + ("type cat (hd0,1)/hello.txt\n", "screen HELLO from a folder"), "fat grub"),
    efi("a folder as a FAT disk, in the UEFI shell", "-nic none " + FOLDER.format("@/fat/files"), ("hear THE SHELL RUNS A SCRIPT",), "fat"),
]


def tftp(folder, file, card="e1000", more=""):
    return f"-m 512 -nic user,model={card},tftp={folder},bootfile={file}{more} -boot n"


NETWORK = [
    bios("iPXE's CD", "-cdrom @/ipxe/ipxe.iso", (r"screen iPXE[^$]*Features",), "ipxe"),
    # It calls the BIOS, so not by -kernel.
    System("iPXE as a kernel of GRUB's, a script and Linux over TFTP", "-m 512 -cdrom @/ipxe/lkrn.iso -nic user,model=e1000,tftp=@/ipxe/tftp",
           LINUX, ("ipxe",)),
    System("iPXE in the card's ROM, a script and Linux over TFTP", tftp("@/ipxe/tftp", "script.ipxe"), LINUX, ("ipxe",)),
    System("the card's ROM, undionly and Linux over TFTP", tftp("@/ipxe/tftp", "undionly.kpxe", "rtl8139"),
           ("screen UNDI device is", "key ctrl-b", "screen iPXE>", "type dhcp\n", r"screen iPXE> dhcp[^$]*ok[^$]*iPXE>", "type chain script.ipxe\n") + LINUX, ("ipxe",)),
]

LANGUAGE = "Select a language|Choose the language"
# White on a picture, of which tesseract reads the title only.
MENU = "see installer menu"
ROOT = "Root password|root password|password for 'root'"


def installer(arch, front, vga, asks=False):
    """To where it asks for a language; or until it has fetched the archive's lists of its components, and what their signatures are."""
    name = f"Debian's installer, {'graphical' if front == 'gtk' else 'text'}{'' if arch == 'amd64' else ', 32 bits'}, -vga {vga}"
    # Little memory is something that the installer asks about.
    options = f"-vga {vga} -m {1536 if front == 'gtk' else 1024} -nic user,model=e1000 -cdrom @/{arch}/{front}-"
    if asks:
        return System(name + ", to its first question", options + "asks.iso", (f"see {LANGUAGE}",), (arch,), limit=1800)
    # A mirror may be without the components themselves, which it says then.
    return System(name, options + "told.iso",
                  (f"see {ROOT}|Downloading a file failed", f"key {'ctrl-' if front == 'gtk' else ''}alt-f2", "see press Enter", "key ret", "see BusyBox",
                   # Once more, for some of the keys that come before the shell's prompt are lost.
                   "type " + 2 * "grep -e Good.sig -e s.xz /var/log/syslog >/dev/ttyS0\n",
                   r"hear Good signature from .Debian[^$]*/main/debian-installer/binary-\S*/Packages\.xz \[(\d+)/\1\]"),
                  (arch,), limit=1800)


INSTALLER = [
    System("Debian's installer from its menu over TFTP, text", tftp("@/amd64/text", "pxelinux.0").replace("512", "1536"),
           (MENU, "key ret", "see " + LANGUAGE), ("amd64",), limit=1200),
    System("Debian's installer from its menu over TFTP, graphical", tftp("@/amd64/gtk", "pxelinux.0").replace("512", "1536"),
           (MENU, "key ret", "see " + LANGUAGE), ("amd64",), limit=1200),
] + [installer("amd64", front, vga, asks) for asks in (False, True) for front in ("text", "gtk")
     for vga in ("std", "cirrus", "vmware", "qxl", "virtio")] + [
    installer("i386", "text", "std"),
    efi("Debian's installer over the network, text", "-nic user,model=virtio-net-pci,tftp=@/amd64/text,"
        "bootfile=debian-installer/amd64/bootnetx64.efi -m 1024", ("see Install|GNU GRUB", "key ret", "see " + LANGUAGE), "amd64", limit=1800),
]

SYSTEMS = LOADERS + MEMORY + KERNELS + NETWORK + INSTALLER
