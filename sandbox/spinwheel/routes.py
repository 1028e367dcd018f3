"""Spinwheel's addresses, behind its key; every answer in its envelope."""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, request

from sandbox.spinwheel import people
from sandbox.spinwheel.connections import RESEND_AFTER, Json, user_json
from sandbox.spinwheel.errors import Refused, envelope
from sandbox.wire import read_json, write_json
from sandbox.world import World

PREFIX = "/spinwheel"


def mount(app: Flask, world: World) -> None:
    """Add Spinwheel's endpoints to the application."""
    spinwheel = Blueprint("spinwheel", __name__, url_prefix=f"{PREFIX}/v1")
    ours = world.spinwheel

    def add(method: str, path: str, act: Callable[..., tuple[int, Json]]) -> None:
        def answer(**named: str) -> Response:
            return _answer(world, path, lambda: act(**named))

        for number, address in enumerate((path, f"{path}/")):
            name = f"{method} {path} {number}"
            spinwheel.add_url_rule(address, name, answer, methods=[method])

    def verify(user_id: str) -> tuple[int, Json]:
        return 200, ours.verify(user_id, _read_body())

    add("POST", "/users/connect/sms", lambda: (201, ours.connect(_read_body())))
    add("POST", "/users/<user_id>/connect/sms/verify", verify)
    preverified = "/users/connect/preverified/phoneNumber"
    add("POST", preverified, lambda: (200, ours.connect_preverified(_read_body())))
    add("GET", "/users", lambda: (200, user_json(ours.user(request.args.get("userId", "")))))
    add("GET", "/users/<user_id>", lambda user_id: (200, user_json(ours.user(user_id))))
    add("DELETE", "/users/<user_id>", lambda user_id: (200, ours.forget(user_id)))
    for address in ("/", "/<path:rest>"):
        spinwheel.add_url_rule(
            address,
            f"nothing {address}",
            lambda rest="": _answer(world, "elsewhere", _nothing_here),
            methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        )
    app.register_blueprint(spinwheel)


def _answer(world: World, path: str, act: Callable[[], tuple[int, Json]]) -> Response:
    with world.turn(changes=request.method != "GET"):
        world.calls[f"{request.method} {PREFIX}/v1{path}"] += 1
        try:
            _check_key(world)
            status, data = act()
            body = envelope(status, data=data)
        except Refused as refused:
            status, body = refused.status, refused.body()
    headers = {"X-Request-Id": str(uuid.uuid4())}
    if status == 429:
        headers["Retry-After"] = str(int(RESEND_AFTER.total_seconds()))
    if status == 201 and _is_slow():
        # The text is on its way already; only the answer is late.
        time.sleep(world.config.spinwheel_slow_seconds)
    return Response(write_json(body), status, headers, content_type="application/json")


def _check_key(world: World) -> None:
    sent = request.headers.get("Authorization", "")
    if not sent.startswith("Bearer "):
        raise Refused("UNAUTHORIZED")
    if not hmac.compare_digest(sent.encode(), f"Bearer {world.config.spinwheel_key}".encode()):
        raise Refused("UNAUTHORIZED", "The auth key is not valid.")


def _read_body() -> dict[str, Any]:
    try:
        body = read_json(request.get_data())
    except (ValueError, RecursionError):
        raise Refused("BAD_REQUEST", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refused("BAD_REQUEST", "The body is not a JSON object.")
    return body


def _is_slow() -> bool:
    return people.outcome_of(str(_read_body().get("phoneNumber", ""))) == people.SLOW


def _nothing_here() -> tuple[int, Json]:
    raise Refused("NOT_FOUND")
