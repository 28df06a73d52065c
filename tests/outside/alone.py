"""Runs a Python module as the program it is, and keeps it to itself.

    python -I -u alone.py MODULE [ARGUMENTS …]

What it listens on is reachable from this machine only; what it would leave in /tmp goes to the folder
that it was started in; and it ends when its standard input does, so that it never outlives a test.
"""

import builtins
import os
import runpy
import socket
import sys
import threading

# A socket of both families names the IPv4 loopback in its own way.
LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::ffff:127.0.0.1"}

bind_anywhere = socket.socket.bind
open_anywhere = builtins.open


def bind_here(self, address):
    if isinstance(address, tuple):
        address = (LOOPBACK.get(address[0], address[0]), *address[1:])
    return bind_anywhere(self, address)


def open_here(file, *arguments, **named):
    if isinstance(file, str) and os.path.dirname(file) == "/tmp":
        file = os.path.basename(file)
    return open_anywhere(file, *arguments, **named)


def end_with_the_test():
    sys.stdin.buffer.read()
    os._exit(0)


socket.socket.bind = bind_here
builtins.open = open_here
threading.Thread(target=end_with_the_test, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
