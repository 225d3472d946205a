"""Which reasons for not reading a file are the coordinator's own troubles: an agency is not to be told of them.

A file that the disk did not give, or a folder that may not be entered, says nothing of what the agency sent.
"""

from __future__ import annotations

from functools import cache

from workbook.reading.recognise import words_of
from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.merging")


def is_ours(why: Bilingual) -> bool:
    """Whether a reason, as it was kept of a file, is the coordinator's own trouble: told by how it begins."""
    return why.zh.startswith(_beginnings()) or load_messages("workbook.safety").get("limit.bounds.memory").zh in why.zh


@cache
def _beginnings() -> tuple[str, ...]:
    """How these reasons begin: up to the first fact that is filled in."""
    reasons = (one["zh"].partition("{")[0] for one in messages.entry("why").values() if one.get("ours"))
    return (*reasons, *(words_of(kind).zh for kind in messages.entry("ours.kinds")))
