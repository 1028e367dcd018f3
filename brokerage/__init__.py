"""Everything at the broker: users, accounts, banks, instruments, and the purchase engine with its
deposits and orders; positions, cash and reconciliation. It never hears of gifts: whoever wants
shares bought calls `start_purchase` and listens to `purchase_moved`."""
