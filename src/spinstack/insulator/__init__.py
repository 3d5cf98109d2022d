"""What the moments at the face of a magnetic insulator do to an electron's spin, in a field and at a temperature."""

from spinstack.insulator.antiferromagnet import WeissAntiferromagnet
from spinstack.insulator.ferrimagnet import WeissFerrimagnet
from spinstack.insulator.given_antiferromagnet import Antiferromagnet
from spinstack.insulator.magnet import Conductances, Magnet
from spinstack.insulator.weiss import WeissMagnet

__all__ = ["Antiferromagnet", "Conductances", "Magnet", "WeissAntiferromagnet", "WeissFerrimagnet", "WeissMagnet"]
