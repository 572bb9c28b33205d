"""`/home`: network facts, from the gateway's slow server."""

from __future__ import annotations

from ..exceptions import EnvoyResponseError
from ..models.gateway import GatewayHome, InterfaceKind, NetworkInterface
from .choices import Choices
from .fields import Row, decode_object, epoch, flag, integer, mapping, rows, text


def parse_home(body: bytes) -> GatewayHome:
    """Read the page's facts; addresses and MACs are left where they are."""
    answer = decode_object(body, "/home")
    network = mapping(answer, "network")
    if not network and "timezone" not in answer:
        raise EnvoyResponseError("/home holds nothing about the network")
    primary = text(network, "primary_interface")
    choices = Choices("/home")
    return GatewayHome(
        timezone=text(answer, "timezone"),
        last_cloud_report=epoch(network, "last_enlighten_report_time"),
        interfaces=tuple(
            _interface(row, primary, choices) for row in rows(network.get("interfaces"))
        ),
        reaches_cloud=flag(network, "web_comm"),
        has_reported=flag(network, "ever_reported_to_enlighten"),
        tariff=text(answer, "tariff"),
        unknown=choices.unknown,
    )


def _interface(row: Row, primary: str | None, choices: Choices) -> NetworkInterface:
    name = text(row, "interface")
    return NetworkInterface(
        name=name,
        kind=text(row, "type"),
        is_primary=name is not None and name == primary,
        has_carrier=flag(row, "carrier"),
        signal_strength=integer(row, "signal_strength"),
        signal_strength_max=integer(row, "signal_strength_max"),
        medium=choices.read(row, "type", InterfaceKind),
        status=text(row, "status"),
        is_configured=flag(row, "configured"),
    )
