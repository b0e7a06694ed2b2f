noinst_LIBRARIES += liblaunch.a
liblaunch_a_SOURCES =
