"""The torque of a film in the words of programs that simulate magnets in space: units, signs and stack order theirs.

All know ``a m x (p x m) + f p x m`` and a field; what a film does beyond that is left out, and said, or refused.
Formulas of each program: docs/hand_over.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.magnets.model import MagneticModel
from spinstack.magnets.polynomial import quadrature
from spinstack.magnets.pulse import direction_of
from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED, VACUUM_PERMEABILITY
from spinstack.observables.provenance import version
from spinstack.stack import ParameterError
from spinstack.text import checks, store

#: degree up to which products of the table and the two forms are averaged exactly
_DEGREE = 12
#: part of the torque below which a field across p is rounding
_NOTHING = 1e-9
#: mu0 of cmtj, which its demagnetising field is divided by
_MU0_CMTJ = 12.566e-7


class Handed(NamedTuple):
    """``a m x (p x m) + f p x m + across x m`` [T] of one magnet at one current, and what goes with it.

    p: unit vector, so that a > 0; left_out: largest deviation from the table over a; density: of the
    current, averaged over the film [A/m^2].
    """

    name: str
    p: np.ndarray
    a: float
    f: float
    across: np.ndarray
    left_out: float
    density: float
    magnetization: float
    thickness: float
    damping: float
    ratio: float

    @property
    def spins(self) -> float:
        """Torque [T] per spin current of one electron for each of the current: ``(hbar/2e) J/(M_s t)``."""
        size = self.magnetization * self.thickness
        return PLANCK_REDUCED / (2 * ELEMENTARY_CHARGE) * self.density / size

    @property
    def polarization(self) -> float:
        return self.a / self.spins

    @property
    def secondary(self) -> float:
        """epsilon' of Slonczewski's form, which has no half."""
        return self.f / (2 * self.spins)


def handed(model: MagneticModel, current: float, along: Any = "x", tolerance: float = 0.01) -> Handed:
    """The torque of the one magnet that moves, in the forms that other programs know; see :func:`export_torque`."""
    if not isinstance(model, MagneticModel):
        raise ParameterError(field="model", got=model, allowed="a MagneticModel")
    if len(model.names) != 1:
        remedy = "Hold all but one by others=, for each in turn."
        raise ParameterError("of which several move", field="model", got=model, allowed="one magnet that moves",
                             remedy=remedy)  # fmt: skip
    K = checks.number(current, "current", unit="A/m")
    if K == 0:
        raise ParameterError("at which there is no torque", field="current", unit="A/m", got=current)
    tolerance = checks.number(tolerance, "tolerance", low=0)
    m, weights = quadrature(_DEGREE)
    L = model.table.turning(m[:, None])[:, 0] @ direction_of(along) * K
    basis = np.concatenate([np.cross(m[:, None], np.cross(np.eye(3), m[:, None])), np.cross(np.eye(3), m[:, None])], 1)
    found = projected(basis, L, weights)
    scale = float(np.abs(L).max())
    off = float(np.abs(np.einsum("b,pbc->pc", found, basis) - L).max())
    P, F = found[:3], found[3:]
    a = float(np.linalg.norm(P))
    nothing = max(_NOTHING, model.residual) * scale
    if a <= nothing:
        remedy = "Give its field to the program as an applied field: torque_table has it."
        raise ParameterError("which has no damping-like torque", field="model", got=model, remedy=remedy)
    left = off / a
    if left > tolerance:
        remedy = "Allow more by tolerance=, or take the whole of it from torque_table."
        why = f"beside what is neither m x (p x m) nor that of a field, {left:.2g} of the damping-like torque"
        raise ParameterError(why, field="tolerance", got=tolerance, remedy=remedy)
    p = np.round(P / a, 12)
    across = F - (F @ p) * p
    magnet = model.moving[0]
    return Handed(
        model.names[0], p, a, float(F @ p), across if np.abs(across).max() > nothing else np.zeros(3), left,
        abs(K) / float(model.film.thickness), magnet.magnetization, float(model.thicknesses[0]),
        float(model.dampings[0]), float(model.gyromagnetic_ratios[0]),
    )  # fmt: skip


def projected(basis: np.ndarray, L: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Least-squares coefficients (terms,) of L (points, 3) in a basis (points, terms, 3), over the sphere."""
    root = np.sqrt(weights)
    left = (basis * root[:, None, None]).transpose(0, 2, 1).reshape(-1, basis.shape[1])
    return np.asarray(np.linalg.lstsq(left, (L * root[:, None]).reshape(-1), rcond=None)[0])


