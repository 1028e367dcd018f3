"""Addresses of other machines and of pages: what they must be to be used."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email


def is_safe(address: str) -> bool:
    """Say whether it is an https address of another machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" and not is_here(parts.hostname or "")


def is_here(host: str) -> bool:
    """Say whether a host names this very machine, or nothing at all."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.rstrip(".").lower() in {"", "localhost"}
    return address.is_loopback or address.is_unspecified


def is_mail_address(address: str) -> bool:
    """Say whether somebody can be written to there, as far as its form tells."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def is_redirect_uri(address: str, *, may_be_here: bool = False) -> bool:
    """Say whether a bank may send people back to it: https, no query, no fragment, no password.

    https://plaid.com/docs/link/oauth/

    :param may_be_here: a developer's machine does without https
    """
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or {"?", "#", "@", "\\", " "} & set(address) or not address.isprintable():
        return False
    is_local = may_be_here and is_here(host) and parts.scheme in {"http", "https"}
    return is_local or is_safe(address)


def is_reserved(address: str) -> bool:
    """Say whether an address, of a page or a mailbox, is an example's: nobody's (RFC 2606)."""
    host = (urlsplit(address).hostname or address.rpartition("@")[2]).rstrip(".").lower()
    *_names, name, top = f"..{host}".split(".")
    return top in {"example", "invalid", "test", "localhost"} or (
        name == "example" and top in {"com", "net", "org"}
    )
