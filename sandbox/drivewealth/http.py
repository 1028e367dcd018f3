"""The door every DriveWealth request comes through: headers, session, idempotency, errors."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Request, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from sandbox.drivewealth import links, oddities
from sandbox.drivewealth.auth import check_token
from sandbox.drivewealth.call import Call, Route
from sandbox.drivewealth.errors import Refusal
from sandbox.faults import too_many_requests
from sandbox.idempotency import KeyReused
from sandbox.wire import read_json, read_moment, write_json
from sandbox.world import World

SHORTEST_KEY = 16
OLDEST_TIMESTAMP = timedelta(days=4)
# Clocks differ a little.
FUTURE_ALLOWED = timedelta(minutes=5)
WRONG_APP_KEY = "Client App Key header invalid. Contact tech support."
# The window of the rate limit.
THROTTLED_SECONDS = 1
WRITES = ("POST", "PATCH")

Answer = tuple[int, str]


def view(world: World, route: Route) -> Callable[..., BaseResponse]:
    """Return the Flask view of one endpoint."""

    def answer(**path: str) -> BaseResponse:
        app_key = request.headers.get("dw-client-app-key", "")
        with world.lock:
            world.calls[f"{route.method} {route.path}"] += 1
            allowed = world.throttle.allows(app_key)
        if app_key and not hmac.compare_digest(app_key.encode(), world.config.app_key.encode()):
            # Plain text, as was seen from the vendor's own sandbox.
            return _respond(400, WRONG_APP_KEY, "text/plain")
        if not allowed:
            return too_many_requests(THROTTLED_SECONDS)
        with world.turn(changes=route.method != "GET"):
            try:
                return _respond(*_act(world, route, request, path))
            except Refusal as refusal:
                return _respond(refusal.status, write_json(refusal.body()))

    return answer


def file_view(world: World, token: str) -> Response:
    """Answer a short-lived address: the file, or 403 as an expired signature gets."""
    with world.turn():
        file = links.read(world.drivewealth, token)
    if file is None:
        return Response("The link has expired.\n", 403, content_type="text/plain")
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(file[0], 200, headers, content_type=file[1])


def respond_not_found(error: HTTPException) -> Response | HTTPException:
    """Answer for a path or method the vendor does not have; other paths are not ours."""
    if not request.path.startswith("/drivewealth/"):
        return error
    refusal = Refusal("E050" if error.code == 404 else "E035", status=error.code)
    return _respond(refusal.status, write_json(refusal.body()))


def _act(world: World, route: Route, asked: Request, path: Mapping[str, str]) -> Answer:
    _check_headers(world, asked)
    if not route.public:
        check_token(world.drivewealth, asked.headers.get("Authorization", ""))
    body = _read_body(asked) if route.method in WRITES else {}
    call = Call(path, asked.args, body, asked.host_url.rstrip("/"))
    key = asked.headers.get("Idempotency-Key")
    if route.method != "POST" or route.public or key is None:
        return route.status, _answer(world, route, call, asked.path)
    return _act_once(world, route, call, key, asked)


def _act_once(world: World, route: Route, call: Call, key: str, asked: Request) -> Answer:
    """Act under an idempotency key. The world's lock makes a simultaneous repeat wait."""
    if len(key) < SHORTEST_KEY:
        raise Refusal("IK010")
    scope = f"{asked.headers['dw-client-app-key']} {asked.path}"
    canonical = write_json(_sorted(call.body))
    try:
        remembered = world.idempotency.recall(scope, key, canonical)
    except KeyReused:
        raise Refusal("IK025") from None
    if remembered is not None:
        return remembered.status, remembered.body
    try:
        status, body = route.status, _answer(world, route, call, asked.path)
    except Refusal as refusal:
        status, body = refusal.status, write_json(refusal.body())
    world.idempotency.remember(scope, key, canonical, status, body)
    return status, body


def _answer(world: World, route: Route, call: Call, path: str) -> str:
    """Return a good answer, cut to what is documented where that was asked for."""
    broker = world.drivewealth
    told = broker.answers.answer(route.method, route.path, route.handle(broker, call))
    if route.method == "GET":
        told = oddities.spoil(broker, path, told)
    return write_json(told)


def _check_headers(world: World, asked: Request) -> None:
    if not asked.headers.get("dw-client-app-key"):
        raise Refusal("H050")
    sent = asked.headers.get("dw-request-timestamp")
    if sent is None:
        return
    try:
        at = read_moment(sent)
    except ValueError:
        raise Refusal("E015").naming("dw-request-timestamp", "DATE") from None
    now = world.clock.now()
    if at < now - OLDEST_TIMESTAMP:
        raise Refusal("E005")
    if at > now + FUTURE_ALLOWED:
        raise Refusal("E006")


def _read_body(asked: Request) -> dict[str, Any]:
    text = asked.get_data()
    if not text.strip():
        raise Refusal("E010")
    try:
        body = read_json(text)
    except (ValueError, RecursionError):
        raise Refusal("E025").naming("body", "OBJECT", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refusal("E025").naming("body", "OBJECT", "the body is not a JSON object")
    return body


def _sorted(value: Any) -> Any:
    """Return a body with its keys in order, so that order alone does not make it different."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def _respond(status: int, body: str, content_type: str = "application/json") -> Response:
    response = Response(body, status, content_type=content_type)
    response.headers["dw-request-id"] = f"request_{uuid.uuid4()}"
    return response
