"""Antiferromagnets: canting, the flip field, split and compensated sublattices."""

import itertools

import numpy as np
import pytest
import reference_magnets as ref
from insulating_magnets import ANTI, NU, J, antiferromagnet, ask, tesla
from plain_films import X, Y, Z
from scipy.optimize import brentq

import spinstack as ss


def anti_exchange(p):
    return 3 * p["neel_temperature"] / (p["spin"] * (p["spin"] + 1) * (1 + p["intra"]))


INTRA, WARM, BEND = (-0.5, 0.0, 0.2, 0.9), (0.1, 0.6, 0.85, 1.3), (0.0, 0.3, 0.9, 1.1, 1.8)


@pytest.mark.study
@pytest.mark.parametrize(
    ("intra", "warm", "bend"),
    [
        # each pair of values once; all together are a study
        pytest.param(INTRA[i], WARM[j], BEND[k], marks=[] if (i + j + k) % 4 == 0 else pytest.mark.study)
        for i, j, k in itertools.product(range(4), range(4), range(5))
    ],
)
def test_canting_in_a_field_across_the_neel_vector(intra, warm, bend):
    p = ANTI | {"intra": intra}
    magnet = ss.WeissAntiferromagnet(**p)
    lam, T = anti_exchange(p), warm * p["neel_temperature"]
    resting = ref.canted(p["spin"], T, lam, intra, 0 * X, X)
    h = bend * (2 * lam * np.linalg.norm(resting[0]) if warm < 1 else p["neel_temperature"])
    field = h * np.array([0.0, 0.6, 0.8])
    expected = ref.canted(p["spin"], T, lam, intra, field, X)
    found = magnet.sublattices(X, tesla(1.0) * field, T)
    assert len(found) == 2
    unit = ref.conductances(ref.Face(1.0, 1.0, NU), 0.5, 40.0)[2] / 0.5  # Gi per n J sigma
    couplings = (2e18 * J, 1.5e18 * 0.8 * J)
    for piece, vector, coupling in zip(found, expected, couplings, strict=True):
        np.testing.assert_allclose(
            piece.mixing_imag * piece.direction, unit * coupling * vector, rtol=1e-9, atol=1e-9 * unit * coupling
        )
        size = np.linalg.norm(vector)
        assert np.linalg.norm(piece.direction) == pytest.approx(1.0, rel=1e-14)
        if 1e-6 < size < p["spin"] * (1 - 1e-6):
            x = brentq(lambda x, size=size: ref.order(p["spin"], x) - size, 0, 100, xtol=1e-300, rtol=1e-14)
            face = ref.Face(coupling / (J if piece is found[0] else 0.8 * J), J if piece is found[0] else 0.8 * J, NU)
            sink, real, _ = ref.conductances(face, p["spin"], x)
            assert piece.spin_sink == pytest.approx(sink, rel=1e-7)
            assert piece.mixing_real == pytest.approx(real, rel=1e-7)


@pytest.mark.study
def test_moments_become_parallel_at_the_flip_field_without_a_jump():
    magnet = antiferromagnet()
    T = 40.0
    flip = tesla(2 * anti_exchange(ANTI) * ask(magnet, 0.0, T)[1][0])
    before, after = (magnet.sublattices(X, flip * (1 + d) * Y, T) for d in (-1e-9, 1e-9))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one.direction, Y, atol=1e-4)
        np.testing.assert_allclose(other.direction, Y, atol=1e-14)
        np.testing.assert_allclose(one[:3], other[:3], rtol=1e-7)
    half = magnet.sublattices(X, flip / 2 * Y, T)
    np.testing.assert_allclose([p.direction @ Y for p in half], 0.5, rtol=1e-9)
    np.testing.assert_allclose([p.direction @ X for p in half], [0.75**0.5, -(0.75**0.5)], rtol=1e-9)


@pytest.mark.study
@pytest.mark.parametrize("intra", [-0.5, 0.0, 0.4])
@pytest.mark.parametrize("warm", [0.1, 0.5, 0.9, 1.2])
@pytest.mark.parametrize("B", [0.5, 20.0])
def test_a_field_along_the_neel_vector_splits_the_sublattices(intra, warm, B):
    p = ANTI | {"intra": intra}
    T = warm * p["neel_temperature"]
    pair = ref.Sublattices((2.5, 2.5), (0.5, 0.5), 2 * anti_exchange(p), (intra, intra))
    up, down = sorted(pair.equilibrium(ref.kelvin(B), T), reverse=True)
    unit = ref.conductances(ref.Face(1.0, 1.0, NU), 0.5, 40.0)[2] / 0.5
    for n, expected in ((Z, (up, down)), (-Z, (down, up))):
        found = ss.WeissAntiferromagnet(**p).sublattices(n, B * Z, T)
        along = [piece.mixing_imag * (piece.direction @ Z) for piece in found]
        np.testing.assert_allclose(along, unit * J * np.array([2e18, 1.2e18]) * expected, rtol=1e-9, atol=1e-3)


def test_a_compensated_antiferromagnet_has_no_exchange_field_and_twice_one_sublattice():
    magnet = antiferromagnet()
    (sink, real, imag), order = ask(magnet, [0.0, 3.0], 30.0)
    np.testing.assert_array_equal(imag, 0)
    assert order[0, 0] == order[0, 1] > 2
    x, _ = ref.weiss(2.5, 67.0, 0.0, 30.0)
    expected = ref.conductances(ref.Face(4e18, J, NU), 2.5, x)
    np.testing.assert_allclose(sink, expected[0], rtol=1e-11)
    np.testing.assert_allclose(real, expected[1], rtol=1e-11)
    # an uncompensated face has an exchange field along n
    bare = ask(ss.WeissAntiferromagnet(**ANTI), 0.0, 30.0)[0][2]
    assert bare == pytest.approx(ref.conductances(ref.Face(2e18 - 1.2e18, J, NU), 2.5, x)[2], rel=1e-11)
