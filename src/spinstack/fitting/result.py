"""A fit and what can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr

from spinstack.fitting.fixing import fix_parameter
from spinstack.fitting.identify import Combination, determined
from spinstack.fitting.outcome import UNLIKELY
from spinstack.fitting.problem import Problem
from spinstack.fitting.profiles import likelihood_profile
from spinstack.fitting.sampling import posterior
from spinstack.fitting.solve import fit_film
from spinstack.stack import Film

if TYPE_CHECKING:
    import lmfit


class FitResult:
    """The best values of a problem, and what the data say of them.

    Attributes:
        problem: what was fitted.
        dataset: all numbers, see :func:`spinstack.fitting.fit_film`.
        tree: all that ``spinstack fit`` has stored beside them (profiles, posterior, mechanisms ...), where the result
            was read by :func:`spinstack.load_fit`.
    """

    def __init__(self, problem: Problem, dataset: xr.Dataset, tree: xr.DataTree | None = None) -> None:
        problem.names_of(dataset)
        self.problem, self.dataset, self.tree = problem, dataset, tree

    def __repr__(self) -> str:
        values, errors = self.values, self.errors
        rows = [f"  {name} = {values[name]:.6g} +- {errors[name]:.2g} {unit}" for name, unit in self.units.items()]
        said = f"chi-square {self.chi2:.4g} of {self.degrees_of_freedom}, p = {self.probability:.2g}"
        return "\n".join([f"FitResult: {said}", *rows])

    @property
    def values(self) -> dict[str, float]:
        """Best values [SI] by name."""
        return self._by_name("value")

    @property
    def errors(self) -> dict[str, float]:
        """Their standard errors [SI]; infinite where the data do not determine them."""
        return self._by_name("error")

    @property
    def units(self) -> dict[str, str]:
        """Their units."""
        names, units = self.dataset["parameter"].values, self.dataset["unit"].values
        return {str(n): str(u) for n, u in zip(names, units, strict=True)}

    @property
    def covariance(self) -> xr.DataArray:
        """Covariance of the parameters [SI]."""
        return self.dataset["covariance"]

    @property
    def chi2(self) -> float:
        """Sum of the squares of data and priors over their errors."""
        return float(self.dataset.attrs["chi_square"])

    @property
    def degrees_of_freedom(self) -> int:
        """Numbers measured, and priors, less numbers fitted."""
        return int(self.dataset.attrs["degrees_of_freedom"])

    @property
    def probability(self) -> float:
        """Of a larger chi-square by chance; NaN without degrees of freedom."""
        return float(self.dataset.attrs["p_value"])

    @property
    def fits(self) -> bool:
        """Whether the model describes the data: a probability of 0.001 at least."""
        return not self.probability < UNLIKELY

    @property
    def films(self) -> dict[str, Film]:
        """The film of every measured sample at the best values."""
        return self.problem.films(self.dataset["coordinate"].values)

    def identifiability(self, *, nuisances: Sequence[str] = (), known: float = 0.5) -> list[Combination]:
        """What the data determine, see :func:`spinstack.fitting.determined`."""
        return determined(self.problem, self.dataset, nuisances=nuisances, known=known)

    def profile(self, parameter: str) -> xr.Dataset:
        """What chi-square says along one parameter, see :func:`spinstack.fitting.likelihood_profile`."""
        return likelihood_profile(self.problem, self.dataset, parameter)

    def fixing(self, parameter: str, values: Sequence[float]) -> xr.Dataset:
        """All others when one is fixed, see :func:`spinstack.fitting.fix_parameter`."""
        return fix_parameter(self.problem, self.dataset, parameter, values)

    def posterior(
        self, *, method: Literal["nuts", "nested"] = "nuts", draws: int = 1000, chains: int = 4, seed: int = 0
    ) -> xr.DataTree:
        """Draws from the distribution of the parameters, see :func:`spinstack.fitting.posterior`."""
        return posterior(self.problem, self.dataset, method=method, draws=draws, chains=chains, seed=seed)

    def to_lmfit(self) -> lmfit.minimizer.MinimizerResult:
        """The result as lmfit has it, for its report and for what takes its parameters (extra ``[fit]``).

        Names of parameters are made into Python's: "Pt.thickness of 3 nm" is Pt_thickness_of_3_nm.
        """
        from spinstack.fitting.lmfit_result import lmfit_result

        return lmfit_result(self.problem, self.dataset)

    def _by_name(self, variable: str) -> dict[str, float]:
        numbers = np.asarray(self.dataset[variable].values, dtype=float)
        return {str(n): float(v) for n, v in zip(self.dataset["parameter"].values, numbers, strict=True)}


def fit(problem: Problem, *, starts: int = 50, seed: int = 0, robust: bool = False, client: Any = None) -> FitResult:
    """Fit films to measured data: the best values, and what can be asked of them.

    Args:
        problem: samples, unknowns and data, such as :func:`spinstack.load_fit` reads.
        starts: how many; the first starts from the middle of the priors, the others from drawn points.
        seed: of the draws.
        robust: readings far off count by their distance, not by its square.
        client: whose workers follow the starts, see :func:`spinstack.fitting.fit_film`.

    Raises:
        ParameterError: see :func:`spinstack.fitting.fit_film`.
    """
    return FitResult(problem, fit_film(problem, starts=starts, seed=seed, robust=robust, client=client))
