"""Spin along m x (z x E): closed form, reciprocity, what it may not dissipate."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import spinstack as ss

NM = 1e-9


def film(theta, t=3 * NM, sigma=4e6, **more):
    given = {"spin_diffusion_length": 4 * NM, "dephasing_length": 1 * NM, "precession_length": 1.5 * NM} | more
    return ss.Film((ss.Ferromagnet("F", thickness=t, conductivity=sigma, rotated_spin_hall_angle=theta, **given),))


@pytest.mark.parametrize("theta", [0.2, -0.9])
def test_a_film_by_itself_has_the_resistance_of_spin_hall_magnetoresistance(theta):
    """Resistance is lowest for m along y, along which m x (z x E) vanishes for E along x."""
    t, sigma = 3 * NM, 4e6
    k = np.sqrt(1 / (4 * NM) ** 2 + 1 / NM**2 + 1j / (1.5 * NM) ** 2)
    F = (2 / (k * t) * np.tanh(k * t / 2)).real
    for m in np.random.default_rng(1).normal(size=(5, 3)):
        u = m / np.linalg.norm(m)
        G = ss.sheet_conductance(film(theta), m=m)
        R_xx = ss.sheet_resistance(film(theta), m=m)[0, 0]
        assert G[0, 0] == pytest.approx(sigma * t * (1 - theta**2 * (1 - u[1] ** 2) * F), rel=1e-12)
        assert R_xx * sigma * t >= 1
    assert ss.magnetoresistance(film(theta), "beta") > 0


def test_the_spin_current_deep_inside_is_along_m_cross_z_cross_e():
    E, m = np.array([0.3, -0.7]), np.array([0.36, 0.48, 0.8])
    Q = ss.profile(film(0.1, t=400 * NM), m=m, E=E).Q.values[20]
    assert_allclose(Q, 0.1 * 4e6 * np.cross(m, [-E[1], E[0], 0]), rtol=1e-10)


def test_it_is_reciprocal_beside_everything_else():
    rng = np.random.default_rng(2)
    sample = film(
        0.3, polarization=0.5, amr_ratio=0.2, anomalous_hall_angle=0.1, spin_hall_angle=0.1, size_effect_ratio=0.1
    ) | ss.Metal("Pt", thickness=2 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
    for _ in range(20):
        m, B = rng.normal(size=(2, 3))
        there, back = (ss.sheet_conductance(sample, m=s * m, B=s * B) for s in (1, -1))
        assert_allclose(there, back.T, rtol=1e-12, atol=1e-12 * there[0, 0])


def test_films_at_the_largest_size_that_is_allowed_gain_no_energy():
    rng, least = np.random.default_rng(3), []
    for _ in range(60):
        given = {
            "polarization": rng.uniform(-0.9, 0.9), "amr_ratio": rng.uniform(-0.3, 3.0),
            "size_effect_ratio": rng.uniform(-0.5, 1.0), "anomalous_hall_angle": rng.uniform(-1, 1),
            "spin_diffusion_length": 1e-6, "dephasing_length": 1e-6, "precession_length": 1.0,
        }  # fmt: skip
        with pytest.raises(ss.ParameterError, match="gains energy") as found:
            film(0.999, **given)
        most = float(str(found.value).rpartition("sizes up to ")[2].rstrip("."))
        G = ss.sheet_conductance(film(most * 0.999, t=1 * NM, **given), m=rng.normal(size=(200, 3)))
        least.append(np.linalg.eigvalsh((G + G.swapaxes(1, 2)) / 2)[:, 0].min() / (4e6 * NM))
    assert min(least) > -1e-9
    assert min(least) < 0.3  # the bound is not idle


def test_a_film_without_it_is_solved_as_before_and_boltzmann_refuses_it():
    assert_allclose(ss.sheet_conductance(film(None), m="z"), ss.sheet_conductance(film(0.0), m="z"), rtol=0)
    with pytest.raises(ss.ParameterError, match="rotated_spin_hall_angle"):
        ss.sheet_conductance(film(0.1), m="z", solver=ss.Boltzmann())


@pytest.mark.study
def test_derivative_by_it():
    found = ss.gradient(film(0.2), lambda f: ss.sheet_conductance(f, m="z")[0, 0])["F.rotated_spin_hall_angle"]
    ends = [ss.sheet_conductance(film(0.2 + h), m="z")[0, 0] for h in (1e-5, -1e-5)]
    assert float(found) == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-7)
