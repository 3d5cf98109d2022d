"""Figures of films on magnetic insulators: what is drawn is what the data say, and the axes say what it is."""

import itertools

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_hex

import spinstack as ss
from spinstack import figures
from spinstack.figures.panels import HEAT, Family
from spinstack.figures.style import AXIS_COLOURS

NM = 1e-9
OHM = {"units": "Ohm"}
FIELD = np.linspace(-8.0, 8.0, 33)
SATURATION = {"x": 1.0, "y": -1.0, "z": 1.0}
RNG = np.random.default_rng(7)


def scan(T=None, directions=None, field=FIELD, size=0.05, own=False, hall=0.02):
    """A field scan by hand: R_xx = 500 Ohm and a bit that saturates, slower in the heat."""
    kelvin, names = np.atleast_1d(5.0 if T is None else T).astype(float), directions or ["z"]
    order = np.tanh(field / kelvin[:, None, None])
    sign = np.array([SATURATION[n] for n in names])[:, None]
    R = 500 + size * sign * order**2 + (0.01 * kelvin[:, None, None] if own else 0.0)
    R_xy = hall * order * np.array([n == "z" for n in names])[:, None]
    reference = R[:, :, :1] if own else 500.0
    dims = ("temperature", "direction", "field")
    axes = np.stack([np.eye(3)["xyz".index(n)] for n in names])
    data = xr.Dataset(
        {"R_xx": (dims, R, OHM), "R_xy": (dims, R_xy, OHM),
         "MR_xx": (dims, R / reference - 1, {"units": "1", "reference": "R_xx without field"})},
        coords={"field": ("field", field, {"units": "T"}), "temperature": ("temperature", kelvin, {"units": "K"}),
                "direction": names, "axis": list("xyz"),
                "B": (("direction", "field", "axis"), field[:, None] * axes[:, None])},
    )  # fmt: skip
    if T is None:
        data = data.isel(temperature=0, drop=True).assign_attrs(temperature_K=5.0)
    return data if directions else data.isel(direction=0, drop=True)


def path(B):
    B = np.asarray(B, dtype=float)
    R = 500 + 0.05 * B[:, 2] ** 2
    return xr.Dataset(
        {"R_xx": ("step", R, OHM), "R_xy": ("step", 0.01 * B[:, 2], OHM), "MR_xx": ("step", R / 500 - 1)},
        coords={"B": (("step", "axis"), B), "axis": list("xyz")},
    )


def contributions(T=None, directions=None, small=1.0):
    data = scan(T, directions)
    smr = data["R_xx"] - 500
    hanle = small * 1e-3 * data["field"] ** 2 + 0 * smr
    interference = -small * 1e-3 * np.abs(data["field"]) + 0 * smr
    parts = {"smr": smr, "hanle": hanle, "interference": interference}
    return data.drop_vars(list(data.data_vars)).assign(
        R_xx=500 + smr + hanle + interference, R_neither=500 + 0 * smr, **parts
    )


def face(T=5.0, field=FIELD, sublattices=1, magnet="WeissMagnet(spin=2)", exchange=3e14, scales=None):
    kelvin, B = np.atleast_1d(T).astype(float), np.atleast_1d(field)
    order = np.tanh(B / kelvin[:, None])
    dims = ("temperature", "field")
    orders = {"order": 2 * order} if sublattices == 1 else {"order_a": 2 * order, "order_b": order}
    parts = {"G_flip": 1e14 * (1 - order**2), "G_dephasing": 1e14 * (1 + order**2), "G_i": exchange * order}
    data = xr.Dataset(
        {n: (dims, v, {"units": "S/m^2"}) for n, v in parts.items()} | {n: (dims, v) for n, v in orders.items()},
        coords={"temperature": ("temperature", kelvin), "field": ("field", B)},
        attrs={"magnet": magnet, "G0_S_per_m2": scales or (5e13 if sublattices == 1 else [5e13] * sublattices)},
    )
    data = data if np.ndim(T) else data.isel(temperature=0)
    return data if np.ndim(field) else data.isel(field=0)


