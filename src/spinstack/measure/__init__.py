"""From the meter to numbers: reading, cleaning, analysing measured magnetotransport. Knows nothing of the solvers.

A measurement is a labelled dataset with a history (:mod:`spinstack.measure.measurement`); `readers` make one from a
file, `cleaning` corrects it, `angles`, `sweeps` and `superlattice` find numbers with uncertainties.
"""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
