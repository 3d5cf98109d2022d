"""Parameters of control films: the closed form is that of the solvers, and what they gave comes back."""

import json

import numpy as np
import pytest
import reference_boltzmann_exact as exact
from control_films import BAR, SQUARES, contacts, hall, made, magnet, nm, planes

import spinstack as ss
from spinstack.measure import MeasurementError
from spinstack.measure.angles import fit_planes
from spinstack.measure.control import explain_control
from spinstack.measure.control.closed_form import Model, fuchs_sondheimer
from spinstack.measure.measurement import measurement
from spinstack.measure.sweeps import anomalous_hall_loop, hall_bar, residual_ratio, resistivity_at

TRUTH = {"conductivity": 4e6, "resistivity": 2.5e-7, "amr_ratio": 0.03, "size_effect_ratio": -0.004,
         "anomalous_hall_angle": 0.012, "hall_coefficient": -1.5e-10}  # fmt: skip


def values(found):
    return dict(zip(found.parameter.values.tolist(), found.value.values.tolist(), strict=True))


def errors(found):
    return dict(zip(found.parameter.values.tolist(), found.error.values.tolist(), strict=True))


def test_closed_form_of_a_film_is_that_of_the_solver():
    rng = np.random.default_rng(3)
    for _ in range(5):
        amr, size, theta, R_H, t = rng.uniform([-0.3, -0.3, -0.2, -5e-10, nm], [0.5, 0.5, 0.2, 5e-10, 30 * nm])
        layer = magnet(t, amr_ratio=amr, size_effect_ratio=size, anomalous_hall_angle=theta, hall_coefficient=R_H)
        film, model = ss.Film((layer,)), Model("constant", "constant", (0.0, 0.0), 0.0, 2.5e-7)
        p = {"amr_ratio": amr, "size_effect_bulk": size, "anomalous_hall_angle": theta, "bulk_resistivity": 1.0,
             "hall_coefficient": R_H / 2.5e-7}  # fmt: skip
        R = {a: np.asarray(ss.sheet_resistance(film, m=a)) for a in "xyz"}
        for a in "xyz":
            assert model.of(f"R_{a}", p, t) == pytest.approx(R[a][0, 0], rel=1e-12)
        for plane, (first, second) in {"alpha": "xy", "beta": "yz", "gamma": "xz"}.items():
            assert model.of(plane, p, t) == pytest.approx(R[second][0, 0] / R[first][0, 0] - 1, rel=1e-11)
        assert model.of("anomalous", p, t) == pytest.approx(R["z"][1, 0], rel=1e-12)
        in_field = np.asarray(ss.sheet_resistance(film, m="z", B=(0, 0, 3.0)))[1, 0]
        assert 3 * model.of("ordinary", p, t) == pytest.approx(in_field - R["z"][1, 0], rel=1e-9, abs=0)


def test_parameters_of_a_film_come_back_in_their_units():
    found = explain_control([planes(magnet()), hall(magnet())], "ferromagnet")
    assert values(found) == pytest.approx(TRUTH, rel=1e-8, abs=0)
    units = dict(zip(found.parameter.values.tolist(), found.unit.values.tolist(), strict=True))
    assert units == {"conductivity": "S/m", "resistivity": "Ohm m", "amr_ratio": "1", "size_effect_ratio": "1",
                     "anomalous_hall_angle": "1", "hall_coefficient": "m^3/C"}  # fmt: skip
    assert json.loads(found.attrs["undetermined"]) == {}
    assert found.attrs["remark"] == ""
    assert found.attrs["film_thickness"] == 4 * nm
    shown = found.sheet_resistance.values
    np.testing.assert_allclose(found.sheet_resistance_explained, shown, rtol=1e-9)
    assert float(np.nanmin(shown)) == pytest.approx(1 / (4e6 * 4 * nm))
    assert found.reading.values.tolist()[:4] == ["alpha", "beta", "gamma", "R_x"]


