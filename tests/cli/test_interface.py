"""``spinstack interface``: the library's numbers in a table and in files, and refusals that say what to do."""

import csv

import pytest
import xarray as xr

import spinstack as ss
from spinstack.cli import main
from spinstack.scattering.coefficients import MEANING

REQUEST = ["interface", "--barrier", "0.4", "--exchange", "0.2", "--rashba", "0.04", "--fermi-wavevector", "13.6 1/nm"]
IN_PLANE = ["--mean-free-path", "2 nm", "30 angstrom", "--polarization", "0", "40 %", "--m", "-1,0.5,2"]


def _expected():
    b = ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.04, fermi_wavevector=13.6e9)
    return b.coefficients((-1, 0.5, 2), (2e-9, 3e-9), (0.0, 0.4))


def test_table_shows_every_coefficient_with_unit(capsys):
    assert main([*REQUEST, *IN_PLANE]) == 0
    shown = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.split()}
    expected = _expected()
    for name, (unit, _) in MEANING.items():
        assert name in shown
        if unit == "S/m":
            assert f"{expected[name]:.5g}" in shown[name]
            assert shown[name].rstrip().endswith("S/m")
    assert f"{expected['area_resistance'] * 1e15:.5g}" in shown["area_resistance"]
    assert "fΩ m²" in shown["area_resistance"]
    mixing = expected["mixing_conductance"]
    assert f"{mixing.real:.5g} + {mixing.imag:.5g}i" in shown["mixing_conductance"]


def test_what_a_field_drives_is_not_shown_as_zero_without_mean_free_paths(capsys):
    assert main(REQUEST) == 0
    out = capsys.readouterr().out
    line = next(row for row in out.splitlines() if row.split()[:1] == ["filtering_lower"])
    assert line.split()[-1] == "-"
    assert "--mean-free-path" in out


def test_csv_holds_the_numbers_bit_for_bit(tmp_path):
    path = tmp_path / "new" / "table.csv"
    assert main([*REQUEST, *IN_PLANE, "--output", str(path)]) == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["coefficient"]: row for row in csv.DictReader(file)}
    expected = _expected()
    assert list(rows) == list(MEANING)
    for name, row in rows.items():
        assert complex(float(row["real"]), float(row["imaginary"] or 0)) == complex(expected[name])
        assert row["unit"] == MEANING[name][0]
    assert [p.name for p in path.parent.iterdir()] == ["table.csv"]


@pytest.mark.study
def test_netcdf_and_figure_are_complete_and_replace_older_ones(tmp_path):
    data, figure = tmp_path / "table.nc", tmp_path / "disc.v1.png"
    data.write_text("older")
    assert main([*REQUEST, *IN_PLANE, "-o", str(data), "--figure", str(figure)]) == 0
    with xr.open_dataset(data, engine="h5netcdf") as stored:
        expected = _expected()
        assert float(stored["filtering_lower"]) == expected["filtering_lower"]
        assert stored["filtering_lower"].attrs["units"] == "S/m"
        assert float(stored["mixing_conductance_imag"]) == expected["mixing_conductance"].imag
        assert "DeltaBarrier" in stored.attrs["interface"]
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["disc.v1.png", "table.nc"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--barrier", "0.4"], "fermi-wavevector"),
        (["--barrier", "0.4", "--fermi-wavevector", "13.6"], "has no unit"),
        (["--barrier", "high", "--fermi-wavevector", "13.6 1/nm"], "--barrier: got 'high'"),
        (["--barrier", "0.4", "--fermi-wavevector=-1 1/nm"], "--fermi-wavevector [1/m]: got -1000000000.0"),
        (["--barrier", "0.4", "--fermi-wavevector", "-1 1/nm"], "fermi-wavevector"),
        (["--barrier", "0", "--fermi-wavevector", "1 1/nm", "--sharvin"], "sharvin"),
        ([*REQUEST[1:], "--m", "0,0"], "--m: got '0,0'"),
        ([*REQUEST[1:], "--m", "0,0,0"], "--m: got"),
        ([*REQUEST[1:], "--polarization", "0", "1.5"], "--polarization: got 1.5"),
        ([*REQUEST[1:], "--mean-free-path", "2 nm", "-3 nm"], "--mean-free-path"),
        ([*REQUEST[1:], "--mean-free-path", "2 nm", "inf nm"], "--mean-free-path"),
        ([*REQUEST[1:], "--output", "table.xlsx"], ".csv"),
        ([*REQUEST[1:], "--figure", "disc.gif"], ".png"),
        ([*REQUEST[1:], "--exchagne", "0.1"], "exchagne"),
    ],
)
def test_refusals_name_the_option(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["interface", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_data_file(tmp_path, capsys):
    folder = tmp_path / "data.csv"
    folder.mkdir()
    assert main([*REQUEST, "-o", str(folder)]) == 2
    assert "is a folder" in capsys.readouterr().err
