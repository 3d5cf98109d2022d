"""Small files that once came out wrong, with their right values."""

import json
from pathlib import Path

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers import inspect, read
from spinstack.measure.readers.column_units import scale

CASES = Path(__file__).parent / "cases"


def test_the_alternating_response_keeps_its_sign_and_is_no_moment():
    data = read(CASES / "acms_two_kinds_of_rows.dat")
    assert data.sizes["point"] == 20
    alternating = (data.frequency == 90).values
    assert alternating.sum() == 10
    assert data.ac_moment_in_phase.values[alternating] == pytest.approx(-2.0e-9, rel=1e-14)
    assert data.ac_moment_out_of_phase.values[alternating] == pytest.approx(1e-11, rel=1e-14)
    assert data.drive_amplitude.values[alternating] == pytest.approx(5e-4)
    assert np.isnan(data.moment.values[alternating]).all()
    assert data.moment.values[~alternating] == pytest.approx(-3.0e-7)
    assert (data.frequency.values[~alternating] == 0).all()
    assert np.isnan(data.ac_moment_in_phase.values[~alternating]).all()


def test_errors_of_an_extraction_magnetometer_have_the_unit_of_its_moment():
    data = read(CASES / "mpms_classic.dat")
    assert data.moment.values * data.temperature.values == pytest.approx(5.0e-8, rel=1e-6)
    assert data.moment_error.values == pytest.approx(1e-11, rel=1e-14)
    assert (data.field == 0.05).all()
    assert data.moment_error.attrs["units"] == "A m^2"


def test_cells_are_stripped_of_line_breaks():
    data = read(CASES / "quoted_newline.csv", columns={"R_xy": "Resistance(Ohm)"})
    assert data.sizes["point"] == 21
    assert data.R_xy.values == pytest.approx(-12.3 + 0.1 * np.arange(21))


def test_degrees_by_another_spelling():
    assert read(CASES / "unit_Deg.csv").angle.values == pytest.approx(10 * np.arange(37))


def test_volts_over_excitation_is_a_resistance():
    data = read(CASES / "act_alternating_rows.dat", channels={"1": "R_xy", "2": "R_xx"})
    assert data.R_xy.values[::2] == pytest.approx(1e-3 * data.field.values[::2])
    assert data.R_xx.values[[1]] == pytest.approx([5.5e-3])
    assert "R_xy is volts over excitation" in json.loads(data.attrs["metadata"])["notes"]


def test_values_above_a_table_have_a_unit_and_a_comment():
    data = read(CASES / "header_value_comment.csv")
    assert (data.current == 1e-3).all()
    assert (data.field == 0.5).all()


def test_header_of_a_pymeasure_file():
    with pytest.raises(MeasurementError, match=r'angle = \{ column = "field_azimuth", unit = "deg" \}'):
        read(CASES / "pymeasure_results.csv")
    data = read(CASES / "pymeasure_results.csv", columns={"angle": {"column": "field_azimuth", "unit": "deg"}})
    assert (data.field == 0.5).all()
    assert (data.current == 1e-3).all()
    assert {"X1", "Y1", "X2"} == set(data.data_vars)
    assert data.angle.values == pytest.approx(10 * np.arange(37))


def test_header_of_a_qcodes_file():
    with pytest.raises(MeasurementError) as caught:
        read(CASES / "qcodes_gnuplot.dat")
    asked = [e.remedy for e in caught.value.errors if "unit = " in e.remedy]
    assert len(asked) == 2  # both at once
    columns = {"angle": {"column": "angle_set", "unit": "deg"}, "V_X": {"column": "lockin_X", "unit": "V"}}
    data = read(CASES / "qcodes_gnuplot.dat", columns=columns)
    assert data.V_X.values == pytest.approx(0.35 + 5e-4 * np.cos(2 * np.deg2rad(data.angle.values)))


def test_surplus_empty_cells_are_noted():
    data = read(CASES / "qd_more_cells.dat")
    assert data.bridge_1.values == pytest.approx(349 + 0.1 * np.arange(21))
    assert "21 rows end in empty cells beyond the last column name" in json.loads(data.attrs["metadata"])["notes"]


def test_naming_one_column_keeps_the_others():
    data = read(CASES / "one_column_named.csv", columns={"R_xy": "Resistance (Ohm)"})
    assert data.field.values[[0, -1]] == pytest.approx([-1, 1])
    assert (data.temperature == 2).all()


