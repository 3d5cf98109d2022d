"""What a measurement of the film shows; every function takes a film and reads its solution."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
