"""The materials library: every entry is usable and sourced, units convert, and wrong names and files are refused."""

import math
import re
import subprocess
import sys

import pint
import pytest

import spinstack as ss
from spinstack import materials
from spinstack.materials import MaterialError
from spinstack.materials.library import KINDS, fields
from spinstack.materials.units import UnitError, fitting, to_si
from spinstack.text.unit_table import UNITS

MAGNETS = [(kind, name) for kind in KINDS if kind.startswith("Weiss") for name in materials.names(kind)]
AXES = {"easy_axis", "hard_axis"}
# what a magnet's entry never or seldom has: the metal's density of states and the coupling of the pair
COUPLING = {
    "WeissMagnet": {"exchange_coupling": 1e-48},
    "WeissFerrimagnet": {"exchange_coupling_a": 1e-48, "exchange_coupling_b": 2e-48},
    "WeissAntiferromagnet": {"exchange_coupling": 1e-48},
}
PLATINUM = {"density_of_states": 4e46}
ROWS = materials.table(others=True)

# plausible at any temperature and thickness, in SI
RANGES = {
    "conductivity": (1 / 500e-8, 1 / 1e-8),
    "spin_diffusion_length": (0.3e-9, 2e-6),
    "spin_hall_angle": (-0.6, 0.6),
    "polarization": (-0.99, 0.99),
    "dephasing_length": (0.3e-9, 20e-9),
    "amr_ratio": (-0.1, 0.1),
    "mixing_conductance": (1e12, 5e15),
    "spin": (0.5, 3.5),
    "spin_a": (0.5, 3.5),
    "spin_b": (0.5, 3.5),
    "surface_density": (1e18, 1e19),
    "surface_density_a": (1e18, 1e19),
    "surface_density_b": (1e18, 1e19),
    "exchange_coupling": (-1e-47, 1e-47),
    "curie_temperature": (1, 1000),
    "neel_temperature": (1, 1000),
    "density_ratio": (0.2, 5),
    "anisotropy_field": (-1, 1),
    "spin_flop_field": (0, 20),
    "monodomain_field": (0.1, 20),
}


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


ENTRY = 'value = 2.0\nunit = "nm"\nsource = "a notebook"\nverified = true\n'
METAL = '[X]\nkind = "Metal"\ndescription = "an example"\n'
RHO = '[X.conductivity]\nvalue = 20\nunit = "uOhm cm"\nsource = "a notebook"\nverified = false\n'
MAGNET = '[X]\nkind = "WeissMagnet"\ndescription = "d"\n[X.easy_axis]\nvalue = [1, 0, 0]\nunit = "1"\n'
MAGNET += 'source = "a notebook"\nverified = true\n'
L_SF = f"[X.spin_diffusion_length]\n{ENTRY}"


@pytest.mark.parametrize("name", [n for k in ("Metal", "Ferromagnet") for n in materials.names(k)])
def test_every_conductor_of_the_library_makes_a_layer(name):
    entry = materials.material(name)
    layer = KINDS[entry.kind].of(name, thickness=5e-9)
    assert layer.name == name
    assert layer.thickness == 5e-9
    assert {f: getattr(layer, f) for f in entry.entries} == materials.parameters(name, entry.kind)


@pytest.mark.parametrize("name", materials.names("MagneticInsulator"))
def test_every_insulator_of_the_library_makes_an_element(name):
    values = materials.parameters(name, "MagneticInsulator")
    assert ss.MagneticInsulator(name, **values).mixing_conductance == values["mixing_conductance"]


@pytest.mark.study
@pytest.mark.parametrize(("kind", "name"), MAGNETS)
def test_every_magnet_of_the_library_makes_a_model_with_a_metal_and_a_coupling(kind, name):
    magnet = KINDS[kind].of(name, **PLATINUM, **COUPLING[kind])
    entries = materials.material(name, kind).entries
    known = {f: e.si for f, e in entries.items() if f not in COUPLING[kind]}
    assert {f: getattr(magnet, f) for f in known} == known
    Gs, Gmix = magnet.conductances(0.5, 2.0)
    assert Gs >= 0
    assert Gmix.real > 0


