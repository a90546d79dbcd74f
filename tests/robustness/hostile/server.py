"""A process that has deadlight imported and forks for every job: limits of time and memory, nothing left behind.

    python server.py            then one JSON object a line on standard input: {"do": name in judge.py, ...arguments}

Answers, one JSON object a line on standard output: `status` (exit status, or None), `signal`, `seconds` (of processor
time), `late` (it had to be stopped), `memory` (bytes, the most that the child or a process it started had resident),
`answer` (what the judge returned), `error` (a traceback).
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

SECONDS, MEMORY = 5.0, 2**30
PATIENCE = 12
"""Wall-clock limit over that of processor time: the machine may have other things to do."""


def serve() -> None:
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
    from hostile import judge

    judge.warm()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    for line in sys.stdin:
        job = json.loads(line)
        out.write(json.dumps(_forked(judge, job)) + "\n")
        out.flush()


def _forked(judge: Any, job: dict[str, Any]) -> dict[str, Any]:
    seconds = job.pop("seconds", SECONDS)
    read, write = os.pipe()
    end = time.monotonic() + PATIENCE * seconds
    child = os.fork()
    if not child:
        os.close(read)
        _child(judge, job, write, seconds)
    os.close(write)
    data, late = b"", False
    with os.fdopen(read, "rb", buffering=0) as pipe:
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                late = True
                break
            part = pipe.read(1 << 20)
            if not part:
                break
            data += part
    if late:
        os.killpg(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    told = json.loads(data) if data and not late else {}
    return {
        "status": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "seconds": used.ru_utime + used.ru_stime, "late": late, "memory": used.ru_maxrss * 1024,
        "answer": told.get("answer"), "error": told.get("error", ""),
    }  # fmt: skip


def _child(judge: Any, job: dict[str, Any], write: int, seconds: float) -> None:
    """The job, and the end of this process."""
    told: dict[str, Any] = {}
    try:
        os.setpgid(0, 0)
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        told["answer"] = getattr(judge, job.pop("do"))(**job)
    except BaseException:
        told["error"] = traceback.format_exc()
    try:
        with os.fdopen(write, "wb") as pipe:
            pipe.write(json.dumps(told).encode())
    finally:
        os._exit(1 if "error" in told else 0)


class Server:
    """The process above, started; use it in a `with` block."""

    def __init__(self) -> None:
        threads = {name: "1" for name in ("DEADLIGHT_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **threads},
        )  # fmt: skip

    def ask(self, **job: Any) -> dict[str, Any]:
        """One job and how it ended."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the fork server itself ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


if __name__ == "__main__":
    serve()