@pytest.mark.parametrize(
    ("names", "told", "lacking"),
    [
        (("alpha",), {"amr_ratio", "conductivity"}, {"size_effect_ratio"}),
        (("beta",), {"size_effect_ratio", "conductivity"}, {"amr_ratio"}),
        (("gamma",), set(), {"amr_ratio", "size_effect_ratio", "conductivity", "anomalous_hall_angle"}),
        (("alpha", "gamma"), {"amr_ratio", "size_effect_ratio", "conductivity"}, set()),
        (("beta", "gamma"), {"amr_ratio", "size_effect_ratio", "conductivity"}, set()),
    ],
)
def test_what_some_planes_do_not_tell_is_said(names, told, lacking):
    """gamma alone is one number for two unknowns, and its resistance, with m along x, has the unknown AMR in it."""
    found = explain_control([planes(magnet(), names=names), hall(magnet())], "ferromagnet")
    assert told <= set(values(found))
    assert set(json.loads(found.attrs["undetermined"])) == lacking
    assert all(name in found.attrs["remark"] for name in lacking)
    assert {n: v for n, v in TRUTH.items() if n in values(found)} == pytest.approx(values(found), rel=1e-8, abs=0)


def test_without_sizes_the_ratios_remain():
    no_bar = planes(magnet())
    del no_bar.attrs["bar_width"]
    assert set(values(explain_control([no_bar], "ferromagnet"))) == {"amr_ratio", "size_effect_ratio"}
    unknown = [planes(magnet()), hall(magnet())]
    for one in unknown:
        del one.attrs["film_thickness"]
    found = explain_control(unknown, "ferromagnet")
    assert set(json.loads(found.attrs["undetermined"])) == {"conductivity", "hall_coefficient"}
    assert values(found)["anomalous_hall_angle"] == pytest.approx(0.012, rel=1e-8, abs=0)
    assert "film_thickness" not in found.attrs


def test_a_resistance_of_unknown_magnetisation_is_left_out():
    """That of a ferromagnet with m along x is larger by the AMR."""
    R = float(ss.sheet_resistance(ss.Film((magnet(),)), m="x")[0, 0])
    alone, both = contacts(R, 4 * nm), planes(magnet(), names=("alpha",))
    del both.attrs["bar_width"]
    assert "conductivity" in json.loads(explain_control([both, alone], "ferromagnet").attrs["undetermined"])
    found = explain_control([both, alone], "ferromagnet", magnetization="x")
    assert values(found)["conductivity"] == pytest.approx(4e6, rel=1e-8, abs=0)
    with pytest.raises(MeasurementError, match="conductivity needs film_thickness and a sheet resistance"):
        explain_control([alone], "ferromagnet")


def test_thickness_laws():
    """rho = 2e-7 + 2e-16/t Ohm m and size = -0.002 - 8e-12/t, as the solver makes the films."""
    films = [magnet(t, conductivity=1 / (2e-7 + 2e-16 / t), size_effect_ratio=-0.002 - 8e-12 / t)
             for t in (2 * nm, 4 * nm, 9 * nm)]  # fmt: skip
    sources = [one(film) for film in films for one in (planes, hall)]
    laws = {"resistivity": "inverse_thickness", "size_effect": "inverse_thickness"}
    found = explain_control(sources, "ferromagnet", thickness=3 * nm, **laws)
    wanted = {"resistivity": 2e-7 + 2e-16 / (3 * nm), "size_effect_ratio": -0.002 - 8e-12 / (3 * nm), "amr_ratio": 0.03,
              "bulk_resistivity": 2e-7, "surface_resistivity": 2e-16, "size_effect_bulk": -0.002,
              "size_effect_surface": -8e-12, "anomalous_hall_angle": 0.012, "hall_coefficient": -1.5e-10}  # fmt: skip
    assert {n: values(found)[n] for n in wanted} == pytest.approx(wanted, rel=1e-7, abs=0)
    assert found.reading.values[0] == "alpha, 2 nm"
    wrong = explain_control(sources, "ferromagnet", thickness=3 * nm)
    assert "contradict" in wrong.attrs["remark"]
    assert errors(wrong)["resistivity"] > 100 * errors(found)["resistivity"]


