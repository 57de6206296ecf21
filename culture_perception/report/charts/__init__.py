"""Charts of a report, drawn by matplotlib: as SVG into the page, as PNG into a folder."""
