"""Torch adapters: segment-anything and open_clip behind the pure core's protocols."""
