"""Data of a fit file from results of analyses and from measured files: numbers, order, errors; what is refused."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.fitting import fit_film
from spinstack.measure.angles import fit_harmonics, fit_planes
from spinstack.measure.measurement import measurement
from spinstack.measure.sweeps import anomalous_hall_loop, hall_slope, magnetoresistance
from spinstack.study import load_fit
from spinstack.text import store
from spinstack.text.document import SampleError

NM = 1e-9
PY = """\
spinstack = 1
title = "film"

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "6 nm"
conductivity = "3e6 S/m"
polarization = 0.4
spin_diffusion_length = "5 nm"
dephasing_length = "0.5 nm"
amr_ratio = 0
size_effect_ratio = 0
anomalous_hall_angle = 0

[[fit.parameter]]
path = "Py.amr_ratio"
prior = { normal = 0, deviation = 0.05 }

[[fit.parameter]]
path = "Py.anomalous_hall_angle"
prior = { normal = 0, deviation = 0.05 }

[[fit.parameter]]
path = "Py.hall_coefficient"
prior = { normal = "0 m^3/C", deviation = "1e-10 m^3/C" }
"""
LENGTH, WIDTH = 1.2e-3, 2e-4
SIZES = {"bar_length": LENGTH, "bar_width": WIDTH, "film_thickness": 6 * NM}


def film(**changes):
    py = ss.Ferromagnet(
        "Py", thickness=6 * NM, conductivity=3e6, polarization=0.4, spin_diffusion_length=5 * NM,
        dephasing_length=0.5 * NM, amr_ratio=0.013, size_effect_ratio=-0.004, anomalous_hall_angle=-0.007,
        hall_coefficient=-3e-11,
    )  # fmt: skip
    return ss.Film((py,)).replace(changes)


def scans(rng, reading="R_xx", true=None):
    angles = np.arange(0.0, 361.0, 5.0)
    found = ss.angular_scan(
        film() if true is None else true, plane=["alpha", "beta", "gamma"], angles=angles, field=2.0
    )
    out = {}
    for plane in ("alpha", "beta", "gamma"):
        R = found[reading].sel(plane=plane).values
        R = R * LENGTH / WIDTH * (1 + 2e-6 * rng.standard_normal(R.size)) if reading == "R_xx" else R
        R = R + 1e-6 * rng.standard_normal(R.size)
        turned = {"angle": angles, "field": np.full(R.size, 2.0)}
        out[plane] = measurement({reading: R}, turned, {"plane": plane, **SIZES})
    return out


def loop(rng, B=None):
    B = np.linspace(-3, 3, 121) if B is None else B
    y = np.array([np.asarray(ss.sheet_resistance(film(), m=(0, 0, np.sign(b) or 1), B=(0, 0, b)))[1, 0] for b in B])
    return measurement({"R_xy": y + 1e-6 * rng.standard_normal(B.size)}, {"field": B}, SIZES)


@pytest.fixture
def load(tmp_path):
    """Loads a fit file whose data are results that are written beside it."""

    def made(text, head=PY, **results):
        for name, dataset in results.items():
            store.write_dataset(tmp_path / f"{name}.nc", dataset)
        (tmp_path / "fit.toml").write_text(head + text, encoding="utf-8")
        return load_fit(tmp_path / "fit.toml")

    return made


def off(problem):
    """Each of the data less what the true film gives, in errors; and relative errors."""
    out = []
    for one in problem.data:
        arguments = dict(one.arguments)
        given = one.observable(film(), **arguments)
        variables = [one.variables] if isinstance(one.variables, str) else one.variables
        flat = np.concatenate([np.ravel(given[v].values) for v in variables]) if variables else np.ravel(given)
        out.append((flat[one.rows] - one.measured) / np.sqrt(np.diag(one.covariance)))
        assert np.all(np.sqrt(np.diag(one.covariance)) < 0.05 * np.abs(one.measured) + 1e-6), one.label
    return np.concatenate(out)


def test_scans_are_what_the_film_gives(load):
    rng = np.random.default_rng(1)
    planes = fit_planes(scans(rng)).assign_attrs(analysis="fit_planes")
    text = (
        '\n[[fit.data]]\nresult = "planes.nc"\n[[fit.data]]\nresult = "planes.nc"\nobservables = ["beta.R", "beta"]\n'
    )
    problem = load(text, planes=planes)
    assert [d.label for d in problem.data] == ["film alpha, beta, gamma", "film R_xx beta", "film beta"]
    assert problem.data[0].arguments["field"] == 2.0
    np.testing.assert_allclose(
        problem.data[0].covariance,
        planes["covariance"].sel(parameter=["alpha", "beta", "gamma"], parameter_other=["alpha", "beta", "gamma"]),
    )
    assert np.abs(off(problem)).max() < 4


@pytest.mark.study
@pytest.mark.parametrize("plane", ["alpha", "beta", "gamma"])
def test_one_scan_tells_the_amplitude_of_its_plane(load, plane):
    rng = np.random.default_rng(2)
    along = fit_harmonics(scans(rng)[plane], orders=[1, 2, 4]).assign_attrs(analysis="fit_harmonics")
    across = fit_harmonics(scans(rng, "R_xy")[plane], "R_xy", orders=[1, 2]).assign_attrs(analysis="fit_harmonics")
    text = """
