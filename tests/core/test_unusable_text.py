"""Texts no database keeps, in every field of every address the site has: refused, never a crash."""

import json
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core.forms import LinesField
from core.letters import find_unusable, is_usable, with_plain_line_ends
from tests.api.calling import sign_in_by_app, with_key
from tests.cast import Family
from tests.desk.staff import give_app, make_staff
from tests.pages.reading import read
from tests.prefill.cast import make_prefilling_company

BAD_JSON = [r"\ud800", r"a\udfffb", r"\u0000", r"a\u0000b", r"\udc00\ud800"]
FREE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
MADE_UP = {"uuid": str(uuid4()), "int": "1", "slug": "stocksprout"}
METHODS = ("POST", "PUT", "PATCH", "DELETE")
FAR = pytest.mark.parametrize(
    "far", ["one of each room", pytest.param("everywhere", marks=pytest.mark.slow)]
)


def addresses(*, free: str = "x") -> Iterator[tuple[str, Any]]:
    """Return every address of the site with its view, whatever is free in it filled in."""

    def walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in resolver.url_patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield path, pattern
            else:
                yield from walk(pattern, path)

    for route, pattern in walk(get_resolver(), "/"):
        text = FREE.sub(lambda found: MADE_UP.get(found["kind"] or "str", free), route)
        if not {"^", "(", "$"} & set(text):
            yield text, pattern.callback


def addresses_as(far: str, *, free: str = "x") -> list[tuple[str, Any]]:
    """Return every address, or the first one of each room: of each first part of an address."""
    found = list(addresses(free=free))
    if far == "everywhere":
        return found
    rooms = {path.split("/")[1]: (path, view) for path, view in reversed(found)}
    return list(rooms.values())


def names_of_fields() -> list[str]:
    """Return the names of the fields of all forms of ours, and a few of the API's."""
    kinds, names = [forms.BaseForm], {"q", "period", "next", "email", "code", "uid", "token"}
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        names |= set(getattr(kind, "base_fields", {}))
    return sorted(names)


class Visitors:
    """For each address somebody who gets furthest there; nothing is raised."""

    def __init__(self, family: Family) -> None:
        user = make_staff()
        give_app(user)
        _key, text = make_prefilling_company("acme").make_key()
        self.parent, self.staff, self.nobody = family.client, Client(), Client()
        self.staff.force_login(user)
        self.app = Client(headers=sign_in_by_app("custodian@family.example").headers)
        self.company = Client(headers={"Authorization": f"Bearer {text}"})
        for client in vars(self).values():
            client.raise_request_exception = False

    def at(self, path: str) -> Client:
        doors = {
            "/admin/": self.staff,
            "/api/v1/": self.company,
            "/api/": self.app,
            "/_allauth/": self.nobody,
            "/account/": self.nobody,
        }
        return next((who for door, who in doors.items() if path.startswith(door)), self.parent)


@pytest.fixture
def visitors(family: Family, settings: Any) -> Visitors:
    settings.TENANT_API_RATE = "1000000/min"
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"user": "1000000/min"}
    }
    return Visitors(family)


def is_for_programs(path: str) -> bool:
    return path.startswith(("/api/", "/_allauth/"))


@FAR
def test_no_address_takes_them_in_its_path_or_question(visitors: Visitors, far: str) -> None:
    asked = 0
    for path, _view in addresses_as(far):
        answer = visitors.at(path).get(f"{path}?q=a%00b&period=%00&next=%00&p=%00")
        assert answer.status_code == 400, path
        assert is_for_programs(path) == (answer["Content-Type"] == "application/problem+json")
        asked += 1
    for path, _view in addresses_as(far, free="a%00b"):
        if "%00" in path:
            assert visitors.at(path).get(path).status_code == 400, path
            asked += 1
    for path, _view in addresses_as(far, free="%ED%A0%80"):
        # What came as UTF-8 but is none is read as U+FFFD, or stays as it was written.
        question = "q=%ED%A0%80&period=%ED%A0%80&next=%ED%A0%80&p=%ED%A0%80"
        assert visitors.at(path).get(f"{path}?{question}").status_code < 500, path
    assert asked > (120 if far == "everywhere" else 20)


def test_no_other_encoding_smuggles_them_in(family: Family) -> None:
    for charset in ("unicode_escape", "utf-7", "utf-16", "raw_unicode_escape", "nonesuch"):
        answer = family.client.generic(
            "GET", "/shares/?q=%5Cud800", b"x", content_type=f"text/plain; charset={charset}"
        )
        assert answer.status_code == 400, charset
    answer = family.client.generic("GET", "/home/", b"x", content_type="text/plain; charset=UTF-8")
    assert answer.status_code == 200


