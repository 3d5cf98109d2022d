"""Van der Pauw's method against the exact potential of a disk, its errors against generated measurements."""

import re

import numpy as np
import pytest
import xarray as xr
from disk import disk
from scipy import stats

from spinstack.cli import main
from spinstack.measure.cleaning import combine_contacts
from spinstack.measure.four_contacts import sheet_resistance
from spinstack.measure.measurement import MeasurementError, history
from spinstack.measure.measurement import measurement as made
from spinstack.measure.restore import replay
from spinstack.measure.sweeps import hall_slope, interval, van_der_pauw
from spinstack.study import analyze
from spinstack.text.document import SampleError

SHEET = 83.0
LONGITUDINAL = ("R_12_43", "R_34_21", "R_23_14", "R_41_32")


def measurement(readings, conditions=None):
    return made(readings, conditions or {})


def edge(*degrees):
    return np.exp(1j * np.deg2rad(degrees))


SKEW = edge(0, 70, 205, 290)


def value(found, name):
    return float(found["value"].sel(parameter=name))


def error(found, name):
    return float(found["error"].sel(parameter=name))


def columns(names, places=SKEW, rows=1, **more):
    R = disk(places, SHEET)
    return {name: np.full(rows, R[name]) for name in names} | more


def test_any_four_points_on_the_edge_give_the_sheet_resistance():
    rng = np.random.default_rng(0)
    for _ in range(20):
        R = disk(edge(*np.sort(rng.uniform(0, 360, 4))), SHEET)
        found, *_ = sheet_resistance(R["R_12_43"], R["R_23_14"])
        assert found == pytest.approx(SHEET, rel=1e-10)
    assert sheet_resistance(1.0, 1.0)[0] == pytest.approx(np.pi / np.log(2), rel=1e-14)
    # one pair of sides almost shorted: R_s approaches pi R_A/ln(R_A/R_B)-like laws, and the equation still holds
    for ratio in (1e-9, 1e-3, 1.0, 1e4):
        R = sheet_resistance(1.0, ratio)[0]
        assert np.exp(-np.pi / R) + np.exp(-np.pi * ratio / R) == pytest.approx(1.0, abs=1e-12)


def test_slopes_are_those_of_the_equation():
    at, step = np.array([3.0, 11.0]), 1e-5
    R, *slopes = sheet_resistance(*at)
    for i, slope in enumerate(slopes):
        up, down = (sheet_resistance(*(at + sign * step * np.eye(2)[i]))[0] for sign in (1, -1))
        assert slope == pytest.approx((up - down) / (2 * step), rel=1e-8)
    assert at @ slopes == pytest.approx(R)  # of first degree


@pytest.mark.parametrize("turned", [1, -1])
def test_all_connections_in_any_convention(turned):
    R = disk(SKEW, SHEET)
    names = [n for n in R if (int(n[2]) - int(n[3])) % 2]
    assert len(names) == 16
    data = measurement({n: turned * R[n] * np.ones(3) for n in names if n[5] != "1"}, {"temperature": 300.0})
    found = van_der_pauw(data, film_thickness=5e-9)
    assert value(found, "sheet_resistance") == pytest.approx(SHEET, rel=1e-10)
    assert value(found, "resistivity") == pytest.approx(SHEET * 5e-9, rel=1e-10)
    assert value(found, "R_A") == pytest.approx(R["R_12_43"], rel=1e-10)
    assert value(found, "R_B") == pytest.approx(R["R_23_14"], rel=1e-10)
    assert value(found, "ratio") == pytest.approx(R["R_12_43"] / R["R_23_14"], rel=1e-10)
    for name in ("polarity_A", "polarity_B", "reciprocity_A", "reciprocity_B"):
        assert value(found, name) == pytest.approx(0.0, abs=1e-10)
    assert found.attrs["temperature"] == 300.0
    assert "freedom" in found


def test_two_files_of_one_reading_each():
    R, rng = disk(SKEW, SHEET), np.random.default_rng(1)
    one, two = (
        measurement({"R_xx": R[n] + 0.01 * rng.standard_normal(20)}, {"temperature": 4.0}) for n in LONGITUDINAL[1:3]
    )
    found = van_der_pauw(one, two)
    assert value(found, "sheet_resistance") == pytest.approx(SHEET, abs=4 * error(found, "sheet_resistance"))
    assert error(found, "sheet_resistance") < 0.02
    assert found.attrs["temperature"] == 4.0


