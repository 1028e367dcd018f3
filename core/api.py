"""What the API stands on: JSON with exact decimals, and how often a person may ask."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import IO, Any, Self

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, UserRateThrottle

from core.letters import find_unusable, with_plain_line_ends
from core.throttle import Throttle


class Written(Decimal):
    """A number of a JSON body that remembers how it was written: `1e2` is not `100` to a person."""

    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number


class DecimalJSONParser(JSONParser):
    """Read JSON numbers as Decimal, money never passes through a float; and texts as we keep them.

    :raises ValidationError: a text no database keeps, beside its field
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            # Django keeps a body it has read itself: the request can be worked on again.
            body = stream.body if isinstance(stream, HttpRequest) else stream.read()
            read = json.loads(body.decode(), parse_float=Written, parse_constant=_refuse_constant)
            unusable, read = find_unusable(read), with_plain_line_ends(read)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise ParseError("The body is not valid JSON.") from error
        except OSError as error:
            raise ParseError("The body was cut off.") from error
        if unusable:
            raise serializers.ValidationError(unusable)
        return read


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


class AmountField(serializers.DecimalField):
    """Dollars or shares as one would write them: digits, and a dot with decimals where need be.

    Text or number; without sign, exponent, blanks, or what else Decimal reads (1_000, NaN, ５).
    """

    def to_internal_value(self, data: Any) -> Decimal:
        text = getattr(data, "text", None) or str(data)
        if isinstance(data, bool) or not isinstance(data, (str, int, Decimal)):
            self.fail("invalid")
        places = self.decimal_places or 0
        if not re.fullmatch(r"[0-9]{1,30}(\.[0-9]{1,30})?", text):
            self.fail("invalid")
        if len(text.partition(".")[2].rstrip("0")) > places:
            self.fail("max_decimal_places", max_decimal_places=places)
        return self.validate_precision(Decimal(text).quantize(Decimal(1).scaleb(-places)))


class WholeNumberField(serializers.IntegerField):
    """A whole number in digits; not all that int reads (1_000, blanks, ５)."""

    def to_internal_value(self, data: Any) -> int:
        text = getattr(data, "text", None) or str(data)
        if isinstance(data, bool) or not re.fullmatch(r"-?[0-9]{1,18}(\.0+)?", text):
            self.fail("invalid")
        return super().to_internal_value(text)


class StoredDecimalField(serializers.DecimalField):
    """A decimal as a column keeps it: with its places already, so that it is only written down.

    DRF rounds every number anew, which costs as much as all the rest of a row.
    """

    def to_representation(self, value: Any) -> Any:
        places = self.decimal_places or 0
        if isinstance(value, Decimal) and value.as_tuple().exponent == -places:
            return f"{value:f}"
        return super().to_representation(value)


class PercentField(serializers.DecimalField):
    """A number in percent with two places, null where there is none; nothing is never `-0.00`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, allow_null=True, **more)

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(round(value, 2) + 0)


class Shape(serializers.Serializer[Any]):
    """What only goes out: its fields are made once a process.

    DRF copies the fields of a serializer, and those of every nested one, for each answer anew.
    """

    @property
    def fields(self) -> Any:
        return _fields(type(self))


@cache
def _fields(shape: type[Shape]) -> Any:
    return vars(serializers.Serializer)["fields"].func(shape())


class RefusalOut(serializers.Serializer[Any]):
    """RFC 9457. `code` is stable; `detail` is a sentence for a person."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), required=False, help_text="What is wrong with which field"
    )
    codes = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="Where several things are wrong: the stable code of each field's",
    )


class PersonThrottle(BaseThrottle):
    """API_RATE for each signed-in person and web process; who is not signed in is by address.

    DRF's own keeps a list of moments in the cache: one row that all requests of a person would
    write one after the other, each waiting for a disk.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Take one request from the person's bucket."""
        who = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        rates: dict[str, str] = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]  # type: ignore[assignment]
        return _bucket(rates["user"]).admits(str(who))

    def wait(self) -> float:
        """Return the seconds after which to ask again."""
        return 1.0


@cache
def _bucket(rate: str) -> Throttle:
    number, seconds = UserRateThrottle().parse_rate(rate)
    if not number or not seconds:
        raise ImproperlyConfigured("API_RATE is a number of requests, e.g. 600/min.")
    return Throttle(number / seconds)
