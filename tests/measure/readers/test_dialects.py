"""A corpus of files in the dialects of instruments and loggers: each is read right, or refused for the right reason."""

import json
import warnings
from itertools import product

import numpy as np
import pytest
from instrument_files import ROWS, delimited, labview, lake_shore, pymeasure, qcodes, quantum_design

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers import inspect, read
from spinstack.measure.readers.options import OPTIONS

K = np.arange(ROWS)
TIME, TEMPERATURE = 100.0 + 10 * K, 5.0 + K
OERSTED, TESLA = 1000.0 * K - 3000, (1000.0 * K - 3000) * 1e-4
USUAL = {"Time Stamp (sec)": TIME, "Temperature (K)": TEMPERATURE, "Magnetic Field (Oe)": OERSTED}
CONDITIONS = {"time": TIME - 100, "temperature": TEMPERATURE, "field": TESLA}
R1, R2 = 1.5 + 0.01 * K, -0.3 + 0.02 * K


def turns(values, first):
    """Values in every other row."""
    return [v if k % 2 == (0 if first else 1) else None for k, v in enumerate(values)]


def gaps(values):
    return np.array([np.nan if v is None else v for v in values], dtype=float)


CASES = {}  # name: (content, keywords, what is read by name or words of the refusal)


def case(name, content, expected, **keywords):
    assert name not in CASES
    CASES[name] = (content, keywords, expected)


# ---- Quantum Design, each option by the spellings of its name
for byapp in ("Resistivity,1.2,1.0", " Resistivity, 2.1, 1.0", "RESISTIVITY,1,1"):
    for surplus, end in product((0, 1, 3), ("\n", "\r\n")):
        columns = USUAL | {"Bridge 1 Resistance (Ohms)": R1, "Bridge 1 Excitation (uA)": 20 + 0 * K}
        expected = CONDITIONS | {"bridge_1": R1, "current": 2e-5 + 0 * K}
        case(f"{byapp} {surplus} {end!r}", quantum_design(byapp, columns, end=end, surplus=surplus), expected)
columns = USUAL | {
    "Bridge 1 Resistivity (Ohm-m)": R1 * 1e-8, "Bridge 1 Std. Dev. (Ohm-m)": 2e-8 + 0 * K,
    "Number of Readings": 16 + 0 * K, "Bridge 1 Resistance (Ohms)": R1,
}  # fmt: skip
deviation = {"bridge_1": R1, "bridge_1_error": 0.5e-8 * 1e8 + 0 * K}
case("resistance and resistivity", quantum_design("Resistivity,1,1", columns), CONDITIONS | deviation)

for channel, unit, factor in product(("1", "2"), ("ohm-cm", "Ohm-cm", "ohm cm"), (1.0, 3.0)):
    values = R1 * 1e-3
    volts = values * 2e-3
    columns = USUAL | {
        "Excitation (mA)": 2 + 0 * K, "Frequency (Hz)": 93 + 0 * K, f"Volts ch{channel}": volts,
        f"Res. ch{channel} ({unit})": values * factor * 0.01 / 0.1, "Volts ch3": [None] * ROWS,
    }  # fmt: skip
    info = [f"INFO,0.1,SAMPLE{channel}_LEAD_SEPARATION", f"INFO,0.01,SAMPLE{channel}_CROSS_SECTION"]
    name = f"ACT {channel} {unit} {factor:g}"
    expected = CONDITIONS | {"R_xy": values, "current": 2e-3 + 0 * K, "frequency": 93 + 0 * K}
    if factor == 1.0:
        case(name, quantum_design("ACTRANSPORT,2.0,1.1", columns, info), expected, channels={channel: "R_xy"})
    no_volts = {n: v for n, v in columns.items() if not n.startswith("Volts")}
    by_size = expected | {"R_xy": values * factor}
    case(f"{name} by size", quantum_design("ACTRANSPORT,2,1", no_volts, info), by_size, channels={channel: "R_xy"})
    rho = {"rho_xy": values * factor * 1e-3}
    case(f"{name} rho", quantum_design("ACTRANSPORT,2,1", columns, info), rho, channels={channel: "rho_xy"})
    case(
        f"{name} without size", quantum_design("ACTRANSPORT,2,1", no_volts),
        f'channels = {{ {channel} = "rho_xy" }}', channels={channel: "R_xy"},
    )  # fmt: skip

