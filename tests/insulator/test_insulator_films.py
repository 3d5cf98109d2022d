"""Films on magnetic insulators: closed forms, differential equations solved otherwise, and magnets in the film."""

import jax
import numpy as np
import pytest
import reference_insulator_film as reference
from batches import Batch
from scipy import constants
from scipy.optimize import brentq

import spinstack as ss

nm = 1e-9
X, Y, Z = np.eye(3)
N = 40


@pytest.fixture
def rng():
    return Batch(20190620, N)


def metal(rng, **changes):
    """Heavy metals 0.3 to 6 diffusion lengths thick."""
    length = rng.log(1 * nm, 5 * nm)
    values = {
        "thickness": length * rng.log(0.3, 6),
        "conductivity": rng.log(1e6, 1e7),
        "spin_diffusion_length": length,
        "spin_hall_angle": rng.signed(0.03, 0.3),
        "diffusion_coefficient": rng.log(1e-5, 1e-3),
    }
    return ss.Metal("Pt", **{**values, **changes})


def faces(rng):
    """Gs and Gr + i Gi [S/m^2] of either sign of Gi."""
    sink = rng.log(1e12, 3e14)
    return sink, rng.log(1e13, 1e15) + 1j * rng.log(1e13, 1e15) * rng.sign()


def insulator(sink, mixing, name="EuS"):
    return ss.MagneticInsulator(name, spin_sink_conductance=sink, mixing_conductance=mixing)


def closed_form(pt, sink, mixing, m, B):
    """rho_L, rho_T [Ohm m] in the field B [T] along m."""
    rho, t, length = 1 / pt.conductivity, pt.thickness, pt.spin_diffusion_length
    turning = reference.precessing_length(length, B, pt.diffusion_coefficient, pt.g_factor)
    deltas = reference.corrections(pt.spin_hall_angle, rho, t, length, turning, sink, mixing)
    return reference.resistivities(deltas, rho, m)


def plain(layer, i=...):
    """A layer, or one of a batch of layers, for the reference."""

    def one(value):
        return float(np.broadcast_to(value, (N,))[i]) if isinstance(i, int) else float(value)

    return reference.Metal(
        thickness=one(layer.thickness), conductivity=one(layer.conductivity), length=one(layer.spin_diffusion_length),
        angle=one(layer.spin_hall_angle), diffusion=one(layer.diffusion_coefficient), g_factor=one(layer.g_factor),
        hall=one(layer.hall_coefficient),
    )  # fmt: skip


def without_spin(layers, B):
    """Sheet conductance (2, 2) [S] of layers without spin Hall effect."""
    return sum(layer.thickness * layer.laws(np.asarray(B))[2] for layer in layers)


def assert_spin_part(got, expected, layers, B, rtol=1e-8):
    """Agreement relative to what spin makes of the conductance."""
    size = np.abs(expected - without_spin(layers, B)).max()
    assert size > 0
    np.testing.assert_allclose(got, expected, rtol=0, atol=rtol * size + 1e-14 * np.abs(expected).max())


# -- closed forms


@pytest.mark.parametrize("upside_down", [False, True])
def test_resistivities_meet_the_closed_forms_up_to_the_fourth_power_of_the_spin_hall_angle(rng, upside_down):
    angles = np.geomspace(0.02, 0.2, 6)
    pt, (sink, mixing), m = metal(rng), faces(rng), rng.directions()
    magnet = insulator(sink, mixing)
    for field in (-4.0, 0.0, 7.0):
        left, transverse = [], []  # in units of the resistivity
        for angle in angles:
            layer = pt.replace(spin_hall_angle=angle)
            film = magnet | layer if upside_down else layer | magnet
            got = ss.sheet_resistance(film, m=m, B=field * m)[..., 0] * (pt.thickness * pt.conductivity)[:, None]
            expected = np.stack(closed_form(layer, sink, mixing, m, field), -1) * pt.conductivity[:, None]
            left.append(np.abs(got - expected))
            transverse.append(expected[:, 1])
        left = np.asarray(left)
        assert (left[-1] < 2 * angles[-1] ** 4).all()
        for part in (0, 1):
            seen = left[0, :, part] > 1e-13  # else the smallest angle leaves nothing but rounding
            assert seen.mean() > 0.9
            exponent = np.polyfit(np.log(angles), np.log(left[:, seen, part]), 1)[0]
            np.testing.assert_allclose(exponent, 4, atol=0.1)
        # rho_T itself is of second order: what the film shows has its sign
        assert (left[-1, :, 1] < 0.1 * np.abs(transverse[-1])).all()


