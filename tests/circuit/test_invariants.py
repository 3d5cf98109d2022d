"""What holds for every film: reciprocity, covariance, balances, dissipation, finite values and exact derivatives."""

import math

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from physical_films import changed, fields, films, magnetizations, time_reversed

import spinstack as ss
from spinstack.circuit import element_matrix
from spinstack.observables.solvers import chosen
from spinstack.stack.conditions import Conditions

nm = 1e-9
X, Y, Z = np.eye(3)

# parity under time reversal of (spin x, y, z, charge) at either face and of the in-plane field
PARITY = np.array([-1, -1, -1, 1, -1, -1, -1, 1, 1, 1])


def power_matrix(film, index, m, B):
    """The element in power-conjugate variables, P = x^T K x, x = (mu_s/2, mu_c at both faces, E).

    Conjugate to the potentials at the upper face are minus the currents, which flow out there.
    """
    outward = np.array([1, 1, 1, 1, -1, -1, -1, -1, 1, 1])
    half = np.array([2, 2, 2, 1, 2, 2, 2, 1, 1, 1])
    return outward[:, None] * element_matrix(film, index, m, B) * half


def scaled(K, *others):
    """Matrices in units of the square roots of the dissipation K_ii, where couplings are of order one or less.

    The in-plane field may dissipate nothing in an element; then its unit is that of its strongest coupling.
    """
    own = np.diag(K).copy()
    own[own == 0] = 1  # charge, where none passes: its whole row is zero
    coupling = np.maximum(np.abs(K), np.abs(K.T))[8:, :8] ** 2
    own[8:] = np.maximum(np.diag(K)[8:], (coupling / own[:8]).max(axis=1))
    own[own == 0] = 1
    unit = np.sqrt(own)
    return [A / np.outer(unit, unit) for A in (K, *others)]


def rotation(angle):
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


# -- reciprocity


@pytest.mark.study
@settings(max_examples=10)
@given(film=films(), m=magnetizations, B=fields())
def test_every_element_is_reciprocal(film, m, B):
    back = time_reversed(film, m, B)
    for index in range(len(film)):
        K = power_matrix(film, index, m, B)
        K, reverse = scaled(K, PARITY[:, None] * power_matrix(back[0], index, *back[1:]).T * PARITY)
        np.testing.assert_allclose(K, reverse, rtol=0, atol=1e-12, err_msg=film[index].name)


@pytest.mark.study
@given(film=films(), m=magnetizations, B=fields())
def test_film_is_reciprocal(film, m, B):
    G = ss.sheet_conductance(film, m=m, B=B)
    back, reversed_m, reversed_B = time_reversed(film, m, B)
    reverse = ss.sheet_conductance(back, m=reversed_m, B=reversed_B).T
    np.testing.assert_allclose(G, reverse, rtol=0, atol=1e-12 * np.abs(G).max())


def test_spin_splitter_is_odd_under_time_reversal():
    # a splitter that stayed as it is while m turns round would break reciprocity: the test above does test its sign
    film = ss.Metal("RuO2", thickness=5 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1,
                    spin_splitter=[[0.1, 0.2], [-0.1, 0.05], [0.2, 0.15]]) | (
        ss.MagneticInsulator("I", mixing_conductance=3e14 + 1e14j)
    )  # fmt: skip
    m = np.array([0.48, 0.6, 0.64])
    G = ss.sheet_conductance(film, m=m)
    kept = ss.sheet_conductance(film, m=-m).T
    turned = ss.sheet_conductance(changed(film, "spin_splitter", np.negative), m=-m).T
    np.testing.assert_allclose(G, turned, rtol=0, atol=1e-15)
    assert np.abs(G - kept).max() > 1e-4 * np.abs(G).max()


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_switching_off_the_inverse_breaks_reciprocity(weight):
    # two magnets that are not collinear: about a single m everything that acts on spin commutes, and a film whose
    # inverse is switched off still has G(m) = G(-m)^T
    film = (
        ss.MagneticInsulator("I", mixing_conductance=3e14 + 2e14j)
        | ss.Metal("Pt", thickness=3 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1)
        | ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14 + 1e14j, filtering=2e4,
                       precession=1e4, reciprocal=weight)
        | ss.Ferromagnet("Py", thickness=3 * nm, conductivity=4e6, spin_diffusion_length=5 * nm, polarization=0.4)
    )  # fmt: skip
    m = {"I": np.array([0.8, 0, 0.6]), "Py": np.array([0.48, 0.6, 0.64])}

    def violation(film):
        G = ss.sheet_conductance(film, m=m)
        return np.abs(G - ss.sheet_conductance(film, m={k: -v for k, v in m.items()}).T).max() / np.abs(G).max()

    assert violation(film) > 1e-7
    assert violation(film.replace({"Pt|Py.reciprocal": 1.0})) < 1e-13


