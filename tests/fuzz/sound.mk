# The sound cards' fuzz target; its name is in local.mk's list.
tests_fuzz_fuzz_sound_SOURCES = tests/fuzz/fuzz-sound.c tests/fuzz/fuzz-controller.h tests/hw/storage/storage-fixture.h $(fuzz_main)
tests_fuzz_fuzz_sound_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_sound_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/sound/ac97-mixer \
  tests/corpus/sound/ac97-play \
  tests/corpus/sound/ac97-record \
  tests/corpus/sound/hda-streams \
  tests/corpus/sound/hda-verbs
