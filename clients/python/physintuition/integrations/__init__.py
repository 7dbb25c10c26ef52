"""Adapters for trainers of language models, one module each.

None imports its trainer before it is asked for its classes; docs/trainers.md says which to take, with what flags.
"""