def regimes(low=1e13):
    d = np.linspace(1, 15, 21) * NM
    G = np.geomspace(low, 1e16, 25) if low > 0 else np.linspace(low, -low, 25)
    critical = 1e14 * np.exp(d / (8 * NM))
    slope = -1e-5 * np.log(np.abs(G[None]) / critical[:, None] + 1e-3) * np.sign(G)
    name = "EuS.mixing_conductance.imag"
    return xr.Dataset(
        {"initial_slope": (("Pt.thickness", name), slope, {"units": "Ohm/T"}),
         "critical_exchange": ("Pt.thickness", critical, {"units": "S/m^2"})},
        coords={"Pt.thickness": ("Pt.thickness", d, {"units": "m", "long_name": "Pt.thickness"}),
                name: (name, G, {"units": "S/m^2", "long_name": name})},
    )  # fmt: skip


def lines(axes, n=None):
    """The curves of a panel, without lines across it."""
    found = [line for line in axes.lines if len(line.get_xdata()) > 2 or line.get_marker() == "o"]
    return found if n is None else found[n]


def words(figure):
    return [t.get_text() for legend in figure.legends for t in legend.get_texts()]


def above(figure):
    titles = [legend.get_title().get_text() for legend in figure.legends]
    return "\n".join([figure.get_suptitle(), *titles])


def second(axes):
    (right,) = [c for c in axes.child_axes if c.get_ylabel()]
    return right


def overlaps(figure):
    """Pairs of texts that cover each other, and texts outside the page."""
    figure.set_dpi(100)
    figure.draw_without_rendering()
    texts = [t for t in figure.findobj(matplotlib.text.Text) if t.get_visible() and t.get_text().strip()]
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts]
    ticks = {id(t) for a in figure.findobj(matplotlib.axis.Axis) for t in a.get_ticklabels(which="both")}
    boxes = [b for t, b in zip(texts, boxes, strict=True) if id(t) not in ticks]
    page = figure.bbox.padded(1)
    outside = [w for w, b in boxes if b.x0 < page.x0 or b.x1 > page.x1 or b.y0 < page.y0 or b.y1 > page.y1]
    return [(v, w) for (v, p), (w, q) in itertools.combinations(boxes, 2) if p.overlaps(q)] + outside


# field scans


def test_a_scan_is_drawn_in_percent_milliohm_and_tesla():
    data = scan()
    figure = figures.field_scan(data)
    ratio, transverse = figure.axes
    np.testing.assert_allclose(lines(ratio, 0).get_xdata(), FIELD)
    np.testing.assert_allclose(lines(ratio, 0).get_ydata(), 100 * data["MR_xx"].values, rtol=1e-12)
    np.testing.assert_allclose(lines(transverse, 0).get_ydata(), 1e3 * data["R_xy"].values, rtol=1e-12)
    assert ratio.get_ylabel() == r"$(R_{xx}-R_\mathrm{ref})/R_\mathrm{ref}$ (%)"
    assert transverse.get_ylabel() == "$R_{xy}$ (mΩ)"
    assert transverse.get_xlabel() == "field (T)"


def test_the_second_axis_gives_the_change_in_ohm():
    figure = figures.field_scan(scan())
    figure.draw_without_rendering()
    right = second(figure.axes[0])
    assert right.get_ylabel() == r"$R_{xx}-R_\mathrm{ref}$ (mΩ)"
    # 0.01 % of 500 Ohm are 50 mOhm
    assert np.divide(right.get_ylim(), figure.axes[0].get_ylim()) == pytest.approx(5000, rel=1e-9)


def test_what_is_the_same_for_all_stands_above():
    text = above(figures.field_scan(scan(), title="EuS/Pt"))
    assert text.strip().startswith("EuS/Pt\n")
    assert r"T = 5 K,  $R_\mathrm{ref}$: $R_{xx}$ without field" in text