def test_closed_form_solves_the_equations_of_spin_diffusion_exactly(rng):
    """The conductance has no higher orders: in it the closed forms are the solution itself, for any angle."""
    sink, mixing = faces(rng)
    pt = metal(rng)
    m = rng.directions()
    for i in range(0, N, 4):
        layer, field = plain(pt, i), rng.uniform(-9, 9)
        G = reference.sheet_conductance([layer], field * m[i], above=reference.face(sink[i], mixing[i], m[i]))
        turning = reference.precessing_length(layer.length, field, layer.diffusion)
        deltas = reference.corrections(
            layer.angle, 1 / layer.conductivity, layer.thickness, layer.length, turning, sink[i], mixing[i]
        )
        long, across = reference.resistivities(deltas, 1 / layer.conductivity, m[i])
        unit = layer.conductivity * layer.thickness
        np.testing.assert_allclose(G[0, 0] / unit, 2 - long * layer.conductivity, rtol=1e-11)
        np.testing.assert_allclose(G[1, 0] / unit, -across * layer.conductivity, rtol=1e-8, atol=1e-13)


def test_ordinary_hall_effect_adds_to_the_transverse_resistivity(rng):
    """For B along z, up to the product of the Hall angle and the square of the spin Hall angle."""
    hall = 2e-11 * rng.sign()
    pt = metal(rng, spin_hall_angle=0.05)
    sink, mixing = faces(rng)
    film = pt.replace(hall_coefficient=hall) | insulator(sink, mixing)
    got = ss.sheet_resistance(film, m=Z, B=5 * Z)[..., 1, 0] * pt.thickness
    expected = closed_form(pt, sink, mixing, np.broadcast_to(Z, (N, 3)), 5.0)[1] + 5 * hall
    assert (np.abs(expected) * pt.conductivity > 1e-5).all()
    atol = 3 * 0.05**2 * (5 * np.abs(hall) * pt.conductivity) + 2 * 0.05**4
    np.testing.assert_array_less(np.abs(got - expected) * pt.conductivity, atol)


