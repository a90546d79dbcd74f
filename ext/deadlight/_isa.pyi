openmp: bool
best: int
