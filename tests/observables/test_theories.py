"""Two theories side by side, and interfaces that one takes from the other."""

import re
from functools import partial

import matplotlib.text
import numpy as np
import pytest
from boltzmann_films import C, Y, Z, bilayer
from plain_films import KF, nm

import spinstack as ss
from spinstack import figures
from spinstack.observables import effective_interface

LOOSE = ss.Boltzmann(rtol=1e-3)
M = (0.0, 0.6, 0.8)


@pytest.fixture(scope="module")
def thickness():
    film = bilayer(sharvin=True)
    over = {"N.thickness": np.array([2.0, 5.0, 20.0]) * nm}
    return film, ss.compare_theories(film, over, solvers=(ss.DriftDiffusion(), LOOSE))


# comparison


def test_both_theories_stand_beside_each_other(thickness):
    film, got = thickness
    assert got["sheet_conductance"].dims == ("theory", "N.thickness", "row", "column")
    assert list(got["theory"].values) == ["drift-diffusion", LOOSE.name]
    one = film.replace({"N.thickness": 5 * nm})
    for i, solver in enumerate((ss.DriftDiffusion(), LOOSE)):
        want = ss.sheet_conductance(one, m=Y, solver=solver)
        np.testing.assert_allclose(got["sheet_conductance"][i, 1], want, rtol=2e-3, atol=1e-6)


def test_the_difference_is_relative_to_the_largest_component_of_the_second(thickness):
    _, got = thickness
    first, second = got["sheet_conductance"].values
    size = np.abs(second).max((-2, -1), keepdims=True)
    np.testing.assert_allclose(got["sheet_conductance_difference"], (first - second) / size, rtol=1e-12)


def test_drift_diffusion_overestimates_thin_films_most(thickness):
    xx = thickness[1]["sheet_conductance_difference"][:, 0, 0].values
    assert (xx > 0).all()
    assert (np.diff(xx) < 0).all()
    assert xx[0] > 0.1


def test_a_difference_of_nothing_is_not_a_number():
    film = bilayer(theta=0.0, rashba=0.0)
    got = ss.compare_theories(film, {"N.thickness": [5 * nm]}, _nothing, (ss.DriftDiffusion(), ss.DriftDiffusion()))
    assert np.isnan(got["_nothing_difference"]).all()
    assert len(set(got["theory"].values)) == 2


def _nothing(film, solver=None):
    return 0 * ss.sheet_conductance(film, m=Y, solver=solver)[..., 0, 0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"solvers": (ss.DriftDiffusion(),)}, "two"),
        ({"solvers": (ss.DriftDiffusion(), "boltzmann")}, "spinstack.Boltzmann"),
        ({"observable": len}, "solver="),
        ({"over": {"N.thicknes": [1 * nm]}}, "thickness"),
    ],
)
def test_refused_comparisons(arguments, words):
    with pytest.raises(ss.ParameterError, match=re.escape(words)):
        ss.compare_theories(bilayer(), **{"over": {"N.thickness": [5 * nm]}, **arguments})


# figure


def test_a_curve_of_both_theories_with_the_largest_difference_marked(thickness):
    figure = figures.compare_theories(thickness[1], "two theories")
    upper, lower = figure.axes
    assert len(upper.lines) == 2
    np.testing.assert_allclose(lower.lines[0].get_ydata(), 100 * thickness[1]["sheet_conductance_difference"][:, 0, 0])
    assert re.fullmatch(r"largest: \+\d+(\.\d+)? % at \d+(\.\d+)? nm", lower.get_title(loc="right"))
    assert "drift-diffusion" in lower.get_ylabel()
    other = figures.compare_theories(thickness[1], component={"row": "y", "column": "y"})
    assert "yy" in other.axes[0].get_ylabel()


def test_a_map_of_the_difference():
    over = {"N.thickness": np.array([3.0, 9.0]) * nm, "F.thickness": np.array([3.0, 9.0]) * nm}
    observable = partial(ss.sheet_resistance, m=Y)
    got = ss.compare_theories(bilayer(), over, observable, (ss.DriftDiffusion(), ss.Boltzmann(rtol=1e-2)))
    figure = figures.compare_theories(got)
    assert "%" in figure.axes[1].get_ylabel()
    assert any("relative to Boltzmann" in t.get_text() for t in figure.findobj(matplotlib.text.Text))
    with pytest.raises(ValueError, match="sheet_resistance"):
        figures.compare_theories(got, variable="R")


# effective interfaces


