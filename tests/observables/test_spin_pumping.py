"""Spin pumping: closed forms, a moving-frame diffusion solved otherwise, reciprocity, heat, direct currents."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insulating_magnets import WEISS
from physical_films import MAGNETS, changed, fields, films, magnetizations, time_reversed
from scipy.constants import e, hbar

import spinstack as ss
from spinstack.circuit.solve import pumping

nm = 1e-9
X, Y, Z = np.eye(3)
TILTED = np.array([0.48, 0.6, 0.64])
PT = ss.Metal("Pt", thickness=5 * nm, conductivity=5e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1)
CO = ss.Ferromagnet("Co", thickness=2 * nm, conductivity=4e6, spin_diffusion_length=5 * nm, polarization=0.4,
                    dephasing_length=3e-3 * nm)  # fmt: skip
CONTACT = ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
#: conductances along and across m, and turning it
G, SINK = 6e14 + 1.5e14j, 3e13


def asked(film, m, B=(0, 0, 0), T=None):
    return pumping(film, m, B, T)


def absorbs(t=PT.thickness):
    """Spin conductance of the metal, seen from its face."""
    return PT.conductivity / (2 * PT.spin_diffusion_length) * np.tanh(t / PT.spin_diffusion_length)


def complex_tensor(value, m):
    """Re across m, and Im as mu -> mu x m."""
    return value.real * (np.eye(3) - np.outer(m, m)) + value.imag * np.cross(np.eye(3), m).T


# -- closed forms


@pytest.mark.study
@pytest.mark.parametrize("t", [0.05 * nm, 5 * nm, 4000 * nm])
def test_a_bilayer_has_mixing_and_spin_conductance_in_series(t):
    film = PT.replace(thickness=t) | CONTACT | CO
    found = ss.damping_conductance(film, m=TILTED)
    series = 1 / (1 / G.real + 1 / absorbs(t))
    L = found["damping_conductance"].values[0, :, 0]
    np.testing.assert_allclose(L, complex_tensor(series + 0j, TILTED), rtol=0, atol=1e-12 * G.real)
    assert found["effective_mixing_conductance"].item() == pytest.approx(series, abs=1e-12 * G.real)


def test_spin_that_relaxes_inside_the_magnet_adds_to_it():
    magnet = CO.replace(dephasing_length=1.1 * nm, precession_length=1.6 * nm, spin_diffusion_length=3 * nm)
    upper = 5e14 - 1e14j
    film = PT | CONTACT.replace(mixing_conductance=G, mixing_conductance_upper=upper) | magnet
    order, flip = 1 / magnet.dephasing_length**2 + 1j / magnet.precession_length**2, magnet.spin_diffusion_length**-2.0
    rate = np.sqrt(order + flip)
    inside = magnet.conductivity / 2 * rate * np.tanh(rate * magnet.thickness)
    expected = G * absorbs() / (G + absorbs()) + (flip / rate**2) ** 2 * upper * inside / (upper + inside)
    L = ss.damping_conductance(film, m=TILTED)["damping_conductance"].values[0, :, 0]
    np.testing.assert_allclose(L, complex_tensor(expected, TILTED), rtol=0, atol=1e-12 * abs(expected))


@pytest.mark.study
def test_an_insulator_on_a_metal_pumps_past_its_own_sink():
    film = ss.MagneticInsulator("YIG", mixing_conductance=G, spin_sink_conductance=SINK) | PT
    found = ss.damping_conductance(film, m=TILTED)
    other = SINK + absorbs()
    expected = complex_tensor(G * other / (G + other), TILTED)
    np.testing.assert_allclose(found["damping_conductance"].values[0, :, 0], expected, rtol=0, atol=1e-12 * abs(G))
    assert not found["bulk_conductance"].values.any()
    # in the middle it pumps into both
    both = ss.damping_conductance(PT | film[0] | PT.replace(name="above"), m=TILTED)
    np.testing.assert_allclose(
        both["damping_conductance"].values[0, :, 0], 2 * expected, rtol=1e-12, atol=1e-12 * abs(G)
    )


def test_the_torque_tells_the_damping():
    # for one interface G_eff = G d ln T_DL/d ln G
    def torque(G):
        return ss.torque(PT | CONTACT.replace(mixing_conductance=G) | CO, m=Z)["Co"].values[1]

    step = 1e-4
    slope = (np.log(torque(G.real * np.exp(step))) - np.log(torque(G.real * np.exp(-step)))) / (2 * step)
    found = ss.damping_conductance(PT | CONTACT | CO, m=Z)["effective_mixing_conductance"].item()
    assert found == pytest.approx(G.real * slope, rel=1e-8)


def test_what_is_pumped_does_not_depend_on_the_thickness_of_the_magnet():
    over = {"Co.thickness": np.array([1.0, 2.0, 5.0]) * nm}
    found = ss.sweep(PT | CONTACT | CO, over, partial(ss.damping_conductance, m=Z))["effective_mixing_conductance"]
    np.testing.assert_allclose(found.values[:, 0], found.values[0, 0], rtol=1e-9)


# -- an independent route


def moving_frame(n, metal, magnet, contact, w, cells):
    """Spin current into the magnet's order by finite volumes, complex numbers for the plane across m.

    In the metal Q' = -(sigma/2) mu/l^2; in the magnet order and spin flip act on mu + w and on mu.
    """
    mu_metal, mu_magnet = np.arange(cells), cells + np.arange(n * cells)
    size = (1 + n) * cells
    A, b = np.zeros((size, size), complex), np.zeros(size, complex)
    order = 1 / magnet.dephasing_length**2 + 1j / magnet.precession_length**2

    def bulk(at, layer, into_order):
        h = layer.thickness / len(at)
        link = layer.conductivity / 2 / h
        flip = layer.conductivity / 2 * h / layer.spin_diffusion_length**2
        taken = layer.conductivity / 2 * h * into_order
        for i in at:
            A[i, i] += flip + taken
            b[i] -= taken * w
            if i + 1 in at:
                A[[i, i + 1], [i, i + 1]] += link
                A[i, i + 1] -= link
                A[i + 1, i] -= link
        return taken

    bulk(mu_metal, metal, 0)
    taken = bulk(mu_magnet, magnet, order)
    low, high = mu_metal[-1], mu_magnet[0]
    halves = [2 * layer.conductivity / 2 * cells_of / layer.thickness
              for layer, cells_of in ((metal, cells), (magnet, n * cells))]  # fmt: skip
    # potentials at the faces, of the metal and of the magnet
    Gl, Gu, Gt = contact
    M = np.array([[halves[0] + Gl, -Gt], [-Gt, halves[1] + Gu]])
    rows, moving = np.linalg.inv(M), np.array([Gl - Gt, Gu - Gt]) * w
    for i, at in enumerate((low, high)):
        A[at, at] += halves[i]
        b[at] -= halves[i] * (rows @ moving)[i]
        for k, other in enumerate((low, high)):
            A[at, other] -= halves[i] * rows[i, k] * halves[k]
    mu = np.linalg.solve(A, b)
    faces = rows @ (np.array(halves) * mu[[low, high]] - moving)
    return (taken * (mu[mu_magnet] + w)).sum() + (np.array([Gl - Gt, Gu - Gt]) * (faces + w)).sum()


def test_diffusion_in_the_moving_frame_gives_the_same_damping():
    magnet = CO.replace(dephasing_length=1.1 * nm, precession_length=1.6 * nm, spin_diffusion_length=3 * nm)
    upper, through = 5e14 - 1e14j, 2e14 + 0.7e14j
    contact = CONTACT.replace(
        mixing_conductance=G, mixing_conductance_upper=upper, transmitted_mixing_conductance=through
    )
    found = asked(PT | contact | magnet, Z)
    L = found["damping"][0, :, 0] + found["bulk"][0]
    coarse, fine = (moving_frame(1, PT, magnet, (G, upper, through), 1.0, cells) for cells in (100, 200))
    expected = fine + (fine - coarse) / 3
    np.testing.assert_allclose(L, complex_tensor(expected, Z), rtol=0, atol=2e-6 * abs(expected))
    assert abs(found["damping"][0, 0, 0, 0] - expected.real) > 0.1 * expected.real, "the bulk matters here"


def test_a_magnet_alone_has_the_damping_of_its_bulk_only():
    magnet = CO.replace(dephasing_length=1.1 * nm, precession_length=1.6 * nm)
    found = asked(ss.Film((magnet,)), TILTED)
    order, flip = 1 / magnet.dephasing_length**2 + 1j / magnet.precession_length**2, 1 / CO.spin_diffusion_length**2
    bulk = CO.conductivity * CO.thickness / 2 * flip * order / (order + flip)
    np.testing.assert_allclose(found["bulk"][0], complex_tensor(bulk, TILTED), rtol=1e-12, atol=1e-12 * abs(bulk))
    np.testing.assert_allclose(found["damping"], 0, atol=1e-12 * abs(bulk))


# -- what holds for every film


def symmetric(film, m, B, T=None):
    found = asked(film, m, B, T)
    size = np.prod(found["damping"].shape[:2])
    whole = found["damping"].reshape(size, size).copy()
    for i, own in enumerate(found["bulk"]):
        whole[3 * i : 3 * i + 3, 3 * i : 3 * i + 3] += own
    return found, found["damping"].reshape(size, size), whole


@pytest.mark.study
@settings(max_examples=10)
@given(film=films(), m=magnetizations, B=fields(), angle=st.floats(0, 6.28))
def test_damping_is_reciprocal_heats_and_turns_with_the_film(film, m, B, angle):
    found, L, whole = symmetric(film, m, B)
    size = np.abs(whole).max()
    back, back_m, back_B = time_reversed(film, m, B)
    reverse, L_back, _ = symmetric(back, back_m, back_B)
    np.testing.assert_allclose(L, L_back.T, rtol=0, atol=1e-12 * size)
    # the current that a magnet drives is minus the torque on it, turned round
    current, torque = found["current"].reshape(2, -1), reverse["torque"].reshape(-1, 2) / 2
    np.testing.assert_allclose(current, -torque.T, rtol=0, atol=1e-12 * max(np.abs(current).max(), 1.0))
    assert np.linalg.eigvalsh(whole + whole.T).min() > -1e-12 * size
    # what the other observables say
    for i, name in enumerate(MAGNETS):
        told = ss.torque(film, m=m, B=B, E=(0.3, -0.7))[name].values / (hbar / (2 * e))
        own = found["torque"][i] @ np.array([0.3, -0.7])
        np.testing.assert_allclose(own, told, rtol=0, atol=1e-12 * max(np.abs(found["torque"]).max(), 1.0))
    G = ss.sheet_conductance(film, m=m, B=B)
    np.testing.assert_allclose(found["sheet"], G, rtol=0, atol=1e-12 * np.abs(G).max())
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    turned = film
    for tensor in ("spin_hall_angle", "spin_splitter"):
        turned = changed(turned, tensor, lambda theta: R @ theta @ R[:2, :2].T)
    _, L_turned, _ = symmetric(turned, {k: R @ v for k, v in m.items()}, R @ B)
    every = np.kron(np.eye(len(MAGNETS)), R)
    np.testing.assert_allclose(L_turned, every @ L @ every.T, rtol=0, atol=1e-12 * size)


def test_moments_with_field_and_temperature_are_reciprocal():
    def insulator(name):
        return ss.MagneticInsulator(name, magnet=ss.WeissMagnet(**WEISS))

    film = insulator("lower") | PT.replace(diffusion_coefficient=1e-5) | insulator("upper")
    m, B = {"lower": TILTED, "upper": np.array([0.6, -0.8, 0])}, np.array([1.0, -2.0, 3.0])
    found, L, whole = symmetric(film, m, B, 5.0)
    reverse, L_back, _ = symmetric(film, {k: -v for k, v in m.items()}, -B, 5.0)
    np.testing.assert_allclose(L, L_back.T, rtol=0, atol=1e-13 * np.abs(L).max())
    assert np.abs(L[:3, 3:]).max() > 1e-3 * np.abs(L).max(), "one magnet feels the other"
    np.testing.assert_allclose(found["current"], -np.moveaxis(reverse["torque"], -1, 0) / 2, rtol=0, atol=1e-9)
    assert np.linalg.eigvalsh(whole + whole.T).min() > -1e-13 * np.abs(L).max()


def test_two_collinear_magnets_damp_each_other():
    # through a spacer without loss: what one pumps the other takes, so a motion in step is not damped at all
    spacer = ss.Metal("Cu", thickness=3 * nm, conductivity=5e7, spin_diffusion_length=np.inf)
    film = (
        ss.MagneticInsulator("a", mixing_conductance=G.real)
        | spacer
        | ss.MagneticInsulator("b", mixing_conductance=2 * G.real, spin_sink_conductance=1e-3)
    )
    L = ss.damping_conductance(film, m=Z)["damping_conductance"].values
    series = 1 / (1 / G.real + 1 / (2 * G.real) + 2 * spacer.thickness / spacer.conductivity)
    np.testing.assert_allclose(L[:, 0, :, 0], series * np.array([[1, -1], [-1, 1]]), rtol=1e-9)


# -- limits and derivatives


@pytest.mark.study
def test_infinite_lengths_are_limits():
    def eff(metal, magnet):
        film = ss.MagneticInsulator("I", mixing_conductance=3e14, spin_sink_conductance=1e12) | metal | CONTACT | magnet
        return ss.damping_conductance(film, m=Z)["damping_conductance"].values

    for path, layers in (
        ("spin_diffusion_length", lambda v: (PT.replace(spin_diffusion_length=v), CO)),
        ("dephasing_length", lambda v: (PT, CO.replace(dephasing_length=v))),
    ):
        never, nearly = (eff(*layers(v)) for v in (np.inf, 1.0))
        assert np.isfinite(never).all()
        np.testing.assert_allclose(nearly, never, rtol=0, atol=1e-9 * np.abs(never).max(), err_msg=path)


@pytest.mark.study
def test_derivatives_are_those_of_the_closed_form():
    found = ss.gradient(PT | CONTACT | CO, partial(ss.damping_conductance, m=Z))["Pt.thickness"]
    step = 1e-3 * nm
    series = [1 / (1 / G.real + 1 / absorbs(5 * nm + k * step)) for k in (-1, 1)]
    expected = (series[1] - series[0]) / (2 * step)
    assert found["effective_mixing_conductance"].item() == pytest.approx(expected, rel=1e-6)


# -- direct currents


@pytest.mark.parametrize("frequency", [10e9, -10e9])
def test_the_direct_current_is_the_inverse_of_the_damping_like_torque(frequency):
    film = ss.MagneticInsulator("YIG", mixing_conductance=G, spin_sink_conductance=SINK) | PT
    cone = 0.05
    found = ss.spin_pumping(film, frequency, cone, m=Y)
    rotation = 2 * np.pi * frequency * np.sin(np.deg2rad(cone)) ** 2
    np.testing.assert_allclose(found["rotation"].values, [0, rotation, 0], rtol=1e-9, atol=1e-6)
    # torque = T m x (p x m) + field-like, p = y for E along x; at m = z the first is along y
    damping_like = ss.torque(film, m=Z)["YIG"].values[1] / (hbar / (2 * e))
    w = -hbar / e * rotation
    np.testing.assert_allclose(found["sheet_current"].values, [-damping_like * w / 2, 0], rtol=1e-5, atol=1e-12)
    leaves = -ss.damping_conductance(film, m=Y)["effective_mixing_conductance"].item() * w
    np.testing.assert_allclose(found["spin_current"].values, [0, leaves, 0], rtol=1e-5, atol=1e-5 * abs(leaves))
    assert leaves * frequency > 0  # spin along m x dm/dt, moments against it
    E = found["electric_field"].values
    np.testing.assert_allclose(ss.sheet_conductance(film, m=Y) @ E, -found["sheet_current"], rtol=1e-4, atol=1e-12)


def test_no_current_along_the_mean_direction_and_none_out_of_the_plane():
    for m, along in ((X, 1), (0.6 * X + 0.8 * Y, None), (Z, None)):
        current = ss.spin_pumping(PT | CONTACT | CO, 10e9, 2.0, m=m)["sheet_current"].values
        largest = np.abs(ss.spin_pumping(PT | CONTACT | CO, 10e9, 2.0, m=Y)["sheet_current"].values).max()
        assert abs(current @ m[:2]) < 1e-10 * largest
        assert along is None or abs(current[along]) > 0.9 * largest
        assert m[2] == 0 or np.abs(current).max() < 1e-10 * largest


def test_an_ellipse_pumps_by_its_area():
    film = PT | CONTACT | CO
    circle = ss.spin_pumping(film, 10e9, 0.02, m=Y)["sheet_current"].values[0]
    found = ss.spin_pumping(film, 10e9, (0.01, 0.04), m=Y)
    assert found["sheet_current"].values[0] == pytest.approx(circle, rel=1e-5)
    flat = ss.spin_pumping(film, 10e9, (1.0, 0.0), m=Y)
    assert np.abs(flat["sheet_current"].values).max() < 1e-9 * abs(circle)


@pytest.mark.study
def test_one_of_several_magnets_precesses_in_every_film_of_a_batch():
    film = CO.replace(name="A") | CONTACT | PT | CONTACT | CO.replace(name="B")
    thick = np.array([2.0, 5.0, 9.0]) * nm
    found = ss.spin_pumping(film.replace({"Pt.thickness": thick}), 10e9, 3.0, "B", m={"A": X, "B": Y})
    for k, t in enumerate(thick):
        one = ss.spin_pumping(film.replace({"Pt.thickness": t}), 10e9, 3.0, "B", m={"A": X, "B": Y})
        for name in one:
            size = np.abs(one[name]).max().item()
            np.testing.assert_allclose(found[name][k], one[name], rtol=0, atol=1e-12 * size)


# -- what is refused


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda f: ss.damping_conductance(ss.Film((PT,))), "has no magnet"),
        (lambda f: ss.spin_pumping(f, 0.0, 1.0, m=Z), "nothing moves"),
        (lambda f: ss.spin_pumping(f, 1e9, 90.0, m=Z), "less than 90"),
        (lambda f: ss.spin_pumping(f, 1e9, 0.0, m=Z), "nothing moves"),
        (lambda f: ss.spin_pumping(f, 1e9, (1.0, 2.0, 3.0), m=Z), "two of an ellipse"),
        (lambda f: ss.spin_pumping(f, 1e9, 1.0, "Ni", m=Z), "Allowed: 'Co'"),
        (lambda f: ss.spin_pumping(f | PT.replace(name="W") | CO.replace(name="Fe"), 1e9, 1.0, m=Z), "'Co', 'Fe'"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused(call, words):
    with pytest.raises(ss.ParameterError, match=words):
        call(PT | CONTACT | CO)
