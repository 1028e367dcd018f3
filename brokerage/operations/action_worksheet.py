"""What one company's action did to the cost of shares, as far as rule or the broker's figure say.

What is certain is decided by rule: shares for shares keep their cost and dates (26 CFR 1.358-1,
1.307-1), shares for cash alone are sold, money given back lowers the cost. Else the broker's figure
decides, once it tells one; until then nobody is told a gain of those shares.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Max

from brokerage.lot_actions import A_CENT, Acted
from brokerage.lot_history import read_history, work_out_account
from brokerage.lots import ZERO, Lots
from brokerage.models import BrokerAccount, CompanyAction, Holding

Kind = CompanyAction.Kind
Source = CompanyAction.Source


@dataclass(frozen=True)
class Decision:
    """What the new shares cost (None: all that went), out of whose cost, and who says so.

    `taxed`: the shares or the money are income of that day. `sold_basis`: what the part of a share
    cost that was paid in cash.
    """

    known_by: Source
    basis: Decimal | None = None
    parent: UUID | None = None
    taxed: bool | None = None
    sold_basis: Decimal | None = None


class Worksheet:
    """One action with the account's lots around it and the broker's figures after it.

    :ivar fresh: the broker's figures were read since the last leg was booked
    """

    def __init__(self, account: BrokerAccount, action: CompanyAction) -> None:
        self._action = action
        self._history = read_history(account)
        self._acted = next(one for one in self._history.actions if one.pk == action.pk)
        self._net = self._acted.net()
        self._came = [pk for pk, quantity in self._net.items() if quantity > 0]
        booked_at: datetime = action.legs.aggregate(last=Max("created_at"))["last"]
        self.fresh = account.synced_at is not None and account.synced_at >= booked_at
        held = Holding.objects.filter(account=account) if self.fresh else Holding.objects.none()
        self._theirs = dict(held.values_list("instrument", "cost_basis"))

    def decide(self) -> Decision | None:
        """Return what follows; None while it can not be known."""
        decide: Callable[[], Decision | None] = {
            Kind.SPLIT: self._split,
            Kind.STOCK_DIVIDEND: self._stock_dividend,
            Kind.SPINOFF: self._spin_off,
            Kind.TRANSFER: self._transfer,
            Kind.CAPITAL_RETURN: self._money_back,
            Kind.CASH_IN_LIEU: self._part_of_a_share,
            Kind.CASH_OUT: lambda: Decision(Source.RULE),
            Kind.EXCHANGE: self._exchange,
        }[Kind(self._action.kind)]
        return decide()

    def most_basis(self, parent: UUID | None) -> Decimal | None:
        """Return the most dollars the new shares can have cost; None where nothing limits it."""
        if self._action.kind == Kind.SPINOFF and parent:
            return self._lots(settled=False).get(parent, Lots()).cost
        if self._action.kind in (Kind.SPLIT, Kind.CASH_IN_LIEU) and self._acted.instruments:
            return self._lots(settled=False).get(self._acted.instruments[0], Lots()).cost
        return None

    def _split(self) -> Decision | None:
        if not self._net:
            return self._part_of_a_share()
        if len(self._net) != 1:
            return None
        (instrument,) = self._net
        if self._lots(settled=False).get(instrument, Lots()).quantity <= 0:
            # Of a split told in two legs only the first has come, unless cash came for all.
            return Decision(Source.RULE) if self._acted.cash > 0 else None
        return self._part_of_a_share() if self._acted.cash else Decision(Source.RULE)

    def _part_of_a_share(self) -> Decision | None:
        """Take the broker's figure for what is left; where it has not fallen, it tells nothing."""
        if len(self._acted.instruments) != 1:
            return None
        (instrument,) = self._acted.instruments
        before = self._lots(settled=False).get(instrument, Lots()).cost
        left = self._theirs.get(instrument, ZERO)
        return Decision(Source.BROKER, left) if ZERO < left < before else None

    def _stock_dividend(self) -> Decision | None:
        """Spread the cost where it is not taxed; else the broker tells what came is worth."""
        if self._action.taxed is None:
            return None
        if not self._action.taxed:
            decided = self._part_of_a_share() if self._acted.cash else Decision(Source.RULE)
            return replace(decided, taxed=False) if decided else None
        if len(self._came) != 1 or self._acted.cash:
            return None
        (instrument,) = self._came
        worth = self._theirs.get(instrument, ZERO) - self._cost(instrument, ZERO)
        return Decision(Source.BROKER, worth, taxed=True) if worth > 0 else None

    def _money_back(self) -> Decision | None:
        """Lower the cost where the broker says so: in its word for it, or by its own figure."""
        if self._action.taxed is not None:
            return Decision(Source.RULE, taxed=self._action.taxed)
        if len(self._acted.instruments) != 1:
            return None
        (instrument,) = self._acted.instruments
        supposed = replace(self._acted, settled=True, taxed=False)
        lowered = self._work_out(supposed).get(instrument, Lots()).cost
        same = abs(self._theirs.get(instrument, ZERO) - lowered) <= A_CENT
        before = self._lots(settled=False).get(instrument, Lots()).cost
        known = instrument in self._theirs and same and before - lowered > A_CENT
        return Decision(Source.BROKER, taxed=False) if known else None

    def _exchange(self) -> Decision | None:
        """Decide a merger or change of symbol; both what came and what went must be known."""
        if len(self._came) != 1 or len(self._net) < 2:
            return None
        if not self._acted.cash:
            return Decision(Source.RULE)
        (into,) = self._came
        others = self._cost(into, ZERO)
        most = self._cost(into, None) - others + self._acted.cash
        carried = self._theirs.get(into, ZERO) - others
        return Decision(Source.BROKER, carried) if ZERO < carried <= most else None

    def _spin_off(self) -> Decision | None:
        """Take the broker's figure, and for parent the one company whose cost fell by as much.

        Where a part of a share was paid in cash, its cost fell by that part's cost as well.
        """
        if len(self._came) != 1:
            return None
        (into,) = self._came
        carried = self._theirs.get(into, ZERO) - self._cost(into, ZERO)
        parted = {}
        for instrument, lots in self._lots(settled=False).items():
            fell = lots.cost - self._theirs.get(instrument, lots.cost)
            rest = fell - carried
            if instrument != into and abs(rest) <= A_CENT:
                parted[instrument] = ZERO
            elif instrument != into and self._acted.cash and rest > ZERO and fell > 0:
                parted[instrument] = rest
        told = self._action.parent_id
        parents = [one for one in parted if told is None or one == told]
        if carried <= 0 or len(parents) != 1:
            return None
        sold = parted[parents[0]] if self._acted.cash else None
        return Decision(Source.BROKER, carried, parents[0], sold_basis=sold)

    def _transfer(self) -> Decision | None:
        if not self._came:
            return Decision(Source.RULE)
        (into,) = self._came
        carried = self._theirs.get(into, ZERO) - self._cost(into, ZERO)
        return Decision(Source.BROKER, carried) if carried > 0 else None

    def _cost(self, instrument: UUID, basis: Decimal | None) -> Decimal:
        """Return what shares would cost if those of this action cost so much."""
        return self._lots(settled=True, basis=basis).get(instrument, Lots()).cost

    def _lots(self, *, settled: bool, basis: Decimal | None = None) -> dict[UUID, Lots]:
        return self._work_out(replace(self._acted, settled=settled, basis=basis))

    def _work_out(self, supposed: Acted) -> dict[UUID, Lots]:
        actions = [supposed if one.pk == self._acted.pk else one for one in self._history.actions]
        return work_out_account(self._history.events, actions)
