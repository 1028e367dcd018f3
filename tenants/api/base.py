"""What every endpoint of `/api/v1/` stands on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, ClassVar
from uuid import UUID

import structlog
from rest_framework.exceptions import NotAuthenticated, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.problems import MEDIA_TYPE, problem
from tenants.api.authentication import HasScope, KeyAuthentication, KeyThrottle
from tenants.limits import Allowance
from tenants.models import ApiKey, ClientToken, Tenant
from tenants.walls import inside

METHODS = ("get", "post", "put", "patch", "delete")
Handler = Callable[..., Response]
log = structlog.get_logger()


class TenantAPI(APIView):
    """An endpoint for tenants' servers; `self.by` is who asks, `self.tenant` whose it is.

    Each method of a subclass runs in one transaction behind the wall of `tenants.walls`; decorate
    what makes or changes something with `@idempotent`. Tables it uses need `wall` in a migration.
    What calls a vendor is decorated with `@calls_vendor` above `@idempotent_in_steps`.
    """

    authentication_classes = (KeyAuthentication,)
    permission_classes = (HasScope,)
    throttle_classes = (KeyThrottle,)
    scope: ClassVar[str] = ""  # of `tenants.models.Scope`; none: every key may
    scopes: ClassVar[dict[str, str]] = {}  # by method, where they differ
    allowance: Allowance | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in METHODS:
            handler = cls.__dict__.get(name)
            if handler and not getattr(handler, "calls_vendor", False):
                setattr(cls, name, _behind_the_wall(handler))

    @property
    def by(self) -> ApiKey | ClientToken:
        """Who asks, for the audit trail; `HasScope` has seen that there is somebody."""
        caller = self.request.auth
        if not isinstance(caller, ApiKey | ClientToken):
            raise NotAuthenticated
        return caller

    @property
    def key(self) -> ApiKey:
        """The key of this request, or the one that its client token was made with."""
        return self.by.key if isinstance(self.by, ClientToken) else self.by

    @property
    def only(self) -> UUID | None:
        """The one person a client token may touch; None for a key, which may touch all."""
        return self.by.subject if isinstance(self.by, ClientToken) else None

    @property
    def tenant(self) -> Tenant:
        return self.key.tenant

    def open_transaction(self) -> AbstractContextManager[None]:
        """Open one behind the wall: `core.idempotency` writes down there what it keeps."""
        return inside(self.key.tenant_id)

    def may_keep(self, response: Response) -> bool:
        """Say whether an answer may be remembered for repeats."""
        return True

    def get_scope(self) -> str:
        """Return the scope that the present request needs."""
        return self.scopes.get((self.request.method or "").lower(), self.scope)

    def check_permissions(self, request: Request) -> None:
        """Count the request before its scope is looked at: what is refused has cost us, too."""
        if isinstance(request.auth, ApiKey | ClientToken):
            super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Do nothing: `check_permissions` has counted."""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer with a problem that names the request, for support.

        Of a bug the caller reads nothing but that; the log has its trace.
        """
        try:
            response = super().handle_exception(exc)
        except Exception:
            log.exception("api_failed", view=type(self).__name__)
            body = problem(500, "internal_error", "Something went wrong on our side.")
            response = Response(body, status=500, content_type=MEDIA_TYPE)
            response.exception = True
        if isinstance(response.data, dict):
            context = structlog.contextvars.get_contextvars()
            response.data["request_id"] = context.get("request_id", "")
        return response

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Tell how much of the allowance is left."""
        if self.allowance:
            response["RateLimit-Limit"] = str(self.allowance.limit)
            response["RateLimit-Remaining"] = str(self.allowance.left)
            response["RateLimit-Reset"] = str(self.allowance.wait)
        return super().finalize_response(request, response, *args, **kwargs)


def _behind_the_wall(handler: Handler) -> Handler:
    @wraps(handler)
    def answer(view: TenantAPI, request: Request, *args: Any, **kwargs: Any) -> Response:
        with inside(view.key.tenant_id):
            return handler(view, request, *args, **kwargs)

    return answer


def calls_vendor(handler: Handler) -> Handler:
    """Have a method run in no transaction, since nobody holds one while a vendor answers.

    What it calls keeps the wall: queries by `TenantAPI.open_transaction`, operations by themselves.
    """
    handler.calls_vendor = True  # type: ignore[attr-defined]
    return handler


class Nothing(TenantAPI):
    """Every other address below `/api/v1/`: a problem, to who has a key."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing here.")
