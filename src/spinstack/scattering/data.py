"""Scattering matrices from elsewhere: lattices, first principles, other programs."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from spinstack.scattering.data_arrays import Arrays, checked_arrays, sharvin_of, stored, without_spin_orbit
from spinstack.scattering.data_channels import refuse
from spinstack.scattering.electrons import Incidence
from spinstack.scattering.model import ScatteringModel
from spinstack.scattering.spheres import Sphere
from spinstack.text import store
from spinstack.text.errors import ParameterError

if TYPE_CHECKING:
    from spinstack.scattering.data_flow import Flow, Flows
    from spinstack.scattering.data_integrals import Summed, Unit
    from spinstack.scattering.hemisphere import Degrees
    from spinstack.scattering.sides import SidedIntegrals

#: error of the harmonics of m from which on the Boltzmann equation does not ask between known directions
_MISSED = 0.05
_INPUT = ("k", "weight", "S", "modes", "m", "open", "split", "spin", "velocity", "lattice", "reference",
          "spin_orbit", "tolerance")  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False, init=False)
class ScatteringData(ScatteringModel, kind="scattering_data"):
    """An interface by its scattering matrices at in-plane wave vectors and directions of m, from arrays or a file.

    Channels: those of the metal below, then those above; on either side mode by mode, each with two spins: sigma_z =
    +1, -1, or along m and against it where the side is `split`. Nothing is interpolated over k: k and weights are the
    quadrature. Over m, responses are spherical harmonics up to the degree that tells left-out directions best;
    :attr:`error` says by how much they were off.

    The Boltzmann equation takes data of metals with Fermi spheres (docs/methods/boltzmann.md, "Scattering data").

    On reading is checked: unitarity, reciprocity ``S(k, m) = sigma_y S(-k, -m)^T sigma_y`` (of all that does not depend
    on the phases of modes), and where it is given the Sharvin conductance. Where -m is missing it follows by
    reciprocity, mode p at -k being the partner of mode p at k.

    Args:
        k: in-plane wave vectors (K, 2) [1/m]; with every k its -k.
        weight: area of the in-plane zone that each stands for (K,) [1/m^2].
        S: (D, K, n, n) amplitudes of unit flux, rows where electrons leave, columns where they arrive; n is twice the
            sum of `modes`. Rows and columns of channels that are not open are zero.
        modes: largest number of modes at any k, below and above.
        m: directions of the magnetisation (D, 3), in any order; None: nothing is magnetic, D is 1.
        open: (K, n) 1 where a channel is open, 0 where not; default: all are.
        split: whether the modes below and above have spins along m; that side is then the magnet of m. Spin across m
            ends there.
        spin: "electron": sigma of the Hamiltonian, opposite to the moment; "moment". Says the sign of every entry with
            one index of spin. Of split sides: the first of two channels has its moment along m whatever it says.
            Programs with a Hamiltonian -J sigma.m, in which "up" is the majority, compute the spin of electrons all the
            same: of them give "electron" and the m of the moments, -m of theirs. "moment" is for sigma_y S* sigma_y.
        velocity: (K, n, 3) of the electrons that arrive, v_x, v_y and the size of v_z, in any one unit on both sides.
            All electrons of a spin of a side have one relaxation time, that of its conductivity. Needed with spin-orbit
            coupling, for accumulations, and in the Boltzmann equation where there are several modes.
        lattice: (D, K, modes below and above, 3, 4): spin x, y, z that ends in the lattice per spin x, y, z and charge
            that arrives; default: what is lost along m, exact without spin-orbit coupling.
        reference: (K, n, n), S at the first m without spin-orbit coupling, whose in-plane current the conductivities of
            the neighbours already contain; default: they contain all that the interface does to it at any m.
        spin_orbit: False where spin along m is conserved (checked); one direction of m is then all directions.
        sharvin_conductance: of the metals below and above, both spins [S/m^2], to be compared with the modes.
        tolerance: largest deviation from unitarity and reciprocity that is taken.
        file: an .npz file with these arrays by name, in their place.
        sharvin: as in :class:`spinstack.DeltaBarrier`.

    Attributes:
        arrays: what was given or read, checked.
    """

    #: the field that names a file in sample files, relative to them, and what comes from it
    files: ClassVar[tuple[str, ...]] = ("file",)
    from_file: ClassVar[tuple[str, ...]] = ("arrays",)

    file: str = ""
    sharvin: bool = False
    arrays: Arrays | None = None

    def __init__(
        self,
        *,
        k: Any = None,
        weight: Any = None,
        S: Any = None,
        modes: Any = (1, 1),
        m: Any = None,
        open: Any = None,
        split: Any = (False, False),
        spin: str = "electron",
        velocity: Any = None,
        lattice: Any = None,
        reference: Any = None,
        spin_orbit: bool = True,
        sharvin_conductance: Any = None,
        tolerance: float = 1e-8,
        file: str = "",
        sharvin: bool = False,
    ) -> None:
        names = [name for name in _INPUT if name not in ("k", "weight", "S")]
        values = (modes, m, open, split, spin, velocity, lattice, reference, spin_orbit, tolerance)
        given: dict[str, Any] = {"k": k, "weight": weight, "S": S, **dict(zip(names, values, strict=True))}
        if file:
            if any(given[name] is not None for name in ("k", "weight", "S")):
                raise ParameterError(
                    "beside arrays", where="ScatteringData", field="file", got=file, remedy="Give one."
                )
            given |= _from_file(file)
        for name in ("k", "weight", "S"):
            if given[name] is None:
                raise ParameterError("missing", where="ScatteringData", field=name, remedy="Give it, or file.")
        given["sharvin_conductance"] = sharvin_conductance
        object.__setattr__(self, "file", str(file))
        object.__setattr__(self, "sharvin", sharvin)
        object.__setattr__(self, "arrays", checked_arrays(given))
        self.__post_init__()

    @classmethod
    def read(cls, path: str | os.PathLike[str], sharvin: bool = False) -> Self:
        """The data in an .npz file that :meth:`save` or NumPy wrote, arrays by the names of the arguments."""
        return cls(file=os.fspath(path), sharvin=sharvin)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the arrays as an .npz file and return its path; sample files name it as `file`."""
        buffer = io.BytesIO()
        np.savez(buffer, **stored(self._arrays))  # type: ignore[arg-type]
        store.write_bytes(path, buffer.getvalue())
        return Path(path)

    @property
    def _arrays(self) -> Arrays:
        assert self.arrays is not None
        return self.arrays

    @property
    def _sums(self) -> Summed:
        return self.kept(_summed)

    @property
    def error(self) -> float:
        """By how much responses at left-out directions of m are off, relative to the largest entry of each kind."""
        return self._sums.harmonics.error

    @property
    def degree(self) -> int:
        """The degree of the harmonics of m."""
        return self._sums.harmonics.degree

    @property
    def fermi_wavevector(self) -> float:  # type: ignore[override]
        """k_F of the sphere with as many modes as the metal below has [1/m]."""
        return self.kept(_unit).fermi_wavevector

    def sharvin_conductance(self) -> tuple[float, float]:
        """What the metals below and above can carry, both spins [S/m^2]."""
        return sharvin_of(self._arrays, 0), sharvin_of(self._arrays, 1)

    def asks_for_magnet(self) -> str:
        return "m" if len(self._arrays.m) else ""

    def turns(self) -> bool:
        return self._arrays.spin_orbit

    def differs(self) -> str:
        return "scattering data, whose Fermi surfaces are their own"

    def split(self) -> tuple[bool, bool]:
        return self._arrays.split

    def spheres(self) -> tuple[Sphere, Sphere]:
        return self.kept(_unit).spheres

    def without_spin_orbit(self) -> Self:
        if (arrays := without_spin_orbit(self._arrays)) is None:
            return self
        return self._with({"arrays": arrays})

    def amplitudes(self, k: Any, m: Any) -> tuple[Any, Any]:
        raise self._elsewhere()

    def incidence(self, cosine: Any, phi: Any, m: Any) -> Incidence:
        raise self._elsewhere()

    def _elsewhere(self) -> ParameterError:
        why = "which are known at their own wave vectors only; what an electron does is in their S"
        return ParameterError(why, field="scattering", got=self, allowed="another scattering model")

    def integrals(self, m: Any, tolerance: float) -> tuple[SidedIntegrals, Any]:
        """Sums over the data at directions m (3, batch), and the error of the harmonics (batch)."""
        return self._sums.at(m), np.full(m.shape[-1], self.error)

    def flows(self) -> Flows:
        """What passes between functions of direction, for the Boltzmann equation.

        Raises ParameterError where the channels are not those of a Fermi sphere on either side, or the data do not say
        which is which at -k.
        """
        return self.kept(_flows)

    def flow(self, m: np.ndarray, degrees: Degrees) -> Flow:
        """The same for so many functions at one m (3,), as known there or by harmonics of m.

        Raises ParameterError where these miss directions that are known by so much that electrons could gain energy.
        """
        flows = self.flows()
        if flows.knows(m):
            return flows(m, degrees, 0)
        if self.error > _MISSED:
            words = f"of which {len(self._arrays.m)} (with -m) tell others only to {self.error:.2g}, with spin-orbit "
            refuse(
                f"{words}coupling", "m", f"Give more directions, or ask for those that are known: {_MISSED} will do."
            )
        return flows(m, degrees, self.degree)

    def words(self, tex: bool = False) -> str:
        a = self._arrays
        return f"{len(a.k)} wave vectors, {len(a.m)} directions of m"

    @property
    def plain(self) -> bool:
        return False

    def __repr__(self) -> str:
        return self._written()

    def _written(self) -> str:
        words = f"file={self.file!r}" if self.file else f"<{self.words()}>"
        return f"ScatteringData({words}{', sharvin=True' if self.sharvin else ''})"


def _summed(data: ScatteringData) -> Summed:
    from spinstack.scattering.data_integrals import summed

    return summed(data._arrays)


def _unit(data: ScatteringData) -> Unit:
    from spinstack.scattering.data_integrals import unit_of

    return unit_of(data._arrays)


def _flows(data: ScatteringData) -> Flows:
    from spinstack.scattering.data_channels import channels
    from spinstack.scattering.data_flow import Flows

    return Flows(data._arrays, channels(data._arrays))


def _from_file(file: str) -> dict[str, Any]:
    try:
        with np.load(file, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"which cannot be read ({error})", where="ScatteringData", field="file", got=file, allowed="an .npz file"
        ) from None
    unknown = [name for name in arrays if name not in _INPUT]
    if unknown:
        why = f"with unknown arrays: {', '.join(unknown)}"
        raise ParameterError(why, where="ScatteringData", field="file", got=file, allowed=", ".join(_INPUT))
    for name in ("spin",):
        if name in arrays:
            arrays[name] = str(arrays[name])
    for name in ("spin_orbit", "tolerance"):
        if name in arrays:
            arrays[name] = arrays[name].item()
    if "m" in arrays and not len(arrays["m"]):
        del arrays["m"]
    return arrays