def test_fuchs_and_sondheimer_is_what_the_boltzmann_solver_gives():
    """Bulk resistivity, path and Fermi wavevector of films that the solver made; 2e-7 Ohm m, 1.36e10 1/m."""
    solver, sources, polarization = ss.Boltzmann(rtol=1e-7, specularity=(0.1, 0.5)), [], 0.35
    for t in (2 * nm, 5 * nm, 20 * nm):
        layer = ss.Ferromagnet("F", thickness=t, conductivity=5e6, polarization=polarization,
                               spin_diffusion_length=30 * nm, fermi_wavevector=1.36e10)  # fmt: skip
        sources.append(contacts(float(ss.sheet_resistance(ss.Film((layer,)), m="y", solver=solver)[0, 0]), t))
    given = {"resistivity": "fuchs_sondheimer", "specularity": (0.1, 0.5), "polarization": polarization}
    found = values(explain_control(sources, "ferromagnet", magnetization="y", thickness=5 * nm, **given))
    assert found["bulk_resistivity"] == pytest.approx(2e-7, rel=1e-6, abs=0)
    assert found["fermi_wavevector"] == pytest.approx(1.36e10, rel=1e-6, abs=0)
    own = float(sources[1].value.sel(parameter="sheet_resistance")) * 5 * nm
    assert found["resistivity"] == pytest.approx(own, rel=1e-6, abs=0)


def test_fuchs_and_sondheimer_meets_another_quadrature():
    for ratio in (0.01, 0.3, 1.0, 30.0):
        assert fuchs_sondheimer(ratio, 0.3, 0.8) == pytest.approx(exact.fuchs_sondheimer(ratio, 0.3, 0.8), rel=1e-11)
    assert fuchs_sondheimer(1e4, 0.0, 0.5) == pytest.approx(1 - 3 / 16 * 1.5 * 1e-4, rel=1e-9, abs=0)


def test_a_metal_has_resistance_and_ordinary_hall_effect():
    layer = ss.Metal("Pt", thickness=5 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, hall_coefficient=-2e-11)
    slope = hall(layer)
    assert slope.value.sel(parameter="step") == pytest.approx(0, abs=1e-12)
    found = explain_control([contacts(1 / (3e6 * 5 * nm), 5 * nm), slope], "metal")
    assert values(found) == pytest.approx(
        {"conductivity": 3e6, "resistivity": 1 / 3e6, "hall_coefficient": -2e-11}, rel=1e-7
    )


@pytest.mark.parametrize(("T", "same", "other"), [(300.0, 304.0, 310.0), (2.0, 2.15, 2.3)])
def test_temperatures_within_two_percent_or_a_fifth_of_a_kelvin_are_one(T, same, other):
    film = planes(magnet(), temperature=T)
    assert "hall_coefficient" in values(explain_control([film, hall(magnet(), temperature=same)], "ferromagnet"))
    with pytest.raises(MeasurementError, match="results are of several"):
        explain_control([film, hall(magnet(), temperature=other)], "ferromagnet")


@pytest.mark.parametrize(("errors", "refused"), [(4.5, False), (-4.5, False), (5.5, True), (-5.5, True)])
def test_an_anomalous_hall_effect_of_more_than_five_errors_is_of_no_metal(errors, refused):
    slope = made({"slope": 0.02, "sheet_density": 1e19, "step": errors * 1e-3}, [1e-5, 1e14, 1e-3], None,
                 analysis="hall_slope", film_thickness=5 * nm, reading="R_xy")  # fmt: skip
    if refused:
        with pytest.raises(MeasurementError, match="which no layer of a metal has"):
            explain_control([slope], "metal")
    else:
        assert values(explain_control([slope], "metal")) == pytest.approx({"hall_coefficient": 1e-10}, rel=1e-6)


