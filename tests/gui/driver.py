"""driver - a window driven as its user does: found through the accessibility tree, with real keys and a real mouse.

Needs an X server of its own (test-window.sh starts one) and a D-Bus session with the accessibility bus.
"""
import copy
import os
import re
import subprocess
import sys
import tempfile
import time

import gi
gi.require_version("Atspi", "2.0")
gi.require_version("Gdk", "3.0")
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import Atspi, Gdk, Gio, GLib  # noqa: E402

WAIT_S = 120     # for what should come at once, on a loaded machine


class Missing(AssertionError):
    """What was looked for did not come."""


def settle():
    """What the bus has for us."""
    context = GLib.MainContext.default()
    while context.pending():
        context.iteration(False)


def wait_for(what, condition, seconds=WAIT_S):
    """The first true value of @condition."""
    end = time.monotonic() + seconds
    while True:
        settle()
        try:
            value = condition()
        except GLib.Error:       # it went away while it was looked at
            value = None
        if value:
            return value
        if time.monotonic() > end:
            raise Missing(f"{what}: did not come in {seconds} s")
        time.sleep(0.02)


def children(node):
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield child


def walk(node, depth=40):
    yield node
    if depth > 0:
        for child in children(node):
            yield from walk(child, depth - 1)


def role_of(node):
    """By its name of old: at-spi2 2.53 calls a push button a button."""
    name = node.get_role_name()
    return "push button" if name == "button" else name


