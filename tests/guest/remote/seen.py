"""Whether a picture is somewhere on the X display, pixel by pixel:  seen.py PICTURE.png"""
import sys

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, GdkPixbuf  # noqa: E402


def rows_of(pixbuf):
    """RGB, a bytes object a row."""
    n, stride, width, data = pixbuf.get_n_channels(), pixbuf.get_rowstride(), pixbuf.get_width(), pixbuf.get_pixels()
    rows = []
    for y in range(pixbuf.get_height()):
        row = data[y * stride:y * stride + width * n]
        if n == 4:
            row = b"".join(row[i:i + 3] for i in range(0, len(row), 4))
        rows.append(row)
    return rows


wanted = rows_of(GdkPixbuf.Pixbuf.new_from_file(sys.argv[1]))
root = Gdk.get_default_root_window()
shown = rows_of(Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height()))
# The row that tells most.
key = max(range(len(wanted)), key=lambda y: sum(wanted[y][i] != wanted[y][i + 3] for i in range(len(wanted[y]) - 3)))
for y in range(key, len(shown) - (len(wanted) - key) + 1):
    x = shown[y].find(wanted[key])
    while x >= 0:
        if x % 3 == 0 and all(shown[y - key + i][x:x + len(wanted[i])] == wanted[i] for i in range(len(wanted))):
            print("seen at", x // 3, y - key)
            sys.exit(0)
        x = shown[y].find(wanted[key], x + 1)
sys.exit("it is not on the display")
