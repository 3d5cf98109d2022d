"""Calls that gave wrong numbers, or statements about them that did not hold, with what is right.

Sweeps that were taken for another stand in test_stored_sweeps.py.
"""

from pathlib import Path

import numpy as np
import pytest
from sample_texts import BILAYER

import spinstack as ss
from spinstack.measure import readers
from spinstack.measure.sweeps import hall_slope

nm = 1e-9
EXAMPLES = Path(__file__).parents[2] / "examples"


def altermagnet(splitter, theta=0.0):
    """RuO2 on permalloy; of the splitter the spin y of a field along x."""
    tensor = np.zeros((3, 2))
    tensor[1, 0] = splitter
    ruo2 = ss.Metal(
        "RuO2", thickness=5 * nm, conductivity=2.8e6, spin_diffusion_length=8 * nm, spin_hall_angle=theta,
        spin_splitter=tensor,
    )  # fmt: skip
    joint = ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6.7e14)
    py = ss.Ferromagnet(
        "Py", thickness=4 * nm, conductivity=4e6, polarization=0.4, spin_diffusion_length=3.6 * nm,
        dephasing_length=0.5 * nm,
    )  # fmt: skip
    return ruo2 | joint | py


def beta(film, **given):
    return float(ss.magnetoresistance(film, "beta", **given))


RUO2 = ss.load_sample(EXAMPLES / "ruo2_py.toml")
ONE_SIDED = {"RuO2|Py.filtering_upper": 0.0, "RuO2|Py.reciprocal": 0.0, "Py.amr_ratio": 0.0}
NEGATIVE = {  # beta ratios that the spin Hall effect alone never has
    "a spin splitter, current along x": (lambda: beta(altermagnet(0.05)), -1.79e-5),
    "a spin splitter, current along y": (lambda: beta(altermagnet(0.05), current="y"), 0.0),
    "the spin Hall effect of that size, current along x": (lambda: beta(altermagnet(0.0, 0.05)), 1.79e-5),
    "the spin Hall effect of that size, current along y": (lambda: beta(altermagnet(0.0, 0.05), current="y"), 1.79e-5),
    "both, current along x": (lambda: beta(altermagnet(0.05, 0.05)), 0.0),
    "a size effect of -0.2 %": (lambda: beta(RUO2.replace({"Py.size_effect_ratio": -0.002})), -3.4e-4),
    "without the inverse": (
        lambda: beta(RUO2.replace({"Py.size_effect_ratio": -0.002, "RuO2|Py.reciprocal": 0.0})), -1.07e-3
    ),
    "the same in the control film": (
        lambda: beta(ss.Film((RUO2.replace({"Py.size_effect_ratio": -0.002})[-1],))), -2.0e-3
    ),
    "filtering on one side": (lambda: beta(RUO2.replace({**ONE_SIDED, "RuO2.spin_hall_angle": 0.03})), -1.77e-4),
    "stronger": (
        lambda: beta(RUO2.replace({**ONE_SIDED, "RuO2.spin_hall_angle": 0.1, "RuO2|Py.filtering": 1e6})), -1.45e-3
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NEGATIVE.values(), ids=NEGATIVE)
def test_ratios_of_the_beta_plane(case):
    call, right = case
    assert call() == pytest.approx(right, rel=5e-3, abs=1e-9)


@pytest.mark.study
def test_an_anomalous_hall_angle_alone_turns_no_other_magnet():
    film = ss.load_sample(EXAMPLES / "trilayer.toml")
    m = {"Py": "y", "CoFeB": "z"}
    charge = {"Py.anomalous_hall_angle": 0.02}
    plain, anomalous, spin = (
        ss.torque(film.replace(changes), m=m).CoFeB.values
        for changes in ({}, charge, charge | {"Py.spin_anomalous_hall_angle": 0.02})
    )
    np.testing.assert_allclose(plain, [0, -1.1418e-11, 0], rtol=1e-3, atol=1e-20)
    np.testing.assert_allclose(anomalous - plain, [0, 3.98e-16, 0], rtol=1e-2, atol=1e-20)  # a ten thousandth
    np.testing.assert_allclose(spin - plain, [0, 2.187e-12, 0], rtol=1e-2, atol=1e-20)


@pytest.mark.study
def test_a_neel_vector_in_ten_tesla_gives_the_negative_ratio():
    nio = ss.WeissAntiferromagnet.of("NiO", density_of_states=4e46, exchange_coupling=2e-48)
    film = ss.Metal.of("Pt", thickness=4 * nm) | ss.MagneticInsulator("NiO", magnet=nio)
    alpha, flat = (ss.magnetoresistance(film, plane, field=10.0, turns="field", T=300.0) for plane in ("alpha", "beta"))
    assert alpha == pytest.approx(2.705e-5, rel=1e-2)
    assert abs(flat) < 1e-8
    held = [ss.sheet_resistance(film, B=B, T=300.0)[0, 0] for B in ((10.0, 0, 0), (0, 10.0, 0))]
    assert held[1] / held[0] - 1 == pytest.approx(alpha, rel=1e-6)


def test_one_meaning_of_a_hall_voltage(tmp_path):
    co = ss.Ferromagnet(
        "Co", thickness=1 * nm, conductivity=5e6, spin_diffusion_length=5 * nm, polarization=0.4,
        dephasing_length=1 * nm, anomalous_hall_angle=0.01, hall_coefficient=-1.3e-10,
    )  # fmt: skip
    film = ss.Metal("Cu", thickness=1 * nm, conductivity=1e5, spin_diffusion_length=1e-7) | co
    B = np.linspace(-2, 2, 40)
    field = np.stack([0 * B, 0 * B, B], -1)
    R = ss.sheet_resistance(film, m=field, B=field)[..., 1, 0]
    rows = "".join(f"{b:.6f},{r + 1e-9 * (37 * i % 11):.12e}\n" for i, (b, r) in enumerate(zip(B, R, strict=True)))
    (tmp_path / "hall.csv").write_text("Field (T),R_xy (Ohm)\n" + rows, encoding="utf-8")
    found = hall_slope(readers.read(tmp_path / "hall.csv"), above=0.5, film_thickness=1 * nm).value
    # electrons: a negative slope; the layer of copper takes a fiftieth of the current
    assert found.sel(parameter="hall_coefficient") == pytest.approx(-1.3e-10 / 1.02**2, rel=1e-3)
    assert found.sel(parameter="step") > 0


@pytest.mark.parametrize("name", ["Pt", "Pt: sputtered", "Pt, sputtered", "interface"])
def test_an_error_has_its_line_whatever_an_element_is_called(here, name):
    text = BILAYER.replace('"Pt"', f'"{name}"').replace('"ferromagnet"', '"metal"').replace("polarization = 0.4\n", "")
    (here / "s.toml").write_text(text.replace('dephasing_length = "0.5 nm"\n', ""), encoding="utf-8")
    with pytest.raises(ss.SampleError, match=r"mixing_conductance: .*touches no magnet") as caught:
        ss.load_sample("s.toml")
    assert caught.value.line == 16
