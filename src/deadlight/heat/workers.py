"""How many threads a loop over nodes is worth."""

from __future__ import annotations

from deadlight import kernels

NODES_A_THREAD = 10_000  # below that, waking a thread costs more than the loop


def workers(n_nodes: int) -> int:
    """Threads for loops over n_nodes nodes; the numbers do not depend on it."""
    return max(1, min(kernels.threads(), n_nodes // NODES_A_THREAD))
