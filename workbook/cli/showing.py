"""`ogi demo`: the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbook.cli import demo, main
from workbook.cli.console import messages
from workbook.safety.messages import UserError

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console


def run_demo(args: argparse.Namespace, console: Console) -> int:
    """Play the demonstration in a folder of its own."""
    folder = Path(args.folder)
    if folder.exists() and not folder.is_dir():
        raise UserError(messages.get("parent_is_file", folder=folder))
    if not folder.absolute().parent.is_dir():
        raise UserError(messages.get("no_parent", folder=folder.absolute().parent))
    if not args.force and not demo.is_ours(folder):
        raise UserError(messages.get("demo_not_ours", folder=folder))
    try:
        return demo.demonstrate(folder, main, console.out, force=args.force)
    except demo.Theirs as trouble:
        raise UserError(messages.get("demo_changed", file=trouble.path)) from trouble
