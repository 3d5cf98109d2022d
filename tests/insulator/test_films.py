"""Films on magnetic insulators: differential equations solved otherwise, magnets in the film, what holds for all."""

import numpy as np
import pytest
import reference_insulator_film as reference
from batches import Batch
from insulating_magnets import KINDS
from insulator_films import (
    SINGLE,
    STATES,
    assert_spin_part,
    by_numbers,
    closed_form,
    described,
    drawn,
    face_of,
    faces,
    heavy_metal,
    on,
    slow_metal,
)
from plain_films import X, turn
from scipy import constants

import spinstack as ss

N = 40


@pytest.fixture
def rng():
    return Batch(20190620, N)


def test_two_ways_of_solving_the_differential_equations_agree(rng):
    sink, mixing = faces(rng)
    pt, m = heavy_metal(rng, hall_coefficient=3e-10), rng.directions()
    for i in range(4):
        layer, B = described(pt, i), rng.normal(size=3) * 4
        ends = reference.face(sink[i], mixing[i], m[i]), reference.face(sink[i + 9], mixing[i + 9], m[i + 9])
        expected = reference.sheet_conductance([layer], B, *ends)
        got = reference.relaxed_sheet_conductance(layer, B, *ends)
        assert_spin_part(got, expected, [layer], B, rtol=1e-8)


@pytest.mark.parametrize("kind", ["one face", "two faces", "two metals", "three metals, two faces"])
def test_films_meet_the_differential_equations_for_any_direction_of_field_and_moments(rng, kind):
    layers = {"one face": 1, "two faces": 1, "two metals": 2, "three metals, two faces": 3}[kind]
    below, above = faces(rng), faces(rng)
    m_below, m_above, B = rng.directions(), rng.directions(), rng.normal(size=(N, 3)) * 4
    metals = [
        heavy_metal(rng, hall_coefficient=rng.between(-1e-9, 1e-9), g_factor=rng.between(1, 3)) for _ in range(layers)
    ]
    film = by_numbers(*below, "lower")
    for layer in metals:
        film = film | layer
    m = {"lower": m_below}
    closed = "two faces" not in kind
    if not closed:
        film, m = film | by_numbers(*above, "upper"), {**m, "upper": m_above}
    got = ss.sheet_conductance(film, m=m, B=B)
    for i in range(0, N, 2):
        layers = [described(layer, i) for layer in metals]
        lower = reference.face(below[0][i], below[1][i], m_below[i])
        upper = reference.CLOSED if closed else reference.face(above[0][i], above[1][i], m_above[i])
        expected = reference.sheet_conductance(layers, B[i], lower, upper)
        assert_spin_part(got[i], expected, layers, B[i], rtol=1e-10)


@pytest.mark.study
@pytest.mark.parametrize("kind", ["ferromagnet", "ferrimagnet"])
def test_magnet_in_a_film_equals_the_film_with_its_conductances(rng, kind):
    pt, model = heavy_metal(rng), drawn(kind, rng)
    m, B = rng.directions(), rng.normal(size=(N, 3)) * 4
    T = model.ordering_temperature() * rng.between(0.05, 1.5)
    numbers = by_numbers(*model.conductances((B * m).sum(-1), T))
    expected = ss.sheet_conductance(pt | numbers, m=m, B=B)
    got = ss.sheet_conductance(pt | on(model), m=m, B=B, T=T)
    # a small component is a difference of large ones
    np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-16 * np.abs(expected).max())
    # along the field, the closed forms with these conductances are the conductance itself
    size = np.linalg.norm(B, axis=-1)
    sink, mixing = model.conductances(size, T)
    b = B / size[:, None]
    got = ss.sheet_conductance(pt | on(model), B=B, T=T) / (pt.conductivity * pt.thickness)[:, None, None]
    long, across = closed_form(pt, sink, mixing, b, size)
    np.testing.assert_allclose(got[:, 0, 0], 2 - long * pt.conductivity, rtol=1e-11)
    np.testing.assert_allclose(got[:, 1, 0], -across * pt.conductivity, rtol=1e-8, atol=1e-12)


@pytest.mark.study
def test_antiferromagnet_in_a_film_equals_the_film_with_its_conductances_where_nothing_cants(rng):
    pt, n = heavy_metal(rng), rng.directions()
    model = drawn("antiferromagnet", rng, exchange_coupling_b=0.1 / STATES, surface_density_b=2e18)
    T = model.ordering_temperature() * rng.between(0.05, 1.5)
    got = ss.sheet_conductance(pt | on(model), m=n, T=T)
    expected = ss.sheet_conductance(pt | by_numbers(*model.conductances(0.0, T)), m=n)
    np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-16 * np.abs(expected).max())


