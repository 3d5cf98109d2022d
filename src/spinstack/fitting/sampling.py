"""The distribution of the parameters given the data: NUTS and nested sampling, checked before they are believed."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr

from spinstack.fitting.nested import nested
from spinstack.fitting.problem import Problem
from spinstack.fitting.standard import Standard
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.text import checks
from spinstack.text.optional import optional
from spinstack.text.version import __version__

METHODS = ("nuts", "nested")
#: largest ratio of variances between and within chains, fewest independent draws, largest share of divergences
RHAT, EFFECTIVE, DIVERGENT = 1.01, 400.0, 0.005
#: fewest live points
LIVE = 500
#: minus ln of the density where there are no films
NOWHERE = 1e30


def posterior(
    problem: Problem,
    found: xr.Dataset,
    *,
    method: Literal["nuts", "nested"] = "nuts",
    draws: int = 1000,
    chains: int = 4,
    seed: int = 0,
) -> xr.DataTree:
    """Draws from the distribution of the parameters given the data ("nuts" needs the extra ``[bayes]``).

    "nuts" follows the gradient of the density (Hoffman and Gelman, J. Mach. Learn. Res. 15 (2014) 1593, by numpyro)
    in coordinates without bounds in which the best fit is a standard normal distribution; a second mode far off is not
    found. "nested" (Skilling, Bayesian Anal. 1 (2006) 833, in batches) finds all modes and the evidence, in up to some
    twenty dimensions. Deviations of samples are drawn with the rest, and so integrated out.

    Args:
        problem: what was fitted.
        found: what :func:`spinstack.fitting.fit_film` returned for it.
        method: "nuts" or "nested".
        draws: of every chain; with "nested" of equal weight in all.
        chains: independent ones, for "nuts".
        seed: of the draws.

    Returns:
        DataTree with the groups of ArviZ: posterior (chain, draw; a variable for each parameter, in SI units),
        sample_stats (diverging, energy; log_likelihood with "nested"), observed_data (measured). Attributes of the
        root: method, and rhat, effective_draws, divergences of "nuts" or log_evidence, log_evidence_error of "nested".

    Raises:
        ParameterError: draws that are not to be believed: chains that disagree (rhat above 1.01), fewer than 400
            independent draws of a parameter, more than 0.5 % divergent steps, or a package that is missing.
    """
    names = problem.names_of(found)
    check_method(problem, method)
    draws = checks.whole(draws, "draws", low=100)
    chains, seed = checks.whole(chains, "chains", low=2), checks.whole(seed, "seed", low=0)
    if method == "nuts":
        u, stats, attributes = _nuts(problem, found, draws, chains, seed)
    else:
        u, stats, attributes = _nested(problem, draws, seed)
    values = np.stack([c.prior.value(u[..., k]) for k, c in enumerate(problem.coordinates)])
    coords = {"chain": np.arange(u.shape[0]), "draw": np.arange(u.shape[1])}
    variables: dict[str, Any] = {
        name: (("chain", "draw"), value, {"units": c.unit, "path": c.path})
        for name, value, c in zip(names, values, problem.coordinates, strict=True)
    }
    measured = {"measured": ("point", found["measured"].values), "of": ("point", found["of"].values)}
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs={"method": method, "seed": seed, "spinstack_version": __version__, **attributes}),
            "posterior": xr.Dataset(variables, coords),
            "sample_stats": xr.Dataset({name: (("chain", "draw"), value) for name, value in stats.items()}, coords),
            "observed_data": xr.Dataset(measured),
        }
    )


def check_method(problem: Problem, method: str) -> None:
    """Raise ParameterError for a method that is none, that the problem has no derivatives for, or not installed."""
    checks.choice(method, "method", METHODS)
    if method == "nuts":
        if not problem.compiled:
            why = "which needs a theory of these data that JAX can trace"
            raise ParameterError(why, where="posterior", field="method", got="nuts", allowed='"nested"')
        optional("numpyro", "bayes", "posterior")


def _nuts(
    problem: Problem, found: xr.Dataset, draws: int, chains: int, seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, Any]]:
    """Coordinates (chains, draws, size), what was told of each draw, and what is to be told of all."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    standard = Standard(problem)
    v0 = standard.standard(found["coordinate"].values)
    # the best fit is a standard normal distribution of w, v = v0 + L w
    L = np.linalg.inv(np.linalg.cholesky(standard.curvature(v0[None])[0])).T
    w, stats = _walked(standard, v0, L, draws, chains, seed)
    u = standard.coordinates((v0 + w @ L.T).reshape(-1, problem.size))[0].reshape(w.shape)
    rhat, effective = split_gelman_rubin(w), effective_sample_size(w)
    divergent = float(np.mean(stats["diverging"]))
    said = [
        f"{words} {got:.4g} instead of {allowed}"
        for words, got, allowed, bad in (
            ("chains that disagree, rhat", np.max(rhat), f"at most {RHAT}", not np.max(rhat) <= RHAT),
            ("independent draws", np.min(effective), f"at least {EFFECTIVE:g}", not np.min(effective) >= EFFECTIVE),
            ("a share of divergent steps of", divergent, f"at most {DIVERGENT}", divergent > DIVERGENT),
        )
        if bad
    ]
    if said:
        remedy = 'More draws, narrower priors, a parameter less, or method="nested".'
        raise ParameterError(f"not to be believed: {'; '.join(said)}", where="posterior", remedy=remedy)
    told = {"rhat": float(np.max(rhat)), "effective_draws": float(np.min(effective)),
            "divergences": int(stats["diverging"].sum())}  # fmt: skip
    return u, stats, told