@pytest.mark.parametrize(("kind", "name"), MAGNETS)
def test_the_density_of_states_is_the_metals_and_always_supplied(kind, name):
    assert "density_of_states" not in materials.material(name, kind).entries
    with pytest.raises(
        MaterialError, match=r"density_of_states \[1/\(J m\^3\)\]: missing.* of the metal at .*, for example Weiss"
    ):
        materials.parameters(name, kind, supplied=COUPLING[kind])


def test_a_missing_coupling_is_asked_for_without_a_thickness():
    wanted = r"exchange_coupling \[J m\^3\]: missing.*J_sd .*for example WeissMagnet\.of\('EuS', exchange_coupling"
    with pytest.raises(MaterialError, match=wanted) as caught:
        materials.parameters("EuS", "WeissMagnet", supplied=PLATINUM)
    assert "thickness" not in str(caught.value)


def test_a_name_may_be_an_insulator_and_a_magnet():
    assert materials.kinds("EuS") == ("MagneticInsulator", "WeissMagnet")
    assert materials.kinds("Pt") == ("Metal",)
    assert materials.material("EuS") is materials.material("EuS", "MagneticInsulator")
    assert set(materials.material("EuS", "WeissMagnet").entries) == {"spin", "surface_density", "curie_temperature"}
    assert materials.names().count("EuS") == 1
    assert [r["kind"] for r in materials.table("EuS")][:2] == ["MagneticInsulator", "WeissMagnet"]
    with pytest.raises(
        MaterialError, match="'YIG', which is a MagneticInsulator and a WeissFerrimagnet, not a WeissMagnet"
    ):
        materials.material("YIG", "WeissMagnet")
    with pytest.raises(MaterialError, match="Did you mean 'NiO'"):
        materials.kinds("nickel oxide")


# lattice constant [m], moments per square of it in the plane that the entry names
PLANES = {
    ("EuS", "surface_density"): (5.968e-10, 2),
    ("EuO", "surface_density"): (5.144e-10, 2),
    ("GGG", "surface_density"): (12.383e-10, 4),
    ("LaCoO3", "surface_density"): (3.905e-10, 1),
    ("model-PM", "surface_density"): (4e-10, 0.5),
    ("model-FM", "surface_density"): (4e-10, 0.5),
    ("YIG", "surface_density_a"): (12.376e-10, 4),
    ("YIG", "surface_density_b"): (12.376e-10, 4),
    ("TmIG", "surface_density_a"): (12.324e-10, 4),
    ("TmIG", "surface_density_b"): (12.324e-10, 4),
    ("NiO", "surface_density"): (4.1769e-10, 2 / math.sqrt(3)),
    ("Cr2O3", "surface_density"): (4.95e-10, 2 / math.sqrt(3)),
    ("alpha-Fe2O3", "surface_density"): (5.033e-10, 2 / math.sqrt(3)),
}


def test_surface_densities_follow_from_the_lattice_constants_of_their_notes():
    found = {
        (name, field): entry.si
        for kind, name in MAGNETS
        for field, entry in materials.material(name, kind).entries.items()
        if field.startswith("surface_density")
    }
    assert found == pytest.approx({plane: count / a**2 for plane, (a, count) in PLANES.items()}, rel=3e-4)


def test_a_garnet_has_four_of_either_iron_site_in_its_densest_plane():
    """Wyckoff positions 16a and 24d of Ia-3d in eighths of the lattice constant (International Tables, no. 230)."""
    octahedral = [(0, 0, 0), (4, 0, 4), (0, 4, 4), (4, 4, 0), (6, 2, 2), (6, 6, 6), (2, 2, 6), (2, 6, 2)]
    tetrahedral = [(3, 0, 2), (1, 0, 6), (2, 3, 0), (6, 1, 0), (0, 2, 3), (0, 6, 1)]
    tetrahedral += [(6, 5, 0), (6, 3, 4), (1, 4, 2), (7, 0, 2), (0, 2, 7), (4, 2, 1)]
    for sites, total in ((octahedral, 16), (tetrahedral, 24)):
        cell = {tuple((x + shift) % 8 for x in site) for site in sites for shift in (0, 4)}
        assert len(cell) == total
        assert sum(z == 0 for _, _, z in cell) == 4


