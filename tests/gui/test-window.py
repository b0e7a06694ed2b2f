"""test-window - the demo, a recording and a Linux guest, debugged in the window by somebody with a keyboard and a mouse.

Called by test-window.sh: test-window.py BUILD.
"""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from driver import Atspi, Tap, WAIT_S, Window, settle, text_of, wait_for  # noqa: E402

build = os.path.abspath(sys.argv[1])
shots = os.environ["ASTERN_SHOTS"]
astern, astern_gtk = os.path.join(build, "astern"), os.path.join(build, "astern-gtk")
under_sanitizer = "asan" in subprocess.run(["ldd", astern_gtk], capture_output=True, text=True).stdout
CRASH_S = 180 if under_sanitizer else 60      # the demo dies after ten seconds
room = 1 if os.environ.get("ASTERN_FIGURES") else 4      # beside other tests the machine is not ours
tap = Tap()


def icount(window):
    """None while the machine moves: the entry shows what was typed."""
    moment = re.match(r"@(\d+)", window.text("text", "Moment"))
    return int(moment[1]) if moment else None


def state(window):
    return window.text("label", "State of the machine")


def guest_seconds(window):
    return float(window.text("label", "Time in the guest").split()[0])


def register(window, name):
    table = window.find("tree table", "Registers")
    row = window.row_of(table, lambda cells: cells[0] == name)
    return text_of(window.cell(table, row, 1))


def wait_icount(window, value, seconds=WAIT_S):
    wait_for(f"the moment @{value}", lambda: icount(window) == value, seconds)


def go_to(window, moment):
    window.enter(window.find("text", "Moment"), moment)


def show_pane(window, name):
    """By its tab, or by the menu when it is hidden."""
    tab = next(window.find_all("page tab", name), None)
    if tab is None:
        raise AssertionError(f"there is no pane {name}")
    window.click(tab, x=0.3)
    return tab


# ---- the demo ----

