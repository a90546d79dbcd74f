"""From an impact, or the mark it left, to the cracks a window may have."""
