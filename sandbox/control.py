"""The operator's side: look at the world, move its clock, order faults, play the bank.

Reachable from this machine only. JSON in and out; the page's forms send the same fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from sandbox import calendars, desk, mailbox, presets
from sandbox.clock import Clock
from sandbox.drivewealth import fees, oddities
from sandbox.drivewealth.errors import Refusal
from sandbox.faults import KINDS, NEWS_KINDS, Fault
from sandbox.form import BadOrder, Order, moment, number
from sandbox.report import describe
from sandbox.wire import iso, read_json, write_json
from sandbox.world import ClockRefuses, World

PREFIX = "/_sandbox"
MOST_EVENTS = 1000
OWN_NAMES = ("127.0.0.1", "localhost", "::1")  # another name may be a page's that leads here
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
FARTHEST_STEP = 10 * 365 * 86_400
# How the page's labels call what programs send by these names.
PLAIN = {
    "advanceSeconds": "Seconds",
    "amountPerShare": "Dollars a share",
    "perOrder": "Commission an order",
    "perShare": "Commission a share",
    "regulatory": "Regulators' fees",
    "returnsAs": "A return is booked as",
    "onBankingDay": "Banking day",
    "accountNo": "Account number",
    "cashPerShare": "Cash a share",
    "basisPart": "Part of the basis",
    "which": "Which row",
    "inside": "Inside the list",
    "set": "Moment",
}
LANDMARKS = {
    "next-market-open": calendars.next_market_open,
    "next-market-close": calendars.next_market_close,
    "next-banking-day": calendars.next_banking_morning,
}


def mount(app: Flask, world: World) -> None:
    """Add the control page and its endpoints to the application."""
    control = Blueprint("control", __name__, url_prefix=PREFIX)

    @control.before_request
    def only_from_here() -> Response | None:
        if request.remote_addr is None or not ip_address(request.remote_addr).is_loopback:
            return _answer({"error": "The control pages are for this machine only."}, 403)
        # A page of another site, open in the same browser, must not move our clock.
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return _answer({"error": "Another site may not control the sandbox."}, 403)
        if urlsplit(f"//{request.host}").hostname not in OWN_NAMES:
            return _answer({"error": "Call this machine by its own name."}, 403)
        return None

    @control.after_request
    def only_ourselves(answer: Response) -> Response:
        # What is shown was written by others: no script, nothing from elsewhere.
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    def add(method: str, path: str, act: Callable[..., BaseResponse]) -> None:
        control.add_url_rule(path, f"{method} {path}".replace(".", ""), act, methods=[method])

    add("GET", "/", lambda: _page(world))
    add("GET", "/outbox/", lambda: _outbox(world))
    add("GET", "/outbox/<key>/", lambda key: _mail(world, key))
    add("GET", "/health", lambda: _answer({"status": "ok"}))
    add("GET", "/state", lambda: _answer(describe(world)))
    add("POST", "/reset", lambda: _do(lambda _: _reset(world)))
    add("GET", "/clock", lambda: _answer(_clock_json(world)))
    add("POST", "/clock", lambda: _do(lambda order: _move_clock(world, order)))
    add("GET", "/events", lambda: _do(lambda _: _events(world), read_only=True))
    add("GET", "/faults", lambda: _answer(_faults_json(world)))
    add("POST", "/faults", lambda: _do(lambda order: _order_fault(world, order)))
    add("DELETE", "/faults", lambda: _do(lambda _: _clear_faults(world), read_only=True))
    add("POST", "/faults/clear", lambda: _do(lambda _: _clear_faults(world)))
    for path, act in desk.ORDERS.items():
        add("POST", path, partial(_do_one, world, act))
    app.register_blueprint(control)


def _do(act: Callable[[Order], Order], *, read_only: bool = False) -> BaseResponse:
    """Carry out one order; a form goes back to the page, everything else gets JSON.

    A form that is refused comes back by itself, as it was filled in, with what is wrong.
    """
    try:
        answer = act({} if read_only else _read_order())
    except (BadOrder, ClockRefuses) as error:
        return _refuse({"error": str(error)}, 400)
    except Refusal as refusal:
        return _refuse({"error": refusal.message, **refusal.body()}, refusal.status)
    if request.form:
        return redirect(f"{PREFIX}/", 303)
    return _answer(answer)


def _refuse(body: Order, status: int) -> Response:
    """Say why not: to a person by a page, to a program in JSON."""
    if not (request.form or _is_person()):
        return _answer(body, status)
    fields = [
        {"name": name, "label": PLAIN.get(name, name), "value": value}
        for name, value in request.form.items()
    ]
    text = render_template(
        "refused.html", message=_in_plain_words(body["error"]), action=request.path, fields=fields
    )
    return Response(text, status, content_type="text/html; charset=utf-8")


def _in_plain_words(message: str) -> str:
    """Return a sentence that names fields as the page's labels do."""
    return re.sub(r"[A-Za-z]+", lambda word: PLAIN.get(word[0], word[0]), message)


