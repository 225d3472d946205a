"""Other projects' test files, by every entry point: `python -m benchmarks.corpora FOLDER... [--documents] [--office]`.

Each FOLDER is a corpus somebody fetched: a checkout of apache/poi, SheetJS/test_files and their like. Every file below
it gets a verdict, each in a process of its own that is killed when its time is up (seconds of the processor, so that a
busy machine makes no difference): by the way a merge reads it, and by both readers of workbooks, whose books are
compared; with `--documents` by the reader of published reports. None of
these files is a report, so one taken for a report is a fault, as is an exception that reaches the caller, a file whose
verdict is only that something went wrong, and one that takes too long. Printed as Markdown; `--list` names each file.

Needs Linux: what each file took is learnt from the process that read it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import xlsxwriter

from benchmarks.merge import MIB
from workbook.documents.reading import document_formats
from workbook.documents.reading.document_reader import read_document
from workbook.excel.reading import ooxml_reader, openpyxl_reader
from workbook.excel.reading.file_type import Unreadable, recognise_file
from workbook.excel.reading.workbook_contents import TooLarge, WorkbookContents
from workbook.merging.file_status import FileStatus
from workbook.merging.process_file import FileTask, process_files

REPORT, TROUBLE, RAISED, HUNG = "report!", "trouble!", "raised!", "hung!"
FAULTS = (REPORT, TROUBLE, RAISED, HUNG)
"""What must be said of no file of a corpus."""
LATER = "left to LibreOffice"
WAITS = 10
"""Seconds by the clock for each of the processor: a process that waits for something ends, too."""


class Verdict(NamedTuple):
    """What became of one file: in a word, in the sentence a coordinator reads, and how the two readers agreed."""

    kind: str
    said: str = ""
    readers: str = ""
    detail: str = ""


class Seen(NamedTuple):
    """A file, its verdict, and what that took."""

    path: Path
    verdict: Verdict
    seconds: float
    memory: float


# a verdict ------------------------------------------------------------------------------------------------------------


def workbook_verdict(path: Path) -> Verdict:
    """What a merge makes of the file, and whether the two readers would read the same from the workbook."""
    (taken,) = process_files([FileTask(1, str(path))], None)
    kind = _kind(path, taken.status, taken.why.en)
    readers, detail = agreement(path) if kind in ("foreign", "damaged", "large", REPORT) else ("", "")
    return Verdict(kind, taken.why.zh, readers, detail)


def _kind(path: Path, status: FileStatus, why: str) -> str:
    if status in (FileStatus.MERGED, FileStatus.SKIPPED):
        return REPORT
    if why.startswith("unexpected trouble"):
        return TROUBLE
    if path.suffix.lower() == ".json":
        return "json"
    try:
        recognise_file(path)
    except Unreadable as said:
        return said.kind
    return next((kind for kind in ("foreign", "damaged", "large") if why == Unreadable(kind).message.en), "other")


def agreement(path: Path) -> tuple[str, str]:
    """Whether both readers read the file, and read the same."""
    books: dict[str, WorkbookContents] = {}
    trouble: dict[str, str] = {}
    for name, read in (("package", ooxml_reader.read_ooxml), ("tolerant", openpyxl_reader.read_with_openpyxl)):
        try:
            books[name] = read(path)
        except (MemoryError, TooLarge):
            trouble[name] = "TooLarge"
        except Exception as error:  # the second reader raises whatever openpyxl does
            trouble[name] = f"{type(error).__name__}: {error}"[:200]
    detail = "; ".join(f"{name}: {text}" for name, text in trouble.items())
    if len(books) < 2:
        return (f"{next(iter(books))} alone" if books else "neither"), detail
    other = list(_differences(books["package"], books["tolerant"]))
    return ("differ", "; ".join(other)[:400]) if other else ("agree", "")


def _differences(one: WorkbookContents, two: WorkbookContents) -> Iterator[str]:
    """Where two readings of a file are not the same, types of numbers included."""
    for name in ("names", "properties", "external_links", "macros"):
        if getattr(one, name) != getattr(two, name):
            yield f"{name}: {str(getattr(one, name))[:80]} / {str(getattr(two, name))[:80]}"
    if [sheet.name for sheet in one.sheets] != [sheet.name for sheet in two.sheets]:
        yield "other sheets"
        return
    for first, second in zip(one.sheets, two.sheets, strict=True):
        for name in ("protected", "password", "hidden"):
            if getattr(first, name) != getattr(second, name):
                yield f"{first.name} {name}: {getattr(first, name)} / {getattr(second, name)}"
        for name in ("merges", "validations"):  # in any order
            if sorted(map(repr, getattr(first, name))) != sorted(map(repr, getattr(second, name))):
                yield f"{first.name} {name}: {str(getattr(first, name))[:80]} / {str(getattr(second, name))[:80]}"
        for place in sorted(first.cells.keys() | second.cells.keys()):
            cells = first.cells.get(place), second.cells.get(place)
            if repr(cells[0]) != repr(cells[1]):
                yield f"{first.name} {place}: {cells[0]!r:.80} / {cells[1]!r:.80}"
                break


def document_verdict(path: Path, *, office: bool) -> Verdict:
    """What the reader of published reports makes of the file."""
    if not office and document_formats.recognise_document(path) in ("old-text", "old-sheet"):
        return Verdict(LATER)
    try:
        imported = read_document(path)
    except Unreadable as error:
        return Verdict(error.kind, error.message.zh)
    return Verdict(REPORT, f"{sum(bool(one.source.file) for one in imported.readings.values())} cells")


# each in a process of its own -----------------------------------------------------------------------------------------


def watched(path: Path, args: argparse.Namespace) -> Seen:
    """The verdict of a process that has so many seconds for it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (args.seconds, args.seconds))
        os.write(writing, json.dumps(_verdict(path, args)).encode())
        os._exit(0)
    os.close(writing)
    said = bytearray()
    ends = time.monotonic() + WAITS * args.seconds
    while (left := ends - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        if not (data := os.read(reading, 1 << 16)):
            break
        said += data
    os.close(reading)
    if left <= 0:
        os.killpg(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    verdict = Verdict(HUNG if os.WIFSIGNALED(status) else RAISED, f"ended with {status}")
    if status == 0 and said:
        verdict = Verdict(*json.loads(said))
    return Seen(path, verdict, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def _verdict(path: Path, args: argparse.Namespace) -> Verdict:
    try:
        return document_verdict(path, office=args.office) if args.documents else workbook_verdict(path)
    except Exception as error:  # this is what must never happen
        return Verdict(RAISED, f"{type(error).__name__}: {error}")


# the tables -----------------------------------------------------------------------------------------------------------


def table(seen: Mapping[str, Sequence[Seen]]) -> list[str]:
    """What was said of the files of each corpus, as Markdown."""
    kinds = [kind for kind, _ in Counter(one.verdict.kind for some in seen.values() for one in some).most_common()]
    kinds = [*(kind for kind in kinds if kind not in FAULTS), *FAULTS]
    lines = [f"| corpus | files | {' | '.join(kinds)} | slowest, CPU s | peak MiB |", "|---" * (len(kinds) + 4) + "|"]
    everything = [one for some in seen.values() for one in some]
    for name, some in [*seen.items(), ("all", everything)]:
        counts = Counter(one.verdict.kind for one in some)
        slowest, peak = max(one.seconds for one in some), max(one.memory for one in some) / MIB
        figures = " | ".join(str(counts[kind] or "") if kind not in FAULTS else str(counts[kind]) for kind in kinds)
        lines.append(f"| {name} | {len(some)} | {figures} | {slowest:.1f} | {peak:.0f} |")
    return lines


def readers_table(seen: Iterable[Seen]) -> list[str]:
    """How the two readers agreed, and every case where they differ."""
    compared = [one for one in seen if one.verdict.readers]
    lines = ["| the two readers of workbooks | files |", "|---|---|"]
    lines += [f"| {how} | {count} |" for how, count in Counter(one.verdict.readers for one in compared).most_common()]
    differ = [one for one in compared if one.verdict.readers == "differ"]
    return [*lines, "", *(f"- {one.path}: {one.verdict.detail}" for one in differ)]


def files_of(folder: Path) -> list[Path]:
    """Every file of a corpus, in order; what version control keeps is none."""
    found = [folder] if folder.is_file() else [path for path in folder.rglob("*") if ".git" not in path.parts]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def warmed(args: argparse.Namespace) -> None:
    """Load, before any process is made, what all of them need."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "warm.xlsx")
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet().write(0, 0, 1)
        _verdict(path, args)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--suffix", action="append", help="only files whose names end so, such as .xlsx")
    parser.add_argument("--documents", action="store_true", help="by the reader of published reports")
    parser.add_argument("--office", action="store_true", help="old formats, too, through LibreOffice: slow")
    parser.add_argument("--seconds", type=int, default=60, help="of the processor, for one file")
    parser.add_argument("--list", type=Path, help="write the verdict of each file here, as JSON lines")
    args = parser.parse_args()
    warmed(args)
    seen: dict[str, list[Seen]] = {}
    with (args.list or Path(os.devnull)).open("w", encoding="utf-8", buffering=1) as listed:
        for folder in args.folders:
            for path in files_of(folder):
                if args.suffix and not path.name.lower().endswith(tuple(args.suffix)):
                    continue
                one = watched(path, args)
                seen.setdefault(folder.name, []).append(one)
                plain = [str(path), *one.verdict, round(one.seconds, 2), round(one.memory / MIB)]
                listed.write(json.dumps(plain, ensure_ascii=False) + "\n")
            print(f"{folder}: {len(seen.get(folder.name, ()))} files", file=sys.stderr)
    everything = [one for some in seen.values() for one in some]
    print("\n".join(table(seen)), "\n")
    if not args.documents:
        print("\n".join(readers_table(everything)), "\n")
    for one in everything:
        if one.verdict.kind in FAULTS:
            print(f"- {one.verdict.kind} {one.path}: {one.verdict.said}")


if __name__ == "__main__":
    main()