for byapp in ("Electrical Transport Option, Release 1.1.4 Build 5", "Electrical Transport Option,1.0"):
    columns = USUAL | {
        "Resistance Ch1 (Ohms)": turns(R1, True), "Resistance Ch2 (Ohms)": turns(R2, False),
        "AC Current Ch1 (mA)": turns(1 + 0 * K, True), "AC Current Ch2 (mA)": turns(1 + 0 * K, False),
    }  # fmt: skip
    expected = CONDITIONS | {"R_xx": gaps(turns(R1, True)), "R_xy": gaps(turns(R2, False)), "current": 1e-3 + 0 * K}
    case(f"ETO {byapp}", quantum_design(byapp, columns), expected, channels={"1": "R_xx", "2": "R_xy"})

MOMENT = 1e-5 * (1 + K)
for byapp in ("VSM,2.0,3.0", "VSM,1.0,1.0", "MPMS3,1.0,1.1", "MPMS3 w/ AC,1.0,1.1", "SQUID VSM,1,1", "SQUID-VSM,1.0"):
    columns = USUAL | {"Moment (emu)": MOMENT, "M. Std. Err. (emu)": 1e-8 + 0 * K, "Frequency (Hz)": 13 + 0 * K}
    expected = CONDITIONS | {"moment": MOMENT * 1e-3, "moment_error": 1e-11 + 0 * K}
    case(f"moment {byapp}", quantum_design(byapp, columns), expected)
for byapp in ("MPMS3,1.0,1.1", "SQUID VSM,1,1"):
    columns = USUAL | {
        "Moment (emu)": [None] * ROWS, "DC Moment Free Ctr (emu)": MOMENT, "DC Moment Err Free Ctr (emu)": 1e-8 + 0 * K
    }  # fmt: skip
    case(
        f"free centre {byapp}", quantum_design(byapp, columns), {"moment": MOMENT * 1e-3, "moment_error": 1e-11 + 0 * K}
    )
for byapp in ("MPMS3 w/ AC,1.0,1.1", "ACMS II,1.0,1.0"):
    columns = USUAL | {
        "Moment (emu)": turns(MOMENT, True), "M. Std. Err. (emu)": turns(1e-8 + 0 * K, True),
        "AC Drive (Oe)": turns(4 + 0 * K, False), "AC Frequency (Hz)": turns(99 + 0 * K, False),
        "AC X'  (emu/Oe)": turns(-MOMENT, False), 'AC X" (emu/Oe)': turns(0.1 * MOMENT, False),
        "AC X' Std Err. (emu/Oe)": turns(1e-9 + 0 * K, False),
    }  # fmt: skip
    expected = CONDITIONS | {
        "moment": gaps(turns(MOMENT * 1e-3, True)), "ac_moment_in_phase": gaps(turns(-MOMENT * 4e-3, False)),
        "ac_moment_out_of_phase": gaps(turns(0.1 * MOMENT * 4e-3, False)), "frequency": 99.0 * (K % 2),
        "ac_moment_in_phase_error": gaps(turns(4e-12 + 0 * K, False)), "drive_amplitude": 4e-4 * (K % 2),
    }  # fmt: skip
    case(f"susceptibility {byapp}", quantum_design(byapp, columns), expected)
