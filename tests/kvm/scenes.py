"""Engine `kvm` with real guests; started by check-kvm.sh, on a host whose /dev/kvm gets kernels through.  Speaks TAP; the last line counts.

    scenes.py ASTERN FOLDER [PATTERN]      FOLDER has vmlinuz, initrd, disk.img and host-sums; only scenes whose names match
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../guest/systems"))
import machine                       # noqa: E402
from machine import Failed, Machine  # noqa: E402

ASTERN, FOLDER = sys.argv[1:3]
ONLY = sys.argv[3] if len(sys.argv) > 3 else ""
BUILD = os.path.dirname(os.path.abspath(ASTERN))
SHIFTS = int(os.environ.get("SHIFTS") or 100)
LINUX = ["-m", "192", "-nic", "none", "-vga", "none", "-kernel", f"{FOLDER}/vmlinuz", "-initrd", f"{FOLDER}/initrd", "-no-reboot"]
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
    status, said = finished([ASTERN, "run", "-accel", "kvm", "-smp", str(cpus), *LINUX, *options, "-nographic", *words("guest=sums")], 600)
    expect_lines(said, f"^BOOTED {cpus}$", r"^SLEPT \d", "^SELFCHECK 0$", "reboot: Power down")
    before, after = re.search(r"^SLEPT ([\d.]+) ([\d.]+)$", said, re.M).groups()
    expect(1 <= float(after) - float(before) < 5, f"a sleep of a second took from {before} to {after}")
    lines = set(said.split("\n"))
    for line in host_sums():
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
    run = Machine([ASTERN, "run", "-accel", "kvm", "-smp", "2", *LINUX, *words("guest=shell")], scratch(), 300)
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


@scene("SeaBIOS starts what is on a disk")
def bios():
    disk = os.path.join(scratch(), "disk.img")
    with open(disk, "wb") as file, open(f"{BUILD}/tests/guest/disk/boot.img", "rb") as sector:
        file.truncate(1 << 20)
        file.write(sector.read())
        file.seek(512)
        file.write(b"DISK one\n\0")
    for cpus in 1, 2:
        status, said = finished([ASTERN, "run", "-accel", "kvm", "-m", "32", "-smp", str(cpus), "-nic", "none", "-display", "none", "-monitor", "none", "-serial",
                                 "stdio", "-vga", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                                 "-drive", f"format=raw,file={disk},snapshot=on"], 200)
        expect_lines(said, "DISK one")
        expect(status == 3, f"status {status}")


@scene("OVMF comes to its shell")
def ovmf():
    if not os.path.exists(OVMF[0]):
        raise Skipped("there is no " + OVMF[0])
    folder = scratch()
    shutil.copy(OVMF[1], os.path.join(folder, "vars.fd"))
    run = Machine([ASTERN, "run", "-accel", "kvm", "-machine", "q35", "-m", "256", "-nic", "none",
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


# --- refusals ------------------------------------------------------------------------

@scene("without /dev/kvm it says what is missing, and kvm:translate does without")
def missing():
    if os.path.exists("/work") and not os.path.exists("/lower"):
        pass
    try:
        os.rename("/dev/kvm", "/dev/kvm.away")
    except OSError as error:
        raise Skipped(f"/dev/kvm cannot be taken away: {error.strerror}") from None
    try:
        _, said = finished([ASTERN, "run", "-accel", "kvm", *LINUX, "-nographic"], 60)
        expect_lines(said, "There is no /dev/kvm")
        status, said = finished([ASTERN, "run", "-accel", "kvm:translate", *LINUX, "-nographic", *words("")], 300)
        expect_lines(said, "There is no /dev/kvm", "^BOOTED 1$")
        expect(status == 0, f"status {status}")
    finally:
        os.rename("/dev/kvm.away", "/dev/kvm")


# --- playing -------------------------------------------------------------------------

FOLDERS = []


def scratch():
    FOLDERS.append(tempfile.mkdtemp())
    return FOLDERS[-1]


def end(run):
    """Ends a machine, however it goes."""
    try:
        run.ends = time.monotonic() + 20
        run.finish()
    except (Failed, OSError):
        run.process.kill()
        run.process.wait()


def play(number, name, function):
    begun = time.monotonic()
    try:
        function()
        verdict, why = "passed", ""
    except Skipped as skipped:
        verdict, why = "skipped", str(skipped)
    except (Failed, OSError) as failure:
        verdict, why = "failed", str(failure)
    for folder in FOLDERS:
        shutil.rmtree(folder, ignore_errors=True)
    FOLDERS.clear()
    if verdict == "skipped":
        print(f"ok {number} - {name} # SKIP {why}", flush=True)
    else:
        print(f"{'ok' if verdict == 'passed' else 'not ok'} {number} - {name} ({time.monotonic() - begun:.0f} s)", flush=True)
        for line in why.splitlines():
            print("#   " + line, flush=True)
    return verdict


def main():
    verdicts = []
    for name, function in SCENES:
        if re.search(ONLY, name):
            verdicts.append(play(len(verdicts) + 1, name, function))
    print(f"1..{len(verdicts)}")
    print(f"{verdicts.count('passed')} passed, {verdicts.count('failed')} failed, {verdicts.count('skipped')} skipped")
    return 1 if "failed" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
