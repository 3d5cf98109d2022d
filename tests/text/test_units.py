"""Values with units: every number is the nearest SI float, and comes back to the last bit."""

import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spinstack.stack import ParameterError
from spinstack.text.units import (
    EXAMPLES,
    dimension_of,
    dimension_words,
    format_quantity,
    parse_any_quantity,
    parse_quantity,
    product,
)


@pytest.mark.parametrize(
    ("text", "unit", "si"),
    [
        ("3 nm", "m", 3e-9),  # 3 * 1e-9 would be 3.0000000000000004e-09
        ("7nm", "m", 7e-9),
        ("2.5 Å", "m", 2.5e-10),
        ("20 uOhm cm", "ohm m", 2e-7),
        ("20 µΩ cm", "ohm m", 2e-7),
        ("20 μΩcm", "ohm m", 2e-7),
        ("20 uΩ·cm", "ohm m", 2e-7),
        ("2.8e6 S/m", "S/m", 2.8e6),
        ("35e3 S/cm", "S/m", 3.5e6),
        ("1e4 (Ohm cm)^-1", "S/m", 1e6),
        ("1e4 Ω⁻¹cm⁻¹", "S/m", 1e6),
        ("1e4 /Ohm/cm", "S/m", 1e6),
        ("5e10 S/cm^2", "S/m^2", 5e14),
        ("1 /fOhm/m^2", "S/m^2", 1e15),
        ("1e19 e^2/(h m^2)", "S/m^2", 3.874045864931825e14),
        ("2 cm^2/s", "m^2/s", 2e-4),
        ("-2e-4 cm^3/C", "m^3/C", -2e-10),
        ("−2e-10 m^3/C", "m^3/C", -2e-10),
        ("1 1/(eV nm^3)", "1/(J m^3)", 1e27 / 1.602176634e-19),
        ("5 %", "1", 0.05),
        ("180 deg", "1", math.pi),
        ("3 kOe", "T", 0.3),
        ("90 deg", "deg", 90.0),
        (0.4, "1", 0.4),
        (2, "1", 2.0),
        ("-0.25", "1", -0.25),
    ],
)
def test_text_with_a_unit_is_the_nearest_si_number(text, unit, si):
    assert parse_quantity(text, unit) == pytest.approx(si, rel=3e-16, abs=0)


def test_lengths_in_nanometre_are_the_floats_one_writes_in_python():
    for digits in range(1, 1000):
        assert parse_quantity(f"{digits / 10} nm", "m") == float(f"{digits / 10}e-9")


@pytest.mark.parametrize(
    "value",
    [
        "6e14 - 0.5e14j S/m^2",
        "6e14-0.5e14j S/m^2",
        "(6e14 - 0.5e14i) S/m^2",
        "6e10 - 0.5e10j S/cm^2",
        {"real": "6e14 S/m^2", "imag": "-0.5e10 S/cm^2"},
    ],
)
def test_a_mixing_conductance_has_a_sign_and_two_parts(value):
    assert parse_quantity(value, "S/m^2", kind="complex") == 6e14 - 0.5e14j


def test_a_number_without_imaginary_part_is_complex_where_that_is_wanted():
    assert parse_quantity("4e14 S/m^2", "S/m^2", kind="complex") == 4e14 + 0j
    assert parse_quantity("4e14j S/m^2", "S/m^2", kind="complex") == 4e14j


@pytest.mark.parametrize("value", ["inf", "inf m", "infinity", "∞ nm", math.inf])
def test_infinity_is_read_only_where_it_has_a_meaning(value):
    assert parse_quantity(value, "m", infinite=True) == math.inf
    with pytest.raises(ParameterError, match="infinite"):
        parse_quantity(value, "m")


@pytest.mark.parametrize("unit", ["m^-2", "1/m^2", "/m^2"])
def test_a_mixing_conductance_per_area_is_refused_with_the_converted_value(unit):
    with pytest.raises(ParameterError) as caught:
        parse_quantity(f"1e19 - 2e18j {unit}", "S/m^2", kind="complex")
    message = str(caught.value)
    assert "3.8740459e-5 S" in message
    # 1e19 and 2e18 times e^2/h
    assert '"3.87405e+14 - 7.74809e+13j S/m^2"' in message


