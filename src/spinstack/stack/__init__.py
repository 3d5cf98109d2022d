"""What a film is: elements with parameters, composed bottom to top. Knows no solver."""

from spinstack.stack.altermagnet import Altermagnet
from spinstack.stack.element import Element
from spinstack.stack.ferromagnet import Ferromagnet
from spinstack.stack.film import Film
from spinstack.stack.insulator import MagneticInsulator, Vacuum
from spinstack.stack.interface import Interface
from spinstack.stack.junction import TunnelJunction
from spinstack.stack.layer import Layer
from spinstack.stack.metal import Metal
from spinstack.text.errors import ParameterError

__all__ = [
    "Altermagnet", "Element", "Ferromagnet", "Film", "Interface", "Layer", "MagneticInsulator", "Metal",
    "ParameterError", "TunnelJunction", "Vacuum",
]  # fmt: skip
