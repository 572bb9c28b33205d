"""When the next sign-in may be made."""

from __future__ import annotations

from collections.abc import Callable
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.envoy_local.client.backoff import (
    STEPS,
    LoginBackoff,
    LoginFailure,
)
from custom_components.envoy_local.client.exceptions import (
    CloudBackoffError,
    CloudError,
    CloudLockedError,
    CloudUnavailableError,
    CredentialsRefusedError,
    SecondFactorError,
    SerialNotOnAccountError,
)

from .tokens import NOW

HOUR = 3_600
DAY = 24 * HOUR


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _in_the_middle() -> float:
    """No jitter."""
    return 0.5


def _backoff(
    clock: Clock, on_change: Callable[[LoginBackoff], None] | None = None
) -> LoginBackoff:
    return LoginBackoff(clock=clock, spread=_in_the_middle, on_change=on_change)


def _wait(backoff: LoginBackoff, clock: Clock) -> float:
    assert backoff.retry_at is not None
    return backoff.retry_at - clock.now


def test_steps_grow_to_a_day(clock: Clock) -> None:
    backoff = _backoff(clock)
    waits = []
    for _ in range(9):
        backoff.begin()
        backoff.failed(CloudUnavailableError("down"))
        waits.append(_wait(backoff, clock))
        clock.now += waits[-1]

    assert waits == [60, 300, 900, HOUR, 4 * HOUR, 12 * HOUR, DAY, DAY, DAY]
    assert backoff.failures == 9


def test_one_attempt_for_each_step(clock: Clock) -> None:
    backoff = _backoff(clock)
    backoff.begin()
    backoff.failed(CredentialsRefusedError("wrong"))
    clock.now += 59

    with pytest.raises(CloudBackoffError, match="refused the user name") as error:
        backoff.begin()

    assert error.value.cause == LoginFailure.CREDENTIALS
    assert error.value.retry_at == clock.now + 1
    assert backoff.failures == 1
    clock.now += 1
    backoff.begin()
    assert backoff.failures == 2


def test_an_attempt_that_never_ended_counts(clock: Clock) -> None:
    stored: list[dict[str, object]] = []
    backoff = _backoff(clock, lambda changed: stored.append(changed.as_dict()))

    backoff.begin()

    after_a_crash = LoginBackoff.from_dict(stored[-1], clock=clock)
    assert after_a_crash.cause is LoginFailure.INTERRUPTED
    assert after_a_crash.is_waiting
    with pytest.raises(CloudBackoffError):
        after_a_crash.begin()
    clock.now += 66
    after_a_crash.begin()


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (CredentialsRefusedError("x"), LoginFailure.CREDENTIALS),
        (SecondFactorError("x"), LoginFailure.SECOND_FACTOR),
        (SerialNotOnAccountError("x"), LoginFailure.SERIAL),
        (CloudLockedError("x"), LoginFailure.LOCKED),
        (CloudUnavailableError("x"), LoginFailure.UNAVAILABLE),
        (CloudError("x"), LoginFailure.UNAVAILABLE),
    ],
)
def test_cause_survives_a_restart(
    clock: Clock, error: CloudError, cause: LoginFailure
) -> None:
    backoff = _backoff(clock)
    backoff.begin()
    backoff.failed(error)

    stored = json.loads(json.dumps(backoff.as_dict()))
    again = LoginBackoff.from_dict(stored, clock=clock)

    assert again.cause is cause
    assert again.retry_at == backoff.retry_at
    assert again.failures == backoff.failures


def test_a_lock_out_waits_for_an_hour_at_least(clock: Clock) -> None:
    backoff = _backoff(clock)
    backoff.begin()
    backoff.failed(CloudLockedError("locked"))

    assert _wait(backoff, clock) == HOUR
    clock.now += HOUR
    backoff.begin()
    backoff.failed(CloudLockedError("locked"))
    assert _wait(backoff, clock) == 4 * HOUR


def test_a_success_forgets_everything_and_says_so_once(clock: Clock) -> None:
    changes: list[dict[str, object]] = []
    backoff = _backoff(clock, lambda changed: changes.append(changed.as_dict()))
    backoff.begin()
    backoff.failed(CloudUnavailableError("down"))

    backoff.succeeded()
    backoff.succeeded()

    assert changes[-1] == {"failures": 0, "retry_at": None, "cause": None}
    assert len(changes) == 3
    backoff.begin()
    assert _wait(backoff, clock) == 60


@pytest.mark.parametrize(("spread", "wait"), [(0.0, 54), (1.0, 66)])
def test_jitter_is_a_tenth(clock: Clock, spread: float, wait: float) -> None:
    backoff = LoginBackoff(clock=clock, spread=lambda: spread)
    backoff.begin()

    assert _wait(backoff, clock) == pytest.approx(wait)


def test_a_clock_that_was_wrong_is_not_waited_for(clock: Clock) -> None:
    backoff = _backoff(clock)
    clock.now += 30 * DAY
    backoff.begin()
    clock.now -= 30 * DAY

    assert not backoff.is_waiting
    backoff.begin()


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "later",
        {},
        {"failures": 3},
        {"failures": "3", "retry_at": NOW, "cause": "interrupted"},
        {"failures": -3, "retry_at": NOW, "cause": "interrupted"},
        {"failures": 10**9, "retry_at": NOW, "cause": "interrupted"},
        {"failures": 3, "retry_at": "soon", "cause": "interrupted"},
        {"failures": 3, "retry_at": float("nan"), "cause": "interrupted"},
        {"failures": 3, "retry_at": float("inf"), "cause": "interrupted"},
        {"failures": 3, "retry_at": NOW, "cause": "solar flare"},
        {"failures": 3, "retry_at": NOW, "cause": None},
    ],
)
def test_unreadable_is_fresh(clock: Clock, stored: object) -> None:
    backoff = LoginBackoff.from_dict(stored, clock=clock)

    assert backoff.as_dict() == _backoff(clock).as_dict()
    backoff.begin()


@given(
    st.dictionaries(
        st.sampled_from(["failures", "retry_at", "cause"]),
        st.none() | st.integers() | st.floats() | st.sampled_from(list(LoginFailure)),
    )
)
def test_whatever_is_stored_never_stops_us_for_longer_than_a_day(
    stored: dict[str, object],
) -> None:
    clock = Clock()
    backoff = LoginBackoff.from_dict(stored, clock=clock)
    clock.now += STEPS[-1] * 1.1

    backoff.begin()

    assert backoff.failures >= 1