def lived_through():
    """The same by the monitor, whose ways tests/guest/test-tutorial.sh checks: moments, and what $pc is there, in order."""
    words = "wait\nprint $pc\nstep back\nprint $pc\nwho-wrote u64[kernel + 0x320]\nprint $pc\nprint sys_chart\n"
    answer = subprocess.run([astern, "demo", "-serial", "none", "-monitor", "stdio", "-icount", "sleep=off"], input=words, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    moments = [int(n) for n in re.findall(r"^(?:\(astern\) )*@(\d+)", answer, re.M)]
    places = [f"0x{int(n, 16):016x}" for n in re.findall(r"^(?:\(astern\) )*0x([0-9a-f]+) <", answer, re.M)]
    return moments, places


(CRASH, BEFORE, GUILTY), (CRASH_PC, BEFORE_PC, GUILTY_PC, SYS_CHART) = lived_through()


def demo():
    window = Window([astern_gtk, "demo"], shots)

    def runs_to_the_crash():
        wait_for("the crash", lambda: "exception 0xe" in state(window), CRASH_S)
        assert icount(window) == CRASH, icount(window)
        assert register(window, "rip") == CRASH_PC, register(window, "rip")
        window.screenshot("crash")

    def steps_back():
        window.click(window.find("push button", "Step Back"))
        wait_icount(window, BEFORE)
        wait_for("rip", lambda: register(window, "rip") == BEFORE_PC)

    def steps_on():
        window.key("F11")
        wait_icount(window, CRASH)
        wait_for("rip", lambda: register(window, "rip") == CRASH_PC)
        window.key("shift+F11")
        wait_icount(window, BEFORE)

    def finds_who_wrote():
        show_pane(window, "Memory")
        window.enter(window.find("text", "Address of the memory"), "u64[kernel + 0x320]")
        wait_for("the corrupted word", lambda: "b8 01 00 00 00 00 00 00" in memory_text(window))
        window.screenshot("corrupted-word")
        window.click(window.find("push button", "Who Wrote This?"))
        wait_icount(window, GUILTY)
        wait_for("rip", lambda: register(window, "rip") == GUILTY_PC)
        assert register(window, "rdi").endswith("40"), register(window, "rdi")
        window.screenshot("who-wrote")
        window.key("F11")
        wait_icount(window, GUILTY + 1)
        window.key("shift+F11")
        wait_icount(window, GUILTY)

    def breaks_where_it_is_clicked():
        """In the gutter beside an instruction that both ways lead to: the first of switch_to()."""
        show_pane(window, "Disassembly")
        code = window.find("table", "Disassembly")
        window.enter(window.find("text", "Go to address"), "sys_chart")
        row = wait_for("the function", lambda: window.row_of(code, lambda cells: cells[1] == SYS_CHART[2:]))
        window.click(window.cell(code, row, 0), x=0.2)
        show_pane(window, "Breakpoints")
        points = window.find("tree table", "Breakpoints")
        wait_for("the breakpoint", lambda: window.row_of(points, lambda cells: any("sys_chart" in c for c in cells)) is not None)
        window.click(window.find("push button", "Continue Back"))
        wait_for("its hit", lambda: register(window, "rip") == SYS_CHART, 60)
        window.screenshot("breakpoint")

    def drags_the_timeline():
        """While the button is down, everything shows the moment below it."""
        window.key("alt+End")
        wait_icount(window, CRASH)
        timeline = window.find(name="Timeline")
        seen = set()
        y = window.point(timeline, y=0.05)[1]
        start, end = (window.point(timeline, x)[0] for x in (0.99, 0.4))

        def dragging():
            wait_for("an earlier screen", lambda: guest_seconds(window) < 6 and "past" in window.text("label", "Time in the guest"))
            seen.update(register(window, name) for name in ("rip", "rsp"))
            window.screenshot("dragging")

        window.drag((start, y), (end, y), during=dragging)
        assert icount(window) < CRASH, icount(window)
        assert not seen & {CRASH_PC, "0x00000000000001b8"}, seen     # those of the crash
        assert "0.90" in console_text(window) and "9.80" not in console_text(window), console_text(window)
        window.key("alt+End")
        wait_icount(window, CRASH)

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
    tap.point("the timeline is dragged, and all shows that moment", drags_the_timeline)
    tap.point("a click beside an instruction sets a breakpoint, which going back stops at", breaks_where_it_is_clicked)
    tap.point("a register is edited in place, in the past after a question", edits_a_register)
    return window


def console_text(window):
    show_pane(window, "Consoles")
    return text_of(window.find("terminal", "Serial 1"))


def memory_text(window):
    return text_of(window.find("text", "Memory Contents"))


def ends_well(window):
    status = window.close()
    if window.complaints() or status != 0:
        with open(os.path.join(shots, "complaints.txt"), "w") as file:
            file.write("\n".join(window.said()))
    assert not window.complaints(), "\n".join(window.complaints())
    assert status == 0, f"exit status {status}: {window.said()[-3:]}"


# ---- what it costs ----

def stops(window):
    return len(window.refreshes_ms())


def hammer(window, wanted):
    """Steps to and fro, as fast as keys can be pressed, until @wanted stops more were shown; returns how long that took."""
    start, begun = stops(window), time.monotonic()
    while stops(window) < start + wanted:
        for key in ("shift+F11", "F11"):
            subprocess.run(["xdotool", "key", "--repeat", "60", "--delay", "12", key], check=True)
        if time.monotonic() - begun > 300:
            raise AssertionError(f"{stops(window) - start} stops in five minutes")
    return time.monotonic() - begun


def costs():
    window = Window([astern_gtk, "demo"], shots)
    figures = {}

    def is_quick():
        wait_for("the crash", lambda: "exception 0xe" in state(window), CRASH_S)
        window.click(window.find("push button", "Step Back"))
        wait_icount(window, BEFORE)
        before = stops(window)
        seconds = hammer(window, 20 if under_sanitizer else 300)
        shown = sorted(window.refreshes_ms()[before:])
        figures.update(rate=len(shown) / seconds, median=shown[len(shown) // 2], worst=shown[int(len(shown) * 0.99)])
        print("# {rate:.0f} steps a second; from a stop to its frame {median:.1f} ms (median), {worst:.1f} ms (99 of 100)".format(**figures))
        assert under_sanitizer or figures["rate"] >= 20 / room, figures
        assert under_sanitizer or figures["median"] < 50 * room, figures

    def does_not_grow():
        before = window.resident_kb()
        hammer(window, 50 if under_sanitizer else 1000)
        after = window.resident_kb()
        print(f"# resident memory before and after a thousand stops: {before} and {after} KiB")
        assert under_sanitizer or after - before < 4096, (before, after)

    tap.point("a key that is held down steps at least twenty times a second, each shown within 50 ms", is_quick)
    tap.point("a thousand stops leave nothing behind", does_not_grow)
    tap.point("after a thousand stops the window closes without a complaint", lambda: ends_well(window))


# ---- a Linux guest ----

def guest_files():
    """As tests/guest/fetch-guests.sh leaves them."""
    files = [os.path.join(os.environ.get("ASTERN_GUESTS", ""), name) for name in ("cloud", "amd64.cpio.gz")]
    return files if all(os.path.exists(file) for file in files) else None


def linux():
    files = guest_files()
    if files is None:
        tap.skip("a Linux guest's serial console is typed into", "make check-guests does this, with Debian's kernel")
        return
    window = Window([astern_gtk, "-m", "512", "-kernel", files[0], "-initrd", files[1], "-append", "console=ttyS0 quiet guest=shell"], shots)

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
        go_to(window, "@500000000")
        wait_for("the past", lambda: icount(window) == 500000000)
        wait_for("an earlier console", lambda: "BOOTED" not in text_of(terminal))
        window.key("alt+End")
        wait_for("the present console", lambda: "42 x86_64" in text_of(terminal))

    tap.point("a Linux guest's serial console is typed into", types_in_the_console)
    tap.point("the past shows the console as it was", shows_the_console_as_it_was)
    tap.point("with a running Linux the window closes without a complaint", lambda: ends_well(window))


# ---- a new machine ----

def new_machine():
    """By firmware of our own, which ends at once: what is in the machine is asked of its monitor."""
    home = os.environ["HOME"]
    bios, disk, disc = (os.path.join(home, name) for name in ("idle.bin", "a disk.raw", "disc.iso"))
    for path, size, end in ((bios, 65536, b"\xf4".ljust(16, b"\0")), (disk, 1 << 20, b"\x55\xaa"), (disc, 1 << 20, b"")):
        with open(path, "wb") as file:                  # the firmware's last 16 bytes are where a CPU begins: hlt
            file.write(end.rjust(size, b"\0"))
    window = Window([astern_gtk], shots)

    def comes_to_a_command():
        window.key("ctrl+n")
        form = window.another("New Machine")
        form.click(form.find("radio button", "Boot by the firmware"), x=0.05)
        for name, text in (("Firmware", bios), ("Disk image", disk), ("CD or DVD", disc), ("Network", "token-ring"), ("Display card", "cirrus")):
            form.write(form.find("text", name), text)
        wait_for("the refusal", lambda: "token-ring" in form.text("label", "What is wrong"))
        form.write(form.find("text", "Network"), "none")
        wanted = f"astern run -bios {bios} -hda '{disk}' -cdrom {disc} -nic none -vga cirrus"
        wait_for(wanted, lambda: form.text("label", "The same on a command line") == wanted)
        form.screenshot("new-machine")
        form.click(form.find("push button", "Start"))

    def has_what_was_filled_in():
        wait_for("the machine's panes", lambda: window.has("page tab", "Consoles"))
        window.focus()
        show_pane(window, "Consoles")
        wait_for("the monitor's tab", lambda: window.has("page tab", "Monitor"))
        show_pane(window, "Monitor")
        monitor = window.find("terminal", "Monitor")
        window.click(monitor)
        for question, answers in (("info block", (disk, disc)), ("info network", ("There is no network.",)), ("info pci", ("1013:00b8",))):
            window.type(question + "\n")
            for answer in answers:
                wait_for(f"{answer} in {question}", lambda: answer in text_of(monitor))
        window.screenshot("new-machine-runs")

    tap.point("a disk, a disc, a network and a display card that are filled in come to a command line", comes_to_a_command)
    tap.point("the machine that is started has them", has_what_was_filled_in)
    tap.point("with a new machine the window closes without a complaint", lambda: ends_well(window))


# ---- engines ----

def counting_firmware():
    """Where a CPU begins: nop; inc ax; jmp to the nop."""
    path = os.path.join(os.environ["HOME"], "counts.bin")
    with open(path, "wb") as file:
        file.write(b"\x90\x40\xeb\xfc".ljust(16, b"\xf4").rjust(65536, b"\0"))
    return path


def why_no_kvm(bios):
    """None where /dev/kvm makes a step."""
    run = subprocess.run([astern, "run", "-accel", "kvm", "-bios", bios, "-S", "-nic", "none", "-vga", "none", "-serial", "none",
                          "-monitor", "stdio"], input="step\nquit\n", capture_output=True, text=True)
    return None if "@1: stopped" in run.stdout else (run.stderr.strip() or run.stdout).splitlines()[-1]


def sensitive(node):
    return node.get_state_set().contains(Atspi.StateType.SENSITIVE)


def engine(window):
    return window.text("label", "Engine")


BACK = ("Step Back", "Step Back Over", "Continue Back")


def backs(window):
    """Which of the buttons that go back can be pressed."""
    return [name for name in BACK if sensitive(window.find("push button", name))]


def choose_engine(window, name):
    """In the menu, which stays until it is closed."""
    window.click(window.find("toggle button", "More moves"))
    window.click(window.find("radio button", name))
    window.key("Escape")
    wait_for("a closed menu", lambda: not window.has("radio button", name))


def says(window, sentence):
    wait_for(sentence, lambda: any(sentence in text_of(label) for label in window.find_all("label")))


def engines():
    bios = counting_firmware()
    missing = why_no_kvm(bios)
    if missing is not None:
        for sentence in ("what KVM runs cannot be gone back in, and the window says so", "the translator takes over, and can go back",
                         "a shift by the monitor is followed", "a machine that runs goes on by another engine"):
            tap.skip(sentence, missing)
        return
    window = Window([astern_gtk, "-accel", "kvm", "-bios", bios, "-nic", "none", "-vga", "none", "-S"], shots)
    sentence = "let the translator take over"

    def is_grey():
        wait_for("the engine's name", lambda: engine(window) == "KVM")
        assert backs(window) == [], backs(window)
        for name in BACK:
            assert sentence in window.find("push button", name).get_description(), name
        assert not sensitive(window.find(name="Timeline"))
        assert sentence in window.find(name="Timeline").get_description()
        assert not sensitive(window.find("text", "Moment"))
        show_pane(window, "Memory")
        assert not sensitive(window.find("push button", "Who Wrote This?"))
        window.key("F11")
        wait_for("a step", lambda: register(window, "rip").endswith("fff1"))
        for text in (window.text("text", "Moment"), state(window)):
            assert "@" not in text and re.match(r"\d+\.\d{6} s", text), text
        window.screenshot("engine-kvm")

    def takes_over():
        assert window.action("engine") == "kvm"
        choose_engine(window, "Translator")
        wait_for("the engine's name", lambda: engine(window) == "Translator")
        assert window.action("engine") == "translate"
        window.key("F11")
        wait_icount(window, 2)
        wait_for("moves back", lambda: backs(window) == list(BACK))
        assert window.find("push button", "Step Back").get_description() == "Step Back"
        assert sensitive(window.find("push button", "Who Wrote This?")) and sensitive(window.find(name="Timeline"))
        window.click(window.find("push button", "Step Back"))
        wait_icount(window, 1)
        window.key("F11")
        wait_icount(window, 2)
        window.screenshot("engine-translator")

    def follows():
        show_pane(window, "Consoles")
        show_pane(window, "Monitor")
        window.click(window.find("terminal", "Monitor"))
        window.type("shift kvm\n")
        wait_for("the engine's name", lambda: engine(window) == "KVM")
        wait_for("grey buttons", lambda: backs(window) == [])
        assert window.action("engine") == "kvm"

    def shifts_while_it_runs():
        window.click(window.find("push button", "Continue"))
        wait_for("a run", lambda: state(window) == "Running")
        choose_engine(window, "Translator")
        wait_for("the engine's name", lambda: engine(window) == "Translator" and (icount(window) or 0) > 1000)
        assert state(window) == "Running", state(window)
        window.click(window.find("push button", "Pause"))
        wait_for("moves back", lambda: backs(window) == list(BACK))

    tap.point("what KVM runs cannot be gone back in, and the window says so", is_grey)
    tap.point("the translator takes over, and can go back", takes_over)
    tap.point("a shift by the monitor is followed", follows)
    tap.point("a machine that runs goes on by another engine", shifts_while_it_runs)
    tap.point("with KVM the window closes without a complaint", lambda: ends_well(window))


def recorded_stays():
    """Needs no KVM: it is not asked."""
    record = os.path.join(os.environ["HOME"], "stays.astern")
    window = Window([astern_gtk, "-bios", counting_firmware(), "-nic", "none", "-vga", "none", "-record", record, "-S"], shots)

    def is_refused():
        wait_for("the engine's name", lambda: engine(window) == "Translator")
        window.key("ctrl+shift+k")
        says(window, "This run is recorded")
        choose_engine(window, "KVM")
        settle()
        assert engine(window) == "Translator" and window.action("engine") == "translate"

    tap.point("a run that is recorded stays with its engine, and the window says why", is_refused)
    tap.point("with a refusal the window closes without a complaint", lambda: ends_well(window))


# ---- a recording ----

def recording():
    path = os.path.join(os.environ["HOME"], "demo.astern")
    subprocess.run([astern, "demo", "-record", path, "-icount", "sleep=off"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
    window = Window([astern_gtk, path, "-S"], shots, leaks=True)

    def opens():
        wait_for("the start", lambda: icount(window) == 0)
        go_to(window, f"@{GUILTY}")
        wait_icount(window, GUILTY)
        wait_for("rip", lambda: register(window, "rip") == GUILTY_PC)
        window.screenshot("recording")

    tap.point("a recording is opened, and any moment of it gone to", opens)
    tap.point("with a recording the window closes without a complaint", lambda: ends_well(window))


if __name__ == "__main__":
    if "ASTERN_GUESTS" not in os.environ:
        window = demo()
        tap.point("with the demo the window closes without a complaint", lambda: ends_well(window))
        new_machine()
        recording()
        engines()
        recorded_stays()
        costs()
    linux()
    sys.exit(tap.end())
