"""Give every child its first link, and find the gifts of one sender by the e-mail's keyed hash."""

from typing import Any

from django.db import migrations

from core.encryption import blind_index

BATCH = 500


def fill(apps: Any, _editor: Any) -> None:
    Child = apps.get_model("accounts", "Child")
    Contributor = apps.get_model("gifting", "Contributor")
    Gift = apps.get_model("gifting", "Gift")
    GiftLink = apps.get_model("gifting", "GiftLink")
    for pk, code, created_at in Child.objects.values_list("pk", "gift_code", "created_at"):
        link, _created = GiftLink.objects.get_or_create(
            code=code, defaults={"child_id": pk, "is_main": True, "created_at": created_at}
        )
        Gift.objects.filter(child_id=pk, link=None).update(link=link)
    unknown = Contributor.objects.filter(email_index="").only("pk", "email")
    rows = []
    for giver in unknown.iterator(chunk_size=BATCH):
        index = blind_index(giver.email.strip().lower(), context="gifting.giver.email")
        rows.append((giver.pk, index))
    for pk, index in rows:
        Contributor.objects.filter(pk=pk).update(email_index=index)


class Migration(migrations.Migration):
    dependencies = [("gifting", "0005_links_and_senders")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
