"""What speaks against a result is said from its limit on, and not before."""

from types import SimpleNamespace

import numpy as np
import pytest

from spinstack.measure.statistics.estimate import Estimate
from spinstack.measure.superlattice import edges, shift, strain, xray_fit
from spinstack.measure.sweeps.results import Found


def found(value, error):
    return Found(value, error, "1", "")


@pytest.mark.parametrize(("lag", "said"), [(0.39, False), (0.41, True)])
def test_correlated_residuals_of_a_shift(lag, said):
    pair = SimpleNamespace(energy=np.zeros(100), other=np.zeros(400), stated=True)
    best = SimpleNamespace(values=np.array([0.1, 1.0]), square=90.0)
    for one in (pair, SimpleNamespace(energy=np.zeros(400), other=np.zeros(100), stated=True)):
        words = " ".join(shift._remarks(one, best, [], 1.0, 1.0, lag, 96))
        assert ("correlated" in words) == said


@pytest.mark.parametrize(
    ("square", "stated", "said"), [(200 + 99, True, False), (200 + 101, True, True), (999, False, False)]
)
def test_chi_square_of_a_shift(square, stated, said):
    pair = SimpleNamespace(energy=np.zeros(100), other=np.zeros(100), stated=stated)
    best = SimpleNamespace(values=np.array([0.1, 1.0]), square=square)
    words = " ".join(shift._remarks(pair, best, [], 1.0, 1.0, 0.0, 200))
    assert ("the shapes differ" in words) == said


@pytest.mark.parametrize(("at", "said"), [(1.995, False), (1.999, True), (-1.999, True), (-1.995, False)])
def test_a_shift_at_the_end_of_its_range(at, said):
    pair = SimpleNamespace(energy=np.zeros(100), other=np.zeros(100), stated=True)
    best = SimpleNamespace(values=np.array([at, 1.0]), square=90.0)
    assert ("widen `most`" in " ".join(shift._remarks(pair, best, [], 1.0, 2.0, 0.0, 96))) == said


@pytest.mark.parametrize(("worse", "said"), [(3.9, True), (4.1, False)])
def test_another_shift_that_is_as_good(worse, said):
    pair = SimpleNamespace(energy=np.zeros(100), other=np.zeros(100), stated=True)
    best, other = (
        SimpleNamespace(values=np.array([v, 1.0]), square=s) for v, s in ((0.1, 90.0), (-0.4, 90 + 2.5 * worse))
    )
    words = " ".join(shift._remarks(pair, best, [other], 2.5, 2.0, 0.0, 96))
    assert (f"-0.4 eV is about as good (chi square larger by {worse:.1f})" in words) == said


@pytest.mark.parametrize(("lag", "said"), [(0.39, False), (0.41, True), (-0.39, False), (-0.41, True)])
def test_correlated_residuals_of_a_scan(lag, said):
    fit = Estimate(np.ones(1), np.ones((1, 1)), np.zeros(100), 1.0, 99, 99, lag)
    assert ("correlated" in xray_fit._remark(fit)) == said
    lost = Estimate(np.ones(1), np.full((1, 1), np.nan), np.zeros(100), 1.0, 99, 99, lag)
    assert "did not converge" in xray_fit._remark(lost)


@pytest.mark.parametrize(
    ("mismatch", "relaxation", "state"),
    [(1.9, None, "fully strained"), (-1.9, None, "fully strained"), (2.1, None, "not fully strained"),
     (-2.1, None, "not fully strained"), (1.9, (0.5, 0.26), "not told"), (1.9, (0.5, 0.24), "fully strained"),
     (2.1, (0.5, 0.26), "fully relaxed"), (2.1, (1.5, 0.26), "fully relaxed"), (2.1, (0.5, 0.24), "partially"),
     (2.1, (0.01, 0.001), "partially"), (2.1, (-0.01, 0.001), "beyond"), (2.1, (1.01, 0.001), "beyond")],
)  # fmt: skip
def test_states_of_strain_are_told_at_two_errors(mismatch, relaxation, state):
    table = {"mismatch_in_plane": found(1e-3 * mismatch, 1e-3)}
    table |= {} if relaxation is None else {"relaxation": found(*relaxation)}
    assert strain._state(table).startswith(state)


