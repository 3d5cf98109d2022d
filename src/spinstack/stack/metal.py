"""A non-magnetic conducting layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.numerics.constants import ELEMENTARY_CHARGE
from spinstack.stack.described import described
from spinstack.stack.layer import Layer
from spinstack.stack.parameters import BOTH, DRIFT_DIFFUSION, is_open, is_tensor, parameter


@described
class Metal(Layer):
    """A non-magnetic metal with spin Hall effect, Hanle precession and ordinary Hall effect.

    ``Q_z = theta sigma (z x E) - (sigma/2) d mu_s`` with spin relaxation over `spin_diffusion_length`.
    """

    spin_splitter: Any = parameter(
        "1",
        "spin-splitter tensor [spin, field] (3x2) of an altermagnet for its actual Neel vector, odd in that vector",
        default=None, theories=BOTH, after="spin_hall_angle", kind="angle", otherwise=lambda _: np.zeros((3, 2)),
        material=False, law=False,
    )  # fmt: skip
    diffusion_coefficient: float | None = parameter(
        "m^2/s", "electron diffusion coefficient D, which sets Hanle precession", default=None,
        theories=DRIFT_DIFFUSION, acts_in="B", low=0, open_low=True,
    )  # fmt: skip
    density_of_states: float | None = parameter(
        "1/(J m^3)",
        "density of states per spin at the Fermi level; gives D = sigma / (2 e^2 nu) where D is not given",
        default=None, theories=DRIFT_DIFFUSION, acts_in="B", low=0, open_low=True,
    )  # fmt: skip
    g_factor: float = parameter(
        "1", "electron g-factor in omega_L = g mu_B B / hbar", default=2.0, theories=DRIFT_DIFFUSION, acts_in="B"
    )

    def numbers(self, theory: str = "") -> dict[str, Any]:
        """The parameters as numbers; D and the density of states, either of which may be absent, as 1/D [s/m^2]."""
        p = super().numbers(theory)
        if "diffusion_coefficient" in p:
            D, nu = p.pop("diffusion_coefficient"), p.pop("density_of_states")
            if D is not None:
                p["inverse_diffusion"] = 1 / D
            else:
                # sigma = 2 e^2 nu D with nu per spin (Zhang, Bergeret, Golovach, below Eq. 3)
                p["inverse_diffusion"] = 0.0 if nu is None else 2 * ELEMENTARY_CHARGE**2 * nu / p["conductivity"]
        return p

    def _check(self) -> None:
        super()._check()
        if self.diffusion_coefficient is not None and self.density_of_states is not None:
            why = "both diffusion_coefficient and density_of_states, which fix the same thing"
            raise self.refused("diffusion_coefficient", why, remedy="Give one.")
        splitter = self.spin_splitter
        if splitter is None:
            return
        if not is_tensor(splitter):
            raise self.refused("spin_splitter", f"of shape {np.shape(splitter)}", allowed="a 3x2 tensor")
        if not is_open(splitter) and np.linalg.svd(np.asarray(splitter), compute_uv=False).max() > 1 + 1e-12:
            why = "whose largest singular value exceeds 1: more spin current than charge current would gain energy"
            raise self.refused("spin_splitter", why, allowed="singular values up to 1")
