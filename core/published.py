"""The published descriptions of our APIs: made once in a process, sent only to who lacks them."""

import hashlib
from dataclasses import dataclass
from threading import Lock
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

MAX_AGE = 300  # seconds


@dataclass(frozen=True)
class Description:
    """One description as it is sent. `etag` is strong: the hash of these very bytes."""

    content: bytes
    content_type: str
    disposition: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()}"'


class Published(SpectacularAPIView):
    """drf-spectacular's view; its own walks through all endpoints for each request."""

    permission_classes = ()
    _made: ClassVar[dict[tuple[str, str], Description]] = {}
    _making: ClassVar[Lock] = Lock()  # the generator's settings are the process's

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the description, or 304 to who has it (RFC 9110 §13.1.2)."""
        name = (request.path, str(request.accepted_media_type))
        with self._making:
            if name not in self._made:
                self._made[name] = self._make(request)
        made = self._made[name]
        answer = HttpResponse(made.content, content_type=made.content_type)
        answer["Content-Disposition"] = made.disposition
        answer["Cache-Control"] = f"public, max-age={MAX_AGE}"
        answer["ETag"] = made.etag
        return get_conditional_response(request._request, etag=made.etag, response=answer) or answer

    def _make(self, request: Request) -> Description:
        with patched_settings(self.custom_settings):
            response: Any = self._get_schema_response(request)  # type: ignore[no-untyped-call]
        renderer: Any = request.accepted_renderer
        kind = str(request.accepted_media_type)
        content = renderer.render(response.data, kind, {})
        return Description(content, kind, response["Content-Disposition"])

    def _get_version_parameter(self, _request: Request) -> None:
        """Have one version: an address made up by somebody is not one more to be made."""
