"""X rays on superlattices: where peaks and fringes lie, fits of thickness and roughness, and the sample file."""

import importlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import argrelmin

from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.superlattice import (
    Superlattice,
    XrayLayer,
    XraySuperlattice,
    bragg_angles,
    fit_diffraction,
    fit_reflectivity,
    parallel_layers,
    period_from_peaks,
    simulate_diffraction,
    simulate_reflectivity,
    to_sample,
)
from spinstack.measure.superlattice.xray_model import CU_K_ALPHA1, scattering_length_density
from spinstack.stack import Interface, Metal

IN_PLANE = 3.868e-10
SUBSTRATE = XrayLayer(formula="La0.3Sr0.7Al0.65Ta0.35O3", cell=(IN_PLANE, IN_PLANE), roughness=2e-10)
RUTHENATE = XrayLayer(formula="CaRuO3", cell=(IN_PLANE, 3.83e-10), thickness=10 * 3.83e-10, roughness=4e-10)
NICKELATE = XrayLayer(formula="LaNiO3", cell=(IN_PLANE, 3.79e-10), thickness=6 * 3.79e-10, roughness=3e-10)
MODEL = XraySuperlattice(substrate=SUBSTRATE, a=RUTHENATE, b=NICKELATE, repeats=10, surface_roughness=5e-10)


@pytest.fixture
def refnx():
    pytest.importorskip("periodictable")
    return pytest.importorskip("refnx.reflect")


@pytest.fixture
def xu():
    pytest.importorskip("periodictable")
    return pytest.importorskip("xrayutilities")


def number(found, name, of="value"):
    return found[of].sel(parameter=name).item()


def measured(simulated, rng, relative=0.02, floor=1.0):
    clean = simulated["intensity"].values
    error = np.sqrt((relative * clean) ** 2 + clean + floor)
    return simulated.assign(
        intensity=("point", clean + error * rng.normal(size=clean.size)), intensity_error=("point", error)
    )


def test_density_is_the_mass_of_a_cell_over_its_volume():
    pytest.importorskip("periodictable")
    mass = (138.90547 + 58.6934 + 3 * 15.999) * 1.66053907e-27  # kg
    layer = XrayLayer(formula="LaNiO3", cell=(3.9e-10, 3.7e-10))
    assert layer.mass_density() == pytest.approx(mass / (3.9e-10**2 * 3.7e-10), rel=1e-4)


@pytest.mark.study
def test_periods_follow_from_a_straight_line_and_its_error_covers_the_truth():
    rng = np.random.default_rng(2)
    orders, truth = np.arange(1, 7), np.array([6e-9, 1.7e-5])
    angles = bragg_angles(truth[0], orders, refraction=truth[1])
    assert np.sin(np.radians(angles / 2)) ** 2 == pytest.approx((orders * CU_K_ALPHA1 / 2 / 6e-9) ** 2 + 3.4e-5)
    assert period_from_peaks(angles, orders)["value"].values == pytest.approx(truth)
    z = []
    for _ in range(500):
        found = period_from_peaks(angles + rng.normal(size=6) * 0.01, orders, error=0.01)
        z.append((found["value"].values - truth) / found["error"].values)
    z = np.array(z)
    assert abs(z.mean(axis=0)) == pytest.approx(0, abs=0.18)
    assert (abs(z) < 1).mean(axis=0) == pytest.approx(0.6827, abs=0.055)


def test_bragg_peaks_of_reflectivity_lie_where_sine_squared_puts_them(refnx):
    heavy = XrayLayer(formula="Ni", density=8908.0, thickness=3e-9)
    light = XrayLayer(formula="C", density=2200.0, thickness=4e-9)
    model = XraySuperlattice(substrate=XrayLayer(formula="Si", density=2329.0), a=heavy, b=light, repeats=60)
    delta = sum(
        layer.thickness * scattering_length_density(layer.formula, layer.density, CU_K_ALPHA1).real
        for layer in (heavy, light)
    ) * (CU_K_ALPHA1**2 / (2 * np.pi) / model.period)
    orders = np.array([1, 2, 3, 4, 5, 6])
    expected = bragg_angles(model.period, orders, refraction=delta)
    found = []
    for at in expected:
        near = np.linspace(at - 0.15, at + 0.15, 1201)
        found.append(near[np.argmax(simulate_reflectivity(model, near)["intensity"].values)])
    assert np.array(found[1:]) == pytest.approx(expected[1:], abs=0.006)
    line = period_from_peaks(found[1:], orders[1:])
    assert number(line, "period") == pytest.approx(7e-9, rel=1e-3)
    assert number(line, "refraction") == pytest.approx(delta, rel=0.15)


