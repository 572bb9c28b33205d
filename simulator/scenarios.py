"""Named sites to simulate, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

type PhaseMode = Literal["single", "split", "three"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metering:
    """The current transformers of a site; voltage is that of one phase."""

    phase_mode: PhaseMode
    phase_count: int
    voltage: float
    frequency: float
    storage: bool = False
    pv_shares: tuple[float, ...] = (1.0,)
    load_shares: tuple[float, ...] = (1.0,)
    # Kinds of CT that are switched off; such a CT still says some noise.
    disabled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """IQ Batteries behind one gateway; W and Wh per unit, levels from 0 to 1."""

    count: int
    unit_capacity: float = 5000.0
    unit_power: float = 3840.0
    reserve: float = 0.1
    midnight: float = 0.4
    serials_from: int = 492_500_100_001
    controller_serial: str | None = "482500100900"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fittings:
    """What there is beside IQ Batteries and their controller at the start."""

    others: tuple[Literal["collar", "combiner", "rgm", "ac_battery", "relay"], ...] = ()
    generator: bool = False
    wired_contacts: tuple[Literal["NC1", "NO1"], ...] = ()
    two_seasons: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A site: what is installed, where, and which firmware reports it."""

    name: str
    serial: str
    firmware: str
    part_number: str
    timezone: str
    inverter_count: int
    inverter_power: float = 330.0
    inverter_serials_from: int = 482_400_200_001
    metering: Metering | None = None
    storage: Storage | None = None
    fittings: Fittings = Fittings()
    # Inverters report a little more than the meter at the end of the cable sees.
    inverter_surplus: float = 1.012
    base_load: float = 320.0
    load_scale: float = 1.0
    device_data: bool = True
    currency: str = "EUR"
    commissioned: date = date(2024, 3, 1)
    seed: int = 1


_SPLIT: Final = Metering(
    phase_mode="split",
    phase_count=2,
    voltage=121.0,
    frequency=60.0,
    storage=True,
    pv_shares=(0.5, 0.5),
    load_shares=(0.57, 0.43),
)
_THREE: Final = Metering(
    phase_mode="three",
    phase_count=3,
    voltage=232.0,
    frequency=50.0,
    pv_shares=(0.34, 0.33, 0.33),
    load_shares=(0.46, 0.31, 0.23),
)
_SINGLE: Final = Metering(
    phase_mode="three",
    phase_count=1,
    voltage=233.0,
    frequency=50.0,
)

_ALL: Final = (
    Scenario(
        name="home",
        serial="202412345678",
        firmware="D8.3.5169",
        part_number="800-00654-r08",
        timezone="America/Los_Angeles",
        inverter_count=16,
        inverter_power=384.0,
        base_load=260.0,
        metering=_SPLIT,
        storage=Storage(count=2),
        currency="USD",
        seed=11,
    ),
    Scenario(
        name="three_phase",
        serial="122412345603",
        firmware="D8.3.5167",
        part_number="800-00649-r01",
        timezone="Europe/Berlin",
        inverter_count=24,
        metering=_THREE,
        load_scale=1.4,
        seed=12,
    ),
    Scenario(
        name="unmetered",
        serial="122312345607",
        firmware="D7.6.114",
        part_number="800-00656-r06",
        timezone="Europe/Amsterdam",
        inverter_count=13,
        inverter_surplus=1.0,
        device_data=False,
        seed=13,
    ),
    Scenario(
        name="large",
        serial="122412345680",
        firmware="D8.3.5289",
        part_number="800-00554-r03",
        timezone="Europe/Brussels",
        inverter_count=80,
        metering=_SINGLE,
        load_scale=3.0,
        seed=14,
    ),
    Scenario(
        name="legacy",
        serial="121612345605",
        firmware="D5.0.62",
        part_number="800-00551-r02",
        timezone="Europe/Paris",
        inverter_count=20,
        inverter_power=250.0,
        inverter_serials_from=121_500_200_001,
        inverter_surplus=1.0,
        device_data=False,
        commissioned=date(2017, 5, 1),
        seed=15,
    ),
    Scenario(
        name="storage",
        serial="202512345611",
        firmware="D8.3.5289",
        part_number="800-02409-r08",
        timezone="America/New_York",
        inverter_count=18,
        inverter_power=384.0,
        inverter_serials_from=482_400_600_001,
        base_load=280.0,
        metering=_SPLIT,
        storage=Storage(
            count=2,
            reserve=0.2,
            serials_from=492_500_600_001,
            controller_serial="482500600900",
        ),
        fittings=Fittings(
            others=("collar", "combiner", "rgm", "ac_battery", "ac_battery", "relay"),
            generator=True,
            wired_contacts=("NC1", "NO1"),
            two_seasons=True,
        ),
        currency="USD",
        seed=16,
    ),
)

SCENARIOS: Final[dict[str, Scenario]] = {scenario.name: scenario for scenario in _ALL}
