"""The bank's two addresses, behind a key; a repeat under one Idempotency-Key is one order."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, request

from sandbox.bank.micro_deposits import BadDeposits, order_json
from sandbox.idempotency import KeyReused
from sandbox.wire import read_json, write_json
from sandbox.world import World

PREFIX = "/bank"
PATH = "/micro-deposits"
SHORTEST_KEY = 16
SCOPE = "bank"

Answer = tuple[int, str]


def mount(app: Flask, world: World) -> None:
    """Add the bank's endpoints to the application."""
    bank = Blueprint("bank", __name__, url_prefix=PREFIX)
    bank.add_url_rule(PATH, "order", lambda: _answer(world, _take), methods=["POST"])
    bank.add_url_rule(PATH, "find", lambda: _answer(world, _find), methods=["GET"])
    bank.add_url_rule(
        f"{PATH}/<order_id>",
        "status",
        lambda order_id: _answer(world, lambda world: _tell(world, order_id)),
        methods=["GET"],
    )
    app.register_blueprint(bank)


def _answer(world: World, act: Callable[[World], Answer]) -> Response:
    with world.turn(changes=request.method != "GET"):
        world.calls[f"{request.method} {PREFIX}{PATH}"] += 1
        try:
            _check_key(world)
            status, text = act(world)
        except BadDeposits as problem:
            status, text = problem.status, _problem(problem)
    headers = {"X-Request-Id": f"bank_{uuid.uuid4()}"}
    return Response(text, status, headers, content_type="application/json")


def _check_key(world: World) -> None:
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {world.config.bank_key}".encode()):
        raise BadDeposits("unauthorized", "The key is wrong.", 401)


def _take(world: World) -> Answer:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) < SHORTEST_KEY:
        raise BadDeposits("idempotency_key", "Idempotency-Key is required.", 400)
    body = _read_body()
    canonical = write_json({name: body[name] for name in sorted(body)})
    try:
        remembered = world.idempotency.recall(SCOPE, key, canonical)
    except KeyReused:
        message = "The key was used for another order."
        raise BadDeposits("idempotency_key_reused", message, 409) from None
    if remembered is not None:
        return remembered.status, remembered.body
    try:
        status, text = 201, write_json(order_json(world.bank.take(body)))
    except BadDeposits as problem:
        status, text = problem.status, _problem(problem)
    world.idempotency.remember(SCOPE, key, canonical, status, text)
    return status, text


def _find(world: World) -> Answer:
    """Return the orders of one reference of their sender's: one, or none."""
    reference = request.args.get("reference", "")
    if not reference:
        raise BadDeposits("reference", "reference is required.", 400)
    found = world.bank.orders.where("reference", reference)
    return 200, write_json({"orders": [order_json(order) for order in found]})


def _tell(world: World, order_id: str) -> Answer:
    return 200, write_json(order_json(world.bank.find(order_id)))


def _read_body() -> dict[str, Any]:
    try:
        body = read_json(request.get_data())
    except (ValueError, RecursionError):
        raise BadDeposits("body", "The body is not JSON.", 400) from None
    if not isinstance(body, dict):
        raise BadDeposits("body", "The body is not a JSON object.", 400)
    return body


def _problem(problem: BadDeposits) -> str:
    return write_json({"code": problem.code, "message": str(problem)})
