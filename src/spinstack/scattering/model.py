"""What the rest of the package asks of an interface that scatters electrons, and what follows for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering.electrons import Incidence, field_of_amplitudes, of_amplitudes, traces
from spinstack.scattering.spheres import SAME, Sphere
from spinstack.stack.described import Model
from spinstack.stack.element import Element
from spinstack.stack.interface import Interface
from spinstack.text.checks import switch
from spinstack.text.errors import ParameterError

if TYPE_CHECKING:
    from spinstack.scattering.evaluate import Tensors
    from spinstack.scattering.integrals import Integrals
    from spinstack.scattering.sides import SidedIntegrals


class ScatteringModel(Model, fills="scattering"):
    """A model of what one interface does to an electron. A new one is a class in a file of its own.

    It names its ``kind`` (``class Name(ScatteringModel, kind="name")``), declares its numbers with :func:`parameter`,
    `fermi_wavevector` [1/m] among them, and answers :meth:`amplitudes`; all else follows, by quadrature. Films, sample
    files, sweeps, derivatives, both theories and figures know nothing else of it. What it knows better it overrides:

    * :meth:`incidence`, exact at grazing incidence or with a division of torques of its own;
    * :meth:`integrals`, where there is something faster than :func:`spinstack.scattering.integrals.by_quadrature`;
    * :meth:`without_spin_orbit`, :meth:`asks_for_magnet`, :meth:`turns`, :meth:`friction`, :meth:`effective_field`.

    Both sides scatter alike, unless :meth:`differs` says otherwise: then it answers :meth:`spheres` and its
    :meth:`integrals` are :class:`spinstack.scattering.sides.SidedIntegrals`. Methods take parameters of any batch
    shape, which broadcasts with that of k and m; what is to be differentiated is written for NumPy and `jax.numpy`
    (:func:`spinstack.numerics.arrays.array_module`).
    """

    fermi_wavevector: float
    #: whether potentials are those of a diffusion equation, without the Sharvin resistance; a field, where one may ask
    sharvin: bool = False
    #: symbols of parameters in figures (TeX, without dollars)
    symbols: ClassVar[Mapping[str, str]] = {}

    def _check_words(self) -> None:
        switch(self.sharvin, "sharvin", where=self._label())

    def asks_for_magnet(self) -> str:
        """The parameter because of which the interface must touch a magnet; empty where it need not."""
        return ""

    def turns(self) -> bool:
        """Whether what happens to an electron depends on the azimuth of its wave vector."""
        return True

    def differs(self) -> str:
        """In which words the two sides differ; empty where both scatter alike and have the sphere of `k_F`."""
        return ""

    def spheres(self) -> tuple[Sphere, Sphere]:
        """The Fermi spheres below and above."""
        return SAME

    def split(self) -> tuple[bool, bool]:
        """Whether the metals below and above have a sphere for each spin, along m: they must be the magnet of m."""
        return False, False

    def effective_field(self, k: Any, m: Any) -> tuple[np.ndarray, np.ndarray]:
        """Exchange and spin-orbit part (..., 3) of the field at in-plane k (..., 2), m (..., 3); sigma labels."""
        return field_of_amplitudes(self, k, m)

    def without_spin_orbit(self) -> Self:
        """The same interface without spin-orbit coupling, itself where it has none.

        The in-plane current that it scatters is part of every measured conductivity and is not counted again.
        """
        return self

    def amplitudes(self, k: Any, m: Any) -> tuple[Any, Any]:
        """Reflection and transmission amplitudes r, t (..., 2, 2) for in-plane k (..., 2) in units of kF.

        In the basis of sigma_z = +1, -1, the electron's spin; m (..., 3) is a unit vector. Where the sides differ, of
        unit flux from below.
        """
        raise NotImplementedError

    def incidence(self, cosine: Any, phi: Any, m: Any) -> Incidence:
        """R, T and torques of directions with ``k_z/k_F = cosine`` (...) > 0 and azimuth phi (...), m (..., 3)."""
        xp = array_module(cosine, phi)
        sine = xp.sqrt((1 - cosine) * (1 + cosine))
        k = xp.stack([sine * xp.cos(phi), sine * xp.sin(phi)], -1)
        return of_amplitudes(*self.amplitudes(k, m), m)

    def incidence_slopes(self, name: str, cosine: Any, phi: Any, m: Any) -> tuple[Any, Any]:
        """Derivatives of R and T of :meth:`incidence` by the parameter `name`, of one model."""
        import jax

        def probabilities(value: Any) -> tuple[Any, Any]:
            found = self._with({name: value}).incidence(cosine, phi, m)
            return found.R, found.T

        R, T = jax.jvp(probabilities, (float(self.value(name)),), (1.0,))[1]
        return np.asarray(R), np.asarray(T)

    def integrals(self, m: Any, tolerance: float) -> tuple[Integrals | SidedIntegrals, Any]:
        """Fermi-surface integrals and their error (batch) for parameters (batch) and m (3, batch)."""
        from spinstack.scattering.integrals import by_quadrature

        return by_quadrature(self, m, tolerance)

    def friction(self, m: Any, tolerance: float) -> Any:
        """What turns dm/dt into heat, over the Sharvin conductance, (3, 3, batch) for m (3, batch).

        ``sum over ij of psi_i friction_ij psi_j = <1/2 Tr[dS dS+]>`` with ``dS = S(m + 2 psi x m) - S(m)`` to first
        order (Brataas, Tserkovnyak, Bauer, Phys. Rev. Lett. 101, 037207 (2008)). Asked only of models that
        :meth:`turns` spin; who takes it is then for the model to say.
        """
        why = "with spin-orbit coupling, and does not say what it does to a magnetisation that moves"
        raise ParameterError(why, field="scattering", got=self, allowed="spinstack.DeltaBarrier(...)")

    def probabilities(self, k: Any, m: Any) -> tuple[Any, Any]:
        """R, T (..., 4, 4), ``g_out = R g_in`` for g = (spin x, y, z, charge), moment labels; k as in amplitudes."""
        r, t = self.amplitudes(k, m)
        return traces(r), traces(t)

    def conductance(self, m: Any, tolerance: float = 1e-10) -> Any:
        """(..., 8, 8) [S/m^2]: currents x, y, z, c at 0-, then at 0+; columns mu_s x, y, z [V], mu_c at 0-, at 0+."""
        return self.tensors(m, tolerance=tolerance).conductance

    def tensors(
        self,
        m: Any,
        mean_free_path: tuple[Any, Any] = (0.0, 0.0),
        polarization: tuple[Any, Any] = (0.0, 0.0),
        tolerance: float = 1e-10,
    ) -> Tensors:
        """Every response of the interface; see :class:`spinstack.scattering.Tensors`.

        Args:
            m: direction of the magnetisation (..., 3).
            mean_free_path: of the metals below and above [m]; only in-plane fields need them.
            polarization: P of the two metals along m, mean free paths of the two spins lambda (1 +- P).
            tolerance: asked accuracy relative to the largest entry; the quadrature is refined until two refinements
                agree to it, and `error` says what was reached.
        """
        from spinstack.scattering.evaluate import tensors

        return tensors(self, m, mean_free_path, polarization, tolerance)

    def coefficients(
        self, m: Any, mean_free_path: tuple[Any, Any] = (0.0, 0.0), polarization: tuple[Any, Any] = (0.0, 0.0)
    ) -> dict[str, Any]:
        """The named numbers people quote; see :func:`spinstack.scattering.coefficients.coefficients`."""
        from spinstack.scattering.coefficients import coefficients

        return coefficients(self.tensors(m, mean_free_path, polarization), m)

    def words(self, tex: bool = False) -> str:
        """The parameters that are given, but for k_F, in text or as figures print them."""
        names = (n for n, v in self.parameters.items() if v is not None and n != "fermi_wavevector")
        given = [(self.symbols.get(n, n), float(getattr(self, n))) for n in names]
        if tex:
            return ",  ".join(f"${symbol}={value:g}$" for symbol, value in given)
        return ", ".join(f"{symbol.replace('{', '').replace('}', '')} = {value:g}" for symbol, value in given)


def scattering_model(element: Element) -> ScatteringModel | None:
    """The model that an interface takes its coefficients from."""
    model = element.scattering if isinstance(element, Interface) else None
    assert model is None or isinstance(model, ScatteringModel)
    return model


def some(value: Any) -> bool:
    """Whether a number may be anything but zero."""
    return is_traced(value) or bool(np.any(np.asarray(value) != 0))
