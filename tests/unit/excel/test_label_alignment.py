"""Lines of a form against places of a sheet: in order, and lost ones only where their neighbours leave a place."""

from __future__ import annotations

import pytest

from workbook.excel.reading.label_alignment import CHOICES, choose_ascending, fill_gaps, find_repetition


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ([[4]], [4]),
        ([[]], [None]),
        ([[1], [1]], [1, None]),  # no place twice: of two chains as long and as close, the first
        ([[2], [1]], [2, None]),
        ([[1, 2, 3], [1, 2, 3], [1, 2, 3]], [1, 2, 3]),
        ([[1, 8], [9]], [8, 9]),
        ([[1], [2, 3], [9]], [1, 2, 9]),  # of two as good the first
        ([[1], [5, 2]], [1, 2]),
        ([[1, 5], [2, 6], [7]], [5, 6, 7]),
        ([[1], [2], [10], [3], [4]], [1, 2, None, 3, 4]),
        ([[1], [2], [2], [3]], [1, 2, None, 3]),  # of two lines that could stand at 2 the first
        ([[10], [1], [2], [11]], [None, 1, 2, 11]),
        ([[3], [], [], [4]], [3, None, None, 4]),
        ([[*range(100, 100 + CHOICES), 1], [2]], [100, None]),  # so many places of one label are looked at
        ([[*range(100, 99 + CHOICES), 1], [2]], [1, 2]),
    ],
)
def test_most_lines_are_found_of_several_ways_the_closest(options, chosen):
    assert choose_ascending(options) == chosen


def filled(places, floor=None, *, free=(), marked=(), likely=()):
    now = list(places)
    lines = fill_gaps(now, floor, free=lambda n: n in free, marked=lambda n: n in marked, likely=lambda n: n in likely)
    return now, lines


FREE = range(500)


@pytest.mark.parametrize(
    ("places", "floor", "sets", "now", "lines"),
    [
        # between two neighbours: all places, where they are just as many and free
        ([1, None, 3], None, {"free": FREE}, [1, 2, 3], [1]),
        ([1, None, None, 4], None, {"free": FREE}, [1, 2, 3, 4], [1, 2]),
        ([1, None, 3], None, {"free": ()}, [1, None, 3], []),
        ([1, None, None, 4], None, {"free": {2}}, [1, None, None, 4], []),
        ([1, None, None, 3], None, {"free": FREE}, [1, None, None, 3], []),
        ([1, None, 2], None, {"free": FREE, "marked": FREE}, [1, None, 2], []),
        # or those that are marked, where these are just as many
        ([1, None, 5], None, {"free": FREE, "marked": {3}}, [1, 3, 5], [1]),
        ([1, None, 5], None, {"free": FREE, "marked": {3, 4}}, [1, None, 5], []),
        ([1, None, 5], None, {"free": FREE, "marked": {1, 5}}, [1, None, 5], []),
        ([1, None, None, 6], None, {"marked": {2, 5}}, [1, 2, 5, 6], [1, 2]),
        ([0, None, 900], None, {"marked": {199}}, [0, 199, 900], [1]),  # not looked for any further
        ([0, None, 900], None, {"marked": {200}}, [0, None, 900], []),
        # before the first and after the last: likely ones, all of them
        ([None, 3], None, {"likely": {2}}, [2, 3], [0]),
        ([None, None, 3], None, {"likely": {1, 2}}, [1, 2, 3], [0, 1]),
        ([None, None, 3], None, {"likely": {2}}, [None, None, 3], []),
        ([None, 3], None, {"likely": {1}}, [None, 3], []),
        ([None, 0], None, {"likely": FREE}, [None, 0], []),
        ([None, None, 1], None, {"likely": FREE}, [None, None, 1], []),
        ([None, 1], None, {"likely": FREE}, [0, 1], [0]),
        ([3, None], None, {"likely": {4}}, [3, 4], [1]),
        ([3, None, None], None, {"likely": {4, 5}}, [3, 4, 5], [1, 2]),
        ([3, None, None], None, {"likely": {4}}, [3, None, None], []),
        ([3, None], None, {"free": FREE, "marked": FREE}, [3, None], []),
        # with a floor, the first lines stand between it and the next
        ([None, 7], 5, {"free": FREE}, [6, 7], [0]),
        ([None, 7], 4, {"free": FREE}, [None, 7], []),
        ([None, 7], 4, {"marked": {6}}, [6, 7], [0]),
        ([None, None], 4, {"likely": {5, 6}}, [5, 6], [0, 1]),
        ([None, None], None, {"free": FREE, "marked": FREE, "likely": FREE}, [None, None], []),
        # several gaps, one by one
        ([1, None, 3, None, 5], None, {"free": FREE}, [1, 2, 3, 4, 5], [1, 3]),
        ([1, None, 3, None, 5], None, {"free": {4}}, [1, None, 3, 4, 5], [3]),
        ([None, 2, None, 4, None], None, {"free": FREE, "likely": {1, 5}}, [1, 2, 3, 4, 5], [0, 2, 4]),
        ([1, 2], 0, {"free": FREE}, [1, 2], []),
        ([], None, {}, [], []),
    ],
)
def test_a_lost_line_takes_the_place_that_is_left_for_it(places, floor, sets, now, lines):
    assert filled(places, floor, **sets) == (now, lines)


