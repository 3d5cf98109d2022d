"""Figures of what a face does to spin in field and temperature."""

import numpy as np
import pytest
from magnet_results import above, face, lines, words
from pages import overlaps, texts

import spinstack as ss
from spinstack import figures


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
    assert overlaps(texts(near, ticks=False)) == []


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