def _number(value: float) -> str:
    return f"{value:.12g}"


def _vector(values: Sequence[float] | np.ndarray, separator: str = ", ") -> str:
    return separator.join(_number(float(v) + 0.0) for v in values)


def _mumax3(one: Handed, model: MagneticModel) -> list[str]:
    """``beta = (hbar/e) J_z/(M_s d)``, damping-like ``beta Pol/2`` at Lambda 1, field-like ``beta EpsilonPrime``.

    The fixed layer counts as on top; underneath, the sign of J is the other one.
    """
    lines = [
        f"Msat = {_number(one.magnetization)}",
        f"alpha = {_number(one.damping)}",
        f"GammaLL = {_number(one.ratio)}",
        f"FreeLayerThickness = {_number(one.thickness)}",
        "FixedLayerPosition = FIXEDLAYER_TOP",
        "DisableZhangLiTorque = true",
        f"FixedLayer = vector({_vector(one.p)})",
        "Lambda = 1",
        f"Pol = {_number(one.polarization)}",
        f"EpsilonPrime = {_number(one.secondary)}",
        f"J = vector(0, 0, {_number(one.density)})",
    ]
    if one.across.any():
        lines += ["// field of the current; add the applied field to it", f"B_ext = vector({_vector(one.across)})"]
    return lines


def _mumaxplus(one: Handed, model: MagneticModel) -> list[str]:
    """As mumax3; every default is set, because those of versions differ."""
    lines = [
        "def put_torque(magnet):",
        f"    magnet.msat = {_number(one.magnetization)}",
        f"    magnet.alpha = {_number(one.damping)}",
        f"    magnet.gamma = {_number(one.ratio)}",
        "    magnet.enable_zhang_li_torque = False",
        "    magnet.enable_slonczewski_torque = True",
        f"    magnet.free_layer_thickness = {_number(one.thickness)}",
        "    magnet.fixed_layer_on_top = True",
        f"    magnet.fixed_layer = ({_vector(one.p)})",
        "    magnet.Lambda = 1",
        f"    magnet.pol = {_number(one.polarization)}",
        f"    magnet.epsilon_prime = {_number(one.secondary)}",
        f"    magnet.jcur = (0, 0, {_number(one.density)})",
    ]
    if one.across.any():
        lines += ["    # field of the current, beside an applied field",
                  f"    magnet.bias_magnetic_field = ({_vector(one.across)})"]  # fmt: skip
    return lines


def _oommf(one: Handed, model: MagneticModel) -> list[str]:
    """``beta = (hbar/(mu0 e)) J/(M_s d)`` [A/m], d the height of one cell; gamma_G is that of Gilbert's form."""
    lines = [
        f"# Ms {_number(one.magnetization)} A/m; the mesh has one cell of {_number(one.thickness)} m along z",
        "Specify Oxs_SpinXferEvolve:evolver {",
        f"  alpha {_number(one.damping)}",
        f"  gamma_G {_number(one.ratio * VACUUM_PERMEABILITY)}",
        f"  J {_number(one.density)}",
        f"  mp {{ Oxs_UniformVectorField {{ vector {{ {_vector(one.p, ' ')} }} }} }}",
        f"  P {_number(one.polarization)}",
        "  Lambda 1",
        f"  eps_prime {_number(one.secondary)}",
        "}",
    ]
    if one.across.any():
        H = one.across / VACUUM_PERMEABILITY
        lines += ["# field of the current [A/m]", "Specify Oxs_FixedZeeman:current_field {",
                  f"  field {{ Oxs_UniformVectorField {{ vector {{ {_vector(H, ' ')} }} }} }}", "}"]  # fmt: skip
    return lines


