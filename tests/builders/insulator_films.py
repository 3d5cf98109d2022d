"""Metals on magnetic insulators: random ones by the batch, and single ones with every number set."""

import numpy as np
import reference_insulator_film as reference
from insulating_magnets import KINDS
from plain_films import nm

import spinstack as ss

STATES = 8e46  # 1/(J m^3) per spin, of the metal
COLD = {"spin": 2.0, "surface_density": 5e18, "density_of_states": STATES, "curie_temperature": 100.0}
SINGLE = {
    "ferromagnet": ss.WeissMagnet(
        **COLD, exchange_coupling=0.08 / STATES, surface_coordination=4.5, anisotropy_field=0.6,
        easy_axis=(0.3, 0.2, 1.0),
    ),
    "ferrimagnet": ss.WeissFerrimagnet(
        spin_a=2.5, spin_b=1.5, surface_density_a=5e18, surface_density_b=4e18, exchange_coupling_a=0.1 / STATES,
        exchange_coupling_b=-0.05 / STATES, density_of_states=STATES, curie_temperature=100.0, density_ratio=1.4,
        intra_a=0.2, intra_b=-0.1, anisotropy_field=0.5,
    ),
    "antiferromagnet": ss.WeissAntiferromagnet(
        spin=2.0, neel_temperature=100.0, surface_density=5e18, surface_density_b=3e18, exchange_coupling=0.08 / STATES,
        exchange_coupling_b=0.05 / STATES, density_of_states=STATES, intra=0.15, spin_flop_field=4.0,
    ),
}  # fmt: skip


def heavy_metal(rng, **changes):
    """Heavy metals 0.3 to 6 diffusion lengths thick."""
    length = rng.log(1 * nm, 5 * nm)
    values = {
        "thickness": length * rng.log(0.3, 6),
        "conductivity": rng.log(1e6, 1e7),
        "spin_diffusion_length": length,
        "spin_hall_angle": rng.signed(0.03, 0.3),
        "diffusion_coefficient": rng.log(1e-5, 1e-3),
    }
    return ss.Metal("Pt", **{**values, **changes})


def slow_metal(**changes):
    """A metal in which one tesla turns a spin by 0.07 within its lifetime."""
    values = {"conductivity": 3e6, "spin_diffusion_length": 2 * nm, "spin_hall_angle": -0.1,
              "diffusion_coefficient": 1e-5, "thickness": 4 * nm}  # fmt: skip
    return ss.Metal("W", **{**values, **changes})


def faces(rng):
    """Gs and Gr + i Gi [S/m^2] of either sign of Gi."""
    sink = rng.log(1e12, 3e14)
    return sink, rng.log(1e13, 1e15) + 1j * rng.log(1e13, 1e15) * rng.sign()


def by_numbers(sink, mixing, name="EuS"):
    return ss.MagneticInsulator(name, spin_sink_conductance=sink, mixing_conductance=mixing)


def on(model, name="EuS"):
    return ss.MagneticInsulator(name, magnet=model)


def drawn(kind, rng, **changes):
    """Magnets that order between 20 and 300 K, nu J between 0.02 and 0.3 of either sign."""

    def coupling():
        return rng.log(0.02, 0.3) * rng.sign() / STATES

    def density():
        return rng.log(1e18, 1e19)

    def spin():
        return rng.integers(1, 8, rng.size) / 2

    critical = rng.log(20, 300)
    if kind == "ferrimagnet":
        values = {
            "spin_a": spin(), "spin_b": spin(), "surface_density_a": density(), "surface_density_b": density(),
            "exchange_coupling_a": coupling(), "exchange_coupling_b": coupling(), "curie_temperature": critical,
            "density_ratio": rng.log(0.5, 2), "intra_a": rng.between(-0.2, 0.3), "intra_b": rng.between(-0.2, 0.3),
        }  # fmt: skip
    else:
        values = {"spin": spin(), "surface_density": density(), "exchange_coupling": coupling()}
        values |= {"curie_temperature": critical} if kind == "ferromagnet" else {"neel_temperature": critical}
        values |= {} if kind == "ferromagnet" else {"intra": rng.between(-0.3, 0.3)}
    return KINDS[kind].make(**{**values, "density_of_states": STATES, **changes})


def closed_form(pt, sink, mixing, m, B):
    """rho_L, rho_T [Ohm m] in the field B [T] along m."""
    rho, t, length = 1 / pt.conductivity, pt.thickness, pt.spin_diffusion_length
    turning = reference.precessing_length(length, B, pt.diffusion_coefficient, pt.g_factor)
    deltas = reference.corrections(pt.spin_hall_angle, rho, t, length, turning, sink, mixing)
    return reference.resistivities(deltas, rho, m)


def described(layer, i=0):
    """A layer, or one of a batch of layers, for the reference."""

    def one(value):
        return float(np.ravel(value)[i] if np.ndim(value) else value)

    return reference.Metal(
        thickness=one(layer.thickness), conductivity=one(layer.conductivity), length=one(layer.spin_diffusion_length),
        angle=one(layer.spin_hall_angle), diffusion=one(layer.diffusion_coefficient), g_factor=one(layer.g_factor),
        hall=one(layer.hall_coefficient),
    )  # fmt: skip


def face_of(model, m, B, T):
    """The face tensor (..., 3, 3) of a magnet, from its sublattices."""
    out = 0.0
    for sink, real, imag, s in model.sublattices(m, B, T):
        turn = np.moveaxis([np.cross(e, s) for e in np.eye(3)], 0, -1)
        sink, real, imag = (np.asarray(v)[..., None, None] for v in (sink, real, imag))
        out = out + sink * np.eye(3) + real * (np.eye(3) - s[..., :, None] * s[..., None, :]) + imag * turn
    return out


def assert_spin_part(got, expected, layers, B, rtol=1e-8):
    """Agreement relative to what spin makes of the conductance."""
    plain = sum(layer.thickness * layer.laws(np.asarray(B))[2] for layer in layers)
    size = np.abs(expected - plain).max()
    assert size > 0
    np.testing.assert_allclose(got, expected, rtol=0, atol=rtol * size + 1e-14 * np.abs(expected).max())