def test_the_direction_is_read_off_the_field_where_it_has_no_dimension():
    assert words(figures.field_scan(scan())) == ["B ∥ z"]
    oblique = scan()
    oblique["B"] = ("field", "axis"), FIELD[:, None] * np.array([0.6, 0.0, 0.8])
    assert words(figures.field_scan(oblique)) == ["B ∥ (0.6, 0, 0.8)"]


def test_each_direction_has_its_colour_and_dashes():
    figure = figures.field_scan(scan(directions=["x", "y", "z"]))
    drawn = lines(figure.axes[0])
    assert words(figure) == ["B ∥ x", "B ∥ y", "B ∥ z"]
    assert [to_hex(line.get_color()) for line in drawn] == [AXIS_COLOURS[a].lower() for a in "xyz"]
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in drawn}) == 3
    np.testing.assert_allclose(drawn[1].get_ydata(), 100 * scan(directions=["y"])["MR_xx"].values[0], rtol=1e-12)


@pytest.mark.parametrize("n", [2, 8])
def test_temperatures_run_from_cold_to_hot_with_a_key(n):
    T = np.geomspace(2, 300, n)[RNG.permutation(n)]
    figure = figures.field_scan(scan(T))
    drawn = lines(figure.axes[0])
    assert words(figure) == [f"{t:.4g} K" for t in T]
    assert figure.legends[0].get_title().get_text() == "temperature"
    # brightness follows temperature, whatever the order
    bright = [np.dot(matplotlib.colors.to_rgb(line.get_color()), [0.21, 0.72, 0.07]) for line in drawn]
    assert list(np.argsort(bright)) == list(np.argsort(T))
    np.testing.assert_allclose(drawn[0].get_ydata(), 100 * scan(T)["MR_xx"].values[0, :], rtol=1e-12)
    assert "B ∥ z" in above(figure)


def test_many_temperatures_have_a_colour_bar():
    T = np.linspace(10, 290, 15)
    figure = figures.field_scan(scan(T, ["y", "z"]))
    bar = figure.axes[-1]
    assert bar.get_ylabel() == "temperature (K)"
    assert bar.get_ylim() == (10, 290)
    assert not figure.legends
    assert lines(figure.axes[0], 7).get_color() == HEAT(0.5)


def test_several_directions_and_temperatures_make_columns_on_one_scale():
    data = scan([2.0, 20.0], ["y", "z"])
    figure = figures.field_scan(data)
    left, right = figure.axes[:2]
    assert [left.get_title(), right.get_title()] == ["B ∥ y", "B ∥ z"]
    assert left.get_ylim() == right.get_ylim()
    for k, axes in enumerate((left, right)):
        for i in range(2):
            shown = lines(axes, i).get_ydata()
            np.testing.assert_allclose(shown, 100 * data["MR_xx"].values[i, k], rtol=1e-12)


def test_resistances_have_a_panel_where_references_differ():
    data = scan([2.0, 20.0], own=True)
    figure = figures.field_scan(data)
    assert len(figure.axes) == 3
    said = figure.axes[0].get_ylabel()
    assert said.startswith("$R_{xx}$ − 500.")
    base = float(said.split("− ")[1].split(" ")[0])
    shown = [line.get_ydata() for line in lines(figure.axes[0])]
    np.testing.assert_allclose(shown, 1e3 * (data["R_xx"].values - base), atol=1e-9)
    assert not figure.axes[1].child_axes


def test_tiny_changes_are_shown_in_millionths():
    figure = figures.field_scan(scan(size=1e-3))
    assert figure.axes[0].get_ylabel().endswith("(10⁻⁶)")
    assert lines(figure.axes[0], 0).get_ydata().max() == pytest.approx(2 * np.tanh(1.6) ** 2, rel=1e-9)


def test_small_fields_are_given_in_millitesla():
    axes = figures.field_scan(scan(field=np.linspace(0, 0.02, 11))).axes[-1]
    assert axes.get_xlabel() == "field (mT)"
    assert lines(axes, 0).get_xdata()[-1] == pytest.approx(20)


