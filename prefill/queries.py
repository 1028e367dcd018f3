"""The guarded doors to applicants and what is theirs: this tenant's, of this mode, or a 404."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from prefill.models import Applicant, LinkSession, PhoneSession, PlaidItem


def list_applicants(tenant_id: UUID, mode: str, *, only: UUID | None = None) -> QuerySet[Applicant]:
    """Return those not erased.

    :param only: the one whom the caller's token may touch
    """
    rows = Applicant.objects.filter(tenant_id=tenant_id, mode=mode, status=Applicant.Status.ACTIVE)
    if only is not None:
        rows = rows.filter(pk=only)
    return rows.select_related("tenant")


def get_applicant_or_404(
    tenant_id: UUID, mode: str, pk: UUID, *, only: UUID | None = None
) -> Applicant:
    """Return one of them."""
    return get_object_or_404(list_applicants(tenant_id, mode, only=only), pk=pk)


def get_phone_session_or_404(
    tenant_id: UUID, mode: str, pk: UUID, *, only: UUID | None = None
) -> PhoneSession:
    """Return one proof of a number."""
    rows: QuerySet[PhoneSession] = _of_applicants(PhoneSession, tenant_id, mode, only)
    return get_object_or_404(rows, pk=pk)


def get_link_session_or_404(
    tenant_id: UUID, mode: str, pk: UUID, *, only: UUID | None = None
) -> LinkSession:
    """Return one opening of Plaid."""
    rows: QuerySet[LinkSession] = _of_applicants(LinkSession, tenant_id, mode, only)
    return get_object_or_404(rows, pk=pk)


def get_item_or_404(tenant_id: UUID, mode: str, pk: UUID, *, only: UUID | None = None) -> PlaidItem:
    """Return one linked bank; a removed one is gone."""
    rows: QuerySet[PlaidItem] = _of_applicants(PlaidItem, tenant_id, mode, only)
    return get_object_or_404(rows.exclude(status=PlaidItem.Status.REMOVED), pk=pk)


def _of_applicants(model: Any, tenant_id: UUID, mode: str, only: UUID | None) -> QuerySet[Any]:
    theirs = {"applicant_id": only} if only is not None else {}
    rows: QuerySet[Any] = model._default_manager.filter(
        tenant_id=tenant_id, mode=mode, applicant__status=Applicant.Status.ACTIVE, **theirs
    )
    return rows.select_related("applicant__tenant")
