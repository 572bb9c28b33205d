"""What each answer means for the lines: the texts are those of real servers."""

from __future__ import annotations

import json

import pytest

from custom_components.envoy_local.influxdb.answers import (
    RECHECK,
    Action,
    Answer,
    TargetProblem,
    Verdict,
    judge,
)

NOW = 1_795_248_000.0
"""Sat, 21 Nov 2026 08:00:00 GMT."""


def judged(status: int, text: str = "", retry_after: str | None = None) -> Verdict:
    answer = Answer(status=status, text=text, retry_after=retry_after)
    return judge(answer, now=NOW)


def v1(message: str) -> str:
    return json.dumps({"error": message})


def v2(code: str, message: str) -> str:
    return json.dumps({"code": code, "message": message})


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_acknowledges(status: int) -> None:
    assert judged(status) == Verdict(action=Action.ACKNOWLEDGE)


def test_a_page_is_no_success() -> None:
    verdict = judge(Answer(status=200, text="<form>", is_html=True), now=NOW)

    assert verdict.action is Action.KEEP
    assert verdict.problem is TargetProblem.NOT_INFLUXDB


@pytest.mark.parametrize(
    ("status", "text", "problem"),
    [
        (401, v1("authorization failed"), TargetProblem.INVALID_AUTH),
        (403, v1('"r" user is not authorized to write'), TargetProblem.INVALID_AUTH),
        (404, v1('database not found: "nope"'), TargetProblem.DATABASE_NOT_FOUND),
        (
            404,
            v2("not found", 'bucket "nope" not found'),
            TargetProblem.DATABASE_NOT_FOUND,
        ),
        (404, "404 page not found", TargetProblem.NOT_INFLUXDB),
        (301, "", TargetProblem.NOT_INFLUXDB),
        (307, "", TargetProblem.NOT_INFLUXDB),
        (405, "", TargetProblem.REFUSED),
        (400, v1("database is required"), TargetProblem.REFUSED),
        (400, v1("unexpected EOF"), TargetProblem.REFUSED),
        (
            400,
            v2("invalid", "invalid precision; valid precision units are ns, us, ms"),
            TargetProblem.REFUSED,
        ),
        (
            500,
            v1("retention policy not found: nope"),
            TargetProblem.RETENTION_POLICY_NOT_FOUND,
        ),
        (
            400,
            v1("retention policy not found: nope"),
            TargetProblem.RETENTION_POLICY_NOT_FOUND,
        ),
    ],
)
def test_what_its_owner_has_to_repair_is_kept_and_tried_every_five_minutes(
    status: int, text: str, problem: TargetProblem
) -> None:
    verdict = judged(status, text)

    assert verdict.action is Action.KEEP
    assert verdict.problem is problem
    assert verdict.wait == RECHECK


def test_a_page_is_about_the_request() -> None:
    answer = Answer(status=400, text="<html>Bad Request</html>", is_html=True)

    assert judge(answer, now=NOW).action is Action.KEEP


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_kept_for_a_back_off(status: int) -> None:
    verdict = judged(status, "later")

    assert verdict.action is Action.KEEP
    assert verdict.problem is TargetProblem.UNAVAILABLE
    assert verdict.wait is None


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("30", 30),
        ("0", 1),
        ("86400", 600),
        ("9" * 400, 600),
        ("Sat, 21 Nov 2026 08:02:00 GMT", 120),
        ("Sat, 21 Nov 2026 08:02:00 -0000", 120),
        ("Sat, 21 Nov 2026 07:00:00 GMT", 1),
        ("Sun, 22 Nov 2026 08:02:00 GMT", 600),
        ("nan", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_waits_as_long_as_it_is_told(
    status: int, retry_after: str, wait: float | None
) -> None:
    assert judged(status, retry_after=retry_after).wait == wait


def test_too_much_is_halved() -> None:
    text = v2("request too large", "unable to read data: points batch is too large")

    assert judged(413, text).action is Action.HALVE


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (
            400,
            v1(
                'partial write: field type conflict: input field "v" on measurement'
                ' "m" is type integer, already exists as type float dropped=1'
            ),
        ),
        (400, v1("unable to parse 'm,a= v=1': missing tag value")),
        (400, v2("invalid", "unable to parse 'm v=': missing field value")),
        (
            422,
            v2(
                "unprocessable entity",
                "failure writing points to database: partial write: field type"
                " conflict dropped=4",
            ),
        ),
        (500, v2("internal error", "partial write: field type conflict dropped=1")),
        (400, v1("unable to parse 'm s=\"retention policy\"  v=': bad timestamp")),
        (400, "something nobody has heard of"),
        (400, "[]"),
        (400, "[" * 100_000),
    ],
)
def test_a_bad_line_is_looked_for(status: int, text: str) -> None:
    verdict = judged(status, text)

    assert verdict.action is Action.SEARCH
    assert verdict.bad_lines == ()


@pytest.mark.parametrize("status", [400, 422, 500])
def test_what_retention_refuses_is_final_and_counted(status: int) -> None:
    text = "partial write: points beyond retention policy dropped=7"

    verdict = judged(status, v1(text))

    assert verdict.action is Action.TOO_OLD
    assert verdict.too_old == 7


def test_a_refusal_by_retention_may_name_no_number() -> None:
    verdict = judged(422, v1("points are outside of the retention period"))

    assert (verdict.action, verdict.too_old) == (Action.TOO_OLD, 0)


def test_the_lines_that_a_3_x_server_names_are_taken_from_its_answer() -> None:
    data = [
        {"original_line": "m v=1i", "line_number": 3, "error_message": "invalid"},
        {"original_line": "m", "line_number": 1, "error_message": "no fields"},
        {"line_number": "two"},
        {"line_number": [1]},
        {"line_number": 0},
        "four",
    ]
    error = "partial write of line protocol occurred"

    verdict = judged(400, json.dumps({"error": error, "data": data}))

    assert verdict.action is Action.SEARCH
    assert verdict.bad_lines == (0, 2)


def test_a_line_that_is_repeated_is_left_out_of_the_detail() -> None:
    verdict = judged(
        400, v1("unable to parse 'meter,serial=1 v=': missing field value dropped=0")
    )

    assert verdict.detail == ("400: unable to parse '…': missing field value dropped=0")


def test_a_message_may_be_of_any_type() -> None:
    assert judged(400, json.dumps({"error": ["a", "b"]})).action is Action.SEARCH
