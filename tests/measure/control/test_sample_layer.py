"""A layer of a sample file takes what control films said; everything else of the file stays to the byte."""

import warnings

import pytest
from control_films import hall, magnet, nm, planes

import spinstack as ss
from spinstack.measure import MeasurementError
from spinstack.measure.control import explain_control, sample_layer, write_layer
from spinstack.text.document import SampleError

FOUND = explain_control([planes(magnet(), 1e-4), hall(magnet(), 1e-3)], "ferromagnet").assign_attrs(
    sample="Py, batch 7", temperature=20.0
)
FILE = """\
# a bilayer
spinstack = 1
title = "RuO2/Py"   # of the autumn

[[film]]
kind = "metal"
name = "RuO2"
thickness = "5 nm"
resistivity = "36 uOhm cm"            # a good film
spin_diffusion_length = "8 nm"

[[film]]   # the magnet
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
resistivity = "20 uOhm cm"  # from a book
spin_diffusion_length = "3.6 nm"
  amr_ratio = "0.6 %"      # guessed

[[scan]]
plane = "alpha"    # what to compute
"""


def layer_of(path):
    return ss.load_sample(path).elements[-1]


def told(layer):
    return {n: getattr(layer, n) for n in ("conductivity", "amr_ratio", "size_effect_ratio", "anomalous_hall_angle")}


TRUE = {"conductivity": 4e6, "amr_ratio": 0.03, "size_effect_ratio": -0.004, "anomalous_hall_angle": 0.012}


def test_a_new_file_has_the_layer_with_errors_and_sources(tmp_path):
    path = write_layer(FOUND, "Py", tmp_path / "py.toml", also={"spin_diffusion_length": "3.6 nm"})
    layer, text = layer_of(path), path.read_text()
    assert told(layer) == pytest.approx(TRUE, rel=2e-2)
    assert (layer.name, layer.thickness, layer.spin_diffusion_length) == ("Py", 4e-9, 3.6e-9)
    assert layer.hall_coefficient == pytest.approx(-1.5e-10, rel=1e-2)
    (line,) = (one for one in text.splitlines() if one.startswith("conductivity"))
    error = float(FOUND.error.sel(parameter="conductivity"))
    assert line == f'conductivity = "4e+06 S/m"  # +- {error:.2g} S/m; control film Py, batch 7, 20 K'
    assert "# errors correlate: amr_ratio and conductivity +0.76, size_effect_ratio and conductivity -0.23" in text
    from_library = write_layer(FOUND, "Py", tmp_path / "library.toml", material="Py")
    assert layer_of(from_library).polarization == ss.Ferromagnet.of("Py", thickness=nm).polarization
    assert told(layer_of(from_library)) == told(layer)


def test_a_name_of_several_lines_stays_a_comment():
    text = sample_layer(FOUND.assign_attrs(sample='a"\nresistivity = 1 \x1b[2J'), "Py", material="Py").attrs[
        "sample_file"
    ]
    assert "\x1b" not in text
    assert not any(line.startswith("resistivity") for line in text.splitlines())


def test_numbers_keep_two_digits_more_than_their_errors():
    sharp = explain_control([planes(magnet(conductivity=4.1234567e6), 1e-6)], "ferromagnet")
    text = sample_layer(sharp, "Py", also={"spin_diffusion_length": "3.6 nm"}).attrs["sample_file"]
    assert 'conductivity = "4123456.7 S/m"' in text
    assert "amr_ratio = 0.03  #" in text


def test_what_differs_is_refused_and_nothing_written(tmp_path):
    path = tmp_path / "film.toml"
    path.write_text(FILE)
    with pytest.raises(SampleError) as caught:
        write_layer(FOUND, "Py", path)
    assert [(error.field, error.line) for error in caught.value.errors] == [("resistivity", 16), ("amr_ratio", 18)]
    assert "replace" in str(caught.value)
    assert path.read_text() == FILE


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_replaced_lines_stay_as_comments_and_all_else_to_the_byte(tmp_path, ending):
    path = tmp_path / "film.toml"
    path.write_bytes(FILE.replace("\n", ending).encode())
    before = ss.load_sample(path)
    write_layer(FOUND, "Py", path, replace=True)
    after, lines = ss.load_sample(path), path.read_bytes().decode().split(ending)
    assert before.elements[0] == after.elements[0]
    assert told(after.elements[1]) == pytest.approx(TRUE, rel=2e-2)
    assert after.elements[1].spin_diffusion_length == 3.6e-9
    old = FILE.split("\n")
    assert [line for line in lines if line in old] == [
        one for one in old if "20 uOhm" not in one and "guessed" not in one
    ]
    at = lines.index('# resistivity = "20 uOhm cm"  # from a book')
    assert lines[at + 1].startswith("conductivity = ")
    assert lines[lines.index('# amr_ratio = "0.6 %"      # guessed') + 1].startswith("amr_ratio = 0.03  # +- ")
    # once more changes nothing, replaced or not
    written = path.read_bytes()
    write_layer(FOUND, "Py", path)
    assert path.read_bytes() == written


