"""Plaid's addresses: the partner's under /plaid/, the browser window's under /plaid-ui/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from sandbox.plaid import items, link, oauth, tokens, webhooks
from sandbox.plaid.call import Call, Handle, Json
from sandbox.plaid.errors import PlaidError, new_request_id
from sandbox.wire import read_json, write_json
from sandbox.world import World

PREFIX = "/plaid"
UI_PREFIX = "/plaid-ui"
SCRIPT = Path(__file__).with_name("static") / "link-initialize.js"
# The window runs in the partner's page, which is another origin.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "600",
}

ENDPOINTS: dict[str, Handle] = {
    "/session/token/create": tokens.create_session,
    "/user_account/session/get": tokens.get_session,
    "/link/token/create": tokens.create_link,
    "/link/token/get": tokens.get_link,
    "/item/public_token/exchange": tokens.exchange,
    "/sandbox/public_token/create": tokens.create_public_token,
    "/item/get": items.get_item,
    "/item/remove": items.remove_item,
    "/item/webhook/update": items.update_webhook,
    "/accounts/get": items.get_accounts,
    "/accounts/balance/get": items.get_accounts,
    "/auth/get": items.get_auth,
    "/identity/get": items.get_identity,
    "/transactions/sync": items.sync_transactions,
    "/processor/token/create": items.create_processor_token,
    "/institutions/get_by_id": items.get_institution,
    "/sandbox/item/reset_login": items.reset_login,
    "/sandbox/item/fire_webhook": webhooks.fire,
    "/webhook_verification_key/get": webhooks.get_key,
}


def mount(app: Flask, world: World) -> None:
    """Add Plaid's endpoints and the window's to the application."""
    plaid = Blueprint("plaid", __name__, url_prefix=PREFIX)

    def answer(path: str) -> Response:
        handle = ENDPOINTS.get(f"/{path}") if request.method == "POST" else None

        def cut(told: Json) -> Json:
            return world.plaid.answers.answer(f"/{path}", told)

        return _answer(world, f"{PREFIX}/{path}", lambda: _act(world, handle), cut)

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    plaid.add_url_rule("/<path:path>", "call", answer, methods=methods)
    app.register_blueprint(plaid)

    window = Blueprint("plaid-ui", __name__, url_prefix=UI_PREFIX)

    def window_answer(name: str) -> Response:
        if request.method == "OPTIONS":
            return Response(status=204, headers=CORS)
        response = _answer(world, f"{UI_PREFIX}/{name}", lambda: _act_in_window(world, name))
        response.headers.update(CORS)
        return response

    window.add_url_rule("/link-initialize.js", "script", _script, methods=["GET"])
    window.add_url_rule(
        "/<name>",
        "act",
        window_answer,
        methods=["POST", "OPTIONS"],
        provide_automatic_options=False,
    )
    window.add_url_rule(
        "/oauth/<state_id>",
        "oauth",
        lambda state_id: _bank_page(world, state_id),
        methods=["GET", "POST"],
    )
    app.register_blueprint(window)


def _answer(
    world: World, path: str, act: Callable[[], Json], cut: Callable[[Json], Json] | None = None
) -> Response:
    with world.turn(changes=True):
        world.calls[f"{request.method} {path}"] += 1
        try:
            status, body = 200, act() | {"request_id": new_request_id()}
            body = cut(body) if cut else body
        except PlaidError as error:
            status, body = error.status, error.body()
    return Response(write_json(body), status, content_type="application/json")


def _act(world: World, handle: Handle | None) -> Json:
    body = _read_body()
    client_id, secret = (
        str(request.headers.get(header) or body.get(name) or "")
        for header, name in (("PLAID-CLIENT-ID", "client_id"), ("PLAID-SECRET", "secret"))
    )
    world.plaid.check_client(client_id, secret)
    if handle is None:
        raise PlaidError("NOT_FOUND")
    return handle(world.plaid, Call(client_id, body))


def _act_in_window(world: World, name: str) -> Json:
    act = link.ACTIONS.get(name)
    if act is None:
        raise PlaidError("NOT_FOUND")
    return act(world.plaid, _read_body())


def _bank_page(world: World, state_id: str) -> BaseResponse:
    """Show the bank's own page, where one allows the access, and lead back from it."""
    with world.turn(changes=request.method == "POST"):
        try:
            if request.method == "POST":
                allowed = request.form.get("decision") == "allow"
                return redirect(oauth.decide(world.plaid, state_id, allowed=allowed), 303)
            shown = oauth.describe(world.plaid, state_id)
        except PlaidError as error:
            page = render_template("oauth_bank.html", shown=None)
            return Response(page, error.status)
    return Response(render_template("oauth_bank.html", shown=shown))


def _script() -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(
        SCRIPT.read_bytes(), headers=headers, content_type="text/javascript; charset=utf-8"
    )


def _read_body() -> dict[str, Any]:
    text = request.get_data()
    if not text.strip():
        return {}
    try:
        body = read_json(text)
    except (ValueError, RecursionError):
        raise PlaidError("INVALID_BODY") from None
    if not isinstance(body, dict):
        raise PlaidError("INVALID_BODY")
    return body
