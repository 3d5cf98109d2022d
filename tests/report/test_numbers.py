"""Numbers with their standard errors as people write them."""

import pytest

from spinstack.report.numbers import between, with_error


@pytest.mark.parametrize(
    ("value", "error", "unit", "text"),
    [
        (8.03e-4, 1.2e-5, "1", "(8.03 ± 0.12)·10⁻⁴"),
        (1734.18, 0.0996, "Ohm", "(1734.18 ± 0.10) Ω"),
        (-3.877, 0.049, "deg", "(−3.877 ± 0.049)°"),
        (0.374, 0.062, "1", "0.374 ± 0.062"),
        (56356.0, 11197.0, "S/m", "(5.6 ± 1.1)·10⁴ S/m"),
        (0.0, 0.02, "T", "(0.000 ± 0.020) T"),
        (1.0, 37.0, "K", "(1 ± 37) K"),
        (2.5e-9, 0.0, "m", "2.5e−09 m"),
        (float("nan"), 1.0, "K", "not found"),
        (1e-8, float("inf"), "A m^2", "1e−08 A m²"),
    ],
)
def test_numbers_are_written_with_the_digits_that_their_error_allows(value, error, unit, text):
    assert with_error(value, error, unit) == text


def test_intervals_are_written_alike():
    assert between(4.1136e-4, 4.1594e-4) == "(4.1136 to 4.1594)·10⁻⁴"
    assert between(-1.0, 1.0, "K") == "(−1.00 to 1.00) K"
    assert between(1.0, 1.0) == ""
