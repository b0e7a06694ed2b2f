TESTS += tests/guest/test-demo.sh
EXTRA_DIST += tests/guest/test-demo.sh
