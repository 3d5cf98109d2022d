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
from spinstack.materials.library import FIELDS
from spinstack.materials.units import UNITS, UnitError, fitting, to_si

KINDS = {"Metal": ss.Metal, "Ferromagnet": ss.Ferromagnet, "MagneticInsulator": ss.MagneticInsulator}
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
}


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


ENTRY = 'value = 2.0\nunit = "nm"\nsource = "a notebook"\nverified = true\n'
METAL = '[X]\nkind = "Metal"\ndescription = "an example"\n'
RHO = '[X.conductivity]\nvalue = 20\nunit = "uOhm cm"\nsource = "a notebook"\nverified = false\n'
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


def test_overrides_replace_single_values():
    layer = ss.Metal.of("Pt", thickness=5e-9, name="bottom", conductivity=4e6)
    assert (layer.name, layer.conductivity) == ("bottom", 4e6)
    assert layer.spin_diffusion_length == 3.4e-9


@pytest.mark.parametrize("kind", FIELDS)
def test_fields_are_those_of_the_elements_with_their_units(kind):
    declared = KINDS[kind].specifications()
    assert {f: declared[f].unit for f in FIELDS[kind] if f in declared} == FIELDS[kind]
    assert "thickness" not in FIELDS[kind]
    needed = {f for f in FIELDS[kind] if f in materials.required(kind)}
    assert needed == set(materials.required(kind))


def test_the_library_has_the_common_materials():
    assert {"Pt", "beta-Ta", "beta-W", "Cu", "Al", "Ru", "RuO2", "Au", "Pd", "Ag"} <= set(materials.names("Metal"))
    assert {"Py", "Co", "CoFeB", "Fe", "Ni"} == set(materials.names("Ferromagnet"))
    assert {"YIG", "TmIG", "EuS"} == set(materials.names("MagneticInsulator"))
    assert len(materials.names()) == len(set(materials.names())) == sum(len(materials.names(k)) for k in FIELDS)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['material']}.{r['field']}")
def test_every_value_is_sourced_and_plausible(row):
    assert len(row["source"]) > 10
    assert isinstance(row["verified"], bool)
    assert row["temperature"] is None or 0 < row["temperature"] < 400
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
    with pytest.raises(UnitError, match=r"'nm' where S/m .*Allowed: S/m, S/cm, MS/m, Ohm m, uOhm cm"):
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
    with pytest.raises(MaterialError, match=rf"no material '{asked}'.*Did you mean '{meant}'.*Known: Pt, .*EuS"):
        materials.material(asked)


def test_nonsense_lists_the_names_without_a_guess():
    with pytest.raises(MaterialError, match="Known: Py, Co, CoFeB, Fe, Ni") as caught:
        materials.parameters("qqqqqqqq", "Ferromagnet")
    assert "Did you mean" not in str(caught.value)


def test_a_material_of_another_kind_says_so():
    with pytest.raises(MaterialError, match=r"'Co' is a Ferromagnet, not a Metal\. .*Pt"):
        materials.parameters("Co", "Metal")
    with pytest.raises(ValueError, match="'Co' is a Ferromagnet, not a Metal"):
        ss.Metal.of("Co", thickness=1e-9)
    for call in (lambda: materials.names("metal"), lambda: materials.parameters("Pt", "Layer")):
        with pytest.raises(MaterialError, match="Allowed: Metal, Ferromagnet, MagneticInsulator"):
            call()


def test_a_missing_value_names_what_to_supply(tmp_path):
    found = materials.read(write(tmp_path, METAL + RHO))["X"]
    with pytest.raises(MaterialError, match=r"no value of spin_diffusion_length .*spin_diffusion_length=\.\.\. \[m\]"):
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
        (METAL + L_SF.replace('"a notebook"', '" "'), r"\.source: missing or wrong"),
        (METAL + L_SF.replace("verified = true\n", ""), r"\.verified: missing"),
        (METAL + L_SF.replace("true", '"yes"'), r"\.verified: missing or wrong, got 'yes'"),
        (METAL + L_SF.replace("value = 2.0\n", ""), r"\.value: missing"),
        (METAL + L_SF.replace("2.0", '"2"'), r"\.value: got '2'\. Allowed: a number"),
        (METAL + L_SF.replace("2.0", "nan"), r"\.value: got nan"),
        (METAL + L_SF.replace("2.0", "true"), r"\.value: got True"),
        (METAL + L_SF.replace('"nm"', '"furlong"'), r"\.unit: got the unit 'furlong'\. Allowed: m, um, nm"),
        (METAL + L_SF.replace('"nm"', '"S/m"'), r"\.unit: got the unit 'S/m' where m is wanted"),
        (METAL + L_SF + "temperature = -1\n", r"\.temperature: got -1"),
        (METAL + L_SF + "uncertainty = 0\n", r"\.uncertainty: got 0\.0\. Allowed: greater than 0"),
        (METAL + L_SF + "note = 1\n", r"\.note: got 1"),
        (METAL + L_SF + "others = 1\n", r"\.others: got 1"),
        (METAL + L_SF + "[[X.spin_diffusion_length.others]]\nvalue = 1\n", r"\.others\[0\]\.unit: missing"),
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
        assert all(isinstance(v, (str, bool, int, float, complex, type(None))) for v in row.values())
        assert math.isfinite(abs(row["si"]))


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
