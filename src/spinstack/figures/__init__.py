"""Figures of films, results and measurements: each function takes data and returns a matplotlib ``Figure``.

Nothing here touches pyplot or any global state, so figures can be drawn in threads and on machines without a display.
matplotlib is loaded with the first figure, not with this module.
"""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