for byapp in (
    "MPMS,1,2",
    "MPMS Measurement,1.1,Summary",
    "MPMS-XL,1,1",
    "MPMS XL,1.0",
    "MPMS MultiVu Application,1.62",
):
    columns = {"Time": TIME, "Field (Oe)": OERSTED, "Temperature (K)": TEMPERATURE}
    scan = columns | {"Long Moment (emu)": MOMENT, "Long Scan Std Dev": 1e-8 + 0 * K, "Long Reg Fit": 0.99 + 0 * K}
    expected = CONDITIONS | {"moment": MOMENT * 1e-3, "moment_error": 1e-11 + 0 * K}
    case(f"extraction {byapp}", quantum_design(byapp, scan), expected)
    alternating = columns | {
        "m' (emu)": -MOMENT, 'm" (emu)': 0.1 * MOMENT, "m' Scan Std Dev": 1e-8 + 0 * K, 'm" Scan Std Dev': 2e-8 + 0 * K,
        "Drive Amplitude (Oe)": 3 + 0 * K, "Wave Frequency (Hz)": 10 + 0 * K,
    }  # fmt: skip
    expected = CONDITIONS | {
        "ac_moment_in_phase": -MOMENT * 1e-3, "ac_moment_out_of_phase": 1e-4 * MOMENT, "drive_amplitude": 3e-4 + 0 * K,
        "ac_moment_in_phase_error": 1e-11 + 0 * K, "ac_moment_out_of_phase_error": 2e-11 + 0 * K,
        "frequency": 10 + 0 * K,
    }  # fmt: skip
    case(f"alternating {byapp}", quantum_design(byapp, alternating), expected)
for byapp in ("ACMS,1.0,1.1", " ACMS, 1.0, 1.1"):
    columns = USUAL | {
        "Frequency (Hz)": turns(90 + 0 * K, True), "Amplitude (Oe)": turns(5 + 0 * K, True),
        "M-DC (emu)": turns(-MOMENT, False), "M-Std.Dev. (emu)": 1e-8 + 0 * K, "M' (emu)": turns(-2 * MOMENT, True),
        "M'' (emu)": turns(0.01 * MOMENT, True), "Moment (emu)": turns(2 * MOMENT, True),
        "Phase (deg)": turns(180 + 0 * K, True),
    }  # fmt: skip
    expected = CONDITIONS | {
        "moment": gaps(turns(-MOMENT * 1e-3, False)), "moment_error": gaps(turns(1e-11 + 0 * K, False)),
        "ac_moment_in_phase": gaps(turns(-2e-3 * MOMENT, True)),
        "ac_moment_out_of_phase": gaps(turns(1e-5 * MOMENT, True)),
        "frequency": 90.0 * (1 - K % 2), "drive_amplitude": 5e-4 * (1 - K % 2),
    }  # fmt: skip
    case(f"susceptometer {byapp}", quantum_design(byapp, columns), expected)
for byapp, (unit, si) in product(
    ("HeatCapacity,2.0,1.0", "Heat Capacity,1"),
    {"µJ/K": 1e-6, "mJ/mole-K": 1e-3, "J/mole-K": 1.0, "mJ/g-K": 1.0, "µJ/mg-K": 1.0}.items(),
):
    columns = {"Time Stamp (Seconds)": TIME, "Sample Temp (Kelvin)": TEMPERATURE, "Field (Oersted)": OERSTED}
    columns |= {f"Samp HC ({unit})": R1, f"Samp HC Err ({unit})": 0.1 + 0 * K}
    expected = CONDITIONS | {"heat_capacity": R1 * si, "heat_capacity_error": 0.1 * si + 0 * K}
    case(f"heat {byapp} {unit}", quantum_design(byapp, columns), expected)
