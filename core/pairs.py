"""System checks: settings that say something together, and must not contradict each other.

Some hold everywhere: real money is moved by a production site alone, under the name of production.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

import environ
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.http.request import split_domain_port, validate_host

from core.addresses import is_here, is_safe
from core.environments import (
    host_of,
    is_practice_broker,
    is_practice_vendor,
    moves_real_money,
)

ENVIRONMENTS = ("sandbox", "production")
PLAID_SCRIPTS = "cdn.plaid.com"
QUEUE = re.compile(r"sqs[.-](?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?")
Found = Iterator[CheckMessage]


@register(Tags.security)
def check_pairs(**_kwargs: Any) -> list[CheckMessage]:
    """Compare what belongs together."""
    everywhere: list[Callable[[], Found]] = [
        _check_broker,
        _check_clock,
        _check_test_keys,
        _check_plaid_script,
        _check_halves,
        _check_amounts,
    ]
    in_production = [_check_site, _check_proxy, _check_queue_address, _check_mail, _check_people]
    checks = everywhere + (in_production if settings.PRODUCTION else [])
    return [fault for check in checks for fault in check()]


def _check_broker() -> Found:
    """Hold the name of the environment to the broker's address, and real money to production."""
    name, address = settings.DRIVEWEALTH_ENV, settings.DRIVEWEALTH_BASE_URL
    if name not in ENVIRONMENTS:
        yield Error(f"DRIVEWEALTH_ENV is {' or '.join(ENVIRONMENTS)}.", id="core.E010")
    elif not address:
        return
    elif name == "sandbox" and moves_real_money():
        yield Error(
            f"DRIVEWEALTH_ENV is sandbox, but {host_of(address)} is no practice broker.",
            hint="Set DRIVEWEALTH_ENV=production if real money is to move.",
            id="core.E011",
        )
    elif name == "production" and is_practice_broker(address) and not _is_refused(address):
        yield Error(
            f"DRIVEWEALTH_ENV is production, but {host_of(address)} is a practice broker.",
            id="core.E012",
        )
    if moves_real_money() and address and not settings.PRODUCTION:
        yield Error(
            f"{host_of(address)} moves real money: that needs STOCKSPROUT_ENV=production.",
            id="core.E013",
        )


def _is_refused(address: str) -> bool:
    """Say whether `core.checks` refuses it already, so that one fault is told once."""
    return settings.PRODUCTION and not is_safe(address)


def _check_clock() -> Found:
    """Let only a practice broker on this machine, which moves it, live by a movable clock."""
    is_practice_here = is_here(host_of(settings.DRIVEWEALTH_BASE_URL))
    if settings.CLOCK_FILE and not is_practice_here and not settings.PRODUCTION:
        yield Error(
            "CLOCK_FILE is the clock of a practice broker on this machine, and ours is elsewhere.",
            id="core.E014",
        )


def _check_test_keys() -> Found:
    """Have companies' test keys find no real people."""
    for name, accounts in (("PLAID", settings.PLAID), ("SPINWHEEL", settings.SPINWHEEL)):
        address = accounts["test"]["base_url"]
        if address and not is_practice_vendor(address):
            yield Error(
                f"{name}_SANDBOX_BASE_URL is for test keys, but {host_of(address)} knows real"
                " people.",
                id="core.E036",
            )


def _check_plaid_script() -> Found:
    """Open Plaid's window by the script of the Plaid that is asked."""
    address, script = settings.PLAID["live"]["base_url"], host_of(settings.PLAID_SCRIPT_URL)
    if not address:
        return
    is_plaids = f".{host_of(address)}".endswith(".plaid.com")
    if is_plaids and script != PLAID_SCRIPTS:
        yield Error(
            f"PLAID_SCRIPT_URL must be of {PLAID_SCRIPTS}, as PLAID_BASE_URL is Plaid's.",
            id="core.E033",
        )
    elif is_here(host_of(address)) and script == PLAID_SCRIPTS and not _is_refused(address):
        yield Error("PLAID_SCRIPT_URL is Plaid's, PLAID_BASE_URL is not.", id="core.E037")


