check_PROGRAMS += tests/host/audio/test-audio tests/host/audio/test-mixer
TESTS += tests/host/audio/test-audio tests/host/audio/test-mixer
tests_host_audio_test_audio_SOURCES = tests/host/audio/test-audio.c
tests_host_audio_test_audio_LDADD = libhost.a libcore.a $(CORE_LIBS) $(PULSE_LIBS)
tests_host_audio_test_mixer_SOURCES = tests/host/audio/test-mixer.c
tests_host_audio_test_mixer_LDADD = libhost.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