def _ubermag(one: Handed, model: MagneticModel) -> list[str]:
    """The evolver of OOMMF by another name."""
    lines = [
        "import micromagneticmodel as mm",
        "",
        f"# one cell of this height along z [m]: the torque is spread over it\nthickness = {_number(one.thickness)}",
        f"Ms = {_number(one.magnetization)}",
        "dynamics = (",
        f"    mm.Precession(gamma0={_number(one.ratio * VACUUM_PERMEABILITY)})",
        f"    + mm.Damping(alpha={_number(one.damping)})",
        f"    + mm.Slonczewski(J={_number(one.density)}, mp=({_vector(one.p)}), P={_number(one.polarization)},",
        f"                     Lambda=1, eps_prime={_number(one.secondary)})",
        ")",
    ]
    if one.across.any():
        H = _vector(one.across / VACUUM_PERMEABILITY)
        lines += ["# field of the current [A/m], a term of the energy",
                  f'current_field = mm.Zeeman(H=({H}), name="current_field")']  # fmt: skip
    return lines


def _magnum_np(one: Handed, model: MagneticModel) -> list[str]:
    """``h = -(hbar je/(2 e M_s mu0 d)) (eta_damp m x p + eta_field p)``: both eta have the other sign."""
    lines = [
        "from magnumnp import ExternalField, SpinOrbitTorque" if one.across.any() else
        "from magnumnp import SpinOrbitTorque",
        "",
        "def put_torque(state):",
        '    """Set the material of the state and return the field terms."""',
        f'    state.material["Ms"] = {_number(one.magnetization)}',
        f'    state.material["alpha"] = {_number(one.damping)}',
        f'    state.material["gamma"] = {_number(one.ratio * VACUUM_PERMEABILITY)}',
        f'    state.material["d"] = {_number(one.thickness)}',
        f'    state.material["je"] = {_number(one.density)}',
        f'    state.material["p"] = state.Tensor([{_vector(one.p)}])',
        f'    state.material["eta_damp"] = {_number(-one.polarization)}',
        f'    state.material["eta_field"] = {_number(-2 * one.secondary)}',
    ]  # fmt: skip
    if one.across.any():
        H = _vector(one.across / VACUUM_PERMEABILITY)
        return [*lines, "    # field of the current [A/m]",
                f"    return [SpinOrbitTorque(), ExternalField(state.Tensor([{H}]))]"]  # fmt: skip
    return [*lines, "    return [SpinOrbitTorque()]"]


