"""Telling people: what is written to those who apply and receive, in the one way that is safe, once, or not at all.

``tell`` writes it down with the change that caused it; ``sending`` makes the words at the moment of sending, and looks
at everything again. No safe way: nothing is written, and a worker is asked.
"""

from __future__ import annotations

from grants.flow.telling_people.telling import Event, names_of, tell, way_to, wishes_of

__all__ = ["Event", "names_of", "tell", "way_to", "wishes_of"]