@pytest.mark.parametrize("second", ["parallel", "opposite"])
def test_metal_between_two_insulators(rng, second):
    """Alike, they do what half a film with a closed middle face does; opposite, they leave no Hall effect."""
    pt = metal(rng)
    sink, mixing = faces(rng)
    m = rng.directions()
    sign = 1 if second == "parallel" else -1
    film = insulator(sink, mixing, "lower") | pt | insulator(sink, mixing, "upper")
    got = ss.sheet_conductance(film, m={"lower": m, "upper": sign * m})
    t, length, rho = pt.thickness, pt.spin_diffusion_length, 1 / pt.conductivity
    load = sink + mixing
    along = reference.response_between(sink, sink, length, t, rho)
    across = reference.response_between(load, load if sign == 1 else load.conj(), length, t, rho)
    if sign == 1:
        half = np.tanh(t / (2 * length))
        np.testing.assert_allclose(across, 2 * length / t * half / (1 + 2 * rho * length * load * half), rtol=1e-9)
    else:
        np.testing.assert_allclose(across.imag, 0, atol=1e-12)
    delta = along - across.real
    mx, my, mz = m.T
    spin = got / (t / rho * pt.spin_hall_angle**2)[:, None, None]
    unit = pt.spin_hall_angle**-2
    np.testing.assert_allclose(spin[:, 0, 0] - unit, along - delta * (1 - my**2), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(spin[:, 1, 0], -(delta * mx * my + across.imag * mz), rtol=1e-9, atol=1e-11)
    swapped = insulator(sink, mixing, "upper") | pt | insulator(sink, mixing, "lower")
    mirrored = ss.sheet_conductance(swapped, m={"lower": m, "upper": sign * m})
    np.testing.assert_allclose(mirrored, got, rtol=0, atol=1e-13 * got.max())


# -- the linear term (Eq. 17)


def slope_of_closed_form(Gi, x):
    """d Re R(i Gi, Lambda) / d omega at omega = 0 for l = rho = D = 1."""
    step = 1e-4 / (1 + Gi)  # the response turns over where the precession meets the load

    def value(w):
        return reference.response(1j * Gi, 1 / np.sqrt(1 + 1j * w), x, 1.0).real

    return (8 * (value(step) - value(-step)) - (value(2 * step) - value(-2 * step))) / (12 * step)


@pytest.mark.parametrize("x", [0.2, 1.0, 3.0, 6.0, 10.0])
def test_critical_conductance_is_where_the_slope_of_the_closed_form_vanishes(x):
    critical = reference.critical_imaginary_conductance(x, 1.0, 1.0)
    root = brentq(slope_of_closed_form, critical / 3, critical * 3, args=(x,), xtol=1e-14, rtol=1e-14)
    np.testing.assert_allclose(root, critical, rtol=1e-5)


def test_critical_conductance_grows_exponentially_with_thickness():
    x = np.array([12.0, 16.0, 20.0, 24.0])
    critical = reference.critical_imaginary_conductance(x * 2 * nm, 2 * nm, 3e-7) * 2 * nm * 3e-7
    np.testing.assert_allclose(critical, np.exp(x / 2) / np.sqrt(8 * x), rtol=1e-3)
    growth = np.diff(np.log(critical * np.sqrt(x))) / np.diff(x)
    np.testing.assert_allclose(growth, 0.5, rtol=1e-3)
    thin = reference.critical_imaginary_conductance(np.array([1e-2, 2e-2]), 1.0, 1.0)
    np.testing.assert_allclose(thin[1] / thin[0], 4, rtol=1e-3)  # (d/l)^2/sqrt(48)


# -- differential equations


def test_two_ways_of_solving_the_differential_equations_agree(rng):
    sink, mixing = faces(rng)
    pt, m = metal(rng, hall_coefficient=3e-10), rng.directions()
    for i in range(4):
        layer, B = plain(pt, i), rng.normal(size=3) * 4
        ends = reference.face(sink[i], mixing[i], m[i]), reference.face(sink[i + 9], mixing[i + 9], m[i + 9])
        expected = reference.sheet_conductance([layer], B, *ends)
        got = reference.relaxed_sheet_conductance(layer, B, *ends)
        assert_spin_part(got, expected, [layer], B, rtol=1e-8)


@pytest.mark.parametrize("kind", ["one face", "two faces", "two metals", "three metals, two faces"])
def test_films_meet_the_differential_equations_for_any_direction_of_field_and_moments(rng, kind):
    layers = {"one face": 1, "two faces": 1, "two metals": 2, "three metals, two faces": 3}[kind]
    below, above = faces(rng), faces(rng)
    m_below, m_above, B = rng.directions(), rng.directions(), rng.normal(size=(N, 3)) * 4
    metals = [metal(rng, hall_coefficient=rng.between(-1e-9, 1e-9), g_factor=rng.between(1, 3)) for _ in range(layers)]
    film = insulator(*below, "lower")
    for layer in metals:
        film = film | layer
    m = {"lower": m_below}
    closed = "two faces" not in kind
    if not closed:
        film, m = film | insulator(*above, "upper"), {**m, "upper": m_above}
    got = ss.sheet_conductance(film, m=m, B=B)
    for i in range(0, N, 2):
        layers = [plain(layer, i) for layer in metals]
        lower = reference.face(below[0][i], below[1][i], m_below[i])
        upper = reference.CLOSED if closed else reference.face(above[0][i], above[1][i], m_above[i])
        expected = reference.sheet_conductance(layers, B[i], lower, upper)
        assert_spin_part(got[i], expected, layers, B[i], rtol=1e-10)


# -- magnets in the film

STATES = 8e46  # 1/(J m^3) per spin, of the metal
KINDS = ["weiss", "ferrimagnet", "antiferromagnet"]


def magnet(kind, rng, **changes):
    """Magnets that order between 20 and 300 K, nu J between 0.02 and 0.3 of either sign."""

    def coupling():
        return rng.log(0.02, 0.3) * rng.sign() / STATES

    def density():
        return rng.log(1e18, 1e19)

    def spin():
        return rng.integers(1, 8, rng.size) / 2

    critical = rng.log(20, 300)
    if kind == "weiss":
        values = {"spin": spin(), "surface_density": density(), "exchange_coupling": coupling(),
                  "curie_temperature": critical}  # fmt: skip
    elif kind == "ferrimagnet":
        values = {
            "spin_a": spin(), "spin_b": spin(), "surface_density_a": density(), "surface_density_b": density(),
            "exchange_coupling_a": coupling(), "exchange_coupling_b": coupling(), "curie_temperature": critical,
            "density_ratio": rng.log(0.5, 2), "intra_a": rng.between(-0.2, 0.3),
            "intra_b": rng.between(-0.2, 0.3),
        }  # fmt: skip
    else:
        values = {"spin": spin(), "neel_temperature": critical, "surface_density": density(),
                  "exchange_coupling": coupling(), "intra": rng.between(-0.3, 0.3)}  # fmt: skip
    kinds = {"weiss": ss.WeissMagnet, "ferrimagnet": ss.WeissFerrimagnet, "antiferromagnet": ss.WeissAntiferromagnet}
    return kinds[kind](**{**values, "density_of_states": STATES, **changes})


def critical_temperature(model):
    return model.neel_temperature if isinstance(model, ss.WeissAntiferromagnet) else model.curie_temperature


def on(model, name="EuS"):
    return ss.MagneticInsulator(name, magnet=model)


def face_of(model, m, B, T):
    """The face tensor (..., 3, 3) of a magnet, from its sublattices."""
    out = 0.0
    for sink, real, imag, s in model.sublattices(m, B, T):
        turn = np.moveaxis([np.cross(e, s) for e in np.eye(3)], 0, -1)
        sink, real, imag = (np.asarray(v)[..., None, None] for v in (sink, real, imag))
        out = out + sink * np.eye(3) + real * (np.eye(3) - s[..., :, None] * s[..., None, :]) + imag * turn
    return out


@pytest.mark.parametrize("kind", ["weiss", "ferrimagnet"])
def test_magnet_in_a_film_equals_the_film_with_its_conductances(rng, kind):
    pt, model = metal(rng), magnet(kind, rng)
    m, B = rng.directions(), rng.normal(size=(N, 3)) * 4
    T = critical_temperature(model) * rng.between(0.05, 1.5)
    numbers = insulator(*model.conductances((B * m).sum(-1), T))
    np.testing.assert_allclose(
        ss.sheet_conductance(pt | on(model), m=m, B=B, T=T), ss.sheet_conductance(pt | numbers, m=m, B=B), rtol=1e-13
    )
    # along the field, the closed forms with these conductances are the conductance itself
    size = np.linalg.norm(B, axis=-1)
    sink, mixing = model.conductances(size, T)
    b = B / size[:, None]
    got = ss.sheet_conductance(pt | on(model), B=B, T=T) / (pt.conductivity * pt.thickness)[:, None, None]
    long, across = closed_form(pt, sink, mixing, b, size)
    np.testing.assert_allclose(got[:, 0, 0], 2 - long * pt.conductivity, rtol=1e-11)
    np.testing.assert_allclose(got[:, 1, 0], -across * pt.conductivity, rtol=1e-8, atol=1e-12)


def test_antiferromagnet_in_a_film_equals_the_film_with_its_conductances_where_nothing_cants(rng):
    pt, n = metal(rng), rng.directions()
    model = magnet("antiferromagnet", rng, exchange_coupling_b=0.1 / STATES, surface_density_b=2e18)
    T = critical_temperature(model) * rng.between(0.05, 1.5)
    got = ss.sheet_conductance(pt | on(model), m=n, T=T)
    expected = ss.sheet_conductance(pt | insulator(*model.conductances(0.0, T)), m=n)
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def sandwich(kind, rng):
    """Two magnets, two metals between them, and a condition in which no two directions are alike."""
    lower, upper = magnet(kind, rng), magnet("weiss", rng)
    metals = [metal(rng, hall_coefficient=rng.between(-1e-9, 1e-9)) for _ in range(2)]
    where = {
        "m": {"lower": rng.directions(), "upper": rng.directions()},
        "B": rng.normal(size=(N, 3)) * 4,
        "T": critical_temperature(lower) * rng.between(0.05, 1.3),
    }
    return (lower, upper), metals, on(lower, "lower") | metals[0] | metals[1] | on(upper, "upper"), where


@pytest.mark.parametrize("kind", KINDS)
def test_films_on_magnets_meet_the_differential_equations(rng, kind):
    models, metals, film, where = sandwich(kind, rng)
    got = ss.sheet_conductance(film, **where)
    m, B, T = where.values()
    lower, upper = (face_of(model, direction, B, T) for model, direction in zip(models, m.values(), strict=True))
    for i in range(0, N, 2):
        layers = [plain(layer, i) for layer in metals]
        expected = reference.sheet_conductance(layers, B[i], lower[i], upper[i])
        assert_spin_part(got[i], expected, layers, B[i], rtol=1e-10)


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        ("weiss", {}),
        ("weiss", {"anisotropy_field": 3.0, "easy_axis": (0.3, -0.4, 1.0)}),
        ("weiss", {"anisotropy_field": -2.0, "easy_axis": (0.0, 0.6, 0.8)}),
        ("ferrimagnet", {}),
        ("ferrimagnet", {"anisotropy_field": 1.0, "easy_axis": (1.0, 0.2, 0.1)}),
        ("antiferromagnet", {}),
        ("antiferromagnet", {"spin_flop_field": 5.0, "easy_axis": (0.6, 0.8, 0.3)}),
    ],
)
def test_direction_found_in_the_field_is_that_of_lowest_energy_and_turns_with_everything(rng, kind, held):
    """The film with m left out is the film with the magnet's own direction; a turn about z turns the tensor."""
    model = magnet(kind, rng.of(1), **held)
    pt = metal(rng.of(1))
    B, T = rng.normal(size=(30, 3)) * 4, float(critical_temperature(model)[0] * 0.4)
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
        c, s = np.cos(angle), np.sin(angle)
        R = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        axes = {name: tuple(R @ getattr(model, name)) for name in model.axes}
        turned = ss.sheet_conductance(pt | on(model.replace(**axes)), B=B @ R.T, T=T)
        expected = R[:2, :2] @ G @ R[:2, :2].T
        np.testing.assert_allclose(turned, expected, rtol=0, atol=1e-12 * G.max())


