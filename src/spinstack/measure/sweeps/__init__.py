"""Field and temperature sweeps: Hall effect, hysteresis loops, magnetoresistance, critical temperatures."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
