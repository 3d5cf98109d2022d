"""What a film calls itself: a line of Python that makes it again, with numbers as people write them."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.stack.described import _readable


def test_a_film_is_written_as_people_write_it():
    film = ss.MagneticInsulator("YIG", mixing_conductance=3e14 - 3e13j) | ss.Metal(
        "Pt", thickness=1.5 * 1e-9, conductivity=3e6, spin_diffusion_length=2e-9, spin_hall_angle=0.08
    )
    assert repr(film) == (
        "(MagneticInsulator('YIG', mixing_conductance=3e14-3e13j)\n"
        "| Metal('Pt', thickness=1.5e-9, conductivity=3e6, spin_diffusion_length=2e-9, spin_hall_angle=0.08))"
    )
    assert eval(repr(film), vars(ss)) == film.replace({"Pt.thickness": 1.5e-9})


@pytest.mark.parametrize(("value", "text"), [(123456.5, "123456.5"), (1e5, "1e5"), (5.0, "5.0"), (7e14 + 0j, "7e14+0j"),
                                             (float("inf"), "inf"), (-0.0, "-0.0"), (0.1 + 0.2, "0.3")])  # fmt: skip
def test_a_number_is_as_short_as_it_can_be(value, text):
    assert _readable(value) == text


def test_every_number_keeps_15_digits():
    rng = np.random.default_rng(5)
    for value in (10 ** rng.uniform(-30, 30, 1000) * rng.choice([-1, 1], 1000)).tolist():
        assert float(_readable(value)) == pytest.approx(value, rel=1e-14, abs=0)
        assert complex(_readable(complex(value, -value))) == pytest.approx(complex(value, -value), rel=1e-14, abs=0)