def test_fringes_of_a_film_lie_where_sine_squared_puts_them(refnx):
    half = XrayLayer(formula="Ni", density=8908.0, thickness=1e-8)
    film = XraySuperlattice(substrate=XrayLayer(formula="Si", density=2329.0), a=half, b=half, repeats=1)
    angles = np.linspace(1.5, 6, 9001)
    intensity = simulate_reflectivity(film, angles)["intensity"].values * np.sin(np.radians(angles / 2)) ** 4
    minima = angles[argrelmin(intensity)[0]]
    delta = scattering_length_density("Ni", 8908.0, CU_K_ALPHA1).real * CU_K_ALPHA1**2 / (2 * np.pi)
    assert delta == pytest.approx(2.45e-5, rel=0.03)  # Ni at Cu K-alpha, from its table value
    orders = np.arange(1, 20)
    expected = bragg_angles(2e-8, orders, refraction=delta)
    inside = (expected > 1.51) & (expected < 5.99)
    assert minima == pytest.approx(expected[inside], abs=0.005)
    assert number(period_from_peaks(minima, orders[inside]), "period") == pytest.approx(2e-8, rel=1e-3)


def test_roughness_weakens_and_resolution_smears_reflectivity(refnx):
    angles = np.linspace(1, 6, 400)
    sharp = simulate_reflectivity(MODEL, angles)["intensity"].values
    model = replace(MODEL, b=replace(NICKELATE, roughness=9e-10), surface_roughness=12e-10)
    rough = simulate_reflectivity(model, angles)["intensity"].values
    smeared = simulate_reflectivity(MODEL, angles, resolution=0.1)["intensity"].values
    assert rough[-100:].mean() < 0.7 * sharp[-100:].mean()
    assert np.abs(np.diff(np.log(smeared))).max() < np.abs(np.diff(np.log(sharp))).max()
    moved = simulate_reflectivity(MODEL, angles + 0.2, offset=0.2, scale=3.0, background=1.0)["intensity"].values
    assert moved == pytest.approx(3 * sharp + 1)


@pytest.mark.parametrize("simulate", [simulate_reflectivity, simulate_diffraction])
def test_a_resolution_is_the_full_width_of_what_a_scan_is_smeared_with(simulate, refnx, xu):
    low = 3.0 if simulate is simulate_reflectivity else 21.0
    angles, width = low + np.linspace(0, 1.2, 1201), 0.06
    sharp, smeared = (simulate(MODEL, angles, resolution=w)["intensity"].values for w in (0.0, width))
    away = np.arange(-150, 151) * 1e-3
    weight = 2.0 ** -((2 * away / width) ** 2)
    expected = np.convolve(sharp, weight / weight.sum(), mode="valid")
    inner = slice(150, -150)
    assert np.max(np.abs(expected / sharp[inner] - 1)) > 0.3  # it matters
    assert smeared[inner] == pytest.approx(expected, rel=0.03)


