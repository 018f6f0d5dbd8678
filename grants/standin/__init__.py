"""A stateful stand-in for the provider's Global Payouts calls, for the demo and the tests.

It serves on this machine only, reads its contract from the installed SDK, keeps its own state and its own record
of what was truly executed, and does on demand what real providers do on bad days. `process.Standin` starts it;
`python -m grants.standin` is the same by hand.
"""