def _check_halves() -> Found:
    """Find settings that do nothing without another one."""
    if settings.MICRO_DEPOSITS_KEY and not settings.MICRO_DEPOSITS_URL and settings.PRODUCTION:
        yield Error("MICRO_DEPOSITS_KEY needs MICRO_DEPOSITS_URL.", id="core.E022")
    if settings.BROKER_EVENTS_ENDPOINT_URL and not settings.BROKER_EVENTS_QUEUE_URL:
        yield Error("BROKER_EVENTS_ENDPOINT_URL needs BROKER_EVENTS_QUEUE_URL.", id="core.E023")
    if settings.PRACTICE_DESK_URL and moves_real_money():
        yield Error(
            "PRACTICE_DESK_URL is a practice broker's page, and the broker is none.",
            id="core.E024",
        )


def _check_amounts() -> Found:
    """Hold the least to the most."""
    for least, most in (
        ("GIFT_MIN", "GIFT_MAX"),
        ("DEPOSIT_MIN", "DEPOSIT_MAX"),
        ("DEPOSIT_MAX", "DEPOSIT_DAY_MAX"),
    ):
        try:
            low, high = Decimal(getattr(settings, least)), Decimal(getattr(settings, most))
            agree = Decimal(0) < low <= high
        except InvalidOperation:
            agree = False
        if not agree:
            yield Error(f"{least} and {most} are dollars, the first the smaller.", id="core.E040")


def _check_site() -> Found:
    """Answer under the address that mails and gift links lead to."""
    if not is_safe(settings.SITE_URL):
        return  # `core.checks` refuses it already
    parts = urlsplit(settings.SITE_URL)
    if parts.path or parts.query or parts.fragment or parts.username:
        yield Error("SITE_URL is scheme and host, with nothing after it.", id="core.E015")
    host, _port = split_domain_port(parts.netloc)
    if not validate_host(host, settings.ALLOWED_HOSTS):
        yield Error(f"{host or 'The host of SITE_URL'} is not among ALLOWED_HOSTS.", id="core.E016")
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if not origin.startswith("https://"):
            yield Error(f"{origin} of CSRF_TRUSTED_ORIGINS must be https.", id="core.E017")


def _check_proxy() -> Found:
    """Know one visitor from another behind a proxy."""
    if settings.SECURE_PROXY_SSL_HEADER and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield Error(
            "BEHIND_TLS_PROXY needs TRUSTED_PROXY_COUNT, or all visitors are one address.",
            id="core.E018",
        )
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and not settings.SECURE_PROXY_SSL_HEADER:
        yield Error(
            "TRUSTED_PROXY_COUNT needs BEHIND_TLS_PROXY, or every page leads to itself.",
            id="core.E019",
        )


def _check_queue_address() -> Found:
    """Read the broker's queue in the region where it is, and no practice queue."""
    address = settings.BROKER_EVENTS_QUEUE_URL
    if not address:
        return
    if not is_safe(address) or is_here(host_of(settings.BROKER_EVENTS_ENDPOINT_URL or address)):
        yield Error("BROKER_EVENTS_QUEUE_URL must be the queue's https address.", id="core.E025")
    found = QUEUE.fullmatch(host_of(address))
    if found and found["region"] != settings.BROKER_EVENTS_REGION:
        yield Error(
            f"The queue is in {found['region']}, BROKER_EVENTS_REGION is another.", id="core.E026"
        )


def _check_mail() -> Found:
    """Have mail leave the machine, and not in the clear to another one."""
    if not settings.EMAIL_URL:
        return
    told = environ.Env.email_url_config(settings.EMAIL_URL)
    is_private = told.get("EMAIL_USE_TLS") or told.get("EMAIL_USE_SSL")
    if not told["EMAIL_BACKEND"].endswith(".smtp.EmailBackend"):
        yield Error("EMAIL_URL sends no mail: it must be an smtp address.", id="core.E027")
    elif not (is_private or is_here(told.get("EMAIL_HOST") or "")):
        yield Warning("EMAIL_URL sends links in the clear: use smtp+tls.", id="core.W001")


def _check_people() -> Found:
    """Send no real people's numbers to a practice broker, nor practice ones to the real broker."""
    for name, accounts in (("PLAID", settings.PLAID), ("SPINWHEEL", settings.SPINWHEEL)):
        address = accounts["live"]["base_url"]
        if address and not is_practice_vendor(address) and not moves_real_money():
            yield Warning(
                f"{name}_BASE_URL knows real people, and the broker is a practice one.",
                id="core.W002",
            )
