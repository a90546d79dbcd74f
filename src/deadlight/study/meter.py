"""Progress of many cases: how many, how fast, how long still."""

from __future__ import annotations

import time as clock

from deadlight.progress import Progress


class Meter:
    """Progress with throughput and time left."""

    def __init__(self, progress: Progress, stage: str, count: int) -> None:
        self.progress, self.stage, self.count, self.done = progress, stage, count, 0
        self.begun = clock.monotonic()
        if count:
            progress(stage, 0.0, f"0 of {count}")  # the first case may take minutes

    def one(self) -> None:
        """One more case is done."""
        self.done += 1
        spent = max(clock.monotonic() - self.begun, 1e-9)
        rate = self.done / spent
        left = (self.count - self.done) / rate
        self.progress(
            self.stage,
            min(self.done / self.count, 0.999),
            f"{self.done} of {self.count}, {rate:.3g}/s, {left:.0f} s left",
        )

    def close(self) -> None:
        self.progress(self.stage, 1.0, f"{self.done} run" if self.count else "nothing missing")