def every_kind(rng):
    """Magnets of every kind below, between and above three metals, and a condition in which no directions are alike."""
    models = [drawn(kind, rng) for kind in ("ferrimagnet", "ferromagnet", "antiferromagnet")]
    metals = [heavy_metal(rng, hall_coefficient=rng.between(-1e-9, 1e-9)) for _ in range(3)]
    lower, inside, upper = (on(model, name) for model, name in zip(models, ("lower", "inside", "upper"), strict=True))
    where = {
        "m": {name: rng.directions() for name in ("lower", "inside", "upper")},
        "B": rng.normal(size=(N, 3)) * 4,
        "T": models[0].ordering_temperature() * rng.between(0.05, 1.3),
    }
    return models, metals, lower | metals[0] | metals[1] | inside | metals[2] | upper, where


@pytest.mark.study
def test_films_on_magnets_meet_the_differential_equations(rng):
    models, metals, film, where = every_kind(rng)
    got = ss.sheet_conductance(film, **where)
    m, B, T = where.values()
    lower, inside, upper = (face_of(model, n, B, T) for model, n in zip(models, m.values(), strict=True))
    for i in range(0, N, 2):
        layers = [described(layer, i) for layer in metals]
        expected = reference.sheet_conductance(layers[:2], B[i], lower[i], inside[i])
        expected = expected + reference.sheet_conductance(layers[2:], B[i], inside[i], upper[i])
        assert_spin_part(got[i], expected, layers, B[i], rtol=1e-10)


@pytest.mark.study
def test_reversing_field_and_moments_transposes_the_tensor(rng):
    _, _, film, where = every_kind(rng)
    m, B, T = where.values()
    G = ss.sheet_conductance(film, **where)
    back = ss.sheet_conductance(film, m={name: -v for name, v in m.items()}, B=-B, T=T)
    np.testing.assert_allclose(G, np.swapaxes(back, -1, -2), rtol=0, atol=1e-13 * G.max())
    assert np.abs(G - back).max() > 1e-6 * G.max()
    # left to themselves the moments turn round with the field
    G, back = (ss.sheet_conductance(film, B=sign * B, T=T) for sign in (1, -1))
    np.testing.assert_allclose(G, np.swapaxes(back, -1, -2), rtol=0, atol=1e-13 * G.max())


