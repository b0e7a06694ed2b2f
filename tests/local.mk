# How tests run, and the tests of the tree itself.  Each folder's tests are in
# its own local.mk.  All tests speak TAP.

TEST_EXTENSIONS = .sh
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
  srcdir='$(srcdir)/tests'; export srcdir; \
  top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
  top_builddir='$(abs_top_builddir)'; export top_builddir; \
  G_DEBUG=fatal-warnings; export G_DEBUG; \
  GSETTINGS_BACKEND=memory; export GSETTINGS_BACKEND; \
  GSETTINGS_SCHEMA_DIR='$(abs_top_builddir)/data'; export GSETTINGS_SCHEMA_DIR; \
  XDG_DATA_HOME='$(abs_top_builddir)/tests/home'; export XDG_DATA_HOME; \
  LC_ALL=C.UTF-8; export LC_ALL;

TESTS += \
  tests/check-includes.sh \
  tests/check-lengths.sh \
  tests/check-potfiles.sh \
  tests/check-translations.sh
EXTRA_DIST += \
  tests/check-includes.sh \
  tests/check-lengths.sh \
  tests/check-potfiles.sh \
  tests/check-translations.sh \
  tests/count.sh

include tests/core/local.mk
include tests/kvm/local.mk
include tests/arch/local.mk
include tests/translate/local.mk
include tests/oracle/local.mk
include tests/hw/local.mk
include tests/hw/boards/local.mk
include tests/hw/storage/local.mk
include tests/hw/usb/local.mk
include tests/hw/net/local.mk
include tests/hw/display/local.mk
include tests/hw/sound/local.mk
include tests/hw/virtio/local.mk
include tests/host/local.mk
include tests/host/images/local.mk
include tests/host/audio/local.mk
include tests/host/fs/local.mk
include tests/host/net/local.mk
include tests/host/vsock/local.mk
include tests/host/remote/local.mk
include tests/gdbstub/local.mk
include tests/trace/local.mk
include tests/launch/local.mk
include tests/session/local.mk
include tests/cli/local.mk
include tests/gui/local.mk
include tests/guest/local.mk
include tests/guest/disk/local.mk
include tests/fuzz/local.mk
include tests/fuzz/images.mk
include tests/fuzz/sound.mk
include tests/fuzz/usb.mk
include tests/fuzz/display.mk

# What the window remembers while it is tested.
mostlyclean-local:
	rm -rf tests/home

# `make check` ends with a line that counts the test points of all programs.
# This is Automake's own rule, and the count.  (The folder . comes last in SUBDIRS.)
check-TESTS: $(check_PROGRAMS) $(check_LIBRARIES) $(dist_check_SCRIPTS) $(check_DATA)
	@rm -f $(TEST_LOGS) $(TEST_LOGS:.log=.trs) $(TEST_SUITE_LOG)
	@status=0; \
	$(MAKE) $(AM_MAKEFLAGS) $(TEST_SUITE_LOG) TEST_LOGS="$$(echo $(TEST_LOGS))" || status=1; \
	$(SHELL) $(top_srcdir)/tests/count.sh $(TEST_LOGS:.log=.trs) || status=1; \
	exit $$status

# The count of the last run again.
.PHONY: count
count:
	@$(SHELL) $(top_srcdir)/tests/count.sh $(TEST_LOGS:.log=.trs)
