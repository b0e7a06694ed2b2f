# The pages of doc/, installed beside README.
dist_doc_DATA += \
  README \
  doc/board-pc.md doc/board-q35.md \
  doc/building.md \
  doc/command-line.md \
  doc/debug-info.md \
  doc/design.md \
  doc/determinism.md doc/disks.md doc/displays.md \
  doc/expressions.md \
  doc/gdb.md doc/guests.md \
  doc/history.md \
  doc/images.md \
  doc/ir.md \
  doc/monitor.md \
  doc/networks.md \
  doc/performance.md \
  doc/recording.md \
  doc/sound.md \
  doc/sst286.md \
  doc/states.md \
  doc/tour.md \
  doc/kvm.md \
  doc/translator.md \
  doc/tutorial.md \
  doc/undefined.md \
  doc/usb.md \
  doc/virtio.md \
  doc/window.md

# Made by the window's test.
tour_images = asks-to-branch breakpoint crash dragging engine-kvm linux-console who-wrote
imagesdir = $(docdir)/images
dist_images_DATA = $(tour_images:%=doc/images/%.png)
.PHONY: update-screenshots
update-screenshots:
	for name in $(tour_images); do cp tests/gui/shots/$$name.png $(top_srcdir)/doc/images/ || exit 1; done
