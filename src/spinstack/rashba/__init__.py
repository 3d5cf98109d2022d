"""The two-dimensional Rashba gas of a magnet: bands, spin density, conductivity and torque."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
