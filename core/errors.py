"""Refusals a person may read. Anything else that is raised is a bug and surfaces as one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class DomainError(Exception):
    """The request was understood and refused.

    `message` is a plain sentence for the person; `code` is stable for programs; `status` is the
    HTTP status of the API's answer; `fields` maps a field's name to what is wrong with it;
    `retry_after` is in how many seconds to ask again, where waiting helps; `parts` are the refusals
    of which this is the sum, by default itself alone.
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
        self.parts: tuple[DomainError, ...] = (self,)

    @property
    def codes(self) -> dict[str, str]:
        """Return the stable code of what is wrong with each field."""
        return {name: part.code for part in reversed(self.parts) for name in part.fields}

    def rename_fields(self, names: Mapping[str, str]) -> None:
        """Call the fields what the caller calls them: `names` maps ours to theirs."""
        for refusal in {self, *self.parts}:
            refusal.fields = {names.get(k, k): v for k, v in refusal.fields.items()}


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


class Findings:
    """What is wrong with one request, gathered so that the person hears all of it at once.

    ```
    found = Findings()
    with found.noting():
        rules.check_this(…)
    with found.noting():
        rules.check_that(…)
    found.raise_all()
    ```
    """

    def __init__(self) -> None:
        self.refusals: list[DomainError] = []

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Keep a refusal for later, so that what follows is looked at too.

        :raises NotAllowed: at once: who may not do this is told nothing more
        """
        try:
            yield
        except NotAllowed:
            raise
        except DomainError as refusal:
            self.refusals.extend(refusal.parts)

    def is_about(self, field: str) -> bool:
        """Say whether something is found wrong with a field."""
        return any(field in refusal.fields for refusal in self.refusals)

    def raise_all(self) -> None:
        """Raise what was found as one; nothing where all is well.

        Its message and code are of the first that is about no field, else of the first; of several
        about one field the first is told.
        """
        if len(self.refusals) < 2:
            if self.refusals:
                raise self.refusals[0]
            return
        first = next((one for one in self.refusals if not one.fields), self.refusals[0])
        fields: dict[str, str] = {}
        for refusal in self.refusals:
            fields = refusal.fields | fields
        whole = DomainError(first.message, code=first.code, fields=fields)
        whole.status, whole.retry_after = first.status, first.retry_after
        whole.parts = tuple(self.refusals)
        raise whole