def test_the_model_magnets_are_those_of_the_calculations():
    """arXiv:1903.10558, Fig. 4: J a^-3 = 0.1 eV, n a^2 = 0.5, a = 0.4 nm, nu J = 0.04; nu as the description says."""
    magnet = ss.WeissMagnet.of("model-FM", density_of_states=to_si(6.25, "1/(eV nm^3)", "1/(J m^3)"))
    assert magnet.density_of_states * magnet.exchange_coupling == pytest.approx(0.04, rel=1e-12)
    assert magnet.exchange_coupling / 0.4e-9**3 == pytest.approx(0.1 * 1.602176634e-19, rel=1e-12)
    assert magnet.curie_temperature == 100
    assert ss.WeissMagnet.of("model-PM", **PLATINUM).curie_temperature == 0


def test_overrides_replace_single_values():
    layer = ss.Metal.of("Pt", thickness=5e-9, name="bottom", conductivity=4e6)
    assert (layer.name, layer.conductivity) == ("bottom", 4e6)
    assert layer.spin_diffusion_length == 3.4e-9


@pytest.mark.parametrize("kind", KINDS)
def test_a_material_may_say_what_its_class_declares_with_the_same_unit_and_no_more(kind):
    assert KINDS[kind] is getattr(ss, kind)
    declared = KINDS[kind].specifications()
    may = fields(kind)
    assert set(may) - set(declared) == {f for f in AXES if hasattr(KINDS[kind], f)}
    assert set(declared) - set(may) == {"thickness", "spin_splitter", "spin_hall_conductivity"} & set(declared)
    assert {f: spec for f, spec in may.items() if f in declared} == {f: declared[f] for f in declared if f in may}
    # every quantity can be written in its SI unit
    assert all(spec.unit in fitting(spec.unit) for spec in may.values())
    assert set(materials.required(kind)) <= set(may)


def test_what_a_material_must_say():
    """Without it no element can be made; an insulator of the library has more to say than the constructor asks."""
    needed = {kind: materials.required(kind) for kind in KINDS}
    assert needed["Metal"] == needed["Ferromagnet"] == ("conductivity", "spin_diffusion_length")
    assert needed["MagneticInsulator"] == ("mixing_conductance",)
    assert needed["WeissMagnet"] == ("spin", "surface_density", "exchange_coupling", "density_of_states")


def test_the_library_has_the_common_materials():
    assert {"Pt", "beta-Ta", "beta-W", "Cu", "Al", "Ru", "RuO2", "Au", "Pd", "Ag"} <= set(materials.names("Metal"))
    assert {"Py", "Co", "CoFeB", "Fe", "Ni"} == set(materials.names("Ferromagnet"))
    assert {"YIG", "TmIG", "EuS"} == set(materials.names("MagneticInsulator"))
    assert {"EuS", "EuO", "GGG"} <= set(materials.names("WeissMagnet"))
    assert {"YIG", "TmIG"} == set(materials.names("WeissFerrimagnet"))
    assert {"NiO", "Cr2O3", "alpha-Fe2O3"} == set(materials.names("WeissAntiferromagnet"))
    assert materials.names("Antiferromagnet") == ("NiO-SMR",)
    assert len(materials.names()) == len(set(materials.names()))
    for kind in KINDS:
        assert len(materials.names(kind)) == len(set(materials.names(kind)))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['material']}.{r['field']}")
def test_every_value_is_sourced_and_plausible(row):
    assert len(row["source"]) > 10
    assert isinstance(row["verified"], bool)
    assert row["temperature"] is None or 0 < row["temperature"] < 400
    if row["field"] in AXES:
        assert math.hypot(*row["si"]) == 1
    else:
        low, high = RANGES[row["field"]]
        assert low <= (abs(row["si"]) if row["field"] == "mixing_conductance" else row["si"]) <= high
    if row["uncertainty"] is not None:
        assert abs(row["uncertainty"]) < abs(row["value"])
    for doi in re.findall(r"doi:(\S+)", row["source"]):
        assert re.fullmatch(r"10\.\d{4}/[^\s,]+,?", doi)
    for arxiv in re.findall(r"arXiv:(\S+)", row["source"]):
        assert re.match(r"(\d{4}\.\d{4,5}|cond-mat/\d{7})\b", arxiv)
    if re.search("Representative|analogy", row["source"]):
        assert not row["verified"], "a choice is not a verified value"


