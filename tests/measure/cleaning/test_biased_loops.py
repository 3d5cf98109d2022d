"""Loops that are not centred: antisymmetrising pairs of opposite fields is wrong, and what is right instead."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from spinstack.measure.cleaning import correct_misalignment, even_part, odd_part
from spinstack.measure.measurement import history, measurement
from spinstack.measure.readers import read
from spinstack.measure.sweeps import anomalous_hall_loop

CASES = Path(__file__).parents[1] / "sweeps" / "cases"


def biased(bias=0.4, coercive=0.25, share=0.02, noise=1e-4, seed=0):
    """R_xy with a share of an R_xx that has a magnetoresistance, and R_xx with a share of R_xy, of a biased loop."""
    rng, up = np.random.default_rng(seed), np.arange(-3, 3.001, 0.015)
    B, side = np.concatenate([up[::-1], up]), np.repeat([-1, 1], up.size)
    m = np.tanh((B - bias - side * coercive) / 0.05)
    xx = 100 * (1 + 2e-3 * B**2 + 1e-3 * (1 - m**2))
    xy = 0.5 * m + 0.03 * B
    columns = {"R_xx": xx + 0.01 * xy, "R_xy": xy + share * xx}
    noisy = {n: v + noise * rng.standard_normal(B.size) for n, v in columns.items()}
    return measurement(noisy, {"field": B})


def numbers(data):
    found = anomalous_hall_loop(data, above=1.5)
    return {n: found.sel(parameter=n) for n in ("coercive_field", "bias", "amplitude", "slope")}


@pytest.mark.parametrize(("step", "reading"), [(odd_part, "R_xy"), (even_part, "R_xx")])
def test_parity_of_a_biased_loop_is_doubted(step, reading):
    with pytest.warns(UserWarning, match=r"R_xy is centred at 0\.40\d+ \+- .* T, not at 0 T.*above = a field"):
        step(biased(), reading)


def test_parity_about_the_centre_and_of_centred_loops_is_not_doubted():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        odd_part(biased(bias=0.0))
        odd_part(biased(share=0.0, noise=1e-4), centre=0.4)
        odd_part(biased(coercive=0.0, bias=0.0))


def test_the_odd_part_of_a_biased_loop_is_no_loop_of_its_bias():
    with pytest.warns(UserWarning, match="is centred at"):
        odd = numbers(odd_part(biased()))
    assert abs(float(odd["bias"].value)) < 0.1  # the bias is lost


def test_the_saturated_parts_tell_the_tilt_and_the_loop_keeps_its_bias():
    data = biased()
    assert data.R_xy.mean() > 1.9
    done = correct_misalignment(data, about="field", above=1.5)
    assert done.attrs["longitudinal_in_hall"] == pytest.approx(0.02, abs=2e-5)
    assert "from 1.5 T on" in history(done)[-1]["remark"]
    found = numbers(done)
    for name, true in (("bias", 0.4), ("coercive_field", 0.25), ("amplitude", 0.5), ("slope", 0.03)):
        assert float(found[name].value) == pytest.approx(true, abs=2e-3), name
    everywhere = correct_misalignment(data, about="field")
    assert abs(everywhere.attrs["longitudinal_in_hall"] - 0.02) > 5 * abs(done.attrs["longitudinal_in_hall"] - 0.02)


@pytest.mark.study
@pytest.mark.parametrize("runs", [60, 1000])
def test_errors_of_both_ways_cover_the_truth(runs):
    rng = np.random.default_rng(5)
    off: dict[str, list] = {}
    for seed in range(runs):
        bias, coercive, share = rng.uniform(-0.6, 0.6), rng.uniform(0.1, 0.4), rng.uniform(-0.02, 0.02)
        data = biased(bias, coercive, share, 1e-3, seed)
        cleaned = correct_misalignment(data, about="field", above=1.5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            centred = odd_part(biased(bias, coercive, 0.0, 1e-3, seed), centre=bias)
        for way, found in (("tilt", numbers(cleaned)), ("centre", numbers(centred))):
            for name, true in (("bias", bias), ("coercive_field", coercive)):
                row = found[name]
                one, two = t.ppf([0.5 + 0.6827 / 2, 0.975], float(row["freedom"]))
                z = abs(float(row["value"]) - true) / float(row["error"])
                off.setdefault(f"{way} {name}", []).append((z <= one, z <= two))
    slack = 3 / np.sqrt(runs)
    for name, inside in off.items():
        one, two = np.mean(inside, axis=0)
        print(f"{name}: {one:.1%} within one, {two:.1%} within two errors")
        if name != "centre bias":  # of a curve made odd about its centre it is zero by itself
            assert one > 0.6827 - 0.47 * slack - 0.02, name
            assert two > 0.95 - 0.22 * slack - 0.01, name


def test_a_measured_loop_with_a_bias():
    data = read(CASES / "hall_loop_biased.csv")
    raw = anomalous_hall_loop(data)
    assert float(raw["value"].sel(parameter="coercive_field")) == pytest.approx(0.25, abs=0.003)
    assert float(raw["value"].sel(parameter="bias")) == pytest.approx(0.40, abs=0.02)
    with pytest.warns(UserWarning, match="is centred at 0.4136"):
        odd_part(data)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"about": "half_turn", "above": 1.0}, "field"),
        ({"admixture": [0.1, 0.0], "above": 1.0}, "beside admixture"),
        ({"above": -1.0}, "above"),
        ({"above": 2.99}, "allowed|six"),
    ],
)
def test_where_the_saturated_parts_tell_nothing_is_refused(given, says):
    from spinstack.measure.measurement import MeasurementError

    with pytest.raises(MeasurementError, match=f"(?i){says}"):
        correct_misalignment(biased().assign_coords(angle=("point", np.linspace(0, 1, 802))), **given)


@pytest.mark.parametrize("part", [even_part, odd_part])
@pytest.mark.parametrize("centre", [0.0, 0.5])
@pytest.mark.parametrize(("off", "told"), [(0.2, False), (0.3, True), (-0.3, True)])
def test_a_loop_that_is_off_by_a_quarter_of_the_distance_of_points_is_told(part, centre, off, told):
    leg = np.linspace(-4, 4, 161)
    field, side = np.concatenate([leg, leg[::-1]]), np.repeat([1.0, -1.0], 161)
    noise = 1e-4 * np.random.default_rng(3).standard_normal(322)
    hall = np.tanh((field - centre - 0.05 * off - 0.3 * side) / 0.3) + noise
    data = measurement({"R_xy": hall}, {"field": field})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        part(data, reading="R_xy", centre=centre)
    assert any("centred at" in str(one.message) for one in caught) == told
