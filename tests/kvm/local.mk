# Engine `kvm` by real guests, in a host with SVM that QEMU emulates where /dev/kvm does not do: fetches Debian's kernel, and takes some
# minutes.  make check-kvm [SCENES=PATTERN] [SHIFTS=1000] [BENCH=PROGRAM] [NESTED=1]
KVM_TESTS =
EXTRA_DIST += tests/kvm/check-kvm.sh tests/kvm/nested-host.sh tests/kvm/scenes.py tests/kvm/witness.c
CLEANFILES += tests/kvm/witness

tests/kvm/witness: $(top_srcdir)/tests/kvm/witness.c
	$(AM_V_at)$(MKDIR_P) tests/kvm
	$(AM_V_CCLD)$(CC) -std=gnu11 -O2 -frounding-math -fno-math-errno $(WARN_CFLAGS) -static -pthread -o $@ $< -lm

SCENES =
.PHONY: check-kvm
check-kvm: astern tests/kvm/witness tests/guest/selfcheck-64 tests/guest/selfcheck-32 tests/guest/disk/boot.img $(KVM_TESTS)
	@top_builddir='$(abs_top_builddir)' SHIFTS='$(SHIFTS)' BENCH='$(BENCH)' NESTED='$(NESTED)' TESTS='$(KVM_TESTS:%=$(abs_top_builddir)/%)' \
	  $(SHELL) $(top_srcdir)/tests/kvm/check-kvm.sh $(GUESTS_FOLDER)/kvm '$(SCENES)'

# One machine, both engines.
check_PROGRAMS += tests/kvm/test-shift
tests_kvm_test_shift_SOURCES = tests/kvm/test-shift.c
tests_kvm_test_shift_LDADD = libkvm.a libtranslate.a libhw.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/kvm/test-shift
KVM_TESTS += tests/kvm/test-shift

# Points and steps on a small guest.
check_PROGRAMS += tests/kvm/test-kvm
tests_kvm_test_kvm_SOURCES = tests/kvm/test-kvm.c
tests_kvm_test_kvm_LDADD = libkvm.a libarch.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
TESTS += tests/kvm/test-kvm
KVM_TESTS += tests/kvm/test-kvm

# Interrupt controllers of the machine's in the kernel.
check_PROGRAMS += tests/kvm/test-kvm-irqchip
tests_kvm_test_kvm_irqchip_SOURCES = tests/kvm/test-kvm-irqchip.c
tests_kvm_test_kvm_irqchip_LDADD = libkvm.a libhw.a libarch.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
TESTS += tests/kvm/test-kvm-irqchip
KVM_TESTS += tests/kvm/test-kvm-irqchip

# Exits by cause, beside QEMU's.
EXTRA_DIST += tests/kvm/exits.sh
LOADS = boot serial disk net
.PHONY: check-kvm-exits
check-kvm-exits: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/kvm/exits.sh $(GUESTS_FOLDER)/kvm $(LOADS)
