"""`/api/v1/production`, `/production.json` and the HTML page before them."""

from __future__ import annotations

import re
from typing import Final

from ..exceptions import EnvoyResponseError
from ..models.production import (
    AcBatteryBlock,
    LineBlock,
    ProductionBlock,
    ProductionReport,
    ProductionSummary,
)
from .fields import Row, decode_object, epoch, integer, number, rows, text, watts

_HTML_ROW: Final = re.compile(
    rb"<td>\s*(Currently|Today|Past Week|Since Installation)\s*</td>"
    rb"\s*<td>\s*([\d.]{1,20})\s*([kMG]?)Wh?\s*</td>"
)
_PREFIX: Final = {b"": 1.0, b"k": 1e3, b"M": 1e6, b"G": 1e9}


def parse_v1_production(body: bytes) -> ProductionSummary:
    """Read `/api/v1/production`: four whole numbers."""
    row = decode_object(body, "/api/v1/production")
    summary = ProductionSummary(
        power=watts(row, "wattsNow"),
        energy=number(row, "wattHoursLifetime"),
        energy_today=number(row, "wattHoursToday"),
        energy_7_days=number(row, "wattHoursSevenDays"),
    )
    if summary.power is None and summary.energy is None:
        raise EnvoyResponseError("/api/v1/production holds no production")
    return summary


def parse_production_page(body: bytes) -> ProductionSummary:
    """Read the HTML page `/production`, all that firmware before 3.9 offers."""
    found = {
        name: float(amount) * _PREFIX[prefix]
        for name, amount, prefix in _HTML_ROW.findall(body)
        if amount.count(b".") <= 1 and amount != b"."
    }
    if b"Since Installation" not in found and b"Currently" not in found:
        raise EnvoyResponseError("The page /production holds no production")
    return ProductionSummary(
        power=found.get(b"Currently"),
        energy=found.get(b"Since Installation"),
        energy_today=found.get(b"Today"),
        energy_7_days=found.get(b"Past Week"),
    )


def parse_production(body: bytes) -> ProductionReport:
    """Read `/production.json`, with or without `?details=1`."""
    report = decode_object(body, "/production.json")
    production = rows(report.get("production"))
    if not production:
        raise EnvoyResponseError("/production.json holds no production")
    consumption = rows(report.get("consumption"))
    return ProductionReport(
        inverters=_first(production, kind="inverters"),
        # 4.2.33 writes its meter blocks without a measurementType.
        production=_first(production, kind="eim", measures=("production", None)),
        total_consumption=_first(
            consumption, kind="eim", measures=("total-consumption",)
        ),
        net_consumption=_first(consumption, kind="eim", measures=("net-consumption",)),
        ac_batteries=_ac_batteries(rows(report.get("storage"))),
    )


def _first(
    blocks: list[Row], *, kind: str, measures: tuple[str | None, ...] | None = None
) -> ProductionBlock | None:
    """Return the first block of a kind, by what it measures where that counts."""
    for block in blocks:
        if text(block, "type") == kind and (
            measures is None or text(block, "measurementType") in measures
        ):
            return _block(block)
    return None


def _block(row: Row) -> ProductionBlock:
    return ProductionBlock(
        active_count=integer(row, "activeCount") or 0,
        reading_time=epoch(row, "readingTime"),
        power=watts(row, "wNow"),
        energy=number(row, "whLifetime"),
        energy_today=number(row, "whToday"),
        energy_7_days=number(row, "whLastSevenDays"),
        lines=tuple(
            LineBlock(power=watts(line, "wNow"), energy=number(line, "whLifetime"))
            for line in rows(row.get("lines"))
        ),
    )


def _ac_batteries(blocks: list[Row]) -> AcBatteryBlock | None:
    for row in blocks:
        if text(row, "type") == "acb":
            return AcBatteryBlock(
                active_count=integer(row, "activeCount") or 0,
                reading_time=epoch(row, "readingTime"),
                power=watts(row, "wNow"),
                energy_stored=number(row, "whNow"),
                level=number(row, "percentFull"),
                state=text(row, "state"),
            )
    return None
