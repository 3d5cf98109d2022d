"""Errors are those of every reading, moved by itself; limits have two sides; what speaks against a result is said."""

from dataclasses import replace

import numpy as np
import pytest
from moved_readings import moved
from scipy.stats import t

from spinstack.measure.measurement import MeasurementError, measurement, result
from spinstack.measure.superlattice import (
    Superlattice,
    XrayLayer,
    XraySuperlattice,
    edge_shift,
    fit_edges,
    layer_anomalous_hall,
    orbital_polarization,
    parallel_layers,
    peak_shift,
    period_from_peaks,
    predict,
    reciprocal_map,
    window_integrals,
)

RNG = np.random.default_rng(21)
ENERGY = np.linspace(520, 560, 81)
LINES = np.exp(-(((ENERGY - 533) / 1.5) ** 2)) + 1 / (1 + np.exp(-(ENERGY - 540)))
RANGES = {"pre_edge": (521.0, 527.0), "post_edge": (550.0, 559.0)}


def number(found, name, of="value"):
    return found[of].sel(parameter=name).item()


def absorption(strength, size=0.01):
    errors = size * RNG.uniform(0.5, 2.0, ENERGY.size)
    value = 3 + 0.02 * (ENERGY - 520) + 8 * (LINES + (strength - 1) * np.exp(-(((ENERGY - 533) / 1.5) ** 2)))
    return measurement(
        {"intensity": value + errors * RNG.standard_normal(ENERGY.size), "intensity_error": errors}, {"energy": ENERGY}
    )


def films(hall, exact=True):
    """Readings of superlattices, in rows, that layers in parallel explain, with uneven errors."""
    out = []
    for n, m, repeats in ((4, 4, 3), (2, 9, 5), (8, 3, 2), (5, 1, 6)):
        film = Superlattice(a=n * 1e-9, b=m * 1e-9, repeats=repeats, name=f"{n}/{m}")
        lengths = np.array([*film.conducting_thickness(), film.interfaces])
        rho = film.thickness / (lengths @ [2e5, 7e5, 3e-6] - 1j * (lengths @ [-9e3, 6e3, -2e-7] if hall else 0))
        out.append((film, rho))
    values = {"rho": np.array([r.real for _, r in out])} | (
        {"hall": np.array([r.imag for _, r in out])} if hall else {}
    )
    errors = {f"{k}_error": np.abs(v) * np.array([0.01, 0.03, 0.02, 0.015]) for k, v in values.items()}
    data = measurement({**values, **errors}, {"temperature": np.full(4, 5.0)})

    def samples(d):
        more = [("hall_resistivity", "hall")] if hall else []
        named = [("resistivity", "rho"), *more]
        return [
            replace(film, **{a + s: float(d[b + s][i]) for a, b in named for s in ("", "_error")})
            for i, (film, _) in enumerate(out)
        ]

    return data, samples


@pytest.mark.parametrize("interface", [False, True])
@pytest.mark.parametrize("hall", [False, True])
def test_errors_of_layers_and_predictions_are_those_of_all_films(hall, interface):
    data, samples = films(hall)
    if not interface:
        free = [replace(s, resistivity=1.0) for s in samples(data)]
        lengths = np.array([s.conducting_thickness() for s in free])
        rho = np.array([s.thickness for s in free]) / (lengths @ [2e5, 7e5] - 1j * (lengths @ [-9e3, 6e3]) * hall)
        data = data.assign(rho=("point", rho.real), **({"hall": ("point", rho.imag)} if hall else {}))
    analysis = layer_anomalous_hall if hall else parallel_layers
    other = [Superlattice(a=3e-9, b=2e-9, repeats=4, name="x"), Superlattice(a=1e-9, b=5e-9, conducting="b", name="y")]
    own = measurement({"rho": [3e-6], "rho_error": [4e-8]}, {"temperature": [5.0]})

    def found(d):
        layers = analysis(samples(d["films"]), interface=interface)
        told = {"resistivity": float(d["own"]["rho"][0]), "resistivity_error": 4e-8}
        return layers, predict(layers, [replace(other[0], **told), other[1]])

    both = found({"films": data, "own": own})
    expected = moved(lambda d: np.concatenate([f["value"].values for f in found(d)]), {"films": data, "own": own})
    sizes = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(np.concatenate([f["error"].values for f in both]), sizes, rtol=2e-3)
    size = both[0].sizes["parameter"]
    for part, one in ((slice(0, size), both[0]), (slice(size, None), both[1])):
        norm = np.outer(sizes[part], sizes[part])
        np.testing.assert_allclose(one["covariance"].values / norm, expected[part, part] / norm, atol=3e-3)


