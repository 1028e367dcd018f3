"""The sandbox: a second party on loopback, speaking the vendors' own wire formats.

It stands in for the broker DriveWealth when the real one may not or cannot be called: in tests,
in the demo, on a train. It is reached over real HTTP only, keeps its own books, its own calendars
and its own clock (which can be moved forward), and can be told to misbehave. It imports nothing
of the application it serves, so the two can only agree through what goes over the wire.
Start it with ``python -m sandbox``; tests use ``sandbox.server.running``.
"""