def test_a_magnet_without_a_model_needs_m_and_one_with_a_model_finds_it(rng):
    film = on(magnet("weiss", rng.of(1)), "EuS") | metal(rng.of(1)) | insulator(1e13, 3e14 + 2e14j, "YIG")
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


# -- signs

COLD = {"spin": 2.0, "surface_density": 5e18, "density_of_states": STATES, "curie_temperature": 100.0}


def slow_metal(**changes):
    """A metal in which one tesla turns a spin by 0.07 within its lifetime."""
    values = {"conductivity": 3e6, "spin_diffusion_length": 2 * nm, "spin_hall_angle": -0.1,
              "diffusion_coefficient": 1e-5, "thickness": 4 * nm}  # fmt: skip
    return ss.Metal("W", **{**values, **changes})


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
    couplings = {
        "weiss": {**COLD, "exchange_coupling": 0.1 / STATES},
        "ferrimagnet": {
            "spin_a": 2.5, "spin_b": 1.5, "surface_density_a": 5e18, "surface_density_b": 4e18,
            "exchange_coupling_a": 0.1 / STATES, "exchange_coupling_b": -0.05 / STATES, "density_of_states": STATES,
            "curie_temperature": 100.0, "density_ratio": 1.4, "intra_a": 0.2,
        },
        "antiferromagnet": {
            "spin": 2.0, "surface_density": 5e18, "exchange_coupling": 0.1 / STATES, "density_of_states": STATES,
            "neel_temperature": 100.0,
        },
    }  # fmt: skip
    kinds = {"weiss": ss.WeissMagnet, "ferrimagnet": ss.WeissFerrimagnet, "antiferromagnet": ss.WeissAntiferromagnet}
    film = slow_metal(spin_hall_angle=0.3) | on(kinds[kind](**couplings[kind]))

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
    pt, n = metal(rng), rng.directions()
    model = magnet("antiferromagnet", rng)
    B = field * rng.directions()
    T = model.neel_temperature * rng.between(0.05, 1.2)

    def odd(film):
        there, back = (ss.sheet_conductance(film, m=v, B=B, T=T) for v in (n, -n))
        return np.abs(there - back).max((-1, -2)) / np.abs(there).max((-1, -2))

    assert odd(pt | on(model)).max() < 1e-13
    uncompensated = odd(pt | on(model.replace(exchange_coupling_b=0.5 * model.exchange_coupling)))
    ordered = T / model.neel_temperature < 0.9
    assert (uncompensated[ordered] > 1e-8).mean() > 0.9