def test_every_ferromagnet_absorbs_transverse_spin():
    for name in materials.names("Ferromagnet"):
        assert ss.Ferromagnet.of(name, thickness=1e-9).dephasing_length < 10e-9


def test_resistivity_times_spin_diffusion_length_is_the_published_constant():
    """Two entries quote a product; the stored pair must reproduce it."""
    py = materials.parameters("Py", "Ferromagnet")
    assert py["spin_diffusion_length"] / py["conductivity"] == pytest.approx(0.91e-15, rel=2e-3)
    nguyen = materials.material("Pt").entries["spin_diffusion_length"].others[0]
    assert nguyen.si * 25e-8 == pytest.approx(0.77e-15, rel=2e-3)


def test_tantalum_and_tungsten_are_opposite_to_platinum():
    angle = {n: materials.parameters(n, "Metal")["spin_hall_angle"] for n in ("Pt", "Pt-SMR", "beta-Ta", "beta-W")}
    assert angle["Pt"] > 0
    assert angle["Pt-SMR"] > 0
    assert angle["beta-Ta"] < 0
    assert angle["beta-W"] < 0


def test_a_channel_count_becomes_a_conductance():
    qiu = materials.material("YIG").entries["mixing_conductance"].others[0]
    assert qiu.value == 1.3e18
    assert qiu.si == pytest.approx(1.3e18 * 3.874045864e-5, rel=1e-9)
    with pytest.raises(UnitError, match=r"e\^2/\(h m\^2\)"):
        to_si(1.3e18, "1/m^2", "S/m^2")
    assert to_si(1.3, "1/nm^2", "1/m^2") == 1.3e18


@pytest.mark.study
@pytest.mark.parametrize("unit", UNITS)
def test_factors_agree_with_an_independent_unit_library(unit):
    registry = pint.UnitRegistry()

    def base(text):
        text = text.replace("Ohm", "ohm").replace("uohm cm", "microohm*cm").replace("ohm m", "ohm*m")
        text = re.sub(r"\((\w+) (\S+)\)", r"(\1*\2)", text).replace("e^2", "e**2").replace("^", "**")
        text = text.replace("e**2/(h*", "elementary_charge**2/planck_constant/(").replace("%", "0.01")
        return registry.Quantity(text).to_base_units()

    factor, si_unit = UNITS[unit]
    measured, one = base(unit), base(si_unit)
    assert measured.units == one.units
    assert float(factor) == pytest.approx(measured.magnitude / one.magnitude, rel=1e-12)


def test_conversion_is_exact_and_inverts_resistivities():
    assert to_si(3.4, "nm", "m") == 3.4e-9
    assert to_si(20.0, "uOhm cm", "S/m") == 5e6
    assert to_si(2 + 1j, "S/cm^2", "S/m^2") == 2e4 + 1e4j
    with pytest.raises(UnitError, match="no inverse"):
        to_si(0.0, "uOhm cm", "S/m")
    with pytest.raises(UnitError, match=r"'nm', where S/m .*Allowed: S/m, S/cm, MS/m, Ohm m, uOhm cm"):
        to_si(1.0, "nm", "S/m")
    assert fitting("m") == ("m", "um", "nm", "angstrom")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("platinum", "Pt"),
        ("Platnum", "Pt"),
        ("Ta", "beta-Ta"),
        ("permalloy", "Py"),
        ("cofeb", "CoFeB"),
        ("Y3Fe5O12", "YIG"),
    ],
)
def test_an_unknown_name_leads_to_the_near_one(asked, meant):
    with pytest.raises(MaterialError, match=rf"got '{asked}'.*Allowed: Pt, .*EuS.*Did you mean '{meant}'"):
        materials.material(asked)


def test_nonsense_lists_the_names_without_a_guess():
    with pytest.raises(MaterialError, match=r"Allowed: Py, Co, CoFeB, Fe, Ni\.") as caught:
        materials.parameters("qqqqqqqq", "Ferromagnet")
    assert "Did you mean" not in str(caught.value)


