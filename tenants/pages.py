"""What every page of the portal stands on."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from tenants import queries, rules
from tenants.models import Membership, Tenant
from tenants.rules import Permission


class MemberPage(LoginRequiredMixin, TemplateView):
    """A page for somebody who works for a tenant; `self.member` is who asks.

    `writes` is what changing something here takes. Only who has it may send the page's forms, and
    where `for_writers` is set only they see it at all.
    """

    writes: ClassVar[Permission | None] = None
    for_writers: ClassVar[bool] = False
    tab: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse whose role is not enough.

        :raises Http404: not a member
        :raises PermissionDenied: a member who may not
        """
        if request.user.is_authenticated:
            member, changes = self.member, request.method == "POST" or self.for_writers
            if changes and not (self.writes and rules.may(member, self.writes)):
                raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def member(self) -> Membership:
        return queries.get_membership_or_404(self.request.user, slug=self.kwargs["slug"])

    @property
    def tenant(self) -> Tenant:
        return self.member.tenant

    def may(self, permission: Permission) -> bool:
        """Say whether the page offers what needs this permission."""
        return self.tenant.is_active and rules.may(self.member, permission)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        slug = [self.tenant.slug]
        tabs = [
            (_("API keys"), "tenant"),
            (_("Branding and settings"), "tenant-settings"),
            (_("Members"), "tenant-members"),
        ]
        if rules.may(self.member, Permission.WRITE_API_CONFIG):
            tabs.append((_("Try it"), "try-prefill"))
        links = [
            {"label": label, "url": reverse(name, args=slug), "here": self.tab == name}
            for label, name in tabs
        ]
        context = {"tenant": self.tenant, "role": self.member.get_role_display(), "tabs": links}
        return super().get_context_data(
            **context | {"suspended": not self.tenant.is_active}, **kwargs
        )
