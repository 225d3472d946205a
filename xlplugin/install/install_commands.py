"""`ogi install`, `ogi uninstall`, `ogi doctor`: found by the ogi command through the entry points `ogi.commands`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbook.cli import PluginCommand
from workbook.safety.messages import UserError, load_messages
from xlplugin.install import excel_addin, libreoffice_extension
from xlplugin.install.doctor import Level, examine_machine
from xlplugin.install.install_record import InstallRecord
from xlplugin.install.install_steps import Step
from xlplugin.install.machine import Machine, button_python

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console

MESSAGES = load_messages("xlplugin.install")
DONE, TO_MEND, FAILED = 0, 1, 2
PROGRAMS = ("excel", "libreoffice")
_STYLES = {Level.GOOD: "good", Level.NOTE: "notice", Level.MEND: "error"}


def install_plugin(
    machine: Machine, console: Console, *, only: str | None = None, dry_run: bool = False, trust: str | None = None
) -> int:
    """Make every step that is not made yet; return the exit status.

    `only` names one of PROGRAMS, `trust` a folder whose workbooks Excel is to run macros of. Raises UserError.
    """
    folder = _trusted_folder(machine, trust) if trust else None
    programs = _choose_programs(machine, only, console)
    if not programs:
        _print(console, "install.nothing")
        return DONE
    record, failed = InstallRecord(machine), 0
    for step in _list_steps(machine, programs, folder):
        if step.is_done:
            _print_step(console, "install.already", step.name, step.target)
        elif dry_run:
            _print_step(console, "install.would", step.name, step.target)
        else:
            try:
                record.make(step)
            except OSError as error:  # does not keep the other steps from being made
                failed += 1
                _print_step(console, "install.failed", step.name, step.target, why=error)
            else:
                _print_step(console, "install.did", step.name, step.target)
    _print(console, "install.dry" if dry_run else "install.close" if failed else "install.finished")
    return FAILED if failed else DONE


def _choose_programs(machine: Machine, only: str | None, console: Console) -> list[str]:
    """Return the program asked for, else those that are installed."""
    has_libreoffice = libreoffice_extension.find_libreoffice(machine) is not None
    if only == "excel" and not excel_addin.is_supported(machine):
        raise UserError(MESSAGES.get("install.not_here"))
    if only == "libreoffice" and not has_libreoffice:
        raise UserError(MESSAGES.get("install.need_libreoffice"))
    if only is not None:
        return [only]  # Excel by name: it may be installed later
    found = {"libreoffice": has_libreoffice}
    if excel_addin.is_supported(machine):
        found = {"excel": excel_addin.is_installed(machine)} | found
    for name in (name for name, there in found.items() if not there):
        _print(console, f"install.no_{name}")
    return [name for name, there in found.items() if there]


def _list_steps(machine: Machine, programs: list[str], trust: Path | None) -> list[Step]:
    steps: list[Step] = []
    try:
        if "excel" in programs:
            steps += excel_addin.list_steps(machine, trust)
        if "libreoffice" in programs:
            steps += libreoffice_extension.list_steps(machine)
    except excel_addin.FileNotFound as missing:
        key = "install.missing_xlwings" if str(missing) == "xlwings" else "install.missing"
        raise UserError(MESSAGES.get(key, file=missing, python=machine.python)) from missing
    except UnicodeEncodeError as error:
        raise UserError(MESSAGES.get("install.not_ascii", path=button_python(machine).parent)) from error
    return steps


def _trusted_folder(machine: Machine, named: str) -> Path:
    """Return the folder to trust. UserError if there is none, or it is too wide."""
    if machine.platform != "win32":
        raise UserError(MESSAGES.get("install.trust_windows"))
    folder = Path(named).absolute()
    if any(excel_addin.is_too_wide(machine, one) for one in (Path(named), folder)):
        raise UserError(MESSAGES.get("install.too_wide", folder=named))
    if not folder.is_dir():
        raise UserError(MESSAGES.get("install.no_folder", folder=folder))
    return folder


def uninstall_plugin(machine: Machine, console: Console) -> int:
    """Undo every step in the record, the last first; return the exit status. Raises UserError."""
    record, failed = InstallRecord(machine), 0
    if not record.entries:
        _print(console, "uninstall.nothing")
        return DONE
    for entry in reversed(list(record.entries)):
        target = entry["id"].partition(" ")[2]
        try:
            undone = record.undo(entry)
        except OSError as error:
            failed += 1
            _print_step(console, "uninstall.failed", entry["name"], target, why=error)
        else:
            _print_step(console, "uninstall.restored" if undone else "uninstall.kept", entry["name"], target)
    _print(console, "uninstall.close" if failed else "uninstall.finished")
    return FAILED if failed else DONE


def run_doctor(machine: Machine, console: Console) -> int:
    """Print what was found, and what to do about it; return the exit status."""
    count = 0
    for remark in examine_machine(machine):
        count += remark.level is Level.MEND
        level = console.paint(MESSAGES.get(f"level.{remark.level.value}").say(console.lang), _STYLES[remark.level])
        console.out(f"{level}　{remark.text.say(console.lang)}")
        if remark.fix is not None:
            _print(console, "doctor.arrow", fix=remark.fix)
    _print(console, "doctor.to_mend" if count else "doctor.all_good", count=count)
    return TO_MEND if count else DONE


def _print(console: Console, key: str, **values: object) -> None:
    console.out(MESSAGES.get(key, **values).say(console.lang))


def _print_step(console: Console, key: str, name: str, target: str, **values: object) -> None:
    _print(console, key, what=MESSAGES.get(f"step.{name}"), target=target, **values)


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=("zh", "en"), help=MESSAGES.text("help.option.lang"))


def _add_install_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", choices=PROGRAMS, help=MESSAGES.text("help.option.only"))
    parser.add_argument("--dry-run", action="store_true", help=MESSAGES.text("help.option.dry_run"))
    parser.add_argument("--trust", metavar="DIR", help=MESSAGES.text("help.option.trust"))
    _add_language(parser)


def _help(name: str) -> tuple[str, str, str]:
    short, long, example = (MESSAGES.text(f"help.{name}.{part}").strip("\n") for part in ("short", "long", "example"))
    return short, long, example


install = PluginCommand(
    *_help("install"),
    _add_install_options,
    lambda args, console: install_plugin(Machine(), console, only=args.only, dry_run=args.dry_run, trust=args.trust),
)
uninstall = PluginCommand(*_help("uninstall"), _add_language, lambda _, console: uninstall_plugin(Machine(), console))
doctor = PluginCommand(*_help("doctor"), _add_language, lambda _, console: run_doctor(Machine(), console))