@FAR
def test_no_form_takes_them_in_any_field(visitors: Visitors, far: str) -> None:
    body = "&".join(f"{name}=%ED%A0%80" for name in names_of_fields())
    kind = "application/x-www-form-urlencoded"
    asked = 0
    for path, view in addresses_as(far):
        if is_for_programs(path) or getattr(view, "csrf_exempt", False):
            continue
        who = visitors.at(path)
        assert who.post(path, {"name": "a\0b"}).status_code == 400, path
        assert who.generic("POST", path, body, content_type=kind).status_code < 500, path
        asked += 1
    assert asked > (60 if far == "everywhere" else 15)


@pytest.mark.slow
def test_no_api_takes_them_in_any_field(visitors: Visitors) -> None:
    names = [*names_of_fields(), *list_json_fields()]
    bads, asked = cycle(BAD_JSON), 0
    for path, view in addresses():
        if not is_for_programs(path) or "webhooks" in path:
            continue
        handled = getattr(view, "view_class", None) or getattr(view, "cls", None)
        for method in METHODS:
            if handled is not None and not hasattr(handled, method.lower()):
                continue
            bad = next(bads)
            fields = ", ".join(f'"{name}": "{bad}"' for name in names)
            nested = f'{{"person": {{{fields}}}, "a": [{{"b": "{bad}"}}], {fields}}}'
            for body in (nested, f'["{bad}"]', f'{{"{bad}": 1}}'):
                answer = visitors.at(path).generic(
                    method, path, body, content_type="application/json",
                    headers={"Idempotency-Key": str(uuid4())},
                )  # fmt: skip
                least = 200 if method == "DELETE" else 400  # which reads no body
                assert least <= answer.status_code < 500, (method, path, answer.status_code)
                asked += 1
    assert asked > 150


def list_json_fields() -> list[str]:
    """Return the names of all fields that the descriptions of both APIs have."""
    names: set[str] = set()
    for schema in ("/api/schema", "/api/v1/schema"):
        answer = Client().get(schema, headers={"Accept": "application/vnd.oai.openapi+json"})
        for shape in json.loads(answer.content)["components"]["schemas"].values():
            names |= shape.get("properties", {}).keys()
    return sorted(names)


def test_the_api_says_which_field_holds_one(family: Family) -> None:
    app = with_key(sign_in_by_app("custodian@family.example"))
    body = f'{{"childId": "{family.child.pk}", "amount": "4\\ud800", "authorize": true}}'

    answer = app.call("POST", "/api/deposits", body)

    assert answer.problem() == (400, "invalid")
    assert answer.fields == {"amount": "This holds a character that can not be used. Type it anew."}


def test_a_person_is_told_on_a_page(family: Family) -> None:
    answer = family.client.get("/shares/?q=%00")

    assert answer.status_code == 400
    assert "Go back and try again" in answer.content.decode()


def test_places_are_named() -> None:
    held = {"a": {"b": ["fine", "no\0", {"c": "\ud800"}]}, "d\0": "x", "e": 1}

    assert set(find_unusable(held)) == {"a.b.1", "a.b.2.c", "body"}
    assert is_usable("José 👩‍👧 ﷽ \U0010ffff")


def test_a_line_end_is_one_letter_in_every_form_and_in_json() -> None:
    kinds, found = [forms.Form], 0
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.split(".")[0] in {"accounts", "brokerage", "core", "gifting", "tenants"}:
            for name, field in getattr(kind, "base_fields", {}).items():
                if isinstance(field.widget, forms.Textarea):
                    assert isinstance(field, LinesField), f"{kind.__name__}.{name}"
                    found += 1
    assert found >= 3
    assert LinesField(max_length=7).clean("one\r\ntwo") == "one\ntwo"
    assert with_plain_line_ends({"a": ["x\r\ny\rz"]}) == {"a": ["x\ny\nz"]}


def test_a_message_of_five_hundred_letters_fits_with_its_lines(family: Family) -> None:
    message = "\r\n".join(["x" * 99] * 5)  # 499 letters as the giver sees them

    gift = family.give()
    link, giver = f"/g/{gift.child.gift_code}/", Client()
    typed = {
        "instrument": str(gift.instrument_id), "amount": "25",
        "giver_name": "Ann", "giver_email": "ann@family.example",
    }  # fmt: skip
    form = read(giver.get(link)).form_to()
    too_long = giver.post(link, form.fill(**typed, message=message + "\r\nxx"))
    shown = read(giver.post(link, form.fill(**typed, message=message)))
    answer = giver.post(link, shown.form_to().fill() | {"confirm": "1"})

    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert type(gift).objects.get(message__isnull=False, amount=25).message.count("\n") == 4
    assert "502" in too_long.content.decode() or "501" in too_long.content.decode()
