"""A tunnel barrier between two magnets."""

from __future__ import annotations

from collections.abc import Iterator

from spinstack.stack.described import described
from spinstack.stack.element import Element
from spinstack.stack.parameters import DRIFT_DIFFUSION, THEORIES, parameter
from spinstack.text.errors import ParameterError


@described
class TunnelJunction(Element):
    """A tunnel barrier between two magnets: tunnelling magnetoresistance and Slonczewski's torque, at low voltage.

    Electrons keep their spin in the barrier: between spin s along the m below and s' along the m above
    ``g_ss' = G0 (1 + s P)(1 + s' P')(1 + s s' cos)/4`` is conducted, cos that of the angle between the two, so that
    ``TMR = 2 P P'/(1 - P P')`` (Julliere, Phys. Lett. A 54, 225 (1975); Slonczewski, Phys. Rev. B 39, 6995 (1989)).
    What arrives across the m of a side turns that magnet. The magnets are the next layers below and above, beyond
    interfaces. Of a measured TMR between equal magnets ``P = sqrt(TMR/(2 + TMR))``. In drift-diffusion only; valid at
    voltages far below those at which the TMR falls (some 0.1 V), without a field-like torque.
    """

    resistance_area_product: float = parameter(
        "ohm m^2",
        "RA, resistance times area of the barrier between parallel magnets at low voltage (1 Ohm um^2 = 1e-12 Ohm m^2)",
        theories=DRIFT_DIFFUSION, low=0, open_low=True,
    )  # fmt: skip
    polarization: float = parameter(
        "1", "tunnelling polarisation P of the lower face: (up - down)/(up + down), up along the m below",
        theories=DRIFT_DIFFUSION, low=-1, high=1, open_low=True, open_high=True,
    )  # fmt: skip
    polarization_upper: float | None = parameter(
        "1", "tunnelling polarisation P' of the upper face, up along the m above; default: the same", default=None,
        theories=DRIFT_DIFFUSION, otherwise=lambda p: p["polarization"], low=-1, high=1, open_low=True, open_high=True,
    )  # fmt: skip

    def unread(self, theory: str, where: str) -> Iterator[ParameterError]:
        """The complaint of a theory that knows no junctions: one about the element, not one for each parameter."""
        why, remedy = f"of a tunnel junction, which {THEORIES[theory]} does not contain", "Take ss.DriftDiffusion()."
        yield self.refused("resistance_area_product", why, where=where, remedy=remedy)