[[fit.data]]
result = "along.nc"
[[fit.data]]
result = "along.nc"
observables = ["R"]
[[fit.data]]
result = "across.nc"
name = "Hall"
"""
    problem = load(text, along=along, across=across)
    assert len(problem.data) == 3
    assert np.abs(off(problem)).max() < 4


@pytest.mark.study
def test_hall_effects_are_those_of_the_film(load):
    rng = np.random.default_rng(3)
    measured = loop(rng)
    slope = hall_slope(measured, above=0.1).assign_attrs(analysis="hall_slope")
    loops = anomalous_hall_loop(loop(rng, np.concatenate([np.linspace(-3, 3, 121), np.linspace(3, -3, 121)])))
    text = '\n[[fit.data]]\nresult = "slope.nc"\nm = "z"\n[[fit.data]]\nresult = "loops.nc"\n'
    problem = load(text, slope=slope, loops=loops.assign_attrs(analysis="anomalous_hall_loop"))
    assert problem.data[0].measured.size == 2
    assert np.abs(off(problem)).max() < 4
    found = fit_film(problem, starts=2)
    assert float(found["value"].sel(parameter="Py.hall_coefficient")) == pytest.approx(-3e-11, rel=0.02)


@pytest.mark.study
def test_ratios_in_a_field_are_those_of_a_field_scan(load):
    head = """\
spinstack = 1
title = "Pt"

[[film]]
kind = "metal"
name = "Pt"
thickness = "5 nm"
conductivity = "2.5e6 S/m"
spin_diffusion_length = "1.5 nm"
spin_hall_angle = 0.08
diffusion_coefficient = "1e-4 m^2/s"

