"""`manage.py make_tenant SLUG NAME ADMIN_EMAIL`: a company with its first administrator."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from core import clock
from core.errors import DomainError
from tenants.operations import make_tenant


class Command(BaseCommand):
    help = "Make a tenant; its first administrator has signed up already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="Letters, digits and hyphens; part of addresses")
        parser.add_argument("name")
        parser.add_argument("admin_email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_slug(options["slug"])
            tenant = make_tenant(
                slug=options["slug"],
                name=options["name"],
                admin_email=options["admin_email"],
                by="make_tenant",
                at=clock.now(),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{tenant.name}: its portal is /tenant/{tenant.slug}/")