# -- covariance


@pytest.mark.study
@given(film=films(), m=magnetizations, B=fields(), angle=st.floats(0, 2 * math.pi))
def test_turning_everything_about_z_turns_the_conductance(film, m, B, angle):
    R = rotation(angle)
    turned = film
    for tensor in ("spin_hall_angle", "spin_splitter"):
        turned = changed(turned, tensor, lambda theta: R @ theta @ R[:2, :2].T)
    G = ss.sheet_conductance(turned, m={k: R @ v for k, v in m.items()}, B=R @ B)
    expected = R[:2, :2] @ ss.sheet_conductance(film, m=m, B=B) @ R[:2, :2].T
    np.testing.assert_allclose(G, expected, rtol=0, atol=1e-12 * np.abs(G).max())


def swapped(film):
    """The film upside down: layers in reverse order, every interface with its faces exchanged."""
    out = []
    for element in reversed(film.elements):
        p = element.parameters
        if isinstance(element, ss.Interface):
            pairs = [(name, f"{name}_upper") for name in ("filtering", "precession", "mixing_conductance")]
            pairs = [pair for pair in pairs if p[pair[1]] is not None]
            changes = {a: p[b] for a, b in pairs} | {b: p[a] for a, b in pairs}
            # what the interface sends down and up changes places
            element = element.replace(**changes, rashba_edelstein=-p["rashba_edelstein"],
                                      magnet={"between": "F2"}.get(element.name))  # fmt: skip
        out.append(element)
    return ss.Film(tuple(out))


@pytest.mark.study
@given(film=films(), m=magnetizations, B=fields())
def test_film_and_its_mirror_image_conduct_alike(film, m, B):
    mirror = np.array([-1.0, -1.0, 1.0])  # m, B and spin are axial vectors: what lies in the mirror plane changes sign
    image = swapped(film)
    for name in ("spin_hall_angle", "spin_splitter"):
        # [spin, field] of a current that flows along z, which itself turns round
        image = changed(image, name, lambda theta: -mirror[:, None] * theta)
    G = ss.sheet_conductance(film, m=m, B=B)
    other = ss.sheet_conductance(image, m={k: mirror * v for k, v in m.items()}, B=mirror * B)
    np.testing.assert_allclose(other, G, rtol=0, atol=1e-12 * np.abs(G).max())


# -- balances


@settings(max_examples=10)
@given(film=films(), m=magnetizations, B=fields())
def test_no_charge_flows_along_z_and_spin_currents_meet_at_every_face(film, m, B):
    E = (0.3, -0.7)
    depth = ss.profile(film, m=m, B=B, E=E, points=5)
    points = np.hstack([depth.mu.values, depth.mu_c.values[:, None]])
    Q = depth.Q.values
    layer = depth.layer.values
    faces = {
        name: (np.flatnonzero(layer == name)[0], np.flatnonzero(layer == name)[-1]) for name in dict.fromkeys(layer)
    }
    tolerance = 1e-11 * np.abs(Q).max()
    names = [e.name for e in film]
    for index, element in enumerate(film):
        # the potentials of the profile, put into the element's own map, give its currents
        if element.name in faces:
            below, above = faces[element.name]
        else:
            below, above = faces[names[index - 1]][1], faces[names[index + 1]][0]
        M = element_matrix(film, index, m, B)
        potentials = np.concatenate([points[below], points[above], E])
        currents = M @ potentials
        rounding = 1e-13 * np.abs(M) @ np.abs(potentials) + 1e-300 * np.abs(M).max()  # products below count as zero
        assert (np.abs(currents[[3, 7]]) <= rounding[[3, 7]] + tolerance).all(), element.name
        expected = np.concatenate([Q[below], Q[above]])
        assert (np.abs(currents[[0, 1, 2, 4, 5, 6]] - expected) <= rounding[[0, 1, 2, 4, 5, 6]] + tolerance).all()
    for below, above in (("F2", "N2"), ("N4", "F3")):  # perfect contact
        top, bottom = faces[below][1], faces[above][0]
        np.testing.assert_allclose(Q[top], Q[bottom], rtol=0, atol=tolerance)
        np.testing.assert_allclose(points[top], points[bottom], rtol=0, atol=1e-12 * np.abs(points).max())
    np.testing.assert_allclose(Q[[0, -1]], 0, atol=tolerance)


