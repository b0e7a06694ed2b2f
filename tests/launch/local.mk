check_PROGRAMS += tests/launch/test-load
tests_launch_test_load_SOURCES = tests/launch/test-load.c
tests_launch_test_load_LDADD = liblaunch.a libarch.a libhw.a libhost.a libcore.a $(CORE_LIBS) $(PULSE_LIBS) $(SLIRP_LIBS)
TESTS += tests/launch/test-load

check_PROGRAMS += tests/launch/test-options
tests_launch_test_options_SOURCES = tests/launch/test-options.c
tests_launch_test_options_LDADD = liblaunch.a libarch.a libhw.a libhost.a libcore.a $(CORE_LIBS) $(PULSE_LIBS) $(SLIRP_LIBS)
TESTS += tests/launch/test-options

check_PROGRAMS += tests/launch/test-keys
tests_launch_test_keys_SOURCES = tests/launch/test-keys.c
tests_launch_test_keys_LDADD = liblaunch.a $(CORE_LIBS)
TESTS += tests/launch/test-keys

check_PROGRAMS += tests/launch/test-disassemble
tests_launch_test_disassemble_SOURCES = tests/launch/test-disassemble.c
tests_launch_test_disassemble_LDADD = liblaunch.a $(CORE_LIBS) $(CAPSTONE_LIBS)
TESTS += tests/launch/test-disassemble

check_PROGRAMS += tests/launch/test-symbols-elf
tests_launch_test_symbols_elf_SOURCES = tests/launch/test-symbols-elf.c
tests_launch_test_symbols_elf_LDADD = liblaunch.a libarch.a libhw.a libhost.a libcore.a $(CORE_LIBS) $(PULSE_LIBS) $(SLIRP_LIBS) $(LIBELF_LIBS)
TESTS += tests/launch/test-symbols-elf

check_PROGRAMS += tests/launch/test-kallsyms
tests_launch_test_kallsyms_SOURCES = tests/launch/test-kallsyms.c
tests_launch_test_kallsyms_LDADD = liblaunch.a libarch.a libhw.a libhost.a libcore.a $(CORE_LIBS) $(PULSE_LIBS) $(SLIRP_LIBS) $(LIBELF_LIBS)
TESTS += tests/launch/test-kallsyms

check_PROGRAMS += tests/launch/test-busy-devices
TESTS += tests/launch/test-busy-devices
tests_launch_test_busy_devices_SOURCES = tests/launch/test-busy-devices.c
tests_launch_test_busy_devices_LDADD = $(ASTERN_LIBS)
check_PROGRAMS += tests/launch/test-timeline
TESTS += tests/launch/test-timeline
tests_launch_test_timeline_SOURCES = tests/launch/test-timeline.c
tests_launch_test_timeline_LDADD = $(ASTERN_LIBS)

check_PROGRAMS += tests/launch/test-steps
TESTS += tests/launch/test-steps
tests_launch_test_steps_SOURCES = tests/launch/test-steps.c
tests_launch_test_steps_LDADD = $(ASTERN_LIBS)

check_PROGRAMS += tests/launch/test-walk
TESTS += tests/launch/test-walk
tests_launch_test_walk_SOURCES = tests/launch/test-walk.c
tests_launch_test_walk_LDADD = $(ASTERN_LIBS)

check_PROGRAMS += tests/launch/test-idle-time
TESTS += tests/launch/test-idle-time
tests_launch_test_idle_time_SOURCES = tests/launch/test-idle-time.c
tests_launch_test_idle_time_LDADD = $(ASTERN_LIBS)

check_PROGRAMS += tests/launch/test-debug-info
TESTS += tests/launch/test-debug-info
tests_launch_test_debug_info_SOURCES = tests/launch/test-debug-info.c
tests_launch_test_debug_info_LDADD = liblaunch.a libarch.a libhw.a libhost.a libcore.a $(CORE_LIBS) $(PULSE_LIBS) $(SLIRP_LIBS) $(LIBDW_LIBS) $(LIBELF_LIBS)

check_PROGRAMS += tests/launch/test-unwind
TESTS += tests/launch/test-unwind
tests_launch_test_unwind_SOURCES = tests/launch/test-unwind.c
tests_launch_test_unwind_LDADD = $(ASTERN_LIBS)

check_PROGRAMS += tests/launch/test-trace
TESTS += tests/launch/test-trace
tests_launch_test_trace_SOURCES = tests/launch/test-trace.c
tests_launch_test_trace_LDADD = $(ASTERN_LIBS)

# libusb's functions are the fake's, libusbredirhost's own.
check_PROGRAMS += tests/launch/test-usb-host
tests_launch_test_usb_host_SOURCES = tests/launch/test-usb-host.c tests/host/usb/fake-libusb.c tests/host/usb/fake-libusb.h
tests_launch_test_usb_host_LDADD = libhw.a libhost.a libcore.a $(CORE_LIBS) -lusbredirhost
TESTS += tests/launch/test-usb-host

check_PROGRAMS += tests/launch/test-sound
tests_launch_test_sound_SOURCES = tests/launch/test-sound.c tests/launch/demo-guest.h
tests_launch_test_sound_LDADD = $(ASTERN_LIBS)
TESTS += tests/launch/test-sound
