"""Things that people, and programs, give in the place of a number."""

import array
import datetime
import decimal
import fractions

import numpy as np
import xarray

nan, inf = float("nan"), float("inf")


class Failing:
    """An array of somebody else's that fails when it is looked at."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("the file behind it is gone")


class Lazy:
    """An array of somebody else's that is made when it is looked at."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


class Quantity:
    """A number with a unit of its own, as libraries of units have it."""

    def __init__(self, value, units):
        self.value, self.units = value, units

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype)


def labelled(values, units):
    """The same as xarray has it."""
    return xarray.DataArray(values, attrs={"units": units})


#: no number and no array of numbers, whatever is asked for
NO_NUMBERS = {
    "bytes": b"0.1",
    "a bytearray": bytearray(b"a"),
    "a memoryview": memoryview(b"ab"),
    "text of NumPy": np.str_("0.1"),
    "texts in an object array": np.array(["0.1", 0.2, 0.3], object),
    "a truth value among numbers": [0.1, True, 0.3],
    "a truth value in an object array": np.array([0.1, True, 0.3], object),
    "a missing value": [0.1, None, 0.3],
    "a mask and nothing behind it": np.ma.masked,
    "a decimal that is none": decimal.Decimal("NaN"),
    "a decimal that signals": decimal.Decimal("sNaN"),
    "complex without imaginary part": 0.1 + 0j,
    "a long double beyond all floats": np.longdouble("1e4000"),
    "a structured array": np.array([(0.1,)], dtype=[("a", "f8")]),
    "raw memory": np.void(b"a"),
    "a day": datetime.date(2024, 1, 1),
    "a day of NumPy": np.datetime64("2024-01-01"),
    "a time of NumPy": np.timedelta64(1, "s"),
    "a generator": (x for x in (0.1, 0.2)),
    "a set": {0.1},
    "a slice": slice(3),
    "a type": float,
    "a function": len,
    "a module": np,
    "an exception": ValueError("x"),
    "an ellipsis": ...,
    "arrays of different length in an array": np.array([np.array([0.1]), np.array([0.1, 0.2])], object),
    "brackets without end": eval("[" * 40 + "0.1" + "]" * 40),
    "a dataset": xarray.Dataset({"a": 1.0}),
    "an array that fails": Failing(),
    "another unit": Quantity(0.1, "furlong"),
    "another unit of a labelled array": labelled([0.1, 0.2, 0.3], "furlong"),
}
#: one number each, and which
NUMBERS = {
    "a fraction": (fractions.Fraction(1, 8), 0.125),
    "a decimal": (decimal.Decimal("0.125"), 0.125),
    "half precision": (np.float16(0.125), 0.125),
    "single precision": (np.float32(0.125), 0.125),
    "a long double": (np.longdouble("0.125"), 0.125),
    "the largest small whole number": (np.int8(127), 127.0),
    "a whole number beyond 64 bits": (2**70, 2.0**70),
    "an array without axes": (np.array(0.125), 0.125),
    "a labelled number": (xarray.DataArray(0.125), 0.125),
    "a subclass": (type("Sub", (float,), {})(0.125), 0.125),
}
#: several numbers each, and which
ARRAYS = {
    "every second of an array": (np.arange(8.0)[1::2], [1, 3, 5, 7]),
    "backwards": (np.array([2.0, 1.0])[::-1], [1, 2]),
    "bytes the other way round": (np.array([1.0, 2.0], ">f8"), [1, 2]),
    "small whole numbers": (np.array([100, 127], np.int8), [100, 127]),
    "whole numbers without sign": (np.array([1, 2], np.uint8), [1, 2]),
    "a mask that hides nothing": (np.ma.array([1.0, 2.0]), [1, 2]),
    "a range": (range(1, 3), [1, 2]),
    "an array of Python": (array.array("d", [1.0, 2.0]), [1, 2]),
    "numbers as objects": (np.array([1, fractions.Fraction(2)], object), [1, 2]),
    "an array made when needed": (Lazy([1.0, 2.0]), [1, 2]),
    "a labelled array": (xarray.DataArray([1.0, 2.0], dims="t"), [1, 2]),
    "an array that nobody may change": (np.broadcast_to(1.0, (2,)), [1, 1]),
}