def test_the_converted_value_of_another_area_unit_counts_the_area_too():
    with pytest.raises(ParameterError, match=r'"3\.87405e\+14 S/m\^2"'):
        parse_quantity("1e15 1/cm^2", "S/m^2")


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["m", "S/m^2", "1/(J m^3)", "1"]))
@example(-0.0, "m")
@example(5e-324, "S/m")
@example(1.7976931348623157e308, "m")
@example(9007199254740993.0, "S/m")
def test_a_number_written_in_its_si_unit_reads_back_to_the_last_bit(value, unit):
    assert parse_quantity(format_quantity(value, unit), unit).hex() == value.hex()


@given(st.complex_numbers(allow_nan=False, allow_infinity=False))
@example(complex(-0.0, -0.0))
def test_a_complex_number_reads_back_to_the_last_bit(value):
    back = parse_quantity(format_quantity(value, "S/m^2"), "S/m^2", kind="complex")
    assert (back.real.hex(), back.imag.hex()) == (value.real.hex(), value.imag.hex())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1600 S/cm", 1.6e5), ("1600 (hbar/2e) S/cm", 1.6e5), ("1.6e5 ħ/2e S/m", 1.6e5),
        ("1600 (ħ/(2e)) 1/(Ohm cm)", 1.6e5),
        ("800 (hbar/e) S/cm", 1.6e5), ("-800 hbar/e (Ohm cm)^-1", -1.6e5), ("800 (ħ/e) Ohm^-1 cm^-1", 1.6e5),
    ],
)  # fmt: skip
def test_a_spin_hall_conductivity_is_counted_in_halves_of_hbar_or_in_whole_ones(text, value):
    assert parse_quantity(text, "(hbar/2e) S/m") == value
    assert parse_quantity(format_quantity(value, "(hbar/2e) S/m"), "(hbar/2e) S/m") == value


@pytest.mark.parametrize("text", ["1600", "1600 hbar/2e", "1600 (hbar/e) nm", "1600 (hbar/3e) S/cm", "5 uOhm cm"])
def test_other_units_of_a_spin_hall_conductivity_are_refused(text):
    with pytest.raises(ParameterError, match=r"\(hbar/2e\) S/m"):
        parse_quantity(text, "(hbar/2e) S/m")


def test_every_ratio_and_every_unit_of_a_field_by_hand():
    ratios = {
        "": 1.0,
        "%": 1e-2,
        "percent": 1e-2,
        "‰": 1e-3,
        "ppm": 1e-6,
        "rad": 1.0,
        "mrad": 1e-3,
        "deg": math.pi / 180,
    }
    for unit, si in ratios.items():
        assert parse_quantity(f"1 {unit}", "1") == pytest.approx(si, rel=1e-15)
    fields = {"T": 1.0, "mT": 1e-3, "G": 1e-4, "kG": 0.1, "mG": 1e-7, "Oe": 1e-4, "kOe": 0.1, "mOe": 1e-7}
    for unit, si in fields.items():
        assert parse_quantity(f"1 {unit}", "T") == pytest.approx(si, rel=1e-15)


@pytest.mark.parametrize("unit", [unit for unit in EXAMPLES if unit != "deg"])
def test_without_a_wanted_unit_a_quantity_is_the_same_number_and_has_the_dimension_of_its_unit(unit):
    for text in (EXAMPLES[unit], format_quantity(0.3, unit)):
        value, dimension = parse_any_quantity(text)
        assert value == parse_quantity(text, unit)
        assert dimension == dimension_of(unit)
    assert dimension_words(dimension) == unit.removeprefix("(hbar/2e) ")


