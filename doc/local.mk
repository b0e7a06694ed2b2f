# The pages of doc/, installed beside README.
dist_doc_DATA += \
  README \
  doc/command-line.md \
  doc/determinism.md
