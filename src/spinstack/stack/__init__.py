"""What a film is: elements with parameters, composed bottom to top. Knows no solver."""

from spinstack.stack.element import Element
from spinstack.stack.ferromagnet import Ferromagnet
from spinstack.stack.film import Film
from spinstack.stack.insulator import MagneticInsulator, Vacuum
from spinstack.stack.interface import Interface
from spinstack.stack.metal import Layer, Metal
from spinstack.stack.parameters import ParameterError

__all__ = [
    "Element", "Ferromagnet", "Film", "Interface", "Layer", "MagneticInsulator", "Metal", "ParameterError", "Vacuum",
]  # fmt: skip
