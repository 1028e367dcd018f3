"""The portal: keys, branding, settings and members of a tenant."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core import clock
from core.errors import DomainError
from core.forms import show_refusal
from core.paging import cut_page
from core.problems import refusals_shown
from tenants import operations, queries
from tenants.forms import BrandingForm, KeyForm, MemberForm, RoleForm, RotateForm, SettingsForm
from tenants.models import ApiKey, Membership, Scope
from tenants.pages import MemberPage
from tenants.rules import Permission


class Tenants(LoginRequiredMixin, TemplateView):
    """The companies one works for; who works for none finds nothing here."""

    template_name = "tenants/tenants.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        places = list(queries.list_memberships(request.user))
        if not places:
            raise Http404
        if len(places) == 1:
            return redirect("tenant", slug=places[0].tenant.slug)
        return self.render_to_response({"places": places})


class Keys(MemberPage):
    template_name = "tenants/keys.html"
    tab = "tenant"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_write = self.may(Permission.WRITE_API_CONFIG)
        keys, more = cut_page(self.request, queries.list_keys(self.member), by="created_at")
        rows = [self._row(key, may_write) for key in keys]
        return super().get_context_data(keys=rows, more=more, may_write=may_write, **kwargs)

    def _row(self, key: ApiKey, may_write: bool) -> dict[str, Any]:
        works = key.works_at(clock.now())
        labels = dict(Scope.choices)

        def address(name: str, possible: bool) -> str:
            return reverse(name, args=[self.tenant.slug, key.pk]) if possible else ""

        return {
            "key": key,
            "badge": _describe(key, works),
            "scopes": [labels.get(scope, scope) for scope in key.scopes],
            "ends_at": key.expires_at if works else None,
            "rotate_url": address("rotate-key", may_write and works and not key.replaced_by_id),
            "revoke_url": address("revoke-key", may_write and works),
        }


def _describe(key: ApiKey, works: bool) -> dict[str, str]:
    if key.revoked_at:
        return {"label": _("Revoked"), "tone": "bad"}
    if not works:
        return {"label": _("Ended"), "tone": "plain"}
    if key.replaced_by_id:
        return {"label": _("Being replaced"), "tone": "wait"}
    return {"label": _("Works"), "tone": "good"}


class CreateKey(MemberPage):
    template_name = "tenants/create_key.html"
    writes = Permission.WRITE_API_CONFIG
    for_writers = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(KeyForm.fresh())

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Make the key and show it on this very page: its text is kept nowhere."""
        form = KeyForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                key, text = operations.create_key(member=self.member, at=clock.now(), **data)
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                return self.show_secret(key, text)
        return self._show(form, status=422)

    def show_secret(self, key: ApiKey, text: str) -> HttpResponse:
        self.template_name = "tenants/new_key.html"
        return self.render_to_response(self.get_context_data(key=key, text=text))

    def _show(self, form: Form, status: int = 200) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=status)


