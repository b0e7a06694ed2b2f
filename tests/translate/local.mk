# check_PROGRAMS += tests/translate/test-NAME
# tests_translate_test_NAME_SOURCES = tests/translate/test-NAME.c
# TESTS += tests/translate/test-NAME

# Decoding and lifting.
check_PROGRAMS += tests/translate/test-decode
tests_translate_test_decode_SOURCES = tests/translate/test-decode.c
tests_translate_test_decode_CPPFLAGS = $(AM_CPPFLAGS) $(CAPSTONE_CFLAGS)
tests_translate_test_decode_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-decode

check_PROGRAMS += tests/translate/test-lift
tests_translate_test_lift_SOURCES = tests/translate/check-order.c tests/translate/check-order.h tests/translate/test-lift.c
tests_translate_test_lift_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/translate
tests_translate_test_lift_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-lift

# Real mode as on hardware; the data is not ours and is looked for beside the checkout.
check_PROGRAMS += tests/translate/test-sst286
tests_translate_test_sst286_SOURCES = tests/translate/moo.c tests/translate/moo.h tests/translate/test-sst286.c
tests_translate_test_sst286_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/translate \
  -DSST286_FOLDER='"$(abs_top_srcdir)/../shared/data/sst286"'
tests_translate_test_sst286_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-sst286

# Helpers: exceptions, far transfers, tasks, strings.
check_PROGRAMS += tests/translate/test-help
tests_translate_test_help_SOURCES = tests/translate/test-help.c
tests_translate_test_help_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-help

# Vector and x87 tables, and the encoder.
check_PROGRAMS += tests/translate/test-simd
tests_translate_test_simd_SOURCES = tests/translate/test-simd.c
tests_translate_test_simd_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-simd

# The engine on small guests: stops, code that changes, faults, two CPUs.
check_PROGRAMS += tests/translate/test-engine
tests_translate_test_engine_SOURCES = tests/translate/test-engine.c
tests_translate_test_engine_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-engine

# Cached translations that a guest cannot tell from none.
check_PROGRAMS += tests/translate/test-softmmu
tests_translate_test_softmmu_SOURCES = tests/translate/test-softmmu.c
tests_translate_test_softmmu_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-softmmu

# IR: the verifier and the passes.
check_PROGRAMS += tests/translate/test-ir
tests_translate_test_ir_SOURCES = tests/translate/test-ir.c
tests_translate_test_ir_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-ir

# doc/ir.md comes from the lists; `make update-ir-doc` writes it.
check_PROGRAMS += tests/translate/ir-doc
tests_translate_ir_doc_SOURCES = tests/translate/ir-doc.c
tests_translate_ir_doc_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-ir-doc.sh
EXTRA_DIST += tests/translate/test-ir-doc.sh

.PHONY: update-ir-doc
update-ir-doc: tests/translate/ir-doc
	tests/translate/ir-doc >$(top_srcdir)/doc/ir.md

# Points of every kind: hits, stops, and that they change nothing.
check_PROGRAMS += tests/translate/test-points
tests_translate_test_points_SOURCES = tests/translate/test-points.c
tests_translate_test_points_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-points
