"""Sample files: a file means the film it describes, and a film comes back bit for bit, or the old file stays."""

import math
import os
import subprocess
import sys
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinstack.samples import writer
from spinstack.samples.sample_file import (
    SampleError,
    film_from_document,
    parse_document,
    read_document,
    sample_text,
    save_sample,
)
from spinstack.stack import Ferromagnet, Film, Interface, MagneticInsulator, Metal, ParameterError, Vacuum
from spinstack.study import load_sample
from spinstack.study.film_reader import tables
from spinstack.text.plain import visible

# ---------------------------------------------------------------- reading

SAMPLE = """
spinstack = 1                 # format version
title = "RuO2/Py"

[[film]]                      # bottom first
kind = "metal"
name = "RuO2"
thickness = "5 nm"
resistivity = "20 uOhm cm"
spin_diffusion_length = "2 nm"
spin_hall_angle = [["0 %", "-5 %"], [0.05, 0], [0, 0.01]]

[[film]]
kind = "interface"
conductance_up = "4e14 S/m^2"
conductance_down = "2e14 S/m^2"
mixing_conductance = { real = "6e14 S/m^2", imag = "0.5e14 S/m^2" }
filtering = "200 S/cm"

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
conductivity = "4e6 S/m"
polarization = "40 %"
spin_diffusion_length = "5 nm"
dephasing_length = "5 Å"

[[film]]
repeat = 2
elements = [
  { kind = "metal", name = "Cu", thickness = "1 nm", conductivity = "4e7 S/m", spin_diffusion_length = "inf" },
  { kind = "ferromagnet", name = "Co", thickness = "2 nm", conductivity = "4e6 S/m", spin_diffusion_length = "9 nm" },
]
[[film]]
kind = "vacuum"

[scan]
plane = "beta"
"""


def the_film():
    theta = [[0, -0.05], [0.05, 0], [0, 0.01]]
    cu = Metal("Cu", thickness=1e-9, conductivity=4e7, spin_diffusion_length=math.inf)
    co = Ferromagnet("Co", thickness=2e-9, conductivity=4e6, spin_diffusion_length=9e-9)
    return (
        Metal("RuO2", thickness=5e-9, conductivity=5e6, spin_diffusion_length=2e-9, spin_hall_angle=theta)
        | Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14 + 0.5e14j, filtering=2e4)
        | Ferromagnet(
            "Py",
            thickness=4e-9,
            conductivity=4e6,
            polarization=0.4,
            spin_diffusion_length=5e-9,
            dephasing_length=5e-10,
        )
        | (cu | co) * 2
        | Vacuum()
    )


def test_a_sample_file_is_the_film_written_in_python(tmp_path):
    path = tmp_path / "sample.toml"
    path.write_text(SAMPLE, encoding="utf-8")
    assert load_sample(path) == the_film()
    assert load_sample(str(path)) == the_film()


@pytest.mark.parametrize("change", [lambda b: b"\xef\xbb\xbf" + b, lambda b: b.replace(b"\n", b"\r\n")])
def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path, change):
    path = tmp_path / "sample.toml"
    path.write_bytes(change(SAMPLE.encode("utf-8")))
    assert load_sample(path) == the_film()


def test_sections_of_the_command_line_stay_in_the_document_with_their_lines():
    document = parse_document(SAMPLE, "ruo2_py.toml")
    assert document.data["scan"] == {"plane": "beta"}
    assert film_from_document(document) == the_film()
    error = document.error(("scan", "plane"), "got 'beta', and so on.")
    assert isinstance(error, ParameterError)
    assert str(error) == "ruo2_py.toml, line 39, scan.plane: got 'beta', and so on."


def test_every_request_is_let_through_and_no_other_table(tmp_path):
    path = tmp_path / "film.toml"
    film = SAMPLE.partition("[scan]")[0]
    known = [f"[{key}]\nx = 1" for key in tables() if key not in ("spinstack", "title", "description", "film")]
    path.write_text("\n".join([film, *known]), encoding="utf-8")
    assert load_sample(path) == the_film()
    path.write_text(film + "[scann]\nx = 1", encoding="utf-8")
    with pytest.raises(SampleError, match=r"scann: got .* Did you mean 'scan'"):
        load_sample(path)


def test_superlattices_may_hold_superlattices():
    text = """spinstack = 1
[[film]]
repeat = 3
[[film.elements]]
repeat = 2
elements = [{ kind = "metal", material = "Pt", thickness = "1 nm" }]
[[film.elements]]
kind = "metal"
material = "Cu"
thickness = "1 nm"
"""
    film = film_from_document(parse_document(text))
    assert [e.name for e in film] == ["Pt", "Pt", "Cu"] * 3


