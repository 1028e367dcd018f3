"""Whether the vendors we talk to are real: read off their addresses, which can not be wrong.

What is not known to practise is taken for real: nobody is told "no real money" on a guess.
"""

from urllib.parse import urlsplit

from django.conf import settings

from core.addresses import is_here


def host_of(address: str) -> str:
    """Return the host of an address in small letters, or nothing."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_practice_broker(address: str) -> bool:
    """Say whether no real money moves there: this machine, or DriveWealth's own test system."""
    host = host_of(address)
    return is_here(host) or f".{host}".endswith(settings.DRIVEWEALTH_PRACTICE_HOSTS)


def is_practice_vendor(address: str) -> bool:
    """Say whether no real people are there: this machine, or the vendor's own sandbox."""
    host = host_of(address)
    return is_here(host) or "sandbox" in host


def moves_real_money() -> bool:
    """Say whether this site's broker is a real one."""
    return not is_practice_broker(settings.DRIVEWEALTH_BASE_URL)
