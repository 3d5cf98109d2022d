"""Superlattices [A_n/B_m]_N: transport of the sublayers, spectra of an edge, x-ray reflectivity and diffraction."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
