"""Current perpendicular to the plane against Valet and Fert, docs/methods/closed_forms.md, section 8."""

import numpy as np
import pytest
from batches import Batch

import spinstack as ss

N = 200
X, Y, Z = np.eye(3)


@pytest.fixture
def rng():
    return Batch(19930301, N)


def parts(rng, ratio, conserved=False):
    """A metal, an interface and a ferromagnet, thickness over spin diffusion length in the range `ratio`."""
    l_n, l_f = rng.log(5e-9, 5e-7), rng.log(3e-9, 5e-8)
    nm = ss.Metal("N", thickness=l_n * rng.log(*ratio), conductivity=rng.log(1e6, 5e7), spin_diffusion_length=l_n)
    up, down = rng.log(1e14, 5e15), rng.log(1e14, 5e15)
    contact = ss.Interface(conductance_up=up, conductance_down=down, mixing_conductance=(up + down) / 2 + 0j)
    fm = ss.Ferromagnet(
        "F", thickness=l_f * rng.log(*ratio), conductivity=rng.log(1e6, 1e7),
        spin_diffusion_length=l_f, polarization=rng.between(-0.9, 0.9),
    )  # fmt: skip
    if conserved:
        nm, fm = (layer.replace(spin_diffusion_length=1e3) for layer in (nm, fm))
    return nm, contact, fm


def valet_fert(nm, contact, fm):
    """rho_N, rho_F*, beta, r_b, gamma of Valet and Fert; rho_F = rho_F*(1 - beta^2), r_up,down = 2 r_b (1 -+ gamma)."""
    up, down = contact.conductance_up, contact.conductance_down
    gamma = (up - down) / (up + down)
    r_b = (1 / up + 1 / down) / 4
    np.testing.assert_allclose(1 / up, 2 * r_b * (1 - gamma), rtol=1e-12)
    beta = fm.polarization
    return 1 / nm.conductivity, 1 / (fm.conductivity * (1 - beta**2)), beta, r_b, gamma


def coupled(r_n, r_f, beta, r_b, gamma):
    """Spin-coupled interface resistance with spin resistances r_n, r_f of the two sides."""
    top = r_n * (beta**2 * r_f + gamma**2 * r_b) + r_f * r_b * (beta - gamma) ** 2
    return top / (r_n + r_f + r_b)


@pytest.mark.parametrize("magnet_first", [False, True])
def test_thick_layers_have_the_isolated_spin_coupled_resistance(rng, magnet_first):
    nm, contact, fm = parts(rng, (19, 60))
    rho_n, rho_f, beta, r_b, gamma = valet_fert(nm, contact, fm)
    l_n, l_f = nm.spin_diffusion_length, fm.spin_diffusion_length
    bulk = rho_n * nm.thickness + rho_f * (1 - beta**2) * fm.thickness
    r_si = coupled(rho_n * l_n, rho_f * l_f, beta, r_b, gamma)
    film = fm | contact | nm if magnet_first else nm | contact | fm
    got = ss.perpendicular_resistance(film, m=(0.6, 0.0, 0.8))
    np.testing.assert_allclose(got, bulk + r_b * (1 - gamma**2) + r_si, rtol=1e-11)
    keep = r_si > 1e-3 * bulk  # where the difference leaves digits, the spin part alone
    assert keep.sum() > N / 4
    np.testing.assert_allclose((got - bulk - r_b * (1 - gamma**2))[keep], r_si[keep], rtol=1e-9)


def test_any_thickness_replaces_each_length_by_its_tanh(rng):
    """Exact between reservoirs without spin accumulation: rho l -> rho l tanh(t/l) on either side."""
    nm, contact, fm = parts(rng, (0.01, 10))
    rho_n, rho_f, beta, r_b, gamma = valet_fert(nm, contact, fm)
    r_n = rho_n * nm.spin_diffusion_length * np.tanh(nm.thickness / nm.spin_diffusion_length)
    r_f = rho_f * fm.spin_diffusion_length * np.tanh(fm.thickness / fm.spin_diffusion_length)
    expected = (
        rho_n * nm.thickness + rho_f * (1 - beta**2) * fm.thickness
        + r_b * (1 - gamma**2) + coupled(r_n, r_f, beta, r_b, gamma)
    )  # fmt: skip
    for m in (X, Z):
        np.testing.assert_allclose(ss.perpendicular_resistance(nm | contact | fm, m=m), expected, rtol=1e-11)


def test_perfect_contact_is_the_limit_of_no_interface_resistance(rng):
    nm, contact, fm = parts(rng, (0.01, 10))
    rho_n, rho_f, beta, _, _ = valet_fert(nm, contact, fm)
    r_n = rho_n * nm.spin_diffusion_length * np.tanh(nm.thickness / nm.spin_diffusion_length)
    r_f = rho_f * fm.spin_diffusion_length * np.tanh(fm.thickness / fm.spin_diffusion_length)
    expected = rho_n * nm.thickness + rho_f * (1 - beta**2) * fm.thickness + coupled(r_n, r_f, beta, 0.0, 0.0)
    np.testing.assert_allclose(ss.perpendicular_resistance(nm | fm, m=Y), expected, rtol=1e-11)


