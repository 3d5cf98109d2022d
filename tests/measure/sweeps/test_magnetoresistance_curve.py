"""Magnetoresistance of sweeps in one direction and more, against closed forms and made-up truth."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from spinstack.measure.cleaning import even_part
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.readers import read
from spinstack.measure.sweeps import butterfly, magnetoresistance

CASES = Path(__file__).parent / "cases"
FIELD = np.linspace(-5, 5, 101)


def sweep(B=FIELD, size=0.0, seed=0, odd=2e-3, square=4e-4, slope=0.0, **more):
    R = 100 * (1 + slope * np.abs(B) + square * B**2 + odd * B) + size * np.random.default_rng(seed).standard_normal(
        B.size
    )
    return measurement({"R_xx": R}, {"field": B, **more})


def number(found, name):
    row = found.sel(parameter=name)
    return float(row["value"]), float(row["error"]), float(row["freedom"])


@pytest.mark.parametrize("B", [FIELD, FIELD[::-1], np.concatenate([FIELD, FIELD[::-1]]), FIELD + 0.03], ids=range(4))
def test_ratios_and_parts_of_a_parabola_with_an_odd_part(B):
    found = magnetoresistance(sweep(B), at=[3.0, -2.5], square=1.0)
    for name, value in {
        "zero_field": 100,
        "ratio_3T": 4e-4 * 9 + 6e-3,
        "even_3T": 4e-4 * 9,
        "odd_3T": 6e-3,
        "ratio_-2.5T": 4e-4 * 6.25 - 5e-3,
        "even_-2.5T": 4e-4 * 6.25,
        "odd_-2.5T": -5e-3,
        "square": 4e-4,
    }.items():
        assert number(found, name)[0] == pytest.approx(value, rel=1e-9), name
    assert abs(number(found, "slope")[0]) < 1e-12
    np.testing.assert_allclose(found.magnetoresistance, 4e-4 * found.field**2 + 2e-3 * found.field, atol=1e-12)
    np.testing.assert_allclose(found.kohler, found.field / 100, rtol=1e-12)
    assert found.kohler.attrs["units"] == "T/Ohm"


def test_the_largest_fields_are_the_default_and_one_side_has_no_parts():
    half = magnetoresistance(sweep(np.linspace(-0.3, 5, 60)))
    assert half["parameter"].values.tolist() == ["zero_field", "ratio_5T"]
    both = magnetoresistance(sweep())
    assert both["parameter"].values.tolist() == ["zero_field", "ratio_5T", "even_5T", "odd_5T", "ratio_-5T"]
    assert number(both, "ratio_5T")[0] == pytest.approx(0.02, rel=1e-9)


def test_a_measured_sweep_in_one_direction():
    data = read(CASES / "one_way_mr.csv")
    found = magnetoresistance(data, at=[5.0])
    assert number(found, "even_5T")[0] == pytest.approx(0.01, rel=1e-6)
    assert number(found, "odd_5T")[0] == pytest.approx(0, abs=1e-9)
    with pytest.raises(MeasurementError, match="magnetoresistance takes a sweep in one direction"):
        butterfly(data)


@pytest.mark.study
@pytest.mark.parametrize("runs", [120, 2000])
def test_errors_cover_the_truth(runs):
    truth = {"ratio_4T": 1.44e-2, "even_4T": 6.4e-3, "odd_4T": 8e-3, "slope": 0.0, "square": 4e-4}
    off: dict[str, list] = {name: [] for name in truth}
    for seed in range(runs):
        found = magnetoresistance(sweep(size=0.02, seed=seed), at=[4.0], square=1.0)
        for name, true in truth.items():
            value, error, freedom = number(found, name)
            off[name].append([abs(value - true) / error, *t.ppf([0.5 + 0.6827 / 2, 0.975], freedom)])
    for name, rows in off.items():
        z, one, two = np.transpose(rows)
        slack = 3 / np.sqrt(runs)
        assert abs(np.mean(z <= one) - 0.6827) < 0.47 * slack + 0.02, name
        assert abs(np.mean(z <= two) - 0.95) < 0.22 * slack + 0.02, name


def test_readings_that_stand_twice_have_no_smaller_errors():
    data = sweep(size=0.05, seed=2)
    even = magnetoresistance(even_part(data), at=[3.0])
    raw = magnetoresistance(data, at=[3.0])
    assert number(even, "even_3T")[1] > 0.6 * number(raw, "even_3T")[1]


@pytest.mark.parametrize(
    ("data", "given", "says"),
    [
        (sweep(), {"at": [7.0]}, "at.*got 7"),
        (sweep(), {"at": [0.0]}, "other than 0"),
        (sweep(), {"at": ["x"]}, "at"),
        (sweep(), {"square": 4.9}, "6 points above it"),
        (sweep(), {"square": -1.0}, "square"),
        (sweep(np.linspace(1, 5, 30)), {}, "passes zero field"),
        (measurement({"R_xx": np.zeros(101)}, {"field": FIELD}), {}, "no ratio"),
        (sweep(temperature=np.repeat([5.0, 50.0], [50, 51])), {}, "2 settings"),
    ],
)
def test_what_has_no_magnetoresistance_is_refused(data, given, says):
    with pytest.raises(MeasurementError, match=says):
        magnetoresistance(data, **given)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    "shape",
    [
        lambda B: 100 * (1 + 0.05 * np.sqrt(np.abs(B))),
        lambda B: 100 + np.exp(-((B / 0.1) ** 2) / 2),
        lambda B: 100 + np.exp(-((B / 0.02) ** 2) / 2),
        lambda B: 100 + 1 / (1 + (B / 0.2) ** 2),
    ],
    ids=["cusp", "peak", "one point", "Lorentzian"],
)
def test_zero_field_of_a_cusp_or_a_narrow_peak_is_what_was_measured_there(shape):
    B, off = np.linspace(-5, 5, 201), []
    for seed in range(40):
        R = shape(B) + 1e-3 * np.random.default_rng(seed).standard_normal(B.size)
        value, error, _ = number(magnetoresistance(measurement({"R_xx": R}, {"field": B}), at=[5.0]), "zero_field")
        off.append(abs(value - shape(np.zeros(1))[0]) / error)
        assert error < 5e-3
    assert np.mean(np.array(off) < 2) > 0.85


def test_a_ratio_is_read_at_its_field_alone():
    B = np.linspace(-9, 9, 361)
    R = 100 + 2 / np.cosh(B - 3) ** 2 + 0.5 * np.tanh(B) ** 2 + 1e-4 * np.random.default_rng(2).standard_normal(B.size)
    found = magnetoresistance(measurement({"R_xx": R}, {"field": B}), at=[3.0, 6.0])
    zero = 100 + 2 / np.cosh(3) ** 2
    for field in (3.0, 6.0):
        true = (100 + 2 / np.cosh(field - 3) ** 2 + 0.5 * np.tanh(field) ** 2) / zero - 1
        assert number(found, f"ratio_{field:g}T")[0] == pytest.approx(true, abs=3e-4)


@pytest.mark.parametrize(("reach", "sides"), [(0.95, ["ratio_5T"]), (1.05, ["ratio_5T", "ratio_-1.05T"])])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_side_that_is_passed_by_a_fifth_of_the_other_was_swept(reach, sides, sign):
    found = magnetoresistance(sweep(sign * np.linspace(-reach, 5, 120)))
    names = [n.replace("T", "") for n in found["parameter"].values if str(n).startswith("ratio")]
    wanted = {f"ratio_{sign * float(n[6:-1]):g}" for n in sides}
    assert set(names) == wanted


@pytest.mark.parametrize(("fields", "told"), [((3.0, 4.0, 5.0), False), ((2.0, 3.0, 4.0, 5.0), True)])
def test_a_slope_and_a_square_need_four_sizes_of_field(fields, told):
    """Of both signs and in several sweeps: a field and its opposite are one size."""
    one = np.array([*(-b for b in fields[::-1]), -0.2, -0.1, 0.0, 0.1, 0.2, *fields])
    data = sweep(np.concatenate([one, one[::-1], one]), size=1e-3, slope=1e-3)
    if told:
        assert number(magnetoresistance(data, at=[5.0], square=1.0), "square")[0] == pytest.approx(4e-4, rel=0.05)
    else:
        with pytest.raises(MeasurementError, match="6 points above it"):
            magnetoresistance(data, at=[5.0], square=1.0)
