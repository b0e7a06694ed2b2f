#!/usr/bin/env python3
"""Whether a screendump shows the picture of picture.c, but for the cursor's square:  compare.py FILE"""
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


width, height, n, raw = read_png(sys.argv[1])
wrong = 0
for y, row in enumerate(rows(width, height, n, raw)):
    for x in range(width):
        if 100 <= x < 116 and 80 <= y < 96:
            continue
        wrong += tuple(row[x * n:x * n + 3]) != (x * 255 // width, y * 255 // height, (x ^ y) & 255)
print(f"{width} x {height}, {wrong} pixels are wrong")
sys.exit(wrong != 0)
