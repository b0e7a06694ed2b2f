# Storage controllers and the SCSI layer.
STORAGE_TESTS = \
  tests/hw/storage/test-ahci \
  tests/hw/storage/test-fdc82078 \
  tests/hw/storage/test-ide-piix \
  tests/hw/storage/test-lsi53c895a \
  tests/hw/storage/test-nvme \
  tests/hw/storage/test-scsi
check_PROGRAMS += $(STORAGE_TESTS)
TESTS += $(STORAGE_TESTS)
tests_hw_storage_test_ahci_SOURCES = tests/hw/storage/test-ahci.c tests/hw/storage/storage-fixture.h
tests_hw_storage_test_ahci_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_storage_test_fdc82078_SOURCES = tests/hw/storage/test-fdc82078.c tests/hw/storage/storage-fixture.h
tests_hw_storage_test_fdc82078_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_storage_test_ide_piix_SOURCES = tests/hw/storage/test-ide-piix.c tests/hw/storage/storage-fixture.h
tests_hw_storage_test_ide_piix_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_storage_test_lsi53c895a_SOURCES = tests/hw/storage/test-lsi53c895a.c tests/hw/storage/storage-fixture.h
tests_hw_storage_test_lsi53c895a_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_storage_test_nvme_SOURCES = tests/hw/storage/test-nvme.c tests/hw/storage/storage-fixture.h
tests_hw_storage_test_nvme_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_storage_test_scsi_SOURCES = tests/hw/storage/test-scsi.c tests/hw/storage/storage-fixture.h
tests_hw_storage_test_scsi_LDADD = libhw.a libcore.a $(CORE_LIBS)
