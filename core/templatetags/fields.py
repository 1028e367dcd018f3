"""What is wrong with a form's field, on pages."""

from django import template

from core.forms import list_errors

register = template.Library()
register.filter("list_errors", list_errors)
