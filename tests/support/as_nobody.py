"""Asks at the socket of the first argument, with the bytes of the second, as a user without any rights.

``python -m tests.support.as_nobody SOCKET HEX``; only root may be somebody else.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress

NOBODY = 65534


def main(path: str, sent: bytes) -> None:
    """Print the answer, or that there is no way to the socket."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect(path)
        except PermissionError:
            print("no entry")
            return
        with suppress(BrokenPipeError):  # it is refused by then
            one.sendall(sent)
        print(one.recv(9999))


if __name__ == "__main__":
    main(sys.argv[1], bytes.fromhex(sys.argv[2]))