def test_any_number_of_files_of_one_reading_each():
    R, rng = disk(SKEW, SHEET), np.random.default_rng(1)
    one, *rest = (
        measurement({"R_xx": R[n] + 0.01 * rng.standard_normal(rows)}, {"temperature": 4.0})
        for n, rows in zip(LONGITUDINAL, (20, 5, 9, 12), strict=True)
    )
    found = van_der_pauw(one, dict(zip(LONGITUDINAL[1:], rest, strict=True)))
    together = {n: d.R_xx.values for n, d in zip(LONGITUDINAL, (one, *rest), strict=True)}
    for name, (first, second) in {"R_A": LONGITUDINAL[:2], "R_B": LONGITUDINAL[2:]}.items():
        means = [together[n].mean() for n in (first, second)]
        errors = [together[n].std(ddof=1) / np.sqrt(together[n].size) for n in (first, second)]
        assert value(found, name) == pytest.approx(np.mean(means))
        if "differs" not in found.attrs.get("warnings", ""):
            assert error(found, name) == pytest.approx(np.hypot(*errors) / 2)
    assert np.isfinite(found["freedom"].sel(parameter="R_A"))  # errors of few rows stay those of few rows
    assert list(found["connection"].values) == list(LONGITUDINAL)
    np.testing.assert_allclose(found["measured"], [together[n].mean() for n in LONGITUDINAL])
    np.testing.assert_allclose(found["fitted"], [value(found, "R_A")] * 2 + [value(found, "R_B")] * 2)
    assert list(found["side"].values) == ["A", "A", "B", "B"]
    # a single reading of each has no error, as in one file
    lone = [d.isel(point=[0]) for d in (one, *rest)]
    assert "no error" in van_der_pauw(lone[0], lone[2]).attrs["warnings"]
    for other in ({"R_xx": one}, {"R_12_43": one}, {}, {"R_23_14": 1.0}):
        with pytest.raises(MeasurementError, match="R_23_14"):
            van_der_pauw(one, other)
    with pytest.raises(MeasurementError, match="temperature"):
        van_der_pauw(one, rest[1].assign_coords(temperature=("point", np.full(9, 77.0))))


def study(count, kind):
    rng = np.random.default_rng(7)
    rows = 1 if kind == "connections" else 8
    names = [*LONGITUDINAL, "R_21_34", "R_43_12", "R_32_41", "R_14_23"] if kind == "connections" else LONGITUDINAL
    inside, z = np.zeros((2, 3 + (kind != "connections"))), []
    for _ in range(count):
        R = disk(edge(*(np.array([0, 90, 180, 270]) + rng.uniform(-25, 25, 4))), SHEET)
        sigma = 0.05 * rng.uniform(0.5, 2, 4)
        sigma = np.full(8, 0.05) if kind == "connections" else sigma
        readings = {n: R[n] + s * rng.standard_normal(rows) for n, s in zip(names, sigma, strict=True)}
        if kind == "stated":
            readings |= {f"{n}_error": np.full(rows, s) for n, s in zip(names, sigma, strict=True)}
        found = van_der_pauw(measurement(readings))
        truth = {"sheet_resistance": SHEET, "R_A": R["R_12_43"], "ratio": R["R_12_43"] / R["R_23_14"]}
        if kind != "connections":  # there the differences make the error
            truth["reciprocity_B"] = 0.0
        for i, level in enumerate((0.6827, 0.95)):
            for j, (name, true) in enumerate(truth.items()):
                low, high = interval(found, name, level)
                inside[i, j] += low < true < high
        z.append((value(found, "sheet_resistance") - SHEET) / error(found, "sheet_resistance"))
    return inside / count, np.array(z)


@pytest.mark.study
@pytest.mark.parametrize("kind", ["stated", "scatter", "connections"])
@pytest.mark.parametrize("count", [60, 1000])
def test_errors_cover_the_truth(count, kind):
    inside, z = study(count, kind)
    allowed = 4 / np.sqrt(count)
    assert np.all(np.abs(inside[0] - 0.6827) < 0.03 + allowed * 0.47)
    assert np.all(np.abs(inside[1] - 0.95) < 0.015 + allowed * 0.22)
    assert abs(z.mean()) < allowed * z.std()


