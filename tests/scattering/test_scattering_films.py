"""Films with a scattering barrier: equivalence with named coefficients, reciprocity, covariance, files, derivatives."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import Any

import numpy as np
import plain_films
import pytest
from studies import mostly_studies

import spinstack as ss
from spinstack.circuit import element_matrix, faces

NM = 1e-9
DIRECTIONS = np.array([(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.3, -0.5, 0.7), (-0.8, 0.1, 0.2)])
PARITY = np.diag([-1.0, -1, -1, 1, -1, -1, -1, 1, 1, 1])
POWER = np.diag([0.5, 0.5, 0.5, 1, -0.5, -0.5, -0.5, -1, 1, 1])


#: strong fields, so that what is missing shows
barrier = partial(plain_films.barrier, barrier=0.6, exchange=0.3, rashba=0.2)


def film(interface: ss.Interface, theta: float = 0.05) -> ss.Film:
    metal = ss.Metal("RuO2", thickness=5 * NM, conductivity=2.8e6, spin_diffusion_length=2 * NM, spin_hall_angle=theta)
    magnet = ss.Ferromagnet(
        "Py",
        thickness=4 * NM,
        conductivity=4e6,
        polarization=0.4,
        spin_diffusion_length=5 * NM,
        dephasing_length=0.5 * NM,
        precession_length=0.7 * NM,
        anomalous_hall_angle=0.01,
    )
    return metal | interface | magnet


def close(a: Any, b: Any, tolerance: float) -> None:
    assert np.abs(np.asarray(a) - np.asarray(b)).max() <= tolerance * np.abs(np.asarray(b)).max()


def test_element_is_the_conductance_of_the_barrier() -> None:
    b = barrier(rashba=0.4)
    for m in DIRECTIONS:
        M = element_matrix(film(ss.Interface(scattering=b)), 1, m)
        close(M[:8, :8], b.conductance(m), 1e-12)


def test_element_has_the_in_plane_response_of_its_neighbours_mean_free_paths() -> None:
    b = barrier()
    per_conductivity = 3 * np.pi**2 * 1.054571817646156e-34 / (1.602176634e-19**2 * b.fermi_wavevector**2)
    for m in DIRECTIONS:
        t = b.tensors(m, (2.8e6 * per_conductivity, 4e6 * per_conductivity), (0.0, 0.4))
        M = element_matrix(film(ss.Interface(scattering=b)), 1, m)
        close(M[:8, 8:], t.conductivity, 1e-11)
        close(M[8:, :8], t.inverse, 1e-11)
        close(M[8:, 8:], t.sheet, 1e-11)


@pytest.mark.parametrize("sharvin", [False, True])
def test_without_rashba_the_film_is_that_of_the_coefficients_it_reduces_to(sharvin: bool) -> None:
    b = barrier(rashba=0.0, sharvin=sharvin)
    C = b.conductance((0, 0, 1))
    up, down = (C[3, 3] + C[2, 3]) / 2, (C[3, 3] - C[2, 3]) / 2
    named = ss.Interface(
        conductance_up=up,
        conductance_down=down,
        mixing_conductance=C[0, 0] - 1j * C[1, 0],
        transmitted_mixing_conductance=-C[0, 4] + 1j * C[1, 4],
    )
    assert up > down
    assert C[1, 0] < 0  # Gi > 0
    one, other = film(ss.Interface(scattering=b)), film(named)
    for m in DIRECTIONS:
        close(element_matrix(one, 1, m), element_matrix(other, 1, m), 1e-12)
    close(ss.sheet_conductance(one, m=DIRECTIONS), ss.sheet_conductance(other, m=DIRECTIONS), 1e-13)
    close(ss.torque(one, m=DIRECTIONS)["Py"], ss.torque(other, m=DIRECTIONS)["Py"], 1e-12)


@pytest.mark.parametrize(
    "changes", mostly_studies([{}, {"sharvin": True}, {"dresselhaus": 0.15}, {"barrier": 0.2, "rashba": 0.5}], [{}])
)
def test_onsager_of_element_and_film(changes: dict[str, Any]) -> None:
    stack = film(ss.Interface(scattering=barrier(**changes)))
    for m in DIRECTIONS:
        M, reversed_m = (POWER @ element_matrix(stack, 1, s * m) for s in (1, -1))
        mirrored = PARITY @ reversed_m.T @ PARITY
        for rows, columns in ((slice(8), slice(8)), (slice(8), slice(8, 10)), (slice(8, 10), slice(8, 10))):
            scale = np.abs(M[rows, columns]).max()
            assert np.abs(M[rows, columns] - mirrored[rows, columns]).max() <= 1e-12 * scale
    K, reversed_K = (ss.sheet_conductance(stack, m=s * DIRECTIONS) for s in (1, -1))
    assert np.abs(K - reversed_K.swapaxes(-1, -2)).max() <= 1e-14 * np.abs(K).max()


def test_without_its_inverse_the_film_is_not_reciprocal() -> None:
    stack = film(ss.Interface(scattering=barrier(), reciprocal=0.0))
    K, reversed_K = (ss.sheet_conductance(stack, m=s * DIRECTIONS) for s in (1, -1))
    assert np.abs(K - reversed_K.swapaxes(-1, -2)).max() > 1e-9 * np.abs(K).max()


def test_rotation_about_the_normal() -> None:
    stack, angle = film(ss.Interface(scattering=barrier())), 0.7
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    K, turned = (ss.sheet_conductance(stack, m=m) for m in (DIRECTIONS, DIRECTIONS @ turn.T))
    close(turned, turn[:2, :2] @ K @ turn[:2, :2].T, 1e-13)
    T = ss.torque(stack, m=DIRECTIONS, E=(1, 0))["Py"].values
    rotated = ss.torque(stack, m=DIRECTIONS @ turn.T, E=(c, s))["Py"].values
    close(rotated, T @ turn.T, 1e-11)


def test_spin_that_disappears_in_the_barrier_is_torque_on_magnet_and_lattice() -> None:
    b = barrier()
    stack = film(ss.Interface(scattering=b))
    per_conductivity = 3 * np.pi**2 * 1.054571817646156e-34 / (1.602176634e-19 * b.fermi_wavevector) ** 2
    for m in DIRECTIONS:
        solved = faces(stack, m)
        t = b.tensors(m, (2.8e6 * per_conductivity, 4e6 * per_conductivity), (0.0, 0.4))
        mu = 2 * (solved.psi[1, 0] + solved.psi[1, 1])
        on_m = t.torkance[:, :3] @ mu + t.torkivity[:, 0]
        on_lattice = t.lattice_torkance[:, :3] @ mu + t.lattice_torkivity[:, 0]
        close(solved.torque[1], on_m, 1e-9)
        close(solved.Q[1, 0] - solved.Q[1, 1], on_m + on_lattice, 1e-9)


def test_magnet_torque_vanishes_along_z_cross_E() -> None:
    stack = film(ss.Interface(scattering=barrier()))
    T = ss.torque(stack, m=[(0, 1, 0), (0, 0, 1)])["Py"].values
    assert np.abs(T[0]).max() < 1e-12 * np.abs(T[1]).max()


def test_between_two_magnets_each_layer_is_polarised_along_its_own_m() -> None:
    below = ss.Ferromagnet("Co", thickness=3 * NM, conductivity=5e6, polarization=0.5, spin_diffusion_length=5 * NM)
    above = below.replace(name="Ni", polarization=0.2)
    stack = below | ss.Interface(scattering=barrier(), magnet="Co") | above
    m = {"Co": (0, 0, 1), "Ni": (1, 0, 0)}
    opposite = {k: -np.asarray(v) for k, v in m.items()}
    K, reversed_K = ss.sheet_conductance(stack, m=m), ss.sheet_conductance(stack, m=opposite)
    close(K, reversed_K.T, 1e-13)
    assert np.abs(K - ss.sheet_conductance(stack, m=(0, 0, 1))).max() > 1e-6 * K[0, 0]


def test_batches_equal_single_films() -> None:
    values = np.array([0.0, 0.1, 0.3])
    stack = film(ss.Interface(scattering=barrier()))
    path = "RuO2|Py.scattering.rashba"
    batch = ss.sheet_conductance(stack.replace({path: values[:, None]}), m=DIRECTIONS)
    assert batch.shape == (3, 5, 2, 2)
    for i, v in enumerate(values):
        for j, m in enumerate(DIRECTIONS):
            close(batch[i, j], ss.sheet_conductance(stack.replace({path: v}), m=m), 1e-13)


@pytest.mark.study
def test_gradient_is_the_slope() -> None:
    stack = film(ss.Interface(scattering=barrier()))

    def observable(f: ss.Film) -> Any:
        return ss.magnetoresistance(f, "beta")

    slopes = ss.gradient(stack, observable)
    assert not any("filtering" in path for path in slopes)
    for name in ("barrier", "exchange", "rashba", "fermi_wavevector"):
        path = f"RuO2|Py.scattering.{name}"
        value = stack.get(path)
        step = 1e-4 * value
        up, down = (observable(stack.replace({path: value + s * step})) for s in (1, -1))
        assert float(slopes[path]) == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_sample_file_keeps_the_film(tmp_path: Any) -> None:
    stack = film(ss.Interface(scattering=barrier(dresselhaus=0.1, sharvin=True), reciprocal=0.5))
    assert ss.load_sample(ss.save_sample(stack, tmp_path / "film.toml")) == stack


@pytest.mark.study
def test_a_film_made_before_anything_is_solved_is_solved() -> None:
    code = f"import spinstack as ss; film = {film(ss.Interface(scattering=barrier()))!r}; "
    code = "from spinstack import *\n" + code + "print(repr(ss.sheet_conductance(film, m=(0, 0.6, 0.8))[0, 0]))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    there = ss.sheet_conductance(film(ss.Interface(scattering=barrier())), m=(0, 0.6, 0.8))[0, 0]
    assert run.stdout.strip() == repr(there)


def test_a_fresh_process_knows_every_model_that_a_sample_file_may_name(tmp_path: Any) -> None:
    magnet = ss.WeissMagnet(spin=1, surface_density=1e18, exchange_coupling=1e-48, density_of_states=4e46)
    stack = film(ss.Interface(scattering=barrier())) | ss.MagneticInsulator("EuS", magnet=magnet)
    path = ss.save_sample(stack, tmp_path / "film.toml")
    code = f"import spinstack as ss; print(ss.load_sample({str(path)!r}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == repr(stack)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("{barrier = 0.4}", "scattering.kind"),
        ('{kind = "box", barrier = 0.4}', "delta_barrier"),
        ('{kind = "delta_barrier", barrier = 0.4}', "fermi_wavevector"),
        ('{kind = "delta_barrier", barrier = "3 nm", fermi_wavevector = "13 1/nm"}', "pure number"),
        ('{kind = "delta_barrier", barrier = 0.4, fermi_wavevector = "-13 1/nm"}', "too small"),
        ('{kind = "delta_barrier", barrier = 0.4, fermi_wavevector = "13 1/nm", rasba = 0.1}', "rashba"),
        ('{kind = "delta_barrier", barrier = 0.4, fermi_wavevector = "13 1/nm", sharvin = 1}', "true or false"),
        ('"delta_barrier"', "a table"),
    ],
)
def test_sample_file_complaints(tmp_path: Any, table: str, named: str) -> None:
    stack = film(ss.Interface(scattering=barrier()))
    text = ss.save_sample(stack, tmp_path / "good.toml").read_text(encoding="utf-8")
    lines = [f"scattering = {table}" if line.startswith("scattering") else line for line in text.splitlines()]
    (tmp_path / "bad.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ss.SampleError, match=named):
        ss.load_sample(tmp_path / "bad.toml")


def test_films_that_cannot_be() -> None:
    b = barrier()
    metal = ss.Metal("Cu", thickness=3 * NM, conductivity=5e7, spin_diffusion_length=300 * NM)
    with pytest.raises(ss.ParameterError, match="exchange"):
        ss.sheet_conductance(metal | ss.Interface(scattering=b) | metal.replace(name="Pt"))
    yig = ss.MagneticInsulator("YIG", spin_sink_conductance=0.0, mixing_conductance=1e14)
    with pytest.raises(ss.ParameterError, match="no metal"):
        ss.sheet_conductance(yig | ss.Interface(scattering=b) | metal, m=(0, 0, 1))
    with pytest.raises(ss.ParameterError, match="filtering"):
        ss.Interface(scattering=b, filtering=1e4)
    with pytest.raises(ss.ParameterError, match="scattering model"):
        ss.Interface(scattering=0.4)  # type: ignore[arg-type]
    with pytest.raises(ss.ParameterError, match="conductance_up"):
        ss.Interface()
    with pytest.raises(ss.ParameterError, match=r"scattering\.rashb"):
        film(ss.Interface(scattering=b)).replace({"RuO2|Py.scattering.rashb": 0.1})


def test_non_magnetic_interface_generates_spin_between_two_metals() -> None:
    b = barrier(exchange=0.0)
    below = ss.Metal("Pt", thickness=3 * NM, conductivity=4e6, spin_diffusion_length=2 * NM)
    stack = below | ss.Interface(scattering=b) | below.replace(name="Cu", conductivity=4e7)
    solved = ss.profile(stack)
    Q = solved["Q"].sel(spin="y").values
    assert np.abs(Q).max() > 10 * np.abs(solved["Q"].sel(spin=["x", "z"]).values).max()
    K = ss.sheet_conductance(stack)
    assert K[0, 0] == pytest.approx(K[1, 1], rel=1e-14)


@pytest.mark.parametrize("strength", [1e-5, 1e-3, 10.0, 1e5])
def test_extreme_barriers_stay_finite(strength: float) -> None:
    b = barrier(barrier=strength, exchange=0.3 * strength, rashba=0.2 * strength)
    stack = film(ss.Interface(scattering=b))
    K = ss.sheet_conductance(stack, m=DIRECTIONS)
    assert np.isfinite(K).all()
    assert (np.linalg.eigvalsh((K + K.swapaxes(-1, -2)) / 2) > 0).all()
    assert np.isfinite(ss.torque(stack, m=DIRECTIONS)["Py"].values).all()
