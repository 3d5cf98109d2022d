"""Figures: what is drawn is what the data say, units are readable, nothing overlaps, files appear whole."""

import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from pages import overlaps, texts

import spinstack as ss
from spinstack import figures
from spinstack.figures.structure import Group, drawn_heights, groups
from spinstack.figures.style import label, pretty_unit, readable, readable_axis

NM = 1e-9
PT = ss.Metal("Pt", thickness=3 * NM, conductivity=5e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
CO = ss.Ferromagnet("Co", thickness=1 * NM, conductivity=4e6, spin_diffusion_length=8 * NM, polarization=0.4)
JOINT = ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
YIG = ss.MagneticInsulator("YIG", mixing_conductance=3e14)
TA = ss.Metal("Ta", thickness=200 * NM, conductivity=5e5, spin_diffusion_length=2 * NM)
SUPERLATTICE = YIG | TA | (PT | JOINT | CO | JOINT) * 7 | PT.replace(thickness=9 * NM) | ss.Vacuum()


def scan(planes=("alpha", "beta", "gamma"), ratio=1e-3, hall=0.1):
    angles = np.arange(0.0, 361.0, 5)
    turn = np.deg2rad(angles)
    R = np.stack([100 * (1 + ratio * (k + 1) * np.sin(turn) ** 2) for k in range(len(planes))])
    R_xy = np.stack([hall * (k + 1) * np.sin(turn) for k in range(len(planes))])
    dims = ("plane", "angle")
    return xr.Dataset(
        {"R_xx": (dims, R), "R_xy": (dims, R_xy), "MR_xx": (dims, R / R[:, :1] - 1)},
        coords={"angle": ("angle", angles, {"units": "deg"}), "plane": list(planes)},
    )


def mr_map(sign=0.0):
    x, y = np.linspace(1, 20, 21) * NM, np.geomspace(1e13, 1e16, 13)
    values = 1e-3 * (np.log10(y[None] / 1e14) + sign) * np.exp(-x[:, None] / 1e-8)
    name = "Pt|Co.mixing_conductance.real"
    return xr.DataArray(
        values,
        dims=("Pt.thickness", name),
        coords={"Pt.thickness": ("Pt.thickness", x, {"units": "m"}), name: (name, y, {"units": "S/m^2"})},
        name="magnetoresistance",
        attrs={"units": "1", "long_name": "magnetoresistance"},
    )


# units


@pytest.mark.parametrize(
    ("largest", "unit", "factor", "text"),
    [
        (5e-9, "m", 1e9, "nm"), (3e-5, "m", 1e6, "µm"), (0.012, "Ohm", 1e3, "mΩ"), (12.0, "Ohm", 1.0, "Ω"),
        (2e-10, "V", 1e12, "pV"), (7.3e4, "A/m^2", 1e-3, "kA/m²"), (2e-11, "N/m", 1e12, "pN/m"),
        (2e-15, "Ohm m^2", 1e15, "fΩ m²"), (5e14, "S/m^2", 1e-14, "10¹⁴ S/m²"), (0.5, "1", 1.0, ""),
        (90, "deg", 1.0, "°"), (0.0, "Ohm", 1.0, "Ω"),
    ],
)  # fmt: skip
def test_units_are_brought_to_readable_numbers(largest, unit, factor, text):
    got, words = readable([0.0, -largest], unit)
    assert got == pytest.approx(factor, rel=1e-12)
    assert words == text


def test_ratios_are_shown_in_percent():
    assert readable([1e-5], "1", ratio=True) == (100.0, "%")


def test_a_squared_unit_is_never_given_a_prefix_that_would_be_squared_too():
    factor, text = readable([2e-4], "m^2/s")
    assert factor == pytest.approx(1e4, rel=1e-12)
    assert text == "10⁻⁴ m²/s"


def test_a_logarithmic_axis_keeps_si_because_its_ticks_are_powers_already():
    assert readable_axis(np.geomspace(1e13, 1e16, 7), "S/m^2") == (1.0, "S/m²", True)
    assert readable_axis(np.linspace(1e13, 1e16, 7), "S/m^2")[2] is False


def test_unit_and_symbol_text():
    assert pretty_unit("1/(J m^3)") == "1/(J m³)"
    assert label("sheet resistance R_yx", "Ω") == "sheet resistance $R_{yx}$ (Ω)"


# the film


def test_a_superlattice_is_folded_into_its_repeats():
    # the cap differs from the repeated layer in thickness only, so it does not belong to it
    assert groups(SUPERLATTICE) == (Group(0, 2, 1), Group(2, 4, 7), Group(30, 2, 1))


def test_a_film_without_repeats_is_one_group():
    assert groups(PT | JOINT | CO) == (Group(0, 3, 1),)


def test_heights_grow_with_thickness_but_stay_visible():
    heights = drawn_heights([0.5e-9, 5e-9, 500e-9])
    assert heights == sorted(heights)
    assert heights[-1] / heights[0] < 3
    assert drawn_heights([2e-9, 2e-9])[0] == drawn_heights([2e-9, 2e-9])[1]


def test_the_drawing_names_every_element_once_and_nothing_overlaps():
    boxes = texts(figures.draw_film(SUPERLATTICE, title="a title"))
    for words in ("YIG", "Ta", "200 nm", "Pt", "3 nm", "9 nm", "Co", "Vacuum", "×7", "a title"):
        assert words in dict(boxes)
    assert any(words.startswith("Pt|Co") for words, _ in boxes)
    assert overlaps(boxes) == []


def test_the_drawing_stays_inside_its_figure():
    with pytest.raises(ss.ParameterError, match="m: got 'Fe'"):
        figures.draw_film(SUPERLATTICE, m={"Fe": "y"})
    figure = figures.draw_film(SUPERLATTICE, m={"YIG": "y", "Co": (0, 0, 2)})
    boxes = texts(figure)
    page = figure.bbox
    assert all(b.x0 >= page.x0 and b.x1 <= page.x1 and b.y0 >= page.y0 and b.y1 <= page.y1 for _, b in boxes)


def test_a_batch_of_thicknesses_is_drawn_as_a_range():
    film = (PT | CO).replace({"Pt.thickness": np.array([1e-9, 8e-9])})
    assert "1 to 8 nm" in dict(texts(figures.draw_film(film)))


# curves


def test_a_scan_shows_the_difference_the_ratio_and_the_transverse_resistance():
    data = scan()
    panels = figures.angular_scan(data).axes
    base = 100.2  # the mean of the planes' means 100.05, 100.1, 100.15 ...
    shown = panels[0].lines[1].get_ydata()
    assert np.ptp(shown) == pytest.approx(np.ptp(data["R_xx"].values[1]) * 1e3, rel=1e-9)  # mΩ
    assert panels[0].get_ylabel().startswith("$R_{xx}$ − 10")
    assert abs(float(panels[0].get_ylabel().split("− ")[1].split(" ")[0]) - base) < 0.4
    assert panels[1].lines[2].get_ydata().max() == pytest.approx(0.3, rel=1e-9)  # %
    assert panels[2].get_ylabel() == "$R_{xy}$ (mΩ)"
    assert panels[2].lines[0].get_ydata().max() == pytest.approx(100, rel=1e-9)


def test_large_changes_are_shown_without_an_offset():
    assert figures.angular_scan(scan(ratio=0.2)).axes[0].get_ylabel() == "$R_{xx}$ (Ω)"


def test_a_scan_of_one_plane_needs_no_plane_dimension():
    figure = figures.angular_scan(scan().sel(plane="beta"))
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["β (y to z)"]


def test_rounding_noise_is_drawn_flat():
    data = scan(ratio=0.0, hall=0.0)
    data["R_xx"] = data["R_xx"] + 1e-13 * np.cos(np.arange(data.sizes["angle"]))
    axes = figures.angular_scan(data).axes[0]
    low, high = axes.get_ylim()
    assert np.ptp(axes.lines[0].get_ydata()) < 1e-6 * (high - low)


def test_legends_do_not_cover_the_panels():
    figure = figures.angular_scan(scan(), title="RuO2/Py")
    texts(figure)
    legend = figure.legends[0].get_window_extent()
    assert not any(legend.overlaps(axes.get_window_extent()) for axes in figure.axes)


def test_torque_has_a_panel_for_each_magnet_in_its_own_unit():
    angles = np.arange(0.0, 181.0, 10)
    values = np.stack([np.sin(np.deg2rad(angles)), 0 * angles, np.cos(np.deg2rad(angles))], -1)
    data = xr.Dataset(
        {"Co": (("angle", "component"), 2e-12 * values, {"units": "N/m"}),
         "Py": (("angle", "component"), 3e-9 * values, {"units": "N/m"})},
        coords={"angle": angles, "component": list("xyz")},
        attrs={"conditions": "E = (1, 0) V/m"},
    )  # fmt: skip
    figure = figures.torque(data)
    assert [a.get_ylabel() for a in figure.axes] == ["torque on Co\n(pN/m)", "torque on Py\n(nN/m)"]
    assert figure.axes[1].lines[2].get_ydata()[0] == pytest.approx(3, rel=1e-12)
    assert "E = (1, 0) V/m" in figure.legends[0].get_title().get_text()


def profile(layers):
    z, names, mu, start = [], [], [], 0.0
    for k, (name, thickness) in enumerate(layers):
        z.append(start + np.linspace(0, thickness, 5))
        names += [name] * 5
        mu.append(np.full(5, (k + 1) * 1e-10))
        start += thickness
    zero = np.zeros(5 * len(layers))
    values = np.stack([zero, np.concatenate(mu), zero], -1)
    return xr.Dataset(
        {"mu": (("z", "spin"), values, {"units": "V"}), "Q": (("z", "spin"), values * 1e15, {"units": "A/m^2"})},
        coords={"z": np.concatenate(z), "layer": ("z", names), "spin": list("xyz")},
    )


def test_a_profile_jumps_at_interfaces_and_leaves_out_what_vanishes():
    panel = figures.profile(profile([("Pt", 3e-9), ("Co", 1e-9)])).axes[0]
    curves = [line for line in panel.lines if len(line.get_xdata()) == 5]
    assert [line.get_ydata()[0] for line in curves] == pytest.approx([100, 200], rel=1e-9)  # pV; x and z are not drawn
    assert curves[1].get_xdata()[0] == pytest.approx(3.0)
    assert [t.get_text() for t in panel.get_legend().get_texts()] == [r"$\mu_{y}$"]


def test_layer_names_stand_above_the_panel_where_they_fit_and_in_a_key_where_not():
    roomy = figures.profile(profile([("Pt", 3e-9), ("Co", 1e-9)]))
    assert not roomy.legends
    assert {"Pt", "Co"} <= dict(texts(roomy)).keys()
    # ticks outside the panel exist but are not drawn
    words = [(text, box) for text, box in texts(roomy) if not text.strip("−").replace(".", "").isdigit()]
    assert overlaps(words) == []
    crowded = figures.profile(profile([("Pt", 1e-9), ("CoFeB", 0.5e-9)] * 20))
    assert [t.get_text() for t in crowded.legends[0].get_texts()] == ["Pt", "CoFeB"]


# sweeps


def test_a_ratio_map_is_diverging_about_zero_with_the_zero_line():
    figure = figures.sweep_map(mr_map())
    mesh = figure.axes[0].collections[0]
    low, high = mesh.get_clim()
    assert low == -high
    assert high == pytest.approx(100 * float(np.abs(mr_map()).max()), rel=1e-12)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["zero"]
    assert figure.axes[0].get_xlabel() == "Pt thickness (nm)"
    assert figure.axes[0].get_ylabel() == "Pt|Co Re mixing conductance (S/m²)"
    assert figure.axes[0].get_yscale() == "log"


def test_a_map_is_not_transposed():
    data = mr_map()
    values = figures.sweep_map(data).axes[0].collections[0].get_array()
    assert values.shape == (13, 21)
    assert values[12, 0] == pytest.approx(100 * data.values[0, 12], rel=1e-12)


def test_a_map_of_one_sign_has_no_zero_line_and_uses_the_whole_scale():
    figure = figures.sweep_map(mr_map(sign=5.0))
    assert not figure.legends
    mesh = figure.axes[0].collections[0]
    assert mesh.get_clim() == (mesh.get_array().min(), mesh.get_array().max())
    assert mesh.get_cmap().name == "viridis"


def test_the_threshold_is_drawn_in_axis_units_and_does_not_widen_the_map():
    data = mr_map()
    thickness = data["Pt.thickness"].values
    figure = figures.sweep_map(data, threshold=(thickness, np.full(21, 1e20)), threshold_label="Eq. 6")
    assert figure.axes[0].lines[0].get_xdata()[-1] == pytest.approx(20)
    assert figure.axes[0].get_ylim()[1] < 1e17
    assert "Eq. 6" in [t.get_text() for t in figure.legends[0].get_texts()]


def test_missing_points_of_a_map_stay_empty():
    data = mr_map()
    data[3, 4] = np.nan
    assert figures.sweep_map(data).axes[0].collections[0].get_array().mask.sum() == 1


def test_a_cut_is_drawn_in_nanometres_and_percent():
    cut = mr_map()[:, 0]
    axes = figures.sweep_curve(cut).axes[0]
    assert axes.get_xlabel() == "Pt thickness (nm)"
    assert axes.get_ylabel() == "magnetoresistance (%)"
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 100 * cut.values, rtol=1e-12)


