-- Copyright (C) 2026 The Astern authors
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A recording: one run of one machine, in one file.  doc/recording.md tells how to
-- read it.  PRAGMA application_id is 0x4173746e ("Astn"), user_version is 2
-- (1: without disk and disk_page).
--
-- icount and step are a moment (core/moment.h): guest instructions retired since
-- power-on, and steps at that point.  guest_ns is guest time since power-on, ns.
-- Hashes of state are 16 hexadecimal digits; a chunk's name is its SHA-256.

-- What made the machine: "program-version", "cpu-model", "cpu-features", "wall-clock",
-- "seed", "created" (the host's date, for people), "description".
CREATE TABLE meta (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- The machine's options, one word a row, as `astern run` would take them.
CREATE TABLE argument (
  seq   INTEGER PRIMARY KEY,
  word  TEXT NOT NULL
);

-- Bytes by content: pages of memory, some together, and pieces of the files.
CREATE TABLE chunk (
  id    INTEGER PRIMARY KEY,
  sha   BLOB NOT NULL UNIQUE CHECK (length (sha) = 32),
  size  INTEGER NOT NULL CHECK (size BETWEEN 1 AND 1048576),  -- bytes, unpacked
  data  BLOB NOT NULL                                         -- a zstd frame
);

-- The files that the machine was made of, each cut into chunks.
CREATE TABLE source (
  id    INTEGER PRIMARY KEY,
  name  TEXT NOT NULL UNIQUE,                                 -- "bios", "kernel", "module0", "fw_cfg0", ...
  size  INTEGER NOT NULL CHECK (size >= 0)                    -- bytes
);
CREATE TABLE source_chunk (
  source INTEGER NOT NULL REFERENCES source,
  seq    INTEGER NOT NULL,
  chunk  INTEGER NOT NULL REFERENCES chunk,
  PRIMARY KEY (source, seq)
) WITHOUT ROWID;

-- Branch 0 began at power-on.  Another one has what its parent had until its moment.
CREATE TABLE branch (
  id     INTEGER PRIMARY KEY,
  parent INTEGER REFERENCES branch,
  icount INTEGER NOT NULL CHECK (icount >= 0),
  step   INTEGER NOT NULL CHECK (step >= 0)
);

-- All that came from outside, in the order in which it was delivered.
CREATE TABLE journal (
  id     INTEGER PRIMARY KEY,
  branch INTEGER NOT NULL REFERENCES branch,
  icount INTEGER NOT NULL CHECK (icount >= 0),
  step   INTEGER NOT NULL CHECK (step >= 0),
  port   TEXT NOT NULL,                                       -- the door's: "serial0", "ps2-keyboard", ...
  data   BLOB NOT NULL
);

-- State hashes, to be compared by a replay.  full: memory's blocks are among the parts.
CREATE TABLE checkpoint (
  id       INTEGER PRIMARY KEY,
  branch   INTEGER NOT NULL REFERENCES branch,
  icount   INTEGER NOT NULL CHECK (icount >= 0),
  step     INTEGER NOT NULL CHECK (step >= 0),
  guest_ns INTEGER NOT NULL,
  full     INTEGER NOT NULL CHECK (full IN (0, 1))
);
CREATE INDEX checkpoint_moment ON checkpoint (icount, step);
CREATE TABLE checkpoint_part (
  checkpoint INTEGER NOT NULL REFERENCES checkpoint,
  part       TEXT NOT NULL,                                   -- "clock", "cpu0", "ram", "serial0", ...
  hash       TEXT NOT NULL CHECK (length (hash) = 16),
  PRIMARY KEY (checkpoint, part)
) WITHOUT ROWID;

-- Whole states, from which a replay can start.  state: a zstd frame of a GVariant (doc/recording.md).
CREATE TABLE snapshot (
  id       INTEGER PRIMARY KEY,
  branch   INTEGER NOT NULL REFERENCES branch,
  icount   INTEGER NOT NULL CHECK (icount >= 0),
  step     INTEGER NOT NULL CHECK (step >= 0),
  guest_ns INTEGER NOT NULL,
  state_size INTEGER NOT NULL,                                -- bytes, unpacked
  state    BLOB NOT NULL
);
-- Pages (numbers in RAM space) written since the snapshot before, and where in a chunk they are; chunk
-- NULL: zeros.  A page that no snapshot up to here names is as it was at power-on.
CREATE TABLE snapshot_page (
  snapshot INTEGER NOT NULL REFERENCES snapshot,
  page     INTEGER NOT NULL CHECK (page >= 0),
  chunk    INTEGER REFERENCES chunk,
  place    INTEGER NOT NULL CHECK (place >= 0),               -- counted in pages
  PRIMARY KEY (snapshot, page)
) WITHOUT ROWID;

-- Disks: those of the machine's drives, and media that were put in later.
CREATE TABLE disk (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,                              -- "ide0-hd0"; "ide1-cd0#2": the second medium of the drive
  size     INTEGER NOT NULL CHECK (size >= 0),                -- bytes
  readonly INTEGER NOT NULL CHECK (readonly IN (0, 1))
);
-- Pages of 4096 bytes that the run looked at, as they were at the start, and where in a chunk they are; chunk NULL:
-- zeros.  A page that is not here played no part in the run.
CREATE TABLE disk_page (
  disk  INTEGER NOT NULL REFERENCES disk,
  page  INTEGER NOT NULL CHECK (page >= 0),
  chunk INTEGER REFERENCES chunk,
  place INTEGER NOT NULL CHECK (place >= 0),                  -- counted in pages
  PRIMARY KEY (disk, page)
) WITHOUT ROWID;

-- How far the run went.  One row.
CREATE TABLE head (
  id       INTEGER PRIMARY KEY CHECK (id = 0),
  branch   INTEGER NOT NULL REFERENCES branch,
  icount   INTEGER NOT NULL CHECK (icount >= 0),
  step     INTEGER NOT NULL CHECK (step >= 0),
  guest_ns INTEGER NOT NULL,
  ending   TEXT                                               -- NULL: it was cut off; "quit", "power-off", ...
);

-- What happened, when it was asked for (-record-events).
CREATE TABLE event (
  id     INTEGER PRIMARY KEY,
  branch INTEGER NOT NULL REFERENCES branch,
  icount INTEGER NOT NULL CHECK (icount >= 0),
  step   INTEGER NOT NULL CHECK (step >= 0),
  cpu    INTEGER NOT NULL,                                    -- whose turn it was
  kind   TEXT NOT NULL,                                       -- a kind of `-d`: "int", "guest_errors", ...
  text   TEXT NOT NULL
);
CREATE INDEX event_moment ON event (icount, step);

-- Packed pages of the run's history for which there was no room in memory, while it runs; a run that ended
-- by itself leaves none.  They are of no use to anybody else.
CREATE TABLE spill (
  id     INTEGER PRIMARY KEY,
  data   BLOB NOT NULL
);

-- What people marked.
CREATE TABLE bookmark (
  id     INTEGER PRIMARY KEY,
  icount INTEGER NOT NULL CHECK (icount >= 0),
  step   INTEGER NOT NULL CHECK (step >= 0),
  name   TEXT NOT NULL,
  note   TEXT NOT NULL DEFAULT ''
);