def test_stated_errors_by_hand():
    e = dict(zip(LONGITUDINAL, (0.03, 0.01, 0.02, 0.05), strict=True))
    data = columns(LONGITUDINAL) | {f"{n}_error": [s] for n, s in e.items()}
    found = van_der_pauw(measurement(data), contact_size=0.1e-3, sample_size=2e-3)
    R = disk(SKEW, SHEET)
    a, b = R["R_12_43"], R["R_23_14"]
    of_a, of_b = np.hypot(0.03, 0.01) / 2, np.hypot(0.02, 0.05) / 2
    assert error(found, "R_A") == pytest.approx(of_a)
    assert error(found, "R_B") == pytest.approx(of_b)
    assert error(found, "ratio") == pytest.approx(np.hypot(of_a / b, of_b * a / b**2))
    assert error(found, "reciprocity_A") == pytest.approx(2 * of_a / a)
    steps = [(sheet_resistance(a + x, b + y)[0] - SHEET) / 1e-6 for x, y in ((1e-6, 0), (0, 1e-6))]
    assert error(found, "sheet_resistance") == pytest.approx(np.hypot(steps[0] * of_a, steps[1] * of_b), rel=1e-5)
    # both polarities of one pair: means of two readings are compared with the one of the other pair
    more = van_der_pauw(measurement(data | {"R_21_34": [a], "R_21_34_error": [0.04]}))
    assert error(more, "reciprocity_A") == pytest.approx(np.hypot(np.hypot(0.03, 0.04) / 2, 0.01) / a)
    assert error(more, "polarity_A") == pytest.approx(np.hypot(0.03, 0.04) / a)
    # reciprocal connections alone tell nothing of the polarity
    other = van_der_pauw(measurement(columns(("R_12_43", "R_43_12", "R_23_14"), rows=4)))
    assert "reciprocity_A" in other["parameter"]
    assert "polarity_A" not in other["parameter"]
    assert error(found, "sheet_resistance") < found.attrs["contact_bound"] * SHEET
    assert "contacts of finite size" in found.attrs["warnings"]
    rough = measurement(data | {f"{n}_error": [9.0] for n in LONGITUDINAL})
    assert "warnings" not in van_der_pauw(rough, contact_size=0.1e-3, sample_size=2e-3).attrs


def test_disagreement_is_the_error_where_no_other_is_told():
    a, b = (disk(SKEW, SHEET)[n] for n in ("R_12_43", "R_23_14"))
    found = van_der_pauw(
        measurement({"R_12_43": [a + 0.3], "R_34_21": [a - 0.3], "R_23_14": [b + 0.1], "R_41_32": [b - 0.1]})
    )
    one = np.sqrt((2 * 0.3**2 + 2 * 0.1**2) / 2)  # two differences, two degrees of freedom
    assert error(found, "R_A") == pytest.approx(one / np.sqrt(2))
    assert float(found["freedom"].sel(parameter="sheet_resistance")) == 2
    assert value(found, "sheet_resistance") == pytest.approx(SHEET)


def test_connections_that_disagree_are_told_and_widen_the_error():
    rng = np.random.default_rng(3)
    data = {n: v + 0.01 * rng.standard_normal(20) for n, v in columns(LONGITUDINAL, rows=20).items()}
    good = van_der_pauw(measurement(data))
    assert "warnings" not in good.attrs
    bad = van_der_pauw(measurement(data | {"R_34_21": 1.05 * data["R_34_21"]}))
    assert "reciprocal" in bad.attrs["warnings"]
    assert error(bad, "sheet_resistance") > 10 * error(good, "sheet_resistance")
    assert abs(value(bad, "sheet_resistance") - SHEET) < 1.5 * error(bad, "sheet_resistance")
    offset = van_der_pauw(measurement(data | {"R_21_34": data["R_12_43"] + 1.0}))
    assert "signs of the current" in offset.attrs["warnings"]


def test_one_reading_of_each_has_no_error_and_says_so():
    found = van_der_pauw(measurement(columns(("R_12_43", "R_23_14"))))
    assert value(found, "sheet_resistance") == pytest.approx(SHEET)
    assert np.isnan(error(found, "sheet_resistance"))
    assert "no error" in found.attrs["warnings"]
    long = van_der_pauw(measurement(columns(("R_12_43", "R_23_14"), edge(0, 20, 180, 200))))
    assert "position of the contacts" in long.attrs["warnings"]


