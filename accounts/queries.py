"""The guarded doors to people: what this person may see, or a 404."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import Child, Parent, TrustedContact, User
from core import clock
from tenants.models import get_default_tenant


def get_parent(request: HttpRequest) -> Parent:
    """Return the parent who is signed in; made here for a user who signed up another way.

    :raises PermissionDenied: staff, who are nobody's parent under this log-in
    """
    from accounts.operations import create_parent

    user = request.user
    if not isinstance(user, User) or user.is_staff:
        raise PermissionDenied
    parent = Parent.objects.filter(user=user).first()
    if parent is None:
        parent = create_parent(user=user, tenant=get_default_tenant(), at=clock.now())
    parent.user = user
    return parent


def list_children(parent: Parent) -> QuerySet[Child]:
    """Return the parent's children, oldest entry first."""
    return Child.objects.filter(parent=parent).order_by("created_at")


def get_child_or_404(parent: Parent, *, pk: UUID) -> Child:
    """Return one of this parent's own children."""
    return get_object_or_404(list_children(parent), pk=pk)


def get_trusted_contact(parent: Parent) -> TrustedContact | None:
    """Return the parent's answer in force; None who was never asked."""
    return find_trusted_contact(parent.pk)


def find_trusted_contact(parent_id: UUID) -> TrustedContact | None:
    """Return a parent's answer in force; None who was never asked."""
    answers = TrustedContact.objects.filter(parent=parent_id, replaced_at=None)
    return answers.select_related("parent").first()