def test_films_weigh_by_the_errors_of_reading_and_thickness():
    """Two films of one resistivity: each resistance has its own error and that of rho/t for a thickness error."""
    t, rho, dt = np.array([4 * nm, 20 * nm]), np.array([2.5e-7, 2.6e-7]), 0.2 * nm
    own = np.array([0.002, 0.03]) * rho / t
    films = [contacts(r / d, d, e / (r / d)) for r, d, e in zip(rho, t, own, strict=True)]
    found = explain_control(films, "metal", thickness_error=dt)
    at = values(found)["resistivity"]
    weight = 1 / (own**2 + (at / t**2 * dt) ** 2)
    assert at == pytest.approx(np.sum(weight * rho / t**2) / np.sum(weight / t**2), rel=1e-4)
    chi2 = np.sum(weight * (rho / t - at / t) ** 2)
    assert json.loads(found.attrs["chi2"])["resistance"] == pytest.approx(chi2, rel=1e-3)


def test_loops_and_temperature_sweeps_are_taken():
    B = np.concatenate([np.linspace(2, -2, 81), np.linspace(-2, 2, 81)])
    up = np.arange(162) >= 81
    m = np.where(up, np.where(B > 0.3, 1.0, -1.0), np.where(B < -0.3, -1.0, 1.0))
    film = ss.Film((magnet(),))
    Z = np.array([0.0, 0.0, 1.0])
    R = np.asarray(ss.sheet_resistance(film, m=m[:, None] * Z, B=B[:, None] * Z))
    rng = np.random.default_rng(1)
    rough = 1e-6 * rng.standard_normal(162)
    about = {"film_thickness": 4 * nm, **BAR}
    loop = anomalous_hall_loop(
        measurement({"R_xy": R[:, 1, 0] + rough}, {"field": B, "temperature": 20.0}, about), above=0.8
    )
    T = np.linspace(5, 300, 60)
    along = SQUARES * float(ss.sheet_resistance(film, m="y")[0, 0])
    R_of_T = along * (1 + (T / 300) ** 2 + 1e-6 * rng.standard_normal(60)) / (1 + 1 / 225)
    sweep = measurement({"R_xx": R_of_T}, {"temperature": T}, about)
    sources = [loop, resistivity_at(sweep, 20.0), planes(magnet(), temperature=20.0)]
    found = explain_control(sources, "ferromagnet", magnetization="y")
    assert values(found) == pytest.approx(TRUTH, rel=2e-3, abs=0)
    # at another temperature it is another film, which is left out or refused
    warm = resistivity_at(sweep, 250.0)
    again = explain_control([*sources, warm], "ferromagnet", magnetization="y", temperature=20.0)
    assert values(again) == values(found)
    with pytest.raises(MeasurementError) as several:
        explain_control([*sources, warm], "ferromagnet", magnetization="y")
    assert (several.value.field, several.value.got) == ("temperature", [20.0, 250.0])
    with pytest.raises(MeasurementError, match="says nothing of a layer"):
        explain_control([residual_ratio(sweep)], "ferromagnet")
    still = measurement({"R_xx": along * (1 + 1e-6 * rng.standard_normal(9))}, {"temperature": 20.0}, about)
    bar = explain_control(
        [planes(magnet(), names=("alpha",), temperature=20.0), hall_bar(still)], "ferromagnet", magnetization="y"
    )
    assert values(bar)["resistivity"] == pytest.approx(2.5e-7, rel=1e-5, abs=0)


