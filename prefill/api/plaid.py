"""Linking banks through Plaid."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.errors import Invalid
from core.idempotency import idempotent, idempotent_in_steps
from prefill import queries
from prefill.api import examples
from prefill.api.asked import FinishLinkIn, LinkEventIn, StartLinkIn
from prefill.api.base import PrefillAPI
from prefill.api.shown import (
    AccountsOut,
    FinishedLinkOut,
    LinkEventOut,
    LinkTokenOut,
    RemovingOut,
)
from prefill.models import Applicant, PlaidAccount, PlaidItem
from prefill.operations import (
    finish_link,
    finish_repair,
    get_prefill,
    note_link_event,
    remove_item,
    start_link,
)
from tenants.api.base import calls_vendor
from tenants.api.describe import described
from tenants.models import Scope, Tenant

TAG = "Plaid"
COMES_ALONG = "accounts"  # with every link


class StartLink(PrefillAPI):
    scope = Scope.PLAID

    @calls_vendor
    @described(
        "start_link",
        "Make a link token",
        tag=TAG,
        asked=StartLinkIn,
        answer=LinkTokenOut,
        refusals=(404, 409, 422, 503),
        sent={"user_id": examples.USER_ID, "kind": "layer"},
        example=examples.LINK_TOKEN,
    )
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        """Make what `Plaid.create` opens with: Layer, a bank by Link, or the repair of an item.

        A session of the same kind that is still open comes back. `client_name`, `products` and
        `country_codes` are your settings in the portal: if they are sent, they have to agree.

        409 `aggregation_unavailable` · 503 `vendor_unavailable`: the next step is another then.
        """
        asked = self.read(StartLinkIn)
        _check_agrees(self.tenant, asked)
        applicant = self.find_applicant(asked["user_id"])
        item = self._find_item(applicant, asked.get("item_id"))
        started = start_link(
            applicant=applicant,
            kind=asked.get("kind"),
            item=item,
            phone=asked.get("phone_number", ""),
            language=asked["language"],
            redirect_uri=asked.get("redirect_uri", ""),
            by=self.by,
            at=clock.now(),
        )
        return self.answer(LinkTokenOut, started, about=applicant.pk)

    def _find_item(self, applicant: Applicant, pk: UUID | None) -> PlaidItem | None:
        if pk is None:
            return None
        item = self.find(queries.get_item_or_404, pk)
        if item.applicant_id != applicant.pk:
            raise Http404
        return item


class FinishLink(PrefillAPI):
    scope = Scope.PLAID

    @calls_vendor
    @described(
        "finish_link",
        "Exchange a public token",
        tag=TAG,
        asked=FinishLinkIn,
        answer=FinishedLinkOut,
        refusals=(404, 409, 422, 503),
        sent={"user_id": examples.USER_ID, "public_token": "public-sandbox-5c224a01"},
        example=examples.FINISHED_LINK,
    )
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        """Finish what the person did in Plaid's window: what Layer shared, or a bank, is stored
        and the form filled. After a repair send its `session_id` instead. A repeat changes nothing.
        """
        asked = self.read(FinishLinkIn)
        applicant = self.find_applicant(asked["user_id"])
        if "session_id" in asked:
            session = self.find(queries.get_link_session_or_404, asked["session_id"])
            if session.applicant_id != applicant.pk:
                raise Http404
            finish_repair(session=session, by=self.by, at=clock.now())
        else:
            finish_link(
                applicant=applicant,
                public_token=asked["public_token"],
                by=self.by,
                at=clock.now(),
            )
        with self.open_transaction():
            known = get_prefill(applicant, at=clock.now())
            row = _list_banks(applicant) | {"prefill_available": bool(known.values)}
        return self.answer(FinishedLinkOut, row, about=applicant.pk)


@extend_schema_view(
    post=extend_schema(operation_id="connect_data", description="The same as plaid/link-token.")
)
class ConnectData(StartLink):
    """The other address of the same."""


@extend_schema_view(
    post=extend_schema(operation_id="exchange_data", description="As plaid/exchange-token.")
)
class ExchangeData(FinishLink):
    """The other address of the same."""


class NoteLinkEvent(PrefillAPI):
    scope = Scope.PLAID

    @described(
        "note_link_event",
        "Tell what happened in Plaid's window",
        tag=TAG,
        asked=LinkEventIn,
        answer=LinkEventOut,
        refusals=(409,),
        sent={"session_id": examples.SESSION_ID, "event_name": "LAYER_NOT_AVAILABLE"},
        example={
            "next_step": {"action": "submit_date_of_birth"},
            "session_id": examples.SESSION_ID,
        },
    )
    def post(self, request: Request) -> Response:
        """Tell an event of Plaid's window by its name, and learn the next step.

        LAYER_NOT_AVAILABLE, LAYER_AUTOFILL_NOT_AVAILABLE and EXIT decide it; others are noted.
        """
        asked = self.read(LinkEventIn)
        session = self.find(queries.get_link_session_or_404, asked["session_id"])
        note_link_event(session=session, name=asked["event_name"], by=self.by, at=clock.now())
        return self.answer(LinkEventOut, session, about=session.applicant_id)


class ListAccounts(PrefillAPI):
    scope = Scope.PLAID

    @described(
        "list_accounts",
        "List a user's banks and accounts",
        tag=TAG,
        answer=AccountsOut,
        example=examples.ACCOUNTS,
    )
    def get(self, request: Request, user_id: UUID) -> Response:
        """List what is linked, as it was last read at the bank. Amounts are decimal strings."""
        applicant = self.find_applicant(user_id)
        return self.answer(AccountsOut, _list_banks(applicant), about=applicant.pk)


class RemoveItem(PrefillAPI):
    scope = Scope.PLAID

    @described(
        "remove_item",
        "Remove a bank",
        tag=TAG,
        answer=RemovingOut,
        status=202,
        refusals=(409, 422),
        example={
            "next_step": {"action": "open_link"},
            "item_id": examples.ITEM_ID,
            "status": "removing",
        },
    )
    @idempotent
    def delete(self, request: Request, item_id: UUID) -> Response:
        """Remove a bank and its accounts here at once, and our access at Plaid soon after."""
        item = self.find(queries.get_item_or_404, item_id)
        remove_item(item, by=self.by, at=clock.now())
        row = {"pk": item.pk, "status": "removing"}
        return self.answer(RemovingOut, row, about=item.applicant_id, status=202)


def _list_banks(applicant: Applicant) -> dict[str, Any]:
    items = applicant.items.exclude(status=PlaidItem.Status.REMOVED).order_by("created_at", "id")
    accounts = PlaidAccount.objects.filter(item__in=items, closed_at=None)
    return {
        "pk": applicant.pk,
        "shown_items": list(items),
        "shown_accounts": list(accounts.select_related("item").order_by("item_id", "mask", "id")),
    }


def _check_agrees(tenant: Tenant, asked: dict[str, Any]) -> None:
    """Refuse what the tenant's settings say otherwise.

    :raises Invalid: the fields that do not agree
    """
    faults: dict[str, str] = {}
    message = _("This is not what your settings in the portal say.")
    if asked.get("client_name", tenant.shown_name) != tenant.shown_name:
        faults["client_name"] = message
    if not set(asked.get("products", [])) <= {COMES_ALONG, *tenant.aggregation_products}:
        faults["products"] = message
    if not set(asked.get("country_codes", [])) <= set(tenant.country_codes):
        faults["country_codes"] = message
    if faults:
        raise Invalid(message, code="settings_differ", fields=faults)
