"""Loops that a current shifts, and loops of the current: lines through many of them."""

import warnings

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.spin_torque import Layers, loop_shift, switching_current

LAYERS = Layers([1.1e6, 2e4], 1e-9, 5e-9, [0.8, 0.02])
CURRENTS = (-2e-3, -1e-3, 1e-3, 2e-3)
FIELDS = (-0.2, -0.15, -0.05, 0.05, 0.15, 0.2)
#: B_DL per current [T/A]
PER = 0.7


def loop(current, beside, seed=0, noise=2e-3):
    rng = np.random.default_rng([seed, int(1e6 * current) % 997, int(1e3 * beside) % 997])
    B = np.concatenate([np.linspace(-0.08, 0.08, 81), np.linspace(0.08, -0.08, 81)])
    middle = -np.pi / 2 * PER * current * np.clip(beside / 0.1, -1, 1) + 1e-3
    R = 0.8 * np.tanh((B - middle - np.repeat([0.02, -0.02], 81)) / 0.003) + noise * rng.standard_normal(162)
    at = {"field": B, "current": np.full(162, current), "in_plane_field": np.full(162, beside)}
    return measurement({"R_xy": R}, at, {"bar_width": 5e-6})


def shifted(seed=0):
    return [loop(current, beside, seed) for beside in FIELDS for current in CURRENTS]


def pulsed(width, beside=0.05, seed=0, critical=5e-3, barrier=40.0, sign=-1.0):
    rng = np.random.default_rng([seed, int(abs(np.log(width)) * 100), int(1e3 * abs(beside))])
    current = np.concatenate([np.linspace(-8e-3, 8e-3, 161), np.linspace(8e-3, -8e-3, 161)])
    at = critical * (1 - np.log(width / (1e-9 * np.log(2))) / barrier) - 4e-3 * abs(beside)
    R = sign * 0.8 * np.tanh((current - at * np.repeat([1, -1], 161)) / 2e-4) + 2e-3 * rng.standard_normal(322)
    columns = {"current": current, "pulse_width": np.full(322, width), "in_plane_field": np.full(322, beside)}
    return measurement({"R_xy": R}, columns, {"bar_width": 5e-6})


def value(found, name):
    return float(found["value"].sel(parameter=name))


def error(found, name):
    return float(found["error"].sel(parameter=name))


def test_shifts_of_saturated_walls_are_the_torque():
    found = loop_shift(shifted(), saturated=0.15, layers=LAYERS)
    assert abs(value(found, "damping_like_per_current") - PER) < 4 * error(found, "damping_like_per_current")
    assert error(found, "damping_like_per_current") < 0.02 * PER
    assert value(found, "damping_like") == pytest.approx(2e-3 * value(found, "damping_like_per_current"), rel=1e-12)
    j = 0.8 * 2e-3 / (5e-6 * 5e-9)
    per = -2 * 1.602176634e-19 / 1.054571817646156e-34 * 1.1e6 * 1e-9
    assert value(found, "xi_DL") == pytest.approx(per * value(found, "damping_like") / j, rel=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(found["covariance"])), found["error"])
    np.testing.assert_allclose(found["in_plane_field"], FIELDS)
    # half of the saturation below it
    assert float(found["shift_slope"][3] / found["shift_slope"][-1]) == pytest.approx(0.5, abs=0.05)


@pytest.mark.study
def test_truth_lies_within_three_errors():
    miss = []
    for seed in range(20):
        found = loop_shift(shifted(seed), saturated=0.15)
        miss.append((value(found, "damping_like_per_current") - PER) / error(found, "damping_like_per_current"))
    assert np.sum(np.abs(miss) < 3) >= 19
    assert 0.2 < np.std(miss) < 1.3  # the error has the shape of the loop, which here is the same in all


def test_thermal_activation_gives_current_and_barrier():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = [pulsed(width) for width in np.geomspace(1e-7, 1e-2, 7)]
        found = switching_current(data, attempt_time=1e-9, layers=LAYERS)
    for name, truth in (("critical_current", 5e-3 - 2e-4), ("stability", 40 * 4.8e-3 / 5e-3)):
        assert abs(value(found, name) - truth) < 4 * error(found, name), name
    assert value(found, "critical_current_density") == pytest.approx(0.8 * 4.8e-3 / 25e-15, rel=0.01)
    assert set(found["polarity"].values) == {-1.0}


def test_fields_lower_it_by_a_line():
    found = switching_current([pulsed(1e-5, b) for b in (-0.2, -0.1, 0.05, 0.1, 0.2)])
    assert abs(value(found, "per_field") + 4e-3) < 4 * error(found, "per_field")
    assert list(found["polarity"].values) == [1.0, 1.0, -1.0, -1.0, -1.0]
    one = switching_current(pulsed(1e-5))
    assert list(one["parameter"].values) == ["switching_current"]


WIDTHS = np.geomspace(1e-7, 1e-2, 4)
REFUSED = {
    "one sign": (loop_shift, lambda: [d for d in shifted() if d.current[0] > 0], {"saturated": 0.1},
                 r"current \[A\]: got .* of one sign at an in-plane field of -0.2 T"),
    "never saturated": (loop_shift, shifted, {"saturated": 0.5}, r"saturated \[T\]: got 0.5. Allowed: at most 0.2 T"),
    "no in-plane field": (loop_shift, lambda: [d.drop_vars("in_plane_field") for d in shifted()[:2]],
                          {"saturated": 0.1}, r'in_plane_field: .*constants: in_plane_field = "50 mT"'),
    "a current that changes": (
        loop_shift, lambda: [d.assign_coords(current=d.current * np.linspace(1, 2, 162)) for d in shifted()],
        {"saturated": 0.1}, r"current \[A\]: which runs from -0.004 to -0.002 within a measurement",
    ),
    "no loop": (loop_shift, lambda: [d.assign(R_xy=0 * d.R_xy + 1e-3 * np.sin(np.arange(162.0))) for d in shifted()],
                {"saturated": 0.1}, "reading: which shows no loop"),
    "no attempt": (switching_current, lambda: [pulsed(w) for w in WIDTHS], {}, r"attempt_time \[s\]: missing"),
    "pulses as short as attempts": (switching_current, lambda: [pulsed(w) for w in WIDTHS], {"attempt_time": 1e-6},
                                    r"pulse_width \[s\]: got 1e-07, for which switching is no matter of waiting"),
    "rising": (switching_current, lambda: [pulsed(w, barrier=-300.0) for w in WIDTHS], {"attempt_time": 1e-9},
               "switching current .*which does not fall"),
    "both at once": (switching_current, lambda: [pulsed(w, b) for w in WIDTHS for b in (0.1, 0.2)],
                     {"attempt_time": 1e-9}, "measurements: 4 lengths of pulses and 2 in-plane fields at once"),
    "one branch": (switching_current, lambda: [pulsed(1e-5).isel(point=slice(0, 161))], {},
                   "current: fewer than 5 points are on a falling branch"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:no step between")
@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_what_is_wrong(name):
    function, made, arguments, words = REFUSED[name]
    with pytest.raises(MeasurementError, match=words):
        function(made(), **arguments)