for byapp in ("THERMAL_TRANSPORT,1.0,1.1", "Thermal Transport,1"):
    columns = {"Time Stamp (sec)": TIME, "Magnetic Field (Oe)": OERSTED, "Sample Temp. (K)": TEMPERATURE}
    columns |= {
        "Conductivity (W/K-m)": R1, "Cond. Std.Dev.": 0.1 + 0 * K, "Seebeck Coef. (µV/K)": -R1,
        "Seebeck Std.Dev.": 0.2 + 0 * K, "Resistivity (Ohm-m)": R1 * 1e-6, "Resist Std.Dev.": 1e-8 + 0 * K,
    }  # fmt: skip
    expected = CONDITIONS | {
        "thermal_conductivity": R1, "thermal_conductivity_error": 0.1 + 0 * K, "seebeck_coefficient": -R1 * 1e-6,
        "seebeck_coefficient_error": 2e-7 + 0 * K, "resistivity": R1 * 1e-6, "resistivity_error": 1e-8 + 0 * K,
    }  # fmt: skip
    case(f"heat flow {byapp}", quantum_design(byapp, columns), expected)

moments = USUAL | {"Moment (emu)": MOMENT}
for byapp in ("TORQUE,1.0", "He3,1", "Ultrasonic,2", ""):
    case(
        f"unknown option {byapp}",
        quantum_design(byapp, moments),
        "BYAPP: .*option that is not known|names no instrument",
    )
    case(f"said option {byapp}", quantum_design(byapp, moments), {"moment": MOMENT * 1e-3}, option="vsm")
    described = {"columns": {"torque": "Moment (emu)"}, "option": "other"}
    case(f"other option {byapp}", quantum_design(byapp, moments), CONDITIONS | {"torque": MOMENT * 1e-3}, **described)
case("moment of a resistivity option", quantum_design("Resistivity,1,1", moments), "no column of resistance has data")
case(
    "bridges of a magnetometer",
    quantum_design("VSM,1,1", USUAL | {"Bridge 1 Resistance (Ohms)": R1}),
    "no column of moment",
)
surplus = quantum_design("VSM,2,1", moments).rstrip("\n") + ",7,\n"
case("surplus value", surplus, r"line 18: the row has 7 cells")

# ---- delimited text: separators, decimal marks, spellings of units
ANGLE, OHM = 30.0 * K, 100 + 0.1 * K
SCAN = {"angle": ANGLE, "R_xx": OHM}
for separator, decimal in [(",", "."), ("\t", "."), (";", "."), ("|", "."), ("\t", ","), (";", ","), ("|", ",")]:
    text = delimited({"angle (deg)": ANGLE, "R_xx (Ohm)": OHM + 0.05}, separator, decimal)
    case(f"delimited {separator!r} {decimal}", text, SCAN | {"R_xx": OHM + 0.05})
for unit in ("Deg", "DEG", "deg", "degrees", "Degrees", "degree", "°", "deg."):
    case(f"angle in {unit}", delimited({f"Position ({unit})": ANGLE, "R_xx [Ohm]": OHM}), SCAN)
for unit, si in {
    "Oe": 1e-4, "OE": 1e-4, "Oersted": 1e-4, "kOe": 0.1, "KOE": 0.1, "G": 1e-4, "Gauss": 1e-4, "kG": 0.1, "mT": 1e-3,
    "T": 1.0, "Tesla": 1.0, "A/m": 1.25663706127e-6, "kA/m": 1.25663706127e-3, "A m^-1": 1.25663706127e-6,
}.items():  # fmt: skip
    case(f"field in {unit}", delimited({f"Field ({unit})": OERSTED, "R_xx (ohms)": OHM}), {"field": OERSTED * si})
for unit, si in {
    "emu": 1e-3, "EMU": 1e-3, "memu": 1e-6, "uemu": 1e-9, "µemu": 1e-9, "A m^2": 1.0, "Am2": 1.0, "A·m²": 1.0,
    "J/T": 1.0,
}.items():  # fmt: skip
    case(f"moment in {unit}", delimited({"Field (T)": TESLA, f"Moment ({unit})": OHM}), {"moment": OHM * si})
for unit, si in {
    "Ohm": 1.0,
    "OHMS": 1.0,
    "Ω": 1.0,
    "\u2126": 1.0,
    "mOhm": 1e-3,
    "kΩ": 1e3,
    "MOhm": 1e6,
    "uOhm": 1e-6,
}.items():
    case(f"resistance in {unit}", delimited({"Field (T)": TESLA, f"R_xx ({unit})": OHM}), {"R_xx": OHM * si})
