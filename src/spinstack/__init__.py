"""Spin and charge transport in layered magnetic films: from the interface to the meter.

A film is elements from the bottom to the top, composed with ``|``; observables take a film::

    import spinstack as ss

    film = ss.MagneticInsulator.of("YIG") | ss.Metal.of("Pt-SMR", thickness=5e-9)
    ss.angular_scan(film, plane="beta")

SI units everywhere; unit strings belong in sample files (:func:`load_sample`).
"""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
