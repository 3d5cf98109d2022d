"""Corrections refuse what makes no sense, in words that name the argument or column."""

import numpy as np
import pytest
from cleaning_runs import BARE, CONTROL, OTHER, scan, sweep, voltages

from spinstack.measure import cleaning
from spinstack.measure.measurement import MeasurementError

HOLES = scan().assign(R_xx=scan().R_xx.where(scan().time > 30))
COMB = BARE.assign(R_xx=("point", np.tile([0.0, 0.0, 1.0], 49)[:145]))
BAD = [
    ("remove_spikes", HOLES, {}, "R_xx: 8 of 145 rows"),
    ("remove_spikes", scan(), {"reading": "R_zz"}, "R_zz"),
    ("remove_spikes", scan(), {"reading": 3}, "reading"),
    ("remove_spikes", scan(), {"window": 2.5}, "window"),
    ("remove_spikes", scan(), {"window": 1}, "window"),
    ("remove_spikes", scan(), {"threshold": 0}, "threshold"),
    ("remove_spikes", scan(), {"threshold": float("nan")}, "threshold"),
    ("remove_spikes", scan(), {"width": 9}, "width"),
    ("remove_spikes", COMB, {"threshold": 0.5}, "quarter"),
    ("remove_spikes", scan(4), {}, "five"),
    ("remove_spikes", "file.dat", {}, "remove_spikes.data: got .file.dat."),
    ("average_repeats", scan(), {"over": "time", "tolerance": 1}, "over"),
    ("average_repeats", scan(), {"over": "angle", "tolerance": -1}, "tolerance"),
    ("average_repeats", scan(), {"over": "angle", "tolerance": 1, "spread": "best"}, "spread"),
    ("average_repeats", voltages(), {"over": "field", "tolerance": 1}, "field"),
    ("subtract_drift", scan(), {"degree": 0}, "degree"),
    ("subtract_drift", scan(), {"degree": True}, "degree"),
    ("subtract_drift", scan(), {"against": "pressure"}, "pressure"),
    ("subtract_drift", scan(), {"against": "field"}, "field: all rows"),
    ("subtract_drift", scan(), {"harmonics": [0]}, "harmonics"),
    ("subtract_drift", scan(), {"harmonics": [2, 2]}, "harmonics"),
    ("subtract_drift", scan(), {"harmonics": "2"}, "harmonics"),
    ("subtract_drift", scan().isel(point=slice(1, 145)), {"over": "angle", "tolerance": 1e-9}, "nothing was"),
    ("subtract_drift", scan(8), {}, "degree"),
    ("subtract_drift", scan(145, 0.01), {"degree": 3}, "cannot be told"),
    ("subtract_drift", sweep(), {}, "angle"),
    ("subtract_drift", scan().assign(R_xx_error=0 * scan().R_xx), {}, "R_xx_error: got 0.0"),
    ("rotate_phase", scan(), {}, "V_X"),
    ("rotate_phase", voltages(), {"phase": "30 deg"}, "phase"),
    ("rotate_phase", voltages(), {"phase": 1e4}, "phase"),
    ("rotate_phase", voltages(), {"sign": "minus"}, "sign"),
    ("rotate_phase", voltages().assign(V_X=0 * voltages().V_X, V_Y=0 * voltages().V_X), {}, "zero throughout"),
    ("even_part", sweep(), {"about": "time"}, "about"),
    ("even_part", scan(), {"about": "field"}, "field: all rows"),
    ("even_part", sweep().isel(point=slice(0, 30)), {}, "opposite field"),
    ("odd_part", scan().isel(point=slice(0, 40)), {"about": "half_turn"}, "partner"),
    ("odd_part", voltages(), {"reading": "V_xy"}, "field"),
    ("combine_contacts", sweep(), {}, "four contacts"),
    ("combine_contacts", sweep().rename(R_xx="R_12_43"), {}, "both pairs"),
    ("combine_contacts", sweep().rename(R_xx="R_12_43", R_xy="R_23_14"), {}, "positive in every row"),
    ("correct_misalignment", sweep().drop_vars("R_xy"), {}, "R_xy"),
    ("correct_misalignment", sweep(), {"admixture": 0.1}, "admixture"),
    ("correct_misalignment", sweep(), {"admixture": [2.0, 1.0]}, "product"),
    ("correct_misalignment", sweep(), {"admixture": [0.1, None]}, "admixture"),
    ("correct_misalignment", sweep().assign(R_xy=0 * sweep().R_xy), {}, "noise"),
    ("correct_misalignment", scan().drop_vars("angle"), {}, "reverses the field"),
    ("reverse_current", voltages(), {"other": voltages()}, "sign"),
    ("reverse_current", voltages(), {}, "one sign"),
    ("reverse_current", voltages(), {"other": "reversed.dat"}, "other"),
    ("reverse_current", sweep(), {"other": sweep()}, "current"),
    ("reverse_current", voltages(), {"other": OTHER, "against": "field"}, "field"),
    ("subtract_control", sweep(), {"control": 5.0}, "control"),
    ("subtract_control", CONTROL, {"control": sweep()}, "conducts as much"),
    ("subtract_control", sweep(), {"control": CONTROL, "thickness": -1e-9}, "thickness"),
    ("subtract_control", sweep(), {"control": CONTROL.drop_vars("R_xy")}, "R_xy"),
    ("subtract_control", sweep(), {"control": CONTROL, "transverse": "none"}, "transverse"),
    ("subtract_control", sweep().drop_attrs(), {"control": CONTROL}, "bar_length"),
    ("subtract_control", sweep(), {"control": CONTROL.drop_attrs()}, r"control\.bar_length: missing"),
    ("subtract_control", BARE, {"control": CONTROL}, "against"),
    ("subtract_control", sweep().assign(R_xx=-sweep().R_xx), {"control": CONTROL}, "positive resistances"),
    ("subtract_substrate", sweep(), {"above": 5.0}, "reaches 2 T"),
    ("subtract_substrate", sweep(), {"above": 0.0}, "above"),
    ("subtract_substrate", scan(), {"above": 1.0, "reading": "R_xx"}, "one value"),
    ("to_resistance", scan(), {}, "V_xx"),
    ("to_resistance", voltages(), {}, "twice"),
    ("to_resistance", voltages().drop_vars(["V_X", "current"]), {}, "current"),
    ("to_resistance", voltages().drop_vars(["V_X", "current"]), {"current": 0.0}, "zero"),
    ("to_resistance", voltages().drop_vars("V_X"), {"current": 1.0}, "its own"),
    ("select", sweep(), {}, "none given"),
    ("select", sweep(), {"field": [3, 4]}, "runs from -2 to 2"),
    ("select", sweep(), {"field": [1, -1]}, "lower end"),
    ("select", sweep(), {"field": [1, 2, 3]}, "field"),
    ("select", sweep(), {"pressure": 1}, "pressure"),
    ("select", sweep(), {"branch": "up"}, "branch"),
    ("set_angle", sweep().drop_vars("time"), {}, "time"),
    ("set_angle", scan(), {"turns": 0}, "turns"),
    ("set_angle", scan(), {"start": 100, "stop": 50}, "stop"),
    ("set_angle", scan().isel(point=slice(None, None, -1)), {}, "backwards"),
    ("shift_angle", scan(), {"shift": "3 deg"}, "shift"),
    ("shift_angle", sweep(), {"shift": 3}, "angle"),
]