@pytest.mark.study
def test_thickness_and_roughness_are_fitted_within_their_errors(refnx):
    rng = np.random.default_rng(4)
    angles = np.linspace(0.7, 7, 250)
    simulated = simulate_reflectivity(MODEL, angles, scale=1e7, background=3.0)
    start = replace(MODEL, a=replace(RUTHENATE, thickness=40.2e-10), b=replace(NICKELATE, thickness=22e-10))
    found = fit_reflectivity(measured(simulated, rng), start, resolution=0.0)
    truth = {
        "thickness_a": RUTHENATE.thickness,
        "thickness_b": NICKELATE.thickness,
        "period": MODEL.period,
        "roughness_a": 4e-10,
        "roughness_b": 3e-10,
        "roughness_substrate": 2e-10,
        "surface_roughness": 5e-10,
        "scale": 1e7,
        "background": 3.0,
    }
    for name, value in truth.items():
        assert abs(number(found, name) - value) < 4 * number(found, name, "error"), name
    assert number(found, "period", "error") < 1e-3 * number(found, "period")
    assert found.attrs["reduced_chi_square"] == pytest.approx(1, abs=0.3)
    assert found.attrs["remark"] == ""
    # without errors the logarithms are fitted, and the scatter gives the errors
    bare = fit_reflectivity(measured(simulated, rng, floor=0.0).drop_vars("intensity_error"), MODEL, search=0)
    assert number(bare, "period") == pytest.approx(MODEL.period, rel=1e-3)


def test_satellites_of_diffraction_lie_where_braggs_law_puts_them(xu):
    model = replace(MODEL, repeats=40)
    delta = 1.7e-5  # half of minus chi_0 of either oxide, within a tenth
    for satellite in (-2, -1, 0, 1, 2):
        at = bragg_angles(model.period, 16 + satellite, refraction=delta).item()
        near = np.linspace(at - 0.1, at + 0.1, 401)
        peak = near[np.argmax(simulate_diffraction(model, near)["intensity"].values)]
        assert peak == pytest.approx(at, abs=0.012), satellite


def test_diffraction_agrees_with_dynamical_theory(xu):
    # at (002) all structure factors are positive; xrayutilities drops their sign, which (001) would need
    from spinstack.measure.superlattice.diffraction import _crystal

    angles = np.linspace(42, 53, 551)
    stack = xu.simpack.LayerStack("film")
    for layer in MODEL.layers():
        stack.append(xu.simpack.Layer(_crystal(layer), layer.thickness * 1e10))
    theory = xu.simpack.DynamicalModel(stack, experiment=xu.HXRD([1, 0, 0], [0, 0, 1], wl=CU_K_ALPHA1 * 1e10))
    expected = theory.simulate(angles / 2, hkl=(0, 0, 2))
    found = simulate_diffraction(MODEL, angles, order=2)["intensity"].values
    substrate = bragg_angles(IN_PLANE, 2).item()
    away = abs(angles - substrate) > 0.15
    assert np.log(found / expected)[away] == pytest.approx(0, abs=0.02)
    assert np.median(found / expected) == pytest.approx(1, abs=1e-3)


def test_first_order_sees_that_the_oxides_scatter_in_opposite_phase(xu):
    # f_A - f_B - f_O at (001) is negative for Ca, Ru and positive for La, Ni: by hand, atomic planes one by one, with
    # the factors (electrons, absorption included) of xrayutilities
    from spinstack.measure.superlattice.diffraction import _crystal, _optics

    angles = np.linspace(18, 29, 1101)
    found = simulate_diffraction(replace(MODEL, substrate=SUBSTRATE), angles)["intensity"].values
    q = 4 * np.pi / (CU_K_ALPHA1 * 1e10) * np.sin(np.radians(angles / 2))
    factor = {
        layer.formula: _optics(_crystal(layer), 1, 8047.8)[0] * layer.cell[0] ** 2 * layer.cell[1] * 1e30
        for layer in (RUTHENATE, NICKELATE)
    }
    assert factor["CaRuO3"].real == pytest.approx(-30, abs=2)
    assert factor["LaNiO3"].real == pytest.approx(20, abs=2)

    def sum_of_planes(signs):
        z, total = 0.0, np.zeros(angles.size, dtype=complex)
        for layer, cells in [(RUTHENATE, 10), (NICKELATE, 6)] * 10:
            for _ in range(cells):
                total += signs(factor[layer.formula]) * np.exp(-1j * q * z)
                z += layer.cell[1] * 1e10
        return np.abs(total / np.sin(np.radians(angles / 2))) ** 2

    def first_satellites(intensity):
        peaks = [bragg_angles(MODEL.period, 16 + s).item() for s in (-1, 0, 1)]
        low, main, high = (intensity[abs(angles - p) < 0.25].max() for p in peaks)
        return np.sqrt(low * high) / main

    ratio = first_satellites(found)
    assert ratio == pytest.approx(first_satellites(sum_of_planes(lambda f: f)), rel=0.35)
    assert ratio > 5 * first_satellites(sum_of_planes(abs))