def test_a_hall_voltage_of_rounding_is_drawn_flat():
    data = scan(hall=0.0)
    data["R_xy"] = data["R_xy"] + 1e-14 * RNG.normal(size=FIELD.size)
    axes = figures.field_scan(data).axes[1]
    assert axes.get_ylabel() == "$R_{xy}$ (Ω)"
    assert np.ptp(lines(axes, 0).get_ydata()) < 1e-9 * np.ptp(axes.get_ylim())


def test_dimensions_of_length_one_are_no_different():
    one, squeezed = (figures.field_scan(d) for d in (scan([5.0], ["z"]), scan()))
    assert words(one) == words(squeezed) == ["B ∥ z"]
    assert "T = 5 K" in above(one)
    np.testing.assert_array_equal(lines(one.axes[0], 0).get_ydata(), lines(squeezed.axes[0], 0).get_ydata())


def test_a_single_field_is_a_point():
    axes = figures.field_scan(scan(field=np.array([3.0]))).axes[0]
    assert lines(axes, 0).get_marker() == "o"


# paths


def test_a_path_along_one_axis_is_drawn_against_that_component():
    loop = np.concatenate([np.linspace(-2, 2, 21), np.linspace(2, -2, 21)])
    figure = figures.field_scan(path(np.stack([0 * loop + 0.5, 0 * loop, loop], -1)))
    assert len(figure.axes) == 2
    assert figure.axes[-1].get_xlabel() == "field $B_z$ (T) at $B_x$ = 0.5 T"
    np.testing.assert_allclose(lines(figure.axes[0], 0).get_xdata(), loop)


def test_a_path_that_turns_is_drawn_against_its_steps_with_the_field_below():
    turn = np.linspace(0, 2 * np.pi, 41)
    B = 2 * np.stack([0 * turn, np.sin(turn), np.cos(turn)], -1)
    figure = figures.field_scan(path(B))
    below = figure.axes[-1]
    assert below.get_xlabel() == "step of the path"
    assert below.get_ylabel() == "field (T)"
    np.testing.assert_allclose([line.get_ydata() for line in below.lines], B.T)
    assert [t.get_text() for t in below.get_legend().get_texts()] == ["$B_x$", "$B_y$", "$B_z$"]
    np.testing.assert_array_equal(lines(figure.axes[0], 0).get_xdata(), np.arange(41))


# contributions