@pytest.mark.parametrize(
    ("scale", "chi", "stated", "words"),
    [(1.0019, 1.9, True, ""), (1.0021, 1.0, True, "+0.21 % off"), (0.9979, 1.0, True, "-0.21 % off"),
     (0.9981, 1.0, True, ""), (1.0, 2.1, True, "film's peak is no Gaussian"), (1.0, 2.1, False, "")],
)  # fmt: skip
def test_maps_that_do_not_fit_are_told(scale, chi, stated, words):
    peaks = SimpleNamespace(reduced_chi_square=1.0), SimpleNamespace(reduced_chi_square=chi)
    said = strain._remark({"scale": found(scale, 1e-5)}, *peaks, stated)
    assert (words in said) if words else said == ""


def table_of_edges(between=1.0, share=0.1):
    table = {}
    for k, at, part in (("a", 870.0, 0.4), ("b", 870.0 + between, 0.6)):
        table |= {f"share_{k}": found(part, share), f"area_{k}": found(2.5 * part, 0.1), f"centre_{k}": found(at, 0.1)}
        table[f"width_{k}"] = found(1.0, 0.1)
    return table


@pytest.mark.parametrize(
    ("lag", "between", "share", "words"),
    [(0.39, 1.0, 0.1, ""), (0.41, 1.0, 0.1, "correlated"), (0.0, 0.61, 0.1, ""),
     (0.0, 0.59, 0.1, "cannot be told apart"),
     (0.0, 1.0, 0.99 * edges._UNSURE, ""),
     (0.0, 1.0, 1.01 * edges._UNSURE, "cannot be told apart")],
)  # fmt: skip
def test_peaks_that_lie_together_are_told_at_three_errors(lag, between, share, words):
    table = table_of_edges(between, share)
    spread = np.zeros((8, 8))
    # errors of both centres, which vary against each other: the distance has 0.2
    for i, j, v in ((2, 2, 0.01), (6, 6, 0.01), (2, 6, -0.01), (6, 2, -0.01)):
        spread[i, j] = v
    model = SimpleNamespace(energy=np.zeros(100), letters="ab", names=("centre_a", "centre_b"))
    best = SimpleNamespace(values=np.zeros(2), square=90.0, held=np.array([False, False]))
    said = " ".join(edges._remarks(model, table, spread, [best], lag))
    assert (words in said) if words else said == ""
    held = best.__class__(**{**vars(best), "held": np.array([False, True])})
    assert "centre b" in " ".join(edges._remarks(model, table, spread, [held], lag))


@pytest.mark.parametrize("names", [("thickness_a",), ("thickness_a", "thickness_b")])
@pytest.mark.parametrize(("period", "width"), [(1.1, 0.2), (0.85, 0.2), (0.4, 0.8)])
def test_other_periods_are_tried_first(names, period, width):
    """The one whose fringes are nearest in decades, of those with layers of three tenths of the start and more."""
    q = np.linspace(0.1, 6, 200)
    start = dict.fromkeys(names, 2.0) | {"scale": 1.0}

    def theory(values):
        return np.exp(-3 * q) * (1.01 + np.cos(q * sum(values[n] for n in names) * 4))

    true = dict.fromkeys(names, 2.0 * period)
    found = xray_fit._search(start, theory, theory(true), width)
    assert sum(found[n] for n in names) == pytest.approx(sum(true.values()), abs=width * len(names) / 19)
    assert found["scale"] == 1.0
    assert xray_fit._search({"scale": 1.0}, theory, theory(true), width) == {"scale": 1.0}


@pytest.mark.parametrize(("least", "found"), [(0.32, True), (0.28, False)])
def test_layers_of_less_than_three_tenths_are_not_tried(least, found):
    start = {"thickness_a": 2.0}

    def theory(values):
        return np.full(5, np.exp(-abs(values["thickness_a"] - 2.0 * least)))

    best = xray_fit._search(start, theory, np.ones(5), 0.9)["thickness_a"]
    assert best >= 0.6
    assert (abs(best - 2.0 * least) < 0.05) == found


@pytest.mark.parametrize(
    ("name", "value", "size"),
    [
        ("offset", 0.2, 0.01),
        ("resolution", 0.0, 0.01),
        ("roughness_a", 4e-10, 1e-10),
        ("thickness_a", 3e-9, 3e-9),
        ("scale", 0.0, 1.0),
    ],
)
def test_natural_sizes_of_what_is_varied(name, value, size):
    assert xray_fit._size(name, value) == size