@pytest.mark.parametrize(("name", "data", "given", "words"), BAD, ids=[f"{n}-{w}" for n, _, _, w in BAD])
def test_nonsense_is_refused_in_words(name, data, given, words):
    with pytest.raises(MeasurementError, match=words):
        getattr(cleaning, name)(data, **given)


def test_no_step_takes_errors_of_one_channel_for_both():
    data = sweep().assign(R_xx_error=("point", np.full(208, 1e-3)))
    for call in (
        lambda: cleaning.correct_misalignment(data),
        lambda: cleaning.subtract_control(data, CONTROL),
    ):
        with pytest.raises(MeasurementError, match="_error"):
            call()


@pytest.mark.parametrize(
    ("name", "data", "given", "fields"),
    [
        ("remove_spikes", scan(), {"window": 2, "threshold": -1.0, "width": 0}, ["window", "threshold", "width"]),
        ("set_angle", scan(), {"turns": 1e5, "zero": "x", "start": None, "stop": "y"}, ["turns", "zero", "stop"]),
        ("shift_angle", scan(), {"shift": "3 deg", "reverse": 1}, ["shift", "reverse"]),
        ("subtract_drift", scan(), {"degree": 0, "harmonics": [0]}, ["degree", "harmonics"]),
        ("rotate_phase", voltages(), {"phase": 1e4, "sign": "minus", "of": "all"}, ["sign", "of", "phase"]),
        ("average_repeats", scan(), {"over": "time", "tolerance": 1, "spread": "best"}, ["spread", "over"]),
        (
            "subtract_control",
            sweep(),
            {"control": CONTROL, "thickness": -1, "transverse": "odd", "remaining_thickness": 0},
            ["transverse", "thickness", "remaining_thickness"],
        ),
        ("subtract_control", sweep().drop_attrs(), {"control": CONTROL}, ["bar_length", "bar_width"]),
        ("select", sweep(), {"branch": "up", "field": [1, -1], "pressure": 1}, ["branch", "field", "pressure"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_all_wrong_arguments_are_told_at_once(name, data, given, fields):
    with pytest.raises(MeasurementError) as caught:
        getattr(cleaning, name)(data, **given)
    assert [error.field for error in caught.value.errors] == fields
    for error in caught.value.errors:
        assert error.allowed or error.remedy
        assert str(error) in str(caught.value)


def test_an_error_has_its_fields():
    with pytest.raises(MeasurementError) as caught:
        cleaning.subtract_substrate(sweep(), above=3.0)
    error = caught.value
    assert (error.field, error.unit, error.got) == ("above", "T", 3.0)
    assert "five rows" in error.allowed
    assert "2 T" in error.why
