"""A tenant's branding and settings, its making, and its suspension by staff."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from core import audit
from core.addresses import is_redirect_uri
from core.errors import Invalid, NotNow
from tenants import plaid
from tenants.branding import HEX, READABLE, contrast, is_readable
from tenants.models import DEFAULT_SLUG, Membership, PhoneMethod, Role, Tenant
from tenants.models.tenants import MAX_ATTEMPTS
from tenants.operations.acting import lock_for
from tenants.rules import Permission

LONGEST_URI, MOST_URIS = 300, 20


@dataclass(frozen=True)
class Branding:
    """How a tenant shows itself. Colours are `#rrggbb`; an empty name is the company's."""

    display_name: str
    logo_url: str
    primary_color: str
    text_color: str


@dataclass(frozen=True)
class TenantSettings:
    """What a tenant uses. Products are Plaid's names, countries ISO 3166-1 alpha-2."""

    phone_enabled: bool
    phone_method: str
    phone_max_attempts: int
    aggregation_enabled: bool
    aggregation_products: Sequence[str]
    country_codes: Sequence[str]


@transaction.atomic
def change_branding(*, member: Membership, branding: Branding, at: datetime) -> None:
    """Change name, logo and colours.

    :raises NotAllowed: only administrators may
    :raises Invalid: a logo not on https, no colour, or text nobody can read on its ground
    :raises NotNow: suspended
    """
    actor = lock_for(member, Permission.WRITE_TENANT_CONFIG)
    faults: dict[str, str] = {}
    logo = urlsplit(branding.logo_url)
    if branding.logo_url and not (logo.scheme == "https" and logo.hostname and not logo.username):
        faults["logo_url"] = _("The logo's address has to begin with https://.")
    for name in ("primary_color", "text_color"):
        if not HEX.fullmatch(getattr(branding, name)):
            faults[name] = _("Write the colour as # and six signs, for example #1d5c3c.")
    if not faults.keys() & {"primary_color", "text_color"} and not is_readable(
        branding.text_color, branding.primary_color
    ):
        faults["text_color"] = _(
            "Hard to read on the main colour: the contrast is %(ratio).1f, and has to be %(least)s."
        ) % {"ratio": contrast(branding.text_color, branding.primary_color), "least": READABLE}
    _refuse(faults)
    _write(actor, "tenant.branded", asdict(branding), at)


def _can_have(method: str, present: str) -> bool:
    """Say whether codes may be sent so: possible, or as it was kept before."""
    known = method in PhoneMethod.values
    return known and (PhoneMethod(method).is_possible or method == present)


@transaction.atomic
def change_settings(*, member: Membership, chosen: TenantSettings, at: datetime) -> None:
    """Change what the tenant uses of phone verification and of Plaid.

    :raises NotAllowed: only administrators may
    :raises Invalid: more than five attempts, or what Plaid does not have
    :raises NotNow: suspended
    """
    actor = lock_for(member, Permission.WRITE_TENANT_CONFIG)
    faults: dict[str, str] = {}
    if not _can_have(chosen.phone_method, actor.tenant.phone_method):
        faults["phone_method"] = _("Choose how codes are sent.")
    if not 1 <= chosen.phone_max_attempts <= MAX_ATTEMPTS:
        faults["phone_max_attempts"] = _("One to five attempts.")
    if unknown := sorted(set(chosen.aggregation_products) - plaid.PRODUCTS):
        message = _("Plaid has no product %(names)s.") % {"names": ", ".join(unknown)}
        if "accounts" in unknown:
            message += " " + _("Accounts come with every link and need not be named.")
        faults["aggregation_products"] = message
    elif chosen.aggregation_enabled and not chosen.aggregation_products:
        faults["aggregation_products"] = _("Name at least one product of Plaid.")
    if unknown := sorted(set(chosen.country_codes) - plaid.COUNTRIES):
        message = _("Plaid does not work in %(names)s.") % {"names": ", ".join(unknown)}
        faults["country_codes"] = message
    elif not chosen.country_codes:
        faults["country_codes"] = _("Name at least one country.")
    _refuse(faults)
    values = asdict(chosen)
    for name in ("aggregation_products", "country_codes"):
        values[name] = list(dict.fromkeys(values[name]))
    _write(actor, "tenant.configured", values, at)


