# The pages of doc/, installed beside README.
dist_doc_DATA += \
  README \
  doc/board-pc.md \
  doc/building.md \
  doc/command-line.md \
  doc/debug-info.md \
  doc/design.md \
  doc/determinism.md \
  doc/expressions.md \
  doc/gdb.md \
  doc/history.md \
  doc/ir.md \
  doc/monitor.md \
  doc/performance.md \
  doc/recording.md \
  doc/sst286.md \
  doc/translator.md \
  doc/tutorial.md \
  doc/undefined.md \
  doc/window.md
