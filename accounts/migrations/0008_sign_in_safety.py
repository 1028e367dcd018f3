import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_consent_documents"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecurityNote",
            fields=[
                ("next_step_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                (
                    "attempts",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="Failed tries since the last success"
                    ),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="Those of them that no outage explains"
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="Why the last try failed",
                        max_length=200,
                    ),
                ),
                (
                    "parked_at",
                    models.DateTimeField(
                        blank=True, help_text="Given up until a person wakes it", null=True
                    ),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("to", core.fields.EncryptedCharField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("body", core.fields.EncryptedTextField()),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="security_notes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="KnownBrowser",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "token_hash",
                    models.CharField(help_text="Of its cookie", max_length=64, unique=True),
                ),
                (
                    "traces",
                    models.CharField(help_text="Keyed hash of address and browser", max_length=64),
                ),
                ("address", models.CharField(help_text="Keyed hash of the address", max_length=64)),
                ("created_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_browsers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "address"], name="known_by_address")],
            },
        ),
    ]
