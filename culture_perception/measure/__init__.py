"""Measures models on scenes of the evaluation products; needs no torch itself."""
