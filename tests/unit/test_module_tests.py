"""Every module is held by a test, and CONTRIBUTING.md says by which."""

from __future__ import annotations

from tests import module_tests


def test_every_module_has_tests():
    shipped = [name for name, path in module_tests.list_modules().items() if not path.name.startswith("__")]
    assert [name for name in shipped if "oxt" not in name and not module_tests.find_tests(name)[0]] == []


def test_the_table_of_modules_and_tests_is_current():
    """Written anew by `python -m tests.module_tests`."""
    assert module_tests.render_table() in module_tests.PAGE.read_text("utf-8")
