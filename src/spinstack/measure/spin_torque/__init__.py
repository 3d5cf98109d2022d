"""Spin-orbit torques from lock-in records: harmonic Hall, spin-torque resonance, shifted loops, switching currents."""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