[[fit.parameter]]
path = "Pt.diffusion_coefficient"
prior = { loguniform = ["1e-6 m^2/s", "1e-2 m^2/s"] }
"""
    pt = ss.Film((ss.Metal("Pt", thickness=5 * NM, conductivity=2.5e6, spin_diffusion_length=1.5 * NM,
                           spin_hall_angle=0.08, diffusion_coefficient=2e-5),))  # fmt: skip
    B = np.linspace(-9, 9, 181)
    R = ss.field_scan(pt, B, "z").R_xx.values * (1 + 1e-8 * np.random.default_rng(4).standard_normal(B.size))
    ratios = magnetoresistance(measurement({"R_xx": R}, {"field": B}, SIZES), at=[3.0, 6.0, 9.0])
    text = '\n[[fit.data]]\nresult = "ratios.nc"\ndirection = "z"\n'
    problem = load(text, head, ratios=ratios.assign_attrs(analysis="magnetoresistance"))
    assert problem.data[0].measured.size == 3
    found = fit_film(problem, starts=4)
    assert found.attrs["p_value"] > 1e-3
    assert float(found["value"][0]) == pytest.approx(2e-5, rel=0.05)


RAW = """
[[fit.data]]
name = "scan"
observable = "angular_scan"
plane = "alpha"
file = "scan.csv"
readings = ["R_xx", "R_xy"]
columns.angle = { column = "angle", unit = "deg" }
columns.R_xx = { column = "R_xx", unit = "Ohm" }
columns.R_xy = { column = "R_xy", unit = "Ohm" }
bar_width = "0.2 mm"
bar_length = "1.2 mm"
errors = "1 uOhm"
systematic = "3 %"
field = "0 T"
meter = { offset = { R_xy = "1 mOhm" }, admixture = "0.1 %" }
"""


def raw(rng):
    angles = np.arange(0.0, 360.0, 10.0)
    scan = ss.angular_scan(film(), plane="alpha", angles=angles)
    along, across = scan.R_xx.values * 1.02, scan.R_xy.values + 4e-4
    across = across + 5e-4 * along
    rows = [f"{a},{x * LENGTH / WIDTH:.15g},{y:.15g}" for a, x, y in zip(angles, along, across, strict=True)]
    return "angle,R_xx,R_xy\n" + "\n".join(rows) + "\n"


@pytest.mark.study
def test_a_raw_scan_and_what_the_meter_adds(load, tmp_path):
    (tmp_path / "scan.csv").write_text(raw(np.random.default_rng(5)), encoding="utf-8")
    problem = load(RAW, PY[: PY.index('\n[[fit.parameter]]\npath = "Py.anomalous')])
    along, across = problem.data
    assert (along.label, along.measured.size, along.systematic, list(along.meter)) == (
        "scan R_xx", 36, 0.03, ["R_xy in R_xx"],
    )  # fmt: skip
    assert (across.label, across.systematic) == ("scan R_xy", 0.0)
    assert list(across.meter) == ["offset of R_xy", "R_xx in R_xy"]
    found = fit_film(problem, starts=2)
    assert float(found["value"][0]) == pytest.approx(0.013, rel=1e-3)
    terms = dict(zip(found["meter_term"].values, found["meter_value"].values, strict=True))
    assert terms["R_xx in R_xy of scan R_xy"] * 1e-3 == pytest.approx(5e-4, rel=0.1)


REFUSED = {
    "a result that is not there": ('result = "plains.nc"', "fit.data[0].result", "there is no such file. Did you mean"),
    "a result that is none": ('result = "fit.toml"', "fit.data[0].result", "no result of this program"),
    "a result that is a number": ("result = 3", "fit.data[0].result", "the path of a result"),
    "an observable that it lacks": (
        'result = "planes.nc"\nobservables = ["delta"]', "fit.data[0].observables", "Allowed: alpha, beta, gamma",
    ),
    "observables in text": ('result = "planes.nc"\nobservables = "beta"', "fit.data[0].observables", "a list of names"),
    "a field in kelvin": ('result = "planes.nc"\nfield = "2 K"', "fit.data[0].field", "does not convert to T"),
    "an unknown key": ('result = "planes.nc"\nfeild = "2 T"', "fit.data[0].feild", "Did you mean 'field'?"),
    "a result and numbers": ('result = "planes.nc"\nvalues = [1]', "fit.data[0].result", "beside values"),
    "a result of several samples": ('result = "planes.nc"\nsample = ["film"]', "fit.data[0].sample", "one sample"),
    "a weight of zero": ('result = "planes.nc"\nweight = 0', "fit.data[0].weight", "greater than 0"),
    "a result that no film is asked for": ('result = "other.nc"', "fit.data[0].result", "Allowed: fit_planes"),
    "a magnet without direction": ('result = "slope.nc"', "fit.data[0].m", "no direction for Py"),
}  # fmt: skip


def refused(load, text, where, words, **results):
    with pytest.raises(SampleError) as caught:
        load(text, **results)
    found = [e for e in caught.value.errors if e.words == where and words in str(e)]
    assert found, str(caught.value)


@pytest.fixture(scope="module")
def results():
    rng = np.random.default_rng(6)
    planes = fit_planes(scans(rng)).assign_attrs(analysis="fit_planes")
    slope = hall_slope(loop(rng), above=0.1).assign_attrs(analysis="hall_slope")
    return {"planes": planes, "slope": slope, "other": planes.assign_attrs(analysis="upturn")}


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("case", REFUSED)
def test_results_that_do_not_fit_are_refused(load, results, case):
    more, where, words = REFUSED[case]
    refused(load, f"\n[[fit.data]]\n{more}\n", where, words, **results)


CARELESS = {
    "a file that is not there": ('"scan.csv"', '"skan.csv"', "fit.data[0].file", "Did you mean 'scan.csv'?"),
    "a file that is none": ('"scan.csv"', '"fit.toml"', "fit.data[0].file", "fit.toml"),
    "a column that is none": ('column = "R_xx"', 'column = "R_x"', "fit.data[0].file", "R_x"),
    "a reading that is none": ('readings = ["R_xx"', 'readings = ["V_xx"', "fit.data[0].readings[0]", "no such curve"),
    "no size of the bar": ('bar_length = "1.2 mm"\n', "", "fit.data[0].bar_length", "readings along the current"),
    "a bar of a kilometre": ('"1.2 mm"', '"1.2 km"', "fit.data[0].bar_length", "at most"),
    "no errors": ('errors = "1 uOhm"\n', "", "fit.data[0].errors", "no column of errors"),
    "an observable without curves": (
        'observable = "angular_scan"', 'observable = "magnetoresistance"', "fit.data[0].observable", "'field_scan'"
    ),
    "a unit beside a file": ('errors = "1 uOhm"', 'errors = "1 Ohm"\nunit = "S"', "fit.data[0].unit", "beside a file"),
    "angles beside a file": (
        'plane = "alpha"', 'plane = "alpha"\nangles = ["0 deg"]', "fit.data[0].angles", "which the file tells"
    ),
    "a step that is none": (
        'name = "scan"', 'name = "scan"\nstep = [{ do = "smoothe" }]', "fit.data[0].step[0].do", "'select'"
    ),
    "a step that makes parts": (
        'name = "scan"', 'name = "scan"\nstep = [{ do = "split", by = "rising_or_falling" }]',
        "fit.data[0].step[0].do", "several of one",
    ),
    "an unknown addition": ("offset = {", "offest = {", "fit.data[0].meter.offest", "Did you mean 'offset'?"),
    "an offset in another unit": ('"1 mOhm"', '"1 mT"', "fit.data[0].meter.offset.R_xy", "does not convert to ohm"),
    "an offset of nothing": ("{ R_xy =", "{ R_yy =", "fit.data[0].meter.offset.R_yy", "nothing was measured"),
    "an admixture below zero": ('"0.1 %"', '"-0.1 %"', "fit.data[0].meter.admixture", "greater than 0"),
    "an admixture of what is not read": ('"R_xx", "R_xy"]', '"R_xx"]', "fit.data[0].meter.admixture", "along and one"),
}  # fmt: skip


@pytest.mark.parametrize("case", CARELESS)
def test_files_that_do_not_fit_are_refused(load, tmp_path, case):
    (tmp_path / "scan.csv").write_text(raw(np.random.default_rng(5)), encoding="utf-8")
    old, new, where, words = CARELESS[case]
    assert old in RAW
    refused(load, RAW.replace(old, new, 1), where, words)
