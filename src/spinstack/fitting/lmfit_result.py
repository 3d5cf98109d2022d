"""Results of fits as lmfit has them, whose report people know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from spinstack.fitting.problem import Problem
from spinstack.text.optional import optional

if TYPE_CHECKING:
    import lmfit


def lmfit_result(problem: Problem, found: xr.Dataset) -> lmfit.minimizer.MinimizerResult:
    """A MinimizerResult with parameters, errors, correlations and what its report says of the fit."""
    lmfit = optional("lmfit", "fit", "a result of lmfit")
    names, words = problem.names_of(found), _words(problem.names_of(found))
    low, high = problem.bounds
    covariance, error = found["covariance"].values, found["error"].values
    parameters = lmfit.Parameters()
    for k, (word, c) in enumerate(zip(words, problem.coordinates, strict=True)):
        ends = sorted(float(c.prior.value(v)) if np.isfinite(v) else np.inf * np.sign(v) for v in (low[k], high[k]))
        value = float(found["value"][k])
        parameters.add(word, value=value, min=min(ends[0], value), max=max(ends[1], value))
        known = np.isfinite(error[k])
        parameters[word].stderr = float(error[k]) if known else None
        parameters[word].correl = {
            other: float(covariance[k, j] / (error[k] * error[j]))
            for j, other in enumerate(words)
            if j != k and known and np.isfinite(error[j]) and error[j] > 0 and error[k] > 0
        }
    chi, freedom = float(found.attrs["chi_square"]), int(found.attrs["degrees_of_freedom"])
    count = freedom + problem.size
    return lmfit.minimizer.MinimizerResult(
        params=parameters, var_names=words, init_vals=[float(v) for v in found["prior_middle"].values],
        covar=covariance, chisqr=chi, redchi=chi / freedom if freedom > 0 else np.nan, nfree=freedom, ndata=count,
        nvarys=problem.size, residual=found["residual"].values, errorbars=bool(np.isfinite(error).all()),
        method="least_squares", success=True, nfev=len(found["end_chi_square"]), aborted=False,
        message=f"Fit of spinstack {found.attrs['spinstack_version']}: {len(names)} parameters, "
                f"{found.attrs['agreeing']} of {found.attrs['starts']} starts agree.",
        aic=count * np.log(chi / count) + 2 * problem.size if chi > 0 else -np.inf,
        bic=count * np.log(chi / count) + np.log(count) * problem.size if chi > 0 else -np.inf,
        scale_covar=False,
    )  # fmt: skip


def _words(names: list[str]) -> list[str]:
    """Names that Python takes, each once."""
    out: list[str] = []
    for name in names:
        word = re.sub(r"\W+", "_", name).strip("_")
        word = f"p_{word}" if not word or word[0].isdigit() else word
        tries = (word, *(f"{word}_{n}" for n in range(2, len(names) + 2)))
        out.append(next(w for w in tries if w not in out))
    return out
