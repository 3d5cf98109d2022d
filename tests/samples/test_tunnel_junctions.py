"""Tunnel junctions in sample files: as they are quoted, back again, with laws, and what is wrong with its line."""

import pytest

import spinstack as ss

HEAD = "spinstack = 1\n"
MAGNET = """[[film]]
kind = "ferromagnet"
name = "{name}"
thickness = "3 nm"
conductivity = "4e6 S/m"
spin_diffusion_length = "5 nm"
"""
BARRIER = """[[film]]
kind = "tunnel_junction"
name = "MgO"
resistance_area_product = "{area}"
polarization = {polarization}
"""


def text(area="2.4 Ohm um^2", polarization="0.6", above="B"):
    magnets = [MAGNET.format(name=name) if name else "" for name in ("A", above)]
    return HEAD + BARRIER.format(area=area, polarization=polarization).join(magnets)


def loaded(path, written):
    path.write_text(written, encoding="utf-8")
    return ss.load_sample(path)


@pytest.mark.parametrize(
    ("area", "value"),
    [
        ("2.4 Ohm um^2", 2.4e-12),
        ("3 kOhm um^2", 3e-9),
        ("0.5 Ω µm²", 5e-13),
        ("7e-14 Ohm m^2", 7e-14),
        ("5e-8 Ohm cm^2", 5e-12),
    ],
)
def test_a_resistance_area_product_is_read_as_it_is_quoted(tmp_path, area, value):
    film = loaded(tmp_path / "sample.toml", text(area))
    assert film.get("MgO.resistance_area_product") == pytest.approx(value, rel=1e-15)
    assert isinstance(film[1], ss.TunnelJunction)


def test_a_film_comes_back_from_its_file(tmp_path):
    film = loaded(tmp_path / "sample.toml", text())
    for changes in ({}, {"MgO.polarization_upper": -0.3, "MgO.resistance_area_product": 1.23456789e-12}):
        changed = film.replace(changes)
        again = ss.load_sample(ss.save_sample(changed, tmp_path / "again.toml"))
        assert again == changed
        assert again.find("MgO") == (1,)


def test_a_polarisation_may_fall_with_temperature(tmp_path):
    law = '{kind = "bloch_law", value_at_zero = 0.7, vanishing_temperature = "1100 K"}'
    film = loaded(tmp_path / "sample.toml", text(polarization=law))
    at = film.at(300.0)
    assert at.get("MgO.polarization") == pytest.approx(0.7 * (1 - (300 / 1100) ** 1.5), rel=1e-12)
    assert at[1].numbers()["polarization_upper"] == at.get("MgO.polarization")
    m = {"A": "z", "B": (0, 0, -1)}
    cold, warm = (ss.perpendicular_resistance(film, m=m, T=T) for T in (4.0, 300.0))
    assert cold > warm


def test_a_junction_without_a_magnet_above_is_told_with_its_line(tmp_path):
    written = text(above="")
    with pytest.raises(ss.SampleError, match="joins two magnets, but above it is nothing") as wrong:
        loaded(tmp_path / "sample.toml", written)
    assert written.splitlines()[wrong.value.line - 1 : wrong.value.line + 1] == [
        "[[film]]", 'kind = "tunnel_junction"',
    ]  # fmt: skip
