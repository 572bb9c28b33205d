"""Gateway and cloud together, in the running event loop."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from .clock import Clock, wall_clock
from .cloud import Account, Cloud
from .equipment import Equipment
from .gateway import Gateway
from .inverters import Inverters
from .latency import Profile
from .plant import Plant
from .plantsite import PlantSite
from .replay import Recording
from .scenarios import SCENARIOS, Scenario
from .site import Site
from .tokens import Role, TokenIssuer

DEMO_USER: Final = "demo@example.com"
DEMO_PASSWORD: Final = "demo"


class Simulator:
    """A gateway and a cloud on loopback ports; an async context manager."""

    def __init__(
        self,
        scenario: Scenario | str = "home",
        *,
        capture: Path | str | None = None,
        latency: Profile = "none",
        timezone: str | None = None,
        user: str = DEMO_USER,
        password: str = DEMO_PASSWORD,
        cloud_tls: bool = True,
        clock: Clock = wall_clock,
    ) -> None:
        """Prepare a scenario's plant, or the capture folder when one is given."""
        self.user = user
        self.password = password
        self.plant: Plant | None = None
        self.inverters: Inverters | None = None
        self.equipment: Equipment | None = None
        site: Site
        if capture is not None:
            site = Recording.load(capture)
        else:
            chosen = SCENARIOS[scenario] if isinstance(scenario, str) else scenario
            self.plant = Plant(chosen, timezone=timezone)
            # The years behind us once, here, so that the first answer is not late.
            self.plant.counters(clock())
            plant_site = PlantSite(self.plant)
            self.inverters = plant_site.inverters
            self.equipment = plant_site.equipment
            site = plant_site
        self.issuer = TokenIssuer(clock=clock)
        self.gateway = Gateway(site, issuer=self.issuer, latency=latency, clock=clock)
        self.cloud = Cloud(issuer=self.issuer, tls=cloud_tls, clock=clock)
        self.account = self.cloud.add_account(
            Account(email=user, password=password, serials=[site.serial])
        )

    @property
    def serial(self) -> str:
        """Return the serial that the gateway calls itself now."""
        return self.gateway.serial

    def token(self, *, role: Role = "owner", lifetime: int | None = None) -> str:
        """Return a token for this gateway, as a user would copy it from Entrez."""
        return self.issuer.issue(
            self.serial, role=role, username=self.user, lifetime=lifetime
        )

    async def start(self, *, port: int = 0, cloud_port: int = 0) -> None:
        """Open both ports; 0 takes free ones."""
        await self.gateway.start(port)
        await self.cloud.start(cloud_port)

    async def stop(self) -> None:
        """Close both ports; no task, timer or thread stays behind."""
        await self.gateway.stop()
        await self.cloud.stop()

    async def __aenter__(self) -> Self:
        """Start on free ports."""
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()