SPECTRA = {"one": absorption(1.0), "other": absorption(1.4)}
CASES = {
    "orbital_polarization": lambda d: orbital_polarization(
        d["one"], d["other"], window=(529.0, 537.5), incidence=30.0, electrons=1.2, **RANGES
    ),
    "orbital_polarization without a step behind": lambda d: orbital_polarization(
        d["one"], d["other"], window=(529.0, 537.5), pre_edge=RANGES["pre_edge"]
    ),
    "window_integrals": lambda d: window_integrals(
        d["one"],
        {"a": (529.0, 533.2), "b": (533.2, 537.6), "c": (538.0, 545.0)},
        reference=d["other"],
        steps={540.0: 2.0, 543.0: 1.0},
        step_width=1.0,
        **RANGES,
    ),
    "edge_shift": lambda d: edge_shift(d["one"], d["other"], window=(526.0, 550.0), background="linear"),
}


@pytest.mark.study
@pytest.mark.parametrize("name", CASES)
def test_errors_of_spectra_are_those_of_all_points(name):
    data = {"one": SPECTRA["one"], "other": SPECTRA["one" if name == "edge_shift" else "other"]}
    found = CASES[name](data)
    expected = moved(lambda d: CASES[name](d)["value"].values, data, 0.02)
    sizes, close = np.sqrt(np.diag(expected)), 0.25 if name == "edge_shift" else 2e-3
    np.testing.assert_allclose(found["error"].values, sizes, rtol=close)
    norm = np.outer(sizes, sizes)
    np.testing.assert_allclose(found["covariance"].values / norm, expected / norm, atol=close)


def test_errors_of_electrons_and_of_the_scale_of_energy_are_added():
    call = {"window": (529.0, 537.5), "electrons": 1.2, **RANGES}
    bare, wide = (orbital_polarization(*SPECTRA.values(), electrons_error=e, **call) for e in (0.0, 0.1))
    up, down = (orbital_polarization(*SPECTRA.values(), **{**call, "electrons": 1.2 + e}) for e in (1e-4, -1e-4))
    by = (number(up, "orbital_polarization") - number(down, "orbital_polarization")) / 2e-4 * 0.1
    assert number(wide, "orbital_polarization", "error") == pytest.approx(
        np.hypot(number(bare, "orbital_polarization", "error"), by), rel=1e-4
    )
    fits = {
        name: result({"centre_a": (at, e, "eV", ""), "step_centre": (at + 4, 2 * e, "eV", "")})
        for name, at, e in (("film", 870.4, 0.03), ("bulk", 870.1, 0.04))
    }
    shift = peak_shift(fits, reference="bulk", reproducibility=0.05)
    expected = {
        "shift_a_film": (0.3, np.sqrt(0.03**2 + 0.04**2 + 2 * 0.05**2)),
        "shift_step_film": (0.3, np.sqrt(0.06**2 + 0.08**2 + 2 * 0.05**2)),
    }
    for name, (value, error) in expected.items():
        assert number(shift, name) == pytest.approx(value)
        assert number(shift, name, "error") == pytest.approx(error)


def test_errors_of_a_period_are_those_of_its_peaks():
    angles, orders = np.array([1.9, 3.7, 5.6, 7.4]), [1, 2, 3, 4]
    sigma = np.array([0.02, 0.01, 0.03, 0.02])
    found = period_from_peaks(angles, orders, error=sigma)
    slopes = []
    for row in np.diag(1e-2 * sigma):
        up, down = (period_from_peaks(angles + s * row, orders, error=sigma)["value"].values for s in (1, -1))
        slopes.append((up - down) / 2e-2)
    np.testing.assert_allclose(found["error"], np.sqrt(np.sum(np.square(slopes), axis=0)), rtol=0.02)
    assert found["fitted"].values == pytest.approx(angles, abs=0.05)
    two = period_from_peaks(angles[:2], orders[:2], error=0.01)
    assert two["fitted"].values == pytest.approx(angles[:2], abs=1e-9)


