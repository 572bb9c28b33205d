"""The page that shows core's entities and ours side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from core_counterparts import (
    AC_BATTERIES,
    AC_BATTERY,
    BATTERY,
    COLLAR,
    COMBINER,
    CONTROLLER,
    GATEWAY,
    INVERTER,
    METER_KEYS,
    STORAGE_KEYS,
)
from core_pairs import Pair, counterpart, only_ours, shown
from core_replay import Site

_MOST: Final = 4
"""Values in a cell."""
_DASH: Final = "–"

_SECTIONS: Final = (
    ("Gateway: the batteries together", GATEWAY),
    ("IQ Battery (core: Encharge)", BATTERY),
    ("IQ System Controller (core: Enpower)", CONTROLLER),
    ("IQ Meter Collar", COLLAR),
    ("IQ Combiner controller (core: C6 Combiner)", COMBINER),
    ("AC Batteries together (core: ACB)", AC_BATTERIES),
    ("AC Battery", AC_BATTERY),
    ("Gateway: what the site makes and uses", "site"),
    ("Gateway: the meters", "meters"),
    ("Inverter", INVERTER),
)
_IN_FULL: Final = {title for title, part in _SECTIONS[:7]}
"""Sections that show every recording; the others those that differ."""

_INTRODUCTION: Final = """\
# Compared with core

What Home Assistant's own integration, `enphase_envoy`, shows for a recorded gateway,
and what this one shows for the same. `scripts/compare_with_core` writes this page: it
sets up both, one after the other, with the same pretend gateway that replays the same
recording at the moment it was made, and takes the entities from Home Assistant, with
those switched on that wait to be switched on. Core runs as it is in the package, with
the library of its manifest, and with a token as its user would enter it, so that no
cloud is asked.

Compared are the entities that show readings: sensors and binary sensors. Core's
switches, numbers, selects and buttons are controls. Values are compared as they were
measured, power in W, energy in Wh, temperature in °C, whatever unit is shown; what core
cuts to whole watts is the same within one.

A recording is called by its firmware. Values of several devices or phases stand in the
order of their serial numbers; serial numbers aren't shown. *=* means that both show the
same. Where core has entities that stay *unknown*, because the gateway doesn't report
such a value, ours aren't created.
"""


def render(sites: Sequence[Site], versions: str, found: Sequence[Pair]) -> str:
    """Return the page."""
    lines = [_INTRODUCTION, f"{versions}; {len(sites)} recordings.\n", *_summary(found)]
    for title, part in _SECTIONS:
        chosen = [pair for pair in found if _part(pair) == part]
        if chosen:
            lines += [f"\n## {title}\n", *_table(chosen, in_full=title in _IN_FULL)]
    lines += ["\n## Ours alone\n", *_ours_alone(sites)]
    return "\n".join(lines) + "\n"


def _part(pair: Pair) -> str:
    if pair.kind != GATEWAY or pair.key in STORAGE_KEYS:
        return pair.kind
    return "meters" if pair.key in METER_KEYS else "site"


def _summary(found: Sequence[Pair]) -> Iterator[str]:
    same = sum(pair.is_same for pair in found)
    unknown = sum(pair.is_empty for pair in found)
    different = [pair for pair in found if not pair.is_alike]
    gaps = [pair for pair in different if pair.reason and pair.reason.is_gap]
    others = len(found) - same - unknown - len(gaps)
    yield "| core's entities | |\n| --- | --- |"
    yield f"| in all | {len(found)} |"
    yield f"| ours shows the same | {same} |"
    yield f"| core's stays *unknown*, ours isn't created | {unknown} |"
    yield f"| different, for a reason given below | {others} |"
    yield f"| missing in ours | {len(gaps)} |"
    if gaps:
        keys = sorted({f"`{pair.key}` ({pair.kind})" for pair in gaps})
        yield f"\nMissing: {', '.join(keys)}."


def _table(chosen: Sequence[Pair], *, in_full: bool) -> Iterator[str]:
    yield "| core | ours | recording | core shows | ours shows | |"
    yield "| --- | --- | --- | --- | --- | --- |"
    chosen = sorted(chosen, key=lambda p: (p.key, p.site, p.core.key, p.number))
    for key, group in groupby(chosen, key=lambda p: p.key):
        pairs = list(group)
        rows = list(_rows(pairs, in_full=in_full))
        found = counterpart(pairs[0].kind, key)
        has_ours = any(pair.ours for pair in pairs)
        ours = f"`{found[1]}`" if found and has_ours else _DASH
        core = f"{pairs[0].core.platform}.`{key}`"
        for at, row in enumerate(rows):
            yield _row(*((core, ours) if at == 0 else ("", "")), *row)


def _rows(pairs: Iterable[Pair], *, in_full: bool) -> Iterator[tuple[str, ...]]:
    """Yield a row for each recording; those that needn't be told apart together."""
    alike, empty = [], []
    for site, group in groupby(pairs, key=lambda p: p.site):
        here = list(group)
        different = [pair for pair in here if not pair.is_alike]
        if all(pair.is_empty for pair in here):
            empty.append(site)
        elif different:
            yield from _different(site, different, len(here))
        elif in_full:
            yield (site, _joined(here), _joined_ours(here), "=")
        else:
            alike.append(site)
    if alike:
        yield (_sites(alike), "", "", "=")
    if empty:
        yield (_sites(empty), "unknown", _DASH, "not reported")


def _different(
    site: str, different: Sequence[Pair], of: int
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each reason."""
    by_text: dict[str, list[Pair]] = {}
    for pair in different:
        text = pair.reason.text if pair.reason else "**not explained**"
        by_text.setdefault(text, []).append(pair)
    for text, alike in by_text.items():
        some = f"{len(alike)} of {of}: " if len(alike) < of else ""
        yield (site, _joined(alike), _joined_ours(alike), some + text)


def _joined(pairs: Iterable[Pair]) -> str:
    return _few([shown(pair.core) for pair in pairs])


def _joined_ours(pairs: Iterable[Pair]) -> str:
    return _few([shown(pair.ours) for pair in pairs])


def _few(texts: Sequence[str]) -> str:
    """Join values; where there are many, the first ones."""
    if len(set(texts)) == 1:
        return texts[0]
    more = f" · … ({len(texts)})" if len(texts) > _MOST else ""
    return " · ".join(texts[:_MOST]) + more


def _sites(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} recordings"


def _ours_alone(sites: Sequence[Site]) -> Iterator[str]:
    yield "What core has no entity for, and at how many recordings.\n"
    yield "| device | key | recordings |\n| --- | --- | --- |"
    for kind, keys in sorted(only_ours(sites).items()):
        for key, where in sorted(keys.items()):
            yield _row(kind, f"`{key}`", str(len(where)))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
