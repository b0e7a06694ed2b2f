#!/usr/bin/env python3
"""Real systems, each to a known state, each recorded and replayed to the same state hash:
check-systems.py ASTERN FOLDER [PATTERN]

FOLDER is what make-systems.sh left; only systems whose names match are run.  Speaks TAP; a table in Markdown and the
count follow.  RECORD=0: no recording; QEMU=1: the same steps in QEMU, for its time; KEEP=FOLDER: what failed is left there;
LIMIT=SECONDS instead of each system's own.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import machine
import rows

MIB = 1 << 20


def argv_of(system, folder, program):
    words = shlex.split(system.options.replace("@/", folder + "/"))
    if "-m" not in words:
        words += ["-m", "256"]
    if "-vga" not in words:
        words += ["-vga", "std"]
    if "-icount" in words and "qemu" in program[0]:
        at = words.index("-icount")
        del words[at:at + 2]
    return program + words + ["-no-reboot"]


def drive(system, folder, program, scratch):
    """Runs it to its known state: the wall seconds to there, the CPU seconds to the end, what was said at the end."""
    if any(word == "file=vars.fd" or word.endswith("file=vars.fd") for word in system.options.split()):
        shutil.copy(rows.VARS, os.path.join(scratch, "vars.fd"))
    run = machine.Machine(argv_of(system, folder, program), scratch, int(os.environ.get("LIMIT") or system.limit))
    try:
        for step in system.steps:
            name, _, argument = step.partition(" ")
            if "@sum" in argument:
                with open(os.path.join(folder, "fat/sum"), encoding="utf-8") as file:
                    argument = argument.replace("@sum", file.read().strip())
            getattr(run, name)(argument)
        took = time.monotonic() - run.begun
    except machine.Failed as failure:
        shown = []
        try:
            run.ends = time.monotonic() + 60
            shown = ["screen: " + line for line in run.text().splitlines() if line.strip()] + ["picture: " + run.read()]
        except machine.Failed:
            pass
        status, _ = run.finish()
        with open(os.path.join(scratch, "errors"), encoding="utf-8", errors="replace") as file:
            errors = file.read().splitlines()
        serial = ["serial: " + line for line in run.serial.splitlines()[-12:]]
        raise machine.Failed("\n".join([str(failure), f"status {status}"] + errors[-8:] + serial + shown)) from None
    status, cpu = run.finish()
    if status != 0:
        with open(os.path.join(scratch, "errors"), encoding="utf-8", errors="replace") as file:
            raise machine.Failed(f"status {status} at the end\n" + "\n".join(file.read().splitlines()[-8:]))
    return took, cpu, run.said


def state_hash(text):
    found = re.findall(r"state-hash @.*", text.replace("\r", ""))
    return found[-1].strip() if found else None


def replay(astern, recording, scratch, wanted):
    begun = time.monotonic()
    with open(os.path.join(scratch, "replayed"), "w+", encoding="utf-8", errors="replace") as out:
        status = subprocess.run([astern, "replay", recording, "-display", "none", "-monitor", "none", "-serial", "null", "-state-hash"],
                                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
        took = time.monotonic() - begun
        out.seek(0)
        said = out.read()
    if status != 0:
        raise machine.Failed(f"the replay's status is {status}\n" + said[-800:])
    if wanted is None or state_hash(said) != wanted:
        raise machine.Failed(f"the replay is another run: {state_hash(said)} instead of {wanted}")
    return took


def check(system, astern, folder, scratch):
    """The cells of its row in the table."""
    recording = os.path.join(scratch, "run.astern")
    records = os.environ.get("RECORD", "1") != "0"
    program = [astern, "run", "-state-hash"] + (["-record", recording] if records else [])
    took, cpu, said = drive(system, folder, program, scratch)
    cells = [f"{took:.1f}", f"{cpu:.1f}", "", "", "", ""]
    if records:
        cells[2] = f"{replay(astern, recording, scratch, state_hash(said)):.1f}"
        cells[3] = f"{os.path.getsize(recording) / MIB:.0f}"
    if os.environ.get("QEMU"):
        try:
            took, cpu, _ = drive(system, folder, ["qemu-system-x86_64", "-accel", "tcg"], scratch)
            cells[4:] = [f"{took:.1f}", f"{cpu:.1f}"]
        except machine.Failed as failure:
            cells[4] = "does not get there: " + str(failure).splitlines()[0]
    return cells


def lacks(system, folder):
    """Why it cannot be run here, or nothing."""
    for name in system.needs:
        if not os.path.isdir(os.path.join(folder, name)):
            try:
                with open(os.path.join(folder, name + ".absent"), encoding="utf-8") as file:
                    return file.read().strip()
            except FileNotFoundError:
                return f"make-systems.sh did not make {name}"
    for path in system.files:
        if not os.path.exists(path):
            return f"there is no {path}"
    if any(step.startswith("see ") for step in system.steps) and not shutil.which("tesseract"):
        return "there is no tesseract to read the screen"
    return None


def main():
    astern, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    pattern = sys.argv[3] if len(sys.argv) > 3 else ""
    table, count = [], {"passed": 0, "failed": 0, "skipped": 0}
    wanted = [system for system in rows.SYSTEMS if re.search(pattern, system.name)]
    for number, system in enumerate(wanted, 1):
        why = lacks(system, folder)
        if why:
            count["skipped"] += 1
            print(f"ok {number} - {system.name} # SKIP {why}", flush=True)
            continue
        scratch = tempfile.mkdtemp(prefix="astern-systems-")
        try:
            cells = check(system, astern, folder, scratch)
            count["passed"] += 1
            table.append([system.name] + cells)
            print(f"ok {number} - {system.name} ({cells[0]} s, replayed in {cells[2] or '-'} s)", flush=True)
        except machine.Failed as failure:
            count["failed"] += 1
            print(f"not ok {number} - {system.name}")
            told = re.sub(r"\x1b\[[0-9;?=]*[A-Za-z]", " ", str(failure))        # not the guest's colours
            print("\n".join("# " + line for line in told.splitlines()), flush=True)
            if os.environ.get("KEEP"):
                shutil.copytree(scratch, os.path.join(os.environ["KEEP"], re.sub(r"\W+", "-", system.name)), dirs_exist_ok=True)
        finally:
            shutil.rmtree(scratch)
    print(f"1..{len(wanted)}")
    if table:
        print("\n| system | Astern, recording: s | CPU s | its replay: s | MiB recorded | QEMU: s | CPU s |")
        print("|---|---|---|---|---|---|---|")
        for row in table:
            print("| " + " | ".join(row) + " |")
    print("\n" + ", ".join(f"{n} {what}" for what, n in count.items()))
    return 1 if count["failed"] else 0


sys.exit(main())
