"""Magnets of a film that move: what holds them, what a current does to them, where they come to rest, how they turn."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
