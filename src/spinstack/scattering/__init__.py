"""What one interface does to an electron: conductance, conductivity, torkance, torkivity and accumulation tensors."""

# a model is known to sample files once its module is loaded
from spinstack.scattering import barrier as barrier
from spinstack.scattering import data as data
from spinstack.scattering import delta_barrier as delta_barrier
from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
