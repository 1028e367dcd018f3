"""For how long to wait, in words."""

import math

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR = 60, 3600


def in_words(seconds: float) -> str:
    """Return when to try again: “in 40 seconds”, “in 4 minutes”, “in 2 hours”; never too early."""
    whole = max(1, math.ceil(seconds))
    if whole < MINUTE:
        return ngettext("in %d second", "in %d seconds", whole) % whole
    minutes = math.ceil(whole / MINUTE)
    if minutes < 2 * MINUTE:
        return ngettext("in %d minute", "in %d minutes", minutes) % minutes
    hours = math.ceil(whole / HOUR)
    return _("in %d hours") % hours


def try_again(seconds: float) -> str:
    """Return a sentence that says when to try again."""
    return _("Please try again %s.") % in_words(seconds)
