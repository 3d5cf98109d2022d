"""The tensors of a delta barrier against a brute-force integration that shares no code with them."""

from functools import cache

import numpy as np
import pytest
import reference_scattering as ref

import spinstack as ss

KF = 1.36e10
PATHS, POLARIZATIONS = (3e-9, 7e-9), (0.2, -0.5)

#: u0, u_ex, u_R, u_D and m
CASES = {
    "m along z": ((0.4, 0.2, 0.04, 0.0), (0.0, 0.0, 1.0)),
    "m in the plane": ((0.4, 0.2, 0.04, 0.0), (0.6, -0.8, 0.0)),
    "m oblique": ((0.7, 0.3, 0.1, 0.0), (0.3, -0.5, 0.8)),
    "resonance at grazing incidence": ((0.5, 0.3, 0.25, 0.0), (0.3, -0.5, 0.8)),
    "resonance just starts": ((0.5, 0.3, 0.2, 0.0), (1.0, 0.0, 0.0)),
    "resonance almost starts": ((0.50001, 0.3, 0.2, 0.0), (0.0, 1.0, 0.0)),
    "resonance just ends": ((0.1, 0.3, 0.2, 0.0), (1.0, 0.0, 0.0)),
    "resonance at all azimuths": ((0.5, 0.3, 0.4, 0.0), (0.0, 0.0, 1.0)),
    "node of the field": ((0.3, 0.2, 0.35, 0.0), (1.0, 0.0, 0.0)),
    "node at grazing incidence": ((0.001, 0.3, 0.3, 0.0), (1.0, 0.0, 0.0)),
    "node without barrier": ((0.0, 0.3, 0.3, 0.0), (0.6, 0.8, 0.0)),
    "Rashba only": ((0.3, 0.0, 0.3, 0.0), (0.0, 1.0, 0.0)),
    "Dresselhaus alone": ((0.4, 0.25, 0.0, 0.15), (0.3, 0.7, -0.4)),
    "Rashba and Dresselhaus": ((0.4, 0.25, 0.2, 0.15), (0.3, 0.7, -0.4)),
    "Rashba equals Dresselhaus": ((0.4, 0.2, 0.2, 0.2), (1.0, 0.0, 0.0)),
    "Rashba, Dresselhaus and a node": ((0.1, 0.2, 0.3, 0.1), (1.0, -1.0, 0.0)),
    "attractive barrier": ((-0.3, 0.2, 0.15, 0.0), (0.3, 0.7, -0.4)),
    "negative exchange and Rashba": ((0.3, -0.2, -0.1, 0.0), (0.3, 0.7, -0.4)),
    "strong fields": ((1.0, 2.0, 3.0, 0.0), (1.0, -1.0, 0.3)),
}

#: where Rashba and Dresselhaus coupling act together and a resonance or a node just starts at grazing incidence
PINCHED = {
    "resonance just starts": ((0.5, 0.2, 0.2, 0.1), (1.0, 1.0, 0.0)),
    "node at grazing incidence": ((1e-4, 0.2, 0.3, 0.1), (1.0, -1.0, 0.0)),
}


@cache
def reference(strengths, m, paths=PATHS, polarizations=POLARIZATIONS, sharvin=False):
    return ref.tensors(ref.Barrier(*strengths), m, KF, paths, polarizations, sharvin)


def barrier(strengths, sharvin=False):
    names = ("barrier", "exchange", "rashba", "dresselhaus")
    return ss.DeltaBarrier(**dict(zip(names, strengths, strict=True)), fermi_wavevector=KF, sharvin=sharvin)


def deviations(tensors, expected):
    """Per tensor: largest deviation relative to the largest entry."""
    got = tensors._asdict()
    assert set(got) == {*expected, "error"}
    for name, value in expected.items():
        assert got[name].shape == value.shape
    # without exchange there is no torque on it: a tensor that vanishes has no scale of its own
    return {name: np.abs(got[name] - v).max() / (np.abs(v).max() or 1.0) for name, v in expected.items()}


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("sharvin", [False, True], ids=["arriving", "sharvin"])
@pytest.mark.parametrize("case", CASES)
def test_tensors_agree_with_brute_force(case, sharvin):
    strengths, m = CASES[case]
    found = barrier(strengths, sharvin).tensors(m, PATHS, POLARIZATIONS)
    off = deviations(found, reference(strengths, m, sharvin=sharvin))
    assert max(off.values()) < 1e-9, off


