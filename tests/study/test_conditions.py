"""Conditions in a file: what a direction of the magnets means where it is given or left out."""

import numpy as np
import pytest
from sample_texts import MODEL, NUMBERS, PY

import spinstack as ss
from spinstack.samples.sample_file import parse_document
from spinstack.study.conditions import finds_direction
from spinstack.study.film_reader import read_film_study


def given(lines, film=MODEL):
    """What a table of these lines says about m in a field B."""
    temperature = 'T = "5 K"\n' if 'kind = "' in film and "magnet = " in film else ""
    (request,) = read_film_study(parse_document(f"{film}[[profile]]\n{temperature}{lines}")).requests
    return request.arguments["m"]


def test_what_m_means_where_it_is_left_out():
    """A magnet that finds no direction by itself is refused, never held along some axis."""
    easy = MODEL.replace('curie_temperature = "20 K"', 'curie_temperature = "20 K", anisotropy_field = "-1 T"')
    neel = MODEL.replace('"weiss"', '"antiferromagnet"').replace("curie", "neel")
    up, y = [0, 0, 1], (0.0, 1.0, 0.0)
    assert given(f"B = {up}") is None
    held = neel.replace('neel_temperature = "20 K"', 'neel_temperature = "20 K", spin_flop_field = "1 T"')
    assert given("", easy) is given("", held) is None
    with pytest.raises(ss.SampleError, match="no direction for F"):
        given("", neel)
    assert given(f"B = {up}\nm = {{ Py = [0, 2, 0] }}", MODEL + PY) == {"Py": y}
    assert given(f'B = {up}\nm = {{ Py = "along B" }}', MODEL + PY) == {"Py": "along B"}
    assert given('m = "z"', MODEL + PY) == (0.0, 0.0, 1.0)
    assert given(f'm = "along B"\nB = {up}', NUMBERS) == "along B"
    for lines, film, names in (
        ("", MODEL, "F"), ("", NUMBERS, "F"), (f"B = {up}", NUMBERS, "F"), ("", MODEL + PY, "F, Py"),
        (f"B = {up}", MODEL + PY, "Py"),
    ):  # fmt: skip
        with pytest.raises(ss.SampleError, match=f"m: no direction for {names}. Give m = "):
            given(lines, film)
    assert given("m = {}\nB = [0, 0, 1]") is None
    for lines, film in (
        ("m = {}", MODEL),
        (f"m = {{}}\nB = {up}", MODEL + PY),
        ('m = { F = "x" }', MODEL + PY),
    ):
        with pytest.raises(ss.SampleError, match="no direction for the magnet"):
            given(lines, film)


def test_a_direction_of_its_own_is_one_that_the_library_finds():
    models = [
        ss.WeissMagnet(spin=2, surface_density=3e18, exchange_coupling=1e-48, density_of_states=5e46,
                       curie_temperature=20, anisotropy_field=K)
        for K in (0.0, 1.0, -1.0)
    ]  # fmt: skip
    models.append(
        ss.WeissAntiferromagnet(
            spin=1, neel_temperature=500, surface_density=3e18, exchange_coupling=1e-48, density_of_states=5e46
        )
    )
    for model in models:
        for B in ((0.0, 0.0, 0.0), (0.0, 1.0, 0.0)):
            if finds_direction(ss.MagneticInsulator("F", magnet=model), any(B)):
                assert np.linalg.norm(model.equilibrium(B)) == pytest.approx(1)
            else:
                with pytest.raises(ss.ParameterError):
                    model.equilibrium(B)
