"""At which line a key of a TOML text stands: checked by stating each value's own line as its value."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain import ROOT
from workbook.tomlplace import line_of

TEXT = """\
a = 1          # [not.a.header]
b.c = 2
[t]
d = "x = 9 ] # }"
e = [[ 5,
  6 ], [7]]
'f g' = { h = 7, i = { j = [7] } }
[t."u.v"]
k = '''
[no]
l = 10
'''
m = 2021-09-26
[[rows]]
n = 1.5
[[rows]]
n = [ # two
  { o = 18 },

  { o = 20 } ]
[[rows.sub]]
p = 22
[rows.sub.q]
r = 24
[[rows.sub]]
p = 26
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("a",), 1),
        (("b", "c"), 2),
        (("b",), 2),
        (("t",), 3),
        (("t", "d"), 4),
        (("t", "e", 0, 1), 6),
        (("t", "e", 1, 0), 6),
        (("t", "f g", "i", "j", 0), 7),
        (("t", "u.v"), 8),
        (("t", "u.v", "k"), 9),
        (("t", "u.v", "m"), 13),
        (("rows", 0), 14),
        (("rows", 0, "n"), 15),
        (("rows", 1), 16),
        (("rows", 1, "n", 0, "o"), 18),
        (("rows", 1, "n", 1), 20),
        (("rows", 1, "sub", 0, "p"), 22),
        (("rows", 1, "sub", 0, "q", "r"), 24),
        (("rows", 1, "sub", 1, "p"), 26),
    ],
)
def test_the_line_of_a_key(keys, line):
    assert line_of(TEXT, keys) == (line, True)


def test_a_key_that_is_missing_is_where_its_parent_is():
    assert line_of(TEXT, ("rows", 1, "n", 1, "missing")) == (20, True)
    assert line_of(TEXT, ("t", "e", 9)) == (5, True)
    assert line_of(TEXT, ("nowhere", 3)) == (1, False)
    assert line_of("", ()) == (1, False)


def paths(data: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every place in plain data, with what stands there."""
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in children:
        yield (*at, key), value
        yield from paths(value, (*at, key))


@pytest.mark.parametrize("path", sorted(p for p in ROOT.glob("workbook/**/*.toml")), ids=lambda p: p.stem)
def test_every_key_of_our_own_files_is_found_on_a_line_that_holds_it(path):
    text = path.read_text("utf-8")
    lines = text.split("\n")
    for keys, value in paths(tomllib.loads(text)):
        line, known = line_of(text, keys)
        assert known
        if isinstance(keys[-1], str) and not isinstance(value, dict | list):
            assert keys[-1] in lines[line - 1].replace("\\\\", "\\")
            if isinstance(value, str) and "\n" not in value and '"' not in value and "\\" not in value:
                assert value in lines[line - 1]


blank = st.sampled_from(["", "\n", "\n# [x]\n", "\n\n"])
values = st.recursive(
    st.sampled_from(["1", "-1.5", "2021-09-26", "true", '"]"', "'#'", '"\\""', '"""\n]\n"""']),
    lambda inner: st.lists(st.tuples(blank, inner, blank).map("".join), max_size=4).map(lambda v: f"[{','.join(v)}]"),
    max_leaves=8,
)


@given(st.lists(st.tuples(blank, values), max_size=6))
def test_any_values_are_passed_over_to_the_next_key(stated):
    text = "".join(f"{before}\nk{n} = {value}\n" for n, (before, value) in enumerate(stated)) + "last = 1\n"
    tomllib.loads(text)
    for n in range(len(stated)):
        assert line_of(text, (f"k{n}",)) == (text[: text.index(f"k{n} =")].count("\n") + 1, True)
    assert line_of(text, ("last",)) == (text.count("\n"), True)
