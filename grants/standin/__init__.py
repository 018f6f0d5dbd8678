"""A stateful stand-in for the payment provider's Global Payouts calls, served on this machine for the demo and the tests.

It reads its contract from the installed SDK, keeps its own state and its own record of what was truly executed, and
does on demand what real providers do on bad days. `process.Standin` starts it; `python -m grants.standin` is the same
by hand.
"""
