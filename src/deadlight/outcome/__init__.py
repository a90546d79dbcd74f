"""What becomes of a cracked pane: the pieces its cracks cut off, and whether each of them stays in its seat."""
