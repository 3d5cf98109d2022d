"""Calls of the scattering barrier without meaning: the message names the argument and says what is allowed."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.scattering import DeltaBarrier

GOOD = {"barrier": 0.4, "exchange": 0.2, "rashba": 0.04, "dresselhaus": 0.0, "fermi_wavevector": 1.36e10}
NUMBERS = ("barrier", "exchange", "rashba", "dresselhaus", "fermi_wavevector")
Z = (0, 0, 1)


def barrier(**changes):
    return DeltaBarrier(**(GOOD | changes))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value", [np.nan, np.inf, -np.inf, [0.1, np.nan], "0.4", "1e10 1/m", True, None, 1 + 1j, [], {}]
)
def test_a_strength_that_is_no_finite_number(name, value):
    if name == "dresselhaus" and value is None:
        pytest.skip("None is the default")
    with pytest.raises(ss.ParameterError, match=rf"{name}.*got.*Allowed: "):
        barrier(**{name: value})


@pytest.mark.parametrize("value", [0, -1.36e10, [1e10, -1e10]])
def test_a_fermi_wave_vector_that_is_not_positive(value):
    with pytest.raises(ss.ParameterError, match=r"fermi_wavevector \[1/m\]: got .*too small.*greater than 0"):
        barrier(fermi_wavevector=value)


@pytest.mark.parametrize("value", [1, "yes", None, 0.0])
def test_sharvin_that_is_neither_true_nor_false(value):
    with pytest.raises(ss.ParameterError, match=r"sharvin: got .*True or False"):
        barrier(sharvin=value)


@pytest.mark.parametrize("zero", [0.0, np.array([0.4, 0.0])])
def test_sharvin_correction_of_nothing(zero):
    with pytest.raises(ss.ParameterError, match="sharvin: got True, but electrons of one spin meet no barrier"):
        barrier(barrier=zero, exchange=0.0, rashba=0.0, sharvin=True)
    with pytest.raises(ss.ParameterError, match="one spin"):
        barrier(barrier=zero + 0.1, exchange=zero + 0.1, rashba=0.0, sharvin=True)
    barrier(barrier=zero, exchange=0.1, rashba=0.0, sharvin=True)


@pytest.mark.parametrize("name", ["bogus", "Barrier"])
def test_a_parameter_that_does_not_exist(name):
    with pytest.raises(TypeError, match=name):
        barrier(**{name: 1.0})


DIRECTIONS = [
    ((0, 0, 0), "length zero"),
    ([[0, 0, 1], [0, 0, 0]], "length zero"),
    ((0, np.nan, 1), "finite"),
    ((0, 0, np.inf), "finite"),
    ((0, 1), "three"),
    (1.0, "three"),
    ("up", "three"),
    (None, "three"),
    (np.ones((3, 2)), "three"),
    ([[1, 2, 3], [1]], "three"),
]


@pytest.mark.parametrize(("m", "words"), DIRECTIONS)
def test_a_magnetisation_without_direction(m, words):
    b = barrier()
    for call in (
        lambda: b.tensors(m),
        lambda: b.conductance(m),
        lambda: b.amplitudes((0.1, 0.2), m),
        lambda: b.probabilities((0.1, 0.2), m),
    ):
        with pytest.raises(ss.ParameterError, match=rf"(?s)^m: got .*{words}"):
            call()


@pytest.mark.parametrize(
    "k", [(1.0, 0.0), (0.8, 0.7), (-2, 0), (np.nan, 0), (np.inf, 0), (0.1, 0.2, 0.3), 0.5, [[0.1, 0.2], [0.9, 0.9]]]
)
def test_an_electron_that_does_not_arrive(k):
    for call in (barrier().amplitudes, barrier().probabilities):
        with pytest.raises(ss.ParameterError, match=r"(?s)^k: got .*Allowed: in-plane wave vectors .* shorter than 1"):
            call(k, Z)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((-1e-9, 1e-9), "-1e-09"),
        ((1e-9, np.nan), "nan"),
        ((np.inf, 0), "inf"),
        (("5 nm", 0), "5 nm"),
        ((None, 0), "None"),
        (1e-9, "two values"),
        ((1e-9,), "two values"),
        ((1e-9, 1e-9, 1e-9), "two values"),
        ("ab", "two values"),
        (([1e-9, -1e-9], 0), "-1e-09"),
    ],
)
def test_mean_free_paths_that_are_not_lengths(value, words):
    with pytest.raises(ss.ParameterError, match=rf"^mean_free_path: got .*{words}"):
        barrier().tensors(Z, mean_free_path=value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((1.1, 0), "at least -1 and at most 1"),
        ((0, -1.0001), "at least -1 and at most 1"),
        ((0, np.nan), "at least -1 and at most 1"),
        ((0, "P"), "not a number"),
        (0.5, "two values"),
        (([0.2, 1.5], 0), "at least -1 and at most 1"),
    ],
)
def test_polarisations_beyond_one(value, words):
    with pytest.raises(ss.ParameterError, match=rf"^polarization: got .*{words}"):
        barrier().tensors(Z, polarization=value)
    barrier().tensors(Z, polarization=(1, -1), tolerance=0.5)


@pytest.mark.parametrize("tolerance", [0, -1e-8, 1, 2.0, np.nan, np.inf, "1e-8", None, (1e-8,)])
def test_a_tolerance_out_of_range(tolerance):
    for call in (barrier().tensors, barrier().conductance):
        with pytest.raises(ss.ParameterError, match=r"^tolerance: got .*at least 1e-15 and less than 1"):
            call(Z, tolerance=tolerance)


def test_shapes_that_do_not_broadcast():
    b = barrier(barrier=np.array([0.1, 0.2, 0.3]))
    for call in (
        lambda: b.tensors([Z, Z]),
        lambda: b.tensors(Z, mean_free_path=(np.zeros(2), 0)),
        lambda: b.tensors(Z, polarization=(0, np.zeros(2))),
        lambda: barrier(barrier=np.zeros(3), exchange=np.ones(2)).tensors(Z),
    ):
        with pytest.raises(ss.ParameterError, match=r"shapes? .*broadcast"):
            call()