def test_scans_of_the_solver_are_explained():
    """From rows with noise to parameters, within the errors."""
    rng, angle = np.random.default_rng(5), np.arange(0.0, 360.0, 5.0)
    scan = ss.angular_scan(ss.Film((magnet(),)), plane=("alpha", "beta", "gamma"), angles=angle)
    data = {}
    for plane in ("alpha", "beta", "gamma"):
        R = SQUARES * scan.R_xx.sel(plane=plane).values.ravel() * (1 + 2e-5 * rng.standard_normal(angle.size))
        data[plane] = measurement({"R_xx": R}, {"angle": angle}, {"plane": plane, "film_thickness": 4 * nm, **BAR})
    found = explain_control([fit_planes(data, odd="none")], "ferromagnet")
    pulls = {n: (values(found)[n] - TRUTH[n]) / errors(found)[n] for n in values(found)}
    assert all(abs(pull) < 3 for pull in pulls.values()), pulls
    assert errors(found)["amr_ratio"] < 3e-5
    # an imposed gamma is no third reading
    imposed = explain_control([fit_planes(data, odd="none", impose=True)], "ferromagnet")
    assert values(imposed)["amr_ratio"] == pytest.approx(values(found)["amr_ratio"], abs=errors(found)["amr_ratio"])
    assert errors(imposed)["amr_ratio"] == pytest.approx(errors(found)["amr_ratio"], rel=0.1)
    assert "anisotropy" not in json.loads(imposed.attrs["chi2"])
    # of a scan in two rows a second harmonic has the error sqrt(2/72) 2e-5, the amplitude twice that
    assert errors(found)["size_effect_ratio"] == pytest.approx(2 * np.sqrt(2 / 72) * 2e-5 * np.sqrt(2 / 3), rel=0.3)


@pytest.mark.study
@pytest.mark.parametrize("runs", [30, 600])
def test_errors_cover_the_truth(runs):
    """Readings with correlated errors, and thicknesses that are off in each of three films by their error."""
    pulls, squares, doubts = [], [], 0
    names = ("conductivity", "amr_ratio", "size_effect_ratio", "anomalous_hall_angle", "hall_coefficient")
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        sources = []
        for t in (3 * nm, 5 * nm, 8 * nm):
            true = magnet(t + 0.1 * nm * rng.standard_normal())
            for one in (planes(true, 1e-3, rng), hall(true, 0.01, rng)):
                sources.append(one.assign_attrs(film_thickness=t))
        found = explain_control(sources, "ferromagnet", thickness_error=0.1 * nm)
        off = found.value.sel(parameter=list(names)).values - np.array([TRUTH[n] for n in names])
        C = found.covariance.sel(parameter=list(names), parameter_other=list(names)).values
        pulls.append(off / np.sqrt(np.diag(C)))
        squares.append(off @ np.linalg.solve(C, off))
        doubts += "contradict" in found.attrs["remark"]
    pulls, spread = np.array(pulls), 1 / np.sqrt(runs)
    assert np.abs(pulls.mean(axis=0)).max() < 4 * spread
    assert abs(np.mean(np.abs(pulls) < 1) - 0.683) < 2.5 * spread / np.sqrt(5) + 0.02
    assert abs(np.mean(np.abs(pulls) < 1.96) - 0.95) < 1.2 * spread / np.sqrt(5) + 0.02
    # each of four groups, in 1 % of cases; thicknesses that are off are no contradiction
    assert doubts / runs < 0.04 + 4 * np.sqrt(0.04 / runs)
    # all correlations at once
    assert np.mean(squares) == pytest.approx(5, abs=4 * np.sqrt(10) * spread)


