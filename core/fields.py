"""Encrypted model fields: text in Python, AES-256-GCM bytes in the database, no look-ups.

They build on django-fernet-fields-v2 for the column type and the refusal of look-ups.
"""

from datetime import date
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.expressions import BaseExpression
from fernet_fields import fields as fernet

from core import encryption


class EncryptedMixin:
    """Encrypt on the way in, decrypt on the way out."""

    model: type[models.Model]
    name: str

    @property
    def context(self) -> str:
        """Name the column a value belongs to; part of what is authenticated."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Encrypt here, not in `get_db_prep_save`: `bulk_update` passes values this way too."""
        if value is None or isinstance(value, BaseExpression):
            return value
        if isinstance(value, memoryview | bytes):
            raise TypeError(f"{self.context} takes text, never bytes.")
        return encryption.encrypt(str(value), context=self.context)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, BaseExpression):
            return value
        return self.get_db_prep_value(value, connection)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)  # type: ignore[misc]
        self._refuse_plain(value)
        return value

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        self._refuse_plain(value)
        return "%s"

    def _refuse_plain(self, value: Any) -> None:
        """Refuse an expression that would write plain text past the encryption.

        :raises FieldError: e.g. `update(ssn=Value("…"))`; `F` of an encrypted column may pass
        """
        if isinstance(value, BaseExpression) and not isinstance(value.output_field, EncryptedMixin):
            raise FieldError(f"{self.context} takes no expression but of an encrypted field.")

    def from_db_value(self, value: Any, expression: Any, connection: Any, *args: Any) -> Any:
        if value is None:
            return None
        return encryption.decrypt(bytes(value), context=self.context)


class EncryptedCharField(EncryptedMixin, fernet.EncryptedCharField):  # type: ignore[misc]
    """A short secret text: a personal number, an account number, a token."""


class EncryptedTextField(EncryptedMixin, fernet.EncryptedTextField):  # type: ignore[misc]
    """A long secret text."""


class EncryptedDateField(EncryptedMixin, fernet.EncryptedDateField):  # type: ignore[misc]
    """A secret day, e.g. of birth."""

    def get_prep_value(self, value: Any) -> Any:
        return value if isinstance(value, BaseExpression) else self.to_python(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any, *args: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return None if text is None else date.fromisoformat(text)