def test_a_library_material_gives_what_the_file_leaves_out():
    text = """spinstack = 1
[[film]]
kind = "metal"
material = "Pt"
thickness = "3 nm"
resistivity = "40 uOhm cm"
[[film]]
kind = "ferromagnet"
material = "Py"
name = "free layer"
thickness = "3 nm"
[[film]]
kind = "magnetic_insulator"
material = "YIG"
"""
    film = film_from_document(parse_document(text))
    assert film[0] == Metal.of("Pt", thickness=3e-9, conductivity=2.5e6)
    assert film[1] == Ferromagnet.of("Py", thickness=3e-9, name="free layer")
    assert film[2].name == "YIG"
    assert film[2].mixing_conductance.real > 0


# ---------------------------------------------------------------- round trip

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=".|[]/"), min_size=1, max_size=8).filter(
    lambda s: s == s.strip() and s == visible(s)
)


def real(spec):
    low, high = (-1e300 if spec.low is None else spec.low), (1e300 if spec.high is None else spec.high)
    inside = st.floats(low, high, exclude_min=spec.open_low, exclude_max=spec.open_high)
    return st.one_of(inside, st.just(math.inf)) if spec.infinite else inside


def value_of(spec):
    entry = st.floats(-0.3, 0.3)
    tensor = st.lists(st.tuples(entry, entry), min_size=3, max_size=3).map(np.array)
    if spec.kind == "complex":
        return st.builds(complex, real(spec), st.floats(-1e300, 1e300))
    if spec.kind == "angle":  # the optional one, the spin splitter, must be a tensor
        return tensor if spec.optional else st.one_of(entry, tensor)
    return real(spec)


def parameters_of(draw, kind, skip=()):
    """Arguments for `kind`: all that are required and some of the others."""
    required = {f.name for f in fields(kind) if f.default is MISSING}
    specs = {name: spec for name, spec in kind.specifications().items() if name not in skip}
    return {name: draw(value_of(spec)) for name, spec in specs.items() if name in required or draw(st.booleans())}


@st.composite
def solids(draw, kind=None):
    kind = kind or draw(st.sampled_from([Metal, Ferromagnet, MagneticInsulator, Vacuum]))
    values = parameters_of(draw, kind)
    if values.keys() >= {"diffusion_coefficient", "density_of_states"}:
        del values["density_of_states"]
    if "rotated_spin_hall_angle" in values:  # beside these its size is bounded
        beside = {"amr_ratio", "size_effect_ratio", "anomalous_hall_angle", "spin_anomalous_hall_angle"}
        beside |= {"polarization_parallel", "spin_orbital_polarization"}
        values = {name: value for name, value in values.items() if name not in beside}
    if values.keys() >= {"spin_hall_angle", "spin_hall_conductivity"}:
        del values[draw(st.sampled_from(["spin_hall_angle", "spin_hall_conductivity"]))]
    return kind(draw(NAMES), **values)


@st.composite
def interfaces(draw, touching):
    """An interface between neighbours of which those called `touching` are magnets."""
    mixing = ("mixing_conductance", "mixing_conductance_upper", "transmitted_mixing_conductance")
    skip = ("conductance_up", "conductance_down", *mixing, *(() if touching else ("precession", "precession_upper")))
    values = parameters_of(draw, Interface, skip)
    spec = Interface.specifications()
    values["conductance_up"] = draw(real(spec["conductance_up"]))
    values["conductance_down"] = values["conductance_up"]
    if touching and draw(st.booleans()):
        values["conductance_down"] = draw(real(spec["conductance_down"]))
        # the bound on the transmitted part is a product of two conductances, which must not leave the range of floats
        real_part = st.just(0.0) | st.floats(1e-100, 1e100)
        lower, upper = (complex(draw(real_part), draw(st.floats(-1e300, 1e300))) for _ in mixing[:2])
        values |= {"mixing_conductance": lower, "mixing_conductance_upper": draw(st.sampled_from([None, upper]))}
        bound = lower.real if values["mixing_conductance_upper"] is None else min(lower.real, upper.real)
        through = complex(draw(st.floats(-bound, bound)), draw(st.floats(-1e300, 1e300)))
        values["transmitted_mixing_conductance"] = draw(st.sampled_from([None, through]))
    if touching and draw(st.booleans()):
        values["magnet"] = draw(st.sampled_from(touching))
    if draw(st.booleans()):
        values["name"] = draw(NAMES)
    return Interface(**values)


