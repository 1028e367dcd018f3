"""`python -m bench.prefill`: from a verified phone to the filled form, and what its calls cost.

A company's server goes through `/api/v1/` on the site's own server, with vendors that answer after
300 ms each. By Layer: from the public token in its hands to the filled form in its hands. By text
message: from the code to the form. Bare: the same vendor calls, one after the other, over one kept
connection and with nothing else. Then `phone/verify` alone, by numbers of many people at once.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import requests

from bench._http import Load, make_post, send
from demo.processes import Broken, Stack

ROUNDS = 5
VENDOR_SECONDS = 0.3
EVERYTHING = "+14155550011"  # Layer's fullest person
BORN = "1985-06-15"
CODE = "123456"
NUMBERS = 60  # of `phone/verify`
AT_ONCE = 4
GOAL_SECONDS, GOAL_COVERAGE = 5.0, Decimal("0.8")
PLAID = {"PLAID-CLIENT-ID": "sandbox-plaid-client", "PLAID-SECRET": "sandbox-plaid-secret"}
SPINWHEEL = {"Authorization": "Bearer sandbox-spinwheel-key"}
SCOPES = ["phone", "plaid", "prefill", "users:read", "users:write"]
Json = Any


class BenchStack(Stack):
    """Site, worker's absence and the practice vendors."""

    def __init__(self) -> None:
        super().__init__("bench")
        self.environment |= {
            "LOG_LEVEL": "WARNING",
            "TENANT_API_RATE": "1000000/min",
        }


