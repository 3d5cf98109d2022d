"""The table that is handed over gives the model's torque back, from the file alone."""

import csv

import numpy as np
import pytest
import xarray
from magnet_tables import NM, bilayer, directions

import spinstack as ss
from spinstack.magnets.tabulated import TERMS


@pytest.fixture(scope="module")
def made():
    film, magnet = bilayer()
    return ss.MagneticModel(film, [magnet])


def test_the_file_alone_gives_the_torque_and_the_resistance(made, tmp_path):
    ss.torque_table(made, along=(0.6, 0.8), path=tmp_path / "co.csv")
    lines = (tmp_path / "co.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    m = directions(np.random.default_rng(1), 20)
    L, R = np.zeros((20, 3)), np.zeros((20, 2))
    for row in rows:
        monomial = np.prod([m[:, k] ** int(row[f"power of {c} of Co"]) for k, c in enumerate("xyz")], axis=0)
        L += monomial[:, None] * [float(row[f"L_{c} of Co [T per A/m]"]) for c in "xyz"]
        R += monomial[:, None] * [float(row["R along [Ohm]"]), float(row["R left [Ohm]"])]
    axis = np.array([0.6, 0.8])
    expected = made.table.turning(m[:, None])[:, 0] @ axis
    np.testing.assert_allclose(L, expected, atol=1e-12 * np.abs(expected).max())
    tensor = made.table.resistance(m[:, None])
    E = tensor @ axis
    np.testing.assert_allclose(R, np.stack([E @ axis, E @ [-0.8, 0.6]], -1), rtol=1e-12, atol=1e-12)
    head = "\n".join(line for line in lines if line.startswith("#"))
    for words in ("magnetization [A/m]: Co 1100000", "gyromagnetic_ratio [rad/(s T)]", "m x (p x m) [T per A/m]"):
        assert words in head


def test_the_netcdf_file_is_the_dataset(made, tmp_path):
    found = ss.torque_table(made, path=tmp_path / "co.nc")
    with xarray.open_dataset(tmp_path / "co.nc", engine="h5netcdf") as read:
        np.testing.assert_array_equal(read["turning"], found["turning"])
        assert read["turning"].attrs["units"] == "T per A/m"


def test_the_expansion_is_that_of_its_formulas_and_its_residual_is_true(made):
    from spinstack.torques import expansion_basis

    m = directions(np.random.default_rng(2), 200)
    for order, most in ((0, 0.05), (1, 1e-2), (3, 1e-4)):
        found = ss.torque_table(made, along="y", order=order)
        basis = expansion_basis(m, order, E=(0.0, 1.0))
        expected = made.table.turning(m[:, None])[:, 0, :, 1]
        off = np.abs(np.einsum("tl,ptlc->pc", found["expansion"], basis) - expected).max() / np.abs(expected).max()
        assert off < 1.1 * found.attrs["expansion_residual"] + 1e-12 < most
    assert found["term"].values.tolist() == list(TERMS)


def test_several_magnets_have_their_monomials_and_no_expansion():
    film, magnet = bilayer()
    py = ss.Ferromagnet("Py", thickness=2 * NM, conductivity=4e6, polarization=0.3, spin_diffusion_length=5 * NM)
    other = ss.Macrospin("Py", magnetization=8e5, effective_magnetization=1.0)
    made = ss.MagneticModel(film | film.elements[1] | py, [magnet, other], degree=2, tolerance=1.0)
    found = ss.torque_table(made)
    m = directions(np.random.default_rng(3), 10, 2)
    monomials = np.prod(m[:, None] ** found["power"].values, axis=(2, 3))
    expected = made.table.turning(m)[..., 0]
    L = np.einsum("pk,kic->pic", monomials, found["turning"])
    np.testing.assert_allclose(L, expected, atol=1e-12 * np.abs(expected).max())
    assert "expansion" not in found


@pytest.mark.parametrize(
    ("given", "field"),
    [({"path": "co.txt"}, "path"), ({"order": -1}, "order"), ({"along": "z"}, "along"), ({"model": None}, "model")],
)
def test_what_cannot_be_written_is_refused(made, given, field):
    with pytest.raises(ss.ParameterError) as found:
        ss.torque_table(**{"model": made} | given)
    assert found.value.field == field
