"""Cracks through a thin pane under its membrane stress: many of them, that turn, fork and meet."""
