"""What is wrong with a form's field, and whether anything is, on pages."""

from django import template
from django.forms import BaseForm

from core.forms import list_errors

register = template.Library()
register.filter("list_errors", list_errors)


@register.simple_tag(takes_context=True)
def has_errors(context: template.Context) -> bool:
    """Say whether a form of this page came back with something wrong, whatever it is called."""
    shown = context.flatten().values()
    return any(isinstance(one, BaseForm) and one.is_bound and bool(one.errors) for one in shown)
