"""Gifts: the link, the giver, the gift, its approval and its tracker. Shares are bought by asking
`brokerage.start_purchase`; how that goes is read off the purchase."""
