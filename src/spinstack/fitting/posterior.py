"""The distribution of the parameters given the data: NUTS and nested sampling, checked before they are believed."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr

from spinstack.fitting.problem import Problem
from spinstack.fitting.unbounded import Unbounded
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.text import checks
from spinstack.text.optional import optional
from spinstack.text.version import __version__

METHODS = ("nuts", "nested")
#: largest ratio of variances between and within chains, fewest independent draws, largest share of divergences
RHAT, EFFECTIVE, DIVERGENT = 1.01, 400.0, 0.005
#: log-evidence that the remaining live points may still add, and fewest live points
REMAINING, LIVE = 0.01, 400


def posterior(
    problem: Problem,
    found: xr.Dataset,
    *,
    method: Literal["nuts", "nested"] = "nuts",
    draws: int = 1000,
    chains: int = 4,
    seed: int = 0,
) -> xr.DataTree:
    """Draws from the distribution of the parameters given the data (extra ``[bayes]``).

    "nuts" follows the gradient of the density (Hoffman and Gelman, J. Mach. Learn. Res. 15 (2014) 1593, by numpyro)
    in coordinates without bounds in which the best fit is a standard normal distribution; a second mode far off is not
    found. "nested" (Skilling, Bayesian Anal. 1 (2006) 833, by dynesty) finds all modes and the evidence, in up to some
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
    checks.choice(method, "method", METHODS)
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


def _nuts(
    problem: Problem, found: xr.Dataset, draws: int, chains: int, seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, Any]]:
    """Coordinates (chains, draws, size), what was told of each draw, and what is to be told of all."""
    optional("numpyro", "bayes", "posterior")
    import jax
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
    from numpyro.infer import MCMC, NUTS

    free = Unbounded(problem, found["coordinate"].values)

    def potential(w: Any) -> Any:
        u, logarithm = free.coordinates(w)
        square = problem.square(u)
        return jax.numpy.where(jax.numpy.isfinite(square), square / 2, 1e30) - logarithm

    kernel = NUTS(potential_fn=potential, target_accept_prob=0.9, dense_mass=True)
    sampler = MCMC(kernel, num_warmup=max(300, draws // 2), num_samples=draws, num_chains=chains,
                   chain_method="vectorized", progress_bar=False)  # fmt: skip
    rng = np.random.default_rng(seed)
    start = 0.3 * rng.standard_normal((chains, problem.size))
    tell(1, 3)
    sampler.run(jax.random.PRNGKey(seed), init_params=jax.numpy.asarray(start), extra_fields=("diverging", "energy"))
    w = np.asarray(sampler.get_samples(group_by_chain=True))
    fields = sampler.get_extra_fields(group_by_chain=True)
    stats = {name: np.asarray(fields[name]) for name in ("diverging", "energy")}
    u = np.asarray(free.coordinates(w.reshape(-1, problem.size))[0]).reshape(w.shape)
    rhat = float(np.max(split_gelman_rubin(u)))
    effective = float(np.min(effective_sample_size(u)))
    divergent = float(np.mean(stats["diverging"]))
    names = [c.name for c in problem.coordinates]
    worst = names[int(np.argmax(split_gelman_rubin(u)))]
    said = [
        f"{words} {got:.4g} instead of {allowed}"
        for words, got, allowed, bad in (
            (f"chains that disagree most about {worst}, rhat", rhat, f"at most {RHAT}", not rhat <= RHAT),
            ("independent draws", effective, f"at least {EFFECTIVE:g}", not effective >= EFFECTIVE),
            ("a share of divergent steps of", divergent, f"at most {DIVERGENT}", divergent > DIVERGENT),
        )
        if bad
    ]
    if said:
        remedy = 'More draws, narrower priors, a parameter less, or method="nested".'
        raise ParameterError(f"not to be believed: {'; '.join(said)}", where="posterior", remedy=remedy)
    return u, stats, {"rhat": rhat, "effective_draws": effective, "divergences": int(stats["diverging"].sum())}


def _nested(problem: Problem, draws: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, Any]]:
    dynesty = optional("dynesty", "bayes", "posterior")
    from scipy.stats import norm

    low, high = problem.bounds
    penalised = np.isin(np.arange(problem.size), problem.penalised)
    # of a normal coordinate the part of the distribution within its bounds
    ends = np.where(penalised, norm.cdf(low), 0.0), np.where(penalised, norm.cdf(high), 1.0)

    def prior(q: np.ndarray) -> np.ndarray:
        q = ends[0] + (ends[1] - ends[0]) * q
        return np.asarray(np.clip(np.where(penalised, norm.ppf(q), low + (high - low) * q), low, high))

    # what a uniform prior between bounds of its parameter's range has: all of it
    constant = -sum(float(np.linalg.slogdet(one.covariance)[1]) + one.measured.size * np.log(2 * np.pi)
                    for one in problem.data) / 2  # fmt: skip

    def likelihood(u: np.ndarray) -> float:
        residual = problem.batch_residuals(u[None])[0, : problem.points]
        return float(constant - residual @ residual / 2) if np.isfinite(residual[0]) else -1e300

    live = max(LIVE, 25 * problem.size)
    generator = np.random.default_rng(seed)
    sampler = dynesty.NestedSampler(likelihood, prior, problem.size, nlive=live, sample="rwalk", rstate=generator)
    for n, _ in enumerate(sampler.sample(dlogz=REMAINING)):
        if n % 500 == 499:
            tell(n, n + 4 * live)
    for _ in sampler.add_live_points():
        pass
    results = sampler.results
    weights = np.exp(results.logwt - results.logz[-1])
    effective = float(weights.sum() ** 2 / np.sum(weights**2))
    if not (np.isfinite(results.logz[-1]) and effective >= EFFECTIVE):
        why = f"not to be believed: {effective:.4g} independent draws instead of at least {EFFECTIVE:g}"
        raise ParameterError(why, where="posterior", remedy="Narrower priors, or a parameter less.")
    taken = generator.choice(len(weights), draws, p=weights / weights.sum())
    stats = {"log_likelihood": results.logl[taken][None]}
    told = {"log_evidence": float(results.logz[-1]), "log_evidence_error": float(results.logzerr[-1]),
            "effective_draws": effective}  # fmt: skip
    return results.samples[taken][None], stats, told
