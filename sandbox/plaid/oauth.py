"""Institutions that sign people in on their own site, and the way back to the partner's page.

The errors of a wrong way back are Plaid's: https://plaid.com/docs/errors/oauth/
"""

from __future__ import annotations

import uuid
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from sandbox.plaid import banks
from sandbox.plaid.banks import Institution
from sandbox.plaid.books import Plaid
from sandbox.plaid.errors import PlaidError
from sandbox.plaid.records import OVER, LinkToken, OAuthState

PATH = "/plaid-ui/oauth/"

Json = dict[str, Any]


def check_redirect_uri(plaid: Plaid, client_id: str, uri: str) -> None:
    """:raises PlaidError: it has a query or a fragment, is in the clear, or is not registered"""
    if not uri:
        return
    parts = urlsplit(uri)
    if parts.query or parts.fragment or "?" in uri or "#" in uri:
        raise PlaidError("INVALID_FIELD", "redirect_uri should not contain any query parameters")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts)):
        raise PlaidError("INVALID_FIELD", "redirect_uri must be an https URI")
    if not plaid.is_registered(client_id, uri):
        raise PlaidError(
            "INVALID_FIELD", "OAuth redirect URI must be configured in the developer dashboard"
        )


def begin(plaid: Plaid, link: LinkToken, institution: Institution) -> str:
    """Open a way to the bank's site and return its path there.

    :raises PlaidError: nobody said where the way back ends
    """
    if not link.request.get("redirect_uri"):
        raise PlaidError("INVALID_FIELD", "this institution needs a redirect_uri")
    state = OAuthState(str(uuid.uuid4()), link.token, institution.id)
    plaid.oauth_states.add(state.id, state)
    return PATH + state.id


def describe(plaid: Plaid, state_id: str) -> Json:
    """Return what the bank's page shows.

    :raises PlaidError: there is nothing to decide
    """
    state, link = _find_open(plaid, state_id)
    return {
        "bank": banks.INSTITUTIONS[state.institution_id].name,
        "company": link.request.get("client_name") or "this application",
    }


def decide(plaid: Plaid, state_id: str, *, allowed: bool) -> str:
    """Take what the person decides at the bank and return the address they go back to.

    :raises PlaidError: there is nothing to decide
    """
    state, link = _find_open(plaid, state_id)
    state.stage = "ALLOWED" if allowed else "DENIED"
    return f"{link.request['redirect_uri']}?oauth_state_id={state.id}"


def come_back(plaid: Plaid, link: LinkToken, received: str) -> Institution:
    """Return the bank at which the person has just allowed the access, once.

    :param received: the whole address they came back to
    :raises PlaidError: it is not where this session's way ends, or its state is not good
    """
    parts = urlsplit(received)
    ids = parse_qs(parts.query).get("oauth_state_id", [])
    address = urlunsplit(parts._replace(query="", fragment=""))
    if parts.fragment or len(ids) != 1 or address != link.request.get("redirect_uri"):
        raise PlaidError("INVALID_FIELD", "receivedRedirectUri is not the redirect_uri and a state")
    state = plaid.oauth_states.get(ids[0])
    if state is None or state.stage == "OPEN":
        raise PlaidError("OAUTH_STATE_ID_NOT_FOUND")
    if state.token != link.token:
        raise PlaidError("INCORRECT_LINK_TOKEN")
    if state.stage == "USED":
        raise PlaidError("OAUTH_STATE_ID_ALREADY_PROCESSED")
    was_allowed, state.stage = state.stage == "ALLOWED", "USED"
    if not was_allowed:
        raise PlaidError("ACCESS_NOT_GRANTED")
    return banks.INSTITUTIONS[state.institution_id]


def _find_open(plaid: Plaid, state_id: str) -> tuple[OAuthState, LinkToken]:
    state = plaid.oauth_states.get(state_id)
    link = plaid.links.get(state.token) if state else None
    if state is None or link is None or state.stage != "OPEN":
        raise PlaidError("OAUTH_STATE_ID_NOT_FOUND", status=404)
    if link.expires <= plaid.now() or link.stage in OVER:
        raise PlaidError("OAUTH_STATE_ID_NOT_FOUND", status=404)
    return state, link


def _is_here(parts: SplitResult) -> bool:
    """Say whether an address is on this machine, where a sandbox may do without TLS."""
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"
