"""test-window - the demo, a recording and a Linux guest, debugged in the window by somebody with a keyboard and a mouse.

Called by test-window.sh: test-window.py BUILD.
"""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from driver import Tap, Window, settle, text_of, wait_for  # noqa: E402

build = os.path.abspath(sys.argv[1])
shots = os.environ["ASTERN_SHOTS"]
astern, astern_gtk = os.path.join(build, "astern"), os.path.join(build, "astern-gtk")
under_sanitizer = "asan" in subprocess.run(["ldd", astern_gtk], capture_output=True, text=True).stdout
CRASH_S = 180 if under_sanitizer else 60      # the demo dies after ten seconds
tap = Tap()


def icount(window):
    return int(re.match(r"@(\d+)", window.text("text", "Moment"))[1])


def state(window):
    return window.text("label", "State of the machine")


def guest_seconds(window):
    return float(window.text("label", "Time in the guest").split()[0])


def register(window, name):
    table = window.find("tree table", "Registers")
    row = window.row_of(table, lambda cells: cells[0] == name)
    return text_of(window.cell(table, row, 1))


def wait_icount(window, value, seconds=30):
    wait_for(f"the moment @{value}", lambda: icount(window) == value, seconds)


def go_to(window, moment):
    entry = window.find("text", "Moment")
    window.click(entry, times=3)
    window.type(moment + "\n")


def show_pane(window, name):
    """By its tab, or by the menu when it is hidden."""
    tab = next(window.find_all("page tab", name), None)
    if tab is None:
        raise AssertionError(f"there is no pane {name}")
    window.click(tab, x=0.3)
    return tab


# ---- the demo ----

CRASH, GUILTY = 39615422, 25738681          # doc/tutorial.md


def demo():
    window = Window([astern_gtk, "demo"], shots)

    def runs_to_the_crash():
        wait_for("the crash", lambda: "exception 0xe" in state(window), CRASH_S)
        assert icount(window) == CRASH, icount(window)
        assert register(window, "rip").endswith("100cf5"), register(window, "rip")
        window.screenshot("crash")

    def steps_back():
        window.click(window.find("push button", "Step Back"))
        wait_icount(window, CRASH - 1)
        wait_for("rip", lambda: register(window, "rip").endswith("100cf2"))

    def steps_on():
        window.key("F11")
        wait_icount(window, CRASH)
        wait_for("rip", lambda: register(window, "rip").endswith("100cf5"))
        window.key("shift+F11")
        wait_icount(window, CRASH - 1)

    def finds_who_wrote():
        show_pane(window, "Memory")
        entry = window.find("text", "Address of the memory")
        window.click(entry, times=3)
        window.type("kernel+0x320\n")
        wait_for("the word", lambda: any("b8 01" in text_of(n) for n in memory_rows(window)))
        window.screenshot("corrupted-word")
        window.click(window.find("push button", "Who Wrote This?"))
        wait_icount(window, GUILTY, 60)
        wait_for("rip", lambda: register(window, "rip").endswith("100de4"))
        assert register(window, "rdi").endswith("40"), register(window, "rdi")
        window.screenshot("who-wrote")

    def edits_a_register():
        """In the past the user is asked first; then the run is another one."""
        table = window.find("tree table", "Registers")
        row = window.row_of(table, lambda cells: cells[0] == "rdx")
        before = register(window, "rdx")

        def edit(value):
            window.click(window.cell(table, row, 1), times=2)
            window.key("ctrl+a")
            window.type(value + "\n")

        edit("0x1234")
        window.click(window.find("push button", "Leave as It Was"))
        time.sleep(0.3)
        assert register(window, "rdx") == before, register(window, "rdx")
        edit("0x1234")
        window.screenshot("asks-to-branch")
        window.click(window.find("push button", "Branch and Change"))
        wait_for("the new value", lambda: register(window, "rdx").endswith("0000000000001234"))
        assert "past" not in window.text("label", "Time in the guest")

    tap.point("the demo runs in the window and stops at its crash", runs_to_the_crash)
    tap.point("a click steps back, and registers show it", steps_back)
    tap.point("keys step on and back", steps_on)
    tap.point("“Who wrote this?” goes to the guilty write", finds_who_wrote)
    tap.point("a register is edited in place, in the past after a question", edits_a_register)
    return window


def memory_rows(window):
    return list(window.find_all("table cell", within=window.find("filler", "Memory")))


def ends_well(window):
    status = window.close()
    assert not window.complaints(), "\n".join(window.complaints())
    assert status == 0, f"exit status {status}: {window.said()[-3:]}"


# ---- a Linux guest ----

def guest_files():
    folder = os.environ.get("ASTERN_GUESTS", "")
    kernel = next((path for path in (os.path.join(folder, name) for name in ("vmlinuz", "cloud")) if os.path.exists(path)), None)
    initrd = os.path.join(folder, "shell.cpio.gz")
    return (kernel, initrd) if folder and kernel and os.path.exists(initrd) else None


def linux():
    files = guest_files()
    if files is None:
        tap.skip("a Linux guest's serial console is typed into", "ASTERN_GUESTS names no folder with a kernel and a shell")
        return
    window = Window([astern_gtk, "-m", "512", "-kernel", files[0], "-initrd", files[1], "-append", "console=ttyS0 quiet"], shots)

    def types_in_the_console():
        terminal = window.find("terminal", "Serial 1")
        wait_for("the shell", lambda: "BOOTED" in text_of(terminal), CRASH_S)
        window.click(terminal)
        window.type("echo $((6*7)) $(uname -m)\n")
        wait_for("the answer", lambda: "42 x86_64" in text_of(terminal))
        window.screenshot("linux-console")

    def shows_the_console_as_it_was():
        window.key("F6")
        wait_for("a stop", lambda: "@" in state(window))
        terminal = window.find("terminal", "Serial 1")
        window.click(window.find("text", "Moment"), times=3)
        window.type("@500000000\n")
        wait_for("the past", lambda: icount(window) == 500000000, 60)
        wait_for("an earlier console", lambda: "BOOTED" not in text_of(terminal))
        window.key("alt+End")
        wait_for("the present console", lambda: "42 x86_64" in text_of(terminal))

    tap.point("a Linux guest's serial console is typed into", types_in_the_console)
    tap.point("the past shows the console as it was", shows_the_console_as_it_was)
    tap.point("with a running Linux the window closes without a complaint", lambda: ends_well(window))


# ---- a recording ----

def recording():
    path = os.path.join(os.environ["HOME"], "demo.astern")
    subprocess.run([astern, "demo", "-record", path, "-icount", "sleep=off"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
    window = Window([astern_gtk, path, "-S"], shots)

    def opens():
        wait_for("the start", lambda: icount(window) == 0)
        go_to(window, f"@{GUILTY}")
        wait_icount(window, GUILTY, 60)
        wait_for("rip", lambda: register(window, "rip").endswith("100de4"))
        window.screenshot("recording")

    tap.point("a recording is opened, and any moment of it gone to", opens)
    tap.point("with a recording the window closes without a complaint", lambda: ends_well(window))


if __name__ == "__main__":
    window = demo()
    tap.point("with the demo the window closes without a complaint", lambda: ends_well(window))
    recording()
    linux()
    sys.exit(tap.end())
