"""DriveWealth's back-office API as its partners meet it.

Paths, field names, status spellings, error codes and oddities follow the vendor's published
documentation and specification, oddities included: a deposit's status has three shapes, a wrong
secret is HTTP 400, an order over the buying power is accepted first and rejected a moment later.
Where the vendor publishes nothing (settlement to order, prices, what a queue delivers over HTTP)
the sandbox has its own ways, and its docstrings say so.
"""