def test_a_slash_in_a_name():
    assert read(CASES / "slash.csv")["dI/dV"].attrs["units"] == "S"


@pytest.mark.parametrize("path", sorted(CASES.iterdir()), ids=lambda p: p.name)
def test_what_is_read_perfectly_is_inspected_without_a_warning(path):
    asks = path.name in ("pymeasure_results.csv", "qcodes_gnuplot.dat")  # for units that nobody wrote down
    report = inspect(path)
    assert bool(report.refused) is asks
    assert ("not read" in str(report)) is asks
    assert ('unit = "?"' in report.to_toml()) is asks
    if not asks:
        assert read(path).sizes["point"] == report.rows
        assert "Rename" not in report.to_toml()


#: SI of one unit, by hand: field, moment, angle, ratio, resistance, voltage, current, frequency, time
UNITS = {
    ("field", "Oe"): 1e-4, ("field", "kOe"): 0.1, ("field", "mOe"): 1e-7, ("field", "G"): 1e-4, ("field", "kG"): 0.1,
    ("field", "mG"): 1e-7, ("field", "T"): 1.0, ("field", "mT"): 1e-3, ("field", "uT"): 1e-6, ("field", "µT"): 1e-6,
    ("field", "A/m"): 4e-7 * np.pi, ("field", "kA/m"): 4e-4 * np.pi, ("field", "MA/m"): 0.4 * np.pi,
    ("field", "Oersted"): 1e-4, ("field", "Gauss"): 1e-4, ("moment", "emu"): 1e-3, ("moment", "memu"): 1e-6,
    ("moment", "uemu"): 1e-9, ("moment", "nemu"): 1e-12, ("moment", "A m^2"): 1.0, ("moment", "J/T"): 1.0,
    ("angle", "deg"): 1.0, ("angle", "rad"): 180 / np.pi, ("angle", "mrad"): 0.18 / np.pi, ("intensity", "%"): 0.01,
    ("intensity", "percent"): 0.01, ("intensity", "permille"): 1e-3, ("intensity", "‰"): 1e-3,
    ("intensity", "ppm"): 1e-6, ("intensity", "counts"): 1.0, ("R_xx", "Ohm"): 1.0, ("R_xx", "mOhm"): 1e-3,
    ("R_xx", "uOhm"): 1e-6, ("R_xx", "kOhm"): 1e3, ("R_xx", "MOhm"): 1e6, ("R_xx", "ohms"): 1.0, ("V_xx", "V"): 1.0,
    ("V_xx", "mV"): 1e-3, ("V_xx", "uV"): 1e-6, ("V_xx", "nV"): 1e-9, ("V_xx", "volts"): 1.0, ("current", "A"): 1.0,
    ("current", "mA"): 1e-3, ("current", "uA"): 1e-6, ("current", "nA"): 1e-9, ("current", "amps"): 1.0,
    ("frequency", "Hz"): 1.0, ("frequency", "kHz"): 1e3, ("time", "s"): 1.0, ("time", "sec"): 1.0,
    ("time", "min"): 60.0,
    ("time", "h"): 3600.0, ("time", "ms"): 1e-3, ("temperature", "K"): 1.0, ("temperature", "mK"): 1e-3,
    ("rho", "Ohm-m"): 1.0, ("rho", "ohm-cm"): 1e-2, ("rho", "uOhm cm"): 1e-8, ("c", "mJ/mole-K"): 1e-3,
    ("c", "µJ/K"): 1e-6, ("c", "mJ/g-K"): 1.0, ("k", "W/K-m"): 1.0, ("s", "µV/K"): 1e-6, ("energy", "keV"): 1e3,
}  # fmt: skip


@pytest.mark.parametrize(("role", "unit"), UNITS)
def test_one_unit_in_si(role, unit):
    # mu0 is 4 pi 1e-7 to ten digits only
    assert float(scale(unit, role, "column").of(1.0)) == pytest.approx(UNITS[role, unit], rel=3e-9)


@pytest.mark.parametrize(("unit", "kelvin"), [("°C", 293.15), ("C", 293.15), ("Celsius", 293.15), ("deg C", 293.15)])
def test_degrees_celsius(unit, kelvin):
    assert float(scale(unit, "temperature", "column").of(20.0)) == pytest.approx(kelvin, rel=1e-15)
