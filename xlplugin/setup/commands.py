"""`ogi install`, `ogi uninstall`, `ogi doctor`: found by the ogi command through the entry points `ogi.commands`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.cli.more import Command
from workbook.safety.messages import Bilingual, UserError
from xlplugin.setup import excel, libreoffice, places, shipped
from xlplugin.setup.changes import Step
from xlplugin.setup.doctor import Level, remarks
from xlplugin.setup.machine import Here, Machine
from xlplugin.setup.record import Record, Unknown

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
from workbook.safety.messages import load_messages

messages = load_messages("xlplugin.setup")

DONE, TO_MEND, FAILED = 0, 1, 2
PROGRAMS = ("excel", "libreoffice")
_STYLES = {Level.GOOD: "good", Level.NOTE: "notice", Level.MEND: "error"}


def run_install(args: argparse.Namespace, console: Console) -> int:
    """Put the buttons in."""
    return set_up(Here(), console, only=args.only, dry_run=args.dry_run, trust=args.trust)


def run_uninstall(args: argparse.Namespace, console: Console) -> int:  # noqa: ARG001 - every command takes both
    """Take them out."""
    return take_out(Here(), console)


def run_doctor(args: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Say what is missing."""
    return examine(Here(), console)


def set_up(
    machine: Machine, console: Console, *, only: str | None = None, dry_run: bool = False, trust: str | None = None
) -> int:
    """Make every change that is not made yet, and note it in the record."""
    folder = _trusted(machine, trust) if trust else None
    chosen = _chosen(machine, only, console)
    if not chosen:
        console.out(messages.get("install.nothing").say(console.lang))
        return DONE
    record, steps = _record(machine), list(_steps(machine, chosen, folder))
    failed = 0
    for step in steps:
        if step.done(machine):
            _say(console, "install.already", step.name, step.change.target)
        elif dry_run:
            _say(console, "install.would", step.name, step.change.target)
        else:
            failed += not _do(record, step, console)
    if dry_run:
        console.out(messages.get("install.dry").say(console.lang))
    else:
        console.out(messages.get("install.close" if failed else "install.finished").say(console.lang))
    return FAILED if failed else DONE


def _do(record: Record, step: Step, console: Console) -> bool:
    """One step; whether it was made. One that fails does not keep the others from being made."""
    try:
        record.do(step)
    except OSError as error:
        _say(console, "install.failed", step.name, step.change.target, why=error)
        return False
    _say(console, "install.did", step.name, step.change.target)
    return True


def _chosen(machine: Machine, only: str | None, console: Console) -> list[str]:
    """The programs to set up: those asked for, or those that are there."""
    if only == "excel" and not excel.supported(machine):
        raise UserError(messages.get("install.not_here"))
    if only == "libreoffice" and libreoffice.soffice(machine) is None:
        raise UserError(messages.get("install.need_libreoffice"))
    if only is not None:
        return [only]  # Excel by name: it may be installed later
    there = {
        "excel": excel.supported(machine) and excel.present(machine),
        "libreoffice": bool(libreoffice.soffice(machine)),
    }
    for name in PROGRAMS:
        if not there[name] and (name != "excel" or excel.supported(machine)):
            console.out(messages.get(f"install.no_{name}").say(console.lang))
    return [name for name in PROGRAMS if there[name]]


def _steps(machine: Machine, chosen: list[str], trust: Path | None) -> Iterator[Step]:
    try:
        if "excel" in chosen:
            yield from excel.steps(machine, trust)
        if "libreoffice" in chosen:
            yield from libreoffice.steps(machine)
    except shipped.Missing as missing:
        key = "install.missing_xlwings" if str(missing) == "xlwings" else "install.missing"
        raise UserError(messages.get(key, file=missing, python=machine.python)) from missing
    except UnicodeEncodeError as error:
        raise UserError(messages.get("install.not_ascii", path=excel.python(machine).parent)) from error


def _trusted(machine: Machine, named: str) -> Path:
    """The folder to trust. UserError if it is none, or too wide."""
    if machine.platform != "win32":
        raise UserError(messages.get("install.trust_windows"))
    folder = Path(named).absolute()
    if excel.too_wide(machine, Path(named)) or excel.too_wide(machine, folder):
        raise UserError(messages.get("install.too_wide", folder=named))
    if not folder.is_dir():
        raise UserError(messages.get("install.no_folder", folder=folder))
    return folder


def _record(machine: Machine) -> Record:
    try:
        return Record(machine)
    except Unknown as why:
        raise UserError(messages.get("install.record", file=places.record(machine), why=why)) from why


def take_out(machine: Machine, console: Console) -> int:
    """Undo every change in the record, the last first."""
    record = _record(machine)
    if not record.entries:
        console.out(messages.get("uninstall.nothing").say(console.lang))
        return DONE
    failed = 0
    for entry in reversed(list(record.entries)):
        target = entry["id"].partition(" ")[2]
        try:
            undone = record.undo(entry)
        except OSError as error:
            _say(console, "uninstall.failed", entry["name"], target, why=error)
            failed += 1
        else:
            _say(console, f"uninstall.{undone.value}", entry["name"], target)
    console.out(messages.get("uninstall.close" if failed else "uninstall.finished").say(console.lang))
    return FAILED if failed else DONE


def examine(machine: Machine, console: Console) -> int:
    """Say what was found, and what to do about it."""
    count = 0
    for remark in remarks(machine):
        count += remark.level is Level.MEND
        level = console.paint(messages.get(f"level.{remark.level.value}").say(console.lang), _STYLES[remark.level])
        console.out(f"{level}　{remark.words.say(console.lang)}")
        if remark.fix is not None:
            console.out(messages.get("doctor.arrow", fix=remark.fix.say(console.lang)).say(console.lang))
    console.out(
        (messages.get("doctor.to_mend", count=count) if count else messages.get("doctor.all_good")).say(console.lang)
    )
    return TO_MEND if count else DONE


def _say(console: Console, key: str, name: str, target: str, **facts: object) -> None:
    what: Bilingual = messages.get(f"step.{name}")
    console.out(messages.get(key, what=what.say(console.lang), target=target, **facts).say(console.lang))


def _lang(one: argparse.ArgumentParser) -> None:
    one.add_argument("--lang", choices=("zh", "en"), help=messages.text("help.option.lang"))


def _install_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("--only", choices=PROGRAMS, help=messages.text("help.option.only"))
    one.add_argument("--dry-run", action="store_true", help=messages.text("help.option.dry_run"))
    one.add_argument("--trust", metavar="DIR", help=messages.text("help.option.trust"))
    _lang(one)


def _command(name: str) -> tuple[str, str, str]:
    return (
        messages.text(f"help.{name}.short"),
        messages.text(f"help.{name}.long"),
        messages.text(f"help.{name}.example"),
    )


install = Command(*_command("install"), _install_arguments, run_install)
uninstall = Command(*_command("uninstall"), _lang, run_uninstall)
doctor = Command(*_command("doctor"), _lang, run_doctor)
