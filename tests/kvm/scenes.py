"""Engine `kvm` with real guests; started by check-kvm.sh, on a host whose /dev/kvm gets kernels through.  Speaks TAP; the last line counts.

    scenes.py ASTERN FOLDER [PATTERN]      FOLDER has vmlinuz, initrd, disk.img and host-sums; only scenes whose names match
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../guest/systems"))
from machine import Failed, Machine  # noqa: E402

ASTERN, FOLDER = sys.argv[1:3]
ONLY = sys.argv[3] if len(sys.argv) > 3 else ""
BUILD = os.path.dirname(os.path.abspath(ASTERN))
CPU = ["-cpu", os.environ["CPU"]] if os.environ.get("CPU") else []
KVM = [ASTERN, "run", "-accel", os.environ.get("ENGINE") or "kvm"]
# An emulated host may be put aside between two looks at two clocks, and Linux's watchdog, which allows a quarter of a millisecond, finds
# that they went apart: told of there, and not counted.
WATCHDOG = "(?! .*clocksource:)" if os.environ.get("EMULATED") else ""
SHIFTS = int(os.environ.get("SHIFTS") or 100)
LINUX = CPU + ["-m", "192", "-nic", "none", "-vga", "none", "-kernel", f"{FOLDER}/vmlinuz", "-initrd", f"{FOLDER}/initrd", "-no-reboot"]
OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"
SCENES = []


class Skipped(Exception):
    """Why a scene cannot be played here."""


def scene(name):
    def take(function):
        SCENES.append((name, function))
        return function
    return take


def expect(is_so, what):
    if not is_so:
        raise Failed(what)


def words(text):
    return ["-append", f"console=ttyS0 quiet panic=-1 {text}"]


def finished(argv, limit, typed=""):
    """Runs a program to its end: its status and all it said."""
    try:
        done = subprocess.run(argv, input=typed.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"not within {limit} s; it said\n" + tail(late.stdout or b"")) from None
    return done.returncode, done.stdout.decode(errors="replace").replace("\r", "")


def tail(text, lines=12):
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return "\n".join(text.replace("\r", "").splitlines()[-lines:])


def expect_lines(said, *patterns):
    for pattern in patterns:
        expect(re.search(pattern, said, re.M), f"never said: {pattern}\n{tail(said)}")


def host_sums():
    with open(f"{FOLDER}/host-sums", encoding="utf-8") as file:
        return file.read().split("\n")[:-1]


# --- systems -------------------------------------------------------------------------

def boots(cpus, *options):
    """Linux to its end: what it said."""
    status, said = finished([*KVM, "-smp", str(cpus), *LINUX, *options, "-nographic", *words("guest=sums")], 600)
    expect_lines(said, f"^BOOTED {cpus}$", r"^SLEPT \d", "^SELFCHECK 0$", "reboot: Power down")
    before, after = re.search(r"^SLEPT ([\d.]+) ([\d.]+)$", said, re.M).groups()
    expect(1 <= float(after) - float(before) < 5, f"a sleep of a second took from {before} to {after}")
    lines = set(said.split("\n"))
    for line in host_sums():
        if line.startswith("WITNESS"):
            continue
        expect(line in lines, f"the guest's sums are not the host's: {line}\n{tail(said)}")
    expect(status == 0, f"status {status}")


@scene("Debian's kernel runs, its sums are the host's, its clock goes, and it powers off")
def one_cpu():
    boots(1)


@scene("so it does with two CPUs")
def two_cpus():
    boots(2)


@scene("each CPU is a thread with a name, as top shows")
def threads():
    run = Machine([*KVM, "-smp", "2", *LINUX, *words("guest=shell")], scratch(), 300)
    try:
        run.hear("^BOOTED 2")
        tasks = f"/proc/{run.process.pid}/task"
        names = []
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/comm", encoding="utf-8") as file:
                names.append(file.read().strip())
        for name in "CPU 0/KVM", "CPU 1/KVM":
            expect(name in names, f"there is no thread {name}: {names}")
        if shutil.which("top"):
            _, said = finished(["top", "-H", "-b", "-n", "1", "-p", str(run.process.pid)], 60)
            expect_lines(said, "CPU 0/KVM", "CPU 1/KVM")
        run.ask("quit")
    except Failed as failure:
        expect("quit" in str(failure), str(failure))
    finally:
        end(run)


# What it says; the firmware's own console, which writes when a timer says so, may come between.
DISK_ONE = "[.\\s]*".join("DISKone")


def disk_that_starts():
    """Options of a machine that says so and ends with status 3."""
    disk = os.path.join(scratch(), "disk.img")
    with open(disk, "wb") as file, open(f"{BUILD}/tests/guest/disk/boot.img", "rb") as sector:
        file.truncate(1 << 20)
        file.write(sector.read())
        file.seek(512)
        file.write(b"DISK one\n\0")
    return ["-m", "32", "-nic", "none", "-display", "none", "-monitor", "none", "-serial", "stdio", "-vga", "none",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-drive", f"format=raw,file={disk},snapshot=on"]


@scene("SeaBIOS starts what is on a disk")
def bios():
    for cpus in "1", "2":
        status, said = finished([*KVM, "-smp", cpus, *disk_that_starts()], 200)
        expect_lines(said, DISK_ONE)
        expect(status == 3, f"status {status}")


@scene("OVMF comes to its shell")
def ovmf():
    if not os.path.exists(OVMF[0]):
        raise Skipped("there is no " + OVMF[0])
    folder = scratch()
    shutil.copy(OVMF[1], os.path.join(folder, "vars.fd"))
    run = Machine([*KVM, "-machine", "q35", "-m", "256", "-nic", "none",
                   "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={OVMF[0]}",
                   "-drive", "if=pflash,unit=1,format=raw,file=vars.fd"], folder, 600)
    try:
        run.hear("Shell>")
        run.send("ver\r")
        run.hear(r"UEFI v2\.\d")
    finally:
        end(run)


# --- the debugger --------------------------------------------------------------------

def steps_of(engine, n):
    """A state a line, of n steps from the kernel's entry."""
    typed = "step\ninfo registers\n" * n + "quit\n"
    _, said = finished([ASTERN, "run", "-accel", engine, "-cpu", "x86-64", *LINUX, "-S", "-display", "none", "-serial", "null", "-monitor", "stdio",
                        *words("")], 200, typed)
    states = []
    for line in said.split("\n"):
        if re.match("[ER]AX", line):
            states.append("")
        # Without segments: what is hidden in those that are null is a matter of the CPU.
        if states and re.match("([ER][A-D]X|[ER][SD]I|[ER]IP|R8|R1[0-9]|CR)", line):
            states[-1] += " " + re.sub("II=[0-9]*", "", line)
    return states