class RotateKey(CreateKey):
    template_name = "tenants/rotate_key.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._ask(RotateForm.fresh())

    def post(self, request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:  # type: ignore[override]
        key = queries.get_key_or_404(self.member, pk=pk)
        form = RotateForm(request.POST)
        if form.is_valid():
            try:
                new, text = operations.rotate_key(
                    member=self.member,
                    key=key,
                    overlap=form.get_overlap(),
                    form_key=form.cleaned_data["form_key"],
                    at=clock.now(),
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                return self.show_secret(new, text)
        return self._ask(form, status=422)

    def _ask(self, form: Form, status: int = 200) -> HttpResponse:
        key = queries.get_key_or_404(self.member, pk=self.kwargs["pk"])
        return self.render_to_response(self.get_context_data(form=form, key=key), status=status)


class RevokeKey(MemberPage):
    template_name = "tenants/revoke_key.html"
    writes = Permission.WRITE_API_CONFIG
    for_writers = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        key = queries.get_key_or_404(self.member, pk=self.kwargs["pk"])
        return super().get_context_data(key=key)

    def post(self, request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
        key = queries.get_key_or_404(self.member, pk=pk)
        with refusals_shown(request):
            operations.revoke_key(member=self.member, key=key, at=clock.now())
            messages.success(request, _("The key is revoked. It opens nothing any more."))
        return redirect("tenant", slug=slug)


class TenantSettings(MemberPage):
    """Two forms on one page: the branding, and what the tenant uses."""

    template_name = "tenants/settings.html"
    tab = "tenant-settings"
    writes = Permission.WRITE_TENANT_CONFIG

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tenant = self.tenant
        forms = {
            "branding_form": BrandingForm(initial=BrandingForm.values_of(tenant)),
            "settings_form": SettingsForm(initial=SettingsForm.values_of(tenant), tenant=tenant),
        } | kwargs
        may_write = self.may(Permission.WRITE_TENANT_CONFIG)
        if not may_write:
            for form in (forms["branding_form"], forms["settings_form"]):
                for field in form.fields.values():
                    field.disabled = True
        return super().get_context_data(may_write=may_write, **forms)


class ChangeBranding(TenantSettings):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("tenant-settings", slug=self.tenant.slug)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = BrandingForm(request.POST)
        if form.is_valid():
            try:
                operations.change_branding(
                    member=self.member, branding=form.branding(), at=clock.now()
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("The branding is saved."))
                return redirect("tenant-settings", slug=slug)
        return self.render_to_response(self.get_context_data(branding_form=form), status=422)


class ChangeSettings(ChangeBranding):
    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = SettingsForm(request.POST, tenant=self.tenant)
        if form.is_valid():
            try:
                operations.change_settings(member=self.member, chosen=form.chosen(), at=clock.now())
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("The settings are saved."))
                return redirect("tenant-settings", slug=slug)
        return self.render_to_response(self.get_context_data(settings_form=form), status=422)


class Members(MemberPage):
    template_name = "tenants/members.html"
    tab = "tenant-members"
    writes = Permission.WRITE_MEMBERS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_write = self.may(Permission.WRITE_MEMBERS)
        rows = [self._row(colleague, may_write) for colleague in queries.list_members(self.member)]
        context = {"form": MemberForm()} | kwargs
        return super().get_context_data(members=rows, may_write=may_write, **context)

    def _row(self, colleague: Membership, may_write: bool) -> dict[str, Any]:
        args = [self.tenant.slug, colleague.pk]
        return {
            "email": colleague.user.email,
            "role": colleague.get_role_display(),
            "is_you": colleague.pk == self.member.pk,
            "form": RoleForm(initial={"role": colleague.role}, auto_id=f"%s-{colleague.pk}"),
            "role_url": reverse("change-role", args=args) if may_write else "",
            "remove_url": reverse("remove-member", args=args) if may_write else "",
        }

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = MemberForm(request.POST)
        if form.is_valid():
            try:
                operations.add_member(member=self.member, at=clock.now(), **form.cleaned_data)
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("They are a member now."))
                return redirect("tenant-members", slug=slug)
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ChangeRole(MemberPage):
    writes = Permission.WRITE_MEMBERS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("tenant-members", slug=self.tenant.slug)

    def post(self, request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
        colleague = queries.get_member_or_404(self.member, pk=pk)
        with refusals_shown(request):
            role = request.POST.get("role", "")
            operations.change_role(
                member=self.member, colleague=colleague, role=role, at=clock.now()
            )
            messages.success(request, _("The role is changed."))
        return redirect("tenant-members", slug=slug)


class RemoveMember(ChangeRole):
    def post(self, request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
        colleague = queries.get_member_or_404(self.member, pk=pk)
        with refusals_shown(request):
            operations.remove_member(member=self.member, colleague=colleague, at=clock.now())
            messages.success(request, _("They are removed."))
        if colleague.pk == self.member.pk:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return redirect("tenant-members", slug=slug)
