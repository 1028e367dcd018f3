"""Refusals a person may read. Anything else that is raised is a bug and surfaces as one."""


class DomainError(Exception):
    """The request was understood and refused.

    `message` is a plain sentence for the person; `code` is stable for programs; `status` is the
    HTTP status of the API's answer; `fields` maps a field's name to what is wrong with it;
    `retry_after` is in how many seconds to ask again, where waiting helps.
    """

    code = "refused"
    status = 409
    retry_after: float | None = None

    def __init__(
        self, message: str, *, code: str = "", fields: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.fields = fields or {}


class NotAllowed(DomainError):
    """This person may never do this."""

    code = "not_allowed"
    status = 403


class NotNow(DomainError):
    """This can not be done in the present state of things."""

    code = "not_now"
    status = 409


class Invalid(DomainError):
    """What was sent can not be used; `fields` says why."""

    code = "invalid"
    status = 400


class StaleMove(DomainError):
    """Somebody else moved this row first; read it again."""

    code = "already_done"
    status = 409
