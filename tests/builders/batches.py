"""Many random values at once, for tests in which a batch of films meets a closed form."""

import numpy as np


class Batch(np.random.Generator):
    """A generator, from a seed or from the bits of another, that draws `size` values at a time."""

    def __init__(self, seed, size):
        super().__init__(seed if isinstance(seed, np.random.BitGenerator) else np.random.PCG64(seed))
        self.size = size

    def of(self, size):
        """The same stream of numbers, `size` at a time."""
        return Batch(self.bit_generator, size)

    def between(self, low, high):
        return self.uniform(low, high, self.size)

    def log(self, low, high):
        """Values whose logarithms are uniform."""
        return np.exp(self.between(np.log(low), np.log(high)))

    def signed(self, low, high):
        """Values between low and high of either sign."""
        return self.between(low, high) * self.sign()

    def sign(self):
        return self.choice([-1, 1], self.size)

    def directions(self):
        """Unit vectors (size, 3), uniform on the sphere."""
        v = self.normal(size=(self.size, 3))
        return v / np.linalg.norm(v, axis=-1, keepdims=True)
