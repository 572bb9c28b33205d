"""Carry out a fault on one request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from .answers import Answer, booting, error_page
from .faults import Fault
from .server import LoopbackServer, to_response

_PAGE = b"<!DOCTYPE html><html><head><title>Enphase</title></head><body></body></html>"


def instead(fault: Fault | None) -> Answer | None:
    """Return what a fault answers without any processing; None when it needs some."""
    if fault is None:
        return None
    if fault.kind == "status":
        return booting() if fault.status == 503 else error_page(fault.status)
    if fault.kind == "html":
        return Answer(body=_PAGE, status=fault.status, content_type="text/html")
    if fault.kind == "body":
        return Answer(
            body=fault.body, status=fault.status, content_type=fault.content_type
        )
    if fault.kind == "empty":
        return Answer(body=b"")
    return None


async def respond(
    request: web.Request,
    server: LoopbackServer,
    fault: Fault | None,
    process: Callable[[float], Awaitable[Answer | web.StreamResponse]],
) -> web.StreamResponse:
    """Answer under `fault`; `process(extra_seconds)` makes the right answer.

    An answer that is already on its way, a stream, has dealt with the fault itself.
    """
    if (other := instead(fault)) is not None:
        return to_response(other)
    if fault is not None and fault.kind == "hang":
        await server.hang()
    if fault is not None and fault.kind == "reset" and fault.keep_bytes is None:
        return _abort(request, web.Response())
    answer = await process(0.0 if fault is None else fault.seconds)
    if isinstance(answer, web.StreamResponse):
        return answer
    return await _spoil(request, fault, answer)


async def _spoil(
    request: web.Request, fault: Fault | None, answer: Answer
) -> web.StreamResponse:
    if fault is None:
        return to_response(answer)
    half = len(answer.body) // 2
    keep = half if fault.keep_bytes is None else fault.keep_bytes
    if fault.kind == "truncated":
        return to_response(_cut(answer, keep))
    if fault.kind == "reset":
        return await _abort_inside(request, answer, keep)
    return to_response(answer)


def _cut(answer: Answer, keep: int) -> Answer:
    return Answer(
        body=answer.body[:keep],
        status=answer.status,
        content_type=answer.content_type,
        chunked=answer.chunked,
        close=answer.close,
    )


def _abort[T: web.StreamResponse](request: web.Request, response: T) -> T:
    if request.transport is not None:
        request.transport.abort()
    return response


async def _abort_inside(
    request: web.Request, answer: Answer, keep: int
) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[:keep])
    return _abort(request, response)