@pytest.mark.study
@pytest.mark.parametrize("poisson", [None, 0.3])
def test_errors_of_a_map_follow_from_those_of_both_peaks(poisson):
    """Points of a map of two peaks, moved by themselves; numbers that follow from both have the errors of both."""
    at = {"substrate": 2 * np.pi * (1 / 3.868 + 3j / 3.868), "film": 2 * np.pi * (1 / 3.86 + 3j / 3.78)}
    x, z = np.meshgrid(np.linspace(-0.03, 0.03, 13), np.linspace(-0.03, 0.15, 25), indexing="ij")
    q = (at["substrate"] + x + 1j * z).ravel()
    value = 2.0 + sum(
        1e3 * np.exp(-4 * np.log(2) * (((q - p).real / 0.015) ** 2 + ((q - p).imag / 0.025) ** 2)) for p in at.values()
    )
    errors = 3 * RNG.uniform(0.5, 2.0, q.size)
    data = measurement(
        {"intensity": value + errors * RNG.standard_normal(q.size), "intensity_error": errors},
        {"q_x": q.real * 1e10, "q_z": q.imag * 1e10},
    )
    given = {"poisson": poisson} if poisson else {"bulk": 3.83e-10, "bulk_error": 1e-13}

    def found(d):
        return reciprocal_map(d["map"], hkl=(1, 0, 3), substrate=(3.868e-10, 3.868e-10), film=3.78e-10, **given)

    out = found({"map": data})
    names = [n for n in out["parameter"].values.tolist() if "width" not in n]
    rows = np.flatnonzero(value > 150)
    slopes = []
    for row in rows:
        shifted = data["intensity"].values.copy()
        shifted[row] += 0.05 * errors[row]
        change = found({"map": data.assign(intensity=("point", shifted))})["value"].sel(parameter=names).values
        slopes.append((change - out["value"].sel(parameter=names).values) / 0.05)
    expected = np.sum(np.square(slopes), axis=0)
    if not poisson:
        moved_bulk = [
            reciprocal_map(data, hkl=(1, 0, 3), substrate=(3.868e-10, 3.868e-10), film=3.78e-10, bulk=3.83e-10 + s)[
                "value"].sel(parameter=names).values for s in (1e-14, -1e-14)
        ]  # fmt: skip
        expected = expected + ((moved_bulk[0] - moved_bulk[1]) / 2e-14 * 1e-13) ** 2
    np.testing.assert_allclose(out["error"].sel(parameter=names).values, np.sqrt(expected), rtol=0.35)


def test_intervals_of_scatter_have_students_factor_and_stated_errors_the_normal_one():
    data, samples = films(False)
    stated = parallel_layers(samples(data))
    assert stated.attrs["factor_95"] == pytest.approx(1.959964, abs=1e-6)
    bare = parallel_layers([replace(s, resistivity_error=None) for s in samples(data)])
    assert bare.attrs["factor_95"] == pytest.approx(t.ppf(0.975, 2), rel=1e-9)
    assert f"{t.ppf(0.975, 2):.3g} errors" in bare.attrs["remark"]
    # of both layers: the relative error that four films about two unknowns leave
    fitted, measured = bare["fitted"].values, bare["measured"].values
    left = np.sum((measured / fitted - 1) ** 2) / 2
    assert bare.attrs["relative_error"] == pytest.approx(np.sqrt(left), rel=0.02)


@pytest.mark.parametrize(("off", "said"), [(2.4, False), (2.8, True)])
def test_layers_in_parallel_are_doubted_below_a_hundredth_of_chance(off, said):
    """Two films of one ratio, whose resistivities differ by so many errors of their difference."""
    rho = 1e-6 * (1 + off * 0.01 * np.array([0.5, -0.5]) * np.sqrt(2))
    pair = [Superlattice(a=1e-9, b=1e-9, resistivity=r, resistivity_error=1e-8, name=str(r)) for r in rho]
    third = Superlattice(a=1e-9, b=5e-9, resistivity=1e-6, resistivity_error=1e-8, name="third")
    assert ("do not describe" in parallel_layers([*pair, third]).attrs["remark"]) == said


def test_a_layer_or_a_film_without_conductance_is_told():
    one = {"a": 1e-9, "resistivity_error": 1e-9}
    thin = Superlattice(b=1e-9, resistivity=1e-6, name="1/1", **one)
    thick = Superlattice(b=9e-9, resistivity=2e-5, name="1/9", **one)
    found = parallel_layers([thin, thick])
    assert number(found, "conductivity_b") < 0
    assert "conductivity of B came out as" in found.attrs["remark"]
    assert "conductivity of A came out" not in found.attrs["remark"]
    far = Superlattice(a=1e-9, b=99e-9, resistivity=1e-3, resistivity_error=1e-3, name="1/99")
    assert "superlattice without conductance" in parallel_layers([thin, thick, far]).attrs["remark"]


