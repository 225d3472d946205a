"""A ban on the network, by Python's own audit events: whatever asks for it is refused, and written down.

It imports nothing of the project, so that it stands before anything is loaded. A library in C that opens a socket of
its own is not seen: for that a whole run is done once in a network namespace without interfaces (docs/reliability.md).
"""

from __future__ import annotations

import os
import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

LOG = "OGI_TEST_NETWORK_LOG"
"""The environment variable that names the file in which processes tell that they are banned, and what they ask."""
ADDRESSED = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
NAMED = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
PROTOCOLS = ("urllib.", "http.", "ftplib.", "smtplib.", "poplib.", "imaplib.", "nntplib.", "telnetlib.", "webbrowser.")
WATCHED = ("socket.", *PROTOCOLS)
OWN = getattr(socket, "AF_UNIX", None)
"""Sockets that are files of this machine, by which processes of one program talk. Windows uses named pipes for that."""


class Refused(Exception):
    """Something asked for the network."""


def asked(event: str, arguments: tuple[Any, ...]) -> str | None:
    """Whom an event asks for: a host, `socket` for none in particular; None where it asks for no network."""
    if event == "socket.__new__":
        return None if arguments[1] == OWN else "socket"
    if event in ADDRESSED:
        address = arguments[1]
        return str(address[0]) if isinstance(address, tuple) else None
    if event in NAMED:
        host = arguments[0]
        return str(host[0] if isinstance(host, tuple) else host or "")
    return str(arguments[0]) if event.startswith(PROTOCOLS) else None


def is_here(host: str) -> bool:
    """Whether that host is this machine itself."""
    try:
        return host in {"", "socket", "localhost"} or ip_address(host).is_loopback
    except ValueError:
        return False


def allow_this_machine_alone() -> None:
    """From now on this process reaches no other machine: `Refused`."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(WATCHED):
            host = None if event.startswith(PROTOCOLS) else asked(event, arguments)
            if host is not None and not is_here(host):
                raise Refused(f"{event}: {host}")

    sys.addaudithook(hook)


def allow_nothing() -> None:
    """From now on this process opens no socket but those that are files: noted in the log, and `Refused`."""
    _note("banned")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(WATCHED) and (what := asked(event, arguments)) is not None:
            _note(f"{event}: {what}")
            raise Refused(f"{event}: {what}")

    sys.addaudithook(hook)


def _note(what: str) -> None:
    with Path(os.environ[LOG]).open("a", encoding="utf-8") as log:
        log.write(f"{os.getpid()} {what}\n")
