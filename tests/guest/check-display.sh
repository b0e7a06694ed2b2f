# Debian's kernel with the DRM driver of each display card: it sets a mode and shows a known picture.  Sourced by
# check-guests.sh; fetches linux-image-amd64's kernel, for its modules, and needs depmod, a static busybox, and libdrm's
# headers for the program that draws (display/picture.c).

display_folder=$folder/display

fetch_display_kernel ()
{
  [ ! -d "$display_folder/kernel/lib" ] || return 0
  package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [ -n "$package" ] || return 1
  mkdir -p "$display_folder" && (cd "$display_folder" && apt-get -q download "$package") >"$display_folder/download.log" 2>&1 &&
    dpkg-deb -x "$display_folder/$package"_*.deb "$display_folder/kernel" && rm -f "$display_folder/$package"_*.deb
}

# An initramfs of busybox, one card's modules and the program; once.
make_display_guest ()
{
  [ ! "$display_folder/drm.cpio.gz" -nt "$here/check-display.sh" ] || return 0
  fetch_display_kernel || return 1
  modules=$(echo "$display_folder"/kernel/lib/modules/*)
  command -v depmod >/dev/null && command -v cc >/dev/null && [ -x /bin/busybox ] || return 1
  base=${modules%/lib/modules/*} release=${modules##*/}
  root=$display_folder/root
  rm -rf "$root"
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/lib/modules/$release" || return 1
  cc -O2 -static -I/usr/include/libdrm -o "$root/bin/picture" "$here/display/picture.c" 2>/dev/null || return 1
  cp /bin/busybox "$root/bin/"
  for applet in sh mount modprobe sleep dd printf cat; do ln -sf busybox "$root/bin/$applet"; done
  depmod -b "$base" "$release" && cp "$modules"/modules.* "$root/lib/modules/$release/" || return 1
  for module in bochs cirrus vmwgfx qxl virtio_gpu virtio_pci; do
    modprobe -d "$base" -S "$release" --show-depends $module | sed -n 's/^insmod //p' | while read -r file rest; do
      file=/lib/modules/${file#*/lib/modules/}
      mkdir -p "$root${file%/*}" && cp "$base$file" "$root$file"
    done
  done
  cat >"$root/init" <<'END'
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for word in $(cat /proc/cmdline); do case $word in drv=*) driver=${word#drv=} ;; esac; done
modprobe virtio_pci     # which nothing here loads by itself
modprobe $driver; sleep 1
picture 800x600 cursor & sleep 3
printf '\001' | dd of=/dev/port bs=1 seek=1281 2>/dev/null
END
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -n1) >"$display_folder/drm.cpio.gz"
  cp "$base"/boot/vmlinuz-* "$display_folder/vmlinuz"
}

draws_with ()  # CARD DRIVER
{
  timeout 120 "$astern" run -m 256 -kernel "$display_folder/vmlinuz" -initrd "$display_folder/drm.cpio.gz" -vga "$1" \
    -append "console=ttyS0 quiet drv=$2" -serial stdio -monitor none -history off -icount sleep=off -device isa-debug-exit \
    -screendump "$scratch/$1.png" </dev/null >"$scratch/out" 2>"$scratch/err"
  says 'picture 800 600' && python3 "$here/display/compare.py" "$scratch/$1.png" >>"$scratch/why"
}

if make_display_guest; then
  rm -f "$folder/display.absent"
else
  echo 'the guest could not be made; it needs kmod, busybox-static, cpio, libdrm-dev and a kernel from the sources in /etc/apt' >"$folder/display.absent"
fi
check 'bochs draws on the standard VGA' display draws_with std bochs
check 'cirrus draws on the Cirrus card' display draws_with cirrus cirrus
check 'vmwgfx draws on the VMware card, with its cursor' display draws_with vmware vmwgfx
check 'virtio_gpu draws on the virtio GPU with a VGA, with its cursor' display draws_with virtio virtio_gpu
check 'qxl draws on the QXL card, with its cursor' display draws_with qxl qxl