def test_contacts_that_reach_inside_are_within_their_bound():
    """Point contacts at a depth d below the edge: the measured value is too small by the bound (D = 2)."""
    ring = edge(0, 90, 180, 270)
    for depth in (0.02, 0.1, 0.2):
        R = disk((1 - depth) * ring, SHEET)
        data = measurement({n: [R[n]] for n in ("R_12_43", "R_23_14")})
        found = van_der_pauw(data, contact_size=depth * 1e-3, sample_size=2e-3)
        bound = found.attrs["contact_bound"]
        short = 1 - value(found, "sheet_resistance") / SHEET
        assert short == pytest.approx(bound, rel=1e-9)
        # four times that of one contact, van der Pauw 1958
        assert bound == pytest.approx(4 * depth**2 / (2 * 2**2 * np.log(2)), rel=1.1 * depth)


@pytest.mark.parametrize(
    ("readings", "more", "says"),
    [
        ({"R_xx": [1.0]}, {}, "four contacts"),
        ({"R_12_43": [1.0]}, {}, "both pairs"),
        ({"R_13_24": [1.0]}, {}, "both pairs"),
        ({"R_12_43": [1.0], "R_23_14": [-1.0]}, {}, "R_23_14"),
        ({"R_12_43": [1.0], "R_23_14": [1.0]}, {"contact_size": 1e-4}, "sample_size"),
        ({"R_12_43": [1.0], "R_23_14": [1.0]}, {"contact_size": 1e-3, "sample_size": 2e-3}, "sixth"),
    ],
)
def test_what_cannot_be_is_refused(readings, more, says):
    with pytest.raises(MeasurementError, match=says):
        van_der_pauw(measurement(readings), **more)


def test_settings_are_not_mixed():
    rows = np.repeat([4.0, 100.0], 10)
    with pytest.raises(MeasurementError, match="split"):
        van_der_pauw(measurement(dict.fromkeys(LONGITUDINAL, rows), {"temperature": rows}))


def test_hall_and_sheet_resistance_of_every_row():
    """Misalignment with a magnetoresistance of its own goes by reciprocity, at every field and for either polarity."""
    field = np.linspace(-1, 1, 21)
    R = [disk(SKEW, SHEET * (1 + 0.1 * B**2 + 0.01 * abs(B)), hall=0.3 * B) for B in field]
    names = ("R_13_24", "R_24_13", "R_31_42", "R_42_31", *LONGITUDINAL)
    data = measurement({n: [one[n] for one in R] for n in names}, {"field": field})
    out = combine_contacts(data)
    np.testing.assert_allclose(out.R_xy, 0.3 * field, atol=1e-12)
    np.testing.assert_allclose(out.R_xx, SHEET * (1 + 0.1 * field**2 + 0.01 * abs(field)), rtol=1e-12)
    # the diagonals read M + R_xy and M - R_xy
    M = np.mean(data["R_13_24"].values + data["R_24_13"].values) / 2
    assert f"misalignment {abs(float(M)):.4g} Ohm" in history(out)[-1]["remark"].replace("-", "")
    assert value(hall_slope(out, even=()), "slope") == pytest.approx(0.3)
    lone = combine_contacts(data[["R_13_24"]])
    assert value(hall_slope(lone, even=(0, 1, 2)), "slope") == pytest.approx(0.3)
    assert abs(lone.R_xy.values[10]) > 1.0
    # V_l - V_k throughout is seen in the longitudinal readings
    np.testing.assert_allclose(combine_contacts(-data).R_xy, out.R_xy, atol=1e-12)


def test_errors_of_rows():
    rng = np.random.default_rng(5)
    R = disk(SKEW, SHEET, hall=0.3)
    sigma = dict(zip(("R_13_24", "R_24_13", *LONGITUDINAL[:3]), (0.01, 0.03, 0.02, 0.05, 0.04), strict=True))
    rows = {n: R[n] + s * rng.standard_normal(4000) for n, s in sigma.items()}
    out = combine_contacts(measurement(rows | {f"{n}_error": np.full(4000, s) for n, s in sigma.items()}))
    for name, truth in (("R_xy", 0.3), ("R_xx", SHEET)):
        pull = (out[name].values - truth) / out[f"{name}_error"].values
        assert abs(pull.mean()) < 0.08
        assert pull.std() == pytest.approx(1.0, abs=0.05)
        assert stats.kstest(pull, "norm").pvalue > 1e-3


