"""Where readings are forwarded to, as the options of an entry hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Any, Final, Self

from homeassistant.const import (
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)

from .influxdb.schema import Schema, names_in_use
from .influxdb.target import ServerKind, Target

CONF_INFLUXDB: Final = "influxdb"
"""The options below belong to it; it stays when forwarding is switched off."""
CONF_ENABLED: Final = "enabled"
CONF_KIND: Final = "kind"
CONF_ASK_KIND: Final = "ask_kind"
"""Whether the server has said it, so that another one is asked as well."""
CONF_DATABASE: Final = "database"
CONF_RETENTION_POLICY: Final = "retention_policy"
CONF_ORGANIZATION: Final = "organization"
CONF_BUCKET: Final = "bucket"
CONF_SCHEMAS: Final = "schemas"
CONF_EXTRA_TAGS: Final = "extra_tags"

KIND_AUTO: Final = "auto"

FIELDS_OF: Final[Mapping[ServerKind, tuple[str, ...]]] = {
    ServerKind.V1: (
        CONF_DATABASE,
        CONF_RETENTION_POLICY,
        CONF_USERNAME,
        CONF_PASSWORD,
    ),
    ServerKind.V2: (CONF_ORGANIZATION, CONF_BUCKET, CONF_TOKEN),
    ServerKind.V3: (CONF_DATABASE, CONF_TOKEN),
}
"""What each kind of server has to be told."""
NEEDED: Final = frozenset({CONF_DATABASE, CONF_ORGANIZATION, CONF_BUCKET})
SECRETS: Final = frozenset({CONF_PASSWORD, CONF_TOKEN})
"""Never shown again; an empty field means: as before."""

SERVER_NAMES: Final = (
    CONF_URL,
    CONF_USERNAME,
    CONF_DATABASE,
    CONF_RETENTION_POLICY,
    CONF_ORGANIZATION,
    CONF_BUCKET,
)
"""What people name after themselves, their home or their network."""

_TAG_KEY: Final = re.compile(r"[A-Za-z][\w.-]*")
_TAKEN: Final = names_in_use(Schema) | {"time"}


class TagsError(ValueError):
    """The text isn't a list of tags, or takes a name that is ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingOptions:
    """Everything a forwarder has to know."""

    target: Target
    verify_ssl: bool
    schemas: frozenset[Schema]
    extra_tags: Mapping[str, str]

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self | None:
        """Read an entry's options; None where forwarding is off."""
        stored = options.get(CONF_INFLUXDB)
        if not stored or not stored[CONF_ENABLED]:
            return None
        return cls(
            target=target_of(stored),
            verify_ssl=stored[CONF_VERIFY_SSL],
            schemas=frozenset(map(Schema, stored[CONF_SCHEMAS])),
            extra_tags=stored[CONF_EXTRA_TAGS],
        )


def target_of(stored: Mapping[str, Any]) -> Target:
    """Return the server; of the rest only what its kind has to be told."""
    kind = ServerKind(stored[CONF_KIND])
    known = {name: stored[name] for name in FIELDS_OF[kind] if stored.get(name)}
    return Target(kind=kind, url=stored[CONF_URL], **known)


def parse_tags(text: str) -> dict[str, str]:
    """Read `key=value, key=value`; raise TagsError where it can't be read."""
    tags: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        key, _, tag = (piece.strip() for piece in part.partition("="))
        if not tag or not _TAG_KEY.fullmatch(key) or key in {*_TAKEN, *tags}:
            raise TagsError(key)
        tags[key] = tag
    return tags


def tags_text(tags: Mapping[str, str]) -> str:
    """Write tags the way they are typed."""
    return ", ".join(f"{key}={value}" for key, value in tags.items())
