"""Hostile input: sound files of every format, recipes that spoil them, mutants, slow readers that know nothing of src/."""
