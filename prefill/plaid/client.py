"""Plaid as `gateway.BankLinker`, by plaid-python 46 and our own reading of what it gets."""

import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings

from core.vendors import Rejected, Unavailable, load_json
from core.vendors.breaker import Breaker
from core.vendors.watch import guarded, logged
from prefill.gateway import AccountState, ItemGrant, ItemState, LayerResult, LinkToken, MovementPage
from prefill.plaid import errors, schemas

PROCESSOR = "drivewealth"  # Plaid's name of our broker; its client lets any other pass unseen
MOVEMENTS_A_PAGE = 500
LONGEST_NAME = 30  # characters; Link shows a general name instead of a longer one
T = TypeVar("T")
Json = dict[str, Any]


class Plaid:
    """One pair of credentials at Plaid. plaid-python is imported by the first call, not before."""

    def __init__(self, mode: str, account: dict[str, str]) -> None:
        self.vendor = f"plaid-{mode}"
        self._account = account
        self._breaker = Breaker(self.vendor)
        self._lock = threading.Lock()
        self._api: Any = None
        self._pid = 0

    @classmethod
    def configured(cls, mode: str) -> "Plaid | None":
        """Return the client of this mode; None where its settings are missing."""
        account = settings.PLAID[mode]
        if not all(account[name] for name in ("base_url", "client_id", "secret")):
            return None
        return cls(mode, account)

    # --- sessions in the browser ------------------------------------------------------------------

    @property
    def has_layer(self) -> bool:
        return bool(self._account["layer_template"])

    def start_layer(self, *, reference: str, redirect_uri: str) -> LinkToken:
        body = {
            "template_id": self._account["layer_template"],
            "user": {"client_user_id": reference},
            "webhook": self._account["webhook_url"],
        } | _leading_to(redirect_uri)
        return self._ask(
            "session_token_create",
            "/session/token/create",
            body,
            lambda answer: schemas.read_link_token(answer["link"]),
        )

    def start_link(
        self, *, reference: str, company: str, products: tuple[str, ...],
        countries: tuple[str, ...], language: str, phone: str, redirect_uri: str,
    ) -> LinkToken:  # fmt: skip
        body = self._describe_link(reference, company, countries, language, redirect_uri)
        body["products"] = list(products)
        if not phone:
            return self._create_link(body)
        named = body | {"user": body["user"] | {"phone_number": phone}}
        try:
            return self._create_link(named)
        except Rejected as refusal:
            if refusal.code != "bad_identity":
                raise
        return self._create_link(body)  # the phone only saves the person typing it

    def start_repair(
        self, *, reference: str, company: str, countries: tuple[str, ...], language: str,
        access_token: str, redirect_uri: str, consents: tuple[str, ...] = (),
    ) -> LinkToken:  # fmt: skip
        body = self._describe_link(reference, company, countries, language, redirect_uri)
        body["access_token"] = access_token
        if consents:
            body["additional_consented_products"] = list(consents)
        return self._create_link(body)

    def finish_layer(self, public_token: str, *, keep_ssn: bool) -> LayerResult:
        return self._ask(
            "user_account_session_get",
            "/user_account/session/get",
            {"public_token": public_token},
            lambda answer: schemas.read_layer(answer, keep_ssn=keep_ssn),
        )

    def exchange(self, public_token: str) -> ItemGrant:
        return self._ask(
            "item_public_token_exchange",
            "/item/public_token/exchange",
            {"public_token": public_token},
            schemas.read_grant,
        )

    # --- Items ------------------------------------------------------------------------------------

    def get_item(self, access_token: str) -> ItemState:
        return self._ask("item_get", "/item/get", _of(access_token), schemas.read_item)

    def list_accounts(self, access_token: str) -> tuple[AccountState, ...]:
        return self._ask("accounts_get", "/accounts/get", _of(access_token), schemas.read_accounts)

    def get_identity(self, access_token: str) -> Json:
        return self._ask("identity_get", "/identity/get", _of(access_token), schemas.read_owners)

    def takes_debits(self, access_token: str, account_id: str) -> bool:
        body = _of(access_token) | {"options": {"account_ids": [account_id]}}
        return account_id in self._ask("auth_get", "/auth/get", body, schemas.read_debitable)

    def index_numbers(self, access_token: str) -> dict[str, str]:
        """Return a keyed hash of each account's numbers, but of those that each login has anew."""
        return self._ask("auth_get", "/auth/get", _of(access_token), schemas.read_number_indexes)

    def list_movements(self, access_token: str, cursor: str) -> MovementPage:
        body = _of(access_token) | {"count": MOVEMENTS_A_PAGE}
        if cursor:
            body["cursor"] = cursor
        return self._ask("transactions_sync", "/transactions/sync", body, schemas.read_movements)

    def create_processor_token(self, access_token: str, account_id: str) -> str:
        body = _of(access_token) | {"account_id": account_id, "processor": PROCESSOR}
        return self._ask(
            "processor_token_create", "/processor/token/create", body, schemas.read_processor_token
        )

    def get_institution_name(self, institution_id: str, countries: tuple[str, ...]) -> str:
        body = {"institution_id": institution_id, "country_codes": list(countries)}
        return self._ask(
            "institutions_get_by_id", "/institutions/get_by_id", body, schemas.read_institution
        )

    def remove_item(self, access_token: str) -> None:
        """Have Plaid forget an Item; one it does not know any more is removed already."""
        try:
            self._ask("item_remove", "/item/remove", _of(access_token), lambda _answer: None)
        except Rejected as refusal:
            if refusal.code != "gone":
                raise

    def get_webhook_key(self, kid: str) -> Json:
        return self._ask(
            "webhook_verification_key_get",
            "/webhook_verification_key/get",
            {"key_id": kid},
            schemas.read_webhook_key,
        )

    # --- the call ---------------------------------------------------------------------------------

    def _describe_link(
        self,
        reference: str,
        company: str,
        countries: tuple[str, ...],
        language: str,
        redirect_uri: str,
    ) -> Json:
        return {
            "client_name": company[:LONGEST_NAME],
            "language": language,
            "country_codes": list(countries),
            "user": {"client_user_id": reference},
            "webhook": self._account["webhook_url"],
        } | _leading_to(redirect_uri)

    def _create_link(self, body: Json) -> LinkToken:
        return self._ask("link_token_create", "/link/token/create", body, schemas.read_link_token)

    def _ask(self, method: str, path: str, body: Json, read: Callable[[Json], T]) -> T:
        """Make one call, once, and read its answer.

        :raises Rejected: Plaid said no; :raises Unavailable: no usable answer
        """
        with guarded(self._breaker):
            api = self._get_api()
            with logged(self.vendor, "POST", path) as line:
                try:
                    reply = getattr(api, method)(
                        body,
                        _preload_content=False,
                        _request_timeout=settings.VENDOR_TIMEOUT,
                    )
                except Unavailable as error:
                    line.status = error.status
                    raise
                finally:
                    api.api_client.last_response = None  # it would hold tokens
                line.status = reply.status
                answer = self._parse(reply.content, reply.status)
                line.request_id = str(answer.get("request_id", ""))[:60]
        if reply.status >= 400:
            raise errors.explain(answer, status=reply.status, path=path, sent=body)
        if trouble := errors.read_item_trouble(answer, path=path):
            raise trouble
        try:
            return read(answer)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError):
            reason = f"{self.vendor} sent another shape of {path}"
            raise Unavailable(reason, status=reply.status) from None

    def _parse(self, content: bytes, status: int) -> Json:
        try:
            answer = load_json(content)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise Unavailable(f"{self.vendor} sent something that is no object", status=status)
        return answer

    def _get_api(self) -> Any:
        """Return this process's `PlaidApi`; a forked child never shares its parent's sockets."""
        with self._lock:
            if self._pid != os.getpid():
                from prefill.plaid.wire import Wire, make_api

                self._api = make_api(self._account, Wire(self.vendor))
                self._pid = os.getpid()
            return self._api


def _leading_to(redirect_uri: str) -> Json:
    """Return the way back of a session, which Plaid takes for wrong where it is empty."""
    return {"redirect_uri": redirect_uri} if redirect_uri else {}


def _of(access_token: str) -> Json:
    return {"access_token": access_token}