# -- what holds for every film


@pytest.mark.parametrize("kind", KINDS)
def test_reversing_field_and_moments_transposes_the_tensor(rng, kind):
    _, _, film, where = sandwich(kind, rng)
    m, B, T = where.values()
    G = ss.sheet_conductance(film, **where)
    back = ss.sheet_conductance(film, m={name: -v for name, v in m.items()}, B=-B, T=T)
    np.testing.assert_allclose(G, np.swapaxes(back, -1, -2), rtol=0, atol=1e-13 * G.max())
    assert np.abs(G - back).max() > 1e-6 * G.max()
    # left to themselves the moments turn round with the field
    G, back = (ss.sheet_conductance(film, B=sign * B, T=T) for sign in (1, -1))
    np.testing.assert_allclose(G, np.swapaxes(back, -1, -2), rtol=0, atol=1e-13 * G.max())


@pytest.mark.parametrize("kind", KINDS)
def test_magnets_take_power_and_give_none(rng, kind):
    """Faces dissipate; the film dissipates at least Joule's heat and no more than the spin Hall effect can carry."""
    models, metals, film, where = sandwich(kind, rng)
    metals = [layer.replace(hall_coefficient=0.0) for layer in metals]
    film = film.replace({f"Pt[{i}].hall_coefficient": 0.0 for i in (0, 1)})
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


