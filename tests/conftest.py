"""Strict numerics for every test, and the profiles of the random tests."""

import os

import jax
from hypothesis import HealthCheck, Phase, settings

jax.config.update("jax_enable_x64", True)

# a first call compiles, so there are no deadlines; the same examples every time, so that a failure is never luck;
# no shrinking, which takes minutes for films of 150 parameters
settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("default"), derandomize=False, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
