"""One run of an emulator, driven from outside: its monitor on a pipe, its first serial port on a socket.

The same steps drive Astern and QEMU, whose options and monitor have the same names.
"""
import os
import re
import select
import socket
import subprocess
import time

import picture

NAMED_KEYS = {" ": "spc", "\n": "ret", "-": "minus", "=": "equal", ".": "dot", ",": "comma", "/": "slash", ";": "semicolon",
              "'": "apostrophe", "[": "bracket_left", "]": "bracket_right", "\\": "backslash", "`": "grave_accent"}
SHIFTED_KEYS = dict(zip('_+<>?:"{}|~!@#$%^&*()', "-=,./;'[]\\`1234567890"))
SCREEN_FILE = "screen.png"


def key_name(character):
    if character in SHIFTED_KEYS:
        return "shift-" + key_name(SHIFTED_KEYS[character])
    if character.isupper():
        return "shift-" + character.lower()
    return NAMED_KEYS.get(character, character)


class Failed(Exception):
    """What a run was to do and did not."""


class Machine:
    def __init__(self, argv, folder, limit):
        self.is_qemu = "qemu" in argv[0]
        self.folder, self.ends = folder, time.monotonic() + limit
        self.serial, self.line, self.sums = "", None, 0
        self.drawn, self.words = None, ""
        self.begun = time.monotonic()
        self.path = os.path.join(folder, "serial.socket")
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.errors = open(os.path.join(folder, "errors"), "wb")
        self.process = subprocess.Popen(
            argv + ["-display", "none", "-monitor", "stdio", "-serial", f"unix:{self.path},server"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, cwd=folder)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.said = ""
        while self.line is None:
            self.wait_a_little("its serial port")
            if os.path.exists(self.path):
                line = socket.socket(socket.AF_UNIX)
                try:
                    line.connect(self.path)
                    self.line = line
                except OSError:
                    line.close()

    # --- time --------------------------------------------------------------------

    def wait_a_little(self, awaited):
        """Hears what comes; fails when there is nothing left that could."""
        if time.monotonic() > self.ends:
            raise Failed(f"not within the time limit: {awaited}")
        files = [self.process.stdout] + ([self.line] if self.line else [])
        for file in select.select(files, [], [], 0.1)[0]:
            if file is self.line:
                self.hear_line()
            else:
                data = self.process.stdout.read()
                self.said += (data or b"").decode(errors="replace").replace("\r", "")
                if not data:
                    while self.line:
                        self.hear_line()
                    raise Failed(f"it ended before: {awaited}")

    def hear_line(self):
        data = self.line.recv(65536)
        self.serial += data.decode(errors="replace").replace("\r", "")
        if not data:
            self.line.close()
            self.line = None

    def until(self, awaited, is_so, pause=0.0):
        while not is_so():
            again = time.monotonic() + pause
            self.wait_a_little(awaited)
            while time.monotonic() < again:
                self.wait_a_little(awaited)

    # --- the monitor -------------------------------------------------------------

    def tell(self, command):
        try:
            self.process.stdin.write(command.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"it ended before: {command}") from None

    def ask(self, command):
        """What the monitor answers: all until the answer to a sum that is asked next."""
        self.sums += 1
        self.said = ""
        self.tell(command)
        self.tell(f"print /d {self.sums}+1000000")
        answer = str(self.sums + 1000000)
        self.until(command, lambda: answer in self.said)
        return self.said

    # --- what is seen ------------------------------------------------------------

    def text(self):
        """The characters of a text screen."""
        if not self.is_qemu:
            return self.ask("info screen")
        self.ask("pmemsave 0xb8000 0x8000 text")
        with open(os.path.join(self.folder, "text"), "rb") as file:
            cells = file.read()[::2].decode("cp437").replace("\0", " ")
        return "\n".join(cells[i:i + 80].rstrip() for i in range(0, len(cells), 80))

    def dump(self):
        path = os.path.join(self.folder, SCREEN_FILE)
        if os.path.exists(path):
            os.unlink(path)
        self.ask(f"screendump {path}" + (" -f png" if self.is_qemu else ""))
        return path

    def read(self):
        """The words of a picture, as tesseract reads them, which takes it a second or two: never the same one twice."""
        path = self.dump()
        if not os.path.exists(path):
            return ""
        with open(path, "rb") as file:
            drawn = file.read()
        if drawn != self.drawn:
            self.drawn, self.words = drawn, picture.words(path)
        return self.words

    # --- steps -------------------------------------------------------------------

    def screen(self, pattern):
        self.until(f"the screen's {pattern}", lambda: re.search(pattern, self.text()), 0.5)

    def see(self, pattern):
        self.until(f"the picture's {pattern}", lambda: re.search(pattern, self.read()), 3.0)

    def hear(self, pattern):
        try:
            self.until(f"the serial port's {pattern}", lambda: re.search(pattern, self.serial, re.M))
        except Failed:
            if not re.search(pattern, self.serial, re.M):       # it may be the last that was said
                raise

    def type(self, text):
        for character in text:
            self.key(key_name(character))

    def key(self, names):
        for name in names.split():
            self.ask(f"sendkey {name}")
            self.pause(0.15)

    def pause(self, seconds):
        until = time.monotonic() + float(seconds)
        self.until("time", lambda: time.monotonic() >= until)

    def send(self, text):
        for character in text:
            self.line.sendall(character.encode())
            self.pause(0.02)

    def monitor(self, command):
        self.ask(command)

    def off(self, _):
        """The guest ends by itself."""
        try:
            self.until("its end", lambda: False)
        except Failed:
            if time.monotonic() > self.ends:
                raise

    # --- the end -----------------------------------------------------------------

    def finish(self):
        """Ends it, if it has not; its status, and the seconds of CPU time that it took."""
        try:
            self.tell("quit")
        except Failed:
            pass
        while True:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > self.ends + 60:
                self.process.kill()
            select.select([], [], [], 0.05)
            self.said += (self.process.stdout.read() or b"").decode(errors="replace").replace("\r", "")
        self.said += (self.process.stdout.read() or b"").decode(errors="replace").replace("\r", "")
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.process.stdin = None
        for file in (self.process.stdout, self.errors, self.line):
            if file:
                file.close()
        return self.process.returncode, usage.ru_utime + usage.ru_stime
