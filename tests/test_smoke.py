from tests.cast import Family


def test_a_gift_becomes_shares(family: Family) -> None:
    assert family.account.status == "OPEN"
    purchase = family.buy()
    assert purchase.status == "EXECUTED", (purchase.trouble, purchase.failure)
    family.account.refresh_from_db()
    assert family.account.checked_at
    page = family.client.get(f"/children/{family.child.pk}/")
    assert page.status_code == 200
    print(page.content.decode()[:3000])
