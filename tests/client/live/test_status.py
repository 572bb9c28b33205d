"""When a source is asked again, and what is said of it."""

from __future__ import annotations

from itertools import product

import pytest

from custom_components.envoy_local.client.exceptions import (
    CertificateChangedError,
    CloudBackoffError,
    EnvoyBusyError,
    EnvoyConnectionError,
    EnvoyError,
    EnvoyForbiddenError,
    EnvoyNotFoundError,
    EnvoyResponseError,
    EnvoyTimeoutError,
    LocalCredentialsError,
    TokenRefusedError,
)
from custom_components.envoy_local.client.live.status import (
    SourceRecord,
    StandsStillError,
)
from custom_components.envoy_local.client.live.words import in_words
from custom_components.envoy_local.client.models.live import (
    LiveSource,
    LiveStatus,
    Verdict,
)

_DAY = 86_400


def _record(random: float = 1.0) -> SourceRecord:
    return SourceRecord(first=1, longest=45, still=900, random=lambda: random)


@pytest.mark.parametrize(
    ("error", "verdict", "pause"),
    [
        (EnvoyForbiddenError(""), Verdict.REFUSED, 300),
        (LocalCredentialsError(""), Verdict.REFUSED, 300),
        (EnvoyNotFoundError(""), Verdict.ABSENT, 300),
        (EnvoyTimeoutError(""), Verdict.SILENT, 1),
        (StandsStillError(""), Verdict.SILENT, 900),
        (EnvoyConnectionError(""), Verdict.FAILING, 1),
        (EnvoyBusyError(""), Verdict.FAILING, 1),
        (EnvoyResponseError(""), Verdict.FAILING, 1),
        (CertificateChangedError(pinned="", found=""), Verdict.FAILING, 1),
        (TokenRefusedError(""), Verdict.FAILING, 300),
        (CloudBackoffError(cause="", last_time="", retry_at=0), Verdict.FAILING, 300),
    ],
    ids=lambda value: type(value).__name__,
)
def test_first_failure(error: EnvoyError, verdict: Verdict, pause: float) -> None:
    record = _record()

    assert record.failed(error) == pause
    assert record.verdict is verdict
    assert record.is_locked_out == isinstance(
        error, TokenRefusedError | CloudBackoffError
    )


def test_waits_double_up_to_a_limit_for_ever() -> None:
    record = _record()

    waits = [record.failed(EnvoyBusyError("")) for _ in range(2000)]

    assert waits[:8] == [1, 2, 4, 8, 16, 32, 45, 45]
    assert waits[-1] == 45


def test_waits_are_scattered() -> None:
    record = _record(random=0.5)

    waits = [record.failed(EnvoyBusyError("")) for _ in range(7)]

    assert waits == [1, 1, 2, 4, 8, 16, 22.5]


def test_only_a_good_minute_makes_the_next_failure_the_first() -> None:
    record = _record()
    for _ in range(5):
        record.failed(EnvoyBusyError(""))

    record.succeeded(100)
    record.succeeded(159)
    assert record.failures == 0
    assert record.failed(EnvoyBusyError("")) == 32

    record.succeeded(300)
    record.succeeded(360)
    assert record.failed(EnvoyBusyError("")) == 1


@pytest.mark.parametrize("error", [EnvoyForbiddenError(""), EnvoyNotFoundError("")])
def test_a_no_is_doubted_once_and_then_believed_for_a_day(error: EnvoyError) -> None:
    record = _record()

    assert [record.failed(error) for _ in range(4)] == [300, _DAY, _DAY, _DAY]
    assert record.is_out


@pytest.mark.parametrize("error", [EnvoyForbiddenError(""), EnvoyNotFoundError("")])
def test_a_no_of_what_worked_is_doubted_longer(error: EnvoyError) -> None:
    record = _record()
    record.succeeded(0)

    assert [record.failed(error) for _ in range(4)] == [1, 2, 300, _DAY]


def test_the_next_best_steps_in_after_three_failures() -> None:
    record = _record()
    record.succeeded(0)

    outs = []
    for _ in range(3):
        record.failed(EnvoyBusyError(""))
        outs.append(record.is_out)
    record.succeeded(10)

    assert outs == [False, False, True]
    assert not record.is_out


def test_the_next_best_stays_whatever_fails_next() -> None:
    record = _record()
    record.failed(EnvoyForbiddenError(""))

    record.failed(EnvoyBusyError(""))
    assert record.is_out
    record.verdict = Verdict.NOT_ASKED
    assert record.is_out

    record.succeeded(10)
    assert not record.is_out


@pytest.mark.parametrize(
    ("source", "stream", "livedata", "role"),
    product(LiveSource, Verdict, Verdict, ["owner", None]),
)
def test_everything_can_be_said(
    source: LiveSource, stream: Verdict, livedata: Verdict, role: str | None
) -> None:
    status = LiveStatus(source=source, stream=stream, livedata=livedata, role=role)

    sentence = in_words(status)

    assert sentence[0].isupper()
    assert "{" not in sentence
    assert "None" not in sentence


def test_words_for_a_refused_owner() -> None:
    status = LiveStatus(
        source=LiveSource.LIVEDATA,
        stream=Verdict.REFUSED,
        livedata=Verdict.WORKS,
        role="owner",
    )

    assert in_words(status) == (
        "Live power comes from the gateway's live data: "
        "the gateway refuses the stream to the role owner"
    )
