"""Events from pieces: wherever they are cut, no frame is lost and none is wrong."""

from __future__ import annotations

from itertools import pairwise
import random

from hypothesis import example, given, strategies as st
import pytest

from custom_components.envoy_local.client.live.events import LONGEST_LINE, EventReader
from custom_components.envoy_local.client.live.frames import parse_frame

from .frames import METERED, cut, frame, stream_of, written

_LINES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.binary(max_size=40).map(lambda data: b"data: " + data),
        st.just(b": comment"),
        st.just(b""),
    ).filter(lambda line: b"\n" not in line and not line.endswith(b"\r")),
    max_size=12,
)


def _fed(pieces: list[bytes]) -> list[bytes]:
    reader = EventReader()
    return [line for piece in pieces for line in reader.feed(piece)]


def test_ten_thousand_frames_cut_anywhere() -> None:
    source = random.Random(7)
    powers = [
        (source.uniform(-1, 9_999), source.uniform(-9e3, 9e3)) for _ in range(10**4)
    ]
    frames = [written(frame((made, 0, 0), (net, 0, 0))) for made, net in powers]
    reader = EventReader()

    read = [
        parse_frame(line, site=METERED, received_at=float(number))
        for number, piece in enumerate(cut(stream_of(frames, source), source))
        for line in reader.feed(piece)
    ]

    assert [(power.production, power.grid) for power in read] == powers
    assert reader.dropped > 1000


@given(lines=_LINES, ends=st.lists(st.booleans(), min_size=12), data=st.data())
def test_cuts_change_nothing(
    lines: list[bytes], ends: list[bool], data: st.DataObject
) -> None:
    whole = b"".join(
        line + (b"\r\n" if crlf else b"\n")
        for line, crlf in zip(lines, ends, strict=False)
    )
    places = data.draw(st.lists(st.integers(0, len(whole)), max_size=30))
    cuts = [0, *sorted(places), len(whole)]
    pieces = [whole[start:end] for start, end in pairwise(cuts)]

    assert _fed(pieces) == _fed([whole])
    assert _fed([whole]) == [
        found
        for line in lines
        if line.startswith(b"data:")
        and (found := line.removeprefix(b"data:").removeprefix(b" "))
    ]


@given(st.lists(st.binary(max_size=200), max_size=20))
@example([b"data: 1\r", b"\n"])
@example([b"\xff\xfe", b"\x00\n"])
def test_any_bytes_are_survived(pieces: list[bytes]) -> None:
    assert all(line for line in _fed(pieces))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"data: 1\n\ndata: 2\r\n\r\n", [b"1", b"2"]),
        (b"data:1\n", [b"1"]),
        (b"data:  1\n", [b" 1"]),
        (b"data\n\n", []),
        (b"data:\n\n", []),
        (b": data: 1\n\n", []),
        (b"DATA: 1\ndatum: 2\nid: 3\n\n", []),
        (b"data: 1", []),
        (b"<html>\r\n<body>no</body></html>\r\n", []),
        (b"data: 1\r\ndata: 2\r\n", [b"1", b"2"]),
    ],
)
def test_lines(sent: bytes, expected: list[bytes]) -> None:
    assert _fed([sent]) == expected
    assert _fed([bytes([each]) for each in sent]) == expected


@pytest.mark.parametrize("size", [1, 999, 10**6])
def test_too_long_lines_are_dropped_whole(size: int) -> None:
    reader = EventReader()
    whole = b"data: " + b"9" * LONGEST_LINE + b"\r\n\r\ndata: 1\r\n\r\n"
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]

    assert [line for piece in pieces for line in reader.feed(piece)] == [b"1"]
    assert reader.dropped == 1


def test_longest_line_is_none_of_them() -> None:
    reader = EventReader()
    data = b"9" * (LONGEST_LINE - len(b"data: "))

    assert reader.feed(b"data: " + data + b"\n") == [data]
    assert reader.dropped == 0


def test_line_without_an_end_takes_no_memory() -> None:
    reader = EventReader()

    for _ in range(1000):
        assert reader.feed(b"x" * 10_000) == []

    assert reader.dropped == 1
    assert len(reader._line) <= LONGEST_LINE  # what is held back has no public view
    assert reader.feed(b"\ndata: 1\n") == [b"1"]
