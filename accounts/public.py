"""Pages for everybody: help, contact, the agreements, and what search engines are told."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from accounts import documents

# What search engines may list; everything else carries a header that forbids it.
LISTED = ("landing", "help", "contact", "agreements", "waiting-list")
# Search engines have to be let in to read that header, and so have the programs that make a
# preview of a pasted gift link: only what has no pages is closed to them.
CLOSED = ("/admin/", "/api/", "/_allauth/")


class PublicPage(TemplateView):
    """A page without anybody's data, which search engines may list."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == 200:
            response["X-Robots-Tag"] = "all"
        return response


class Help(PublicPage):
    """Answers to what people ask."""

    template_name = "public/help.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        limits = {
            name.lower(): Decimal(getattr(settings, name))
            for name in ("GIFT_MIN", "GIFT_MAX", "DEPOSIT_MIN", "DEPOSIT_MAX", "DEPOSIT_DAY_MAX")
        }
        return super().get_context_data(**kwargs) | limits


class Contact(PublicPage):
    """How to reach a person."""

    template_name = "public/contact.html"


class Agreements(PublicPage):
    """Every agreement in force."""

    template_name = "public/agreements.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"documents": documents.list_documents()}


class Agreement(PublicPage):
    """One agreement, in force or as it was."""

    template_name = "public/agreement.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            editions = documents.list_editions(kwargs["slug"])
        except KeyError as error:
            raise Http404 from error
        shown = editions[0]
        if version := kwargs.get("version"):
            found = documents.find_version(shown.slug, version)
            if found is None:
                raise Http404
            shown = found
        return super().get_context_data(**kwargs) | {
            "document": shown,
            "blocks": shown.blocks,
            "is_in_force": shown == editions[0],
            "earlier": [one for one in editions if one != shown],
        }


class Robots(View):
    """Which addresses programs are to leave alone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
        lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]
        return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


class Sitemap(View):
    """The few addresses that search engines may list (sitemaps.org, 0.9)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        paths = [reverse(name) for name in LISTED]
        paths += [reverse("agreement", args=[one.slug]) for one in documents.list_documents()]
        found = "".join(f"<url><loc>{settings.SITE_URL}{path}</loc></url>" for path in paths)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{found}</urlset>'
        )
        return HttpResponse(body, content_type="application/xml; charset=utf-8")
