# The pages of doc/, installed beside README.
dist_doc_DATA += \
  README \
  doc/board-pc.md \
  doc/command-line.md \
  doc/determinism.md
