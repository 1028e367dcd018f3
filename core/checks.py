"""System checks: what a production site must not start with."""

from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register

from core.addresses import is_here, is_mail_address, is_redirect_uri, is_reserved, is_safe
from core.environments import is_practice_vendor, moves_real_money

EDITIONS = ("2026-08-26", "1.0")  # of DriveWealth's description, which its client speaks
SHORTEST_SECRET = 32


@register(Tags.security)
def check_production(**_kwargs: Any) -> list[Error]:
    """Refuse a movable clock, a loopback broker, missing credentials and debug in production."""
    if not settings.PRODUCTION:
        return []
    faults = []
    if settings.CLOCK_FILE:
        faults.append(Error("CLOCK_FILE must not be set in production.", id="core.E001"))
    if not is_safe(settings.DRIVEWEALTH_BASE_URL):
        faults.append(
            Error("DRIVEWEALTH_BASE_URL must be the broker's https address.", id="core.E002")
        )
    for name in ("DRIVEWEALTH_CLIENT_ID", "DRIVEWEALTH_CLIENT_SECRET", "DRIVEWEALTH_APP_KEY"):
        if not getattr(settings, name):
            faults.append(Error(f"Set {name}.", id="core.E003"))
    if settings.DRIVEWEALTH_DESCRIPTION not in EDITIONS:
        hint = f"DRIVEWEALTH_DESCRIPTION is one of {', '.join(EDITIONS)}."
        faults.append(Error(hint, id="core.E012"))
    faults += _check_micro_deposits()
    faults += _check_prefill()
    if not settings.EMAIL_URL:
        faults.append(Error("Set EMAIL_URL, or no mail leaves the machine.", id="core.E006"))
    if not is_mail_address(settings.SUPPORT_EMAIL):
        hint = "Set SUPPORT_EMAIL to the address people write to."
        faults.append(Error(hint, id="core.E008"))
    if not is_safe(settings.SITE_URL):
        hint = "SITE_URL must be this site's https address: mails and previews lead there."
        faults.append(Error(hint, id="core.E009"))
    if any(len(secret) < SHORTEST_SECRET for secret in settings.DRIVEWEALTH_WEBHOOK_SECRET):
        hint = f"Each of DRIVEWEALTH_WEBHOOK_SECRET needs {SHORTEST_SECRET} characters."
        faults.append(Error(hint, id="core.E007"))
    if settings.PRACTICE_DESK_URL:
        faults.append(Error("PRACTICE_DESK_URL must not be set in production.", id="core.E029"))
    if settings.DEBUG:
        faults.append(Error("DEBUG must not be set in production.", id="core.E005"))
    return faults


@register(Tags.security, deploy=True)
def check_launch(**_kwargs: Any) -> list[Error]:
    """Refuse to go live with addresses that are nobody's: names that end so are reserved, and
    reach nobody (RFC 2606, RFC 6761).
    """
    if not settings.PRODUCTION:
        return []
    faults = []
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if not is_mail_address(sender) or is_reserved(sender):
        hint = "Set DEFAULT_FROM_EMAIL to an address of yours: mails come from it."
        faults.append(Error(hint, id="core.E051"))
    named = {"SUPPORT_EMAIL": [settings.SUPPORT_EMAIL], "SITE_URL": [settings.SITE_URL],
             "ALERT_EMAILS": settings.ALERT_EMAILS}  # fmt: skip
    for name, addresses in named.items():
        if any(is_reserved(address) for address in addresses):
            hint = f"{name} holds an example's address, which leads nowhere."
            faults.append(Error(hint, id="core.E052"))
    return faults


def _check_micro_deposits() -> list[Error]:
    """Refuse to send account numbers in the clear; no sender at all is fine."""
    if not settings.MICRO_DEPOSITS_URL:
        return []
    if not is_safe(settings.MICRO_DEPOSITS_URL):
        return [Error("MICRO_DEPOSITS_URL must be an https address.", id="core.E020")]
    if not settings.MICRO_DEPOSITS_KEY:
        return [Error("Set MICRO_DEPOSITS_KEY.", id="core.E021")]
    return []


def _check_prefill() -> list[Error]:
    """Refuse vendors of prefill that are half set up, in the clear, or practising beside the real
    broker; none at all is fine.
    """
    plaid = {"live": "PLAID", "test": "PLAID_SANDBOX"}
    spinwheel = {"live": "SPINWHEEL", "test": "SPINWHEEL_SANDBOX"}
    faults = _check_vendor(plaid, settings.PLAID, ("base_url", "client_id", "secret"))
    faults += _check_vendor(spinwheel, settings.SPINWHEEL, ("base_url", "key"))
    for mode, name in plaid.items():
        if settings.PLAID[mode]["base_url"] and not is_safe(settings.PLAID[mode]["webhook_url"]):
            fault = f"{name}_WEBHOOK_URL must be an https address Plaid can reach."
            faults.append(Error(fault, id="core.E032"))
        back = settings.PLAID[mode]["redirect_uri"]
        if settings.PLAID[mode]["base_url"] and back and not is_redirect_uri(back):
            fault = f"{name}_REDIRECT_URI must be an https address without a query or fragment."
            faults.append(Error(fault, id="core.E035"))
    is_used = any(its["base_url"] for its in settings.PLAID.values())
    if is_used and not is_safe(settings.PLAID_SCRIPT_URL):
        faults.append(Error("PLAID_SCRIPT_URL must be Plaid's https address.", id="core.E033"))
    return faults


def _check_vendor(
    names: dict[str, str], accounts: dict[str, dict[str, Any]], needed: tuple[str, ...]
) -> list[Error]:
    faults, hosts = [], {}
    for mode, name in names.items():
        its = accounts[mode]
        if not any(its[part] for part in needed):
            continue
        if not all(its[part] for part in needed):
            whole = ", ".join(f"{name}_{part.upper()}" for part in needed)
            faults.append(Error(f"Set all of {whole}, or none.", id="core.E030"))
        if its["base_url"] and not is_safe(its["base_url"]):
            faults.append(Error(f"{name}_BASE_URL must be an https address.", id="core.E031"))
        hosts[mode] = urlsplit(its["base_url"]).hostname or ""
    live = hosts.get("live", "")
    practises = not is_here(live) and (is_practice_vendor(f"//{live}") or live == hosts.get("test"))
    if practises and moves_real_money():
        hint = f"{names['live']}_BASE_URL is for real people, {names['test']}_BASE_URL is not."
        faults.append(Error(hint, id="core.E034"))
    return faults


@register
def check_queue(**_kwargs: Any) -> list[Error]:
    """Hold the queue's settings to the rule under which no task runs twice by time-out."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    if queue["retry"] <= queue["timeout"] * (1 + queue["queue_limit"] / max(queue["workers"], 1)):
        hint = "retry > timeout × (1 + queue_limit / workers)"
        return [Error("Q_CLUSTER['retry'] is too short.", hint=hint, id="core.E004")]
    return []