def test_a_material_of_another_kind_says_so():
    with pytest.raises(MaterialError, match=r"'Co', which is a Ferromagnet, not a Metal\. .*Pt"):
        materials.parameters("Co", "Metal")
    with pytest.raises(ValueError, match="'Co', which is a Ferromagnet, not a Metal"):
        ss.Metal.of("Co", thickness=1e-9)
    for call in (lambda: materials.names("metal"), lambda: materials.parameters("Pt", "Layer")):
        with pytest.raises(
            MaterialError, match=r"Allowed: 'Metal', 'Ferromagnet', 'MagneticInsulator', .*'WeissMagnet'"
        ):
            call()


def test_a_missing_value_names_what_to_supply(tmp_path):
    found = materials.read(write(tmp_path, METAL + RHO))["X"]
    with pytest.raises(
        MaterialError, match=r"X\.spin_diffusion_length \[m\]: missing.*thickness=\.\.\., spin_diffusion_length=\.\.\."
    ):
        found.parameters()
    assert found.parameters(supplied=("spin_diffusion_length",)) == {"conductivity": 5e6}
    assert found.parameters(supplied=("conductivity", "spin_diffusion_length")) == {}


def test_supplied_values_are_left_out():
    left = materials.parameters("Pt", "Metal", supplied={"conductivity"})
    assert set(left) == {"spin_diffusion_length", "spin_hall_angle"}


def test_a_file_of_ones_own_is_read_completely(tmp_path):
    text = METAL + RHO + L_SF + 'uncertainty = 0.5\ntemperature = 4.2\nnote = "n"\n'
    text += f"[[X.spin_diffusion_length.others]]\n{ENTRY}"
    text += '[G]\nkind = "MagneticInsulator"\ndescription = "d"\n[G.mixing_conductance]\n'
    text += 'value = { real = 1.0, imag = -2.0 }\nunit = "e^2/(h cm^2)"\nsource = "s"\nverified = false\n'
    found = materials.read(write(tmp_path, text))
    entry = found["X"].entries["spin_diffusion_length"]
    assert (entry.si, entry.uncertainty, entry.temperature, entry.note) == (2e-9, 0.5, 4.2, "n")
    assert entry.text == "2 ± 0.5 nm"
    assert entry.others[0].si == 2e-9
    assert entry.others[0].uncertainty is None
    mixing = found["G"].entries["mixing_conductance"]
    assert mixing.si == pytest.approx((1 - 2j) * 0.3874045864, rel=1e-9)
    assert mixing.text == "(1 - 2i) e^2/(h cm^2)"
    assert "X" not in materials.names()


def test_an_axis_is_three_numbers(tmp_path):
    text = '[X]\nkind = "WeissMagnet"\ndescription = "d"\n[X.easy_axis]\nvalue = [0, 0.6, -0.8]\nunit = "1"\n'
    entry = materials.read(write(tmp_path, text + 'source = "s"\nverified = false\n'))["X"].entries["easy_axis"]
    assert entry.si == (0.0, 0.6, -0.8)
    assert entry.text == "(0, 0.6, -0.8)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[X", "mine.toml: not a TOML file"),
        ("X = 1\n", "X: got 1"),
        ('[X]\nkind = "Metal"\n', r"X\.description: missing"),
        ('[X]\nkind = "Alloy"\ndescription = "d"\n', "got 'Alloy'. Allowed: Metal"),
        (METAL + f"[X.thickness]\n{ENTRY}", r"X\.thickness: a Metal has no such value\. Allowed: conductivity"),
        (METAL + "conductivity = 3\n", r"X\.conductivity: got 3"),
        (METAL + L_SF.replace("source", "origin"), r"origin: no such key\. Allowed: value"),
        (METAL + L_SF.replace('source = "a notebook"\n', ""), r"X\.spin_diffusion_length\.source: missing"),
        (METAL + L_SF.replace('"a notebook"', '" "'), r"\.source: got ' '\. Allowed: text"),
        (METAL + L_SF.replace("verified = true\n", ""), r"\.verified: missing"),
        (METAL + L_SF.replace("true", '"yes"'), r"\.verified: got 'yes'\. Allowed: true or false"),
        (METAL + L_SF.replace("value = 2.0\n", ""), r"\.value: missing"),
        (METAL + L_SF.replace("2.0", '"2"'), r"\.value: got '2'\. Allowed: a number"),
        (METAL + L_SF.replace("2.0", "nan"), r"\.value: got nan"),
        (METAL + L_SF.replace("2.0", "true"), r"\.value: got True"),
        (METAL + L_SF.replace('"nm"', '"furlong"'), r"\.unit: got 'furlong'\. Allowed: m, um, nm"),
        (METAL + L_SF.replace('"nm"', '"S/m"'), r"\.unit: got 'S/m', where m is wanted"),
        (METAL + L_SF + "temperature = -1\n", r"\.temperature: got -1"),
        (METAL + L_SF + "uncertainty = 0\n", r"\.uncertainty: got 0\.0\. Allowed: greater than 0"),
        (METAL + L_SF + "note = 1\n", r"\.note: got 1"),
        (METAL + L_SF + "others = 1\n", r"\.others: got 1"),
        (METAL + L_SF + "[[X.spin_diffusion_length.others]]\nvalue = 1\n", r"\.others\[0\]\.unit: missing"),
        (MAGNET.replace("[1, 0, 0]", "[1, 0]"), r"X\.easy_axis\.value: got \[1, 0\]\. Allowed: a direction"),
        (MAGNET.replace("[1, 0, 0]", "[0, 0, 0]"), r"X\.easy_axis\.value: got \[0, 0, 0\]"),
        (MAGNET.replace("[1, 0, 0]", "1"), r"X\.easy_axis\.value: got 1\. Allowed: a direction"),
        (MAGNET + "uncertainty = [1, 0, 0]\n", r"X\.easy_axis\.uncertainty: an axis has none"),
        (MAGNET.replace('"1"', '"nm"'), r"X\.easy_axis\.unit: got 'nm', where 1 is wanted"),
        (METAL + "aliases = [1]\n", r"X\.aliases: got \[1\]"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path, text, message):
    with pytest.raises(MaterialError, match=message):
        materials.read(write(tmp_path, text))


