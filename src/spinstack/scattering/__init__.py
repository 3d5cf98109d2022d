"""What one interface does to an electron: conductance, conductivity, torkance, torkivity and accumulation tensors."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