def _is_person() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _do_one(world: World, act: desk.Act, key: str = "") -> BaseResponse:
    return _do(lambda order: act(world, key, order))


def _read_order() -> Order:
    if request.form:
        return {name: value for name, value in request.form.items() if value != ""}
    text = request.get_data()
    if not text.strip():
        return {}
    try:
        order = read_json(text)
    except ValueError as error:
        raise BadOrder("The body is not JSON.") from error
    if not isinstance(order, dict):
        raise BadOrder("The body is not a JSON object.")
    return order


def _move_clock(world: World, order: Order) -> Order:
    world.move_clock(_destination(order))
    return _clock_json(world)


def _destination(order: Order) -> Callable[[datetime], datetime]:
    """Return how the moment to go to follows from now."""
    ways = {"advanceSeconds", "set", "to"} & order.keys()
    if len(ways) != 1:
        raise BadOrder("Give exactly one of advanceSeconds, set and to.")
    if "to" in order:
        if str(order["to"]) not in LANDMARKS:
            raise BadOrder(f"to is one of {', '.join(LANDMARKS)}.")
        return LANDMARKS[str(order["to"])]
    if "set" in order:
        chosen = moment(order, "set")
        return lambda _: chosen
    seconds = number(order, "advanceSeconds", Decimal(0))
    if abs(seconds) > FARTHEST_STEP:
        raise BadOrder("That is too far.")
    return lambda now: now + timedelta(seconds=float(seconds))


def _clock_json(world: World) -> Order:
    with world.lock:
        now, clock = world.clock.now(), world.clock
        return {
            "now": iso(now),
            "offsetSeconds": _offset_seconds(clock),
            "newYork": now.astimezone(calendars.NEW_YORK).isoformat(timespec="seconds"),
            "marketOpen": calendars.is_market_open(now),
            "bankingDay": calendars.is_banking_day(calendars.new_york_day(now)),
        }


def _offset_seconds(clock: Clock) -> Decimal:
    return Decimal(clock.offset // timedelta(microseconds=1)) / 1_000_000


def _events(world: World) -> Order:
    after = int(number(dict(request.args), "after", Decimal(0)))
    limit = int(number(dict(request.args), "limit", Decimal(100)))
    with world.turn():
        events = world.outbox.after(after, max(1, min(limit, MOST_EVENTS)))
        rows = [{"sequence": event.sequence, "event": event.envelope()} for event in events]
        return {
            "events": rows,
            "next": events[-1].sequence if events else after,
            "last": world.outbox.last_sequence,
        }


def _order_fault(world: World, order: Order) -> Order:
    kind = str(order.get("kind", ""))
    if kind not in KINDS:
        raise BadOrder(f"kind is one of {', '.join(KINDS)}.")
    times = order.get("times", 1)
    fault = Fault(
        kind=kind,
        method=str(order.get("method", "*")).upper(),
        path=str(order.get("path", "*")),
        status=int(number(order, "status", Decimal(502 if kind == "html" else 500))),
        event=str(order.get("event", "*")),
        code=str(order.get("code", "")),
        seconds=float(number(order, "seconds", Decimal(60 if kind in NEWS_KINDS else 1))),
        times=None if times is None else int(number(order, "times", Decimal(1))),
    )
    if not 100 <= fault.status <= 599 or fault.seconds < 0:
        raise BadOrder("status is an HTTP status, seconds is not negative.")
    world.faults.order(fault)
    return _faults_json(world)


def _clear_faults(world: World) -> Order:
    world.faults.clear()
    return _faults_json(world)


def _faults_json(world: World) -> Order:
    return {"faults": [fault.describe() for fault in world.faults]}


def _reset(world: World) -> Order:
    world.reset()
    return {"reset": True}


def _page(world: World) -> Response:
    return _html(
        "control.html",
        world,
        clock=_clock_json(world),
        state=describe(world),
        choices=desk.CHOICES,
        answers_mode=world.drivewealth.answers.mode,
        habits=fees.habits_json(world.drivewealth.habits),
        odd=[oddities.oddity_json(one) for one in world.drivewealth.oddities],
        presets=presets,
    )


def _outbox(world: World) -> Response:
    to, mails = request.args.get("to", ""), mailbox.read_mails(world.config.mail_folder)
    addresses = sorted({address for mail in mails for address in mail.to})
    shown = mailbox.read_mails(world.config.mail_folder, to) if to else mails
    return _html("outbox.html", world, mails=shown, addresses=addresses, to=to)


def _mail(world: World, key: str) -> Response:
    mail = mailbox.find_mail(world.config.mail_folder, key)
    if mail is None:
        return _refuse({"error": "There is no such mail any more."}, 404)
    return _html("mail.html", world, mail=mail)


def _html(template: str, world: World, **context: object) -> Response:
    config = world.config
    text = render_template(
        template, site=config.site_url, has_mail=config.mail_folder is not None, **context
    )
    return Response(text, content_type="text/html; charset=utf-8")


def _answer(body: Order, status: int = 200) -> Response:
    return Response(write_json(body), status, content_type="application/json")
