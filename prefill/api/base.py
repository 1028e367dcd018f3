"""What the endpoints about applicants share."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from rest_framework.response import Response

from accounts.pages import get_ip_address
from core import clock
from prefill import queries
from prefill.api.shown import Leading
from prefill.ladder import next_step
from prefill.models import Applicant
from tenants.api.base import TenantAPI
from tenants.api.strict import Strict

Row = TypeVar("Row", bound=models.Model)


class PrefillAPI(TenantAPI):
    """An endpoint about applicants of the key's tenant and mode.

    A client token touches one of them: `only` goes through every door.
    """

    def read(self, shape: type[Strict]) -> Any:
        """Return what was sent, once it is of this shape.

        :raises ValidationError: it is not
        """
        asked = shape(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    def find(self, door: Callable[..., Row], pk: UUID) -> Row:
        """Return a row through one of the doors of `prefill.queries`, behind the wall.

        :raises Http404: there is none, or it is not theirs
        """
        with self.open_transaction():
            return door(self.tenant.pk, self.key.mode, pk, only=self.only)

    def find_applicant(self, pk: UUID) -> Applicant:
        return self.find(queries.get_applicant_or_404, pk)

    def answer(self, shape: type[Leading], row: Any, *, about: UUID, status: int = 200) -> Response:
        """Answer with the row and the next step of the applicant it is about, read afresh."""
        with self.open_transaction():
            applicant = self.find_applicant(about)
            step = next_step(applicant, at=clock.now()).as_dict()
            body = shape(row, context={"next_step": step}).data
        response = Response(body, status=status)
        response.about = about  # type: ignore[attr-defined]
        return response

    def may_keep(self, response: Response) -> bool:
        """Say whether whom it is about is still there; they are locked, so an erasure waits."""
        about = getattr(response, "about", None)
        rows = Applicant.objects.select_for_update(no_key=True)
        there = rows.filter(pk=about, status=Applicant.Status.ACTIVE)
        return about is None or there.first() is not None

    def get_callers_address(self) -> str | None:
        """Return the person's address; of a tenant's server it is not the person's."""
        return None if self.only is None else get_ip_address(self.request)
