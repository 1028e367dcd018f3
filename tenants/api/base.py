"""What every endpoint of `/api/v1/` stands on."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, cast

import structlog
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.api.authentication import HasScope, KeyAuthentication, KeyThrottle
from tenants.limits import Allowance
from tenants.models import ApiKey, Tenant
from tenants.walls import inside

METHODS = ("get", "post", "put", "patch", "delete")
Handler = Callable[..., Response]


class TenantAPI(APIView):
    """An endpoint for tenants' servers; `self.key` is who asks, `self.tenant` whose it is.

    Each method of a subclass runs in one transaction behind the wall of `tenants.walls`; decorate
    what makes or changes something with `@idempotent`. Tables it uses need `wall` in a migration.
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
            if name in cls.__dict__:
                setattr(cls, name, _behind_the_wall(cls.__dict__[name]))

    @property
    def key(self) -> ApiKey:
        """The key of this request; `HasScope` has seen that there is one."""
        return cast(ApiKey, self.request.auth)

    @property
    def tenant(self) -> Tenant:
        return self.key.tenant

    def get_scope(self) -> str:
        """Return the scope that the present request needs."""
        return self.scopes.get((self.request.method or "").lower(), self.scope)

    def check_permissions(self, request: Request) -> None:
        """Count the request before its scope is looked at: what is refused has cost us, too."""
        if isinstance(request.auth, ApiKey):
            super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Do nothing: `check_permissions` has counted."""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer with a problem that names the request, for support."""
        response = super().handle_exception(exc)
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


class Nothing(TenantAPI):
    """Every other address below `/api/v1/`: a problem, to who has a key."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing here.")