@pytest.mark.parametrize(
    ("options", "times", "anew"),
    [
        ([[3, 11], [4, 12], [5, 13]], 1, 11),
        ([[3, 11], [4, 12], [13]], 1, 11),
        ([[3, 11], [12], [13]], 1, 11),  # the two others read otherwise this year
        ([[3, 11], [4], [5]], 1, None),  # they do not stand there again
        ([[3, 11], [4], [13]], 1, 11),
        ([[3, 11], [4], [12]], 1, None),  # where one should stand again, another does
        ([[1, 9], [2], [10], [19], [20], [21], [22]], 1, None),  # that stands in the way of the rest
        ([[1, 3], [4], [9]], 1, None),
        ([[3, 11], [4, 12], [5]], 1, 11),
        ([[3, 11], [12], [5]], 1, 11),
        ([[3, 5], [6], [7]], 1, None),  # nearer than a table is wide
        ([[3, 6], [7], [8]], 1, 6),
        ([[3, 11, 19], [12, 20], [13, 21]], 1, 11),  # and the year before it
        ([[11], [12], [13]], 1, None),
        ([[3, 11], [2, 12], [13]], 1, 11),
        ([[3, 4, 11], [12], [13]], 1, 11),
        ([[3], [4, 5], [6]], 1, None),
        ([[3, 11], [4]], 1, None),
        ([[0, 5, 10, 16, 21, 26], [1, 6, 11, 17, 22, 27]], 3, 16),
        ([[5, 10, 16, 21, 26], [1, 6, 11, 17, 22, 27]], 3, 16),  # a line more is of last year's, lost this year
        ([[16, 21, 26], [11, 17, 22, 27]], 3, 16),
        ([[0, 5, 10], [1, 6, 11]], 3, None),
        ([], 1, None),
    ],
)
def test_headings_that_begin_anew_are_told_where_most_of_them_do(options, times, anew):
    assert find_repetition(options, times=times) == anew


def test_nothing_begins_anew_so_near_that_no_table_has_room_before_it():
    assert find_repetition([[3, 11], [12], [13]], after=2) == 11
    assert find_repetition([[3, 11], [10], [12]], after=2) == 11
    assert find_repetition([[3, 11], [10], [12]], after=1) == 10


def test_of_a_label_without_end_as_much_is_looked_at_as_anywhere():
    many = list(range(0, 16_000, 7))
    assert find_repetition([many, [n + 1 for n in many], [n + 2 for n in many]]) == many[1]


def test_once_is_what_most_tables_print_their_headings():
    assert find_repetition([[3, 11, 19], [4, 12, 20]]) == 11
