"""Measured files of several instruments, read and compared with numbers read from them by eye."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError, history
from spinstack.measure.readers import Angle, Column, Description, HeaderValue, inspect, read, read_recorded
from spinstack.measure.readers.column_units import scale, split_head

DATA = Path(__file__).parents[2] / "data"
FESI = DATA / "fesi-admr" / "300818E2488-xy"
AMR = DATA / "piec-amr" / "7_amr_5V_17Hz.csv"
PPMS = DATA / "snse-nbse2-ppms" / "Resistivity_Ch1_TMR_Ch2_Hall_test.dat"
SQUID = DATA / "squidvsm-film-mh" / "S2-IP-MH@5K_2T_course_8kOe_fine.dat"
NI = DATA / "ni-bh" / "45001S.DAT"
LOCK_IN = {
    "columns": {
        "angle": {"column": "angle", "unit": "deg"},
        "field": {"column": "field", "unit": "Oe"},
        "V_X": {"column": "X", "unit": "V"},
        "V_Y": {"column": "Y", "unit": "V"},
    },
    "from_header": {"frequency": {"key": "frequency", "unit": "Hz"}},
}
LOOP = {
    "first_line": 7,
    "skip_end": 1,
    "columns": {"field": {"column": 1, "unit": "A/m"}, "induction": {"column": 2, "unit": "G"}},
}


def metadata(data):
    return json.loads(data.attrs["metadata"])


@pytest.mark.parametrize(
    ("name", "rows", "field", "last"),
    [
        ("xy", 2186, 2.0096, (605.23262, -0.003e-3, 173.48e-3)),
        ("xz", 2206, 2.0108, (605.22762, 173.808e-3, -0.004e-3)),
        ("yz", 2188, 2.0102, (600.13333, -0.004e-3, 173.358e-3)),
    ],
)
def test_tab_separated_file_states_its_units_field_and_current(name, rows, field, last):
    data = read(FESI.with_name(f"300818E2488-{name}"))
    assert data.sizes == {"point": rows}
    assert set(data.data_vars) == {"V_xx", "V_xy"}
    assert set(data.coords) == {"time", "field", "current"}
    assert (data.field == field).all()
    assert (data.current == 1e-4).all()
    assert tuple(float(data[n][-1]) for n in ("time", "V_xx", "V_xy")) == last
    assert data.V_xx.attrs["units"] == "V"
    assert metadata(data)["header"]["I [mA]"] == "0.100000"
    assert data.attrs["format"] == "delimited"


def test_angle_follows_from_time_and_turns():
    description = {"columns": {"time": "Time [s]", "V_xx": "V_xy [mV]"}, "angle": {"turns": -1, "zero": "90 deg"}}
    data = read(FESI, description, plane="alpha")
    assert data.angle[0] == 90
    assert data.angle[-1] == -270
    assert float(data.angle[1]) == pytest.approx(90 - 360 * 0.28102 / 605.23262, rel=1e-14)
    assert data.V_xx[0] == 173.484e-3
    assert "V_xy" not in data
    several = read(FESI, {**description, "angle": {"turns": 2.5, "zero": "10 deg"}})
    assert several.angle.values[[0, -1]] == pytest.approx([10.0, 910.0])
    rate = read(FESI, {**description, "angle": {"rate": "36 deg/min", "zero": "0 deg"}})
    assert float(rate.angle[-1]) == pytest.approx(0.6 * 605.23262)
    for written, zero in (("2160 deg/h", "90 deg"), ("0.6 deg/s", "-45 deg")):
        turned = read(FESI, {**description, "angle": {"rate": written, "zero": zero}})
        assert turned.angle.values[[0, -1]] == pytest.approx(float(zero[:-4]) + np.array([0, 0.6 * 605.23262]))


@pytest.mark.parametrize(
    ("name", "rows", "last"),
    [("6_amr_5V_17Hz.csv", 73, (-0.00150872, -0.000532869)), ("7_amr_5V_17Hz.csv", 37, (-0.00171257, -1.08481e-05))],
)
def test_lock_in_file_with_line_break_in_its_metadata(name, rows, last):
    data = read(AMR.with_name(name), LOCK_IN)
    assert data.sizes["point"] == rows
    assert (data.angle[0], data.angle[-1]) == (0, 360)
    assert (data.field == 0.08).all()
    assert (data.frequency == 17.13).all()
    assert (float(data.V_X[-1]), float(data.V_Y[-1])) == last
    assert metadata(data)["header"]["lockin"] == "Stanford_Research_Systems,SR830,s/n54854,ver1.07"
    assert metadata(data)["header"]["sensitivity"] == "50uv/pa"


def test_lock_in_file_without_units_is_refused_without_a_description():
    with pytest.raises(MeasurementError, match="column 'angle': is to be angle, but states no unit"):
        read(AMR)


def test_resistivity_option_has_bridges_as_readings():
    data = read(PPMS)
    assert data.sizes["point"] == 1401
    assert {"bridge_1", "bridge_2", "bridge_1_error", "bridge_2_error"} == set(data.data_vars)
    assert data.bridge_1.attrs["units"] == "Ohm"
    named = read(PPMS, channels={"1": "R_xx", "2": "R_xy"})
    assert (named.R_xx.values == data.bridge_1.values).all()
    assert (float(named.R_xx[0]), float(named.R_xy[-1])) == (0.466511068344116, 0.215938346385956)
    assert float(named.field[0]) == pytest.approx(-1.00007678125, rel=1e-15)
    assert float(named.temperature[-1]) == 2.30030000209808
    assert float(named.current[7]) == pytest.approx(19.9799995422363e-6, rel=1e-15)
    assert float(named.time[1]) == 30423386.59 - 30423338.25
    assert float(named.R_xx_error[0]) == pytest.approx(0.0141793771782327 / 5, rel=1e-14)
    assert "angle" not in named.variables  # the position of a sample without rotator is 0
    only = read(PPMS, channels={"bridge_2": "R_xy"})
    assert set(only.data_vars) == {"R_xy", "R_xy_error"}
    header = metadata(data)["header"]
    assert header["BYAPP"] == "Resistivity, 2.1, 1.0"
    assert header["Sample2 Name"] == "Hall"


def test_squid_vsm_file():
    data = read(SQUID)
    assert data.sizes["point"] == 210
    assert float(data.moment[0]) == pytest.approx(2.49974428105469e-9, rel=1e-15)
    assert float(data.moment_error[-1]) == pytest.approx(5.34932894385811e-11, rel=1e-15)
    assert float(data.field[-1]) == pytest.approx(1.99996953125, rel=1e-15)
    assert data.moment.attrs["units"] == "A m^2"
    assert metadata(data)["header"]["SAMPLE_HOLDER"] == "Straw"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("fc5.dat", 0.0133979343660967, 0.0001292895630828), ("zfc5.dat", 0.00442582599544823, 0.000128966299627094)],
)
def test_moment_is_taken_from_the_dc_scan_where_its_own_column_is_empty(name, first, last):
    data = read(DATA / "magnetopy-mt" / name)
    assert data.sizes["point"] == 151
    assert data.moment.values[[0, -1]] == pytest.approx([first * 1e-3, last * 1e-3], rel=1e-15)
    assert any("DC Moment Fixed Ctr (emu)" in note for note in metadata(data)["notes"])
    assert "DC Moment Fixed Ctr" in history(data)[0]["remark"]
    free = read(DATA / "magnetopy-mt" / name, {"columns": {"moment": "DC Moment Free Ctr (emu)"}})
    assert float(free.moment[0]) != float(data.moment[0])


def test_headerless_columns_between_lines_of_text():
    data = read(NI, LOOP)
    assert data.sizes["point"] == 1001
    assert data.induction.values[[0, -1]] == pytest.approx([1.29759, 1.29759])
    assert float(data.field[1]) == pytest.approx(652.78 * 1.25663706127e-6, rel=1e-12)
    assert data.attrs["format"] == "fixed_width"
    with pytest.raises(MeasurementError, match="line 1008: the row has"):
        read(NI, {**LOOP, "skip_end": 0})


MEASURED = [p for p in sorted(DATA.glob("*/*")) if p.name != "LICENSE" and p.parent.name != "films"]


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("path", MEASURED, ids=lambda p: p.name)
def test_inspection_and_its_description(path, tmp_path):
    report = inspect(path)
    assert report.format is not None
    assert report.rows > 30
    assert str(path) in str(report)
    assert Description.from_toml(report.to_toml()) == report.description()
    if report.refused.keys() >= {"quantum_design", "delimited", "fixed_width"}:
        with pytest.raises(MeasurementError):  # what is open has to be said by a person
            read(path, report.description()) if "unit" in report.to_toml() else read(path)
    else:
        file = tmp_path / "description.toml"
        file.write_text(report.to_toml(), encoding="utf-8")
        assert read(path, file).sizes["point"] == report.rows


def test_the_numbers_of_columns_that_inspection_shows_are_those_of_descriptions(tmp_path):
    path = tmp_path / "scan.csv"
    path.write_text("a,b,c\n" + "\n".join(f"{k},{10 + k},{20 + k}" for k in range(30)), encoding="utf-8")
    seen = {c.name: c.number for c in inspect(path).columns}
    assert seen == {"a": 1, "b": 2, "c": 3}
    columns = {"field": {"column": seen["b"], "unit": "T"}, "R_xx": {"column": seen["c"], "unit": "Ohm"}}
    data = read(path, columns=columns)
    np.testing.assert_array_equal(data["field"], 10.0 + np.arange(30))
    np.testing.assert_array_equal(data["R_xx"], 20.0 + np.arange(30))


def test_inspection_of_headerless_columns_finds_the_rows():
    draft = inspect(NI).description()
    assert (draft.first_line, draft.skip_end, draft.format) == (7, 1, "fixed_width")
    data = read(NI, draft)
    assert data.sizes["point"] == 1001


def test_reading_again_gives_the_same_and_notices_a_changed_file(tmp_path):
    path = tmp_path / "scan.csv"
    path.write_bytes(AMR.read_bytes())
    data = read(path, LOCK_IN, plane="alpha", film_thickness="3 nm", bar_width=2e-4)
    assert data.attrs["film_thickness"] == 3e-9
    again = read_recorded(data)
    assert again.identical(data)
    path.write_bytes(AMR.read_bytes() + b"\n")
    with pytest.raises(MeasurementError, match="has changed"):
        read_recorded(data)
    path.unlink()
    with pytest.raises(MeasurementError, match="no longer there"):
        read_recorded(data)
    with pytest.raises(MeasurementError, match="not read from a file"):
        read_recorded(data.assign_attrs(history="[]"))


def test_description_goes_through_toml_and_back():
    description = Description(
        format="delimited",
        encoding="windows-1252",
        separator=";",
        decimal=",",
        header_line=3,
        missing=("NaN", ""),
        columns={"R_xx": Column("R", "mOhm", True), "time": Column(1, "s")},
        from_header={"field": HeaderValue("H", "kOe")},
        constants={"temperature": "300 K"},
        channels={"1": "R_xx"},
        angle=Angle(turns=1.0, zero="9 deg"),
        attributes={"plane": "beta", "film_thickness": "3 nm"},
    )
    assert description.separator == "semicolon"
    assert Description.from_toml(description.to_toml(("a remark",))) == description
    assert Description.of(json.loads(json.dumps(description.to_dict()))) == description
    assert Description().to_toml() == ""


def quantum_design(columns, rows, byapp="ACTRANSPORT,2.0,1.1", info=()):
    head = ["[Header]", "TITLE,", f"BYAPP,{byapp}", *info, "[Data]", columns]
    return "\r\n".join([*head, *rows, ""])


def test_ac_transport_option_with_alternating_channels(tmp_path):
    path = tmp_path / "act.dat"
    columns = "Comment,Time Stamp (sec),Status (code),Temperature (K),Magnetic Field (Oe),Sample Position (deg),"
    columns += "Res. ch1 (ohm-cm),Res. Std.Dev. ch1,Res. ch2 (ohm-cm),Frequency (Hz),Map 20"
    rows = ["cooled in field,1,,,,,,,,,"]
    for k in range(10):
        first = f"{1e-4 + 1e-6 * k!r},1e-8," if k % 2 == 0 else ",,"
        second = "" if k % 2 == 0 else f"{2e-4!r}"
        rows.append(f",{k + 2}.5,1,{300 + k},{1000 * k},{10 * k},{first}{second},17,")
    path.write_text(quantum_design(columns, rows), encoding="ascii")
    data = read(path)
    assert data.sizes["point"] == 10
    assert data.channel_1.attrs["units"] == "Ohm m"
    assert data.channel_1.values[::2] == pytest.approx(1e-6 + 2e-8 * np.arange(5))
    assert np.isnan(data.channel_1.values[1::2]).all()
    assert data.channel_2.values[1::2] == pytest.approx(2e-6)
    assert list(data.angle.values) == [10 * k for k in range(10)]
    assert metadata(data)["header"]["comments"] == {"6": "cooled in field"}
    assert "1 rows without" in history(data)[0]["remark"]
    alone = read(path, channels={"2": "rho_xy"})
    assert alone.sizes["point"] == 5
    assert not np.isnan(alone.rho_xy).any()
    with pytest.raises(MeasurementError, match="does not convert"):  # a resistivity is no resistance
        read(path, channels={"1": "R_xx"})


def test_electrical_transport_option(tmp_path):
    path = tmp_path / "eto.dat"
    columns = "Comment,Time Stamp (s),Temperature (K),Field (Oe),Sample Position (deg),Chamber Pressure (Torr),"
    columns += "Resistance Ch1 (Ohms),Resistance Std. Dev. Ch1 (Ohms),Phase Angle Ch1 (deg),Frequency Ch1 (Hz),"
    columns += "AC Current Ch1 (mA),Resistance Ch2 (Ohms)"
    rows = [f",{k},2,{k * 100},{k * 5},9,{10 + k},0.1,0,18.3,0.5," for k in range(1, 8)]
    path.write_text(quantum_design(columns, rows, "Electrical Transport Option,1.0"), encoding="latin-1")
    data = read(path, channels={"1": "R_xx"})
    assert list(data.R_xx.values) == [11, 12, 13, 14, 15, 16, 17]
    assert (data.current == 0.5e-3).all()
    assert (data.frequency == 18.3).all()
    assert data.field.values == pytest.approx(np.arange(1, 8) * 0.01)
    with pytest.raises(MeasurementError, match="channels with data, each with its own name: channel_1"):
        read(path, channels={"2": "R_xy"})


@pytest.mark.parametrize(
    ("written", "role", "value"),
    [
        ("mV", "V_xx", 173.484e-3),
        ("kOe", "field", 17.3484),
        ("G", "field", 173.484e-4),
        ("emu", "moment", 0.173484),
        ("uA", "current", 173.484e-6),
        ("µA", "current", 173.484e-6),
        ("°C", "temperature", 446.634),
        ("rad", "angle", np.degrees(173.484)),
        ("mOhm", "R_xx_error", 0.173484),
        ("Torr", "pressure", 173.484 * 101325 / 760),
    ],
)
def test_units_of_columns(written, role, value):
    found = scale(written, role, "column")
    assert float(found.of(np.array(173.484))) == pytest.approx(value, rel=1e-14)


def test_names_and_units_of_heads():
    assert split_head("Magnetic Field (Oe)") == ("Magnetic Field", "Oe")
    assert split_head(" V_xx [mV] ") == ("V_xx", "mV")
    assert split_head("H / kOe") == ("H", "kOe")
    assert split_head("Pressure ()") == ("Pressure", None)
    assert split_head("n/a") == ("n/a", None)


@pytest.mark.filterwarnings("ignore:field goes up")
def test_values_are_the_nearest_floats(tmp_path):
    values = np.random.default_rng(1).normal(size=(500, 2)) * 10.0 ** np.random.default_rng(2).integers(
        -300, 300, (500, 2)
    )
    path = tmp_path / "many.csv"
    path.write_text("field (T),R_xx (Ohm)\n" + "\n".join(f"{a!r},{b!r}" for a, b in values.tolist()) + "\n")
    data = read(path)
    assert (data.field.values == values[:, 0]).all()
    assert (data.R_xx.values == values[:, 1]).all()


def test_importing_readers_loads_nothing_heavy():
    # xarray itself loads pandas
    code = "import sys, spinstack.measure.readers; print({'jax', 'pint', 'scipy', 'matplotlib'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.mark.parametrize("path", ["", 3, None, ".", "nowhere.dat", "a\0b"])
def test_what_is_no_file_is_refused(path):
    with pytest.raises(MeasurementError, match=r"^path: "):
        read(path)


def test_not_toml_is_refused():
    with pytest.raises(MeasurementError, match="not TOML"):
        Description.from_toml("[columns")