def test_dimensions_multiply():
    volt = dimension_of("V")
    assert product(volt, dimension_of("A")) == dimension_of("W")
    assert product(volt, dimension_of("ohm"), Fraction(-1)) == dimension_of("A")
    assert product((), product(volt, volt), Fraction(1, 2)) == volt
    assert product(volt, volt, Fraction(-1)) == ()
    assert dimension_words(product((), dimension_of("m/s"), Fraction(3, 2))) == "m^(3/2) s^(-3/2)"


@pytest.mark.parametrize(
    ("text", "words"),
    [("4 foo", "whose unit 'foo' is unknown"), ("20 degC", "has a zero of its own"), ("inf m", "which is infinite"),
     ("1e400 m", "too large"), ("nm", "does not begin with a number"), ("4 pixel", "none of SI"), ("1j S", "complex"),
     ("3 dBm", "whose unit 'dBm'")],
)  # fmt: skip
def test_what_is_no_quantity_of_any_unit_is_refused(text, words):
    with pytest.raises(ParameterError) as caught:
        parse_any_quantity(text)
    assert words in str(caught.value)
    assert "4 nm" in caught.value.allowed


def test_a_unit_that_scales_is_no_si_unit():
    with pytest.raises(ParameterError, match="which does not count in base units of SI"):
        dimension_of("nm")


@pytest.mark.parametrize(
    ("text", "words"),
    [("1e400 nm", "too large for a floating-point"), ("1e308 Mm", "too large"), ("1,5 nm", "a comma in the number"),
     ("2 + 3 nm", "a calculation"), ("2 × 3 nm", "a calculation"), ("nan nm", "NaN"), (float("nan"), "NaN"),
     (10**400, "too large"), (True, "a truth value"), ([1], "a list"), ({"real": 1}, "a table"), (None, "NoneType"),
     ("4", "no unit")],
)  # fmt: skip
def test_what_is_no_length_is_refused(text, words):
    with pytest.raises(ParameterError) as caught:
        parse_quantity(text, "m")
    assert words in str(caught.value)


@pytest.mark.parametrize(("table", "field"), [({"real": "1 S/m^2"}, ""), ({"real": "1 S/m^2", "imag": "1 m"}, "imag"),
                                              ({"real": "x", "imag": "1 S/m^2"}, "real")])  # fmt: skip
def test_a_table_of_two_parts_names_the_one_that_is_wrong(table, field):
    with pytest.raises(ParameterError) as caught:
        parse_quantity(table, "S/m^2", kind="complex")
    assert caught.value.field == field
    assert parse_quantity({"real": "1 S/m^2", "imag": "-2 S/cm^2"}, "S/m^2", kind="complex") == 1 - 2e4j


def test_numbers_beyond_all_exponents_are_zero_or_too_large():
    assert parse_quantity("1e-99999999999999999999 nm", "m") == 0.0
    with pytest.raises(ParameterError, match="too large"):
        parse_quantity("1e99999999999999999999 nm", "m")


def test_energies_of_a_cell_count_its_volume():
    electronvolt = 1.602176634e-19
    assert parse_quantity("2 eV * (0.4 nm)^3", "J m^3") == pytest.approx(2 * electronvolt * 6.4e-29, rel=1e-12)
    assert parse_quantity("2 meV * (4 A)^3", "J m^3") == pytest.approx(2e-3 * electronvolt * 6.4e-29, rel=1e-12)
    for text in ("2 eV * (0.4 s)^3", "2 V * (0.4 nm)^3"):
        with pytest.raises(ParameterError):
            parse_quantity(text, "J m^3")


def test_units_have_up_to_sixty_characters():
    longest = "m    m/m" + " m/m" * 13
    assert len(longest) == 60
    assert parse_quantity(f"2 {longest}", "m") == 2.0
    with pytest.raises(ParameterError, match="cannot be read"):
        parse_quantity(f"2 {longest.replace('m ', 'm  ', 1)}", "m")


def test_a_field_in_gauss_has_the_dimension_of_tesla():
    value, dimension = parse_any_quantity("3 kOe")
    assert value == pytest.approx(0.3)
    assert dimension == dimension_of("T")
