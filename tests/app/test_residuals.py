"""What is measured less what is computed, below a panel."""

import numpy as np
import pytest
import xarray as xr

from spinstack.app import residuals
from spinstack.app.measured import Overlay

DEGREES = np.arange(0.0, 361.0)


def scan(planes=("alpha",), angles=DEGREES):
    """R_xx = 100 + cos^2 ohm, MR_xx its change from the first angle, another amplitude in every plane."""
    R = np.stack([100 + (k + 1) * np.cos(np.radians(angles)) ** 2 for k in range(len(planes))])
    return xr.Dataset(
        {"R_xx": (("plane", "angle"), R), "MR_xx": (("plane", "angle"), R / R[:, :1] - 1)},
        {"plane": list(planes), "angle": angles},
    )


def overlay(x, y, variable="R_xx", plane="alpha", error=None):
    return Overlay("film", "film.dat", "angular_scan", np.array(x), np.array(y), variable, plane, "angle", {}, error)


def one(found, over, variable="R_xx"):
    made = residuals.residuals(found, "angular_scan", [over])
    return next(r for r in made if r.variable == variable)


def test_a_shifted_measurement_leaves_its_shift():
    x = np.linspace(3.3, 350.7, 40)
    left = one(scan(), overlay(x, 100.25 + np.cos(np.radians(x)) ** 2))
    between = left.told["between"]
    assert 0 < between < 1e-4
    np.testing.assert_allclose(left.values, 0.25, atol=between)
    assert left.told["rms"] == pytest.approx(0.25, abs=between)
    assert left.told["mean"] == pytest.approx(0.25, abs=between)
    assert left.told["sigmas"] is None


def test_the_said_error_of_interpolating_bounds_the_true_one_and_falls_as_the_square_of_the_step():
    x = np.linspace(1.0, 359.0, 777)
    said = []
    for step in (8.0, 4.0, 2.0):
        found = scan(angles=np.arange(0.0, 360.0 + step / 2, step))
        left = one(found, overlay(x, 100 + np.cos(np.radians(x)) ** 2))
        assert np.abs(left.values).max() <= left.told["between"] * 1.01
        said.append(left.told["between"])
    assert said[0] / said[1] == pytest.approx(4, rel=0.02)
    assert said[1] / said[2] == pytest.approx(4, rel=0.02)


def test_a_whole_turn_goes_on_and_less_of_one_ends():
    x = np.array([-20.0, 10.0, 375.0])
    y = 100 + np.cos(np.radians(x)) ** 2
    assert np.abs(one(scan(), overlay(x, y)).values).max() < 1e-4
    half = one(scan(angles=np.arange(0.0, 181.0)), overlay(x, y))
    assert np.isfinite(half.values).tolist() == [False, True, False]
    assert half.told["outside"] == 2


def test_errors_of_the_file_weigh_what_is_left():
    x = np.array([0.0, 90.0, 180.0])
    error = np.array([0.1, 0.2, 0.1])
    y = np.array([101.0, 100.0, 101.0]) + np.array([0.1, 0.4, -0.1])
    told = one(scan(), overlay(x, y, error=error)).told
    assert told["sigmas"] == pytest.approx(np.sqrt((1 + 4 + 1) / 3))
    assert told["rms"] == pytest.approx(np.sqrt((0.01 / 0.01 + 0.16 / 0.04 + 0.01 / 0.01) / (1 / 0.01 * 2 + 1 / 0.04)))


def test_a_resistance_lies_over_a_ratio_as_its_change():
    x = np.array([0.0, 45.0, 90.0])
    left = one(scan(), overlay(x, 2 * (100 + np.cos(np.radians(x)) ** 2), error=np.full(3, 0.2)), "MR_xx")
    np.testing.assert_allclose(left.values, 0.0, atol=1e-12)
    assert left.told["sigmas"] == pytest.approx(0.0, abs=1e-9)


def test_the_plane_of_a_file_chooses_the_curve_and_without_one_nothing_is_chosen():
    found = scan(("alpha", "beta"))
    x = np.arange(0.0, 360.0, 30.0)
    assert np.abs(one(found, overlay(x, 100 + 2 * np.cos(np.radians(x)) ** 2, plane="beta")).values).max() < 1e-9
    unsaid = one(found, overlay(x, np.full(len(x), 100.0), plane=""))
    assert "plane" in unsaid.why
    assert not np.isfinite(unsaid.values).any()
    assert residuals.residuals(found, "angular_scan", [overlay(x, x, plane="gamma")]) == []


def test_a_loop_has_no_single_value_at_a_field():
    field = np.array([-1.0, 0.0, 1.0, 0.0, -1.0])
    found = xr.Dataset({"R_xx": ("field", field**2)}, {"field": field})
    over = Overlay("loop", "loop", "field_scan", np.array([0.5]), np.array([0.2]), "R_xx", "", "field", {})
    (left,) = residuals.residuals(found, "field_scan", [over])
    assert "several values at one field" in left.why


def test_only_drawn_points_are_sent():
    x = np.linspace(0.0, 360.0, 9001)
    over = overlay(x, 100 + np.cos(np.radians(x)) ** 2)
    made = residuals.residuals(scan(), "angular_scan", [over])
    heads, arrays = residuals.message(made, {over.name: over.step})
    assert [h["variable"] for h in heads] == ["R_xx", "MR_xx"]
    assert len(arrays["r:0"]) == len(over.message()[1]["x"])
    assert heads[0]["points"] == 9001
