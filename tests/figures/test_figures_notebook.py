"""Films and results in notebooks."""

import warnings

import numpy as np
import pytest

import spinstack as ss

NM = 1e-9
PT = ss.Metal("Pt", thickness=3 * NM, conductivity=3e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.1)
FILM = ss.MagneticInsulator("YIG<b>", mixing_conductance=3e14) | PT


def test_a_film_shows_its_cross_section_in_which_its_names_are_text():
    html = FILM._repr_html_()
    assert html.startswith("<div")
    assert html.count("<svg") == html.count("</svg>") == 1
    assert "<b>" not in html


def test_a_batch_of_films_shows_its_text():
    html = FILM.replace({"Pt.thickness": np.array([1.0, 2.0]) * NM})._repr_html_()
    assert html.startswith(("<pre>", "<div"))


@pytest.mark.parametrize(
    "result",
    [
        lambda: ss.angular_scan(FILM, "beta"),
        lambda: ss.profile(FILM, m="y"),
        lambda: ss.layer_currents(FILM, m="y"),
        lambda: ss.sweep(FILM, {"Pt.thickness": np.linspace(1, 5, 5) * NM}, ss.magnetoresistance),
        lambda: ss.sweep(
            FILM,
            {"Pt.thickness": np.array([1, 2, 3]) * NM, "Pt.spin_hall_angle": np.array([0.1, 0.2])},
            ss.magnetoresistance,
        ),
    ],
)
def test_results_are_drawn_as_the_command_line_does(result):
    drawn = result().spinstack.plot("a title")
    assert drawn.axes
    drawn.draw_without_rendering()


@pytest.mark.parametrize("m", [np.eye(3), "y"])
def test_what_has_no_figure_says_so(m):
    with pytest.raises(ss.ParameterError, match="plot"):
        ss.torque(FILM, m=m).spinstack.plot()


def test_the_accessor_is_registered_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ss.profile(FILM, m="y")
