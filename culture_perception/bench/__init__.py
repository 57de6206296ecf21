"""Our recognition against segment-anything and CLIP called mask by mask: same run, same weights."""
