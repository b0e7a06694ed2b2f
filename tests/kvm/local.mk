# Points and steps on a small guest, where there is /dev/kvm.
check_PROGRAMS += tests/kvm/test-kvm
tests_kvm_test_kvm_SOURCES = tests/kvm/test-kvm.c
tests_kvm_test_kvm_LDADD = libkvm.a libarch.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
TESTS += tests/kvm/test-kvm

# Engine `kvm` in a host with SVM that QEMU emulates: fetches Debian's kernel, and takes some minutes.
EXTRA_DIST += tests/kvm/check-kvm.sh tests/kvm/nested-host.sh

.PHONY: check-kvm
check-kvm: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/kvm/check-kvm.sh $(GUESTS_FOLDER)/kvm