def test_opposite_anomalous_hall_layers_cancel():
    # the sheet conductance tensors of parallel layers add; Hall resistances added as reciprocals would diverge here
    magnet = ss.Ferromagnet("F", thickness=4 * nm, conductivity=4e6, spin_diffusion_length=5 * nm, polarization=0.4,
                            dephasing_length=1 * nm, anomalous_hall_angle=0.02, spin_hall_angle=0.03)  # fmt: skip
    contact = ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14 + 2e14j, precession=1e4)
    spacer = ss.Metal("Pt", thickness=3 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1)
    film = magnet.replace(name="low") | contact | spacer | contact | magnet.replace(name="high")
    parallel = ss.sheet_resistance(film, m=Z)
    assert parallel[1, 0] > 1e-3 * parallel[0, 0]
    opposite = ss.sheet_resistance(film, m={"low": Z, "high": -Z})
    np.testing.assert_allclose([opposite[1, 0], opposite[0, 1]], 0, atol=1e-14 * opposite[0, 0])


# -- dissipation


@pytest.mark.study
@settings(max_examples=10)
@given(film=films(), m=magnetizations, B=fields())
def test_every_element_dissipates(film, m, B):
    for index in range(len(film)):
        (K,) = scaled(power_matrix(film, index, m, B))
        assert np.linalg.eigvalsh(K + K.T).min() >= -1e-12, film[index].name


@pytest.mark.study
@given(film=films(), m=magnetizations, B=fields())
def test_film_dissipates(film, m, B):
    G = ss.sheet_conductance(film, m=m, B=B)
    assert np.linalg.eigvalsh(G + G.T).min() > 0


# -- extremes


def sheet(film):
    return ss.sheet_resistance(film, m={"F": np.array([0.48, 0.6, 0.64]), "I": X}, B=np.array([0.1, 0.2, 0.3]))


@st.composite
def extreme_films(draw):
    """Thickness over length from 1e-6 to 1e4 for every length, interface conductances over twelve decades."""

    def decades(low, high):
        return 10 ** draw(st.floats(low, high))

    def over():
        return decades(-6, 4)

    t_N, t_F = decades(-10, -7), decades(-10, -7)
    up, down = decades(8, 20), decades(8, 20)
    G = (up + down) / 2 * (1 + 1j * draw(st.floats(-1, 1)))
    return (
        ss.Metal("N", thickness=t_N, conductivity=decades(4, 8), spin_diffusion_length=t_N / over(),
                 spin_hall_angle=0.1, diffusion_coefficient=decades(-8, 0), hall_coefficient=1e-10)
        | ss.Interface(conductance_up=up, conductance_down=down, mixing_conductance=G,
                       transmitted_mixing_conductance=0.5 * G, spin_memory_loss=over(), filtering=1e4, precession=1e3)
        | ss.Ferromagnet("F", thickness=t_F, conductivity=decades(4, 8), spin_diffusion_length=t_F / over(),
                         dephasing_length=t_F / over(), precession_length=t_F / over(), polarization=0.4,
                         spin_hall_angle=0.05, amr_ratio=0.02, anomalous_hall_angle=0.01)
        | ss.MagneticInsulator("I", spin_sink_conductance=decades(8, 20), mixing_conductance=decades(8, 20) * (1 + 2j))
    )  # fmt: skip


@given(film=extreme_films())
def test_extreme_films_are_finite_with_finite_gradients(film):
    R = sheet(film)
    assert np.isfinite(R).all()
    assert R[0, 0] > 0
    for path, slope in ss.gradient(film, sheet).items():
        assert np.isfinite(slope).all(), path


