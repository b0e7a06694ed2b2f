"""Says commands to a monitor at a Unix socket and prints its answers:  monitor.py SOCKET COMMAND..."""
import socket
import sys

connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
connection.settimeout(20)


def answer():
    text = b""
    while not text.endswith(b"(astern) "):
        more = connection.recv(65536)
        if not more:
            break
        text += more
    return text.decode(errors="replace")


answer()
for command in sys.argv[2:]:
    connection.sendall(command.encode() + b"\n")
    print(answer())
