#!/usr/bin/env python3
"""Whether a screendump shows the picture of picture.c, but for the cursor's square:  compare.py FILE
or whether two show the same:  compare.py FILE FILE"""
import struct
import sys
import zlib


def read_png(path):
    with open(path, "rb") as file:
        data = file.read()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        at += 12 + size
        if kind == b"IHDR":
            width, height, _, color = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
    return width, height, {2: 3, 6: 4}[color], zlib.decompress(packed)


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def rows(width, height, n, raw):
    before = bytearray(width * n)
    for y in range(height):
        start = y * (1 + width * n)
        row = bytearray(raw[start + 1:start + 1 + width * n])
        for i in range(len(row)):
            a, b, c = (row[i - n] if i >= n else 0), before[i], (before[i - n] if i >= n else 0)
            row[i] = (row[i] + (0, a, b, (a + b) // 2, paeth(a, b, c))[raw[start]]) & 255
        yield row
        before = row


def pixels(path):
    width, height, n, raw = read_png(path)
    return width, height, [[tuple(row[x * n:x * n + 3]) for x in range(width)] for row in rows(width, height, n, raw)]


def drawn(x, y, width, height):
    return x * 255 // width, y * 255 // height, (x ^ y) & 255


width, height, shown = pixels(sys.argv[1])
if len(sys.argv) > 2:
    other_width, other_height, other = pixels(sys.argv[2])
    if (other_width, other_height) != (width, height):
        sys.exit(f"{width} x {height}, not {other_width} x {other_height}")
    wrong = sum(shown[y][x] != other[y][x] for y in range(height) for x in range(width))
else:
    wrong = sum(shown[y][x] != drawn(x, y, width, height) for y in range(height) for x in range(width)
                if not (100 <= x < 116 and 80 <= y < 96))
print(f"{width} x {height}, {wrong} pixels are wrong")
sys.exit(wrong != 0)