def _cmtj(one: Handed, model: MagneticModel) -> list[str]:
    """Both torques and all fields in A/m, M_s in tesla; gamma is fixed. The other path of cmtj (createSTTLayer) leaves
    out how damping mixes the torque."""
    land, magnet = model.landscape, model.moving[0]
    if land.cubic is not None or (land.biquadratic is not None and np.any(land.biquadratic)):
        why = "held by a cubic or biquadratic energy, which cmtj has not"
        remedy = "Take it out, or simulate with trace."
        raise ParameterError(why, field="model", got=model, remedy=remedy)
    field = one.across + land.bias[0]
    if land.bilinear is not None:
        field = field + land.bilinear[0, 1:] @ model.held / land.moment[0]
    Ms = VACUUM_PERMEABILITY * one.magnetization
    axis = magnet.easy_axis or (1, 0, 0)
    anisotropy = magnet.anisotropy_field * one.magnetization / 2
    demag = float(model.effective_magnetizations[0]) / Ms * _MU0_CMTJ / VACUUM_PERMEABILITY
    area = (magnet.volume or 1e-14 * one.thickness) / one.thickness
    share = one.ratio * VACUUM_PERMEABILITY / 220880
    return [
        "from cmtj import AxialDriver, CVector, Junction, Layer, constantDriver",
        "",
        f"# cmtj turns at 220880 m/(A s): its times are {_number(share)} of those of this magnet, and its log labels a",
        "# state with the time one step too early",
        "",
        "def junction(m=(0, 0, 1)):",
        f"    demag = [CVector(0, 0, 0), CVector(0, 0, 0), CVector(0, 0, {_number(demag)})]",
        f'    layer = Layer(id="{one.name}", mag=CVector(*m), anis=CVector({_vector(axis)}), Ms={_number(Ms)},',
        f"                  thickness={_number(one.thickness)}, cellSurface={_number(area)}, demagTensor=demag,",
        f"                  damping={_number(one.damping)})",
        f"    layer.setReferenceLayer(CVector({_vector(one.p)}))",
        f"    layer.setAnisotropyDriver(constantDriver({_number(anisotropy)}))",
        f"    layer.setDampingLikeTorqueDriver(constantDriver({_number(one.a / VACUUM_PERMEABILITY)}))",
        f"    layer.setFieldLikeTorqueDriver(constantDriver({_number(one.f / VACUUM_PERMEABILITY)}))",
        "    # fields of the current, of pinning layers and of magnets that are held; an applied field is beside it",
        f"    layer.setOerstedFieldDriver(AxialDriver({_vector(field / VACUUM_PERMEABILITY)}))",
        "    return Junction([layer])",
    ]


#: programs by name: sign of a comment, and what writes the lines
_CODES: dict[str, tuple[str, Callable[[Handed, MagneticModel], list[str]]]] = {
    "mumax3": ("//", _mumax3),
    "mumax+": ("#", _mumaxplus),
    "oommf": ("#", _oommf),
    "ubermag": ("#", _ubermag),
    "magnum.np": ("#", _magnum_np),
    "cmtj": ("#", _cmtj),
}


def export_torque(
    model: MagneticModel,
    code: str,
    *,
    current: float,
    along: Any = "x",
    tolerance: float = 0.01,
    path: str | os.PathLike[str] | None = None,
) -> str:
    """The torque of a current on one magnet as input of another program.

    The program gets ``a m x (p x m) + f p x m`` with a > 0, and the part of a field across p (an Oersted field beside
    tilted spins) as a field. With the torque go M_s, thickness, damping and gyromagnetic ratio; energies do not, except
    to cmtj, whose magnets are single moments, too: exchange, anisotropy and shape are yours to give. Where a program
    wants a current density along z it is the average over the film, and what the program calls polarisation is the
    efficiency xi per that density.

    Args:
        model: the film, with one magnet that moves.
        code: "mumax3", "mumax+", "oommf" (a part of a MIF file), "ubermag", "magnum.np" or "cmtj" (Python).
        current: total sheet current density [A/m]; the sign counts.
        along: direction of the current in the plane.
        tolerance: of what has neither form, over the damping-like torque.
        path: of a file to write.

    Returns:
        The text.

    Raises:
        ParameterError: a torque that the program cannot be told within the tolerance, a magnet without damping, several
            magnets that move.
    """
    sign, lines = _CODES[checks.choice(code, "code", tuple(_CODES))]
    one = handed(model, current, along, tolerance)
    axis = _vector(direction_of(along))
    head = [
        f"Torque of a current on {one.name}, by spinstack {version()}. Film from below: {model.film!r}",
        f"{_number(float(current))} A/m along ({axis}): a m x (p x m) + f p x m, a = {_number(one.a)} T, f = "
        f"{_number(one.f)} T, p = ({_vector(one.p)})",
        f"left out: {one.left_out:.2g} of a, at the worst direction",
    ]
    text = "\n".join([*(f"{sign} {' '.join(line.split())}" for line in head), "", *lines(one, model)]) + "\n"
    if path is not None:
        store.write_text(path, text)
    return text
