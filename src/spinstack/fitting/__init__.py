"""From measured numbers back to the parameters of films: priors, problems, fits, what the data determine."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
