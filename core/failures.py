"""What is answered where nothing else answers: to programs a problem, to people a page."""

import sys
from http import HTTPStatus
from json import dumps

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found, server_error

from core.outages import PROGRAMS, find_outage, render_outage
from core.problems import MEDIA_TYPE, problem

log = structlog.get_logger()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address there is not: Django's handler404."""
    if request.path.startswith(PROGRAMS):
        return _problem(HTTPStatus.NOT_FOUND, "not_found", "There is nothing here.")
    return page_not_found(request, exception)


def server_failed(request: HttpRequest) -> HttpResponse:
    """Answer a request that ended in an error nobody caught: Django's handler500."""
    outage = find_outage(sys.exception())
    if outage is None:
        return _bug(request)
    log.error("outage", reason=outage.reason, method=request.method, path=request.path)
    kind, body = render_outage(request.path, outage)
    response = HttpResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE, content_type=kind)
    response["Retry-After"] = outage.wait
    response._has_been_logged = True  # type: ignore[attr-defined]  # a traceback adds nothing
    return response


def _bug(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(PROGRAMS):
        sentence = "Something went wrong on our side. Try again in a few minutes."
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", sentence)
    return server_error(request)


def _problem(status: HTTPStatus, code: str, detail: str) -> HttpResponse:
    body = dumps(problem(status, code, detail))
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE)
