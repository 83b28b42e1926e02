"""What decides on chance, everywhere in the kit: a seed, a generator that goes on, or, with None, nobody."""

import numpy as np

Rng = int | np.random.Generator | None