# -- derivatives and batches

SINGLE = {
    "weiss": ss.WeissMagnet(
        **COLD, exchange_coupling=0.08 / STATES, surface_coordination=4.5, anisotropy_field=0.6,
        easy_axis=(0.3, 0.2, 1.0),
    ),
    "ferrimagnet": ss.WeissFerrimagnet(
        spin_a=2.5, spin_b=1.5, surface_density_a=5e18, surface_density_b=4e18, exchange_coupling_a=0.1 / STATES,
        exchange_coupling_b=-0.05 / STATES, density_of_states=STATES, curie_temperature=100.0, density_ratio=1.4,
        intra_a=0.2, intra_b=-0.1, anisotropy_field=0.5,
    ),
    "antiferromagnet": ss.WeissAntiferromagnet(
        spin=2.0, neel_temperature=100.0, surface_density=5e18, surface_density_b=3e18, exchange_coupling=0.08 / STATES,
        exchange_coupling_b=0.05 / STATES, density_of_states=STATES, intra=0.15, spin_flop_field=4.0,
    ),
}  # fmt: skip
STEPS = np.array([-3, -2, -1, 1, 2, 3])
CENTRAL = np.array([-1 / 60, 3 / 20, -3 / 4, 3 / 4, -3 / 20, 1 / 60])  # seven points: exact up to the sixth power


