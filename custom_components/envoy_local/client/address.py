"""Where a gateway is: what a person types, made into one canonical form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
import re
from typing import Final, Literal, override

from yarl import URL

type Scheme = Literal["https", "http"]

_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")
_BRACKETED: Final = re.compile(r"\[(?P<host>[^\[\]]*)\](?::(?P<port>.*))?")
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_-]{1,63})*")
_ZONE: Final = re.compile(r"[A-Za-z0-9_.-]+")
_ONLY_NUMBERS: Final = re.compile(r"[0-9.]+")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_LONGEST_NAME: Final = 253
_HIGHEST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAddress:
    """A scheme, a host (IPv6 without brackets) and a port if it isn't the usual one."""

    host: str
    port: int | None = None
    scheme: Scheme = "https"

    @classmethod
    def parse(cls, text: str) -> GatewayAddress:
        """Read what a person typed or pasted; `ValueError` says what is wrong."""
        host, port = _split(_authority(text.strip()))
        return cls(host=_checked_host(host), port=_checked_port(port))

    @property
    def text(self) -> str:
        """The host and its port as they are stored: `192.0.2.4`, `[fe80::1]:8443`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @override
    def __str__(self) -> str:
        return self.text

    def with_scheme(self, scheme: Scheme) -> GatewayAddress:
        """Return the same place, spoken to by another scheme."""
        return replace(self, scheme=scheme)

    def url(self, path: str) -> URL:
        """Return the URL of a path and its query: `/production.json?details=1`."""
        pure_path, _, query = path.partition("?")
        return URL.build(
            scheme=self.scheme,
            host=self.host,
            port=self.port,
            path=pure_path,
            query_string=query,
        )


def _authority(text: str) -> str:
    """Drop a pasted scheme and whatever follows the host and the port."""
    if found := _SCHEME.match(text):
        if found["scheme"].lower() not in ("http", "https"):
            raise ValueError("The address may only start with https:// or http://")
        # A pasted URL writes the percent sign of a zone id as %25.
        text = text[found.end() :].replace("%25", "%", 1)
    authority = re.split(r"[/?#\\]", text, maxsplit=1)[0].strip()
    if "@" in authority:
        raise ValueError("The address must not contain a user name")
    return authority


def _split(authority: str) -> tuple[str, str | None]:
    """Tell the host from the port, which a bare IPv6 address makes ambiguous."""
    if found := _BRACKETED.fullmatch(authority):
        return found["host"], found["port"]
    if authority.count(":") > 1:
        return authority, None
    host, colon, port = authority.partition(":")
    return host, port if colon else None


def _checked_port(port: str | None) -> int | None:
    if port is None:
        return None
    if _PORT.fullmatch(port) and 0 < int(port) <= _HIGHEST_PORT:
        return int(port)
    raise ValueError("The port must be a number from 1 to 65535")


def _checked_host(host: str) -> str:
    """Return the host in lower case, an IPv6 address in its shortest form."""
    if ":" in host:
        return _checked_ipv6(host)
    host = host.rstrip(".").lower()
    if not host:
        raise ValueError("The address is empty")
    if len(host) > _LONGEST_NAME or not _NAME.fullmatch(host):
        raise ValueError("The address is neither a host name nor an IP address")
    return _checked_ipv4(host) if _ONLY_NUMBERS.fullmatch(host) else host


def _checked_ipv4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except ValueError:
        raise ValueError("The IP address needs four numbers from 0 to 255") from None


def _checked_ipv6(host: str) -> str:
    """Keep a zone id (`fe80::1%eth0`): a link-local address leads nowhere without."""
    address, percent, zone = host.partition("%")
    if zone.startswith("25") and _ZONE.fullmatch(zone[2:]) and not zone.isdigit():
        zone = zone[2:]  # written as in a URL; an interface's number stays as it is
    try:
        shortest = IPv6Address(address).compressed
    except ValueError:
        raise ValueError("The address is not a valid IPv6 address") from None
    if percent and not _ZONE.fullmatch(zone):
        raise ValueError("The part after % must be the name of a network interface")
    return f"{shortest}%{zone}" if percent else shortest
