"""Hooks for pytest when it runs against mutants (`-p tests.robustness.mutants.hooks`)."""

from __future__ import annotations

import gc
import os
import sys
from functools import _lru_cache_wrapper

import pytest
from hypothesis import Phase, settings

# The same examples each time, so that a score can be made again; few, and no shrinking: a mutant need only be caught.
settings.register_profile(
    "mutants", deadline=None, derandomize=True, database=None, max_examples=30, phases=[Phase.explicit, Phase.generate]
)

_SUSPICIOUS = 35
"""What mutmut takes for neither caught nor survived."""

_while_importing: set[str] = set()
_not_loaded: list[str] = []
"""Test files that could not be imported, as where a mutant breaks what runs when its module is."""


def pytest_configure() -> None:
    settings.load_profile("mutants")
    forget()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Plain tests first: they catch most mutants, and quickly."""
    items.sort(key=lambda item: bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False)))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _not_loaded.append(report.nodeid)


def pytest_collection_finish() -> None:
    """What runs while modules are imported concerns every test, not only the first."""
    if _measuring():
        _while_importing.update(_called())
        _called().clear()


def pytest_runtest_setup() -> None:
    """What is derived once per form and process is derived anew, so that each test is known to need it."""
    if _measuring():
        _called().update(_while_importing)
        forget()


def pytest_sessionfinish(exitstatus: int) -> None:
    """A test that is not found is no test that fails; one whose file the mutant keeps from being imported is."""
    if exitstatus == pytest.ExitCode.USAGE_ERROR and os.environ.get("MUTANT_UNDER_TEST"):
        os._exit(pytest.ExitCode.TESTS_FAILED if _not_loaded else _SUSPICIOUS)


def forget() -> None:
    """Forget what modules of `workbook` keep for the life of a process, also behind another function (`kept`)."""
    for one in gc.get_objects():
        if isinstance(one, _lru_cache_wrapper) and str(one.__module__).startswith("workbook"):
            one.cache_clear()
    for name, module in list(sys.modules.items()):
        for known in ("_KNOWN", "_ISSUED", "_WORDS") if name.startswith("workbook") else ():
            if isinstance(by_key := getattr(module, known, None), dict):
                by_key.clear()


def _measuring() -> bool:
    return os.environ.get("MUTANT_UNDER_TEST") == "stats"


def _called() -> set[str]:
    from mutmut.state import state

    return state()._stats