def test_results_that_contradict_each_other_have_larger_errors():
    """Contacts of three planes that differ by half a percent where each resistance is good to a millionth."""
    found = planes(magnet(), correlation=0.0)
    for plane, factor in (("alpha", 1.004), ("beta", 1.0), ("gamma", 0.995)):
        found["value"].loc[{"parameter": f"{plane}.R"}] *= factor
    out = explain_control([found], "ferromagnet")
    assert "resistance" in out.attrs["remark"]
    assert errors(out)["resistivity"] / 2.5e-7 == pytest.approx(np.std([1.004, 1, 0.995], ddof=1) / np.sqrt(3), rel=0.2)
    assert float(out.freedom.sel(parameter="resistivity")) == pytest.approx(2, abs=0.1)
    # which says nothing of the anisotropy
    assert values(out)["amr_ratio"] == pytest.approx(0.03, rel=1e-6, abs=0)
    assert errors(out)["amr_ratio"] < 1e-5


GOOD = planes(magnet())
NAMELESS = made({"ratio": 2.0}, [0.1], None, analysis="bootstrap")
BARE = GOOD.assign(error=GOOD.error * np.nan)


@pytest.mark.parametrize(
    ("results", "given", "fields"),
    [
        ([GOOD], {"kind": "magnet"}, ["kind"]),
        ([], {}, ["results"]),
        ([5.0], {}, ["results"]),
        ([NAMELESS], {}, ["results"]),
        ([planes(magnet(), names=("gamma",))], {}, ["results"]),
        ([BARE], {}, ["alpha error"]),
        ([GOOD], {"kind": "metal"}, ["kind"]),
        ([GOOD], {"thickness": -1e-9, "thickness_error": 0.0, "size_effect": "linear"},
         ["size_effect", "thickness", "thickness_error"]),
        ([GOOD], {"resistivity": "inverse_thickness", "size_effect": "inverse_thickness"},
         ["resistivity", "size_effect"]),
        ([GOOD, planes(magnet(8 * nm))], {"resistivity": "inverse_thickness"}, ["thickness"]),
        ([GOOD, planes(magnet(8 * nm))], {"resistivity": "fuchs_sondheimer", "thickness": nm}, ["specularity"]),
        ([GOOD], {"specularity": (0, 0)}, ["specularity"]),
        ([GOOD, planes(magnet(8 * nm))],
         {"resistivity": "fuchs_sondheimer", "specularity": (0, 2), "polarization": 0.0}, ["specularity"]),
        ([GOOD, hall(magnet(), film_thickness=None).drop_attrs().assign_attrs(reading="R_xy")], {}, ["film_thickness"]),
        ([planes(magnet(), temperature=20.0), hall(magnet(), temperature=300.0)], {}, ["temperature"]),
        ([planes(magnet(), temperature=20.0)], {"temperature": 300.0}, ["temperature"]),
        ([GOOD], {"temperature": -3.0}, ["temperature"]),
        ([GOOD], {"magnetization": "up"}, ["magnetization"]),
    ],
)  # fmt: skip
def test_what_is_refused(results, given, fields):
    with pytest.raises(MeasurementError) as caught:
        explain_control(results, **{"kind": "ferromagnet", **given})
    assert [error.field for error in caught.value.errors] == fields


FILMS = {"thin": 4 * nm, "thick": 9 * nm}


OVER_THICKNESS = ("inverse_thickness", "inverse_thickness")
LAWS = [("constant", "constant"), OVER_THICKNESS, ("fuchs_sondheimer", "constant")]


