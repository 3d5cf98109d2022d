"""Sample files with magnet models: units of couplings and densities, library values, round trip, mistakes by line."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

import spinstack as ss
from spinstack import materials
from spinstack.samples.sample_file import SampleError, film_from_document, parse_document, sample_text
from spinstack.text.units import format_quantity, parse_quantity

E = 1.602176634e-19
PT = """
[[film]]
kind = "metal"
name = "Pt"
thickness = "3 nm"
conductivity = "3e6 S/m"
spin_diffusion_length = "2 nm"
"""
WEISS = {"spin": 2, "surface_density": 3e18, "exchange_coupling": 1e-48, "density_of_states": 5e46}


def read(insulator):
    """The film of a metal on the insulator that some lines describe; these begin on line 4."""
    return film_from_document(
        parse_document(f'spinstack = 1\n[[film]]\nkind = "magnetic_insulator"\n{insulator}\n{PT}')
    )


def on_pt(magnet, name="F"):
    pt = ss.Metal("Pt", thickness=3e-9, conductivity=3e6, spin_diffusion_length=2e-9)
    return ss.MagneticInsulator(name, magnet=magnet) | pt


@pytest.mark.parametrize(
    ("text", "unit", "si"),
    [
        ("6.4 eV nm^3", "J m^3", 6.4e-27 * E),
        ("6.4 eV A^3", "J m^3", 6.4e-30 * E),
        ("6.4 eV Å^3", "J m^3", 6.4e-30 * E),
        ("-6.4 meV*nm^3", "J m^3", -6.4e-30 * E),
        ("1e-48 J m^3", "J m^3", 1e-48),
        # the product of an energy and the volume of a cell, as papers write it
        ("0.1 eV * (0.4 nm)^3", "J m^3", 6.4e-30 * E),
        ("0.1 eV (4 A)³", "J m^3", 6.4e-30 * E),
        ("100 meV × (4 Å)**3", "J m^3", 6.4e-30 * E),
        ("8 1/(eV nm^3)", "1/(J m^3)", 8e27 / E),
        ("8e-3 /(eV A^3)", "1/(J m^3)", 8e27 / E),
        ("8 eV^-1 nm^-3", "1/(J m^3)", 8e27 / E),
        ("3 /nm^2", "1/m^2", 3e18),
        ("3e14 1/cm^2", "1/m^2", 3e18),
        ("0.03 A^-2", "1/m^2", 3e18),
        ("100 K", "K", 100.0),
    ],
)
def test_couplings_and_densities_are_read_as_they_are_written(text, unit, si):
    assert parse_quantity(text, unit) == pytest.approx(si, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("0.1 eV", "J m^3", "does not convert to J m^3"),
        ("0.1 eV * (0.4 eV)^3", "J m^3", "'eV' does not convert to m"),
        ("0.1 nm * (0.4 nm)^3", "J m^3", "'nm' does not convert to J"),
        ("0.1 eV * 0.4 nm^3", "J m^3", "cannot be read"),
        ("0.1 eV nm^3", "1/m^2", "does not convert to 1/m^2"),
        ("5 A", "m", "does not convert to m"),  # elsewhere A stays the ampere
        ("3", "J m^3", 'Write "3 J m^3"'),
    ],
)
def test_what_is_no_coupling_is_refused(text, unit, words):
    with pytest.raises(ss.ParameterError, match=re.escape(words)):
        parse_quantity(text, unit)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["J m^3", "1/m^2", "1/(J m^3)", "K", "T"]))
def test_values_of_magnets_read_back_to_the_last_bit(value, unit):
    assert parse_quantity(format_quantity(value, unit), unit).hex() == value.hex()


FIELDS = [
    'kind = "weiss"', "spin = 2", 'surface_density = "3 /nm^2"', 'exchange_coupling = "1e-48 J m^3"',
    'density_of_states = "5e46 1/(J m^3)"', 'curie_temperature = "100 K"', "easy_axis = [2, 0, 0]",
]  # fmt: skip


@pytest.mark.parametrize("lines", [f"magnet = {{{', '.join(FIELDS)}}}", "\n".join(["[film.magnet]", *FIELDS])])
def test_a_table_is_the_magnet_written_in_python(lines):
    assert read('name = "F"\n' + lines) == on_pt(ss.WeissMagnet(**WEISS, curie_temperature=100, easy_axis=(1, 0, 0)))


def test_the_library_gives_what_the_table_leaves_out():
    given_ = {"exchange_coupling": 2e-48, "density_of_states": 5e46}
    film = read(
        '[film.magnet]\nkind = "weiss"\nmaterial = "EuS"\nexchange_coupling = "2e-48 J m^3"\n'
        'density_of_states = "5e46 1/(J m^3)"'
    )
    assert film == on_pt(ss.WeissMagnet.of("EuS", **given_), name="EuS")
    named = read(
        'name = "floor"\nmagnet = {material = "EuS", kind = "weiss", curie_temperature = "20 K", '
        'exchange_coupling = "2e-48 J m^3", density_of_states = "5e46 1/(J m^3)"}'
    )
    assert named == on_pt(ss.WeissMagnet.of("EuS", **given_, curie_temperature=20.0), name="floor")


def test_numbers_in_place_of_a_magnet_stay_what_they_were():
    film = read('name = "YIG"\nmixing_conductance = "4e14 + 1e13j S/m^2"')
    assert film[0] == ss.MagneticInsulator("YIG", mixing_conductance=4e14 + 1e13j)
    assert film[0].magnet is None


MAGNETS = [
    ss.WeissMagnet(**WEISS),
    ss.WeissMagnet(**WEISS, curie_temperature=1 / 3, surface_coordination=5),
    ss.WeissMagnet(**WEISS, anisotropy_field=-0.1, easy_axis=(1, 1, 0)),
    ss.WeissMagnet(**WEISS, anisotropy_field=0.3, easy_axis=(0.3, -2, 1.7)),
    ss.WeissFerrimagnet(
        spin_a=2.5, spin_b=3.5, surface_density_a=3e18, surface_density_b=1e18, exchange_coupling_a=1e-48,
        exchange_coupling_b=-2e-48, density_of_states=5e46, curie_temperature=560, density_ratio=1.5, intra_b=-0.1,
    ),
    ss.WeissAntiferromagnet(
        spin=1, neel_temperature=523, surface_density=3e18, exchange_coupling=1e-48, exchange_coupling_b=0.5e-48,
        density_of_states=5e46, spin_flop_field=1.2, easy_axis=(0, 0, -1), hard_axis=(1, -1, 0),
    ),
    ss.Antiferromagnet(mixing_conductance=3e14-1e13j, monodomain_field=1 / 3, exchange_field=900, hard_axis=(1, 2, 3)),
    ss.Antiferromagnet(mixing_conductance=3e14, spin_flop_field=2.0, hard_field=float("inf"), easy_axis=(1, 2, 0)),
]  # fmt: skip


@pytest.mark.parametrize("magnet", MAGNETS)
def test_a_magnet_comes_back_to_the_last_bit(magnet):
    film = on_pt(magnet)
    back = film_from_document(parse_document(sample_text(film)))
    assert repr(back) == repr(film)
    assert back == film
    assert sample_text(back) == sample_text(film)


def value(spec):
    low, high = (-1e99 if spec.low is None else spec.low), (1e99 if spec.high is None else spec.high)
    return st.floats(low, high, exclude_min=spec.open_low, exclude_max=spec.open_high)


@st.composite
def magnets(draw):
    kind = draw(st.sampled_from([ss.WeissMagnet, ss.WeissFerrimagnet, ss.WeissAntiferromagnet, ss.Antiferromagnet]))
    required = {f.name for f in fields(kind) if f.default is MISSING}
    specs = kind.specifications().items()
    try:
        return kind(**{name: draw(value(spec)) for name, spec in specs if name in required or draw(st.booleans())})
    except ss.ParameterError:  # some combinations are not allowed
        reject()


@pytest.mark.study
@given(magnets())
def test_random_magnets_come_back_to_the_last_bit(magnet):
    back = film_from_document(parse_document(sample_text(on_pt(magnet))))[0].magnet
    assert repr(back) == repr(magnet)


@pytest.mark.parametrize("kind", ["WeissMagnet", "WeissFerrimagnet", "WeissAntiferromagnet", "Antiferromagnet"])
def test_every_magnet_of_the_library_can_be_named_in_a_file(kind):
    word = getattr(ss, kind).kind
    for name in materials.names(kind):
        known = materials.material(name, kind).entries
        lines = [f'kind = "{word}"', f'material = "{name}"']
        unit = {f: getattr(ss, kind).specifications()[f].unit for f in materials.required(kind)}
        lines += [f'{f} = "1e-48 {unit[f]}"' for f in unit if f not in known]
        film = read("[film.magnet]\n" + "\n".join(lines))
        assert film[0].name == name
        assert film_from_document(parse_document(sample_text(film))) == film


COMPLETE = ", " + ", ".join(FIELDS[1:5])


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ('name = "F"\nmagnet = {kind = "wais"}', 5, "magnet.kind: got 'wais', which is no model"),
        ('name = "F"\nmagnet = {spin = 2}', 5, "magnet.kind: missing"),
        ('name = "F"\nmagnet = "EuS"', 5, "Allowed: a table such as"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\nspni = 2', 7, "Did you mean 'spin'"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\nspin = 0.3', 7, "magnet.spin: got 0.3, which is too small"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\nspin = 2\nsurface_density = "3 nm"', 8, "convert to 1/m^2"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\nspin = 2', 5, "magnet.surface_density: missing, moments per area"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\neasy_axis = [0, 0, 0]', 7, "easy_axis: got [0, 0, 0]"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\neasy_axis = "z"', 7, "three numbers"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\neasy_axis = [0, true, 1]', 7, "three numbers"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\nmaterial = 3', 7, "not a name"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\nmaterial = "Eu"', 7, "Did you mean 'EuS'"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\nmaterial = "NiO"', 7, "is a WeissAntiferromagnet"),
        ('name = "F"\n[film.magnet]\nkind = "weiss"\nmaterial = "EuS"', 5, "magnet.exchange_coupling: missing"),
        ('material = "NiO"', 4, 'magnet = {kind = "antiferromagnet", material = "NiO", ...}'),
        ('material = "EuS"\nmagnet = {kind = "weiss"}', 4, "beside magnet"),
        (f'name = "F"\nmixing_conductance = "1e14 S/m^2"\nmagnet = {{kind = "weiss"{COMPLETE}}}', 5, "beside a magnet"),
        (f'name = "F"\nmagnet = {{kind = "weiss"{COMPLETE}, surface_coordination = 9}}', 5, "more than the coord"),
        ('magnet = {kind = "weiss"' + COMPLETE + "}", 2, "name: missing"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_line(lines, line, words):
    with pytest.raises(SampleError) as caught:
        read(lines)
    assert words in str(caught.value)
    assert f"sample, line {line}, film[0] (magnetic_insulator)" in str(caught.value)


def test_the_examples_of_the_page_are_films():
    page = (Path(__file__).parents[2] / "docs" / "sample_file.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    magnets = [b for b in blocks if "magnetic_insulator" in b]
    assert magnets
    for block in magnets:
        film = film_from_document(parse_document(f"spinstack = 1\n{block}\n{PT}"))
        assert all(e.magnet is not None for e in film if isinstance(e, ss.MagneticInsulator))
