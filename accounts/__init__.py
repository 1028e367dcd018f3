"""People: users who sign in, parents (custodians) with what KYC asks of them, children, consents,
and the states' custodianship ages. It never hears of brokers, banks or gifts."""
