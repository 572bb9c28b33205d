"""The forms about InfluxDB, and what they make of what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import (
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .flow_forms import Form
from .forwarding_options import (
    CONF_ASK_KIND,
    CONF_BUCKET,
    CONF_DATABASE,
    CONF_ENABLED,
    CONF_EXTRA_TAGS,
    CONF_KIND,
    CONF_RETENTION_POLICY,
    CONF_SCHEMAS,
    FIELDS_OF,
    KIND_AUTO,
    NEEDED,
    SECRETS,
    TagsError,
    parse_tags,
    tags_text,
    target_of,
)
from .influxdb.schema import Schema
from .influxdb.target import (
    ServerKind,
    TargetError,
    TargetProblem,
    check_target,
    clean_url,
    find_kind,
)
from .sign_in import BASE

_TEXT: Final = TextSelector(TextSelectorConfig(autocomplete="off"))
_SECRET: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)
_URL: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
_KIND: Final = SelectSelector(
    SelectSelectorConfig(
        options=[KIND_AUTO, *(kind.value for kind in ServerKind)],
        mode=SelectSelectorMode.DROPDOWN,
        translation_key="influxdb_kind",
    )
)
_SCHEMAS: Final = SelectSelector(
    SelectSelectorConfig(
        # Their names are proper names, alike in every language.
        options=[SelectOptionDict(value=s.value, label=s.value) for s in Schema],
        multiple=True,
        mode=SelectSelectorMode.LIST,
    )
)

_UNREACHABLE: Final = frozenset({TargetProblem.CANNOT_CONNECT, TargetProblem.SSL_ERROR})
_FIELD_OF: Final = {
    TargetProblem.CANNOT_CONNECT: CONF_URL,
    TargetProblem.SSL_ERROR: CONF_VERIFY_SSL,
    TargetProblem.NOT_INFLUXDB: CONF_URL,
    TargetProblem.RETENTION_POLICY_NOT_FOUND: CONF_RETENTION_POLICY,
}
"""The fields that are alike for all kinds of servers."""


class InfluxError(Exception):
    """What is wrong, and with which field; `detail` is what the server said."""

    def __init__(self, field: str, key: str, detail: str = "") -> None:
        """Name the field and the sentence."""
        super().__init__(key)
        self.field = field
        self.key = key
        self.detail = detail


def server_form() -> Form:
    """Ask whether and to which server readings are forwarded."""
    return vol.Schema(
        {
            vol.Required(CONF_ENABLED, default=True): BooleanSelector(),
            vol.Optional(CONF_URL): _URL,
            vol.Required(CONF_KIND, default=KIND_AUTO): _KIND,
            vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
        }
    )


def details_form(kind: ServerKind) -> Form:
    """Ask for what this kind of server needs, and what is written to it."""
    fields = {
        (vol.Required if name in NEEDED else vol.Optional)(name): (
            _SECRET if name in SECRETS else _TEXT
        )
        for name in FIELDS_OF[kind]
    }
    return vol.Schema(
        {
            **fields,
            vol.Required(CONF_SCHEMAS, default=[Schema.STANDARD.value]): _SCHEMAS,
            vol.Optional(CONF_EXTRA_TAGS): _TEXT,
        }
    )


def shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form may show of the options: no password, no token."""
    public = {name: value for name, value in stored.items() if name not in SECRETS}
    if public.get(CONF_ASK_KIND):
        public[CONF_KIND] = KIND_AUTO
    if CONF_EXTRA_TAGS in public:
        public[CONF_EXTRA_TAGS] = tags_text(public[CONF_EXTRA_TAGS])
    return public


async def async_find_server(
    hass: HomeAssistant, typed: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the server's options, its kind found out; raise InfluxError."""
    url = _url(typed.get(CONF_URL, ""))
    session = async_get_clientsession(hass, verify_ssl=typed[CONF_VERIFY_SSL])
    kind = typed[CONF_KIND]
    token = stored.get(CONF_TOKEN, "") if url == stored.get(CONF_URL) else ""
    try:
        found = await find_kind(session, url, token=token)
    except TargetError as err:
        # A proxy may let nothing but writes through; then the user knows better.
        if err.problem in _UNREACHABLE:
            raise _form_error(err, None) from err
        if kind == KIND_AUTO:
            raise _unknown_kind(err) from err
    else:
        kind = found.value if kind == KIND_AUTO else kind
    return {
        CONF_ENABLED: True,
        CONF_URL: url,
        CONF_KIND: kind,
        CONF_ASK_KIND: typed[CONF_KIND] == KIND_AUTO,
        CONF_VERIFY_SSL: typed[CONF_VERIFY_SSL],
    }


async def async_prove(
    hass: HomeAssistant,
    server: Mapping[str, Any],
    typed: Mapping[str, Any],
    stored: Mapping[str, Any],
) -> dict[str, Any]:
    """Return complete options that the server has accepted; raise InfluxError."""
    kind = ServerKind(server[CONF_KIND])
    options = {**server, **_fields(kind, typed), **_kept(server, typed, stored)}
    if not typed[CONF_SCHEMAS]:
        raise InfluxError(CONF_SCHEMAS, "influxdb_schema_needed")
    try:
        options[CONF_EXTRA_TAGS] = parse_tags(typed.get(CONF_EXTRA_TAGS, ""))
    except TagsError as err:
        raise InfluxError(CONF_EXTRA_TAGS, "influxdb_invalid_tags") from err
    options[CONF_SCHEMAS] = [s.value for s in Schema if s.value in typed[CONF_SCHEMAS]]
    session = async_get_clientsession(hass, verify_ssl=server[CONF_VERIFY_SSL])
    try:
        await check_target(session, target_of(options))
    except TargetError as err:
        raise _form_error(err, kind) from err
    return options


def _url(text: str) -> str:
    """Return the server's address; credentials have fields of their own."""
    try:
        return clean_url(text)
    except ValueError as err:
        raise InfluxError(CONF_URL, "influxdb_invalid_url") from err


def _fields(kind: ServerKind, typed: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed, without what was left empty."""
    stripped = {
        name: value if name == CONF_PASSWORD else value.strip()
        for name in FIELDS_OF[kind]
        if (value := typed.get(name))
    }
    return {name: value for name, value in stripped.items() if value}


def _kept(
    server: Mapping[str, Any], typed: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, str]:
    """Return the secrets that stay as they were: never for another server or user."""
    same = all(server[key] == stored.get(key) for key in (CONF_URL, CONF_KIND))
    if not same or typed.get(CONF_USERNAME, "") != stored.get(CONF_USERNAME, ""):
        return {}
    return {key: stored[key] for key in SECRETS & stored.keys() if not typed.get(key)}


def _unknown_kind(err: TargetError) -> InfluxError:
    """Ask the user where the server keeps its kind to itself."""
    if err.problem is TargetProblem.INVALID_AUTH:
        return InfluxError(CONF_KIND, "influxdb_kind_unknown")
    return _form_error(err, None)


def _form_error(err: TargetError, kind: ServerKind | None) -> InfluxError:
    """Say what the server's answer means for the form: by status, never by text."""
    problem = err.problem
    field = _FIELD_OF.get(problem, BASE)
    if problem is TargetProblem.INVALID_AUTH and kind:
        field = CONF_PASSWORD if kind is ServerKind.V1 else CONF_TOKEN
    elif problem is TargetProblem.DATABASE_NOT_FOUND:
        field = CONF_BUCKET if kind is ServerKind.V2 else CONF_DATABASE
    return InfluxError(field, f"influxdb_{problem.value}", err.detail)
