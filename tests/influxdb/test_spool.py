"""The queue on disk: what goes in comes out, exactly, in order and once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.envoy_local.influxdb.spool import (
    Batch,
    Refused,
    Spool,
    SpoolCounts,
)

from .conftest import readings
from .spools import ALL, next_batch, refuse_last, taken, total


def whole(first: int, last: int) -> Batch:
    """Return the batch of the first two polls, which hold these readings."""
    lines = readings(first, last)
    return Batch("\n".join(lines).encode(), len(lines), 1, 2)


def test_returns_lines_in_their_order(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    spool.put(readings(4, 5), now=2.0)

    assert taken(spool) == readings(1, 5)
    assert spool.counts().pending == 5
    assert spool.counts().oldest == 1.0


def test_what_alone_waits_is_returned_as_it_is_stored(spool: Spool) -> None:
    alone = spool.put(readings(1, 3), now=1.0)
    assert alone == next_batch(spool)
    assert spool.put(readings(4, 5), now=2.0) is None

    spool.acknowledge(next_batch(spool))
    alone = spool.put(readings(6, 6), now=3.0)
    assert alone == next_batch(spool)
    assert alone.lines == readings(6, 6)


def test_counts_what_is_looked_up_as_what_is_known(path: Path, spool: Spool) -> None:
    for number in range(3):
        spool.put(readings(number, number + 1), now=1.0)
        spool.acknowledge(next_batch(spool))
        spool.counts()
    spool.put(readings(9, 9), now=1.0)
    known = spool.counts()

    again = Spool(path)
    again.open()
    assert again.counts() == known
    again.close()


def test_an_empty_spool_has_no_batch(spool: Spool) -> None:
    spool.put([], now=1.0)

    assert spool.peek(**ALL) is None
    assert spool.counts() == SpoolCounts(size=spool.counts().size)


def test_a_batch_holds_whole_polls(spool: Spool) -> None:
    for first in (1, 4, 7):
        spool.put(readings(first, first + 2), now=1.0)

    assert spool.peek(lines=8, size=10**9) == whole(1, 6)


def test_a_batch_stays_below_its_size(spool: Spool) -> None:
    for first in (1, 4, 7):
        spool.put(readings(first, first + 2), now=1.0)
    poll = len("\n".join(readings(1, 3))) + 1

    batch = spool.peek(lines=100, size=2 * poll)

    assert batch == whole(1, 6)


@pytest.mark.parametrize("limits", [{"lines": 2}, {"size": 100}])
def test_a_poll_beyond_the_limits_leaves_in_parts(
    spool: Spool, limits: dict[str, int]
) -> None:
    spool.put(readings(1, 7), now=5.0)
    seen: list[str] = []

    while batch := spool.peek(**{**ALL, **limits}):
        assert 1 <= len(batch.lines) <= 2
        seen += batch.lines
        spool.remove(batch, now=6.0)

    assert seen == readings(1, 7)
    assert spool.counts().delivered == 7


def test_a_line_beyond_the_size_leaves_alone(spool: Spool) -> None:
    spool.put(readings(1, 2), now=1.0)

    batch = next_batch(spool, size=1)

    assert batch.lines == readings(1, 1)
    spool.remove(batch, now=1.0)
    assert taken(spool) == readings(2, 2)


def test_what_is_left_of_a_poll_keeps_its_age(spool: Spool) -> None:
    spool.put(readings(1, 3), now=5.0)
    batch = next_batch(spool, lines=1)

    spool.remove(batch, now=9.0)

    assert spool.counts().oldest == 5.0


def test_text_beyond_ascii_comes_back(spool: Spool) -> None:
    lines = ['gateway firmware="Größe 30 €", 🌞 1', "reading,site=Île power=1 2"]
    spool.put(lines, now=1.0)

    assert taken(spool) == lines


def test_remembers_everything_when_opened_again(spool: Spool, path: Path) -> None:
    for first in (1, 4, 7):
        spool.put(readings(first, first + 2), now=float(first))
    batch = next_batch(spool, lines=3)
    spool.remove(batch, now=9.0, too_old=1, refused=[Refused(batch.lines[0], "bad")])
    before = spool.counts()
    spool.close()

    again = Spool(path)
    again.open()

    assert again.counts() == before
    assert taken(again) == readings(4, 9)
    assert again.quarantined() == [Refused(readings(1, 1)[0], "bad")]
    again.close()


@pytest.mark.parametrize("between", [[], [Spool.close, Spool.open]])
def test_a_removed_batch_takes_no_later_lines_along(
    spool: Spool, between: list[Callable[[Spool], object]]
) -> None:
    spool.put(readings(1, 3), now=1.0)
    batch = next_batch(spool)
    spool.remove(batch, now=1.0)
    for step in between:
        step(spool)
    spool.put(readings(4, 6), now=2.0)

    spool.remove(batch, now=2.0)

    assert taken(spool) == readings(4, 6)
    assert spool.counts().delivered == 3


@settings(max_examples=40)
@given(
    st.lists(
        st.one_of(
            st.integers(1, 9), st.tuples(st.integers(1, 12), st.integers(1, 2000))
        ),
        max_size=40,
    )
)
def test_any_mix_of_puts_and_removals_is_exact(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int | tuple[int, int]]
) -> None:
    spool = Spool(tmp_path_factory.mktemp("mix") / "spool.db")
    spool.open()
    expected: list[str] = []
    ever = 0

    def step(what: int | tuple[int, int]) -> None:
        nonlocal ever, expected
        match what:
            case int(count):
                lines = readings(ever + 1, ever + count)
                ever += count
                expected += lines
                spool.put(lines, now=1.0)
            case (most, size):
                batch = spool.peek(lines=most, size=size)
                seen = batch.lines if batch else []
                assert seen == expected[: len(seen)]
                assert bool(seen) == bool(expected)
                expected = expected[len(seen) :]
                spool.remove(batch or Batch(b"", 0, 0, 0), now=1.0)

    for what in steps:
        step(what)

    assert taken(spool) == expected
    assert spool.counts().pending == len(expected)
    assert total(spool.counts()) == ever
    spool.close()


def test_refused_lines_are_kept_apart(spool: Spool) -> None:
    spool.put(readings(1, 5), now=1.0)
    batch = next_batch(spool)
    bad = [Refused(batch.lines[1], "a conflict"), Refused(batch.lines[3], "no field")]

    spool.remove(batch, now=2.0, refused=bad, too_old=1)

    counts = spool.counts()
    assert spool.quarantined() == bad
    assert (counts.quarantined, counts.delivered, counts.too_old) == (2, 2, 1)
    assert total(counts) == 5


def test_the_newest_thousand_refused_lines_are_kept(spool: Spool) -> None:
    spool.put(readings(1, 1200), now=1.0)
    batch = next_batch(spool)

    spool.remove(batch, now=2.0, refused=[Refused(line, "") for line in batch.lines])

    assert [bad.line for bad in spool.quarantined()] == readings(201, 1200)
    assert spool.counts().discarded == 200


def test_refused_lines_can_be_sent_again(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    refuse_last(spool)

    assert spool.retry_quarantined(now=3.0) == 1
    assert taken(spool) == readings(3, 3)
    assert spool.quarantined() == []
    assert total(spool.counts()) == 3
    assert spool.retry_quarantined(now=4.0) == 0


def test_refused_lines_can_be_given_up(spool: Spool) -> None:
    spool.put(readings(1, 3), now=1.0)
    refuse_last(spool)

    assert spool.clear_quarantined() == 1
    assert spool.quarantined() == []
    assert (spool.counts().discarded, spool.counts().dropped) == (1, 0)
    assert total(spool.counts()) == 3