def slope_of(f, x, step):
    """df/dx of a function that takes an array of arguments on its first axis."""
    return np.tensordot(CENTRAL, f(x + STEPS * step), 1) / step


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_the_resistance_by_magnet_field_and_temperature(kind):
    film = slow_metal(hall_coefficient=-2e-11) | on(SINGLE[kind])
    at = {k: np.asarray(v) for k, v in film.parameters().items() if k.startswith("EuS.magnet.")}
    assert {path.rpartition(".")[2] for path in at} == set(SINGLE[kind].parameters)
    at |= {"B": np.array([1.1, -0.7, 2.3]), "T": np.asarray(60.0)}

    def observed(values):
        values = {**at, **values}
        changed = film.replace({k: v for k, v in values.items() if k not in ("B", "T")})
        return ss.sheet_resistance(changed, B=values["B"], T=values["T"])[..., 0]

    exact = jax.jacrev(observed)(at)
    unit = np.array([1, 1e-2]) * observed({})[0] * 1e-3  # spin makes about this
    for name, value in at.items():
        for i in np.ndindex(value.shape):
            scale = abs(value[i]) or 1.0
            pick = np.zeros(value.shape)
            pick[i] = 1

            def along(x, name=name, value=value, pick=pick, i=i):
                return observed({name: value + (x - value[i])[(..., *[None] * value.ndim)] * pick})

            numeric = slope_of(along, value[i], 5e-3 * scale) * scale / unit
            got = np.asarray(exact[name])[(slice(None), *i)] * scale / unit
            np.testing.assert_allclose(got, numeric, rtol=1e-7, atol=1e-8, err_msg=f"{name}{i}")


def test_gradient_of_a_film_contains_the_parameters_of_its_magnet():
    film, m = slow_metal() | on(SINGLE["weiss"]), (0.48, 0.6, 0.64)

    def observed(film):
        return ss.sheet_resistance(film, m=m, B=(1.1, -0.7, 2.3), T=60.0)[..., 0, 0]

    exact = ss.gradient(film, observed)
    assert {path for path in exact if ".magnet." in path} == {
        f"EuS.magnet.{name}" for name in SINGLE["weiss"].parameters
    }
    for path, slope in exact.items():
        if ".magnet." in path or path == "W.thickness":
            value = float(film.parameters()[path])
            step = 5e-3 * (abs(value) or 1.0)
            numeric = slope_of(lambda x, path=path: observed(film.replace({path: x})), value, step)
            np.testing.assert_allclose(slope * step, numeric * step, rtol=1e-7, atol=1e-13 * observed(film))


@pytest.mark.parametrize("kind", KINDS)
def test_initial_slope_is_that_of_the_film_with_its_faces_held_as_they_are_without_field(kind):
    model, pt, T = SINGLE[kind], slow_metal(spin_hall_angle=0.3), 60.0
    pieces = model.sublattices(Z, np.zeros(3), T)
    sink = sum(piece[0] for piece in pieces)
    mixing = sum(real + 1j * imag * s[2] for _, real, imag, s in pieces)
    held = pt | insulator(sink, mixing)
    expected = slope_of(lambda b: ss.sheet_resistance(held, m=Z, B=b[:, None] * Z)[:, 0, 0], 0.0, 0.05)
    np.testing.assert_allclose(ss.initial_slope(pt | on(model), "z", T=T), expected, rtol=1e-8)
    assert abs(expected) > 1e-6 * ss.sheet_resistance(held, m=Z)[0, 0]


def test_critical_exchange_meets_equation_17_up_to_the_square_of_the_spin_hall_angle():
    angles = np.array([0.01, 0.02, 0.04])
    pt = slow_metal(spin_hall_angle=angles, thickness=5 * nm)
    found = ss.critical_exchange(pt | ss.MagneticInsulator("EuS"))
    expected = reference.critical_imaginary_conductance(5 * nm, pt.spin_diffusion_length, 1 / pt.conductivity)
    off = np.abs(found / expected - 1)
    assert off[0] < 1e-3
    np.testing.assert_allclose(np.diff(np.log(off)) / np.log(2), 2, atol=0.05)


@pytest.mark.parametrize("kind", ["weiss", "ferrimagnet"])
def test_every_observable_sees_the_magnet_as_it_sees_its_conductances(rng, kind):
    model, pt = magnet(kind, rng.of(())), slow_metal(hall_coefficient=-2e-11)
    T, size, m = 0.6 * float(model.curie_temperature), 2.5, np.array([0.48, 0.6, 0.64])
    film, numbers = pt | on(model), pt | insulator(*model.conductances(size, T))
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