@transaction.atomic
def make_tenant(*, slug: str, name: str, admin_email: str, by: str, at: datetime) -> Tenant:
    """Make a company with its first administrator, who has signed up.

    :raises Invalid: nobody has signed up with the address
    :raises NotNow: the short name is taken
    """
    user = get_user_model().objects.filter(email__iexact=admin_email, is_active=True).first()
    if user is None:
        raise Invalid(_("Nobody has signed up with this address yet."), code="no_such_user")
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(slug=slug, name=name)
    except IntegrityError as error:
        raise NotNow(_("This short name is taken."), code="slug_taken") from error
    first = Membership.objects.create(
        tenant=tenant, user=user, role=Role.TENANT_ADMIN, created_at=at
    )
    audit.record("tenant.made", tenant, by=by, at=at, slug=slug)
    audit.record(
        "member.added", first, by=by, at=at, role=first.role, tenant=tenant.pk, user=user.pk
    )
    return tenant


@transaction.atomic
def suspend_tenant(tenant: Tenant, *, by: models.Model, reason: str, at: datetime) -> None:
    """Close a tenant's keys and stop changes in its portal, by staff.

    :raises NotNow: StockSprout itself
    :raises StaleMove: suspended already
    """
    if tenant.slug == DEFAULT_SLUG:
        raise NotNow(_("StockSprout itself can not be suspended."), code="default_tenant")
    tenant.move_to(Tenant.Status.SUSPENDED)
    audit.record("tenant.suspended", tenant, by=by, at=at, reason=reason)


@transaction.atomic
def reinstate_tenant(tenant: Tenant, *, by: models.Model, reason: str, at: datetime) -> None:
    """Open a suspended tenant again, by staff.

    :raises StaleMove: it is not suspended
    """
    tenant.move_to(Tenant.Status.ACTIVE)
    audit.record("tenant.reinstated", tenant, by=by, at=at, reason=reason)


@transaction.atomic
def change_redirect_uris(
    tenant: Tenant,
    *,
    redirect_uris: Sequence[str],
    by: models.Model,
    reason: str,
    at: datetime,
) -> None:
    """Say where banks may lead a tenant's customers back to, by staff; the whole list anew.

    Each has to be registered in Plaid's dashboard as well.

    :raises Invalid: more than we keep, or no https address, or one with a query or fragment
    """
    for uri in redirect_uris:
        if len(uri) > LONGEST_URI or not is_redirect_uri(uri, may_be_here=not settings.PRODUCTION):
            message = _("Use https addresses without a query or fragment.")
            raise Invalid(message, fields={"redirect_uris": message})
    if len(redirect_uris) > MOST_URIS:
        message = _("These are too many addresses.")
        raise Invalid(message, fields={"redirect_uris": message})
    chosen = list(dict.fromkeys(redirect_uris))
    Tenant.objects.filter(pk=tenant.pk).update(redirect_uris=chosen)
    audit.record("tenant.redirects_changed", tenant, by=by, at=at, reason=reason, uris=chosen)


def _refuse(faults: dict[str, str]) -> None:
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)


def _write(actor: Membership, verb: str, values: dict[str, Any], at: datetime) -> None:
    """Write what differs, and which it was; the same again leaves no trace."""
    changed = [name for name, value in values.items() if getattr(actor.tenant, name) != value]
    if changed:
        Tenant.objects.filter(pk=actor.tenant_id).update(**values)
        audit.record(verb, actor.tenant, by=actor.user, at=at, changed=changed)
