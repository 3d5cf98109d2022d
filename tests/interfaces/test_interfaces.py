"""The library of interfaces: printed values, what they mean for two channels, and at which temperature they hold."""

import re

import numpy as np
import pytest

import spinstack as ss
from spinstack import interfaces
from spinstack.interfaces.conversion import QUANTITIES, Value, derived
from spinstack.materials import MaterialError
from spinstack.samples.sample_file import film_from_document, parse_document, sample_text

NM = 1e-9
#: conductances [S/m^2] that follow from the printed numbers by hand
BY_HAND = {
    "Co|Pt": (1 / (2 * 0.74e-15 * 0.42), 1 / (2 * 0.74e-15 * 1.58)),
    "Co90Fe10|Cu": (1 / (1.1e-15 * 0.2), 1 / (1.1e-15 * 1.8)),
    "Co|Ni": (1 / 0.03e-15, 1e15),
    "Ni|Ru": (1 / (1.7e-15 * 0.85), 1 / (1.7e-15 * 1.15)),
    "Py|Cu": (1 / (1.0e-15 * 0.3), 1 / (1.0e-15 * 1.7)),
    "Py|Al": (1 / (8.5e-15 * 0.975), 1 / (8.5e-15 * 1.025)),
    "Pd|Ir": (1 / 1.02e-15, 1 / 1.02e-15),
    "Ag|Al": (1 / 1.4e-15, 1 / 1.4e-15),
}
ONE = 'description = "ours"\n'
ENTRY = 'value = {}\nunit = "{}"\ntemperature = 295\nmethod = "ours"\nsource = "notebook 7"\n'


def joint(name, **given):
    """An interface of the library as a film takes it, with the mixing conductance that it lacks."""
    found = interfaces.interface(name).derived()
    both = [found[f].value for f in ("conductance_up", "conductance_down") if f in found] or [1e15, 1e15]
    lacking = {f: 1e15 for f in ("conductance_up", "conductance_down") if f not in found}
    mixing = {"mixing_conductance": sum(both)} if interfaces.interface(name).magnetic else {}
    return ss.Interface.of(name, **(mixing | lacking | given))


@pytest.mark.parametrize("name", interfaces.names())
def test_every_interface_of_the_library_makes_an_element(name):
    element = joint(name, any_temperature=True)
    for field, one in interfaces.interface(name).derived().items():
        assert getattr(element, field) == one.value
        assert one.temperature == 4.2
    measured = joint(name)
    for field, law in measured.laws().items():
        assert law == ss.Measured(measured=getattr(element, field), temperature=4.2)


@pytest.mark.parametrize("name", BY_HAND)
def test_conductances_are_those_by_hand(name):
    found = interfaces.interface(name).derived()
    for field, value in zip(("conductance_up", "conductance_down"), BY_HAND[name], strict=True):
        assert found[field].value == pytest.approx(value, rel=1e-12)


def test_every_entry_has_unit_error_temperature_method_and_source():
    for row in interfaces.table():
        assert row["quantity"] in QUANTITIES
        assert row["source"]
        assert row["method"]
        assert row["temperature"] == 4.2
        assert row["si_unit"] == QUANTITIES[row["quantity"]][0]
        assert (row["plus"] is None) == (row["minus"] is None)
    assert {row["interface"] for row in interfaces.table()} == set(interfaces.names())


def test_either_order_is_the_same_interface_and_near_names_are_told():
    assert interfaces.interface("Pt|Co") is interfaces.interface("Co|Pt")
    with pytest.raises(MaterialError, match=re.escape("Did you mean 'Py|Cu'?")):
        interfaces.interface("Cu|permalloy")
    with pytest.raises(MaterialError, match="Co90Fe10"):
        interfaces.interface("Fe|MgO")


# what the printed numbers mean


