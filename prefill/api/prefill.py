"""The filled form: reading it and taking corrections."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.idempotency import idempotent
from prefill.api import examples
from prefill.api.asked import EditPrefillIn
from prefill.api.base import PrefillAPI
from prefill.api.shown import PrefillOut
from prefill.engine.prefill import Prefill
from prefill.models import Applicant
from prefill.operations import edit_prefill, show_prefill
from tenants.api.describe import described
from tenants.models import Scope

TAG = "Prefill"


class ShowPrefill(PrefillAPI):
    scope = Scope.PREFILL

    @described(
        "show_prefill",
        "Show the filled form",
        tag=TAG,
        answer=PrefillOut,
        refusals=(409,),
        example=examples.PREFILL,
    )
    def get(self, request: Request, user_id: UUID) -> Response:
        """Show what is known, each value with where it is from. Values count as shown to the
        person from then on.
        """
        applicant = self.find_applicant(user_id)
        return self._show(applicant, show_prefill(applicant, at=clock.now()))

    @described(
        "edit_prefill",
        "Correct the filled form",
        tag=TAG,
        asked=EditPrefillIn,
        answer=PrefillOut,
        refusals=(409, 422),
        sent={"changes": {"personal_info.middle_name": None, "employment.income": "92000"}},
        example=examples.PREFILL,
    )
    @idempotent
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Take what the person says instead: no source stands above that. All changes or none."""
        applicant = self.find_applicant(user_id)
        changes = self.read(EditPrefillIn)["changes"]
        known = edit_prefill(applicant, changes, by=self.by, at=clock.now())
        return self._show(applicant, known)

    def _show(self, applicant: Applicant, known: Prefill) -> Response:
        row: dict[str, Any] = {
            "user_id": applicant.pk,
            **known.as_data(),
            "provenance": known.provenance(),
            "coverage": known.coverage,
        }
        return self.answer(PrefillOut, row, about=applicant.pk)
