"""Index the Social Security numbers that custodians gave before there was an index."""

from django.db import migrations

from core.encryption import blind_index


def index_numbers(apps, schema_editor):
    """Index the numbers given before, as `accounts.family.index_number` does."""
    profiles = apps.get_model("accounts", "KycProfile")
    for profile in profiles.objects.filter(ssn_index="").iterator():
        index = blind_index(profile.ssn, context="accounts.child.ssn")
        profiles.objects.filter(pk=profile.pk).update(ssn_index=index)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_position_index_and_broker_word"),
    ]

    operations = [
        migrations.RunPython(index_numbers, migrations.RunPython.noop),
    ]