for end in ("\n", "\r\n", "\r"):
    case(
        f"quoted line breaks {end!r}", delimited({"angle (deg)": ANGLE, "R_xx (Ohm)": OHM}, end=end, quoted=True), SCAN
    )
plain = delimited({"angle (deg)": ANGLE, "R_xx (Ohm)": OHM})
lines = plain.split("\n")
case("names again", "\n".join([*lines[:5], lines[0], *lines[5:9], lines[0], *lines[9:]]), SCAN)
case("names again and blanks", "\n".join([*lines[:5], " angle (deg) , R_xx (Ohm)", *lines[5:]]), SCAN)
case("other names below", "\n".join([*lines[:5], "angle (deg),R_xx (mOhm)", *lines[5:]]), "line 1 or 6|stand above")
for surplus in (",", ",,", ", ,"):
    case(f"surplus {surplus!r}", "\n".join([lines[0], *(f"{line}{surplus}" for line in lines[1:-1]), ""]), SCAN)
    case(f"surplus of one row {surplus!r}", "\n".join([*lines[:4], lines[4] + surplus, *lines[5:]]), SCAN)
case("surplus cell", "\n".join([*lines[:4], lines[4] + ",5", *lines[5:]]), "line 5: the row has 3 cells")
case("blanks", plain.replace(",", "  ,  "), SCAN)
case("unit in a cell", plain.replace("100.3", "100.3 Ohm"), "Write the number alone into this cell")

# ---- thousands
BIG = 1000.5 + 1234 * K
for mark, decimal, separator in [
    (",", ".", ";"),
    (".", ",", ";"),
    ("'", ".", ","),
    ("\u2019", ".", ","),
    ("\u202f", ",", ";"),
]:
    cells = [f"{v:,.1f}".replace(".", "!").replace(",", mark).replace("!", decimal) for v in BIG]
    rows = [f"{k}{separator}{cell}" for k, cell in enumerate(cells)]
    case(f"thousands {mark!r}", "\n".join([f"Field (Oe){separator}R_xx (Ohm)", *rows, ""]), {"R_xx": BIG})
whole = "\n".join(["Field (Oe);R_xx (Ohm)", *(f"{k};{1000 * (k + 1):,}" for k in K), ""])
case("thousands or decimals", whole, r'put decimal = "\." or decimal = "," in a description')
case("thousands said", whole, {"R_xx": 1000.0 * (K + 1)}, decimal=".")
case("decimals said", whole, {"R_xx": 1.0 * (K + 1)}, decimal=",")

# ---- conditions above the table
COLUMNS = {"angle (deg)": ANGLE, "R_xx (Ohm)": OHM}
for line, name, value in [
    ("current: 1.0 mA # source", "current", 1e-3), ("# current = 1.0 mA", "current", 1e-3),
    ("I: 0.1 mA", "current", 1e-4),
    ("field: 500 # mT", "field", 0.5), ("Field strength: 500 mT", "field", 0.5), ("H [kOe]: 20", "field", 2.0),
    ("T = 300 K", "temperature", 300.0), ("Temperature: 300 K ; at the sample", "temperature", 300.0),
    ("sample temperature: 20 °C", "temperature", 293.15), ("Frequency: 17.13 Hz", "frequency", 17.13),
    ("Source current: -2 uA // reversed", "current", -2e-6), ("bias_current: 2 uA", "current", 2e-6),
]:  # fmt: skip
    case(f"above: {line}", delimited(COLUMNS, above=[line]), SCAN | {name: value + 0 * K})
for line in ("current: 1.0", "field: high # mT", "sample: 5 nm Pt", "magnet current: 5 A", "T: 300 V"):
    case(
        f"above: {line}", delimited(COLUMNS, above=[line]), SCAN | {"current": None, "field": None, "temperature": None}
    )
