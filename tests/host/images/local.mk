IMAGE_LIBS = libhost.a libcore.a $(CORE_LIBS) $(LIBNBD_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS)

check_LIBRARIES += tests/host/images/libtest.a
tests_host_images_libtest_a_SOURCES = tests/host/images/image-fixture.c tests/host/images/image-fixture.h

check_PROGRAMS += tests/host/images/test-disk-file
tests_host_images_test_disk_file_SOURCES = tests/host/images/test-disk-file.c
tests_host_images_test_disk_file_LDADD = tests/host/images/libtest.a $(IMAGE_LIBS)
TESTS += tests/host/images/test-disk-file

check_PROGRAMS += tests/host/images/test-qcow2
tests_host_images_test_qcow2_SOURCES = tests/host/images/test-qcow2.c
tests_host_images_test_qcow2_LDADD = tests/host/images/libtest.a $(IMAGE_LIBS)
TESTS += tests/host/images/test-qcow2

check_PROGRAMS += tests/host/images/test-power-cut
tests_host_images_test_power_cut_SOURCES = tests/host/images/test-power-cut.c
tests_host_images_test_power_cut_LDADD = tests/host/images/libtest.a $(IMAGE_LIBS)
TESTS += tests/host/images/test-power-cut

check_PROGRAMS += tests/host/images/test-foreign
tests_host_images_test_foreign_SOURCES = tests/host/images/test-foreign.c
tests_host_images_test_foreign_LDADD = tests/host/images/libtest.a $(IMAGE_LIBS)
TESTS += tests/host/images/test-foreign

check_PROGRAMS += tests/host/images/test-stores
tests_host_images_test_stores_SOURCES = tests/host/images/test-stores.c
tests_host_images_test_stores_LDADD = tests/host/images/libtest.a $(IMAGE_LIBS)
TESTS += tests/host/images/test-stores
