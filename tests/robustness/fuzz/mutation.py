"""Inputs made from inputs: signs, elements, lines, JSON values and parts of archives lost, doubled, swapped, replaced.

Everything is drawn from a `Random`: the same seed makes the same input.
"""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from random import Random

NUMBERS = ("0", "1", "-1", "2", "7", "255", "256", "65535", "65536", "1048576", "1048577", "16384", "16385",
           "2147483648", "4294967296", "18446744073709551616", "-0", "007", "1.5", "1e3", "1e308", "1e999",
           "9" * 20, "9" * 400, "nan", "inf", "", " 5", "１", "零")  # fmt: skip
ODD = ("\0", "\t", "\n", "\r\n", "\x0b", "\x1b", "\x85", "\u2028", "\u200b", "\u200f", "\ufeff", "\ufffe", "\uffff",
       "é", "e\u0301", "😀", "𠀀", "　", "﹣", "İ", "ß", "\U0010ffff", "_x000D_", "_xD800_", "&#55296;", "&amp;",
       "%00", "../", "=1+1")  # fmt: skip
_RUN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_RUN_BYTES = re.compile(rb"-?[0-9]+")

Change = Callable[[bytes, Random], bytes]


def changed_bytes(data: bytes, draw: Random, words: Sequence[bytes] = ()) -> bytes:
    """A few bytes otherwise: flipped, lost, doubled, moved, put in; a number another; the rest cut off."""
    out = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 5))):
        at = draw.randrange(len(out) + 1)
        end = min(len(out), at + draw.choice((0, 1, 1, 2, 4, 8, 40, 400)))
        way = draw.randrange(9)
        if way == 0 and out:
            out[min(at, len(out) - 1)] ^= 1 << draw.randrange(8)
        elif way == 1:
            out[at:end] = draw.randbytes(draw.choice((0, 1, 1, 2, 4)))
        elif way == 2:
            del out[at:end]
        elif way == 3:
            out[at:at] = out[at:end] * draw.choice((1, 1, 2, 50))
        elif way == 4:
            to = draw.randrange(len(out) + 1)
            out[to:to] = out[at:end]
        elif way == 5:
            out[at:end] = draw.choice(words or (b"\0", b"\xff"))
        elif way == 6:
            found = list(_RUN_BYTES.finditer(out[at : at + 4096]))
            if found:
                one = draw.choice(found)
                out[at + one.start() : at + one.end()] = draw.choice(NUMBERS).encode()
        elif way == 7:
            out[at:end] = draw.choice(ODD).encode()
        elif draw.random() < 0.3:
            del out[at:]
    return bytes(out)


def changed_text(data: bytes, draw: Random, words: Sequence[str] = ()) -> bytes:
    """The same with whole characters, of a text in UTF-8; now and then its bytes."""
    if draw.random() < 0.1:
        return changed_bytes(data, draw, [word.encode() for word in words[:200]])
    text = data.decode("utf-8", "replace")
    for _ in range(draw.choice((1, 1, 2, 3, 6))):
        at = draw.randrange(len(text) + 1)
        end = min(len(text), at + draw.choice((0, 1, 1, 2, 4, 12, 60)))
        way = draw.randrange(8)
        if way < 3:
            text = text[:at] + draw.choice(words or ODD) + text[end:]
        elif way == 3:
            text = text[:at] + draw.choice(ODD) + text[end:]
        elif way == 4:
            text = text[:at] + text[end:]
        elif way == 5:
            text = text[:end] + text[at:end] * draw.choice((1, 1, 2, 100)) + text[end:]
        elif way == 6:
            to = draw.randrange(len(text) + 1)
            text = text[:to] + text[at:end] + text[to:]
        elif found := list(_RUN.finditer(text)):
            one = draw.choice(found)
            text = text[: one.start()] + draw.choice(NUMBERS) + text[one.end() :]
    return text.encode("utf-8", "replace")


def changed_lines(data: bytes, draw: Random, words: Sequence[str] = ()) -> bytes:
    """A line lost, doubled, moved, or cut; a quoted value another one of the text; else some characters."""
    lines = data.decode("utf-8", "replace").split("\n")
    at = draw.randrange(len(lines))
    way = draw.randrange(8)
    if way == 0:
        del lines[at : at + draw.choice((1, 1, 2, 10))]
    elif way == 1:
        lines[at:at] = lines[at : at + draw.choice((1, 1, 5))]
    elif way == 2:
        lines.insert(draw.randrange(len(lines)), lines.pop(at))
    elif way < 6:
        quoted = [match for line in lines for match in re.findall(r'"[^"]*"', line)]
        here = list(re.finditer(r'"[^"]*"|[0-9]+|true|false|\b\w+(?= =)', lines[at]))
        if not here or not quoted:
            return changed_text(data, draw, words)
        one = draw.choice(here)
        keys = re.findall(r"\b[a-z_]+(?= =)", "\n".join(lines)) or ["x"]
        put = draw.choice((draw.choice(quoted), draw.choice(quoted), draw.choice(NUMBERS), draw.choice(keys), "[]",
                           '"x"',
                           "{}", "[[]]", "1979-05-27"))  # fmt: skip
        lines[at] = lines[at][: one.start()] + put + lines[at][one.end() :]
    else:
        return changed_text(data, draw, words)
    return "\n".join(lines).encode("utf-8", "replace")


_MARKUP = re.compile(rb"<[^>]*>|[^<]+")
_ATTRIBUTE = re.compile(rb"""([\w:.\-]+)=("[^"]*"|'[^']*')""")