case("above twice", delimited(COLUMNS, above=["current: 1 mA", "source current: 2 mA"]), SCAN | {"current": None})

# ---- loggers
parameters = {"Field strength": "500 mT", "Source current": "1.0 mA", "Averages": "5"}
columns = {"field_azimuth": ANGLE, "X1 (V)": OHM, "R_xx (ohm)": OHM}
case("PyMeasure without unit", pymeasure(columns, parameters), 'angle = { column = "field_azimuth", unit = "deg" }')
azimuth = {"angle": {"column": "field_azimuth", "unit": "deg"}}
expected = SCAN | {"X1": OHM, "field": 0.5 + 0 * K, "current": 1e-3 + 0 * K}
case("PyMeasure", pymeasure(columns, parameters), expected, columns=azimuth)
holes = pymeasure({"Field (T)": TESLA, "R_xx (ohm)": OHM, "R_xy (ohm)": R1}, parameters).replace(",100.5,", ",nan,")
case("PyMeasure with nan", holes, {"R_xx": np.where(K == 5, np.nan, OHM), "R_xy": R1})
for labels, keywords in (
    (("Angle (deg)", "R_xx (Ohm)"), {}),
    (("Angle", "Resistance"), {"columns": {**azimuth, "R_xx": {"column": "Resistance", "unit": "Ohm"}}}),
):
    case(f"QCoDeS {labels}", qcodes({"field_azimuth": ANGLE, "sample_R": OHM}, labels), SCAN, **keywords)
case(
    "QCoDeS without units",
    qcodes({"angle_set": ANGLE, "lockin_X": OHM}, ("Angle", "Lock-in X")),
    '"lockin_X", unit = "V"',
)
for decimal, separator in ((".", "\t"), (",", "\t"), (".", ",")):
    text = labview({"X_Value": TIME, "R_xx": OHM, "Field": OERSTED}, ["Ohm", "Oe"], decimal, separator)
    case(f"LabVIEW {decimal} {separator!r}", text, {"time": TIME, "R_xx": OHM, "field": TESLA})
text = labview({"X_Value": TIME, "R_xx": OHM, "Field": OERSTED}, ["Ohm", "Oe"], clock=(5.0, 0.5))
case("LabVIEW without a column of time", text, {"time": 5 + 0.5 * K, "R_xx": OHM, "field": TESLA})
case(
    "LabVIEW segments",
    labview({"X_Value": TIME, "R_xx": OHM}, ["Ohm"], segments=2),
    "each segment into a file of its own",
)
text = labview({"X_Value": TIME, "R_xx": OHM, "Field": OERSTED}, [])
case("LabVIEW without units", text, 'R_xx = { column = "R_xx", unit = "Ohm" }')
for mark, (field, moment) in product(
    ("##DATA TABLE", "***DATA***"), [("Field [Oe]", "Moment (m) [emu]"), ("Field(Oe)", "Moment(emu)")]
):
    columns = {"Step": 1 + 0 * K, field: OERSTED, moment: MOMENT, "Time Stamp [s]": TIME}
    case(
        f"Lake Shore {mark} {moment}",
        lake_shore(columns, mark),
        {"field": TESLA, "moment": MOMENT * 1e-3, "time": TIME},
    )

# ---- a description adds
both = delimited({"Field (Oe)": OERSTED, "Temperature (K)": TEMPERATURE, "Resistance (Ohm)": R1, "Extra": R2})
added = {"field": TESLA, "temperature": TEMPERATURE, "R_xy": R1, "Extra": R2}
case("one column named", both, added, columns={"R_xy": "Resistance (Ohm)"})
case("a condition named", both, added | {"field": TEMPERATURE, "temperature": None}, columns={
    "field": {"column": "Temperature (K)", "unit": "T", "override": True}, "R_xy": "Resistance (Ohm)"})  # fmt: skip
case("a constant for a column", both, added | {"temperature": 7 + 0 * K}, constants={"temperature": "7 K"}, columns={
    "R_xy": "Resistance (Ohm)"})  # fmt: skip
