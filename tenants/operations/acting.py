"""How a member comes to act: their company locked, their role as it is now."""

from django.shortcuts import get_object_or_404

from tenants import rules
from tenants.models import Membership, Tenant


def lock_for(member: Membership, permission: rules.Permission) -> Membership:
    """Return the membership read again, with the company's row locked against other changes.

    Two changes of one company come one after the other, so that two administrators can not remove
    each other at the same moment. Customers who sign up meanwhile do not wait.

    :raises Http404: removed since the page was read
    :raises NotAllowed: the role lacks the permission
    :raises NotNow: the company is suspended
    """
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=member.tenant_id)
    present = get_object_or_404(
        Membership.objects.select_related("user"), pk=member.pk, tenant=tenant
    )
    present.tenant = tenant
    rules.check_may(present, permission)
    rules.check_active(tenant)
    return present
