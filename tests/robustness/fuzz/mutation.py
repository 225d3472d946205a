"""Inputs made from inputs: parts of a text, an XML, a JSON or an archive lost, doubled, moved, replaced.

Everything is drawn from a `Random`: the same seed makes the same input. `words` are what a target is likely to know.
"""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

NUMBERS = ("0", "1", "-1", "2", "7", "255", "256", "65535", "65536", "1048576", "1048577", "16384", "16385",
           "2147483648", "4294967296", "18446744073709551616", "-0", "007", "1.5", "1e3", "1e308", "1e999",
           "9" * 20, "9" * 400, "nan", "inf", "", " 5", "１", "零")  # fmt: skip
ODD = ("\0", "\t", "\n", "\r\n", "\x0b", "\x1b", "\x85", "\u2028", "\u200b", "\u200f", "\ufeff", "\ufffe", "\uffff",
       "é", "e\u0301", "😀", "𠀀", "　", "﹣", "İ", "ß", "\U0010ffff", "_x000D_", "_xD800_", "&#55296;", "&amp;",
       "%00", "../", "=1+1")  # fmt: skip
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

Items = TypeVar("Items", str, bytes, list[bytes], list[str])


def edited(items: Items, draw: Random, put: Sequence[Items], lengths: Sequence[int]) -> Items:
    """One slice lost, doubled, copied elsewhere, or replaced by one of `put`; it is as long as one of `lengths`."""
    at = draw.randrange(len(items) + 1)
    end = min(len(items), at + draw.choice(lengths))
    before, part, after = items[:at], items[at:end], items[end:]
    match draw.randrange(6):
        case 0:
            return before + after
        case 1:
            return before + part * draw.choice((2, 2, 3, 50)) + after
        case 2:
            to = draw.randrange(len(items) + 1)
            return items[:to] + part + items[to:]
        case _:
            return before + draw.choice(put) + after


def other_number(text: str, draw: Random) -> str:
    """The text with one of its numbers replaced."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    one = draw.choice(found)
    return text[: one.start()] + draw.choice(NUMBERS) + text[one.end() :]


def changed_bytes(data: bytes, draw: Random, words: Sequence[bytes] = ()) -> bytes:
    """A few bytes otherwise: a bit flipped, a slice edited, a number another, or the rest cut off."""
    put = [*words, b"\0", b"\xff", draw.randbytes(2), draw.choice(ODD).encode()]
    for _ in range(draw.choice((1, 1, 1, 2, 3, 5))):
        at = draw.randrange(len(data) + 1)
        way = draw.random()
        if way < 0.12 and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :]
        elif way < 0.24:
            near = data[at : at + 4096].decode("latin-1")
            data = data[:at] + other_number(near, draw).encode("latin-1", "replace") + data[at + 4096 :]
        elif way < 0.27:
            data = data[:at]
        else:
            data = edited(data, draw, put, (0, 1, 1, 2, 4, 8, 40, 400))
    return data


def changed_text(data: bytes, draw: Random, words: Sequence[str] = ()) -> bytes:
    """The same with complete characters, of a text in UTF-8; now and then its bytes."""
    if draw.random() < 0.1:
        return changed_bytes(data, draw, [word.encode() for word in words[:200]])
    text = data.decode("utf-8", "replace")
    for _ in range(draw.choice((1, 1, 2, 3, 6))):
        if draw.random() < 0.15:
            text = other_number(text, draw)
        else:
            put = words if words and draw.random() < 0.7 else ODD
            text = edited(text, draw, put, (0, 1, 1, 2, 4, 12, 60))
    return text.encode("utf-8", "replace")


def changed_lines(data: bytes, draw: Random, words: Sequence[str] = ()) -> bytes:
    """A line lost, doubled or copied; a value replaced by another one of the text; else some characters."""
    lines = data.decode("utf-8", "replace").split("\n")
    way = draw.random()
    if way < 0.35:
        lines = edited(lines, draw, [[], [draw.choice(lines)]], (1, 1, 2, 10))
    elif way < 0.75:
        # a quoted text, a number, true or false, or a key (what stands before " =")
        values = list(re.finditer(r'"[^"\n]*"|[0-9]+|true|false|\b\w+(?= =)', "\n".join(lines)))
        if not values:
            return changed_text(data, draw, words)
        one, other = draw.choice(values), draw.choice(values)
        put = draw.choice((other[0], other[0], draw.choice(NUMBERS), "[]", '"x"', "{}", "[[]]", "1979-05-27"))
        lines = [one.string[: one.start()] + put + one.string[one.end() :]]
    else:
        return changed_text(data, draw, words)
    return "\n".join(lines).encode("utf-8", "replace")


_MARKUP = re.compile(rb"<[^>]*>|[^<]+")
"""A tag, or the text between two: `<td>`, `5`."""
_ATTRIBUTE = re.compile(rb"""([\w:.\-]+)=("[^"]*"|'[^']*')""")
"""Name and quoted value: `colspan="3"`."""


