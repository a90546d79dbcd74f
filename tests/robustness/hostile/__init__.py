"""Hostile input: sound files of every format, recipes that spoil them, mutants, slow readers that share no code."""