def series(nm, contact, fm, sign):
    """Resistance times area of one spin channel in the metal, the interface and the magnet."""
    rho_n, rho_f, beta, r_b, gamma = valet_fert(nm, contact, fm)
    return 2 * rho_n * nm.thickness, 2 * r_b * (1 - sign * gamma), 2 * rho_f * fm.thickness * (1 - sign * beta)


@pytest.mark.parametrize("repeats", [1, 4])
def test_conserved_spin_makes_two_channels_of_resistors_in_series(rng, repeats):
    nm, contact, fm = parts(rng, (0.01, 10), conserved=True)
    film = (nm | contact | fm | contact) * repeats | nm
    up, down = (
        (repeats + 1) * n + repeats * (2 * b + f)
        for n, b, f in (series(nm, contact, fm, +1), series(nm, contact, fm, -1))
    )
    np.testing.assert_allclose(ss.perpendicular_resistance(film, m=Z), up * down / (up + down), rtol=1e-11)


def test_two_channel_limit_is_reached_as_the_square_of_the_thickness():
    scale = np.array([4e-2, 2e-2, 1e-2])
    nm = ss.Metal("N", thickness=3e-8 * scale, conductivity=4e7, spin_diffusion_length=3e-8)
    fm = ss.Ferromagnet("F", thickness=2e-8 * scale, conductivity=8e6, spin_diffusion_length=2e-8, polarization=0.5)
    got = ss.perpendicular_resistance(nm | fm | nm, m=Z)
    up, down = (2 * (2 * nm.thickness / 4e7 + fm.thickness * (1 - s * 0.5) / (8e6 * 0.75)) for s in (1, -1))
    error = 1 - got * (up + down) / (up * down)
    np.testing.assert_allclose(np.diff(np.log(error)) / np.log(0.5), 2, atol=0.01)


def test_spin_valve_with_conserved_spin_has_the_two_current_magnetoresistance(rng):
    """Parallel and antiparallel magnets; antiparallel the two channels are alike."""
    nm, contact, fm = parts(rng, (0.01, 10), conserved=True)
    film = nm | contact | fm.replace(name="F1") | contact | nm | contact | fm.replace(name="F2") | contact | nm
    n, b_up, f_up = series(nm, contact, fm, +1)
    _, b_down, f_down = series(nm, contact, fm, -1)
    magnet_up, magnet_down = 2 * b_up + f_up, 2 * b_down + f_down
    up, down = 3 * n + 2 * magnet_up, 3 * n + 2 * magnet_down
    parallel = ss.perpendicular_resistance(film, m={"F1": Z, "F2": Z})
    anti = ss.perpendicular_resistance(film, m={"F1": Z, "F2": -Z})
    np.testing.assert_allclose(parallel, up * down / (up + down), rtol=1e-11)
    np.testing.assert_allclose(anti, (3 * n + magnet_up + magnet_down) / 2, rtol=1e-11)
    # the square-root plot: sqrt((R_AP - R_P) R_AP) counts only spin asymmetry, not the metal in between
    asymmetry = (magnet_down - magnet_up) / 2
    keep = np.abs(asymmetry) > 0.03 * anti  # else the difference of the two states has lost its digits
    assert keep.sum() > N / 2
    np.testing.assert_allclose(np.sqrt((anti - parallel) * anti)[keep], np.abs(asymmetry)[keep], rtol=1e-9)


def test_spin_memory_loss_enters_as_a_slab_with_two_face_potentials(rng):
    delta = rng.log(1e-2, 3)
    nm, contact, fm = parts(rng, (0.1, 10))
    rho_n, rho_f, beta, r_b, gamma = valet_fert(nm, contact, fm)
    r_n = rho_n * nm.spin_diffusion_length * np.tanh(nm.thickness / nm.spin_diffusion_length)
    r_f = rho_f * fm.spin_diffusion_length * np.tanh(fm.thickness / fm.spin_diffusion_length)
    coth, csch = delta / r_b / np.tanh(delta), delta / r_b / np.sinh(delta)
    # spin balance at the lower and the upper face for unit charge current
    matrix = np.moveaxis(np.array([[1 / r_n + coth, -csch], [-csch, 1 / r_f + coth]]), -1, 0)
    psi = np.linalg.solve(matrix, np.stack([-gamma, gamma - beta], -1)[..., None])[..., 0]
    extra = -gamma * (psi[:, 0] - psi[:, 1]) - beta * psi[:, 1]
    expected = rho_n * nm.thickness + rho_f * (1 - beta**2) * fm.thickness + r_b * (1 - gamma**2) + extra
    got = ss.perpendicular_resistance(nm | contact.replace(spin_memory_loss=delta) | fm, m=Y)
    np.testing.assert_allclose(got, expected, rtol=1e-11)