def test_contributions_share_a_panel_where_they_are_comparable():
    data = contributions()
    figure = figures.field_contributions(data)
    (axes,) = figure.axes
    assert words(figure) == ["everything", "SMR", "Hanle", "interference"]
    drawn = np.stack([line.get_ydata() for line in lines(axes)])
    np.testing.assert_allclose(drawn[0], 1e3 * (data["R_xx"] - data["R_neither"]).values, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(drawn[1:].sum(0), drawn[0], rtol=1e-9, atol=1e-9)
    assert axes.get_ylabel() == "change of $R_{xx}$ (mΩ)"
    assert "B ∥ z,  T = 5 K" in above(figure)


def test_small_contributions_have_a_scale_of_their_own():
    data = contributions(small=1e-3)
    figure = figures.field_contributions(data)
    large, small = figure.axes
    assert [line.get_label() for line in lines(large)] == ["everything", "SMR"]
    assert [line.get_label() for line in lines(small)] == ["Hanle", "interference"]
    assert small.get_ylabel() == "change of $R_{xx}$ (µΩ)"
    np.testing.assert_allclose(lines(small, 0).get_ydata(), 1e6 * data["hanle"].values, rtol=1e-9)
    assert words(figure) == ["everything", "SMR", "Hanle", "interference"]


def test_the_relative_change_is_that_against_the_bare_film():
    figure = figures.field_contributions(contributions())
    figure.draw_without_rendering()
    right = second(figure.axes[0])
    assert right.get_ylabel() == "relative change (%)"
    assert np.divide(figure.axes[0].get_ylim(), right.get_ylim()) == pytest.approx(5000, rel=1e-9)


def test_with_temperatures_each_contribution_has_a_row():
    data = contributions([2.0, 10.0, 50.0], ["y", "z"])
    figure = figures.field_contributions(data)
    grid = np.reshape(figure.axes, (4, 2))
    assert [a.get_ylabel().partition(" (")[0] for a in grid[:, 0]] == ["everything", "SMR", "Hanle", "interference"]
    assert words(figure) == ["2 K", "10 K", "50 K"]
    np.testing.assert_allclose(lines(grid[1, 1], 2).get_ydata(), 1e3 * data["smr"].values[2, 1], rtol=1e-9)


# temperature


def test_a_temperature_scan_has_one_curve_a_direction():
    T = np.linspace(5, 100, 20)
    data = scan(T, ["y", "z"]).isel(field=-1, drop=True).drop_vars(["B", "axis"]).transpose("temperature", "direction")
    data.attrs["B_T"] = [0.0, 0.0, 8.0]
    figure = figures.temperature_scan(data)
    assert words(figure) == ["m ∥ y", "m ∥ z"]
    np.testing.assert_allclose(lines(figure.axes[0], 1).get_xdata(), T)
    np.testing.assert_allclose(lines(figure.axes[0], 1).get_ydata(), 100 * data["MR_xx"].values[:, 1], rtol=1e-12)
    assert figure.axes[-1].get_xlabel() == "temperature (K)"
    assert "B = (0, 0, 8) T" in above(figure)
    single = figures.temperature_scan(data.isel(direction=1, drop=True))
    assert not words(single)
    np.testing.assert_array_equal(lines(single.axes[0], 0).get_ydata(), lines(figure.axes[0], 1).get_ydata())


def test_geometric_temperatures_are_drawn_on_a_logarithmic_axis():
    data = scan(np.geomspace(2, 300, 12)).isel(field=-1, drop=True).drop_vars("B")
    assert figures.temperature_scan(data).axes[0].get_xscale() == "log"


def gap():
    T = np.linspace(2, 120, 60)
    size = np.sqrt(np.clip(1 - T / 100, 0, None))
    R_y = 500 - 0.02 * size
    values = {"gap": 0.1 * size, "R_y": R_y, "R_z": R_y + 0.1 * size}
    data = xr.Dataset({n: ("temperature", v, OHM) for n, v in values.items()}, coords={"temperature": T})
    return data.assign(ratio=data["gap"] / data["R_y"])


def test_a_gap_is_drawn_with_both_resistances_and_its_ratio():
    data = gap()
    figure = figures.temperature_scan(data.assign_attrs(field_T=1.5))
    figure.draw_without_rendering()
    both, axes = figure.axes
    assert words(figure) == ["m ∥ y", "m ∥ z"]
    assert [to_hex(line.get_color()) for line in lines(both)] == [AXIS_COLOURS[a].lower() for a in "yz"]
    shown = lines(both, 1).get_ydata() - lines(both, 0).get_ydata()
    np.testing.assert_allclose(shown, 1e3 * data["gap"].values, atol=1e-6)
    np.testing.assert_allclose(lines(axes, 0).get_ydata(), 1e3 * data["gap"].values)
    assert axes.get_ylabel() == "SMR gap $R_{xx}(z)-R_{xx}(y)$ (mΩ)"
    right = second(axes)
    assert right.get_ylabel() == "gap / $R_{xx}(y)$ (%)"
    top = axes.get_ylim()[1] / 1e3
    assert right.get_ylim()[1] == pytest.approx(100 * top / 500, rel=1e-4)
    assert "B = 1.5 T along m" in above(figure)


# the face


def test_the_parts_of_one_face_are_compared_in_one_panel():
    data = face()
    figure = figures.face_conductances(data)
    loss, exchange, order = figure.axes
    assert words(figure) == ["spin flips $G_s/2$", "dephasing $G_r+G_s/2$"]
    np.testing.assert_allclose(lines(loss, 0).get_ydata(), 1e-14 * data["G_flip"].values, rtol=1e-12)
    np.testing.assert_allclose(lines(loss, 1).get_ydata(), 1e-14 * data["G_dephasing"].values, rtol=1e-12)
    np.testing.assert_allclose(lines(exchange, 0).get_ydata(), 1e-14 * data["G_i"].values, rtol=1e-12)
    np.testing.assert_allclose(lines(order, 0).get_ydata(), data["order"].values, rtol=1e-12)
    assert [a.get_ylabel() for a in figure.axes] == [
        "flips and dephasing\n(10¹⁴ S/m²)", "$G_i$ (10¹⁴ S/m²)", "ordered spin",
    ]  # fmt: skip
    assert order.get_xlabel() == "field along the order (T)"
    assert "T = 5 K" in above(figure)


def test_the_scale_of_the_model_is_marked_and_named():
    figure = figures.face_conductances(face())
    assert "$G_0$ = 5·10¹³ S/m²" in above(figure)
    marks = [line for line in figure.axes[0].lines if line.get_linestyle() == ":"]
    assert [line.get_ydata()[0] for line in marks] == pytest.approx([0.5], rel=1e-12)
    far = figures.face_conductances(face(scales=1e16))
    assert not [line for line in far.axes[0].lines if line.get_linestyle() == ":"]
    assert "$G_0$ = 1·10¹⁶ S/m²" in above(far)


def test_sublattices_with_scales_of_their_own_are_told_apart():
    figure = figures.face_conductances(face(sublattices=2, scales=[5e13, 1e14]))
    assert "$G_{0a}$ = 5·10¹³ S/m²,  $G_{0b}$ = 1·10¹⁴ S/m²" in above(figure)
    assert [t.get_text() for t in figure.axes[0].texts] == ["$G_{0a}$", "$G_{0b}$"]
    near = figures.face_conductances(face(sublattices=2, scales=[5e13, 5.1e13]))
    assert [t.get_text() for t in near.axes[0].texts if t.get_text()] == ["$G_{0a}$, $G_{0b}$"]
    assert overlaps(near) == []


def test_equal_sublattices_share_one_scale_and_the_orders_differ_by_dashes():
    data = face(sublattices=2, magnet="WeissAntiferromagnet(spin=2)")
    data["field"].attrs["direction"] = "across the Néel vector"  # as the observable labels it
    figure = figures.face_conductances(data)
    order = figure.axes[-1]
    assert "$G_0$ = " in above(figure)
    assert order.get_ylabel() == "ordered spin\na solid, b dashed"
    assert [line.get_linestyle() for line in lines(order)] == ["-", "--"]
    assert order.get_xlabel() == "field across the Néel vector (T)"


def test_a_family_of_faces_has_a_panel_a_part():
    data = face([2.0, 10.0, 50.0])
    figure = figures.face_conductances(data)
    assert [a.get_ylabel().partition("\n")[0] for a in figure.axes] == [
        "spin flips $G_s/2$", "dephasing $G_r+G_s/2$", "$G_i$ (10¹⁴ S/m²)", "ordered spin",
    ]  # fmt: skip
    assert words(figure) == ["2 K", "10 K", "50 K"]
    np.testing.assert_allclose(lines(figure.axes[1], 2).get_ydata(), 1e-14 * data["G_dephasing"].values[2], rtol=1e-12)


def test_the_longer_dimension_is_the_axis():
    T = np.linspace(5, 100, 40)
    figure = figures.face_conductances(face(T, np.array([-1.0, 0.0, 5.0])))
    assert figure.axes[-1].get_xlabel() == "temperature (K)"
    assert words(figure) == ["−1 T", "0 T", "5 T"]
    assert "B = 3 T" in above(figures.face_conductances(face(T, 3.0)))


def test_a_face_without_exchange_field_is_drawn_flat():
    axes = figures.face_conductances(face(exchange=0.0)).axes[1]
    assert axes.get_ylabel() == "$G_i$ (10¹⁴ S/m²)"
    assert max(axes.get_ylim()) < 1


def test_one_point_of_a_face_is_refused():
    with pytest.raises(ss.ParameterError, match="one point"):
        figures.face_conductances(face(field=1.0))


# regimes


def test_the_map_of_regimes_is_diverging_about_zero_and_not_transposed():
    data = regimes()
    figure = figures.regime_map(data)
    axes, bar = figure.axes
    mesh = axes.collections[0]
    low, high = mesh.get_clim()
    assert low == -high
    assert high == pytest.approx(1e6 * float(np.abs(data["initial_slope"]).max()), rel=1e-12)
    np.testing.assert_allclose(mesh.get_array(), 1e6 * data["initial_slope"].values.T, rtol=1e-12)
    assert axes.get_xlabel() == "Pt thickness (nm)"
    assert axes.get_ylabel() == "EuS Im mixing conductance (S/m²)"
    assert axes.get_yscale() == "log"
    assert bar.get_ylabel() == "initial slope of $R_{xx}$ (µΩ/T)"
    # red where the resistance grows
    assert mesh.cmap(mesh.norm(high))[0] > mesh.cmap(mesh.norm(high))[2]


def test_the_critical_line_lies_on_the_zero_of_the_slope():
    data = regimes()
    axes = figures.regime_map(data).axes[0]
    np.testing.assert_allclose(axes.lines[0].get_xdata(), 1e9 * data["Pt.thickness"].values)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), data["critical_exchange"].values)
    assert words(axes.figure) == ["slope zero", "critical $G_i$"]
    assert words(figures.regime_map(data.drop_vars("critical_exchange"))) == ["slope zero"]