SPECTRUM = absorption(1.0, 0.03)
LIMITS = {
    "both lines positive": (
        lambda s: orbital_polarization(SPECTRUM, absorption(s), window=(529.0, 537.5), **RANGES),
        -0.6,
        1.5,
        "window",
    ),
    "the sum rule": (
        lambda s: orbital_polarization(SPECTRUM, absorption(s), window=(529.0, 537.5), **RANGES),
        4.6,
        3.4,
        "window",
    ),
    "each energy once": (
        lambda step: window_integrals(
            SPECTRUM.assign_coords(energy=("point", ENERGY - 0.5 * (ENERGY[9] == ENERGY) * (1 - step))),
            {"a": (529.0, 535.0)},
            **RANGES,
        ),
        0.0,
        0.5,
        "energy",
    ),
    "steps of some height": (
        lambda h: window_integrals(SPECTRUM, {"a": (529.0, 535.0)}, steps={540.0: h}, **RANGES),
        0.0,
        0.1,
        "steps",
    ),
    "five points of a range": (
        lambda high: window_integrals(SPECTRUM, {"a": (530.0, high)}, **RANGES),
        531.9,
        532.0,
        "windows.a",
    ),
    "a measured range": (
        lambda high: window_integrals(SPECTRUM, {"a": (550.0, high)}, **RANGES),
        560.1,
        560.0,
        "windows.a",
    ),
    "a range from below": (
        lambda low: window_integrals(SPECTRUM, {"a": (low, 530.0)}, **RANGES),
        519.9,
        520.0,
        "windows.a",
    ),
    "an edge that rises": (
        lambda behind: window_integrals(SPECTRUM, {"a": (529.0, 535.0)}, pre_edge=(521.0, 527.0), post_edge=behind),
        (523.0, 526.0),
        (541.0, 545.0),
        "post_edge",
    ),
    "twenty energies": (
        lambda n: edge_shift(SPECTRUM, SPECTRUM.isel(point=slice(20, 20 + n)), window=(533.0, 536.0), most=0.5),
        19,
        20,
        lambda f: f in ("energy", "window"),
    ),
    "a reference over the window": (
        lambda high: edge_shift(SPECTRUM, SPECTRUM, window=(530.0, high)),
        559.5,
        558.5,
        "window",
    ),
    "a formula": (lambda f: XrayLayer(formula=f, cell=(3.9e-10, 3.9e-10)).mass_density(), "Qq3", "NiO", "formula"),
    "two lengths of a cell": (lambda cell: XrayLayer(formula="NiO", cell=cell), (3.9e-10,) * 3, (3.9e-10,) * 2, "cell"),
    "the longest cell": (lambda c: XrayLayer(formula="NiO", cell=(c, 3.9e-10)), 5.1e-9, 5e-9, "cell"),
    "the shortest cell": (lambda c: XrayLayer(formula="NiO", cell=(3.9e-10, c)), 1e-10, 1.01e-10, "cell"),
    "the thickest layer": (lambda d: XrayLayer(formula="NiO", thickness=d), 1.01e-4, 1e-4, "thickness"),
    "the roughest layer": (lambda r: XrayLayer(formula="NiO", roughness=r), 1e-6, 0.99e-6, "roughness"),
    "the thickest sublayer": (lambda d: Superlattice(a=d, b=0.0), 1e-5, 0.99e-5, "a"),
    "angles that grow": (lambda s: period_from_peaks([3.0, 2.9 + s, 2.8 + 3 * s], [1, 2, 3]), 0.0, 1.0, "two_theta"),
    "orders as many as angles": (
        lambda n: period_from_peaks([1.0, 2.0, 3.0][:n], [1, 2, 3]),
        2,
        3,
        "two_theta, orders",
    ),
    "two orders with errors": (
        lambda n: period_from_peaks([1.0, 2.0][:n], [1, 2][:n], error=0.1),
        1,
        2,
        "two_theta, orders",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_have_two_sides(name):
    call, refused, taken, field = LIMITS[name]
    if name == "a formula":
        pytest.importorskip("periodictable")
    with pytest.raises(MeasurementError) as caught:
        call(refused)
    got = caught.value.errors[0].field
    assert field(got) if callable(field) else got == field
    if name != "twenty energies":
        call(taken)


def test_a_film_has_the_thickness_of_all_its_layers():
    a, b, cap = (XrayLayer(formula="NiO", thickness=d * 1e-9) for d in (2, 3, 0.5))
    film = XraySuperlattice(substrate=XrayLayer(formula="NiO"), a=a, b=b, repeats=4, cap=cap)
    assert film.thickness == pytest.approx(20.5e-9)
    assert replace(film, cap=None).thickness == pytest.approx(20e-9)
    assert film.period == pytest.approx(5e-9)
    assert replace(a, density=5e3).mass_density() == 5e3


def test_a_peak_of_negative_area_is_told():
    energy = np.linspace(864, 878, 71)
    value = 2 * np.exp(-(((energy - 870) / 0.8) ** 2)) - 0.7 * np.exp(-(((energy - 873) / 0.8) ** 2))
    data = measurement({"intensity": value, "intensity_error": np.full(71, 0.01)}, {"energy": energy})
    found = fit_edges(data, (870.0, 873.0), step="none", background="none")
    assert number(found, "area_b") < 0
    assert "Peak b came out with a negative area" in found.attrs["remark"]


def test_errors_of_scatter_are_those_of_what_a_line_leaves():
    """Without stated errors all points have that of those before the edge about their line, which uses up two."""
    few = measurement({"intensity": SPECTRA["one"]["intensity"].values}, {"energy": ENERGY})
    before = (ENERGY >= 521) & (ENERGY <= 524)
    line = np.polynomial.Polynomial.fit(ENERGY[before], few["intensity"].values[before], 1)
    rest = few["intensity"].values[before] - line(ENERGY[before])
    size = np.sqrt(rest @ rest / (before.sum() - 2))
    stated = few.assign(intensity_error=("point", np.full(ENERGY.size, size)))
    call = {
        "windows": {"a": (529.0, 535.0), "b": (535.0, 539.0)},
        "pre_edge": (521.0, 524.0),
        "post_edge": (550.0, 559.0),
    }
    bare, told = (window_integrals(one, **call) for one in (few, stated))
    np.testing.assert_allclose(bare["error"], told["error"], rtol=1e-9)
    assert bare.attrs["noise_from"] == f"scatter of {before.sum()} points before the edge"
    angles, m = np.array([1.9, 3.71, 5.6, 7.4, 9.3]), np.arange(1, 6)
    by_scatter, by_one = (period_from_peaks(angles, m, error=e) for e in (None, 1.0))
    theta = np.radians(angles / 2)
    weight = 1 / (np.sin(2 * theta) * np.radians(1.0) / 2)
    slope, offset = np.polyfit(m**2, np.sin(theta) ** 2, 1, w=weight)
    left = weight * (np.sin(theta) ** 2 - slope * m**2 - offset)
    np.testing.assert_allclose(by_scatter["error"], by_one["error"] * np.sqrt(left @ left / 3), rtol=1e-9)


@pytest.mark.parametrize("scatter", [True, False])
def test_fits_of_scans_scale_by_their_scatter_where_no_errors_are_stated(scatter):
    from spinstack.measure.statistics.nonlinear import Minimum
    from spinstack.measure.superlattice.xray_fit import _estimate

    residual, slopes = np.array([1.0, -2.0, 0.5, 1.5, -1.0]), np.diag([2.0, 3.0])
    C = np.array([[0.4, 0.1], [0.1, 0.2]])
    fit = _estimate(Minimum(np.array([1.0, 2.0]), residual, C, True, ""), slopes, scatter)
    scale = residual @ residual / 3 if scatter else 1.0
    np.testing.assert_allclose(fit.covariance, scale * slopes @ C @ slopes)
    np.testing.assert_allclose(fit.values, [2.0, 6.0])
    np.testing.assert_allclose(fit.residual, -residual)
    assert fit.freedom == (3 if scatter else np.inf)
    assert fit.reduced_chi_square == pytest.approx(residual @ residual / 3)
    assert np.isnan(_estimate(Minimum(np.ones(2), residual, None, False, ""), slopes, scatter).errors).all()


def test_hall_layers_show_what_was_measured_and_fitted_of_each_film():
    data, samples = films(True)
    nameless = [replace(s, name="") for s in samples(data)]
    found = layer_anomalous_hall(nameless, interface=True)
    assert found["sample"].values.tolist() == ["1", "2", "3", "4"]
    np.testing.assert_allclose(found["measured"], data["hall"], rtol=1e-12)
    np.testing.assert_allclose(found["fitted"], data["hall"], rtol=1e-6)
    np.testing.assert_allclose(found["fitted_resistivity"], data["rho"], rtol=1e-6)
    units = dict(zip(found["parameter"].values.tolist(), found["unit"].values.tolist(), strict=True))
    assert [units[n] for n in ("conductivity_b", "interface_conductance", "anomalous_hall_conductivity_a")] == [
        "S/m", "S", "S/m"
    ]  # fmt: skip
    assert units["anomalous_hall_interface_conductance"] == "S"


@pytest.mark.parametrize(("gain", "away"), [(1e-3, 300.0), (40.0, -200.0)])
def test_numbers_of_spectra_go_with_the_gain_and_not_with_the_zero_of_energy(gain, away):
    ranges = {n: (low + away, high + away) for n, (low, high) in RANGES.items()}

    def moved_by(one):
        values = {n: ("point", gain * one[n].values) for n in one.data_vars}
        return one.assign(values).assign_coords(energy=one["energy"] + away)

    one, other = SPECTRA.values()
    far, further = moved_by(one), moved_by(other)
    window = (529.0, 537.5)
    there = (window[0] + away, window[1] + away)
    pairs = [
        (orbital_polarization(one, other, window=window, incidence=30.0, **RANGES),
         orbital_polarization(far, further, window=there, incidence=30.0, **ranges)),
        (window_integrals(one, {"a": window}, reference=other, steps={540.0: 1.0}, **RANGES),
         window_integrals(far, {"a": there}, reference=further, steps={540.0 + away: 1.0}, **ranges)),
        (edge_shift(one, other, window=(526.0, 550.0)), edge_shift(far, further, window=(526.0 + away, 550.0 + away))),
    ]  # fmt: skip
    for here, moved_there in pairs:
        np.testing.assert_allclose(moved_there["value"], here["value"], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(moved_there["error"], here["error"], rtol=1e-3)


@pytest.mark.parametrize("hall", [False, True])
def test_layers_go_with_the_size_of_lengths_and_resistivities(hall):
    data, samples = films(hall)
    analysis, scale = layer_anomalous_hall if hall else parallel_layers, {"a": 0.3, "b": 0.3}
    scale |= {f"{n}{s}": 7.0 for n in ("resistivity", "hall_resistivity") for s in ("", "_error")}
    thin = [
        replace(s, **{n: getattr(s, n) * k for n, k in scale.items() if getattr(s, n) is not None})
        for s in samples(data)
    ]
    here, there = (analysis(s, interface=True) for s in (samples(data), thin))
    for of in ("value", "error"):
        for name, value in zip(here["parameter"].values.tolist(), here[of].values.tolist(), strict=True):
            power = 0.3 / 7 if "interface" in name else 7 if name.startswith("resistivity") else 1 / 7
            assert number(there, name, of) == pytest.approx(value * power, rel=1e-5)


@pytest.mark.parametrize("worse", [0.0, 3.0])
def test_errors_of_peaks_span_minima_that_are_about_as_good(worse):
    """The covariance about the best of two minima by their likelihoods: of each its own, and its distance."""
    from spinstack.measure.superlattice.edges import _Minimum, _mixed, _Model

    energy = np.linspace(-3, 4, 60)
    value = np.exp(-(energy**2)) + 0.5 * np.exp(-((energy - 1.5) ** 2)) + 0.1
    model = _Model(energy, value, np.full(60, 0.01), "gaussian", 2, "none", 1.0, "constant")
    places = np.array([[0.0, 1.5, 1.6, 1.7], [0.2, 1.3, 1.5, 1.9]])
    two = [_Minimum(at, 50.0 + worse * i, np.zeros(4, bool)) for i, at in enumerate(places)]
    (told, own), (there, other) = (_mixed(model, one, [one]) for one in two)
    away = np.subtract(list(there.values()), list(told.values()))
    share = 1 / (1 + np.exp(worse / 2))
    expected = (1 - share) * own + share * (other + np.outer(away, away))
    numbers, spread = _mixed(model, two[0], two)
    assert numbers == told
    np.testing.assert_allclose(spread, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())
    assert spread[0, 0] > 1.5 * own[0, 0]
