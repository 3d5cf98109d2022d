"""What one interface does to an electron, and the tensors that follow: conductance, conductivity, torkance, torkivity."""

from spinstack.scattering.delta_barrier import DeltaBarrier

__all__ = ["DeltaBarrier"]