# -- derivatives

#: sizes of parameters that may be zero, by unit, for the step of a finite difference
TYPICAL = {"S/m": 1e4, "S": 1e-4, "1": 0.1, "m^3/C": 1e-9, "S/m^2": 1e13}


def observed(film, m, B):
    """Resistances, and spin currents, which depend on every parameter of the spin system to first order."""
    R = ss.sheet_resistance(film, m=m, B=B)
    xp = jax.numpy if isinstance(R, jax.Array) else np
    parts = [R.reshape(*R.shape[:-2], 4)]
    # the averages over three layers of one solution
    currents = chosen(None).elements(film, Conditions(m=m, B=B, E=(0.3, -0.7)), "mean_spin_current")
    parts += [currents[..., i, :] for i, e in enumerate(film) if e.name in ("F1", "N2", "F3")]
    return xp.concatenate(parts, -1)


# compiling takes half a minute a film
@pytest.mark.study
@pytest.mark.parametrize("elements", [slice(3), slice(5, 9)], ids=str)
@settings(max_examples=5)
@given(film=films(), m=magnetizations, B=fields())
def test_gradients_agree_with_central_differences(elements, film, m, B):
    film = ss.Film(film.elements[elements])
    m = {e.name: m[e.name] for e in film if e.magnetic}
    # central differences need room on both sides of zero
    film = changed(
        changed(film, "spin_memory_loss", lambda delta: delta + 0.1), "sheet_conductance", lambda G: G + 1e-4
    )
    exact = ss.gradient(film, lambda f: observed(f, m, B))
    # one parameter, or one component of a tensor, per direction; G_up = G_down of a plain interface move together
    values, moves = {}, []
    for path, value in film.parameters().items():
        owner, field = path.split(".")
        spec = film[film.find(owner)[0]].specifications()[field]
        complex_parts = {f"{path}.real": np.real(value), f"{path}.imag": np.imag(value)}
        for name, part in (complex_parts if np.iscomplexobj(value) else {path: value}).items():
            values[name] = np.asarray(part, dtype=float)
            joint = [name, "plain.conductance_down"] if name == "plain.conductance_up" else [name]
            for component in np.ndindex(values[name].shape):
                size = abs(values[name][component])
                # a polarization varies on the scale of its distance from 1
                step = 1e-3 * (spec.high - size if spec.high else max(size, TYPICAL.get(spec.unit, 0)))
                moves.append((joint, component, step))
    # an interface without a magnet has no precession, and its two conductances are one
    values.pop("plain.precession", None)
    moves = [move for move in moves if move[0][0] not in ("plain.precession", "plain.conductance_down")]
    stencil = np.array([-2, -1, 1, 2])
    weights = np.array([1, -8, 8, -1]) / 12
    batch = {k: np.broadcast_to(v, (len(moves) + 4, 4, *v.shape)).copy() for k, v in values.items()}
    for row, (names, component, step) in enumerate(moves):
        for name in names:
            batch[name][(row, slice(None), *component)] += step * stencil
    # sixteen more points only a few units in the last place away measure the rounding of the observable
    rng = np.random.default_rng(0)
    for name in batch:
        batch[name][-4:] *= 1 + np.finfo(float).eps * rng.integers(-4, 5, batch[name][-4:].shape)
    if "plain.conductance_up" in batch:
        batch["plain.conductance_down"][-4:] = batch["plain.conductance_up"][-4:]
    points = observed(film.replace({k: v.reshape(-1, *v.shape[2:]) for k, v in batch.items()}), m, B)
    points = points.reshape(len(moves) + 4, 4, -1)
    around, nearby = points[:-4], points[-4:].reshape(16, -1)
    size = np.abs(around).max(axis=(0, 1))
    size[size == 0] = 1
    rounding = 4 * np.ptp(nearby, axis=0) / size + 1e-12
    for row, (names, component, step) in enumerate(moves):
        difference = weights @ around[row] / size
        slope = sum(exact[name][(slice(None), *component)] for name in names) * step / size
        assert (np.abs(slope - difference) <= 1e-6 * np.abs(difference) + rounding).all(), names[0]
    assert rounding.max() < 1e-9
