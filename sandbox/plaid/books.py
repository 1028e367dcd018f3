"""Plaid's books and the doors to one row of them, each closed to other clients."""

from __future__ import annotations

import hmac
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sandbox.clock import Agenda, Clock
from sandbox.config import Config
from sandbox.plaid import banks
from sandbox.plaid.answers import Answers
from sandbox.plaid.errors import PlaidError
from sandbox.plaid.records import (
    Client,
    Face,
    Item,
    Key,
    LinkToken,
    OAuthState,
    Processor,
    PublicToken,
    RedirectURI,
    Webhook,
)
from sandbox.state import State
from sandbox.texts import TextMessages

TRANSACTIONS_TAKE = timedelta(seconds=2)
READY = "plaid.transactions-ready"
PUBLIC_TOKEN_LIVES = timedelta(minutes=30)

Json = dict[str, Any]


@dataclass(frozen=True)
class SharedAccount:
    """An account as a processor may see it by its token."""

    number: str
    routing_number: str
    subtype: str
    account_id: str = ""


class Plaid:
    """Plaid's side of one world. Used under the world's lock only."""

    def __init__(
        self, config: Config, state: State, clock: Clock, agenda: Agenda, texts: TextMessages
    ) -> None:
        self._config = config
        self._state = state
        self._clock = clock
        self._agenda = agenda
        self.texts = texts
        self.answers = Answers(config.answers)
        self.news = threading.Event()
        self.clients = state.table("plaid.clients", Client)
        self.links = state.table("plaid.links", LinkToken)
        self.oauth_states = state.table("plaid.oauth_states", OAuthState)
        self.redirect_uris = state.table("plaid.redirect_uris", RedirectURI)
        self.publics = state.table("plaid.public_tokens", PublicToken)
        self.items = state.table("plaid.items", Item, "access_token")
        self.faces = state.table("plaid.faces", Face)
        self.processors = state.table("plaid.processors", Processor)
        self.keys = state.table("plaid.keys", Key)
        self.webhooks = state.table("plaid.webhooks", Webhook)
        agenda.on(READY, partial(_transactions_ready, self))

    def now(self) -> datetime:
        return self._clock.now()

    def check_client(self, client_id: str, secret: str) -> None:
        """:raises PlaidError: the pair is not one we gave out"""
        if client_id == self._config.plaid_client_id:
            known = self._config.plaid_secret
        else:
            entered = self.clients.get(client_id)
            known = entered.secret if entered else ""
        if not known or not hmac.compare_digest(known.encode(), secret.encode()):
            raise PlaidError("INVALID_API_KEYS")

    def is_registered(self, client_id: str, redirect_uri: str) -> bool:
        """Say whether the partner's dashboard has this address for the way back from a bank."""
        usual = client_id == self._config.plaid_client_id
        if usual and redirect_uri in self._config.plaid_redirect_uris:
            return True
        return self.redirect_uris.get(f"{client_id} {redirect_uri}") is not None

    def add_item(
        self,
        client_id: str,
        institution_id: str,
        products: list[str],
        owner: Json,
        webhook: str | None,
        account_ids: list[str] | None = None,
        only: str = "",
        seed: str = "",
        customer: int = 0,
    ) -> Item:
        """Make an Item with all of the accounts there, or those that were chosen."""
        institution = banks.INSTITUTIONS[institution_id]
        accounts = banks.open_accounts(institution, seed or str(uuid.uuid4()), only, customer)
        if account_ids is not None:
            accounts = [row for row in accounts if row["account_id"] in account_ids]
        item = Item(
            id=uuid.uuid4().hex + uuid.uuid4().hex[:5],
            client_id=client_id,
            access_token=f"access-sandbox-{uuid.uuid4()}",
            institution_id=institution_id,
            products=products,
            accounts=accounts,
            owner=owner,
            created=self.now(),
            webhook=webhook,
        )
        self.items.add(item.id, item)
        if "transactions" in products:
            self._agenda.at(self.now() + TRANSACTIONS_TAKE, READY, item_id=item.id)
        return item

    def add_public_token(
        self,
        client_id: str,
        kind: str,
        item_ids: list[str],
        session_id: str = "",
        identity: Json | None = None,
    ) -> PublicToken:
        public = PublicToken(
            token=f"public-sandbox-{uuid.uuid4()}",
            client_id=client_id,
            kind=kind,
            expires=self.now() + PUBLIC_TOKEN_LIVES,
            item_ids=item_ids,
            session_id=session_id or str(uuid.uuid4()),
            identity=identity,
        )
        return self.publics.add(public.token, public)

    def item_by_token(self, client_id: str, access_token: str) -> Item:
        """:raises PlaidError: there is no such token, or its Item was removed"""
        item = next(iter(self.items.where("access_token", access_token)), None)
        if item is None or item.client_id != client_id:
            raise PlaidError("INVALID_ACCESS_TOKEN")
        if item.removed:
            raise PlaidError("ITEM_NOT_FOUND")
        return item

    def healthy_item(self, client_id: str, access_token: str) -> Item:
        """:raises PlaidError: as above, or the Item is in an error of its own"""
        item = self.item_by_token(client_id, access_token)
        if item.error and not item.answers:
            raise PlaidError(item.error)
        return item

    def use_public_token(self, client_id: str, token: str, kind: str) -> PublicToken:
        """Take a public token, for this once.

        :raises PlaidError: there is none of this kind, or it was used, or is too old
        """
        public = self.publics.get(token)
        if public is None or public.client_id != client_id or public.kind != kind:
            raise PlaidError("INVALID_PUBLIC_TOKEN")
        if public.used or public.expires <= self.now():
            raise PlaidError("INVALID_PUBLIC_TOKEN", "the public token was used or has expired")
        public.used = True
        return public

    def item_of_link(self, link: LinkToken) -> Item:
        item = self.items.get(link.item_id)
        if item is None or item.removed:
            raise PlaidError("ITEM_NOT_FOUND")
        return item

    def shared_account(self, processor_token: str) -> SharedAccount | None:
        """Return what a processor may see by its token; None for one that is good no longer."""
        processor = self.processors.get(processor_token)
        item = self.items.get(processor.item_id) if processor else None
        if processor is None or item is None or item.removed:
            return None
        named = (row for row in item.accounts if row["account_id"] == processor.account_id)
        account = next(named, None)
        if account is None:
            return None
        return SharedAccount(
            account["number"], banks.ROUTING, account["subtype"], account["account_id"]
        )

    def show_account(self, institution_id: str, account: Json) -> Json:
        """Spell an account as its institution shows it now."""
        shown = banks.account_json(account)
        face = self.faces.get(f"{institution_id} {account['subtype']}")
        if face is None:
            return shown
        told = {"name": face.name, "official_name": face.official_name, "mask": face.mask}
        changed = {key: value or None for key, value in told.items() if value is not None}
        return shown | changed

    def post(self, client_id: str, url: str | None, type_: str, code: str, body: Json) -> None:
        """Put a webhook into the outbox, if the partner gave an address."""
        if not url:
            return
        sequence = self._state.next_number("plaid.webhooks")
        now = self.now()
        whole = {"webhook_type": type_, "webhook_code": code} | body | {"environment": "sandbox"}
        whole = self.answers.webhook(f"{type_}.{code}", whole)
        webhook = Webhook(sequence, client_id, url, type_, code, whole, now, now)
        self.webhooks.add(str(sequence), webhook)
        self.news.set()

    def post_for_item(self, item: Item, type_: str, code: str, **more: Any) -> None:
        body = {"item_id": item.id} | more
        self.post(item.client_id, item.webhook, type_, code, body)

    def break_item(self, item: Item, code: str, *, answers: bool = False) -> None:
        """Put an Item into an error, or, with no code, mend it; both are told.

        :param answers: calls about it go on being answered; only their `item` tells the error
        """
        before, item.error, item.answers = item.error, code, answers
        if code:
            error = PlaidError(code)
            told = error.content() | {"status": error.status, "display_message": None}
            self.post_for_item(item, "ITEM", "ERROR", error=told)
        elif before:
            self.post_for_item(item, "ITEM", "LOGIN_REPAIRED")


def _transactions_ready(plaid: Plaid, item_id: str) -> None:
    item = plaid.items.get(item_id)
    if item is not None and not item.removed:
        item.transactions_ready = True
        plaid.post_for_item(
            item,
            "TRANSACTIONS",
            "SYNC_UPDATES_AVAILABLE",
            initial_update_complete=True,
            historical_update_complete=True,
        )
