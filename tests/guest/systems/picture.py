"""Screendumps: PNG of 8 bits a sample, and the words on them."""
import os
import struct
import subprocess
import zlib

TIMES = 3       # tesseract wants letters of some 30 pixels


def _paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def _undo(kind, row, before, n):
    if kind == 2:
        return bytearray((x + y) & 255 for x, y in zip(row, before))
    if kind:
        for i, x in enumerate(row):
            left, corner = (row[i - n], before[i - n]) if i >= n else (0, 0)
            guess = left if kind == 1 else (left + before[i]) // 2 if kind == 3 else _paeth(left, before[i], corner)
            row[i] = (x + guess) & 255
    return row


def grey_rows(path):
    """The picture's width and its rows, a byte of green a pixel."""
    with open(path, "rb") as file:
        data = file.read()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        at += 12 + size
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
    assert bits == 8 and colour in (2, 6), "a screendump has 8 bits a sample"
    n = {2: 3, 6: 4}[colour]
    raw, before, rows = zlib.decompress(packed), bytearray(width * n), []
    for start in range(0, height * (1 + width * n), 1 + width * n):
        before = _undo(raw[start], bytearray(raw[start + 1:start + 1 + width * n]), before, n)
        rows.append(bytes(before[1::n]))
    return width, rows


def words(path):
    width, rows = grey_rows(path)
    large = os.path.splitext(path)[0] + ".pgm"
    with open(large, "wb") as file:
        file.write(b"P5 %d %d 255\n" % (width * TIMES, len(rows) * TIMES))
        for row in rows:
            wide = bytearray(width * TIMES)
            for i in range(TIMES):
                wide[i::TIMES] = row
            file.write(bytes(wide) * TIMES)
    done = subprocess.run(["tesseract", large, "-", "--psm", "11"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=dict(os.environ, OMP_THREAD_LIMIT="1"), check=False)
    return " ".join(done.stdout.decode(errors="replace").split())
