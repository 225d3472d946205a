"""Reaches a running LibreOffice from Python (UNO), and makes the structures that its methods take."""
# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

import importlib
import time
from contextlib import suppress
from pathlib import Path
from typing import Any


class NotReachableError(Exception):
    """No LibreOffice answers, or this Python cannot talk to one; the message says which."""


def import_uno() -> Any:
    """Return Python's bridge to LibreOffice.

    Imported late: it may not be there, and it replaces `builtins.__import__`.
    """
    try:
        return importlib.import_module("uno")
    except ImportError as error:
        raise NotReachableError(f"this Python has no bridge to LibreOffice (import uno: {error})") from error


def connect_office(url: str, seconds: float) -> Any:
    """Return the component context of the LibreOffice that listens at `pipe,name=…` or `socket,host=…,port=…`.

    It may still be starting: it is given so many seconds. Raises NotReachableError.
    """
    local = import_uno().getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    not_yet = import_uno().getClass("com.sun.star.connection.NoConnectException")
    give_up_at = time.monotonic() + seconds
    while True:
        with suppress(not_yet):
            return resolver.resolve(f"uno:{url};urp;StarOffice.ComponentContext")
        if time.monotonic() > give_up_at:
            raise NotReachableError(f"no LibreOffice listens at {url}")
        time.sleep(0.1)


def make_properties(**named: object) -> tuple[Any, ...]:
    """Return named arguments as UNO takes them."""
    structure = import_uno().getClass("com.sun.star.beans.PropertyValue")
    return tuple(structure(Name=name, Value=value) for name, value in named.items())


def make_enum(kind: str, value: str) -> Any:
    """Return a value of an enumeration, `make_enum("awt.MessageBoxType", "INFOBOX")`."""
    return import_uno().Enum(f"com.sun.star.{kind}", value)


def make_english_locale() -> Any:
    """Return the locale that number formats are written in."""
    locale = import_uno().createUnoStruct("com.sun.star.lang.Locale")
    locale.Language, locale.Country = "en", "US"
    return locale


def to_file_path(url: str) -> Path:
    """Return the path of the file that a URL names."""
    return Path(import_uno().fileUrlToSystemPath(url))