def _walked(
    standard: Standard, v0: np.ndarray, L: np.ndarray, draws: int, chains: int, seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draws of w (chains, draws, size) with v = v0 + L w, and what NUTS says of each."""
    import jax
    from numpyro.infer import MCMC, NUTS

    problem = standard.problem

    def potential(w: Any) -> Any:
        v = v0 + L @ w
        u = standard.traced(v)
        # the priors of u are in v
        square = problem.square(u) - jax.numpy.sum(u[problem.penalised] ** 2) + jax.numpy.sum(v**2)
        return jax.numpy.where(jax.numpy.isfinite(square), square / 2, NOWHERE)

    kernel = NUTS(potential_fn=potential, target_accept_prob=0.9, dense_mass=True)
    sampler = MCMC(kernel, num_warmup=max(300, draws // 2), num_samples=draws, num_chains=chains,
                   chain_method="vectorized", progress_bar=False)  # fmt: skip
    start = 0.3 * np.random.default_rng(seed).standard_normal((chains, standard.size))
    tell(1, 3)
    sampler.run(jax.random.PRNGKey(seed), init_params=jax.numpy.asarray(start), extra_fields=("diverging", "energy"))
    fields = sampler.get_extra_fields(group_by_chain=True)
    stats = {name: np.asarray(fields[name]) for name in ("diverging", "energy")}
    return np.asarray(sampler.get_samples(group_by_chain=True)), stats


def _nested(problem: Problem, draws: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, Any]]:
    """Coordinates (1, draws, size) of equal weight, and what is to be told of all."""
    standard, rng = Standard(problem), np.random.default_rng(seed)
    found = nested(standard, rng, live=max(LIVE, 25 * problem.size))
    if found.method == "refused" or not found.effective >= EFFECTIVE:
        why = found.why or f"{found.effective:.4g} independent draws instead of at least {EFFECTIVE:g}"
        raise ParameterError(f"not to be believed: {why}", where="posterior", remedy="Narrower priors.")
    v = found.drawn(draws, rng)
    told = {"log_evidence": found.log, "log_evidence_error": found.error, "effective_draws": found.effective}
    return standard.coordinates(v)[0][None], {"log_likelihood": standard.log_likelihood(v)[None]}, told