def changed_markup(data: bytes, draw: Random, words: Sequence[bytes] = ()) -> bytes:
    """XML or HTML with elements lost, doubled, copied; an attribute or a text with another value; else some bytes."""
    tokens = _MARKUP.findall(data)
    if not tokens or draw.random() < 0.12:
        return changed_bytes(data, draw, words)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        if not tokens:
            break
        way = draw.random()
        at = draw.randrange(len(tokens))
        near = range(at, min(len(tokens), at + 100))
        odd = draw.choice((*NUMBERS, *ODD)).encode()
        if way < 0.3:
            tags = [n for n in near if _ATTRIBUTE.search(tokens[n])]
            if tags:
                n = draw.choice(tags)
                tokens[n] = _other_attribute(tokens[n], tokens[draw.choice(tags)], odd, draw)
        elif way < 0.5:
            texts = [n for n in near if not tokens[n].startswith(b"<")]
            if texts:
                tokens[draw.choice(texts)] = draw.choice((odd, odd, draw.choice(tokens), *words[:1]))
        elif way < 0.6:
            tokens[at] = changed_bytes(tokens[at], draw)
        else:
            tokens = edited(tokens, draw, [[], [draw.choice(words or (b"<x/>",))]], (1, 1, 2, 3, 8, 30))
    return b"".join(tokens)


def _other_attribute(tag: bytes, other: bytes, odd: bytes, draw: Random) -> bytes:
    """A tag one attribute of which has the value of another tag's, an odd one, stands twice, or is gone."""
    one = draw.choice(list(_ATTRIBUTE.finditer(tag)))
    value = draw.choice((b'"' + odd + b'"', draw.choice(_ATTRIBUTE.findall(other))[1]))
    put = draw.choice((one[1] + b"=" + value,) * 4 + (b"", one[0] + b" " + one[0], b"x" + one[0]))
    return tag[: one.start()] + put + tag[one.end() :]


JUNK: tuple[object, ...] = (
    None, True, False, 0, -1, 1, 1.5, -0.0, 1e308, 10**20, -(10**30), "", " ", "0", "不适用", "约10", "1,234", "17个",
    "12元", "1.5万元", "１２", "二十", "-", "\ud800", "\0", "￥5", "a" * 300, "2024", 2024, [], {}, [[]], {"": None},
    [1, 2],
    {"person": 1}, "annual-2019", "annual-2021", "420100", "county", "9" * 450, "1e400", float("inf"), float("nan"),
)  # fmt: skip


def changed_json(data: bytes, draw: Random, words: Sequence[str] = ()) -> bytes:
    """A JSON with values replaced, lost, renamed or nested deep; else some characters."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return changed_text(data, draw, words)
    if draw.random() < 0.15:
        return changed_text(data, draw, words)
    for _ in range(draw.choice((1, 1, 2, 4, 12))):
        places = _places(plain)
        if not places:
            break
        holder, key = draw.choice(places)
        other, other_key = draw.choice(places)
        junk = draw.choice((*JUNK, *words))
        match draw.randrange(7):
            case 0 | 1 | 2:
                holder[key] = junk
            case 3:
                del holder[key]
            case 4 if other is not holder:
                holder[key] = other[other_key]
            case 5 if isinstance(holder, dict):
                holder[draw.choice((str(junk), str(other_key)))] = holder.pop(key)
            case _:
                holder[key] = junk
                for _ in range(draw.choice((1, 2, 40, 2000))):
                    holder[key] = [holder[key]]
    try:
        return json.dumps(plain, ensure_ascii=draw.random() < 0.7).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return data


def _places(plain: object) -> list[tuple[Any, Any]]:
    """Every member of every object and array, as holder and key."""
    found: list[tuple[Any, Any]] = []
    open_, seen = [plain], set[int]()
    while open_:
        one = open_.pop()
        if isinstance(one, dict | list) and id(one) not in seen:
            seen.add(id(one))  # an object may be put into itself
            members = one.items() if isinstance(one, dict) else enumerate(one)
            found += [(one, key) for key, _ in members]
            open_ += one.values() if isinstance(one, dict) else one
    return found


# archives

Parts = list[tuple[str, bytes]]


def unpacked(data: bytes) -> Parts | None:
    """The parts of an archive, those that can be read; None where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist()[:200] if one.file_size <= 8 << 20]
            return [(one.filename, _read_or_nothing(archive, one)) for one in members]
    except Exception:
        return None


def _read_or_nothing(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(member)
    except Exception:
        return b""


def packed(parts: Parts, method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of these parts; a name may stand twice."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method, compresslevel=1) as archive:
        warnings.simplefilter("ignore")
        for name, data in parts:
            member = zipfile.ZipInfo(name[:60_000])
            member.compress_type = method
            archive.writestr(member, data)
    return out.getvalue()


def changed_archive(data: bytes, draw: Random, change: Callable[[str, bytes, Random], bytes]) -> bytes:
    """An archive with one part changed (`change` knows how), lost, doubled, renamed or another's; else some bytes."""
    parts = unpacked(data)
    if not parts or draw.random() < 0.08:
        return changed_bytes(data, draw, (b"PK\3\4", b"PK\1\2", b"PK\5\6"))
    at = draw.randrange(len(parts))
    name, part = parts[at]
    other_name, other_part = draw.choice(parts)
    match draw.randrange(20):
        case 0:
            del parts[at]
        case 1:
            parts.append((draw.choice((name, name.upper(), name.replace("/", "\\"))), other_part))
        case 2:
            parts[at] = draw.choice((*ODD, name.swapcase(), f"/{name}", other_name)), part
        case 3:
            parts[at] = name, other_part
        case _:
            weights = [1 + min(len(one), 4000) for _, one in parts]  # where most is said, most is changed
            (at,) = draw.choices(range(len(parts)), weights)
            name, part = parts[at]
            parts[at] = name, change(name, part, draw)
    try:
        return packed(parts, draw.choice((zipfile.ZIP_STORED,) * 3 + (zipfile.ZIP_DEFLATED,)))
    except (ValueError, UnicodeError, zipfile.LargeZipFile):
        return data
