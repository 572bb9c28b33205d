"""Damage to an answer, repeatable: keys gone, types changed, values invented."""

from __future__ import annotations

from collections.abc import Iterator
import copy
import json
import random
from typing import Any, Final

INVENTED: Final[tuple[object, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    7,
    2**31,
    2**32 - 4,
    2**63,
    10**30,
    0.5,
    -273.15,
    1e308,
    "",
    " ",
    "unknown",
    "Brand New",
    "open",
    "closed",
    "true",
    "1/1",
    "2/30",
    "99/99",
    "Mon,Tue",
    "9" * 400,
    "²",
    "\x00\x1b[2J\u202e",
    "\ud83d\ude00",
    [],
    {},
    [None],
    [[]],
    [{}],
    ["x", {"y": 1}],
    {"devices": [{}]},
    {"id": "NC1", "start": 5},
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of an answer: its container and its key."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    for key in keys:
        yield value, key
        yield from places(value[key])


def remove(place: Any, key: Any, _: random.Random) -> None:
    del place[key]


def invent(place: Any, key: Any, chance: random.Random) -> None:
    place[key] = copy.deepcopy(chance.choice(INVENTED))


def wrap(place: Any, key: Any, chance: random.Random) -> None:
    place[key] = chance.choice(([place[key]], {"devices": place[key]}))


def spell(place: Any, key: Any, chance: random.Random) -> None:
    """Write a value as a text, or a text in another way."""
    text = str(place[key])
    place[key] = chance.choice((text, text.upper(), text[::-1], text * 3))


def repeat(place: Any, key: Any, chance: random.Random) -> None:
    """Put a value in another place of its list or object, too."""
    others = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[chance.choice(others)] = copy.deepcopy(place[key])


HARMS: Final = (remove, remove, invent, invent, invent, wrap, spell, repeat)


def damaged(answer: Any, chance: random.Random) -> bytes:
    """Return an answer with one to four things wrong."""
    broken = {"": copy.deepcopy(answer)}
    for _ in range(chance.choice((1, 1, 2, 4))):
        found = list(places(broken))
        place, key = chance.choice(found) if found else (broken, "")
        harm = chance.choice(HARMS[2:] if place is broken else HARMS)
        harm(place, key, chance)
    return json.dumps(broken[""]).encode("utf-8", "surrogatepass")


def cut(answer: bytes, chance: random.Random) -> bytes:
    """Return an answer that broke off, or with a few bytes of noise in it."""
    start = chance.randrange(len(answer) + 1)
    noise = chance.randbytes(chance.randrange(4))
    end = start + chance.choice((0, 1, len(answer)))
    return answer[:start] + noise + answer[end:]
