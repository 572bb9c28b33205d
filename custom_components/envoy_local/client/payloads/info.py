"""`/info`: XML on every firmware, with a prolog and quotes that vary."""

from __future__ import annotations

from xml.etree import ElementTree

from ..exceptions import EnvoyResponseError
from ..models.gateway import Firmware, GatewayInfo

_FLAGS = {"true": True, "false": False}


def parse_info(body: bytes) -> GatewayInfo:
    """Read `/info`; `EnvoyResponseError` where it isn't an Envoy's."""
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError) as err:
        raise EnvoyResponseError("The gateway's /info isn't readable XML") from err
    serial = _text(root, "device/sn")
    software = _text(root, "device/software")
    if root.tag != "envoy_info" or not serial or not software:
        raise EnvoyResponseError("The answer to /info isn't an Envoy's")
    return GatewayInfo(
        serial=serial,
        part_number=_text(root, "device/pn"),
        firmware=Firmware(software),
        is_metered=_FLAGS.get(_text(root, "device/imeter") or ""),
        web_tokens=_FLAGS.get(_text(root, "web-tokens") or ""),
        time=_integer(_text(root, "time")),
    )


def _text(root: ElementTree.Element, path: str) -> str | None:
    """The text of an element, None where it is absent or blank."""
    return (root.findtext(path) or "").strip() or None


def _integer(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
