# Sound: the loudspeaker, and cards.
libhw_a_SOURCES += \
  src/hw/sound/ac97-boxes.c src/hw/sound/ac97-private.h \
  src/hw/sound/ac97-mixer.c \
  src/hw/sound/ac97.c src/hw/sound/ac97.h \
  src/hw/sound/hda-codec.c \
  src/hw/sound/hda-commands.c \
  src/hw/sound/hda-streams.c \
  src/hw/sound/intel-hda.c src/hw/sound/hda.h src/hw/sound/hda-private.h \
  src/hw/sound/pcspk.c src/hw/sound/pcspk.h \
  src/hw/sound/voice.c src/hw/sound/voice.h
