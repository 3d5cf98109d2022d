"""Magnetic insulators whose moments or Neel vectors follow a field with their hysteresis."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.text.errors import ParameterError

NM = 1e-9
METAL = ss.Metal("Pt", thickness=3 * NM, conductivity=3e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.1)
WEISS = ss.WeissMagnet(
    spin=3.5, surface_density=4e18, exchange_coupling=1e-48, density_of_states=8e46 / 1.6, curie_temperature=100.0
)
FILM = ss.MagneticInsulator("EuS", magnet=WEISS) | METAL
NIO = ss.MagneticInsulator("NiO", mixing_conductance=1e14) | METAL


@pytest.mark.study
def test_a_weiss_magnet_has_its_coercive_field():
    """Easy axis along y: the resistance is that of m along y until the field reaches its anisotropy field."""
    made = ss.MagneticModel(FILM, [
        ss.Macrospin("EuS", magnetization=1e6, thickness=5 * NM, anisotropy_field=0.2, easy_axis="y",
                     effective_magnetization=1.0)
    ], T=10.0)  # fmt: skip
    B = np.linspace(0.5, -0.5, 101)
    path = np.stack([0.02 + 0 * B, B, 0 * B], -1)
    found = ss.field_scan(FILM, path, m=made, T=10.0)
    held = ss.equilibrium(made, B=path, m="y")["m"].values[:, 0]
    leaves = B[np.argmax(np.abs(np.diff(held[:, 1])))]
    # Stoner and Wohlfarth's astroid
    assert leaves == pytest.approx(-((0.2 ** (2 / 3) - 0.02 ** (2 / 3)) ** 1.5), abs=0.011)
    for k in (0, 60, 100):
        one = ss.sheet_resistance(FILM, m=held[k], B=path[k], T=10.0)
        assert found["R_xx"].values[k] == pytest.approx(one[0, 0], rel=1e-12)


def test_a_neel_vector_flops_across_the_field():
    made = ss.MagneticModel(
        NIO, [ss.NeelVector("NiO", spin_flop_field=2.0, easy_axis="x", hard_field=5.0, hard_axis="z")]
    )
    B = np.linspace(0.1, 4.0, 40)
    n = ss.equilibrium(made, B=B[:, None] * np.array([1.0, 0, 0]), m="x")["m"].values[:, 0]
    assert np.abs(n[B < 1.99, 0]).min() > 0.999
    assert np.abs(n[B > 2.01, 1]).min() > 0.999
    # an oblique field turns it smoothly: tan 2a = B^2 sin 2p/(B^2 cos 2p - B_f^2), a from the easy axis
    p = 0.3
    n = ss.equilibrium(made, B=B[:, None] * np.array([np.cos(p), np.sin(p), 0]), m="x")["m"].values[:, 0]
    size = B**2 * np.array([[np.cos(2 * p)], [np.sin(2 * p)]])
    turn = np.arctan2(-size[1], 4.0 - size[0]) / 2
    assert np.abs(n[:, 0] * np.sin(turn) - n[:, 1] * np.cos(turn)).max() < 1e-9


def test_without_axes_of_its_own_it_gives_negative_spin_hall_magnetoresistance():
    """Across a field that turns in the plane the Neel vector is along y where the field is along x."""
    made = ss.MagneticModel(NIO, [ss.NeelVector("NiO", hard_field=5.0, hard_axis="z")])
    scan = {"plane": "alpha", "angles": [0.0, 45.0, 90.0], "field": 1.0, "turns": "field"}
    neel = ss.angular_scan(NIO, m=made, **scan)["R_xx"].values
    magnet = ss.angular_scan(NIO, m="along B", **scan)["R_xx"].values
    assert neel == pytest.approx(magnet[::-1], rel=1e-10)


def test_what_a_neel_vector_is_not():
    with pytest.raises(ParameterError, match="easy_axis"):
        ss.NeelVector("NiO", spin_flop_field=1.0)
    with pytest.raises(ParameterError, match="no current"):
        ss.trace(ss.MagneticModel(NIO, [ss.NeelVector("NiO")]), "x", duration=1e-9)
    film = METAL | ss.Ferromagnet("Co", thickness=NM, conductivity=4e6, spin_diffusion_length=8 * NM)
    with pytest.raises(ParameterError, match="Macrospin"):
        ss.MagneticModel(film, [ss.NeelVector("Co")])