def test_connections_of_several_files_are_told_at_the_rows_of_the_first():
    def run(name, field, noise=None):
        R = [disk(SKEW, SHEET * (1 + 0.02 * B), hall=0.3 * B)[name] for B in field]
        readings = {"R_xx": R} if noise is None else {"R_xx": R, "R_xx_error": np.full(len(R), noise)}
        return measurement(readings, {"field": field, "temperature": 4.0})

    field, there = np.linspace(0, 1, 21), np.linspace(0, 1, 11)
    names = (*LONGITUDINAL[1:], "R_13_24", "R_24_13")
    out = combine_contacts(run("R_12_43", field), {n: run(n, there) for n in names})
    np.testing.assert_allclose(out.R_xx, SHEET * (1 + 0.02 * field), rtol=1e-6)
    np.testing.assert_allclose(out.R_xy, 0.3 * field, atol=1e-12)
    np.testing.assert_allclose(out.R_12_43, [disk(SKEW, SHEET * (1 + 0.02 * B))["R_12_43"] for B in field])
    assert "interpolated in field" in history(out)[-1]["remark"]
    short = combine_contacts(run("R_12_43", field), {n: run(n, 1.02 * there[:6]) for n in names})
    assert short.sizes["point"] == 12  # ends may be passed by half a distance
    assert "9 rows dropped" in history(short)[-1]["remark"]
    # errors: four connections by R_xx, two by R_xy
    sure = combine_contacts(run("R_12_43", field, 0.3), {n: run(n, field, 0.1) for n in names})
    (a, b), s = (disk(SKEW, SHEET)[n] for n in ("R_12_43", "R_23_14")), 1e-6
    slopes = [(sheet_resistance(a + x, b + y)[0] - SHEET) / s for x, y in ((s, 0), (0, s))]
    expected = np.hypot(slopes[0] * np.hypot(0.3, 0.1) / 2, slopes[1] * np.hypot(0.1, 0.1) / 2)
    assert float(sure.R_xx_error[0]) == pytest.approx(expected, rel=1e-4)
    np.testing.assert_allclose(sure.R_xy_error, np.hypot(0.1, 0.1) / 2)
    # between two rows of another file its error is smaller by sqrt(2); rows of the first stay at their fields
    late = combine_contacts(run("R_12_43", field, 0.3), {n: run(n, there[5:], 0.1) for n in names})
    np.testing.assert_allclose(late.field[-11:], field[10:])
    np.testing.assert_allclose(late.R_12_43, [disk(SKEW, SHEET * (1 + 0.02 * B))["R_12_43"] for B in late.field.values])
    np.testing.assert_allclose(late.R_23_14_error[-3:], [0.1, 0.1 / np.sqrt(2), 0.1])
    others = {n: run(n, there).assign_attrs(source=n) for n in names}
    again = combine_contacts(run("R_12_43", field), others)
    assert replay(run("R_12_43", field), history(again), others).identical(again)
    with pytest.raises(MeasurementError, match=r"other\.R_34_21"):
        replay(run("R_12_43", field), history(again))
    with pytest.raises(MeasurementError, match="R_xx_error"):
        combine_contacts(run("R_12_43", field, 0.1), {"R_23_14": run("R_23_14", field)})
    apart = {"R_23_14": run("R_23_14", field[:8]), "R_34_21": run("R_34_21", field[12:])}
    with pytest.raises(MeasurementError, match="cover no row"):
        combine_contacts(run("R_12_43", field), apart)


FILE = """
spinstack = 1
[[file]]
path = "cross.csv"
film_thickness = "5 nm"
[[step]]
do = "split"
[[step]]
do = "combine_contacts"
[[analysis]]
do = "van_der_pauw"
contact_size = "20 um"
sample_size = "5 mm"
[[analysis]]
do = "amplitude_table"
of = "van_der_pauw"
against = "temperature"
"""