class Caller:
    """Somebody who speaks JSON over one kept connection."""

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(headers)

    def ask(self, method: str, path: str, body: Json = None) -> Json:
        """Return the answer.

        :raises Broken: it is no success
        """
        key = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        answer = self.session.request(method, self.base + path, json=body, headers=key, timeout=60)
        if not answer.ok:
            raise Broken(f"{path} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json(parse_float=Decimal) if answer.content else {}

    def post(self, path: str, /, **body: Json) -> Json:
        return self.ask("POST", path, body)


class Scene:
    """The company's server, the person's browser, and the vendors behind both."""

    def __init__(self, stack: BenchStack, key: str) -> None:
        self.server = Caller(f"{stack.site}/api/v1/", {"Authorization": f"Bearer {key}"})
        self.window = Caller(f"{stack.sandbox}/plaid-ui/", {})
        self.plaid = Caller(f"{stack.sandbox}/plaid/", PLAID)
        self.spinwheel = Caller(f"{stack.sandbox}/spinwheel/v1/", SPINWHEEL)
        self.control = Caller(f"{stack.sandbox}/_sandbox/", {})
        self.people = 0

    def slow_vendors(self, seconds: float) -> None:
        """Have every vendor's call answered after so long; the person's window is not slowed."""
        self.control.ask("DELETE", "faults")
        if seconds:
            for path in ("/plaid/*", "/spinwheel/*"):
                self.control.post("faults", path=path, kind="delay", seconds=seconds, times=None)

    def new_number(self) -> str:
        """Return a number nobody had yet; each is another person to the practice Spinwheel."""
        self.people += 1
        return f"+1{303 + self.people // 100}555{4000 + self.people % 100:04d}"

    def pass_layer(self, token: str) -> str:
        """Be the person: phone, code, consent; return the public token."""
        self.window.post("submit", token=token, phone_number=EVERYTHING)
        self.window.post("otp", token=token, code=CODE)
        public: str = self.window.post("finish", token=token)["public_token"]
        return public

    def vendor_calls(self) -> int:
        """Return how many calls the vendors were asked, the window's not counted."""
        calls = self.control.ask("GET", "state")["calls"]
        return sum(n for name, n in calls.items() if "/plaid-ui" not in name)


# --- by Layer -------------------------------------------------------------------------------------


def fill_by_layer(scene: Scene) -> tuple[float, int, Decimal]:
    """Return seconds from the public token to the form, vendor calls in it, and the coverage."""
    user = scene.server.post("users")["user_id"]
    token = scene.server.post("plaid/link-token", user_id=user, kind="layer")["link_token"]
    public = scene.pass_layer(token)
    before, started = scene.vendor_calls(), time.perf_counter()
    scene.server.post("plaid/exchange-token", user_id=user, public_token=public)
    form = scene.server.ask("GET", f"prefill/{user}")
    seconds = time.perf_counter() - started
    return seconds, scene.vendor_calls() - before, Decimal(form["coverage"])


def ask_by_layer(scene: Scene) -> tuple[float, int]:
    """Return seconds and number of the same calls to Plaid alone."""
    person = {"template_id": "template_bench", "user": {"client_user_id": "bench"}}
    token = scene.plaid.post("session/token/create", **person)["link"]["link_token"]
    public = scene.pass_layer(token)
    started, calls = time.perf_counter(), 1
    for item in scene.plaid.post("user_account/session/get", public_token=public)["items"]:
        access = {"access_token": item["access_token"]}
        for path in ("item/get", "accounts/get", "identity/get"):
            scene.plaid.post(path, **access)
            calls += 1
    return time.perf_counter() - started, calls


# --- by text message ------------------------------------------------------------------------------


def fill_by_text(scene: Scene) -> tuple[float, int, Decimal]:
    """Return seconds from the code to the form, vendor calls in it, and the coverage."""
    asked = verify_body(scene, scene.new_number())
    session = scene.server.post("phone/verify", **asked)
    before, started = scene.vendor_calls(), time.perf_counter()
    scene.server.post("phone/confirm", session_id=session["session_id"], verification_code=CODE)
    form = scene.server.ask("GET", f"prefill/{session['user_id']}")
    seconds = time.perf_counter() - started
    return seconds, scene.vendor_calls() - before, Decimal(form["coverage"])


def ask_by_text(scene: Scene) -> tuple[float, int]:
    """Return seconds and number of the same calls to Spinwheel alone."""
    person = {"phoneNumber": scene.new_number(), "dateOfBirth": BORN, "extUserId": "bench"}
    user = scene.spinwheel.post("users/connect/sms", **person)["data"]["userId"]
    started = time.perf_counter()
    scene.spinwheel.post(f"users/{user}/connect/sms/verify", code=CODE)
    return time.perf_counter() - started, 1


def verify_body(scene: Scene, number: str) -> dict[str, Json]:
    """Return what `phone/verify` is asked with."""
    text = scene.server.ask("GET", "phone/consent-text")
    consent = {"accepted": True, "text_version": text["text_version"]}
    return {"phone_number": number, "date_of_birth": BORN, "consent": consent}


def measure_verify(stack: BenchStack, scene: Scene, key: str) -> Load:
    """Ask for codes for many numbers, some at once."""
    address = f"{stack.site}/api/v1/phone/verify"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    bodies = [verify_body(scene, scene.new_number()) for _n in range(NUMBERS)]
    posts = [
        make_post(address, json.dumps(body).encode(), headers | {"Idempotency-Key": str(uuid4())})
        for body in bodies
    ]
    return send(address, posts, connections=AT_ONCE)


# --- the whole ------------------------------------------------------------------------------------


def main() -> int:
    """Return 0 where all was measured and the goals are met."""
    stack = BenchStack()
    try:
        with stack.running(worker=False):
            key = make_key(stack)
            print(measure(stack, Scene(stack, key), key))
    except Broken as reason:
        print(f"The benchmark stopped: {reason}", file=sys.stderr)
        return 1
    return 0


def make_key(stack: BenchStack) -> str:
    """Make a company with everything allowed, and return its test key."""
    import os
    from uuid import uuid4

    os.environ |= stack.environment | {"DJANGO_SETTINGS_MODULE": "stocksprout.settings"}
    import django

    django.setup()
    from accounts.models import User
    from core import clock
    from tenants.models import Membership, Tenant
    from tenants.operations import create_key, make_tenant

    User.objects.create_user("developer@company.example")
    tenant = make_tenant(
        slug="company", name="Company", admin_email="developer@company.example",
        by="bench", at=clock.now(),
    )  # fmt: skip
    Tenant.objects.filter(pk=tenant.pk).update(
        phone_enabled=True, aggregation_enabled=True,
        aggregation_products=["auth", "identity", "layer"],
    )  # fmt: skip
    asked: dict[str, Any] = {"name": "Server", "mode": "test", "scopes": SCOPES}
    member = Membership.objects.get(tenant=tenant)
    return create_key(member=member, form_key=uuid4(), at=clock.now(), **asked)[1]


def measure(stack: BenchStack, scene: Scene, key: str) -> str:
    """Print the rounds; return the line of the result.

    :raises Broken: too slow, or too little of the form was filled
    """
    print(f"Every vendor call takes {VENDOR_SECONDS * 1000:.0f} ms.")
    ours, bare = run_rounds("by Layer", scene, fill_by_layer, ask_by_layer)
    run_rounds("by text", scene, fill_by_text, ask_by_text)
    for seconds in (VENDOR_SECONDS, 0.0):
        scene.slow_vendors(seconds)
        load = measure_verify(stack, scene, key)
        p50, p95 = (load.percentile(share) * 1000 for share in (0.5, 0.95))
        print(
            f"phone/verify, {AT_ONCE} at once, vendor {seconds * 1000:.0f} ms: "
            f"median {p50:.0f} ms, p95 {p95:.0f} ms"
        )
    return f"prefill: {ours:.2f} s to the filled form | bare {bare:.2f} | ratio {bare / ours:.2f}"


def run_rounds(
    name: str,
    scene: Scene,
    fill: Callable[[Scene], tuple[float, int, Decimal]],
    ask: Callable[[Scene], tuple[float, int]],
) -> tuple[float, float]:
    """Print one way's rounds; return the medians of ours and bare, in seconds."""
    scene.slow_vendors(0)
    fill(scene)  # the first warms up: imports, connections, the bank's name
    scene.slow_vendors(VENDOR_SECONDS)
    rounds: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        seconds, calls, coverage = fill(scene)
        bare, bare_calls = ask(scene)
        print(
            f"{name:>9} {number + 1}: {seconds:.2f} s with {calls} vendor calls, bare {bare:.2f} s"
            f" with {bare_calls}, coverage {coverage:.0%}",
            flush=True,
        )
        if coverage < GOAL_COVERAGE:
            raise Broken(f"Only {coverage:.0%} of the form were filled.")
        rounds.append((seconds, bare))
    ours, bare_median = (statistics.median(column) for column in zip(*rounds, strict=True))
    if ours > GOAL_SECONDS:
        raise Broken(f"It took {ours:.1f} s, more than {GOAL_SECONDS:.0f}.")
    return ours, bare_median


if __name__ == "__main__":
    sys.exit(main())
