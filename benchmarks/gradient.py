"""The gradient by all parameters against one value, for a batch of films and for a single one. Aim: 5 times or less."""

from common import one_core, random_films, seconds

one_core()

import jax  # noqa: E402
import numpy as np  # noqa: E402

import spinstack as ss  # noqa: E402
import spinstack.circuit  # noqa: E402  (switches JAX to 64 bits before anything is traced)

BATCH = 256


def real_parameters(film: ss.Film) -> dict[str, np.ndarray]:
    """Every parameter by path, complex ones as two real numbers."""
    out = {}
    for path, value in film.parameters().items():
        array = np.asarray(value)
        if np.iscomplexobj(array):
            out |= {f"{path}.real": array.real, f"{path}.imag": array.imag}
        else:
            out[path] = array
    return out


def main() -> None:
    """Print medians and ratios."""
    for layers in (2, 3, 4):
        for size in (BATCH, None):
            film, m = random_films(layers, size)
            pieces = real_parameters(film)

            def value(p, film=film, m=m):
                return ss.sheet_resistance(film.replace(p), m=m)[..., 0, 0].sum()

            forward, both = jax.jit(value), jax.jit(jax.value_and_grad(value))
            one, _ = seconds(lambda f=forward, p=pieces: jax.block_until_ready(f(p)), 25)
            grad, _ = seconds(lambda f=both, p=pieces: jax.block_until_ready(f(p)), 25)
            words = f"{layers} layers, {len(pieces)} parameters, " + (f"batch of {size}" if size else "one film")
            print(f"{words:45s} value {1e6 * one:8.0f} us, with gradient {1e6 * grad:8.0f} us, ratio {grad / one:.2f}")


if __name__ == "__main__":
    main()
