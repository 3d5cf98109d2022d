"""Control films: the parameters of their layer, and that layer in a sample file."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
