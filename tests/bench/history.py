#!/usr/bin/env python3
# Copyright (C) 2026 The Astern authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long moves through the past take, as a client of the gdb stub sees it.

    history.py [--at ICOUNT] [--steps N] [--gotos N] [--watch SYMBOL] -- astern run ... -history 1G

The machine runs to ICOUNT (default 12,000,000,000: twelve guest seconds, less what it
idled), and then, with the history that it has by then:
  - N times a step back (packet `bs`), from the head on; then the same after each of some jumps
  - N jumps to random moments of the whole run (monitor `goto`)
  - a way back (packet `bc`) to the last write to SYMBOL, a kernel's symbol that is written early
Prints medians, 99th percentiles and worst cases.  The host's clock around each packet
and its answer is what is measured; the hash of the state at some moments, reached in different ways, is compared."""

import argparse, os, random, re, socket, statistics, subprocess, tempfile, time


class Stub:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(200):
            try:
                self.socket.connect(path)
                break
            except OSError:
                time.sleep(0.05)
        self.buffer = b""
        self.ask("QStartNoAckMode")
        self.socket.sendall(b"+")

    def send(self, text):
        data = text.encode()
        self.socket.sendall(b"$" + data + b"#%02x" % (sum(data) & 255))

    def packet(self):
        while True:
            start, end = self.buffer.find(b"$"), self.buffer.find(b"#")
            if start >= 0 and end > start and len(self.buffer) >= end + 3:
                data = self.buffer[start + 1:end]
                self.buffer = self.buffer[end + 3:]
                return data.decode()
            more = self.socket.recv(65536)
            if not more:
                raise SystemExit("The emulator is gone.")
            self.buffer += more

    def ask(self, text):
        self.send(text)
        return self.packet()

    def monitor(self, line):
        self.send("qRcmd," + line.encode().hex())
        answer = ""
        while True:
            packet = self.packet()
            if packet == "OK":
                return answer
            if packet.startswith("E"):
                return answer + packet
            if packet.startswith("O"):
                answer += bytes.fromhex(packet[1:]).decode()
            else:
                return answer + packet

    def stop_of(self, text):
        self.send(text)
        while True:
            packet = self.packet()
            if not packet.startswith("O"):
                return packet


def figures(name, seconds):
    seconds = sorted(seconds)
    print("%-34s %5d  median %8.2f ms   99 %% %8.2f ms   worst %8.2f ms" %
          (name, len(seconds), statistics.median(seconds) * 1e3, seconds[int(len(seconds) * 0.99)] * 1e3
           if len(seconds) >= 100 else seconds[-1] * 1e3, seconds[-1] * 1e3), flush=True)


def timed(list_of_seconds, function, *arguments):
    begin = time.monotonic()
    answer = function(*arguments)
    list_of_seconds.append(time.monotonic() - begin)
    if list_of_seconds[-1] > 1:
        print("%.2f s:" % list_of_seconds[-1], *arguments, str(answer).strip(), flush=True)
    return answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--at", type=int, default=12_000_000_000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--gotos", type=int, default=100)
    parser.add_argument("--watch", default="system_state")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "gdb")
        clock = os.path.join(folder, "monitor")
        process = subprocess.Popen(options.command + ["-S", "-gdb", "unix:" + path, "-monitor", "unix:" + clock + ",server=on,wait=off"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            measure(Stub(path), clock, options)
        finally:
            process.terminate()
            process.wait()


def go_to(stub, where):
    """The answer to `goto` comes before the move; that to the next command comes after it."""
    stub.monitor(("goto " if where[0] == "@" else "") + where)
    return stub.monitor("when")


def wait_for(clock, icount):
    """Asks the monitor when it is, until it is late enough."""
    monitor = socket.socket(socket.AF_UNIX)
    monitor.connect(clock)
    monitor.settimeout(0.3)
    now, text = 0, ""
    while now < icount:
        monitor.sendall(b"when\n")
        try:
            while True:
                text += monitor.recv(4096).decode()
        except TimeoutError:
            pass
        moments = re.findall(r"@([0-9]+)", text)
        if moments:
            now = int(moments[-1])
        text = text[-200:]


def measure(stub, clock, options):
    begin = time.monotonic()
    stub.ask("qSupported:swbreak+;hwbreak+")
    stub.send("c")
    wait_for(clock, options.at)
    stub.socket.sendall(b"\x03")
    print("ran for %.1f s: %s" % (time.monotonic() - begin, stub.packet()), flush=True)
    print("now", stub.monitor("when").strip())
    print(stub.monitor("info history").split("\n")[0])
    hash_at_head = stub.monitor("info hash")

    steps = []
    for _ in range(options.steps):
        timed(steps, stub.stop_of, "bs")
    figures("reverse-stepi, one after another", steps)
    firsts, seconds, gotos = [], [], []
    for _ in range(options.gotos):
        timed(gotos, go_to, stub, "@%d" % random.randrange(1000, options.at))
        timed(firsts, stub.stop_of, "bs")
        for _ in range(9):
            timed(seconds, stub.stop_of, "bs")
    figures("goto, any moment", gotos)
    figures("reverse-stepi, the first after it", firsts)
    figures("reverse-stepi, the next nine", seconds)
    forth = []
    timed(forth, go_to, stub, "end")
    figures("back to the head", forth)
    if stub.monitor("info hash") != hash_at_head:
        raise SystemExit("The head is not what it was.")

    print(stub.monitor("kallsyms").strip())
    address = int(stub.monitor("p/x &" + options.watch).split()[0], 16)
    print(options.watch, hex(address), stub.ask("Z2,%x,4" % address))
    back = []
    print(timed(back, stub.stop_of, "bc"))
    figures("reverse-continue to a watchpoint", back)
    print("there", stub.monitor("when").strip())


main()