def test_the_table_has_one_row_per_value():
    rows = materials.table("Pt")
    assert [r["field"] for r in rows] == ["conductivity", "spin_diffusion_length", "spin_hall_angle"]
    assert all(r["preferred"] for r in rows)
    length = rows[1]
    assert (length["text"], length["si"], length["si_unit"]) == ("3.4 ± 0.4 nm", 3.4e-9, "m")
    assert len(materials.table("Pt", others=True)) > len(rows)
    assert {r["material"] for r in materials.table()} == set(materials.names())
    for row in ROWS:
        assert all(isinstance(v, (str, bool, int, float, complex, tuple, type(None))) for v in row.values())
        assert row["field"] in AXES or math.isfinite(abs(row["si"]))


def test_a_material_cannot_be_changed_in_place():
    pt = materials.material("Pt")
    with pytest.raises(TypeError):
        pt.entries["conductivity"] = None
    with pytest.raises(AttributeError):
        pt.kind = "Ferromagnet"


def test_looking_up_a_material_loads_no_numerics():
    code = (
        "import sys; from spinstack import materials; materials.table(); "
        "print([m for m in ('pint', 'jax', 'xarray', 'spinstack.circuit') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_everything_wrong_in_a_material_file_is_reported_with_its_line(tmp_path):
    text = (
        METAL + L_SF.replace("true", "1") + "[X.thickness]\nvalue = 1\n" + '[Y]\nkind = "Alloy"\n' + "[Z]\nkind = 1\n"
    )
    with pytest.raises(MaterialError) as caught:
        materials.read(write(tmp_path, text))
    found = [(e.source, e.line, e.words) for e in caught.value.errors]
    assert found == [
        ("mine.toml", 8, "X.spin_diffusion_length.verified"),
        ("mine.toml", 9, "X.thickness"),
        ("mine.toml", 11, "Y.description"),
        ("mine.toml", 12, "Y.kind"),
        ("mine.toml", 13, "Z.description"),
        ("mine.toml", 14, "Z.kind"),
    ]
    assert caught.value.errors[0].got == 1
    assert isinstance(caught.value, ss.ParameterError)


def test_the_library_is_loaded_when_a_material_is_asked_for_and_not_before():
    code = (
        "import sys; from spinstack.stack import Metal; before = 'spinstack.materials' in sys.modules; "
        "print(before, Metal.of('Pt', thickness=1e-9).name)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == (
        "False Pt\n"
    )