def test_a_second_dimension_becomes_a_family_with_a_key_outside():
    figure = figures.sweep_curve(mr_map()[:, ::4])
    texts(figure)
    assert figure.legends[0].get_texts()[0].get_text() == "1e+13 S/m²"
    assert not figure.legends[0].get_window_extent().overlaps(figure.axes[0].get_window_extent())


@pytest.mark.parametrize(
    ("draw", "array"), [(figures.sweep_map, mr_map()[0]), (figures.sweep_curve, mr_map().expand_dims("t"))]
)
def test_a_wrong_number_of_dimensions_is_refused(draw, array):
    with pytest.raises(ss.ParameterError, match="dimensions"):
        draw(array)


# files


def test_files_appear_whole_with_the_same_bytes_each_time(tmp_path):
    written = figures.save(figures.draw_film(PT | CO), tmp_path / "film.v1")
    assert [p.name for p in written] == ["film.v1.png", "film.v1.pdf"]
    first = [p.read_bytes() for p in written]
    assert first[0].startswith(b"\x89PNG")
    assert first[1].startswith(b"%PDF")
    figures.save(figures.draw_film(PT | CO), tmp_path / "film.v1")
    assert [p.read_bytes() for p in written] == first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["film.v1.pdf", "film.v1.png"]


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path):
    figures.save(figures.draw_film(PT | CO), tmp_path / "film", formats=("png",))
    before = (tmp_path / "film.png").read_bytes()

    class Broken(Figure):
        def savefig(self, fname, **kwargs):
            fname.write(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        figures.save(Broken(), tmp_path / "film", formats=("png",))
    assert (tmp_path / "film.png").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.study
def test_figures_leave_pyplot_alone_and_are_loaded_late():
    code = (
        "import sys, spinstack.figures as f\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import spinstack as ss\n"
        "f.draw_film(ss.Film((ss.Metal('Pt', thickness=1e-9, conductivity=1e6, spin_diffusion_length=1e-9),)))\n"
        "assert 'matplotlib.pyplot' not in sys.modules and 'jax' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_real_results_are_drawn():
    film = PT | JOINT | CO
    figures.angular_scan(ss.angular_scan(film, plane=("alpha", "beta"), angles=np.arange(0, 361, 15)))
    shown = figures.profile(ss.profile(film, m=(0, 1, 0), points=5)).axes[1]
    assert shown.get_ylabel() == "spin current (kA/m²)"