@pytest.mark.study
def test_diffraction_is_fitted_within_its_errors(xu):
    rng = np.random.default_rng(9)
    angles = np.linspace(19, 28, 226)
    simulated = simulate_diffraction(MODEL, angles, scale=1e8, background=5.0)
    truth = np.array([RUTHENATE.thickness, NICKELATE.thickness, 3.83e-10, 3.79e-10])
    names = ["thickness_a", "thickness_b", "lattice_a", "lattice_b"]
    far = replace(
        MODEL,
        a=replace(RUTHENATE, thickness=39.4e-10, cell=(IN_PLANE, 3.835e-10)),
        b=replace(NICKELATE, thickness=22.1e-10, cell=(IN_PLANE, 3.80e-10)),
    )
    found = fit_diffraction(measured(simulated, rng), far)
    assert found["value"].sel(parameter="period").item() == pytest.approx(MODEL.period, rel=1e-3)
    z = []
    for _ in range(16):
        found = fit_diffraction(measured(simulated, rng), MODEL, search=0)
        z.append((found["value"].sel(parameter=names).values - truth) / found["error"].sel(parameter=names).values)
    z = np.array(z)
    assert abs(z.mean(axis=0)) == pytest.approx(0, abs=1.0)
    assert np.sqrt((z**2).mean()) == pytest.approx(1, abs=0.3)


@pytest.mark.study
def test_a_wrong_model_is_noticed(refnx):
    angles = np.linspace(0.7, 7, 250)
    simulated = simulate_reflectivity(replace(MODEL, cap=replace(NICKELATE, thickness=15e-10)), angles, scale=1e7)
    vary = ["thickness_a", "thickness_b", "scale"]
    found = fit_reflectivity(measured(simulated, np.random.default_rng(1)), MODEL, vary, search=0)
    assert "correlated" in found.attrs["remark"]


def test_fitted_thicknesses_become_a_sample_file(refnx, tmp_path):
    import spinstack as ss

    angles = np.linspace(0.7, 7, 150)
    simulated = simulate_reflectivity(MODEL, angles, scale=1e7)
    found = fit_reflectivity(
        measured(simulated, np.random.default_rng(0)), MODEL, ["thickness_a", "thickness_b", "scale"], search=0
    )
    cells = {"unit_cell": (3.83e-10, 3.79e-10), "repeats": 10}
    transport = parallel_layers(
        [
            Superlattice.of_cells(10, 2, resistivity=1.2 * 1.72e-5, conducting="a", **cells),
            Superlattice.of_cells(2, 6, resistivity=0.4e-5, conducting="b", **cells),
        ]
    )
    layers = [
        Metal(name, thickness=1e-9, conductivity=1e5, spin_diffusion_length=2e-9) for name in ("CaRuO3", "LaNiO3")
    ]
    text = to_sample(found, *layers, transport=transport, title="C10/L6")
    assert "thickness_a" in text.partition("spinstack = 1")[0]
    path = tmp_path / "film.toml"
    path.write_text(text, encoding="utf-8")
    film = ss.load_sample(path)
    assert len(film.elements) == 20
    assert [e.name for e in film.elements[:2]] == ["CaRuO3", "LaNiO3"]
    assert film.elements[0].thickness == number(found, "thickness_a")
    assert film.elements[1].thickness == number(found, "thickness_b")
    assert film.elements[0].conductivity == number(transport, "conductivity_a")
    contact = Interface("contact", conductance_up=5e14, conductance_down=5e14)
    path.write_text(to_sample(found, *layers, interface=contact), encoding="utf-8")
    assert len(ss.load_sample(path).elements) == 39
    with pytest.raises(MeasurementError, match="found"):
        to_sample(transport, *layers)
    with pytest.raises(MeasurementError, match="transport"):
        to_sample(found, *layers, transport=found)
    with pytest.raises(MeasurementError, match="a: got"):
        to_sample(found, contact, layers[1])


