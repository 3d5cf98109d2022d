"""Films on a device of its own: one call for all of them, with the same numbers. The processor plays the device."""

import jax
import numpy as np
import pytest

import spinstack as ss
from spinstack.circuit import kernel
from spinstack.numerics import compiler

FILM = (
    ss.Metal("Pt", thickness=np.linspace(1e-9, 8e-9, 11), conductivity=4e6, spin_diffusion_length=2e-9,
             spin_hall_angle=0.1)
    | ss.Interface(conductance_up=5e14, conductance_down=3e14, mixing_conductance=6e14 + 1e13j)
    | ss.Ferromagnet("Co", thickness=2e-9, conductivity=5e6, polarization=0.4, spin_diffusion_length=8e-9,
                     dephasing_length=1e-9, precession_length=2e-9)
)  # fmt: skip


@pytest.fixture
def calls(monkeypatch):
    """The sizes of the calls to the device."""
    sizes = []
    run = kernel._compiled_traced

    def counted(program, plan, size):
        sizes.append(size)
        return run(program, plan, size)

    monkeypatch.setattr(compiler, "on_processor", lambda: False)
    monkeypatch.setattr(kernel, "DEVICE", 0)
    monkeypatch.setattr(kernel, "_compiled_traced", counted)
    return sizes


def test_all_films_are_one_call(monkeypatch, calls):
    found = ss.sheet_conductance(FILM, m=(0.3, -0.5, 0.8))
    assert calls == [16]
    monkeypatch.undo()
    np.testing.assert_allclose(found, ss.sheet_conductance(FILM, m=(0.3, -0.5, 0.8)), rtol=1e-12)


def test_more_films_than_fit_come_in_blocks(monkeypatch, calls):
    monkeypatch.setattr(kernel, "_DEVICE_ELEMENTS", 3 * 4)
    found = ss.torque(FILM, m=(0.3, -0.5, 0.8), E=(1.0, 0.5))
    assert calls == [4]
    monkeypatch.undo()
    expected = ss.torque(FILM, m=(0.3, -0.5, 0.8), E=(1.0, 0.5))
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-12 * np.abs(expected[name]).max())


def test_transformations_stay_on_the_device(monkeypatch, calls):
    def traced():  # JAX remembers what it has traced of one function
        up = (0.0, 0.0, 1.0)
        return str(jax.make_jaxpr(lambda d: ss.sheet_conductance(FILM.replace({"Pt.thickness": d}), m=up))(3e-9))

    assert "ffi_call" not in traced()
    monkeypatch.undo()
    assert ("ffi_call" in traced()) == (kernel.native.library() is not None)
