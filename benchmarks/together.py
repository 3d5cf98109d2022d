"""A likelihood that many threads of a sampler ask at once, computed in batches."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import numpy as np
from scipy.special import ndtri


class Together:
    """Inside the block: `likelihood` of one point of the unit cube, and a pool whose threads share batches of it."""

    def __init__(self, target: Any, size: int = 100) -> None:
        self._target, self.size = target, size
        self._asked: queue.Queue[list[Any]] = queue.Queue()
        self._active, self._lock, self._done = 0, threading.Lock(), False

    def __enter__(self) -> Self:
        self._threads = ThreadPoolExecutor(self.size)
        threading.Thread(target=self._answer, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done = True
        self._threads.shutdown()

    def likelihood(self, w: np.ndarray) -> float:
        """ln L at a point of the unit cube."""
        v = ndtri(np.clip(w, 1e-12, 1 - 1e-12))
        if threading.current_thread() is threading.main_thread():
            return float(self._target.log_likelihood(v[None])[0])
        slot = [v, threading.Event(), 0.0]
        self._asked.put(slot)
        slot[1].wait()
        return float(slot[2])

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """The function of every item, in threads."""

        def counted(item: Any) -> Any:
            with self._lock:
                self._active += 1
            try:
                return function(item)
            finally:
                with self._lock:
                    self._active -= 1

        return list(self._threads.map(counted, items))

    def _answer(self) -> None:
        while not self._done:
            try:
                slots = [self._asked.get(timeout=0.05)]
            except queue.Empty:
                continue
            began = time.perf_counter()
            while len(slots) < self._active and time.perf_counter() - began < 0.004:
                with contextlib.suppress(queue.Empty):
                    slots.append(self._asked.get(timeout=0.0005))
            found = self._target.log_likelihood(np.array([slot[0] for slot in slots]))
            for slot, value in zip(slots, found, strict=True):
                slot[2] = max(float(value), -1e300)
                slot[1].set()