@pytest.mark.parametrize(
    ("name", "call"),
    [("refnx.reflect", simulate_reflectivity), ("xrayutilities", simulate_diffraction)],
)
def test_missing_packages_are_named(monkeypatch, name, call):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MeasurementError, match=r"spinstack\[xray\]"):
        call(MODEL, [2.0, 3.0])


@pytest.mark.study
def test_nothing_heavy_is_imported_before_it_is_needed():
    import subprocess

    code = (
        "import sys, spinstack.measure.superlattice as s\n"
        "s.fit_reflectivity, s.fit_edges, s.parallel_layers, s.to_sample\n"
        "print(sorted({'jax', 'lmfit', 'refnx', 'scipy', 'xrayutilities', 'periodictable'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_public_name_is_there():
    package = importlib.import_module("spinstack.measure.superlattice")
    assert all(callable(getattr(package, name)) for name in package.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = package.nothing


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"thickness": 0.0}, "thickness"),
        ({"thickness": "3 nm"}, "thickness"),
        ({"roughness": None}, "roughness"),
        ({"thickness": 38.0}, "thickness"),
        ({"roughness": -1e-10}, "roughness"),
        ({"roughness": 4.0}, "roughness"),
        ({"density": 0.0}, "density"),
        ({"cell": (3.87, 3.83)}, "cell"),
    ],
)
def test_wrong_layers_are_refused(changes, says):
    with pytest.raises(MeasurementError, match=says):
        replace(RUTHENATE, **changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"repeats": 0}, "repeats"), ({"repeats": "ten"}, "repeats"), ({"a": SUBSTRATE}, r"a\.thickness: missing")],
)
def test_wrong_superlattices_are_refused(changes, says):
    with pytest.raises(MeasurementError, match=says):
        replace(MODEL, **changes)


def test_wrong_calls_are_refused(refnx, xu):
    angles = np.linspace(1, 5, 30)
    data = simulate_reflectivity(MODEL, angles)
    with pytest.raises(MeasurementError, match="thickness_d"):
        fit_reflectivity(data, MODEL, ["thickness_d"])
    with pytest.raises(MeasurementError, match="lattice_a"):
        fit_reflectivity(data, MODEL, ["lattice_a"])
    with pytest.raises(MeasurementError, match="roughness_a"):
        fit_diffraction(data, MODEL, ["roughness_a"])
    with pytest.raises(MeasurementError, match="window"):
        fit_reflectivity(data, MODEL, window=(1.0, 1.1))
    with pytest.raises(MeasurementError, match="two_theta"):
        fit_reflectivity(measurement({"intensity": angles}, {"angle": angles}), MODEL)
    with pytest.raises(MeasurementError, match="two_theta"):
        simulate_reflectivity(MODEL, [-1.0, 2.0])
    with pytest.raises(MeasurementError, match="order"):
        simulate_diffraction(MODEL, angles, order=0)
    with pytest.raises(MeasurementError, match="density"):
        simulate_reflectivity(replace(MODEL, a=XrayLayer(formula="Ni", thickness=1e-9)), angles)
    with pytest.raises(MeasurementError, match="formula"):
        simulate_reflectivity(replace(MODEL, a=replace(RUTHENATE, formula="Qq3")), angles)
    with pytest.raises(MeasurementError, match="perovskite"):
        simulate_diffraction(replace(MODEL, a=replace(RUTHENATE, formula="NiO")), angles)
    with pytest.raises(MeasurementError, match="cell"):
        simulate_diffraction(replace(MODEL, a=replace(RUTHENATE, cell=None)), angles)
    for few in ([2.0, 3.0], [2.0, 3.0, 4.0]):
        with pytest.raises(MeasurementError, match="orders"):
            period_from_peaks(few, [1, 2])
    with pytest.raises(MeasurementError, match="grow"):
        period_from_peaks([4.0, 3.0, 2.0], [1, 2, 3])