def channels(exchange=0.2, diffuse=0.0):
    """Two metals without spin flip, so that the spin channels conduct in parallel."""
    rest = {"thickness": 300 * nm, "conductivity": 4e6, "spin_diffusion_length": 1.0, "spin_flip_length": np.inf}
    model = ss.DeltaBarrier(barrier=0.4, exchange=exchange, fermi_wavevector=KF)
    interface = ss.Interface(scattering=model, diffuse_fraction=diffuse)
    return ss.Metal("N", **rest) | interface | ss.Ferromagnet("F", **rest)


@pytest.mark.parametrize("diffuse", [0.0, 0.3, 1.0])
def test_both_spin_channels_of_a_thick_film_in_series_with_the_interface(diffuse):
    film, solver = channels(diffuse=diffuse), ss.Boltzmann(rtol=1e-8)
    found = effective_interface(film, "N|F", m=M, rtol=1e-8).coefficients
    bare = 2 * ss.perpendicular_resistance(film[0] | film[2], m=M, solver=solver)
    conductance = sum(1 / (bare + 1 / found[f"conductance_{s}"]) for s in ("up", "down"))
    assert ss.perpendicular_resistance(film, m=M, solver=solver) * conductance == pytest.approx(1, abs=1e-8)


def test_an_opaque_interface_has_the_coefficients_of_scattering_theory():
    names = ("conductance_up", "conductance_down", "mixing_conductance", "filtering_lower", "precession_upper")
    far = []
    for strength in (4.0, 16.0):
        film = bilayer(sharvin=True, diffuse=0.0, barrier=strength, rashba=0.05 * strength, exchange=0.1 * strength)
        found = effective_interface(film, 1, m=M).coefficients
        want = film[1].scattering.coefficients(M, (3 * 4e6 / C, 3 * 3e6 / C), (0.0, 0.4))
        far.append([abs(found[n] / want[n] - 1) for n in names])
        assert found["mixing_conductance_upper"].real == pytest.approx(found["mixing_conductance"].real, rel=1e-2)
    assert max(far[1]) < 4e-3
    assert (np.array(far[1]) < 0.3 * np.array(far[0])).all()


def test_drift_diffusion_fed_with_it_errs_at_second_order():
    """Spin Hall magnetoresistance without interfacial spin-orbit coupling; scattering theory errs at first order."""
    solver, errors = ss.Boltzmann(rtol=1e-7), []
    for scale in (16, 64):
        film = bilayer(scale, rashba=0.0, sharvin=True, diffuse=0.0)
        fed = ss.Film((film[0], effective_interface(film, 1, m=M).interface, film[2]))
        exact = change(film, solver)
        errors.append([abs(change(f) / exact - 1) for f in (film, fed)])
    (before, fed_before), (after, fed_after) = errors
    assert after == pytest.approx(before / 4, rel=0.4)
    assert fed_before < 2e-4
    assert fed_after < after / 10


def change(film, solver=None):
    return np.subtract(*(ss.sheet_conductance(film, m=m, solver=solver)[0, 0] for m in (Y, Z)))


def test_without_spin_orbit_coupling_nothing_is_generated_and_charge_is_kept():
    found = effective_interface(channels(), 1, m=M)
    assert not found.conductivity.any()
    np.testing.assert_allclose(found.conductance[3], found.conductance[7], atol=1e-10 * found.conductance.max())
    assert found.interface.filtering == 0
    assert found.interface.spin_memory_loss == 0
    assert found.error < 1e-6


def test_an_interface_between_two_metals():
    film = channels(exchange=0.0)
    film = ss.Film((film[0], film[1], ss.Metal("M", thickness=nm, conductivity=4e6, spin_diffusion_length=1.0)))
    found = effective_interface(film, "N|M")
    assert found.interface.mixing_conductance is None
    assert found.interface.conductance_up == found.interface.conductance_down
    ss.sheet_conductance(ss.Film((film[0], found.interface, film[2])))


@pytest.mark.parametrize(
    ("interface", "m", "words"), [(0, Y, "N|F at 1"), ("F|N", Y, "N|F at 1"), (1, None, "m:"), (1, [Y, Z], "(2, 3)")]
)
def test_refused_interfaces(interface, m, words):
    with pytest.raises(ss.ParameterError, match=re.escape(words)):
        effective_interface(bilayer(), interface, m=m)


def test_an_interface_of_conductances_is_refused():
    film = bilayer()
    plain = ss.Interface(conductance_up=1e15, conductance_down=1e15, mixing_conductance=1e15)
    with pytest.raises(ss.ParameterError, match="scattering"):
        effective_interface(ss.Film((film[0], plain, film[2])), 1, m=Y)
