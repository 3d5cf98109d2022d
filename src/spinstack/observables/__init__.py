"""What a measurement of the film shows; every function takes a film and reads its solution."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
