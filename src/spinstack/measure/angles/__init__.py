"""Angle scans: harmonics, the three planes together, magnetisation that lags the field, tables of amplitudes."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
