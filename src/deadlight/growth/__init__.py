"""Growth: how fast a crack moves, and along which path."""