@scene("forty steps from the kernel's entry lead where the translator's do")
def steps():
    ours, theirs = steps_of("kvm", 40), steps_of("translate", 50)
    at = passed = 0
    expect(len(ours) >= 40, f"there were {len(ours)} steps")
    for number, state in enumerate(ours[:40]):
        # What comes after a load of SS may be done with it: the translator's state between them is passed over.
        if state != theirs[at]:
            at, passed = at + 1, passed + 1
        expect(state == theirs[at], f"step {number}:{state}\nand not{theirs[at]}")
        at += 1
    expect(passed <= 2, f"{passed} steps were passed over")


class Gdb:
    """GDB, driven by a pipe."""

    def __init__(self, run, port):
        self.run = run
        self.process = subprocess.Popen(["gdb", "-nx", "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.said, self.marks = "", 0
        for setting in "pagination off", "confirm off", "width 0", "remotetimeout 120", "architecture i386:x86-64":
            self.ask("set " + setting)
        self.ask(f"target remote localhost:{port}")

    def tell(self, command):
        """What comes after it is answered only when the guest stands."""
        self.marks += 1
        self.said, self.told = "", command
        self.process.stdin.write(f"{command}\necho \\nMARK {self.marks}\\n\n".encode())
        self.process.stdin.flush()

    def answer(self):
        mark = f"\nMARK {self.marks}\n"
        while mark not in self.said:
            self.run.wait_a_little(f"gdb's answer to {self.told}; it said {self.said[-300:]}")
            data = self.process.stdout.read()
            self.said += (data or b"").decode(errors="replace")
            if data == b"":
                raise Failed(f"gdb ended: {self.said[-300:]}")
        return self.said.split(mark)[0]

    def ask(self, command):
        self.tell(command)
        return self.answer()

    def number(self, expression):
        said = self.ask(f'printf "%ld\\n", (long) ({expression})')
        found = re.search(r"^(?:\(gdb\) )*(-?\d+)$", said, re.M)
        expect(found, f"gdb knows no {expression}: {said}")
        return int(found.group(1))

    def end(self):
        self.process.kill()
        self.process.wait()


FUNCTIONS = ["__x64_sys_execve", "__x64_sys_openat", "__x64_sys_close", "__x64_sys_wait4", "__x64_sys_exit_group", "__x64_sys_brk"]
# Each can be set in /proc/sys.
VARIABLES = {"panic_timeout": "kernel/panic", "vm_swappiness": "vm/swappiness", "pid_max": "kernel/pid_max", "vm_dirty_ratio": "vm/dirty_ratio",
             "panic_on_oops": "kernel/panic_on_oops"}


def write_symbols(text, folder):
    """An ELF file that has the kernel's names, of what /proc/kallsyms said."""
    found = sorted((int(address, 16), kind, name) for address, kind, name in re.findall(r"^([0-9a-f]{16}) (\w) (\w+)$", text, re.M))
    parts = {".text": [line for line in found if line[1] in "tT"], ".data": [line for line in found if line[1] not in "tT"]}
    lines = []
    for part, flags, kind in (".text", "ax", "function"), (".data", "aw", "object"):
        lines.append(f'.section {part},"{flags}",@nobits')
        for address, _, name in parts[part]:
            lines.append(f".org {address - parts[part][0][0]:#x}\n.globl {name}\n.type {name},@{kind}\n{name}: .skip 8\n.size {name}, 8")
    path = os.path.join(folder, "symbols")
    with open(path + ".s", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    for argv in (["as", "-o", path + ".o", path + ".s"],
                 ["ld", "-e", "0", f"-Ttext={parts['.text'][0][0]:#x}", f"-Tdata={parts['.data'][0][0]:#x}", "-o", path, path + ".o"]):
        status, said = finished(argv, 100)
        expect(status == 0, said)
    return path


class Debugged:
    """Linux with a shell on its serial line, and gdb, which knows some of the kernel's names."""

    def __init__(self, cpus):
        folder = scratch()
        port = 20000 + os.getpid() % 10000
        self.run = Machine([*KVM, "-smp", str(cpus), *LINUX, "-gdb", f"tcp:localhost:{port}", *words("guest=shell nokaslr")], folder, 200)
        self.gdb = None
        try:
            self.run.hear("^BOOTED")
            self.command("stty -echo; PS1=")
            names = "|".join(FUNCTIONS + list(VARIABLES) + ["jiffies_64"])
            self.command(f"grep -E ' ({names})$' /proc/kallsyms; echo THAT WAS ALL")
            self.run.hear("^THAT WAS ALL")
            symbols = write_symbols(self.run.serial, folder)
            self.gdb = Gdb(self.run, port)
            said = self.gdb.ask(f"symbol-file {symbols}")
            expect(self.gdb.number(f"&{FUNCTIONS[0]}") < 0, "gdb does not read the symbols: " + said)
        except Failed:
            self.end()
            raise

    def command(self, text):
        self.run.line.sendall(text.encode() + b"\n")

    def still_runs(self):
        self.run.serial = ""
        self.command("echo still $((6 * 7))")
        self.run.hear("^still 42$")

    def end(self):
        if self.gdb:
            self.gdb.end()
        end(self.run)


def debugged(cpus=1):
    def take(function):
        def play_it():
            both = Debugged(cpus)
            try:
                function(both, both.gdb)
            finally:
                both.end()
        return play_it
    return take


@scene("gdb: six breakpoints in the kernel, more of them by hardware, steps, finish")
@debugged()
def breakpoints(both, gdb):
    wanted = FUNCTIONS
    for i, name in enumerate(wanted):
        gdb.ask(f"{'hbreak' if i < 2 else 'break'} *{name}")
    seen = set()
    gdb.tell("continue")
    both.command("/bin/busybox cat /proc/uptime")
    while seen != set(wanted):
        said = gdb.answer()
        at = gdb.number("$pc")
        name = next((name for name in wanted if gdb.number(f"&{name}") == at), None)
        expect(name, f"it stopped elsewhere: {said}")
        expect(re.search(r"Breakpoint \d", said), f"no breakpoint is told of: {said}")
        if name not in seen and len(seen) == 2:
            step_through(gdb)
        if name not in seen and len(seen) == 3:
            finish_it(gdb)
        if name in seen:
            gdb.ask(f"clear *{name}")
        seen.add(name)
        gdb.tell("continue") if seen != set(wanted) else gdb.ask("delete")
    gdb.ask("detach")
    both.still_runs()


def step_through(gdb):
    """Instructions one after the other, none of which is an interrupt handler's first one."""
    for _ in range(20):
        before = gdb.number("$pc")
        said = gdb.ask("x/2i $pc")
        after = gdb.ask("stepi")
        at = gdb.number("$pc")
        lines = [int(line, 16) - (1 << 64) for line in re.findall(r"0x(f[0-9a-f]{15})(?: <\S+>)?:", said)]
        expect(len(lines) == 2, f"gdb cannot disassemble: {said}")
        straight = not re.search(r"\b(j\w+|call\w*|ret\w*|syscall|sysret|iret\w*|loop\w*|rep\w*)\b", said.split("\n")[0])
        expect(at != before and (not straight or at == lines[1]), f"a step from {before:#x} led to {at:#x}: {said}{after}")


def finish_it(gdb):
    back = gdb.number("*(unsigned long *) $rsp")
    stack = gdb.number("$rsp")
    said = gdb.ask("finish")
    for _ in range(10):
        if gdb.number("$pc") == back:
            break
        said = gdb.ask("continue")
    expect(gdb.number("$pc") == back and gdb.number("$rsp") == stack + 8, f"finish led elsewhere: {said}")


@scene("gdb: five watchpoints, old and new values, and one on the kernel's clock")
@debugged()
def watchpoints(both, gdb):
    old = {}
    for name in VARIABLES:
        old[name] = gdb.number(f"*(int *) &{name}")
        gdb.ask(f"watch *(int *) &{name}")
    gdb.tell("continue")
    both.command("cd /proc/sys; " + "; ".join(f"echo {old[name] ^ 1} >{path}" for name, path in VARIABLES.items()))
    for name in VARIABLES:
        said = gdb.answer()
        expect(re.search(rf"Hardware watchpoint \d+: \*\(int \*\) &{name}\s+Old value = {old[name]}\s+New value = {old[name] ^ 1}", said),
               f"the write to {name} ({old[name]}) was not told of: {said}")
        gdb.tell("continue") if name != list(VARIABLES)[-1] else None
    gdb.ask("delete")
    gdb.ask("watch *(long *) &jiffies_64")
    for _ in range(5):
        before = gdb.number("*(long *) &jiffies_64")
        said = gdb.ask("continue")
        after = gdb.number("*(long *) &jiffies_64")
        expect(after > before and f"Old value = {before}" in said and f"New value = {after}" in said, f"jiffies: {before}, then {after}: {said}")
    gdb.ask("delete")
    gdb.ask("detach")
    both.still_runs()


@scene("gdb: Ctrl-C, two CPUs, each steps alone")
@debugged(cpus=2)
def interrupts(both, gdb):
    # A halted CPU does no step while the others stand.
    gdb.tell("continue")
    both.command("for i in 1 2; do while :; do :; done & done; echo they run")
    both.run.hear("^they run")
    both.run.pause(1)
    gdb.process.send_signal(signal.SIGINT)
    gdb.answer()
    for _ in range(3):
        gdb.tell("continue")
        both.run.pause(0.5)
        gdb.process.send_signal(signal.SIGINT)
        expect("SIGINT" in gdb.answer(), f"Ctrl-C did not stop it: {gdb.said}")
    threads_said = gdb.ask("info threads")
    expect(len(re.findall(r"^[* ]+\d+ +Thread", threads_said, re.M)) == 2, threads_said)
    for thread, other in ("1", "2"), ("2", "1"):
        gdb.ask(f"thread {other}")
        stands = gdb.number("$pc")
        gdb.ask(f"thread {thread}")
        gdb.ask("set scheduler-locking on")
        gdb.ask("stepi")
        gdb.ask(f"thread {other}")
        expect(gdb.number("$pc") == stands, f"CPU {other} went on while CPU {thread} did a step")
    gdb.ask("set scheduler-locking off")
    gdb.ask("detach")
    both.still_runs()


# --- shifts --------------------------------------------------------------------------

class Watched:
    """Linux with the witness: busy everywhere, and complaining when something is not right."""

    def __init__(self, argv, cpus, more):
        folder = scratch()
        shutil.copy(f"{FOLDER}/disk.img", f"{folder}/disk.img")
        self.pings = 0
        self.run = Machine([*argv, "-smp", str(cpus), *LINUX, "-drive", "if=virtio,format=raw,file=disk.img", *words("guest=witness " + more)], folder,
                           600 + 5 * SHIFTS)
        try:
            self.run.hear("^WITNESS (BEGINS|FAILED)")
            self.look()
        except Failed:
            end(self.run)
            raise

    def look(self):
        complaint = re.search(f"^(WITNESS FAILED|COMPLAINT{WATCHDOG}) .*", self.run.serial, re.M)
        expect(not complaint, complaint and complaint.group() + "\n" + tail(self.run.serial))

    def ping(self):
        """Bytes there and back: interrupts of the serial port."""
        self.pings += 1
        self.run.line.sendall(f"ping {self.pings}\n".encode())
        self.run.hear(f"^(PONG {self.pings}|WITNESS FAILED)")
        self.look()

    def ticks(self, n):
        """So many seconds of the guest's."""
        already = len(re.findall("^TICK ", self.run.serial, re.M))
        self.run.until(f"{n} ticks", lambda: len(re.findall("^(?:TICK|WITNESS FAILED) ", self.run.serial, re.M)) >= already + n)
        self.look()

    def shift(self, name):
        said = self.run.ask(f"shift {name}")
        expect(f"“{name}”" in said, f"it did not shift to {name}: {said}")

    def finish(self):
        """What it counted."""
        self.run.line.sendall(b"end\n")
        self.run.off(None)
        self.look()
        done = re.search("^WITNESS DONE (.*)", self.run.serial, re.M)
        expect(done, "the witness did not end\n" + tail(self.run.serial))
        results = dict(word.split("=") for word in done.group(1).split())
        with open(f"{FOLDER}/host-sums", encoding="utf-8") as file:
            expect(f"WITNESS {results['sum']}\n" in file.readlines(), "its sums are not the host's: " + done.group(1))
        expect(abs(int(results["rtc_off"])) <= 2, "the clocks went apart: " + done.group(1))
        expect(int(results["gap_us"]) < 5000000, "the clock jumped: " + done.group(1))
        clocks = re.findall("^CLOCK (.*)", self.run.serial, re.M)
        expect(len(clocks) == 2 and clocks[0] == clocks[1], f"Linux took another clock: {clocks}")
        expect(int(results["pongs"]) == self.pings, "bytes were lost: " + done.group(1))
        for line in re.findall("^COMPLAINT (.*)", self.run.serial, re.M):
            print("#   " + line, flush=True)
        print(f"#   {done.group(1)} clock={clocks[0]}", flush=True)
        return results


def watched(argv, cpus, more, function):
    guest = Watched(argv, cpus, more)
    try:
        function(guest)
        return guest.finish()
    finally:
        end(guest.run)


@scene("a busy guest on two CPUs is right by itself, with the kernel's local APICs")
def busy():
    def wait(guest):
        for _ in range(5):
            guest.ping()
            guest.ticks(1)
    watched([*KVM[:-1], KVM[-1] + ",kernel_irqchip=split"] if KVM[-1] == "kvm" else KVM, 2, "", wait)


def to_and_fro(guest):
    begun = time.monotonic()
    for i in range(SHIFTS):
        guest.shift("translate" if i % 2 == 0 else "kvm")
        if i % 10 == 9:
            guest.ping()
            guest.ticks(1)
    print(f"#   {SHIFTS} shifts in {time.monotonic() - begun:.1f} s", flush=True)
    guest.ticks(2)
    guest.ping()


@scene(f"it notices nothing of {SHIFTS} shifts to and fro")
def shifts():
    watched(KVM, 2, "", to_and_fro)


@scene("nor does one whose clock is the time stamp counter, with the kernel's interrupt controllers")
def shifts_tsc():
    watched([*KVM[:-1], "kvm,kernel_irqchip=on"], 2, f"clocksource=tsc tsc=reliable {tsc_words()}", to_and_fro)


def tsc_words():
    """A guest that is told the frequency need not measure it, which takes a quiet host."""
    with open("/dev/kmsg", "rb", buffering=0) as file:
        os.set_blocking(file.fileno(), False)
        try:
            while True:
                found = re.search(rb"tsc: (?:Refined TSC clocksource calibration|Detected)\D*(\d+)[.](\d\d\d) MHz", file.read(8192))
                if found:
                    return f"tsc_early_khz={int(found.group(1)) * 1000 + int(found.group(2))}"
        except (BlockingIOError, BrokenPipeError):
            return ""


@scene("-shift-at: where the firmware begins, and at a time; from either engine")
def shift_at():
    options = disk_that_starts()
    del options[options.index("-display"):options.index("-vga")], options[options.index("-device"):options.index("-drive")]
    for first, second in ("kvm", "translate"), ("translate", "kvm"):
        for where in "0xfe05b", "@5ms":
            run = Machine([ASTERN, "run", "-accel", first, *options, "-shift-at", where], scratch(), 60)
            try:
                try:
                    run.hear(DISK_ONE)
                except Failed as failure:
                    run.ends = time.monotonic() + 20
                    raise Failed(f"-accel {first} -shift-at {where}: {failure}\n{run.serial}\n" + run.ask("info engine") + run.ask("info cpus")) from None
                said = run.ask("info engine")
                expect(f"“{second}”" in said, f"-accel {first} -shift-at {where} led elsewhere: {said}")
            finally:
                end(run)


@scene("what was saved under one engine goes on under the other")
def saved():
    for first, second in ("kvm", "translate"), ("translate", "kvm"):
        # What begins with KVM has features and a counter that both engines have.
        guest = Watched(KVM, 1, "")
        try:
            if first != "kvm":
                guest.shift(first)
            guest.ping()
            guest.ticks(2)
            guest.run.ask("stop")
            said = guest.run.ask("save-state state")
            expect(os.path.exists(f"{guest.run.folder}/state"), f"nothing was saved: {said}")
            heard = guest.run.serial
            end(guest.run)
            try:
                guest.run = Machine([ASTERN, "run", "-accel", second, "-no-reboot", "-load-state", "state"], guest.run.folder, 120)
            except Failed as failed:
                with open(f"{guest.run.folder}/errors", encoding="utf-8") as errors:
                    raise Failed(f"{failed}\n{errors.read()}") from None
            guest.run.serial = heard
            said = guest.run.ask("info engine")
            expect(f"“{second}”" in said, f"it goes on with another engine: {said}")
            guest.ping()
            guest.ticks(2)
            guest.finish()
        finally:
            end(guest.run)


# --- programs ------------------------------------------------------------------------

def add_program(path):
    @scene(f"{os.path.relpath(path, BUILD)} passes")
    def program():
        status, said = finished([path], 600)
        expect(status == 0 and not re.search("^not ok", said, re.M), f"status {status}\n" + "\n".join(re.findall("^not ok.*|^Bail out.*", said, re.M)) + "\n" + tail(said))
        skipped = re.findall("^ok .*# SKIP *(.*)|^1[.][.]0 *# *SKIP *(.*)", said, re.M)
        if skipped:
            print(f"#   left out: {'; '.join(''.join(why) for why in skipped)}", flush=True)
        expect(len(skipped) < len(re.findall("^ok", said, re.M)), "it skipped everything\n" + tail(said))


for each in os.environ.get("TESTS", "").split():
    add_program(each)


# --- refusals ------------------------------------------------------------------------

@scene("without /dev/kvm it says what is missing, and kvm:translate does without")
def missing():
    try:
        os.rename("/dev/kvm", "/dev/kvm.away")
    except OSError as error:
        raise Skipped(f"/dev/kvm cannot be taken away: {error.strerror}") from None
    try:
        _, said = finished([*KVM, *LINUX, "-nographic"], 60)
        expect_lines(said, "There is no /dev/kvm")
        status, said = finished([ASTERN, "run", "-accel", "kvm:translate", *disk_that_starts()], 200)
        expect_lines(said, "There is no /dev/kvm", DISK_ONE)
        expect(status == 3, f"status {status}")
    finally:
        os.rename("/dev/kvm.away", "/dev/kvm")


# --- playing -------------------------------------------------------------------------

FOLDERS = []


def scratch():
    FOLDERS.append(tempfile.mkdtemp())
    return FOLDERS[-1]


def end(run):
    """Ends a machine, however it goes, if it has not ended."""
    if run.process.stdin is None:
        return
    try:
        run.ends = time.monotonic() + 20
        run.finish()
    except (Failed, OSError, AttributeError):       # it may have ended long ago
        run.process.kill()
        run.process.wait()


def play_once(function):
    try:
        function()
        return "passed", ""
    except Skipped as skipped:
        return "skipped", str(skipped)
    except (Failed, OSError) as failure:
        return "failed", str(failure)
    finally:
        for folder in FOLDERS:
            shutil.rmtree(folder, ignore_errors=True)
        FOLDERS.clear()


def play(number, name, function):
    """An emulated host that runs KVM falls asleep now and then, whoever uses it (QEMU's KVM does there, too): what failed is played
    once more there, and the first time is told of."""
    begun = time.monotonic()
    verdict, why = play_once(function)
    if verdict == "failed" and os.environ.get("EMULATED"):
        first = "the first time: " + why
        verdict, why = play_once(function)
        why = first + "\n" + why
    if verdict == "skipped":
        print(f"ok {number} - {name} # SKIP {why}", flush=True)
    else:
        print(f"{'ok' if verdict == 'passed' else 'not ok'} {number} - {name} ({time.monotonic() - begun:.0f} s)", flush=True)
        for line in why.splitlines():
            print("#   " + line, flush=True)
    return verdict


def main():
    """The caller sums up.  PLAYED: so many of them were played before."""
    scenes = [scene for scene in SCENES if re.search(ONLY, scene[0])]
    for number in range(int(os.environ.get("PLAYED") or 0), len(scenes)):
        play(number + 1, *scenes[number])
    print(f"1..{len(scenes)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
