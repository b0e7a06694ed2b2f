# Sound back ends.
libhost_a_SOURCES += \
  src/host/audio/audio-spec.c \
  src/host/audio/audio.c src/host/audio/audio.h src/host/audio/audio-private.h \
  src/host/audio/mixer.c src/host/audio/mixer.h \
  src/host/audio/pulse.c \
  src/host/audio/spice-sound.c src/host/audio/spice-sound.h \
  src/host/audio/wav.c src/host/audio/wav.h
