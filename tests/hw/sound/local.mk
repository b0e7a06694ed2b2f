SOUND_TESTS = \
  tests/hw/sound/test-ac97 \
  tests/hw/sound/test-hda \
  tests/hw/sound/test-pcspk
check_PROGRAMS += $(SOUND_TESTS)
TESTS += $(SOUND_TESTS)
tests_hw_sound_test_ac97_SOURCES = tests/hw/sound/test-ac97.c tests/hw/sound/sound-fixture.h
tests_hw_sound_test_ac97_LDADD = libhw.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
tests_hw_sound_test_hda_SOURCES = tests/hw/sound/test-hda.c tests/hw/sound/sound-fixture.h
tests_hw_sound_test_hda_LDADD = libhw.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
tests_hw_sound_test_pcspk_SOURCES = tests/hw/sound/test-pcspk.c tests/hw/sound/sound-fixture.h
tests_hw_sound_test_pcspk_LDADD = libhw.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