@st.composite
def films(draw):
    parts = draw(st.lists(solids(), max_size=3))
    parts.insert(draw(st.integers(0, len(parts))), draw(solids(draw(st.sampled_from([Metal, Ferromagnet])))))
    out = [parts[0]]
    for below, above in pairwise(parts):
        if draw(st.booleans()):
            out.append(draw(interfaces([e.name for e in (below, above) if e.magnetic])))
        out.append(above)
    return Film(tuple(out)) * draw(st.integers(1, 3)) if draw(st.booleans()) else Film(tuple(out))


def bits(value):
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, complex):
        return value.real.hex(), value.imag.hex()
    return [x.hex() for x in np.ravel(value).tolist()] if isinstance(value, np.ndarray) else value


def bits_of(film):
    return [(type(e), {f.name: bits(getattr(e, f.name)) for f in fields(e)}) for e in film]


@pytest.mark.study
@given(films(), st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=10))
def test_a_film_comes_back_to_the_last_bit(tmp_path_factory, film, title):
    path = tmp_path_factory.mktemp("round") / "film.toml"
    assert save_sample(film, path, title=title) == path
    back = load_sample(path)
    assert back == film
    assert bits_of(back) == bits_of(film)
    assert read_document(path).data.get("title") == title


def test_values_that_text_could_lose_come_back():
    film = (
        Metal(
            'a "é\\',
            thickness=5e-324,
            conductivity=1.7976931348623157e308,
            spin_diffusion_length=math.inf,
            spin_hall_angle=-0.0,
            spin_splitter=[[0, 0.1 + 0.2], [-0.0, 1 / 3], [0, 0]],
            hall_coefficient=-2 / 3 * 1e-10,
        )
        | Interface(
            "named",
            magnet="b",
            conductance_up=1 / 3e-15,
            conductance_down=2e14,
            mixing_conductance=complex(4e14, -0.0),
        )
        | Ferromagnet("b", thickness=1e-10, conductivity=1e5 + 1e-11, spin_diffusion_length=1e5, precession_length=1e-9)
    )
    assert bits_of(film_from_document(parse_document(sample_text(film)))) == bits_of(film)


def test_a_film_in_floating_point_from_jax_is_saved_as_its_values():
    jnp = pytest.importorskip("jax.numpy")
    theta = [[0.0, -0.1], [0.1, 0.0], [0.0, 0.0]]
    film = Film((Metal("Pt", thickness=jnp.asarray(3e-9), conductivity=2e6, spin_diffusion_length=1e-9,
                       spin_hall_angle=jnp.asarray(theta)),))  # fmt: skip
    assert film_from_document(parse_document(sample_text(film))) == film


def test_a_superlattice_is_written_once():
    film = the_film()
    text = sample_text(film * 20)
    assert text.count("kind = ") == len(film)
    assert "repeat = 20" in text
    assert film_from_document(parse_document(text)) == film * 20


def test_saving_twice_gives_the_same_bytes_and_a_readable_text():
    text = sample_text(the_film(), title="RuO2/Py")
    assert text == sample_text(film_from_document(parse_document(text)), title="RuO2/Py")
    assert 'thickness = "5e-09 m"' in text
    assert 'mixing_conductance = "6e14 + 5e13j S/m^2"' in text
    assert 'spin_diffusion_length = "inf"' in text


# ---------------------------------------------------------------- files


def test_text_is_on_disk_before_it_takes_the_name(tmp_path, monkeypatch):
    calls = []
    fsync, put = os.fsync, os.replace
    monkeypatch.setattr(writer.os, "fsync", lambda handle: (calls.append("fsync"), fsync(handle)))
    monkeypatch.setattr(writer.os, "replace", lambda a, b: (calls.append(Path(a).parent == Path(b).parent), put(a, b)))
    save_sample(the_film(), tmp_path / "film.toml")
    assert calls == ["fsync", True]
    assert [p.name for p in tmp_path.iterdir()] == ["film.toml"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_while_saving_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "film.toml"
    path.write_text("old", encoding="utf-8")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer.os, step, fail)
    with pytest.raises(SampleError, match=r"film\.toml: cannot be written .*No space left"):
        save_sample(the_film(), path)
    assert [p.name for p in tmp_path.iterdir()] == ["film.toml"]
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.skipif(os.name != "posix", reason="permissions and links as on POSIX systems")
def test_an_existing_file_keeps_its_permissions_and_a_link_its_target(tmp_path):
    target = tmp_path / "film.toml"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(target)
    save_sample(the_film(), link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert load_sample(target) == the_film()


def test_files_in_si_units_need_neither_pint_nor_jax(tmp_path):
    path = tmp_path / "film.toml"
    save_sample(the_film(), path)
    code = (
        "import sys; from spinstack import load_sample; "
        f"assert len(load_sample({str(path)!r})) == {len(the_film())}; "
        "print([m for m in ('jax', 'pint', 'xarray', 'tomlkit') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
