"""Shapes at the edge, in and out: what may be typed or sent, and how it is said when it cannot be used."""
