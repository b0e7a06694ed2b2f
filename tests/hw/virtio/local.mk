VIRTIO_TESTS = \
  tests/hw/virtio/test-virtio-9p \
  tests/hw/virtio/test-virtio-balloon \
  tests/hw/virtio/test-virtio-blk \
  tests/hw/virtio/test-virtio-gpu \
  tests/hw/virtio/test-virtio-input \
  tests/hw/virtio/test-virtio-mmio \
  tests/hw/virtio/test-virtio-net \
  tests/hw/virtio/test-virtio-ring \
  tests/hw/virtio/test-virtio-scsi \
  tests/hw/virtio/test-virtio-serial \
  tests/hw/virtio/test-virtio-vsock
check_PROGRAMS += $(VIRTIO_TESTS)
TESTS += $(VIRTIO_TESTS)
tests_hw_virtio_test_virtio_blk_SOURCES = tests/hw/virtio/test-virtio-blk.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_blk_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_ring_SOURCES = tests/hw/virtio/test-virtio-ring.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_ring_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_net_SOURCES = tests/hw/virtio/test-virtio-net.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_net_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_scsi_SOURCES = tests/hw/virtio/test-virtio-scsi.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_scsi_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_serial_SOURCES = tests/hw/virtio/test-virtio-serial.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_serial_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_balloon_SOURCES = tests/hw/virtio/test-virtio-balloon.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_balloon_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_input_SOURCES = tests/hw/virtio/test-virtio-input.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_input_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_gpu_SOURCES = tests/hw/virtio/test-virtio-gpu.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_gpu_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_mmio_SOURCES = tests/hw/virtio/test-virtio-mmio.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_mmio_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_9p_SOURCES = tests/hw/virtio/test-virtio-9p.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_9p_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_virtio_test_virtio_vsock_SOURCES = tests/hw/virtio/test-virtio-vsock.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h
tests_hw_virtio_test_virtio_vsock_LDADD = libhw.a libcore.a $(CORE_LIBS)