case("holes elsewhere", both.replace(",-0.3", ",").replace(",-0.28", ",n.a."), added | {"Extra": None}, columns={
    "R_xy": "Resistance (Ohm)"})  # fmt: skip


def test_the_corpus_is_large():
    assert len(CASES) >= 120
    assert {option.name for option in OPTIONS} <= {
        "resistivity", "ac transport", "electrical transport", "vsm", "mpms3", "squid vsm", "mpms", "acms", "acms ii",
        "heat capacity", "thermal transport", "other",
    }  # fmt: skip


@pytest.mark.study(but_first=1)
@pytest.mark.filterwarnings("ignore:field goes up")
@pytest.mark.parametrize("name", CASES)
def test_read_right_or_refused_for_the_right_reason(name, tmp_path):
    content, keywords, expected = CASES[name]
    path = tmp_path / "file.dat"
    path.write_bytes(content.encode())
    if isinstance(expected, str):
        with pytest.raises(MeasurementError, match=f"(?s){expected}"):
            read(path, **keywords)
        return
    data = read(path, **keywords)
    assert data.sizes["point"] == ROWS
    for quantity, values in expected.items():
        if values is None:
            assert quantity not in data.variables
        else:
            np.testing.assert_allclose(data[quantity].values, values, rtol=1e-9, atol=1e-12 * np.nanmax(np.abs(values)))
    if not keywords:
        assert inspect(path).refused == {}


def notes(data):
    return json.loads(data.attrs["metadata"])["notes"]


def test_two_ways_to_a_resistance_that_disagree_are_told_with_both_numbers(tmp_path):
    columns = USUAL | {"Excitation (mA)": 1 + 0 * K, "Volts ch1": R1 * 1e-3, "Res. ch1 (ohm-cm)": R1 * 0.02}
    info = ["INFO,0.1,SAMPLE1_LEAD_SEPARATION", "INFO,0.001,SAMPLE1_CROSS_SECTION"]
    path = tmp_path / "act.dat"
    path.write_text(quantum_design("ACTRANSPORT,2,1", columns, info))
    with pytest.warns(UserWarning, match=r"R_xx in line 9 is 1.5 Ohm by volts over excitation \(taken\), but 3 Ohm by"):
        data = read(path, channels={"1": "R_xx"})
    np.testing.assert_allclose(data.R_xx, R1)
    assert "R_xx is volts over excitation" in notes(data)
    assert any(
        "3 Ohm by the resistivity times 0.001 m (lead separation) over 1e-07 m^2" in note for note in notes(data)
    )


def test_sizes_that_agree_within_a_percent_pass_without_a_word(tmp_path):
    for off, warned in ((1.009, 0), (1.011, 1)):
        columns = USUAL | {"Excitation (mA)": 1 + 0 * K, "Volts ch1": R1 * 1e-3, "Res. ch1 (ohm-cm)": R1 * 0.01 / off}
        info = ["INFO,0.1,SAMPLE1_LEAD_SEPARATION", "INFO,0.001,SAMPLE1_CROSS_SECTION"]
        path = tmp_path / "act.dat"
        path.write_text(quantum_design("ACTRANSPORT,2,1", columns, info))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            read(path)
        assert len(caught) == warned