@pytest.mark.study
def test_magnets_take_power_and_give_none(rng):
    """Faces dissipate; the film dissipates at least Joule's heat and no more than the spin Hall effect can carry."""
    models, metals, film, where = every_kind(rng)
    film = film.replace({f"Pt[{i}].hall_coefficient": 0.0 for i in range(3)})
    m, B, T = where.values()
    for model, direction in zip(models, m.values(), strict=True):
        face = face_of(model, direction, B, T)
        heat = np.linalg.eigvalsh(face + np.swapaxes(face, -1, -2))
        assert (heat >= -1e-14 * heat.max()).all()
        assert (heat[:, -1] > 0).all()
    G = ss.sheet_conductance(film, **where)
    heat = np.linalg.eigvalsh((G + np.swapaxes(G, -1, -2)) / 2)
    joule = sum(layer.conductivity * layer.thickness for layer in metals)
    most = sum(layer.conductivity * layer.thickness * layer.spin_hall_angle**2 for layer in metals)
    assert (heat[:, 0] >= joule * (1 - 1e-14)).all()
    assert (heat[:, 1] <= (joule + most) * (1 + 1e-14)).all()


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    ("kind", "held"),
    [
        ("ferromagnet", {}),
        ("ferromagnet", {"anisotropy_field": 3.0, "easy_axis": (0.3, -0.4, 1.0)}),
        ("ferromagnet", {"anisotropy_field": -2.0, "easy_axis": (0.0, 0.6, 0.8)}),
        ("ferrimagnet", {}),
        ("ferrimagnet", {"anisotropy_field": 1.0, "easy_axis": (1.0, 0.2, 0.1)}),
        ("antiferromagnet", {}),
        ("antiferromagnet", {"spin_flop_field": 5.0, "easy_axis": (0.6, 0.8, 0.3)}),
    ],
)
def test_direction_found_in_the_field_is_that_of_lowest_energy_and_turns_with_everything(rng, kind, held):
    """The film with m left out is the film with the magnet's own direction; a turn about z turns the tensor."""
    model = drawn(kind, rng.of(1), **held)
    pt = heavy_metal(rng.of(1))
    B, T = rng.normal(size=(30, 3)) * 4, float(model.ordering_temperature()[0] * 0.4)
    film = pt | on(model)
    G = ss.sheet_conductance(film, B=B, T=T)
    own = model.equilibrium(B, T)
    np.testing.assert_allclose(np.linalg.norm(own, axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(ss.sheet_conductance(film, m=own, B=B, T=T), G, rtol=1e-13, atol=1e-16)
    u, field = np.asarray(model.easy_axis), held.get("anisotropy_field", 0.0)

    def energy(m):
        if kind == "antiferromagnet":
            return (m * B).sum(-1) ** 2 - held.get("spin_flop_field", 0.0) ** 2 * (m @ u) ** 2
        return -(B * m).sum(-1) - field / 2 * (m @ u) ** 2

    others = rng.of(4000).directions()[:, None]
    assert (energy(own) <= np.min([energy(np.broadcast_to(v, B.shape)) for v in others], axis=0) + 1e-12).all()
    assert np.ptp(G[:, 0, 0]) > 1e-8 * G[0, 0, 0]
    for angle in (0.7, 2.9):
        R = turn(angle)
        axes = {name: tuple(R @ getattr(model, name)) for name in model.axes}
        turned = ss.sheet_conductance(pt | on(model.replace(**axes)), B=B @ R.T, T=T)
        expected = R[:2, :2] @ G @ R[:2, :2].T
        np.testing.assert_allclose(turned, expected, rtol=0, atol=1e-12 * G.max())


def test_a_magnet_without_a_model_needs_m_and_one_with_a_model_finds_it(rng):
    film = on(drawn("ferromagnet", rng.of(1)), "EuS") | heavy_metal(rng.of(1)) | by_numbers(1e13, 3e14 + 2e14j, "YIG")
    B = np.array([1.0, -2.0, 0.5])
    b = B / np.linalg.norm(B)
    got = ss.sheet_conductance(film, m={"YIG": X}, B=B, T=20)
    expected = ss.sheet_conductance(film, m={"YIG": X, "EuS": b}, B=B, T=20)
    np.testing.assert_allclose(got, expected, rtol=1e-14)
    assert np.abs(got - ss.sheet_conductance(film, m={"YIG": X, "EuS": X}, B=B, T=20)).max() > 1e-8 * got.max()
    with pytest.raises(ss.ParameterError, match="YIG"):
        ss.sheet_conductance(film, B=B, T=20)
    with pytest.raises(ss.ParameterError, match="EuS"):
        ss.sheet_conductance(film, m={"YIG": X}, B=B)
    with pytest.raises(ss.ParameterError, match="EuS"):
        ss.sheet_conductance(film, m={"YIG": X}, T=1)


@pytest.mark.parametrize("kind", ["ferromagnet", pytest.param("ferrimagnet", marks=pytest.mark.study)])
def test_every_observable_sees_the_magnet_as_it_sees_its_conductances(rng, kind):
    model, pt = drawn(kind, rng.of(())), slow_metal(hall_coefficient=-2e-11)
    T, size, m = 0.6 * float(model.curie_temperature), 2.5, np.array([0.48, 0.6, 0.64])
    film, numbers = pt | on(model), pt | by_numbers(*model.conductances(size, T))
    where = {"m": m, "B": size * m}

    def same(got, expected):
        for name, value in expected.data_vars.items():
            np.testing.assert_allclose(got[name], value, rtol=1e-12, atol=1e-13 * float(abs(value).max()))

    same(ss.profile(film, B=size * m, E=(0.6, -0.8), T=T), ss.profile(numbers, **where, E=(0.6, -0.8)))
    same(ss.angular_scan(film, angles=[0, 30, 135, 250], field=size, T=T),
         ss.angular_scan(numbers, angles=[0, 30, 135, 250], field=size))  # fmt: skip
    for plane in ("alpha", "beta", "gamma"):
        got, expected = (
            ss.magnetoresistance(film, plane, field=size, T=T),
            ss.magnetoresistance(numbers, plane, field=size),
        )
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-15)
    got, expected = (ss.average_spin_current(f, "W", **where, **more) for f, more in ((film, {"T": T}), (numbers, {})))
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())
    torque, expected = ss.torque(film, **where, T=T), ss.torque(numbers, **where)
    same(torque, expected)
    # and the torque is what the face takes up across m
    mu = ss.profile(film, **where, T=T).mu.values[-1]
    real, imag = model.conductances(size, T).mixing.real, model.conductances(size, T).mixing.imag
    absorbed = real * (mu - m * (m @ mu)) + imag * np.cross(mu, m)
    np.testing.assert_allclose(torque.EuS.values, constants.hbar / (2 * constants.e) * absorbed, rtol=1e-9)


@pytest.mark.study
@pytest.mark.parametrize("kind", KINDS)
def test_a_grid_of_fields_and_temperatures_equals_a_loop(kind):
    film = slow_metal() | on(SINGLE[kind])
    T = np.array([0.0, 5.0, 60.0, 100.0, 180.0])
    B = np.array([[0.0, 0.5, 1.0], [3.0, 0.1, -2.0], [-1.0, 8.0, 0.3]])
    for m in (None, np.array([0.6, 0.0, -0.8])):
        grid = ss.sheet_resistance(film, m=m, B=B, T=T[:, None])
        assert grid.shape == (5, 3, 2, 2)
        loop = [[ss.sheet_resistance(film, m=m, B=b, T=t) for b in B] for t in T]
        np.testing.assert_allclose(grid, loop, rtol=1e-14, atol=1e-15 * grid.max())
        assert np.ptp(grid[..., 0, 0], axis=0).min() > 1e-7 * grid.max()
