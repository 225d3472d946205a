"""Files a command reads and writes: inputs opened with a sentence for every failure, outputs that overwrite nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from workbook.cli.console import messages
from workbook.safety import atomic_write, owned_folders
from workbook.safety.messages import Bilingual, UserError, classify_os_error, describe_os_error

if TYPE_CHECKING:
    from workbook.cli.console import Console
    from workbook.model.report import Report
    from workbook.rules.evaluation import Submission

_TROUBLES = {
    "gone": "not_found",
    "permission": "no_permission",
    "folder": "is_folder",
    "space": "no_space",
    "read_only": "read_only",
    "long": "name_too_long",
    "exists": "came_meanwhile",
    "disk": "disk_trouble",
    "busy": "busy",
}
"""How a command says in one word what the system refused; of anything else it gives the system's own words, too."""


def describe_file_error(trouble: OSError) -> Bilingual:
    """What the system could not do, and with which file."""
    key = _TROUBLES.get(classify_os_error(trouble))
    words = describe_os_error(trouble)
    said = messages.get(key) if key else words
    file = trouble.filename2 or trouble.filename  # of two, the one written to
    if trouble.errno in atomic_write.DISK_FULL_ERRORS and file and owned_folders.is_scratch(Path(os.fsdecode(file))):
        return messages.get("no_space_temporary", folder=owned_folders.get_temporary_folder())
    if isinstance(trouble, atomic_write.WrittenAside):
        return messages.get("aside", file=file, what=said, kept=trouble.kept)
    return messages.get("os_error", file=file, what=said) if file else said


def expand_patterns(files: Sequence[str]) -> list[Path]:
    """The files named; patterns such as `*.xlsx` are filled in where the shell did not and something matches."""
    found: list[Path] = []
    for name in files:
        matches = [name]
        if any(character in name for character in "*?[") and not os.path.lexists(name):
            from glob import glob

            matches = sorted(glob(name)) or [name]  # noqa: PTH207 - a pattern may be absolute
        found += [Path(match) for match in matches]
    return found


def refuse_missing_file(paths: Iterable[Path]) -> None:
    """Refuse a name that nothing has: it is mistyped. What is there and cannot be read is reported later."""
    for path in paths:
        try:
            path.lstat()
        except OSError as trouble:
            if trouble.errno in (errno.ENOENT, errno.ENOTDIR, errno.EINVAL):  # the last: Windows has no such names
                raise UserError(messages.get("of_file", file=path, what=messages.get("not_found"))) from trouble


@contextmanager
def name_file_in_errors(file: str | Path) -> Iterator[None]:
    """Put the file's name before the sentence of whatever cannot be done with it in this block. Raises UserError."""
    try:
        yield
    except UserError as trouble:
        raise UserError(messages.get("of_file", file=file, what=trouble.message)) from trouble


def load_named_report(path: Path) -> Submission:
    """The report in a file. UserError, naming the file, where it cannot be read."""
    from workbook.excel.report_loading import load_submission

    with name_file_in_errors(path):
        return load_submission(path)


def check_output_paths(
    targets: Iterable[str | None], inputs: Iterable[str | Path], *, force: bool, suffix: str = ""
) -> list[Path]:
    """The files to be written, each safe to write. UserError before any work is done, with what to do."""
    found: list[Path] = []
    sources = [Path(one) for one in inputs]
    for name in targets:
        if name is None:
            continue
        path = Path(name)
        if suffix and path.suffix.lower() != suffix:
            raise UserError(messages.get("suffix", suffix=suffix, file=path))
        if path.is_dir():
            raise UserError(messages.get("output_is_folder", file=path))
        if path.exists() and not path.is_file():
            raise UserError(messages.get("output_is_special", file=path))
        if not path.parent.exists():
            raise UserError(messages.get("no_parent", folder=path.parent))
        if not path.parent.is_dir():
            raise UserError(messages.get("parent_is_file", folder=path.parent))
        if not os.access(path.parent, os.W_OK):
            raise UserError(messages.get("no_writing", folder=path.parent))
        if any(_are_same_file(path, one) for one in sources):
            raise UserError(messages.get("output_is_input", file=path))
        if any(_are_same_file(path, one) for one in found):
            raise UserError(messages.get("outputs_same", file=path))
        if os.path.lexists(path):
            _refuse_unreplaceable(path, force=force)
        found.append(path)
    for folder in {path.parent for path in found}:
        atomic_write.remove_abandoned_files(folder)
    return found


def _refuse_unreplaceable(path: Path, *, force: bool) -> None:
    """Refuse to write over a file unless asked to, or where it is known to end badly."""
    if not force:
        raise UserError(messages.get("exists", file=path))
    if path.exists() and not os.access(path, os.W_OK):
        raise UserError(messages.get("output_read_only", file=path))
    if (mark := atomic_write.find_lock_file(path)) is not None:
        raise UserError(messages.get("output_open", file=path, mark=mark.name))


def _are_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


class OutputFiles:
    """What a command has written. One output that could not have its place stops no other, and is reported last."""

    def __init__(self, *, force: bool) -> None:
        self.force = force
        self.paths: list[Path] = []
        """Where the outputs are; one that went aside is where it was put."""
        self.lost: list[OSError] = []

    @contextmanager
    def placed(self, target: Path, *, besides: bool = False) -> Iterator[Path]:
        """Where to write an output. Raises OSError where it cannot be written, but of one that is `besides` others."""
        try:
            with atomic_write.choose_output_path(target, force=self.force) as place:
                yield place
            self.paths.append(target)
        except atomic_write.WrittenAside as trouble:
            self.paths.append(trouble.kept)
            self.lost.append(trouble)
        except OSError as trouble:
            if not besides:
                raise
            self.lost.append(trouble)

    def report(self, console: Console, key: str, **facts: object) -> None:
        """Say what was made and where; of one that went aside no more than where it is."""
        (file,) = self.paths
        console.out(console.say("made", file=file) if self.lost else console.say(key, file=file, **facts))

    def end(self, code: int, console: Console) -> int:
        """The exit status, once the outputs that are not in their place are reported."""
        for trouble in self.lost:
            console.refuse(describe_file_error(trouble))
        return 2 if self.lost else code


def write_workbook(
    path: Path, report: Report, previous: Report | None = None, notes: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write the workbook of a report, with notes on cells by code. UserError where a text does not fit into it."""
    from workbook.excel.template.template_writer import list_overflows, write_workbook

    for place in list_overflows(report):
        raise UserError(messages.get("too_long", place=place))
    write_workbook(path, report, previous, notes)
