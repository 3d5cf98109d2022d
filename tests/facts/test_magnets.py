"""Conductances, lengths and fields that follow from a magnet model and the metal on it."""

import math

import numpy as np
import pytest

import spinstack as ss
from spinstack.facts.magnets import magnet_warnings, metal_facts, moment_facts

PT = ss.Metal(
    "Pt", thickness=3e-9, conductivity=2.5e6, spin_diffusion_length=1.5e-9, spin_hall_angle=0.08,
    diffusion_coefficient=1e-4,
)  # fmt: skip
FILM = (
    ss.MagneticInsulator(
        "F",
        magnet=ss.WeissMagnet(
            spin=2, surface_density=3e18, density_of_states=8e27 / 1.602176634e-19, curie_temperature=20,
            exchange_coupling=6.4e-30 * 1.602176634e-19,
        ),
    )
    | PT
)  # fmt: skip
NUMBERS = ss.MagneticInsulator("F", mixing_conductance=1e14 + 1e13j) | PT


@pytest.mark.study
def test_facts_of_sublattices_are_limits_of_the_model():
    ferri = ss.WeissFerrimagnet(
        spin_a=2.5, spin_b=3.5, surface_density_a=3e18, surface_density_b=1e18, exchange_coupling_a=1e-48,
        exchange_coupling_b=-2e-48, density_of_states=5e46, curie_temperature=560, density_ratio=1.5,
    )  # fmt: skip
    anti = ss.WeissAntiferromagnet(
        spin=1, neel_temperature=523, surface_density=3e18, exchange_coupling=1e-48, density_of_states=5e46,
        exchange_coupling_b=3e-48, surface_density_b=1e18,
    )  # fmt: skip
    for magnet, m in ((ferri, (0, 0, 1)), (anti, (0, 0, 1))):
        pt = ss.Metal("Pt", thickness=3e-9, conductivity=3e6, spin_diffusion_length=2e-9)
        a, b = moment_facts(ss.MagneticInsulator("M", magnet=magnet) | pt)
        assert (a.label, b.label) == ("M a", "M b")
        scales = np.asarray(magnet.characteristic_conductance)
        np.testing.assert_allclose([a.scale, b.scale], scales, rtol=1e-8)
        cold = magnet.sublattices(m, (0, 0, 0), 0.0)
        hot = magnet.sublattices(m, (0, 0, 0), 1e6)
        for fact, frozen, free in zip((a, b), cold, hot, strict=True):
            assert fact.real == pytest.approx(float(frozen.mixing_real), rel=1e-8)
            assert fact.imag == pytest.approx(float(frozen.mixing_imag), rel=1e-8)
            assert fact.sink == pytest.approx(float(free.spin_sink), rel=1e-6)


def test_the_hanle_field_turns_a_spin_by_one_radian_in_its_lifetime():
    film = FILM
    (metal,) = metal_facts(film)
    lifetime = 1.5e-9**2 / 1e-4
    assert metal.lifetime == pytest.approx(lifetime, rel=1e-14)
    assert metal.hanle_field == pytest.approx(1 / (2 * 9.2740100783e-24 / 1.054571817e-34 * lifetime), rel=1e-8)
    assert metal.spin_conductance == pytest.approx(2.5e6 / 3e-9 * math.tanh(2), rel=1e-14)
    from_states = film.replace({"Pt.diffusion_coefficient": None, "Pt.density_of_states": 8e27 / 1.602176634e-19})
    assert magnet_warnings(from_states) == []
    assert metal_facts(from_states)[0].diffusion == pytest.approx(2.5e6 / (2 * 1.602176634e-19 * 8e27), rel=1e-12)
    alone = film.replace({"Pt.diffusion_coefficient": None})
    assert metal_facts(alone)[0].hanle_field is None
    assert metal_facts(NUMBERS) == []