def test_the_exchange_is_vertical_whichever_comes_first():
    data = regimes().transpose("EuS.mixing_conductance.imag", "Pt.thickness")
    axes = figures.regime_map(data).axes[0]
    assert axes.get_xlabel() == "Pt thickness (nm)"
    np.testing.assert_allclose(axes.collections[0].get_array(), 1e6 * data["initial_slope"].values, rtol=1e-12)


def test_a_critical_line_repeated_by_a_sweep_is_drawn_once():
    data = regimes()
    data["critical_exchange"] = data["critical_exchange"] + 0 * data["EuS.mixing_conductance.imag"]
    assert len(figures.regime_map(data).axes[0].lines) == 1


def test_both_signs_of_the_exchange_have_their_line():
    data = regimes(-5e15)
    figure = figures.regime_map(data)
    upper, lower = figure.axes[0].lines
    np.testing.assert_array_equal(upper.get_ydata(), -lower.get_ydata())
    assert words(figure) == ["slope zero", "critical $G_i$"]
    assert figure.axes[0].get_ylabel() == "EuS Im mixing conductance (10¹⁵ S/m²)"


def test_a_thickness_in_diffusion_lengths_is_called_so():
    data = regimes()
    attrs = {"units": "1", "long_name": "thickness / diffusion length"}
    data = data.assign_coords({"Pt.thickness": ("Pt.thickness", data["Pt.thickness"].values / (3 * NM), attrs)})
    assert figures.regime_map(data).axes[0].get_xlabel() == "thickness / diffusion length"