def test_an_analysis_file_gives_the_sheet_resistance_against_temperature(tmp_path):
    rng = np.random.default_rng(8)
    lines = ["Temperature (K)," + ",".join(f"{n} (mOhm)" for n in LONGITUDINAL)]
    for T, sheet in ((10.0, 50.0), (100.0, 90.0)):
        R = disk(SKEW, sheet)
        for _ in range(6):
            cells = [f"{1e3 * R[n] + rng.standard_normal():.4f}" for n in LONGITUDINAL]
            lines.append(",".join([f"{T + 0.01 * rng.standard_normal():.3f}", *cells]))
    (tmp_path / "cross.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "cross.toml").write_text(FILE)
    run = analyze(tmp_path / "cross.toml")
    assert not run.failures
    table = run.of_kind("results")["amplitude_table"]
    np.testing.assert_allclose(table["temperature"], [10.0, 100.0], atol=0.02)
    np.testing.assert_allclose(table["sheet_resistance"], [50.0, 90.0], atol=0.01)
    assert np.all(table["sheet_resistance_error"] < 5e-3)
    np.testing.assert_allclose(table["resistivity"], [250e-9, 450e-9], rtol=2e-4)
    part = run.of_kind("measurements")["cross_10K"]
    np.testing.assert_allclose(part["R_xx"], 50.0, atol=0.02)


FILES = """
spinstack = 1
[[file]]
path = "R_*.csv"
[[step]]
do = "combine_contacts"
files = "R_12_43"
other = { R_34_21 = "R_34_21", R_23_14 = "R_23_14", R_41_32 = "R_41_32" }
[[step]]
do = "split"
files = "R_12_43"
[[analysis]]
do = "van_der_pauw"
files = "R_12_43_*"
[[analysis]]
do = "amplitude_table"
of = "van_der_pauw"
against = "temperature"
figure = "measured_contacts"
[output]
figures = ["svg"]
"""


@pytest.mark.study
def test_an_analysis_file_takes_the_connections_from_four_files(tmp_path):
    rng = np.random.default_rng(8)
    for name in LONGITUDINAL:
        lines = ["Temperature (K),R_xx (mOhm)"]
        for T, sheet in ((10.0, 50.0), (100.0, 90.0)):
            R = disk(SKEW, sheet)[name]
            lines += [f"{T + 0.02 * k},{1e3 * R * (1 + 1e-5 * rng.standard_normal()):.5f}" for k in range(-2, 3)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "cross.toml").write_text(FILES)
    assert main(["analyze", str(tmp_path / "cross.toml"), "-o", str(tmp_path / "out")]) == 0
    table = xr.load_dataset(tmp_path / "out/results/amplitude_table.nc", engine="h5netcdf")
    np.testing.assert_allclose(table["sheet_resistance"], [50.0, 90.0], rtol=1e-4)
    assert np.all(np.abs(table["reciprocity_A"]) < 1e-4)
    for other, said in (
        ('{ R_34_21 = "R_34_12" }', "step[0].other.R_34_21: got 'R_34_12'"),
        ('"R_34_21"', "step[0].other: got 'R_34_21'. Allowed: a table of names of files"),
    ):
        odd = re.sub(r"other = .*", f"other = {other}", FILES)
        (tmp_path / "odd.toml").write_text(odd)
        with pytest.raises(SampleError, match=re.escape(said)):
            analyze(tmp_path / "odd.toml")
    drawn = {p.stem for p in (tmp_path / "out/figures").glob("*.svg")}
    assert {"amplitude_table", "van_der_pauw_R_12_43_10K", "van_der_pauw_R_12_43_100K"} <= drawn


@pytest.mark.parametrize("apart", [0.2, 2.0])
@pytest.mark.parametrize("other", ["R_21_34", "R_34_21"])
def test_connections_that_contradict_each_other_are_known_to_half_their_difference(apart, other):
    """Of both polarities, or of both reciprocal connections."""
    R = disk(SKEW, SHEET)
    size = 1e-3 * R["R_12_43"]
    readings = {"R_12_43": R["R_12_43"] + apart * 10 * size, other: R["R_12_43"], "R_23_14": R["R_23_14"]}
    columns = {n: np.array([v]) for n, v in readings.items()} | {f"{n}_error": np.array([size]) for n in readings}
    found = van_der_pauw(measurement(columns))
    doubted = "differs by" in found.attrs.get("warnings", "")
    assert doubted == (apart > 1)
    half = 5 * apart * size if doubted else 0.0
    assert error(found, "R_A") == pytest.approx(np.hypot(size / np.sqrt(2), half), rel=1e-9)