def spin_valve(element, count=4, antiparallel=True):
    """[F|N] repeated, spin conserved, and m of its magnets by name."""
    layers = []
    for k in range(count):
        layers += [
            ss.Ferromagnet(f"F{k}", thickness=3 * NM, conductivity=1.3e7, polarization=0.46, spin_diffusion_length=1.0),
            element,
            ss.Metal(f"N{k}", thickness=5 * NM, conductivity=2e8, spin_diffusion_length=1.0),
            element,
        ]
    film = ss.Film(tuple(layers[:-1]))
    return film, {f"F{k}": (0, 0, -1 if antiparallel and k % 2 else 1) for k in range(count)}


@pytest.mark.parametrize(("name", "twice", "gamma"), [
    ("Co|Pt", 1.48e-15, 0.58), ("Co90Fe10|Cu", 1.1e-15, 0.8), ("Ni|Ru", 1.7e-15, 0.15), ("Py|Cu", 1e-15, 0.7),
])  # fmt: skip
def test_printed_resistances_are_those_of_the_two_channel_model(name, twice, gamma):
    """A R_AP = N (rho_N t_N + rho_F* t_F + 2AR*), A sqrt(R_AP (R_AP - R_P)) = N (beta rho_F* t_F + gamma 2AR*), the
    series from which these groups read AR* and gamma; both conventions, AR* and 2AR*, enter."""
    N, beta = 4, 0.46
    element = joint(name, any_temperature=True, spin_memory_loss=0.0)
    rho_N, rho_F = 1 / 2e8, 1 / (1.3e7 * (1 - beta**2))
    apart, m = spin_valve(element, N)
    together, parallel = spin_valve(element, N, antiparallel=False)
    R_AP, R_P = ss.perpendicular_resistance(apart, m=m), ss.perpendicular_resistance(together, m=parallel)
    # the topmost bilayer ends in its metal, without the interface to a next one
    whole = N * (rho_N * 5 * NM + rho_F * 3 * NM) + (2 * N - 1) * twice / 2
    difference = N * beta * rho_F * 3 * NM + (2 * N - 1) * gamma * twice / 2
    # of 2N - 1 interfaces one magnet has one more: the channels of the antiparallel state differ by half of it
    odd = gamma * twice / 2
    assert pytest.approx(whole - odd**2 / whole, rel=1e-6) == R_AP
    assert pytest.approx(whole - difference**2 / whole, rel=1e-6) == R_P


def test_of_a_resistance_without_magnet_the_printed_one_is_that_of_a_bilayer():
    element = ss.Interface.of("Pd|Ir", any_temperature=True)
    below = ss.Metal("Pd", thickness=4 * NM, conductivity=1e7, spin_diffusion_length=30 * NM)
    above = ss.Metal("Ir", thickness=4 * NM, conductivity=2e7, spin_diffusion_length=20 * NM)
    layers = [below, element, above, element] * 5
    film = ss.Film(tuple(layers[:-1]))
    bulk = 5 * (4 * NM / 1e7 + 4 * NM / 2e7)
    assert ss.perpendicular_resistance(film) - bulk == pytest.approx((5 - 0.5) * 1.02e-15, rel=1e-9)


def test_both_conventions_give_the_same_channels():
    one = derived({"AR*": Value(0.5e-15), "gamma": Value(0.4)})
    other = derived({"2AR*": Value(1.0e-15), "gamma": Value(0.4)})
    given = derived({"AR_up": Value(0.6e-15), "AR_down": Value(1.4e-15)})
    for field in ("conductance_up", "conductance_down"):
        assert one[field][0].value == pytest.approx(other[field][0].value)
        assert one[field][0].value == pytest.approx(given[field][0].value)


def test_errors_are_those_of_many_draws_where_they_are_small():
    rng = np.random.default_rng(5)
    resistance, gamma = 1e-15 * (1 + 0.02 * rng.standard_normal(200_000)), 0.5 + 0.01 * rng.standard_normal(200_000)
    drawn = 1 / (resistance * (1 - gamma))
    found = derived({"2AR*": Value(1e-15, 2e-17, 2e-17), "gamma": Value(0.5, 0.01, 0.01)})["conductance_up"][0]
    assert found.plus == pytest.approx(drawn.std(), rel=0.05)
    assert found.minus == pytest.approx(drawn.std(), rel=0.05)