def showing(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


def text_of(node):
    """What it shows: its text, its value, or its name."""
    text = node.get_text_iface()
    if text is not None:
        return Atspi.Text.get_text(text, 0, -1) or ""
    return node.get_name() or ""


class Window:
    def __init__(self, command, shots, leaks=False):
        """@leaks: under AddressSanitizer, look for leaks at the end; then everything is slow."""
        self.shots = shots
        self.errors = tempfile.TemporaryFile()
        known = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lsan.supp")
        environment = dict(os.environ, G_DEBUG="fatal-warnings", G_MESSAGES_DEBUG="astern",
                           # The libraries have no frame pointers.
                           ASAN_OPTIONS="fast_unwind_on_malloc=0" if leaks else "detect_leaks=0",
                           LSAN_OPTIONS=f"suppressions={known}:print_suppressions=0")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors, env=environment)
        self.app = wait_for("the program on the accessibility bus", self._find_app)
        self.frame = wait_for("its window", lambda: next((c for c in children(self.app) if showing(c)), None))
        self.xid = wait_for("its window on the X server", self._find_x_window)
        self.focus()

    def _find_x_window(self):
        """The one with a title: tooltips and GTK's own helpers are windows, too."""
        found = subprocess.run(["xdotool", "search", "--all", "--onlyvisible", "--pid", str(self.process.pid), "--name", "."],
                               capture_output=True, text=True).stdout.split()
        return found[0] if found else None

    def _find_app(self):
        if self.process.poll() is not None:
            raise Missing(f"the program ended with {self.process.returncode}")
        return next((a for a in children(Atspi.get_desktop(0)) if a.get_process_id() == self.process.pid), None)

    def another(self, title):
        """Another window of the program's, driven alike."""
        other = copy.copy(self)
        other.frame = wait_for(title, lambda: next((c for c in children(self.app) if c.get_name() == title and showing(c)), None))
        other.xid = wait_for(f"{title} on the X server", lambda: subprocess.run(
            ["xdotool", "search", "--all", "--onlyvisible", "--pid", str(self.process.pid), "--name", f"^{title}$"],
            capture_output=True, text=True).stdout.split()[:1])[0]
        other.focus()
        return other

    def focus(self):
        """There is no window manager that would."""
        subprocess.run(["xdotool", "windowfocus", "--sync", self.xid], check=False)

    # ---- finding ----

    def find_all(self, role=None, name=None, within=None, visible=True):
        for node in walk(within or self.frame):
            try:
                if role is not None and role_of(node) != role:
                    continue
                if name is not None and not (node.get_name() == name if isinstance(name, str) else name(node.get_name() or "")):
                    continue
                if visible and not showing(node):
                    continue
            except GLib.Error:
                continue
            yield node

    def find(self, role=None, name=None, within=None, visible=True, seconds=WAIT_S):
        return wait_for(f"a {role or 'widget'} named {name!r}",
                        lambda: next(self.find_all(role, name, within, visible), None), seconds)

    def has(self, role=None, name=None, within=None):
        settle()
        return next(self.find_all(role, name, within), None) is not None

    def text(self, role, name):
        return text_of(self.find(role, name))

    # ---- tables ----

    def rows(self, table):
        """The cells' texts, row by row."""
        grid = table.get_table_iface()
        result = []
        for row in range(Atspi.Table.get_n_rows(grid)):
            cells = []
            for column in range(Atspi.Table.get_n_columns(grid)):
                cell = Atspi.Table.get_accessible_at(grid, row, column)
                cells.append(text_of(cell) if cell is not None else "")
            result.append(cells)
        return result

    def cell(self, table, row, column):
        return Atspi.Table.get_accessible_at(table.get_table_iface(), row, column)

    def row_of(self, table, predicate):
        return next((i for i, cells in enumerate(self.rows(table)) if predicate(cells)), None)

    # ---- real input ----

    def point(self, node, x=0.5, y=0.5):
        box = node.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
        return int(box.x + box.width * x), int(box.y + box.height * y)

    def click(self, node, x=0.5, y=0.5, button=1, times=1):
        px, py = self.point(node, x, y)
        self.click_at(px, py, button, times)

    def click_at(self, px, py, button=1, times=1):
        """Of one process: clicks that are too far apart are none of two or three."""
        subprocess.run(["xdotool", "mousemove", str(px), str(py), "click", "--repeat", str(times), "--delay", "30", str(button)], check=True)
        settle()

    def drag(self, start, end, steps=12, during=None):
        """From point to point; @during is called with the button down, before it is let go."""
        run = ["xdotool", "mousemove", str(start[0]), str(start[1]), "mousedown", "1"]
        subprocess.run(run, check=True)
        for i in range(1, steps + 1):
            x = start[0] + (end[0] - start[0]) * i // steps
            y = start[1] + (end[1] - start[1]) * i // steps
            subprocess.run(["xdotool", "mousemove", str(x), str(y)], check=True)
            time.sleep(0.03)
        if during is not None:
            during()
        subprocess.run(["xdotool", "mouseup", "1"], check=True)

    def key(self, *names):
        subprocess.run(["xdotool", "key", *names], check=True)
        settle()

    def type(self, text):
        """A newline is the Return key (xdotool would press Linefeed)."""
        for i, line in enumerate(text.split("\n")):
            if i > 0:
                subprocess.run(["xdotool", "key", "Return"], check=True)
            if line:
                subprocess.run(["xdotool", "type", "--delay", "15", "--", line], check=True)
        settle()

    def write(self, entry, text):
        """Types into an entry, in place of what is there."""
        def is_clicked():
            """Again, as its user would, when the window was still being laid out."""
            if not entry.get_state_set().contains(Atspi.StateType.FOCUSED):
                self.focus()
                self.click(entry)
                time.sleep(0.2)
            return entry.get_state_set().contains(Atspi.StateType.FOCUSED)

        wait_for("an entry that takes keys", is_clicked)
        self.key("ctrl+a")
        self.type(text)
        wait_for(f"{text} in the entry", lambda: text_of(entry) == text)

    def enter(self, entry, text):
        """The same, and presses Return."""
        self.write(entry, text)
        self.key("Return")

    def press(self, node):
        """Its own action, where there is nothing to point at."""
        node.get_action_iface().do_action(0)
        settle()

    def action(self, name):
        """The state of one of its actions, as the program tells it on the bus: GTK's menus do not say what is marked in them."""
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)

        def of_bus(method, argument, answer):
            return bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, argument,
                                 GLib.VariantType(answer), 0, -1, None).unpack()[0]

        for owner in of_bus("ListNames", None, "(as)"):
            if (not owner.startswith(":") or
                    of_bus("GetConnectionUnixProcessID", GLib.Variant("(s)", (owner,)), "(u)") != self.process.pid):
                continue
            try:
                return bus.call_sync(owner, "/org/astern/Astern/window/1", "org.gtk.Actions", "Describe", GLib.Variant("(s)", (name,)),
                                     GLib.VariantType("((bgav))"), 0, -1, None).unpack()[0][2][0]
            except GLib.Error:       # a connection for something else
                continue
        raise Missing(f"action {name} on the bus")

    # ---- the end ----

    def screenshot(self, name):
        settle()
        time.sleep(0.15)                # what was asked for is drawn at the next frame
        root = Gdk.get_default_root_window()
        box = self.frame.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
        x, y = max(box.x, 0), max(box.y, 0)
        pixbuf = Gdk.pixbuf_get_from_window(root, x, y, min(box.width, root.get_width() - x), min(box.height, root.get_height() - y))
        path = os.path.join(self.shots, name + ".png")
        pixbuf.savev(path, "png", [], [])
        print(f"# screenshot {path}", flush=True)

    def close(self):
        """As its user does; returns the exit status."""
        self.focus()
        if self.process.poll() is None:
            self.key("ctrl+q")
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Missing("the program did not end when its window was closed")
        return self.process.returncode

    def said(self):
        """Its standard output and error so far."""
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").splitlines()

    def complaints(self):
        return [line for line in self.said()
                if "WARNING" in line or "CRITICAL" in line or "ERROR" in line or "runtime error" in line]

    def refreshes_ms(self):
        """How long it took from each stop to the frame that shows it."""
        found = (re.search(r"stop \d+ shown after ([0-9.]+) ms", line) for line in self.said())
        return [float(m[1]) for m in found if m]

    def resident_kb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


class Tap:
    """Test points, each a sentence."""
    def __init__(self):
        self.n = self.failed = 0

    def point(self, sentence, function):
        self.n += 1
        try:
            function()
        except Exception as problem:            # the next ones are tried all the same
            self.failed += 1
            print(f"not ok {self.n} - {sentence}")
            for line in str(problem).splitlines() or [repr(problem)]:
                print(f"# {type(problem).__name__}: {line}")
            import traceback
            for line in traceback.format_exc().splitlines()[-6:]:
                print(f"# {line}")
        else:
            print(f"ok {self.n} - {sentence}")
        sys.stdout.flush()

    def skip(self, sentence, why):
        self.n += 1
        print(f"ok {self.n} - {sentence} # SKIP {why}", flush=True)

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.failed else 0
