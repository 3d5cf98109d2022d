"""Damping of moments by spin pumping: units, moments that are given, films of a batch, what is refused."""

import numpy as np
import pytest
from scipy.constants import e, hbar, physical_constants

import spinstack as ss

nm = 1e-9
MU_B = physical_constants["Bohr magneton"][0]
PT = ss.Metal("Pt", thickness=5 * nm, conductivity=5e6, spin_diffusion_length=2 * nm)
FILM = (
    ss.MagneticInsulator("YIG", mixing_conductance=3e14 + 1e13j)
    | PT
    | ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
    | ss.Ferromagnet("Co", thickness=2 * nm, conductivity=4e6, spin_diffusion_length=5 * nm, dephasing_length=0.01 * nm)
)
CO = ss.Macrospin("Co", magnetization=1.1e6, damping=0.01, g_factor=2.2, effective_magnetization=0.5)
YIG = ss.Macrospin("YIG", magnetization=1.4e5, thickness=20 * nm, effective_magnetization=0.2)
M = {"YIG": "z", "Co": (0.0, 0.6, 0.8)}


@pytest.mark.study
def test_conductances_become_damping_by_the_moment_of_each():
    found = ss.damping(FILM, [CO, YIG], m=M)
    for one, t in ((CO, 2 * nm), (YIG, 20 * nm)):
        gamma = one.g_factor * MU_B / hbar
        factor = gamma * hbar**2 / (2 * e**2 * one.magnetization * t)
        expected = factor * found["damping_conductance"].sel(magnet=one.name).values
        own = found["enhancement"].sel(moment=one.name)
        np.testing.assert_allclose(own.values, expected, rtol=3e-9)
        across = own.sel(of_magnet=one.name).values
        assert found["mean_enhancement"].sel(moment=one.name).item() == pytest.approx(np.trace(across) / 2, rel=1e-12)
    assert found["total_damping"].values[0] == pytest.approx(0.01 + found["mean_enhancement"].values[0], rel=1e-12)
    assert np.isnan(found["total_damping"].values[1])
    # g_eff of the textbooks: Delta alpha = g mu_B g_eff/(4 pi M_s t), g_eff in 1/m^2 of one spin and e^2/h each
    g_eff = found["effective_mixing_conductance"].sel(magnet="Co").item() * 2 * np.pi * hbar / e**2
    assert found["mean_enhancement"].values[0] == pytest.approx(2.2 * MU_B * g_eff / (4 * np.pi * 1.1e6 * 2 * nm))


def test_films_of_a_batch_have_moments_of_their_own():
    thick = np.array([[1.0], [2.0]]) * nm
    over = {"Co.thickness": thick, "Pt.thickness": np.array([3.0, 5.0, 9.0]) * nm}
    found = ss.damping(FILM.replace(over), [YIG, CO], m=M)
    assert found["mean_enhancement"].dims == ("batch_0", "batch_1", "moment")
    for i in range(2):
        one = ss.damping(FILM.replace({"Co.thickness": thick[i, 0], "Pt.thickness": 9 * nm}), [YIG, CO], m=M)
        for name in ("enhancement", "mean_enhancement"):
            np.testing.assert_allclose(found[name][i, 2], one[name], rtol=1e-9, atol=1e-15)


def test_without_moments_there_are_conductances():
    found = ss.damping(FILM, m=M)
    assert set(found.data_vars) == {"effective_mixing_conductance", "damping_conductance", "bulk_conductance"}


@pytest.mark.parametrize(
    ("magnets", "words"),
    [
        ([CO.replace(name="C")], "no magnet of the film.*Allowed: YIG, Co"),
        ([CO, CO], "twice"),
        ([YIG.replace(thickness=None)], "which an insulator of a film does not say"),
        ([], "a list of Macrospin"),
        ("Co", "a list of Macrospin"),
    ],
)
def test_moments_that_the_film_does_not_have_are_refused(magnets, words):
    with pytest.raises(ss.ParameterError, match=words):
        ss.damping(FILM, magnets, m=M)
