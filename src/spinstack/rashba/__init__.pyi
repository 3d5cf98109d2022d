from .gas import rashba_2d as rashba_2d