def test_the_same_number_in_other_words_stays(tmp_path):
    path = tmp_path / "film.toml"
    same = FILE.replace('"20 uOhm cm"', '"25 uOhm cm"').replace('"0.6 %"', '"3 %"')
    path.write_text(same)
    write_layer(FOUND, "Py", path)
    lines = path.read_text().splitlines()
    assert [line for line in lines if line in same.splitlines()] == same.splitlines()
    added = [line.split(" = ")[0] for line in lines if line not in same.splitlines()]
    assert [name for name in added if not name.startswith("#")] == [
        "size_effect_ratio",
        "anomalous_hall_angle",
        "hall_coefficient",
    ]
    # behind the last line of the layer
    assert lines[lines.index('  amr_ratio = "3 %"      # guessed') + 1].startswith("size_effect_ratio")


def test_a_layer_of_a_group_and_one_named_by_its_material(tmp_path):
    path = tmp_path / "film.toml"
    path.write_text(
        "spinstack = 1\n[[film]]\nrepeat = 3\n"
        '[[film.elements]]\nkind = "ferromagnet"\nmaterial = "Py"\nthickness = "4 nm"\n'
        '[[film.elements]]\nkind = "metal"\nmaterial = "Pt"\nthickness = "5 nm"\n'
    )
    write_layer(FOUND, "Py", path)
    film = ss.load_sample(path)
    assert len(film.elements) == 6
    assert told(film.elements[4]) == pytest.approx(TRUE, rel=2e-2)
    assert film.elements[5] == ss.Metal.of("Pt", thickness=5 * nm)


@pytest.mark.parametrize(("thickness", "told"), [("4.03 nm", False), ("4.05 nm", True), ("3.95 nm", True)])
def test_a_thickness_within_a_hundredth_is_that_of_the_control(thickness, told, tmp_path):
    path = tmp_path / "film.toml"
    path.write_text(FILE.replace('"4 nm"', f'"{thickness}"'))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        write_layer(FOUND, "Py", path, replace=True)
    assert any("give explain_control that thickness" in str(w.message) for w in caught) == told


def test_another_thickness_is_told(tmp_path):
    path = tmp_path / "film.toml"
    path.write_text(FILE.replace('"4 nm"', '"6 nm"'))
    with pytest.warns(UserWarning, match="6 nm thick in the file, the numbers are of 4 nm"):
        write_layer(FOUND, "Py", path, replace=True)


@pytest.mark.parametrize(
    ("text", "layer", "field"),
    [
        (FILE, "Co", "layer"),
        (FILE, "RuO2", "kind"),
        (FILE.replace('"RuO2"', '"Py"'), "Py", "layer"),
        ('spinstack = 1\nfilm = [{kind = "ferromagnet", name = "Py", thickness = "4 nm"}]', "Py", "film"),
        (FILE.replace('amr_ratio = "0.6 %"      # guessed', 'amr_ratio = """\n0.6 %"""'), "Py", "amr_ratio"),
        (FILE.replace("spin_diffusion_length = \"3.6 nm\"\n", ""), "Py", "spin_diffusion_length"),
    ],
)  # fmt: skip
def test_files_that_cannot_take_it_are_refused(tmp_path, text, layer, field):
    path = tmp_path / "film.toml"
    path.write_text(text)
    with pytest.raises(SampleError) as caught:
        write_layer(FOUND, layer, path, replace=True)
    assert caught.value.errors[0].field == field
    assert path.read_text() == text


def test_other_results_and_arguments_are_refused(tmp_path):
    with pytest.raises(MeasurementError, match="explain_control"):
        sample_layer(planes(magnet()), "Py")
    with pytest.raises(SampleError, match="spin_diffusion_length"):
        sample_layer(FOUND, "Py")
    (tmp_path / "film.toml").write_text(FILE)
    with pytest.raises(MeasurementError, match="material"):
        sample_layer(FOUND, "Py", tmp_path / "film.toml", material="Py")
    with pytest.raises(SampleError, match="folder that exists"):
        write_layer(FOUND, "Py", tmp_path / "no" / "film.toml", material="Py")
    unsized = FOUND.copy()
    del unsized.attrs["film_thickness"]
    with pytest.raises(MeasurementError, match="film_thickness"):
        sample_layer(unsized, "Py")