@pytest.mark.study
@pytest.mark.parametrize("sharvin", [False, True], ids=["arriving", "sharvin"])
def test_random_barriers_and_directions_agree_with_brute_force(sharvin):
    rng = np.random.default_rng(7)
    for _ in range(6):
        strengths = (*rng.uniform(0.1, 1.0, 2), *rng.uniform(-0.8, 0.8, 2) * [1, rng.integers(2)])
        m = tuple(rng.normal(size=3))
        paths, polarizations = tuple(rng.uniform(1e-9, 1e-8, 2)), tuple(rng.uniform(-0.9, 0.9, 2))
        found = barrier(strengths, sharvin).tensors(m, paths, polarizations)
        off = deviations(found, reference(strengths, m, paths, polarizations, sharvin))
        assert max(off.values()) < 1e-9, (strengths, m, off)


@pytest.mark.study
@pytest.mark.parametrize("paths", [(4e-9, 0.0), (0.0, 4e-9)], ids=["below", "above"])
def test_each_side_drives_with_its_own_mean_free_path_and_polarization(paths):
    strengths, m = CASES["m oblique"]
    found = barrier(strengths).tensors(m, paths, (0.7, -0.3))
    off = deviations(found, reference(strengths, m, paths, (0.7, -0.3)))
    assert max(off.values()) < 1e-9, off


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("case", ["m oblique", "resonance just starts", "node of the field", "Rashba and Dresselhaus"])
def test_error_estimate_bounds_the_true_error(case, tolerance):
    strengths, m = CASES[case]
    found = barrier(strengths).tensors(m, PATHS, POLARIZATIONS, tolerance=tolerance)
    assert found.error <= tolerance
    off = deviations(found, reference(strengths, m))
    assert max(off.values()) < 10 * found.error + 1e-12, off


@pytest.mark.study
@pytest.mark.parametrize("case", PINCHED)
def test_rashba_and_dresselhaus_where_a_resonance_starts(case):
    """Two poles pinch the azimuthal path: the tolerance may not be reached, and then `error` says so."""
    strengths, m = PINCHED[case]
    found = barrier(strengths).tensors(m, PATHS, POLARIZATIONS)
    off = max(deviations(found, reference(strengths, m)).values())
    assert off < 10 * found.error + 1e-12
    assert off < (1e-9 if case == "resonance just starts" else 1e-4)
    assert off < 1e-9 or found.error > 1e-10


@pytest.mark.study
@pytest.mark.parametrize(
    "case", ["resonance just starts", "node without barrier", "strong fields", "Rashba and Dresselhaus"]
)
def test_the_reference_itself_has_converged(case):
    strengths, m = CASES[case]
    finer = ref.tensors(
        ref.Barrier(*strengths),
        m,
        KF,
        PATHS,
        POLARIZATIONS,
        accuracy=ref.Accuracy(halvings=22, points=22, azimuth=1e-10),
    )
    for name, value in reference(strengths, m).items():
        assert np.abs(value - finer[name]).max() < 1e-10 * np.abs(finer[name]).max(), name


def test_the_reference_knows_an_open_interface():
    open_ = ref.tensors(ref.Barrier(0.0, 0.0, 0.0), (0, 0, 1), KF)
    G = ref.sharvin_conductance(KF) * np.diag([1.0, 1.0, 1.0, 2.0])
    assert np.allclose(open_["conductance"], np.block([[G, -G], [G, -G]]), rtol=0, atol=1e-12 * G.max())
    half = np.eye(4) / 2
    assert np.allclose(open_["accumulation"], np.block([[half, half]]), rtol=0, atol=1e-12)