@pytest.mark.study
@pytest.mark.parametrize("names", LAWS)
def test_errors_are_those_of_all_readings_and_thicknesses(names):
    """Every reading of every film, and every thickness, is moved by itself; readings of one result are correlated."""
    resistivity, size_effect = names
    laws = {"resistivity": resistivity, "size_effect": size_effect, "thickness": 6 * nm, "thickness_error": 0.05 * nm}
    laws |= {"specularity": (0.2, 0.4), "polarization": 0.3} if resistivity == "fuchs_sondheimer" else {}
    sources, films = [], np.array(list(FILMS.values()))
    for d in films:
        share = sum(s / 2 * fuchs_sondheimer(d / (5 * nm * s), 0.2, 0.4) for s in (1.3, 0.7))
        layer = magnet(d, conductivity=4e6 * (share if resistivity == "fuchs_sondheimer" else 1.0))
        sources += [planes(layer, 1e-4), hall(layer, 1e-3)]

    def found(sources, films):
        each = [one.assign_attrs(film_thickness=films[i // 2]) for i, one in enumerate(sources)]
        return explain_control(each, "ferromagnet", **laws)

    out = found(sources, films)
    start, names = out.value.values, out.parameter.values.tolist()
    expected = np.zeros((len(names),) * 2)
    for k, one in enumerate(sources):
        slopes = []
        for row in 0.03 * np.diag(one.error.values):
            moved = [*sources[:k], one.assign(value=one.value + row), *sources[k + 1 :]]
            slopes.append((found(moved, films).value.values - start) / row.sum())
        expected += np.transpose(slopes) @ one.covariance.values @ slopes
    for row in 1e-3 * nm * np.eye(2):
        by = (found(sources, films + row).value.values - start) / 1e-3 * 0.05
        expected += np.outer(by, by)
    sizes = np.sqrt(np.diag(expected))
    norm = np.where(sizes > 0, sizes, 1.0)
    shares = dict(zip(names, out.error.values / norm, strict=True))
    assert shares == pytest.approx({n: float(s > 0) for n, s in zip(names, sizes, strict=True)}, abs=0.02)
    np.testing.assert_allclose(out.covariance.values / np.outer(norm, norm), expected / np.outer(norm, norm), atol=0.03)


def test_two_samples_of_one_thickness_count_as_one_film():
    named = [planes(magnet(), sample="one"), hall(magnet(), sample="other")]
    remark = explain_control(named, "ferromagnet").attrs["remark"]
    assert remark.startswith("Samples one and other count as one film.")
    for same in ("one", ""):
        again = [named[0], hall(magnet(), sample=same)]
        assert "count as one film" not in explain_control(again, "ferromagnet").attrs["remark"]


def test_a_temperature_of_several_is_told_to_a_thousandth():
    both = [planes(magnet(), temperature=20.00049), hall(magnet(), temperature=25.0004)]
    with pytest.raises(MeasurementError) as caught:
        explain_control(both, "ferromagnet")
    assert caught.value.got == [20.0, 25.0]


@pytest.mark.parametrize("specularity", [(0.1,), (0.1, 0.2, 0.3), 0.5])
def test_a_film_has_two_surfaces(specularity):
    sources = [planes(magnet(d)) for d in FILMS.values()]
    with pytest.raises(MeasurementError) as caught:
        explain_control(
            sources,
            "ferromagnet",
            resistivity="fuchs_sondheimer",
            thickness=nm,
            specularity=specularity,
            polarization=0.0,
        )
    assert caught.value.field == "specularity"


def test_covariances_of_readings_are_those_of_what_they_are_divided_by():
    """Of a ratio and a resistance, of two resistances, and none between results."""
    from spinstack.measure.control.explain import _numbers, _readings

    sources = [planes(magnet(), relative=1e-3), hall(magnet(), relative=1e-3)]
    readings = [r for i, one in enumerate(sources) for r in _readings(one, i, "ferromagnet", None)]
    y, C, _ = _numbers(sources, readings)
    by = np.array([SQUARES if r.parameter.endswith(".R") else 1.0 for r in readings])
    first = [r.parameter for r in readings if r.source == 0]
    own = sources[0].sel(parameter=first, parameter_other=first)
    np.testing.assert_allclose(y[: len(first)] * by[: len(first)], own["value"], rtol=1e-12)
    expected = np.diag([float(sources[r.source]["error"].sel(parameter=r.parameter)) ** 2 for r in readings])
    expected[: len(first), : len(first)] = own["covariance"]
    np.testing.assert_allclose(C, expected / np.outer(by, by), rtol=1e-9)
    assert np.all(C[: len(first), : len(first)] != 0)
