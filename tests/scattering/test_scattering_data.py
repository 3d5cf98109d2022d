"""Scattering matrices from elsewhere: what they give, what is refused, films with them."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from plain_films import KF, M, ferromagnet, metal, nm
from scattering_data import arrays_of, many, wavevectors

import spinstack as ss
from spinstack.circuit import element_matrix
from spinstack.scattering.data_integrals import summed
from spinstack.scattering.harmonics import basis, fit
from spinstack.scattering.response import sharvin_conductance

PATHS, POLARIZATIONS = (2 * nm, 3 * nm), (0.0, 0.4)
PARITY = np.diag([-1.0, -1, -1, 1, -1, -1, -1, 1, 1, 1])
POWER = np.diag([0.5, 0.5, 0.5, 1, -0.5, -0.5, -0.5, -1, 1, 1])
delta = partial(ss.DeltaBarrier, barrier=0.5, exchange=0.3, fermi_wavevector=KF)


def with_reference(barrier, m, **points):
    """Data with spin-orbit coupling and what it is without."""
    given = arrays_of(barrier, m, **points)
    r, t = barrier.without_spin_orbit().amplitudes(wavevectors(**points)[0], given["m"][0])
    return given | {"reference": np.block([[r, t], [t, r]])}


def film(model):
    return metal() | ss.Interface(scattering=model) | ferromagnet(dephasing_length=0.8 * nm)


def close(one, other, tolerance):
    for field, a, b in zip(one._fields[:-1], one, other, strict=False):
        if np.abs(b).max() > 0:
            assert np.abs(a - b).max() <= tolerance * np.abs(b).max(), field


def test_harmonics_are_orthonormal_and_know_polynomials():
    m = many(600)
    Y = basis(m.T, 4)
    # at many points all over the sphere the mean is nearly the integral
    np.testing.assert_allclose(Y @ Y.T / len(m), np.eye(25), atol=0.02)
    values = np.stack([m[:, 0] * m[:, 1] ** 2, m[:, 2] ** 3 - 1], -1)
    found = fit(m, values, np.ones(2))
    assert found.degree == 3
    assert found.error < 1e-12
    np.testing.assert_allclose(found(M[:, None])[:, 0], [M[0] * M[1] ** 2, M[2] ** 3 - 1], atol=1e-13)


def test_one_direction_tells_that_electrons_pass_one_way_only():
    """S at k and at -k have nothing to do with each other, which no -m has to say without spin-orbit coupling."""
    given = arrays_of(delta(), M, 6, 8)
    t = np.where(given["k"][:, 0] > 0, 0.3, 0.8)[:, None, None] * np.eye(2)
    r = 1j * np.sqrt(1 - t**2) * np.eye(2)
    given |= {"S": np.block([[r, t], [t, r]])[None]}
    with pytest.raises(ss.ParameterError, match="does not obey S"):
        ss.ScatteringData(**given)


@pytest.mark.parametrize("sharvin", [False, True])
def test_one_direction_is_enough_without_spin_orbit_coupling(sharvin):
    barrier = delta(sharvin=sharvin)
    data = ss.ScatteringData(**arrays_of(barrier, M, 40, 4), sharvin=sharvin)
    at = (0.1, 0.2, -0.9)
    one, other = (b.tensors(at, PATHS, POLARIZATIONS) for b in (data, barrier))
    for field in ("conductance", "torkance", "accumulation"):
        a, b = getattr(one, field), getattr(other, field)
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-9 * np.abs(b).max())
    assert np.abs(one.conductivity).max() < 1e-9 * nm * np.abs(other.conductance).max()
    assert data.error < 1e-10
    assert data.fermi_wavevector == pytest.approx(KF, rel=1e-13)
    named, expected = (b.coefficients(at) for b in (data, barrier))
    for key in ("conductance_up", "conductance_down", "mixing_conductance", "transmitted_mixing_conductance"):
        assert named[key] == pytest.approx(expected[key], rel=1e-9)


@pytest.mark.study
@pytest.mark.parametrize(
    ("given", "told"), [({"rashba": 0.1}, 1e-9), ({"rashba": 0.05, "dresselhaus": 0.1, "sharvin": True}, 3e-8)]
)
def test_the_delta_barrier_as_data_is_the_delta_barrier(given, told):
    barrier = delta(**given)
    data = ss.ScatteringData(**with_reference(barrier, many(70), polar=32, azimuths=20), sharvin=barrier.sharvin)
    assert data.error < told
    # nothing is known at this direction
    close(data.tensors(M, PATHS, POLARIZATIONS), barrier.tensors(M, PATHS, POLARIZATIONS), 2 * told)


def test_the_error_says_how_far_off_other_directions_are():
    barrier = delta(rashba=0.1)
    exact = barrier.tensors(M, PATHS, POLARIZATIONS)
    told, off = [], []
    for count in (8, 20):
        data = ss.ScatteringData(**with_reference(barrier, many(count), polar=16, azimuths=12))
        found = data.tensors(M, PATHS, POLARIZATIONS)
        told.append(float(found.error))
        off.append(np.abs(found.conductance - exact.conductance).max() / np.abs(exact.conductance).max())
    assert told[1] < 0.1 * told[0]
    assert off[0] < told[0]
    assert off[1] < told[1]


def test_minus_m_follows_by_reciprocity():
    barrier, m = delta(rashba=0.1), many(12)
    whole = {k: v for k, v in arrays_of(barrier, m, 16, 12).items() if k != "lattice"}
    half = {k: v for k, v in arrays_of(barrier, m[:12], 16, 12).items() if k != "lattice"}
    one, other = (ss.ScatteringData(**given).tensors(M, PATHS, POLARIZATIONS) for given in (whole, half))
    close(one, other, 1e-11)


@pytest.mark.study
@pytest.mark.parametrize("count", [12])
def test_films_are_reciprocal_and_passive(count):
    stack = film(ss.ScatteringData(**with_reference(delta(rashba=0.2), many(count), polar=16, azimuths=12)))
    pair, reversed_ = (POWER @ element_matrix(stack, 1, sign * M) for sign in (1, -1))
    mirrored = PARITY @ reversed_.T @ PARITY
    for rows, columns in ((slice(8), slice(8)), (slice(8), slice(8, 10)), (slice(8, 10), slice(8, 10))):
        scale = np.abs(pair[rows, columns]).max()
        assert np.abs(pair[rows, columns] - mirrored[rows, columns]).max() <= 1e-11 * scale
    least = np.linalg.eigvalsh((pair + pair.T)[:8, :8])
    assert least.min() >= -1e-3 * least.max()  # to the error of the interpolation
    K, back = (ss.sheet_conductance(stack, m=sign * M) for sign in (1, -1))
    assert np.abs(K - back.T).max() <= 1e-12 * np.abs(K).max()


def test_a_magnet_with_two_spheres_as_data_is_the_barrier():
    barrier = ss.Barrier(
        barrier=0.3, exchange=0.2, fermi_wavevector=KF, splitting_upper=0.3, fermi_wavevector_upper=1.1 * KF
    )
    k, _, _ = wavevectors(4, 4)
    radii = np.array([1, 1, 1.1 * 1.3, 1.1 * 0.7])
    edges = np.unique([0, *radii])
    x, w = np.polynomial.legendre.leggauss(40)
    points, weights = [], []
    for lo, hi in pairwise(edges):
        angle = np.pi / 4 * (x + 1)
        points.append(np.sqrt(lo**2 + (hi**2 - lo**2) * np.sin(angle) ** 2))
        weights.append((hi**2 - lo**2) * np.sin(angle) * np.cos(angle) * np.pi / 4 * w)
    phi = np.pi / 2 * (np.arange(4) + 0.5)
    radius, turn, area = (
        a.ravel()
        for a in np.broadcast_arrays(np.concatenate(points)[:, None], phi, np.concatenate(weights)[:, None] * np.pi / 2)
    )
    k = np.stack([radius * np.cos(turn), radius * np.sin(turn)], -1)
    up = np.array([0.0, 0.0, 1.0])
    S = barrier.matrix(k, up)
    # above, spins along m come first: the moment is opposite to sigma
    order = [0, 1, 3, 2]
    S = S[:, order][:, :, order]
    kz = np.sqrt(np.maximum(radii**2 - radius[:, None] ** 2, 0))
    velocity = np.concatenate([np.repeat(k[:, None], 4, 1), kz[..., None]], -1)
    G = float(sharvin_conductance(KF))
    data = ss.ScatteringData(
        k=k * KF, weight=area * KF**2, S=S[None], m=up, open=1.0 * (kz > 0), split=(False, True), velocity=velocity,
        spin_orbit=False, sharvin_conductance=(2 * G, G * (radii[2] ** 2 + radii[3] ** 2)),
    )  # fmt: skip
    for one, other in zip(data.spheres(), barrier.spheres(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    for sharvin in (False, True):
        a, b = (x._with({"sharvin": sharvin}).tensors(M, PATHS, POLARIZATIONS) for x in (data, barrier))
        np.testing.assert_allclose(a.conductance, b.conductance, rtol=0, atol=1e-9 * np.abs(b.conductance).max())
        np.testing.assert_allclose(a.torkance, b.torkance, rtol=0, atol=1e-9 * np.abs(b.torkance).max())
    K = [ss.sheet_conductance(film(x), m=M) for x in (data, barrier)]
    np.testing.assert_allclose(K[0], K[1], rtol=0, atol=1e-10 * K[1].max())


def test_a_spin_label_changes_the_sign_of_one_index():
    given = arrays_of(delta(), M, 16, 4)
    electron, moment = (ss.ScatteringData(**given, spin=word).conductance(M) for word in ("electron", "moment"))
    flip = np.diag([-1.0, -1, -1, 1] * 2)
    # with the label of the moment m is where the majority was not
    np.testing.assert_allclose(moment, flip @ electron @ flip, rtol=0, atol=1e-12 * np.abs(electron).max())
    named = ss.ScatteringData(**given).coefficients(M)
    assert named["conductance_up"] > named["conductance_down"]


def changed(**changes):
    return arrays_of(delta(rashba=0.1), many(1), 6, 8) | changes


def test_what_no_interface_does_is_refused_with_the_worst_wave_vector():
    given = changed()
    S = given["S"].copy()
    S[1, 7, 0, 0] += 0.01
    at = rf"k = \({given['k'][7, 0]:.6g}, {given['k'][7, 1]:.6g}\)".replace("+", r"\+")
    with pytest.raises(ss.ParameterError, match=rf"not unitary by 0\.0.* at {at}"):
        ss.ScatteringData(**changed(S=S))
    # the same matrix for m and -m
    with pytest.raises(ss.ParameterError, match="does not obey S"):
        ss.ScatteringData(**changed(S=given["S"][[0, 0]]))
    spins = given["S"][:, :, [1, 0, 3, 2]]
    with pytest.raises(ss.ParameterError, match="does not obey S"):
        ss.ScatteringData(**changed(S=spins))
    with pytest.raises(ss.ParameterError, match="does not conserve spin along m"):
        ss.ScatteringData(**changed(spin_orbit=False))
    some = np.s_[:-1]
    short = {name: given[name][some] for name in ("k", "weight", "velocity")}
    short |= {name: given[name][:, some] for name in ("S", "lattice")}
    with pytest.raises(ss.ParameterError, match="without -k"):
        ss.ScatteringData(**changed(**short))
    with pytest.raises(ss.ParameterError, match="add up to"):
        ss.ScatteringData(**changed(sharvin_conductance=(1e15, 1e15)))
    with pytest.raises(ss.ParameterError, match="velocity"):
        ss.ScatteringData(**changed(velocity=None))
    with pytest.raises(ss.ParameterError, match=r"S: .*of shape"):
        ss.ScatteringData(**changed(S=given["S"][:, 1:]))
    with pytest.raises(ss.ParameterError, match="spin: got 'up'"):
        ss.ScatteringData(**changed(spin="up"))
    with pytest.raises(ss.ParameterError, match=r"k: missing"):
        ss.ScatteringData(weight=given["weight"], S=given["S"])


def test_files_and_sample_files(tmp_path, capsys):
    from spinstack.cli import main

    data = ss.ScatteringData(**arrays_of(delta(), M, 12, 4))
    path = data.save(tmp_path / "interface.npz")
    back = ss.ScatteringData.read(path)
    np.testing.assert_array_equal(back.conductance(M), data.conductance(M))
    with pytest.raises(ss.SampleError, match="in no file"):
        ss.save_sample(film(data), tmp_path / "film.toml")
    sample = ss.save_sample(film(back), tmp_path / "film.toml")
    text = sample.read_text(encoding="utf-8").replace(str(tmp_path) + "/", "")
    sample.write_text(text, encoding="utf-8")
    assert 'file = "interface.npz"' in text
    assert ss.load_sample(sample) == film(back)
    assert main(["interface", "--kind", "scattering_data", "--file", str(path), "--m", "0,0,1"]) == 0
    assert "conductance_up" in capsys.readouterr().out
    with pytest.raises(ss.ParameterError, match="cannot be read"):
        ss.ScatteringData.read(tmp_path / "nothing.npz")


@pytest.mark.study
def test_gradients_of_a_film_pass_by_the_data():
    stack = film(ss.ScatteringData(**arrays_of(delta(), M, 12, 4)))

    def observable(f):
        return ss.sheet_resistance(f, m=M)[..., 0, 0]

    slopes = ss.gradient(stack, observable)
    path, value = "Pt.thickness", stack.get("Pt.thickness")
    up, down = (observable(stack.replace({path: value * (1 + s * 1e-4)})) for s in (1, -1))
    assert float(slopes[path]) == pytest.approx(float(up - down) / (2e-4 * value), rel=1e-6)


def test_data_that_are_not_magnetic_need_no_magnet():
    barrier = ss.DeltaBarrier(barrier=0.5, fermi_wavevector=KF)
    given = arrays_of(barrier, (0, 0, 1), 30, 4) | {"m": None}
    data = ss.ScatteringData(**given)
    one, other = (metal("Cu") | ss.Interface(scattering=b) | metal("Pt") for b in (data, barrier))
    np.testing.assert_allclose(ss.sheet_conductance(one), ss.sheet_conductance(other), rtol=1e-10)
    assert summed(data.arrays).harmonics.degree == 0