def test_a_resistance_that_may_be_zero_has_a_conductance_without_end():
    found = interfaces.interface("Co|Ni").derived()["conductance_up"]
    assert found.plus == np.inf
    assert found.value - found.minus == pytest.approx(1 / 0.05e-15)


# the temperature at which they hold


def stack(element):
    pt = ss.Metal("Pt", thickness=5 * NM, conductivity=5e6, spin_diffusion_length=3 * NM)
    return pt | element | ss.Ferromagnet("Co", thickness=5 * NM, conductivity=5e6, spin_diffusion_length=30 * NM)


@pytest.mark.parametrize("T", [None, 300.0, 77.0, 10.0])
def test_a_value_of_liquid_helium_is_refused_elsewhere_with_how_to_accept_it(T):
    film = stack(joint("Co|Pt"))
    with pytest.raises(ss.ParameterError, match=r"4\.2 K|missing") as caught:
        ss.perpendicular_resistance(film, m="y", T=T)
    for words in ("Pt|Co.conductance_up", "any_temperature=True", "any_temperature = true"):
        assert words in str(caught.value)


def test_at_its_temperature_or_accepted_it_is_the_number():
    film, accepted = stack(joint("Co|Pt")), stack(joint("Co|Pt", any_temperature=True))
    expected = ss.perpendicular_resistance(accepted, m="y", T=300.0)
    for T in (0.0, 4.2, 9.0):
        assert ss.perpendicular_resistance(film, m="y", T=T) == expected
    with pytest.raises(ss.ParameterError, match="any_temperature"):
        ss.Interface.of("Co|Pt", any_temperature="yes", mixing_conductance=2e15)


def test_room_temperature_is_near_295_kelvin():
    film = stack(ss.Interface(conductance_up=1e15, conductance_down=1e15).replace(
        spin_memory_loss=ss.Measured(measured=0.3, temperature=295.0)))  # fmt: skip
    assert film.at(300.0).get("Pt|Co.spin_memory_loss") == 0.3
    with pytest.raises(ss.ParameterError, match=r"265\.5 to 324\.5 K"):
        film.at(77.0)


def test_a_complex_value_keeps_its_parts():
    law = ss.Measured(measured=1e15 + 1e14j, temperature=300.0)
    film = stack(ss.Interface(conductance_up=5e14, conductance_down=3e14, mixing_conductance=law))
    assert film.at(300.0).get("Pt|Co.mixing_conductance") == 1e15 + 1e14j
    moved = film.replace({"Pt|Co.mixing_conductance.measured.imag": 2e14})
    assert moved.at(300.0).get("Pt|Co.mixing_conductance") == 1e15 + 2e14j
    assert film_from_document(parse_document(sample_text(film))) == film


@pytest.mark.parametrize(("name", "given", "words"), [
    ("Co|Pt", {}, "mixing_conductance [S/m^2]: missing"), ("Co|Cu", {}, "conductance_up [S/m^2]: missing"),
    ("Co|Cu", {"conductance_up": 4e15, "conductance_down": 5e14}, "mixing_conductance"),
])  # fmt: skip
def test_what_the_library_lacks_must_be_supplied(name, given, words):
    with pytest.raises(MaterialError, match=re.escape(words)):
        ss.Interface.of(name, **given)


def test_given_values_go_before_those_of_the_library():
    element = ss.Interface.of("Co|Pt", mixing_conductance=2e15, spin_memory_loss=0.1, conductance_up=1.2e15)
    assert (element.spin_memory_loss, element.conductance_up) == (0.1, 1.2e15)
    assert isinstance(element.conductance_down, ss.Measured)


# files


