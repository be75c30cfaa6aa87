"""The user at the other end of a local socket, as the kernel says it."""

from __future__ import annotations

import ctypes
import os
import socket
import struct

_UCRED = struct.Struct("iII")  # process, user, group: unix(7)
_ROOT = 0  # may do whatever the daemon may, with or without a socket


def user_of(one: socket.socket) -> int | None:
    """The user id of the process that ``one`` is connected to; None where the system does not say."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is not None:
        told = one.getsockopt(socket.SOL_SOCKET, option, _UCRED.size)
        return int(_UCRED.unpack(told)[1])
    get = getattr(ctypes.CDLL(None), "getpeereid", None)  # macOS and the BSDs
    user, group = ctypes.c_uint32(), ctypes.c_uint32()
    if get is None or get(one.fileno(), ctypes.byref(user), ctypes.byref(group)) != 0:
        return None
    return user.value


def may_ask(user: int | None) -> bool:
    """True for the user whose daemon this is, and for root.

    Where the system does not say who it is, the socket's folder has let nobody else in.
    """
    return user is None or user in {os.geteuid(), _ROOT}
