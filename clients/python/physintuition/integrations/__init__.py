"""Adapters for trainers of language models, one module each: trl, verl, ms_swift, skyrl, verifiers, nemo_gym, tinker, vagen.

None imports its trainer before it is asked for the trainer's classes; docs/trainers.md says which to take and with what flags.
"""
