# The pages of doc/, installed beside README.
dist_doc_DATA += \
  README \
  doc/determinism.md
