"""How an endpoint of `/api/v1/` is described in the published schema."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from core.api import RefusalOut
from core.problems import MEDIA_TYPE

Decorator = Callable[[Any], Any]
NOTHING_SENT: Any = object()


class ProblemOut(RefusalOut):
    """RFC 9457. `code` is stable; `detail` is a sentence for a person."""

    request_id = serializers.CharField(help_text="Tell it to support")


PROBLEMS = {
    400: "`invalid`, `parse_error` or a code of its own: what was sent can not be used; `fields`"
    " names each fault.",
    401: "`not_authenticated`, `invalid_key`, `two_keys`, `revoked_key`, `expired_key`,"
    " `expired_token`: no key or token that works.",
    403: "`insufficient_scope`, `tenant_suspended`: the key may not do this.",
    404: "`not_found`: no such row of this company and mode, or none that this token may touch.",
    405: "`method_not_allowed`",
    406: "`not_acceptable`: answers are JSON.",
    409: "Not in the present state of things; `code` says why.",
    413: "`too_large`: the body has more than 256 KB.",
    415: "`unsupported_media_type`: bodies are JSON.",
    422: "Understood and refused; `code` says why.",
    429: "`throttled` or a code of its own: come again after `Retry-After` seconds.",
    500: "`internal_error`: our mistake. Tell support the `request_id`.",
    503: "`vendor_unavailable`: whom we asked does not answer. Repeating the request is safe.",
}
ALWAYS = (401, 403, 404, 405, 406, 429, 500)
WITH_BODY = (400, 413, 415)
RATE = {
    "RateLimit-Limit": "Requests of this key in a window",
    "RateLimit-Remaining": "How many of them are left",
    "RateLimit-Reset": "Seconds until the next window",
}


def described(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    answer: Any,
    status: int = 200,
    asked: Any = NOTHING_SENT,
    refusals: Sequence[int] = (),
    example: Any = None,
    sent: Any = None,
) -> Decorator:
    """Describe a method; its docstring is the long text.

    :param answer: the serializer of what it answers, with `status`
    :param asked: the serializer of its body
    :param refusals: statuses beside those every endpoint has
    :param example: an answer, and `sent` a body
    """
    has_body = asked is not NOTHING_SENT
    statuses = sorted({*ALWAYS, *refusals, *(WITH_BODY if has_body else ())})
    if 422 in refusals and 400 not in statuses:
        statuses.insert(0, 400)  # of an `Idempotency-Key` that is none
    responses: dict[Any, Any] = {status: OpenApiResponse(answer, description=summary)}
    for number in statuses:
        responses[number, MEDIA_TYPE] = OpenApiResponse(ProblemOut, description=PROBLEMS[number])
    examples = []
    if sent is not None:
        examples.append(OpenApiExample("Request", sent, request_only=True))
    if example is not None:
        examples.append(
            OpenApiExample("Answer", example, response_only=True, status_codes=[str(status)])
        )
    decorator: Decorator = extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        request=asked if has_body else None,
        responses=responses,
        examples=examples,
        parameters=_list_headers(status, statuses),
    )
    return decorator


def _list_headers(status: int, refusals: Sequence[int]) -> list[OpenApiParameter]:
    """Return the headers of answers, each where it can come."""
    later = [number for number in refusals if number in {409, 429, 503}]
    told = {name: (text, [status, 429]) for name, text in RATE.items()}
    told["Retry-After"] = ("Seconds after which to ask again, where that helps", later)
    return [
        OpenApiParameter(
            name, OpenApiTypes.INT, OpenApiParameter.HEADER, response=statuses, description=text
        )
        for name, (text, statuses) in told.items()
    ]
