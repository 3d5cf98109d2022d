"""Signs that a film on a magnet shows, and what is left above the critical temperature."""

import numpy as np
import pytest
import reference_insulator_film as reference
from batches import Batch
from insulating_magnets import KINDS
from insulator_films import COLD, SINGLE, STATES, drawn, heavy_metal, on, slow_metal
from plain_films import Y, Z, nm
from scipy.optimize import brentq

import spinstack as ss

N = 40


@pytest.fixture
def rng():
    return Batch(20190620, N)


@pytest.mark.parametrize("sign", [1, -1])
def test_transverse_resistivity_has_the_sign_against_the_exchange_coupling(sign):
    model = ss.WeissMagnet(**COLD, exchange_coupling=sign * 0.05 / STATES)
    fields = np.array([0.2, 1.0, 5.0])[:, None] * Z
    R = ss.sheet_resistance(slow_metal() | on(model), B=fields, T=5)
    assert (model.conductances(1.0, 5).mixing.imag > 0) == (sign > 0)
    assert sign * R[0, 1, 0] < 0
    if sign > 0:  # the applied field turns the spins the same way
        assert (R[:, 1, 0] < 0).all()
        assert (ss.sheet_resistance(ss.Film((slow_metal(),)), B=fields)[:, 1, 0] < 0).all()
    reversed_field = ss.sheet_resistance(slow_metal() | on(model), B=-fields, T=5)
    np.testing.assert_allclose(reversed_field[:, 1, 0], -R[:, 1, 0], rtol=1e-9)
    np.testing.assert_allclose(reversed_field[:, 0, 0], R[:, 0, 0], rtol=1e-14)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("thick", [True, False])
def test_term_linear_in_the_field_has_the_sign_of_the_exchange_coupling_unless_the_film_is_thin(sign, thick):
    """Thick, the two precessions help each other; below the thickness of Eq. 17 the far face turns the sign over."""
    model = ss.WeissMagnet(**COLD, exchange_coupling=sign * 0.005 / STATES)
    found = model.conductances(0.0, 5.0)
    Gi = abs(found.mixing.imag)
    assert found.mixing.real < 0.05 * Gi
    pt = slow_metal()

    def beyond(thickness):
        length, rho = pt.spin_diffusion_length, 1 / pt.conductivity
        return reference.critical_imaginary_conductance(thickness, length, rho) / Gi - 1

    critical = brentq(beyond, 0.1 * nm, 40 * nm)
    film = pt.replace(thickness=critical * (1.3 if thick else 0.7)) | on(model)
    R = ss.sheet_resistance(film, m=Z, B=np.array([[0, 0, 0.1], [0, 0, -0.1], [0, 0, 0]]), T=5)[:, 0, 0]
    linear, even = (R[0] - R[1]) / R[2], (R[0] + R[1]) / R[2] - 2
    assert (sign if thick else -sign) * linear > 3 * abs(even)


def test_hall_effect_of_a_ferrimagnet_follows_its_exchange_field_through_compensation():
    """Sublattice b wins at low temperature: at compensation the moments turn round, and the Hall effect with them."""
    model = ss.WeissFerrimagnet(
        spin_a=2.5, spin_b=3.5, surface_density_a=5e18, surface_density_b=5e18, exchange_coupling_a=0.05 / STATES,
        exchange_coupling_b=0.002 / STATES, density_of_states=STATES, curie_temperature=500.0, density_ratio=1.25,
        intra_a=3.0,
    )  # fmt: skip
    T = np.linspace(10, 450, 45)
    a, b = np.moveaxis(model.order(0.0, T), -1, 0)
    magnetisation = 1.25 * a - b
    assert magnetisation[0] < 0 < magnetisation[-1]
    exchange = np.sign(magnetisation) * (0.05 * a - 0.002 * b)
    R = ss.sheet_resistance(slow_metal() | on(model), B=0.05 * Z, T=T)[:, 1, 0]
    clear = np.abs(magnetisation) > 0.05
    assert clear.sum() > 35
    np.testing.assert_array_equal(np.sign(R[clear]), -np.sign(exchange[clear]))
    np.testing.assert_array_equal(np.sign(model.conductances(0.05, T).mixing.imag[clear]), np.sign(exchange[clear]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_gap_between_directions_closes_at_the_critical_temperature(kind):
    """It is of second order in the order parameter, so linear in Tc - T, and nothing is left above."""
    film = slow_metal(spin_hall_angle=0.3) | on(SINGLE[kind])

    def gap(T):
        along_z, along_y = (ss.sheet_resistance(film, m=m, T=T)[:, 0, 0] for m in (Z, Y))
        return (along_z - along_y) / along_y

    below = np.geomspace(1e-5, 1e-4, 4)
    closing = gap(100 * (1 - below))
    assert (closing > 0).all()
    np.testing.assert_allclose(np.diff(np.log(closing)) / np.diff(np.log(below)), 1, atol=0.01)
    assert gap(np.array([20.0]))[0] > 1000 * closing[-1]
    np.testing.assert_allclose(gap(np.array([100.0, 101.0, 250.0])), 0, atol=1e-13)


@pytest.mark.parametrize("field", [0.0, 3.0])
def test_film_on_a_compensated_antiferromagnet_is_even_in_the_neel_vector(rng, field):
    pt, n = heavy_metal(rng), rng.directions()
    model = drawn("antiferromagnet", rng)
    B = field * rng.directions()
    T = model.neel_temperature * rng.between(0.05, 1.2)

    def odd(film):
        there, back = (ss.sheet_conductance(film, m=v, B=B, T=T) for v in (n, -n))
        return np.abs(there - back).max((-1, -2)) / np.abs(there).max((-1, -2))

    assert odd(pt | on(model)).max() < 1e-13
    uncompensated = odd(pt | on(model.replace(exchange_coupling_b=0.5 * model.exchange_coupling)))
    ordered = T / model.neel_temperature < 0.9
    assert (uncompensated[ordered] > 1e-8).mean() > 0.9
