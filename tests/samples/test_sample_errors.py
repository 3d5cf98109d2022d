"""Everything that is wrong in a sample file is reported in one run, each with its line, key and what stands there."""

import pytest

from spinstack.samples.sample_file import SampleError, film_from_document, parse_document

TEXT = """\
spinstack = 1
[[film]]
kind = "metal"
name = "Pt"
thickness = "5 cm/s"
conductivty = "5e6 S/m"
spin_hall_angle = [[0, 0], [0, "x"], ["1 m", 0]]
[[film]]
kind = "interface"
conductance_up = "-1 S/m^2"
scattering = { kind = "delta_barrier", barrier = "high", rashbar = 0.1 }
[[film]]
repeat = 2
elements = [
  { kind = "metal", material = "Pt" },
  { kind = "glass" },
  { kind = "ferromagnet", name = "Co", thickness = "1 nm", resistivity = "0 Ohm m", polarization = 2 },
]
[[film]]
kind = "magnetic_insulator"
mixing_conductance = { real = "1 m", imag = 3 }
[film.magnet]
kind = "weiss"
spin = 0.1
easy_axis = "z"
"""


def errors_of(text):
    with pytest.raises(SampleError) as caught:
        film_from_document(parse_document(text, "sample.toml"))
    return caught.value.errors


def test_all_that_is_wrong_in_all_elements_with_lines():
    found = [(e.line, e.words.partition(".")[2] or e.words) for e in errors_of(TEXT)]
    assert found == [
        (5, "thickness"),
        (6, "conductivty"),
        (7, "spin_hall_angle[1][1]"),
        (2, "conductivity"),
        (2, "spin_diffusion_length"),
        (10, "conductance_up"),
        (11, "scattering.barrier"),
        (11, "scattering.rashbar"),
        (11, "scattering.fermi_wavevector"),
        (15, "elements[0] (metal).thickness"),
        (16, "elements[1] (glass).kind"),
        (17, "elements[2] (ferromagnet).resistivity"),
        (17, "elements[2] (ferromagnet).polarization"),
        (17, "elements[2] (ferromagnet).spin_diffusion_length"),
        (21, "mixing_conductance.real"),
        (24, "magnet.spin"),
        (25, "magnet.easy_axis"),
        (22, "magnet.surface_density"),
        (22, "magnet.exchange_coupling"),
        (22, "magnet.density_of_states"),
        (19, "name"),
    ]


def test_what_stands_in_the_file_is_shown_and_fields_say_the_rest():
    errors = {e.field: e for e in errors_of(TEXT)}
    assert errors["thickness"].key_path == ("film", 2, "elements", 0, "thickness")
    assert errors["polarization"].got == 2
    assert errors["resistivity"].got == "0 Ohm m"
    assert errors["easy_axis"].got == "z"
    assert errors["surface_density"].why == "missing, moments per area of the face [1/m^2]"
    assert {e.source for e in errors.values()} == {"sample.toml"}


def test_a_file_of_good_elements_is_checked_as_a_film():
    metal = '[[film]]\nkind = "metal"\nmaterial = "Pt"\nthickness = "5 nm"\n'
    interface = '[[film]]\nkind = "interface"\nconductance_up = "1e14 S/m^2"\nconductance_down = "1e14 S/m^2"\n'
    text = f'spinstack = 1\n{interface}{metal}{interface}precession = "1e4 S/m"\n{metal}{interface}'
    assert [(e.line, e.field) for e in errors_of(text)] == [(2, "film"), (14, "precession"), (19, "film")]


def test_an_element_that_contradicts_itself_points_to_the_lines():
    text = 'spinstack = 1\n[[film]]\nkind = "interface"\nfiltering = "1 S/m"\n'
    assert [(e.line, e.field) for e in errors_of(text)] == [(2, "conductance_up"), (2, "conductance_down")]
    text += 'scattering = {kind = "delta_barrier", barrier = 1, fermi_wavevector = "1e10 1/m"}\nreciprocal = 0.5\n'
    (error,) = errors_of(text)
    assert (error.line, error.field, error.got) == (4, "filtering", "1 S/m")