def text(line, *more):
    return f"""spinstack = 1
[[film]]
kind = "metal"
name = "Pt"
thickness = "5 nm"
conductivity = "5e6 S/m"
spin_diffusion_length = "3 nm"
[[film]]
kind = "interface"
{line}
{"".join(f"{one}{chr(10)}" for one in more)}[[film]]
kind = "ferromagnet"
name = "Co"
thickness = "5 nm"
conductivity = "5e6 S/m"
spin_diffusion_length = "30 nm"
"""


def test_a_sample_file_names_an_interface_and_accepts_it_on_purpose():
    mixing = 'mixing_conductance = "2.1e15 S/m^2"'
    film = film_from_document(parse_document(text('material = "Co|Pt"', mixing)))
    assert film[1] == ss.Interface.of("Co|Pt", mixing_conductance=2.1e15)
    assert film_from_document(parse_document(sample_text(film))) == film
    accepted = film_from_document(parse_document(text('material = "Co|Pt"', mixing, "any_temperature = true")))
    assert accepted[1] == ss.Interface.of("Co|Pt", mixing_conductance=2.1e15, any_temperature=True)


@pytest.mark.parametrize(("lines", "at", "words"), [
    (['material = "Co|Pt"'], 8, "mixing_conductance: missing"),
    (['material = "Fe|MgO"', 'mixing_conductance = "2e15 S/m^2"'], 10, "the library does not know"),
    (['material = "Co|Pt"', 'any_temperature = "yes"'], 11, "true or false"),
    (['conductance_up = "1e15 S/m^2"', 'conductance_down = "1e15 S/m^2"', "any_temperature = true"], 12, "no material"),
])  # fmt: skip
def test_what_is_wrong_in_a_file_has_its_line(lines, at, words):
    with pytest.raises(ss.SampleError) as caught:
        film_from_document(parse_document(text(*lines)))
    assert words in str(caught.value)
    assert f"line {at}," in str(caught.value)


def own(tmp_path, body):
    path = tmp_path / "mine.toml"
    path.write_text(f'["A|B"]\n{ONE}{body}', encoding="utf-8")
    return path


def test_a_file_of_ones_own_may_count_channels(tmp_path):
    entry = ENTRY.format("{ real = 2.0e19, imag = 1e18 }", "e^2/(h m^2)")
    body = f'["A|B".mixing_conductance]\n{entry}["A|B".AR_up]\n{ENTRY.format(1.0, "fOhm m^2")}'
    known = interfaces.read(own(tmp_path, f'{body}["A|B".AR_down]\n{ENTRY.format(2.0, "fOhm m^2")}'))["A|B"]
    found = ss.Interface(**known.parameters(any_temperature=True))
    assert found.mixing_conductance == pytest.approx(3.874045865e-5 * (2e19 + 1e18j))
    assert found.conductance_down == pytest.approx(5e14)


@pytest.mark.parametrize(("body", "words"), [
    (f'["A|B".mixing_conductance]\n{ENTRY.format(2e19, "1/m^2")}', "e^2/(h m^2)"),
    (f'["A|B".gamma]\n{ENTRY.format(0.2, "nm")}', "unit"),
    (f'["A|B".gamma]\n{ENTRY.format(0.2, "1")}plus = 0.1\n', "one of plus and minus"),
    ('["A|B".gamma]\nvalue = 0.2\nunit = "1"\nsource = "s"\nmethod = "m"\n', "temperature: missing"),
    (f'["A|B".beta]\n{ENTRY.format(0.2, "1")}', "no such value"),
    (f'["A|B".gamma]\n{ENTRY.format(0.2, "1")}colour = 1\n', "no such key"),
    (f'["A|B"."AR*"]\n{ENTRY.format(1, "fOhm m^2")}["A|B"."2AR"]\n{ENTRY.format(1, "fOhm m^2")}', "in two ways"),
])  # fmt: skip
def test_a_file_of_ones_own_that_is_wrong_is_refused(tmp_path, body, words):
    with pytest.raises(MaterialError, match=re.escape(words)):
        interfaces.read(own(tmp_path, body))


def test_the_libraries_are_modules_of_the_package_that_load_late():
    assert ss.interfaces is interfaces
    assert ss.materials.names()
