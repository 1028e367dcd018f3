"""Tokens for browsers, and the right to let go of a request that was begun and refused."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from tenants.walls import ROLE, wall


class Migration(migrations.Migration):
    dependencies = [("tenants", "0005_stocksprout_prefills"), ("core", "0005_claimed_requests")]
    operations = [
        migrations.CreateModel(
            name="ClientToken",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.UUIDField(help_text="The only person it may touch")),
                (
                    "prefix",
                    models.CharField(help_text="How the token begins", max_length=20, unique=True),
                ),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the whole token", max_length=64),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="client_tokens",
                        to="tenants.apikey",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
        ),
        wall("tenants_clienttoken", rights="SELECT, INSERT"),
        migrations.RunSQL(
            f"GRANT DELETE ON core_idempotentrequest TO {ROLE};",
            f"REVOKE DELETE ON core_idempotentrequest FROM {ROLE};",
        ),
    ]
