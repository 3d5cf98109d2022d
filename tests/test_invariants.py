"""What holds for every film: reciprocity, covariance, balances, dissipation, finite values and exact derivatives."""

import math

import jax
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from physical_films import MAGNETS, changed, fields, films, magnetizations, time_reversed

import spinstack as ss
from spinstack.circuit import element_matrix

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

    A variable without dissipation of its own takes its unit from its strongest coupling.
    """
    own = np.abs(np.diag(K))
    coupling = np.maximum(np.abs(K), np.abs(K.T)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        from_others = np.where(own > 0, coupling / own, 0.0).max(axis=1)
    unit = np.sqrt(np.maximum(own, from_others))
    unit[unit == 0] = 1.0
    return [A / np.outer(unit, unit) for A in (K, *others)]


def rotation(angle):
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


# -- reciprocity


@settings(max_examples=10)
@given(film=films(), m=magnetizations, B=fields())
def test_every_element_is_reciprocal(film, m, B):
    back = time_reversed(film, m, B)
    for index in range(len(film)):
        K = power_matrix(film, index, m, B)
        K, reverse = scaled(K, PARITY[:, None] * power_matrix(back[0], index, *back[1:]).T * PARITY)
        np.testing.assert_allclose(K, reverse, rtol=0, atol=1e-12, err_msg=film[index].name)


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
def test_switching_off_the_inverse_breaks_reciprocity_and_nothing_else_does(weight):
    film = ss.Metal("Pt", thickness=5 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1) | (
        ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14 + 1e14j, filtering=2e4,
                     precession=1e4, reciprocal=weight)
        | ss.Ferromagnet("Py", thickness=3 * nm, conductivity=4e6, spin_diffusion_length=5 * nm, polarization=0.4)
    )  # fmt: skip
    m = np.array([0.48, 0.6, 0.64])
    G, back = ss.sheet_conductance(film, m=m), ss.sheet_conductance(film, m=-m).T
    assert np.abs(G - back).max() > 1e-6 * np.abs(G).max()
    restored = film.replace({"Pt|Py.reciprocal": 1.0})
    G, back = ss.sheet_conductance(restored, m=m), ss.sheet_conductance(restored, m=-m).T
    np.testing.assert_allclose(G, back, rtol=0, atol=1e-13 * np.abs(G).max())


# -- covariance


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
            pairs = [("filtering", "filtering_upper"), ("precession", "precession_upper")]
            if p["mixing_conductance"] is not None:
                pairs.append(("mixing_conductance", "mixing_conductance_upper"))
            changes = {a: p[b] for a, b in pairs} | {b: p[a] for a, b in pairs}
            # spin along z x E sent down and up changes places, and an in-plane spin changes sign in the mirror
            element = element.replace(**changes, rashba_edelstein=p["rashba_edelstein"],
                                      magnet={"between": "F2"}.get(element.name))  # fmt: skip
        out.append(element)
    return ss.Film(tuple(out))


@given(film=films(), m=magnetizations, B=fields())
def test_film_and_its_mirror_image_conduct_alike(film, m, B):
    mirror = np.array([-1.0, -1.0, 1.0])  # m, B and spin are axial vectors: what lies in the mirror plane changes sign
    image = swapped(film)
    for name in ("spin_hall_angle", "spin_splitter"):
        # [spin, field] of a current that flows along z, which itself turns round
        image = changed(image, name, lambda theta: -mirror[:, None] * theta)
    image = changed(image, "rashba_edelstein", np.negative)
    # precession along m x (z x E) is a product of two axial vectors
    G = ss.sheet_conductance(film, m=m, B=B)
    other = ss.sheet_conductance(image, m={k: mirror * v for k, v in m.items()}, B=mirror * B)
    np.testing.assert_allclose(other, G, rtol=0, atol=1e-12 * np.abs(G).max())


# -- balances


@settings(max_examples=10)
@given(film=films(), m=magnetizations, B=fields(), E=st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
@example(film=None, m=None, B=None, E=None).xfail(raises=AttributeError) if False else (lambda f: f)
def test_no_charge_leaves_the_plane_and_spin_is_continuous(film, m, B, E):
    depth = ss.profile(film, m=m, B=B, E=E, points=9)
    scale = np.abs(depth.Q.values).max() + np.abs(depth.j.values).max() * 1e-3
    np.testing.assert_allclose(depth.j_c.values, 0, atol=1e-12 * np.abs(depth.j.values).max())
    layer = depth.layer.values
    ends = {name: (np.flatnonzero(layer == name)[0], np.flatnonzero(layer == name)[-1]) for name in dict.fromkeys(layer)}
    for below, above in (("F2", "N2"), ("N4", "F3")):  # perfect contact
        top, bottom = ends[below][1], ends[above][0]
        np.testing.assert_allclose(depth.Q.values[top], depth.Q.values[bottom], atol=1e-11 * scale)
        np.testing.assert_allclose(depth.mu.values[top], depth.mu.values[bottom], atol=1e-11 * np.abs(depth.mu).max())
    np.testing.assert_allclose(depth.Q.values[[0, -1]], 0, atol=1e-11 * scale)