def test_points_without_slope_stay_empty():
    data = regimes()
    data["initial_slope"][3, 4] = np.nan
    assert figures.regime_map(data).axes[0].collections[0].get_array().mask.sum() == 1


def test_a_map_of_nothing_but_zero_is_drawn():
    data = regimes()
    data["initial_slope"] = 0 * data["initial_slope"]
    assert words(figures.regime_map(data)) == ["critical $G_i$"]


def test_maps_that_make_no_sense_are_refused():
    with pytest.raises(ss.ParameterError, match="dimensions"):
        figures.regime_map(regimes().isel({"Pt.thickness": 0}))
    data = regimes()
    data["EuS.mixing_conductance.imag"].attrs["units"] = "J m^3"
    with pytest.raises(ss.ParameterError, match="no axis"):
        figures.regime_map(data)
    with pytest.raises(ss.ParameterError, match="Allowed"):
        figures.field_scan(scan().expand_dims("spin"))


# how it looks


@pytest.mark.parametrize(
    "figure",
    [
        lambda: figures.field_scan(scan(), title="EuS/Pt"),
        lambda: figures.field_scan(scan(directions=["x", "y", "z"])),
        lambda: figures.field_scan(scan(np.geomspace(2, 300, 8), ["x", "y", "z"], own=True), title="EuS/Pt"),
        lambda: figures.field_scan(scan(np.linspace(2, 300, 20), ["y", "z"])),
        lambda: figures.field_scan(path(RNG.normal(size=(30, 3)))),
        lambda: figures.field_contributions(contributions(small=1e-3), title="EuS/Pt"),
        lambda: figures.field_contributions(contributions(np.geomspace(2, 300, 8), ["y", "z"]), title="EuS/Pt"),
        lambda: figures.temperature_scan(gap(), title="EuS/Pt"),
        lambda: figures.face_conductances(face(), title="EuS"),
        lambda: figures.face_conductances(face(np.geomspace(2, 300, 12))),
        lambda: figures.regime_map(regimes(), title="EuS/Pt"),
    ],
)
def test_texts_stay_apart_and_on_the_page(figure):
    assert overlaps(figure()) == []


