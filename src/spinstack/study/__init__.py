"""Studies: what a file asks for, from requests to results; the same engine for films and for measured data.

A study is read and checked as a whole (:func:`read_film_study`, :func:`read_data_study`) and computed by a
:class:`Run`, which gives each result as soon as it is complete.
"""

from spinstack.text import lazies

__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)
