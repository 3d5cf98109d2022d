"""What all figures share: formulae, differences from a stated value, angles, and phases without jumps."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.image import imread

import spinstack as ss
from spinstack import figures
from spinstack.figures.formulas import with_subscripts
from spinstack.figures.style import DPI, FEW, angle_ticks, from_base, plain, unwrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("RuO2", "RuO₂"), ("Fe3O4", "Fe₃O₄"), ("Y3Fe5O12", "Y₃Fe₅O₁₂"), ("Tm3Fe5O12[1]", "Tm₃Fe₅O₁₂[1]"),
        ("RuO2/Py", "RuO₂/Py"), ("RuO2|Fe3O4", "RuO₂|Fe₃O₄"), ("RuO2_bottom", "RuO₂_bottom"), ("VO2", "VO₂"),
        ("Co40Fe40B20", "Co₄₀Fe₄₀B₂₀"), ("La0.7Sr0.3MnO3", "La₀.₇Sr₀.₃MnO₃"), ("Mn2Au", "Mn₂Au"), ("IrMn3", "IrMn₃"),
        ("Bi2Te3 (6 nm)", "Bi₂Te₃ (6 nm)"), ("CoFe2O4", "CoFe₂O₄"), ("WTe2", "WTe₂"),
    ],
)  # fmt: skip
def test_formulae_get_subscripts(text, shown):
    assert with_subscripts(text) == shown
    assert plain(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Pt1", "N2", "F2", "layer2", "FM2", "NM1", "FI2", "SC2", "HM2", "Py2", "Co2", "CoFe2", "CoFeB2", "NiFe1",
        "MgO2", "NiO1", "Pt20", "R_xx", "Sample12", "B2", "MoS2021", "x2", "CoFe02", "run7", "T300", "WTe2b", "aRuO2",
    ],
)  # fmt: skip
def test_other_names_stay_as_they_are(text):
    assert with_subscripts(text) == text


def test_materials_are_formulae_in_labels_and_drawings():
    metal = ss.Metal("RuO2", thickness=5e-9, conductivity=1e6, spin_diffusion_length=2e-9)
    drawn = figures.draw_film(metal | metal.replace(name="N2"))
    words = [t.get_text() for t in drawn.axes[0].texts]
    assert "RuO₂" in words
    assert "N2" in words
    curve = xr.DataArray([1.0, 2.0], {"RuO2.thickness": ("RuO2.thickness", [1e-9, 2e-9], {"units": "m"})}, name="R_xx")
    assert figures.sweep_curve(curve).axes[0].get_xlabel() == "RuO₂ thickness (nm)"
    assert figures.sweep_curve(curve).axes[0].get_ylabel() == "$R_{xx}$"


@pytest.mark.parametrize(
    ("values", "unit", "label", "largest"),
    [
        ([80_000.0, 80_000.003], "Ohm", " − 80 kΩ|mΩ", 3.0),
        ([1700.05, 1700.06], "Ohm", " − 1.70005 kΩ|mΩ", 10.0),
        ([-5.0, -5.003], "T", " + 5 T|mT", 3.0),
        ([80_000.0, 80_500.0], "Ohm", "|kΩ", 80.5),  # can be read as they are
        ([80_000.0, 80_000.0 + 1e-9], "Ohm", "|kΩ", 80.0),  # rounding is no change
        ([500.0, 502.0], "Ohm", " − 500 Ω|Ω", 2.0),
        ([0.0, 1e-3], "Ohm", "|mΩ", 1.0),
        ([359.9, 360.1], "deg", "|°", 360.1),
    ],
)
def test_values_that_hardly_differ_are_differences_from_a_stated_one(values, unit, label, largest):
    base, factor, text, words = from_base(values, unit)
    assert f"{words}|{text}" == label
    assert np.abs((np.array(values) - base) * factor).max() == pytest.approx(largest, rel=1e-6)


def test_the_stated_value_is_the_one_that_is_subtracted():
    rng = np.random.default_rng(3)
    for _ in range(200):
        middle = rng.choice([-1, 1]) * 10.0 ** rng.uniform(-6, 6)
        values = middle * (1 + 10.0 ** rng.uniform(-9, -3) * rng.uniform(-1, 1, 20))
        base, factor, _, words = from_base(values, "1")
        assert words
        sign, number, *power = words.split()
        exponent = int(power[0][2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if power else 0
        said = float(number) * 10.0**exponent * (-1 if sign == "+" else 1)
        assert said == pytest.approx(base, rel=1e-15)
        assert np.abs((values - base) * factor).max() < 1e4
        assert np.abs(values - base).max() <= 10 * np.ptp(values)


def test_no_axis_of_a_curve_or_map_hides_an_offset():
    x = ("Pt.thickness", np.linspace(1e-9, 9e-9, 9), {"units": "m"})
    curve = xr.DataArray(80_000 + 1e-3 * np.arange(9), {"Pt.thickness": x}, name="R_xx", attrs={"units": "Ohm"})
    figure = figures.sweep_curve(curve)
    figure.draw_without_rendering()
    assert figure.axes[0].get_ylabel() == "$R_{xx}$ − 80 kΩ (mΩ)"
    assert figure.axes[0].yaxis.get_offset_text().get_text() == ""
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), np.arange(9), atol=1e-6)
    both = curve.expand_dims(turn=[0.0, 90.0, 180.0]).copy()
    both["turn"].attrs["units"] = "deg"
    axes, bar = figures.sweep_map(both).axes
    assert bar.get_ylabel() == "$R_{xx}$ − 80 kΩ (mΩ)"
    np.testing.assert_array_equal(axes.get_xticks(), [0, 90, 180])


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 360, [0, 90, 180, 270, 360]), (0, 180, [0, 90, 180]), (-180, 180, [-180, -90, 0, 90, 180]),
        (-90, 90, [-90, 0, 90]), (0, 90, [0, 15, 30, 45, 60, 75, 90]), (5, 355, [90, 180, 270]),
        (0, 720, np.arange(0, 721, 90)), (0, 1440, np.arange(0, 1441, 180)), (10, 14, np.arange(20, 29) / 2),
    ],
)  # fmt: skip
def test_angles_have_ticks_at_right_angles(low, high, ticks):
    np.testing.assert_allclose(angle_ticks(low, high), ticks)


def test_phases_have_no_jumps():
    true = np.linspace(0, 900, 60)
    wrapped = (true + 180) % 360 - 180
    np.testing.assert_allclose(unwrapped(wrapped, 360.0), true, atol=1e-9)
    gap = np.where(np.arange(60) == 30, np.nan, wrapped)
    found = unwrapped(gap, 360.0)
    assert np.isnan(found[30])
    np.testing.assert_allclose(np.delete(found, 30), np.delete(true, 30), atol=1e-9)


def test_a_phase_that_wraps_is_drawn_continuous():
    T = np.linspace(10, 300, 30)
    true = 0.7 * T
    x = ("temperature", T, {"units": "K"})
    # the phase of order two repeats after half a turn
    table = xr.Dataset(
        {"phase2": ("temperature", (true + 90) % 180 - 90, {"units": "deg"}),
         "tilt": ("temperature", (5 * true + 180) % 360 - 180, {"units": "deg"})}, {"temperature": x},
    )  # fmt: skip
    drawn = {c.get_label(): c.lines[0].get_ydata() for c in figures.measured_table(table).axes[0].containers}
    np.testing.assert_allclose(np.diff(drawn["phase2"]), np.diff(true), atol=1e-9)
    np.testing.assert_allclose(np.diff(drawn["tilt"]), np.diff(5 * true), atol=1e-9)
    sweep = table["tilt"].rename("turn")
    np.testing.assert_allclose(
        np.diff(figures.sweep_curve(sweep).axes[0].lines[0].get_ydata()), np.diff(5 * true), atol=1e-9
    )


@pytest.mark.parametrize(("count", "marker"), [(FEW, "o"), (FEW + 1, "None")])
def test_few_points_stay_points(count, marker):
    x = ("Pt.thickness", np.linspace(1e-9, 9e-9, count), {"units": "m"})
    curve = xr.DataArray(np.arange(count) * 1.0, {"Pt.thickness": x}, name="R_xx", attrs={"units": "Ohm"})
    assert figures.sweep_curve(curve).axes[0].lines[0].get_marker() == marker


def test_files_have_one_resolution(tmp_path):
    drawn = figures.draw_film(ss.Film((ss.Metal("Pt", thickness=1e-9, conductivity=1e6, spin_diffusion_length=1e-9),)))
    (path,) = figures.save(drawn, tmp_path / "film", ("png",))
    np.testing.assert_allclose(imread(path).shape[:2], drawn.get_size_inches()[::-1] * DPI, atol=1)