def changed_markup(data: bytes, draw: Random, words: Sequence[bytes] = ()) -> bytes:
    """XML or HTML with an element lost, doubled, moved, nested deep; a value taken from elsewhere; else some bytes."""
    tokens = _MARKUP.findall(data)
    if not tokens or draw.random() < 0.12:
        return changed_bytes(data, draw, words)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        at = draw.randrange(len(tokens))
        end = min(len(tokens), at + draw.choice((1, 1, 2, 3, 8, 30)))
        way = draw.randrange(10)
        if way == 0:
            del tokens[at:end]
        elif way == 1:
            tokens[at:at] = tokens[at:end] * draw.choice((1, 1, 2, 30))
        elif way == 2:
            to = draw.randrange(len(tokens) + 1)
            tokens[to:to] = tokens[at:end]
        elif way in (3, 4, 5):
            _other_attribute(tokens, at, draw)
        elif way in (6, 7):
            texts = [n for n in range(at, min(len(tokens), at + 200)) if not tokens[n].startswith(b"<")]
            if texts:
                value = draw.choice((*NUMBERS, *ODD)).encode()
                tokens[draw.choice(texts)] = draw.choice((value, value, draw.choice(tokens), *words[:1]))
        elif way == 8:
            put = draw.choice(words) if words else b"<x/>"
            tokens.insert(at, put)
        else:
            tokens[at] = changed_bytes(tokens[at], draw)
        if not tokens:
            return b""
    return b"".join(tokens)


def _other_attribute(tokens: list[bytes], at: int, draw: Random) -> None:
    """An attribute with the value of another, an odd one, twice, or gone."""
    near = [n for n in range(at, min(len(tokens), at + 60)) if b"=" in tokens[n] and tokens[n].startswith(b"<")]
    if not near:
        return
    n = draw.choice(near)
    found = list(_ATTRIBUTE.finditer(tokens[n]))
    if not found:
        return
    one = draw.choice(found)
    others = _ATTRIBUTE.findall(tokens[draw.choice(near)])
    odd = f'"{draw.choice((*NUMBERS, *ODD))}"'.encode()
    value = draw.choice((odd, odd, draw.choice(others)[1] if others else odd))
    put = draw.choice((one[1] + b"=" + value,) * 4 + (b"", one[0] + b" " + one[0], b"x" + one[0]))
    tokens[n] = tokens[n][: one.start()] + put + tokens[n][one.end() :]


JUNK: tuple[object, ...] = (
    None, True, False, 0, -1, 1, 1.5, -0.0, 1e308, 10**20, -(10**30), "", " ", "0", "不适用", "约10", "1,234", "17个",
    "12元", "1.5万元", "１２", "二十", "-", "\ud800", "\0", "￥5", "a" * 300, "2024", 2024, [], {}, [[]], {"": None},
    [1, 2],
    {"person": 1}, "annual-2019", "annual-2021", "420100", "county", "9" * 450, "1e400", float("inf"), float("nan"),
)  # fmt: skip


def changed_json(data: bytes, draw: Random, words: Sequence[str] = ()) -> bytes:
    """A JSON with values replaced, lost, swapped, renamed or nested deep; else some characters."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return changed_text(data, draw, words)
    if draw.random() < 0.15:
        return changed_text(data, draw, words)
    for _ in range(draw.choice((1, 1, 2, 4, 12))):
        places = list(_places(plain))
        if not places:
            break
        holder, key = draw.choice(places)
        _, other = other_place = draw.choice(places)
        way = draw.randrange(7)
        junk = draw.choice((*JUNK, *words))
        if way < 3:
            holder[key] = junk
        elif way == 3:
            del holder[key]
        elif way == 4:
            holder[key] = other_place[0][other] if other_place[0] is not holder else junk
        elif way == 5 and isinstance(holder, dict):
            holder[draw.choice((str(junk), str(other)))] = holder.pop(key)
        else:
            deep: object = junk
            for _ in range(draw.choice((1, 2, 40, 2000))):
                deep = [deep]
            holder[key] = deep
    try:
        return json.dumps(plain, ensure_ascii=draw.random() < 0.7).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return data


def _places(plain: object) -> list[tuple[dict[object, object] | list[object], object]]:
    """Every member of every object and array, as holder and key."""
    found: list[tuple[dict[object, object] | list[object], object]] = []
    open_, seen = [plain], set[int]()
    while open_:
        one = open_.pop()
        if id(one) in seen or not isinstance(one, dict | list):
            continue
        seen.add(id(one))
        found += [(one, key) for key in (one if isinstance(one, dict) else range(len(one)))]
        open_ += one.values() if isinstance(one, dict) else one
    return found


# archives

Parts = list[tuple[str, bytes]]


def unpacked(data: bytes) -> Parts | None:
    """The parts of an archive, those that can be read; None where it is none."""
    parts: Parts = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist()[:200]:
                if member.file_size > 8 << 20:
                    continue
                try:
                    parts.append((member.filename, archive.read(member)))
                except Exception:
                    parts.append((member.filename, b""))
    except Exception:
        return None
    return parts


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
    way = draw.random()
    if way < 0.85:
        weights = [1 + min(len(one), 4000) for _, one in parts]  # where most is said, most is changed
        (at,) = draw.choices(range(len(parts)), weights)
        name, part = parts[at]
        parts[at] = name, change(name, part, draw)
    elif way < 0.89:
        del parts[at]
    elif way < 0.92:
        parts.append((draw.choice((name, name.upper(), name.replace("/", "\\"))), draw.choice(parts)[1]))
    elif way < 0.95:
        parts[at] = draw.choice((*ODD, name.swapcase(), f"/{name}", draw.choice(parts)[0])), part
    else:
        parts[at] = name, draw.choice(parts)[1]
    try:
        return packed(parts, draw.choice((zipfile.ZIP_STORED,) * 3 + (zipfile.ZIP_DEFLATED,)))
    except (ValueError, UnicodeError, zipfile.LargeZipFile):
        return data
