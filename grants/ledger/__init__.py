"""The books: append-only double entry in minor units; only flow posts to them."""