def test_what_a_description_overrides_is_said(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(delimited({"Field (Oe)": OERSTED, "Set field (Oe)": OERSTED + 1, "R_xx (Ohm)": OHM}))
    assert notes(read(path)) == []
    said = read(path, columns={"field": "Set field (Oe)"})
    np.testing.assert_allclose(said.field, (OERSTED + 1) * 1e-4)
    assert notes(said) == ["field from 'Set field (Oe)', as described, in place of 'Field (Oe)'"]
    path.write_text(
        quantum_design("MPMS3,1,1", USUAL | {"Moment (emu)": MOMENT, "DC Moment Free Ctr (emu)": 2 * MOMENT})
    )
    free = read(path, columns={"moment": "DC Moment Free Ctr (emu)"})
    assert notes(free)[-1] == "moment from 'DC Moment Free Ctr (emu)', as described, in place of 'Moment (emu)'"
    assert float(free.moment[0]) == pytest.approx(2e-8)


def test_errors_of_an_overridden_moment_are_not_kept(tmp_path):
    path = tmp_path / "file.dat"
    columns = USUAL | {
        "Moment (emu)": MOMENT,
        "M. Std. Err. (emu)": 1e-8 + 0 * K,
        "DC Moment Free Ctr (emu)": 2 * MOMENT,
    }
    path.write_text(quantum_design("MPMS3,1,1", columns))
    assert "moment_error" in read(path)
    assert "moment_error" not in read(path, columns={"moment": "DC Moment Free Ctr (emu)"})


@pytest.mark.parametrize("key", ["missing", "constants", "attributes", "option"])
def test_python_takes_the_keys_of_a_description(key, tmp_path):
    given = {"missing": ["---"], "constants": {"temperature": "4 K"}, "attributes": {"plane": "beta"}, "option": "vsm"}[
        key
    ]
    path = tmp_path / "file.csv"
    path.write_text(delimited({"Field (T)": TESLA, "R_xx (Ohm)": OHM}))
    if key == "attributes":  # they are keywords of their own
        with pytest.raises(MeasurementError, match="attributes: there is no such attribute"):
            read(path, attributes=given)
        return
    data = read(path, **{key: given})
    assert json.loads(data.attrs["history"])[0]["parameters"]["description"] == {key: given}


def test_a_described_bridge_is_not_read_twice(tmp_path):
    path = tmp_path / "file.dat"
    columns = USUAL | {"Bridge 1 Resistance (Ohms)": R1, "Bridge 2 Resistance (Ohms)": R2}
    path.write_text(quantum_design("Resistivity,1,1", columns))
    data = read(path, columns={"R_xx": "Bridge 1 Resistance (Ohms)"})
    assert set(data.data_vars) == {"R_xx", "bridge_2"}


def test_marks_between_thousands_that_begin_far_down_are_refused(tmp_path):
    path = tmp_path / "file.csv"
    rows = [f"{k};{k % 900}.5" for k in range(500)]
    path.write_text("\n".join(["Field (Oe);R_xx (Ohm)", *rows, "500;1,234.5", ""]))
    with pytest.raises(MeasurementError, match=r'line 502, .* got .1,234.5.*put decimal = "\." in a description'):
        read(path)
    assert float(read(path, decimal=".").R_xx[-1]) == 1234.5  # the advice can be followed


@pytest.mark.parametrize("columns", [{}, {"Sample Position (deg)": 0 * K}, {"Sample Position (deg)": 5.0 * K}])
def test_a_position_that_stays_zero_is_no_angle(columns, tmp_path):
    path = tmp_path / "file.dat"
    path.write_text(quantum_design("Resistivity,1,1", USUAL | columns | {"Bridge 1 Resistance (Ohms)": R1}))
    turned = any(np.any(v) for v in columns.values())
    assert ("angle" in read(path).coords) is turned
    assert ("angle" in [c.role for c in inspect(path).columns]) is turned


def test_a_value_of_the_header_may_take_the_place_of_a_column(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(delimited({"Field (Oe)": OERSTED, "R_xx (Ohm)": OHM}, above=["set field: 2 T"]))
    data = read(path, from_header={"field": "set field"})
    assert (data.field == 2).all()
    assert notes(data) == ["field as described, in place of column 'Field (Oe)'"]


def test_arguments_go_before_the_description(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(delimited({"Field (T)": TESLA, "first (Ohm)": R1, "second (Ohm)": R2}))
    data = read(path, {"columns": {"R_xy": "first (Ohm)", "R_xx": "second (Ohm)"}}, columns={"R_xy": 3})
    np.testing.assert_allclose(data.R_xy, R2)
    np.testing.assert_allclose(data.R_xx, R2)
