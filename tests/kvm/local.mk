# Engine `kvm` in a host with SVM that QEMU emulates: fetches Debian's kernel, and takes some minutes.
EXTRA_DIST += tests/kvm/check-kvm.sh tests/kvm/nested-host.sh

.PHONY: check-kvm
check-kvm: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/kvm/check-kvm.sh $(GUESTS_FOLDER)/kvm