def test_a_few_temperatures_are_coloured_by_rank_so_that_close_ones_differ():
    colours = [s["color"] for s in Family(np.array([2.0, 4.0, 300.0]), "temperature", "K").styles()]
    assert colours == [HEAT(0.0), HEAT(0.5), HEAT(1.0)]


def test_real_results_are_drawn():
    J, nu = 1e-48, 4e46
    magnet = ss.WeissMagnet(
        spin=2, surface_density=3e18, exchange_coupling=J, density_of_states=nu, curie_temperature=100
    )
    pt = ss.Metal("Pt", thickness=2 * NM, conductivity=1e6, spin_diffusion_length=3 * NM, spin_hall_angle=0.1,
                  diffusion_coefficient=1e-4)  # fmt: skip
    film = ss.MagneticInsulator("EuS", magnet=magnet) | pt
    field, T = np.linspace(-5, 5, 11), np.array([10.0, 60.0, 150.0])
    data = ss.field_scan(film, field, ["y", "z"], T=T, reference="y")
    shown = figures.field_scan(data)
    assert shown.axes[0].get_title() == "B ∥ y"
    assert "$R_{xx}$ without field, m along y" in above(shown)
    assert "T = 10 K" in above(figures.field_scan(ss.field_scan(film, field, "z", T=10.0)))
    turning = ss.field_scan(film, [(0, 0, 1.0), (0, 1, 1), (0, 1, 0)], T=10.0)
    assert figures.field_scan(turning).axes[-1].get_xlabel() == "step of the path"
    figures.field_contributions(ss.field_contributions(film, field, ["y", "z"], T=T))
    assert words(figures.temperature_scan(ss.temperature_scan(film, T, m=["y", "z"]))) == ["m ∥ y", "m ∥ z"]
    figures.temperature_scan(ss.smr_gap(film, T))
    size = float(magnet.characteristic_conductance)
    assert f"$G_0$ = {size / 10 ** np.floor(np.log10(size)):.3g}·10" in above(
        figures.face_conductances(ss.face_conductances(film, field, T))
    )
    plain = ss.MagneticInsulator("EuS", mixing_conductance=1e14j) | pt
    thickness = {"Pt.thickness": np.linspace(1, 10, 7) * NM}
    exchange = {"EuS.mixing_conductance.imag": np.geomspace(1e12, 1e16, 9)}
    slope = ss.sweep(plain, thickness | exchange, ss.initial_slope)
    critical = ss.sweep(plain, thickness, ss.critical_exchange)
    figure = figures.regime_map(slope.assign(critical_exchange=critical["critical_exchange"]))
    assert words(figure) == ["slope zero", "critical $G_i$"]
