"""`manage.py make_staff EMAIL [--json]`: a compliance officer with password and second factor."""

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from core import audit, clock


class Command(BaseCommand):
    help = "Make a staff account for the compliance desk; print its password and TOTP secret once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--json", action="store_true", help="One JSON document")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].lower()
        if User.objects.filter(email=email).exists():
            raise CommandError(f"There is a user {email} already.")
        password = secrets.token_urlsafe(16)
        secret = generate_totp_secret()
        user = User.objects.create_superuser(email, password)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        TOTP.activate(user, secret)
        audit.record("staff.made", user, by="make_staff", at=clock.now())
        if options["json"]:
            self.stdout.write(json.dumps({"password": password, "totp_secret": secret}))
        else:
            self.stdout.write(f"Password: {password}\nTOTP secret: {secret}")
