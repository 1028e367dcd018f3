"""Who calls `/api/v1/`: a key or a client token, read from either of two headers."""

from datetime import datetime
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import clock
from tenants import secrets
from tenants.limits import Allowance, take_one
from tenants.models import ApiKey, ClientToken
from tenants.operations import note_use

HEADER = "X-API-Key"
REALM = 'Bearer realm="StockSprout"'


class KeyAuthentication(BaseAuthentication):
    """Let a key or a client token in: `Authorization: Bearer …` or `X-API-Key: …`."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey | ClientToken] | None:
        """Return the key, or the token, as who asks; None where there is none at all.

        :raises AuthenticationFailed: none of ours, or one that opens nothing any more
        :raises PermissionDenied: its tenant is suspended
        """
        text = _read_key(request)
        if text is None:
            return None
        at = clock.now()
        if secrets.is_wellformed(text, kind=secrets.CLIENT_TOKEN):
            token = find_client_token(text, at=at)
            note_use(token.key, at=at)
            return token, token
        key = find_key(text, at=at)
        note_use(key, at=at)
        return key, key

    def authenticate_header(self, request: Request) -> str:
        return REALM


def find_key(text: str, *, at: datetime) -> ApiKey:
    """Return the key with this text, if it opens something now.

    Why it does not is told only to who has the whole key.

    :raises AuthenticationFailed: unknown, revoked or expired
    :raises PermissionDenied: its tenant is suspended
    """
    found = None
    if secrets.is_wellformed(text):
        rows = ApiKey.objects.select_related("tenant")
        found = rows.filter(prefix=secrets.prefix_of(text)).first()
    if not secrets.is_same(text, found.digest if found else None) or found is None:
        raise AuthenticationFailed("This is not one of our keys.", code="invalid_key")
    _check_opens(found, at=at)
    return found


def find_client_token(text: str, *, at: datetime) -> ClientToken:
    """Return the token with this text, if it and the key it was made with open something now.

    :raises AuthenticationFailed: unknown or expired, or its key was revoked or has expired
    :raises PermissionDenied: its tenant is suspended
    """
    rows = ClientToken.objects.select_related("key__tenant")
    found = rows.filter(prefix=secrets.prefix_of(text)).first()
    if not secrets.is_same(text, found.digest if found else None) or found is None:
        raise AuthenticationFailed("This is not one of our tokens.", code="invalid_key")
    if found.expires_at <= at:
        raise AuthenticationFailed("This token has expired; make a new one.", code="expired_token")
    _check_opens(found.key, at=at)
    return found


def _check_opens(key: ApiKey, *, at: datetime) -> None:
    if key.revoked_at:
        raise AuthenticationFailed("This key was revoked.", code="revoked_key")
    if not key.works_at(at):
        raise AuthenticationFailed("This key was rotated; use the new one.", code="expired_key")
    if not key.tenant.is_active:
        raise PermissionDenied("This company is suspended.", code="tenant_suspended")


def _read_key(request: Request) -> str | None:
    """Return what the headers hold.

    :raises AuthenticationFailed: a key in each, and not the same
    """
    scheme, _blank, bearer = request.headers.get("Authorization", "").partition(" ")
    given = {bearer.strip()} if scheme.lower() == "bearer" else set()
    if HEADER in request.headers:
        given.add(request.headers[HEADER].strip())
    if len(given) > 1:
        raise AuthenticationFailed("Send one key, in one header.", code="two_keys")
    return given.pop() if given else None


class HasScope(BasePermission):
    """Let a key do only what it was made for: the view's `scope`.

    What needs no scope is for keys only.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether this is a key or a client token with the scope.

        :raises PermissionDenied: one without it
        """
        if not isinstance(request.auth, ApiKey | ClientToken):
            return False
        scope = view.get_scope()
        if scope and scope not in request.auth.scopes:
            message = f"This key lacks the scope {scope}."
            raise PermissionDenied(message, code="insufficient_scope")
        if not scope and isinstance(request.auth, ClientToken):
            message = "A client token does not open this; use the key, on your server."
            raise PermissionDenied(message, code="insufficient_scope")
        return True


class KeyThrottle(BaseThrottle):
    """TENANT_API_RATE for each key with its client tokens, exact however many processes answer."""

    allowance: Allowance

    def allow_request(self, request: Request, view: Any) -> bool:
        """Take one request from the key's allowance."""
        self.allowance = view.allowance = take_one(view.key, at=clock.now())
        return self.allowance.admitted

    def wait(self) -> float:
        """Return the seconds after which the key may call again."""
        return float(self.allowance.wait)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The two headers, in the published schema."""

    target_class = KeyAuthentication
    name = ("bearer", "api_key")  # type: ignore[assignment]

    def get_security_requirement(self, auto_schema: Any) -> Any:
        """Say that either does; as one requirement they would both be needed."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> Any:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "ssk_… or sct_…",
                "description": "A key, on your server; a client token, in a user's browser",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": HEADER,
                "description": "The same, where another header is easier",
            },
        ]
