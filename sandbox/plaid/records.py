"""What Plaid keeps: tokens, Items, webhooks. Every row belongs to one client."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LAYER, LINK, UPDATE = "layer", "link", "update"
OVER = ("DONE", "EXITED", "FAILED")  # of a session


@dataclass
class Client:
    """A partner's credentials."""

    id: str
    secret: str


@dataclass
class LinkToken:
    """A session in the person's browser. Stages: NEW, READY, PASSED, DONE, EXITED, FAILED."""

    token: str
    client_id: str
    kind: str
    created: datetime
    expires: datetime
    session_id: str
    request: dict[str, Any]
    products: list[str] = field(default_factory=list)
    webhook: str | None = None
    item_id: str = ""
    stage: str = "NEW"
    phone: str = ""
    extended: bool = False
    wrong: int = 0
    institution_id: str = ""
    owner: str = ""
    customer: int = 0  # which of the bank's customers signed in


@dataclass
class OAuthState:
    """One way to an institution's own site and back. Stages: OPEN, ALLOWED, DENIED, USED."""

    id: str
    token: str
    institution_id: str
    stage: str = "OPEN"


@dataclass
class RedirectURI:
    """An address a partner has registered for the way back."""

    uri: str
    client_id: str


@dataclass
class PublicToken:
    """What a browser hands to the partner's server; good once, for thirty minutes."""

    token: str
    client_id: str
    kind: str
    expires: datetime
    item_ids: list[str]
    session_id: str
    identity: dict[str, Any] | None = None
    used: bool = False


@dataclass
class Item:
    """A person's login at an institution, with the accounts they share."""

    id: str
    client_id: str
    access_token: str
    institution_id: str
    products: list[str]
    accounts: list[dict[str, Any]]
    owner: dict[str, Any]
    created: datetime
    webhook: str | None = None
    error: str = ""
    answers: bool = False  # whether it answers all the same, and tells the error in `item` alone
    transactions_ready: bool = False
    removed: bool = False


@dataclass
class Face:
    """How an institution shows a kind of account now. None: as ever; an empty mask: none."""

    key: str
    name: str | None = None
    official_name: str | None = None
    mask: str | None = None


@dataclass
class Processor:
    """Leave for a processor to use one account of an Item."""

    token: str
    item_id: str
    account_id: str
    name: str


@dataclass
class Key:
    """A key that signs webhooks: its id, its secret number, when it was made."""

    id: str
    number: str
    created: datetime


@dataclass
class Webhook:
    """A message to the partner. Statuses: WAITING, DELIVERED, GIVEN_UP, DROPPED."""

    sequence: int
    client_id: str
    url: str
    type: str
    code: str
    body: dict[str, Any]
    created: datetime
    next_try: datetime
    status: str = "WAITING"
    answers: list[str] = field(default_factory=list)
    disturbed: bool = False
    sent_before: int | None = None
