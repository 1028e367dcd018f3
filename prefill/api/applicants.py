"""Users of a tenant: making, changing and erasing them, and tokens for their browsers."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.idempotency import idempotent
from prefill.api import examples
from prefill.api.asked import ChangeUserIn, ClientTokenIn, MakeUserIn
from prefill.api.base import PrefillAPI
from prefill.api.shown import ClientTokenOut, ErasingOut, UserOut
from prefill.operations import change_applicant, erase_applicant, make_applicant
from tenants.api.describe import described
from tenants.models import Scope
from tenants.operations import create_client_token

TAG = "Users"


class MakeUser(PrefillAPI):
    scope = Scope.USERS_WRITE

    @described(
        "make_user",
        "Make a user",
        tag=TAG,
        asked=MakeUserIn,
        answer=UserOut,
        status=201,
        refusals=(409, 422),
        sent={"external_id": "customer-1042", "metadata": {"plan": "starter"}},
        example=examples.USER,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make somebody whose form is to be filled. `external_id` is yours, and unique if given.

        409 `user_exists`: there is one of this `external_id`.
        """
        applicant = make_applicant(
            tenant=self.tenant,
            mode=self.key.mode,
            by=self.by,
            at=clock.now(),
            **self.read(MakeUserIn),
        )
        return self.answer(UserOut, applicant, about=applicant.pk, status=201)


class ShowUser(PrefillAPI):
    scopes = {  # noqa: RUF012
        "get": Scope.USERS_READ,
        "patch": Scope.USERS_WRITE,
        "delete": Scope.USERS_WRITE,
    }

    @described("show_user", "Show a user", tag=TAG, answer=UserOut, example=examples.USER)
    def get(self, request: Request, user_id: UUID) -> Response:
        """Show what you told of a user, and whether the phone is theirs."""
        applicant = self.find_applicant(user_id)
        return self.answer(UserOut, applicant, about=applicant.pk)

    @described(
        "change_user",
        "Change a user",
        tag=TAG,
        asked=ChangeUserIn,
        answer=UserOut,
        refusals=(409, 422),
        sent={"metadata": {"plan": "family"}},
        example=examples.USER | {"metadata": {"plan": "family"}},
    )
    @idempotent
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Change what is sent; metadata are replaced as a whole."""
        applicant = change_applicant(
            self.find_applicant(user_id), by=self.by, at=clock.now(), **self.read(ChangeUserIn)
        )
        return self.answer(UserOut, applicant, about=applicant.pk)

    @described(
        "erase_user",
        "Erase a user",
        tag=TAG,
        answer=ErasingOut,
        status=202,
        refusals=(409, 422),
        example={"user_id": examples.USER_ID, "status": "erasing"},
    )
    @idempotent
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Erase all personal data at once; banks and the phone's record at our vendors follow.

        From then on the user is a 404. That they agreed to be looked for is kept as evidence.
        """
        applicant = self.find_applicant(user_id)
        erase_applicant(applicant, by=self.by, at=clock.now())
        return Response(ErasingOut({"pk": applicant.pk, "status": "erasing"}).data, status=202)


class MakeClientToken(PrefillAPI):
    @described(
        "make_client_token",
        "Make a token for a user's browser",
        tag=TAG,
        asked=ClientTokenIn,
        answer=ClientTokenOut,
        status=201,
        sent={"user_id": examples.USER_ID},
        example=examples.CLIENT_TOKEN,
    )
    def post(self, request: Request) -> Response:
        """Make a token that works half an hour, for this user only, with your key's scopes
        among phone, plaid and prefill. It ends with its key and counts in the key's rate.

        Needs one of those scopes. A repeat makes another token: none can be read again.
        """
        applicant = self.find_applicant(self.read(ClientTokenIn)["user_id"])
        token, text = create_client_token(key=self.key, subject=applicant.pk, at=clock.now())
        made = {
            "client_token": text,
            "user_id": applicant.pk,
            "expires_at": token.expires_at,
        }
        return self.answer(ClientTokenOut, made, about=applicant.pk, status=201)
