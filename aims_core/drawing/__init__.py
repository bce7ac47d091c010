"""Pictures as SVG text: the lifecycle, the risk matrix and bars. Standard library only.

Every picture stands on its own white ground, so it reads the same on light and dark pages; it says
in words and shapes what it says in colour; its identifiers come from its content, so that two
pictures on one page do not meet and the same picture has the same bytes.
"""

from aims_core.drawing.charts import bars_svg, heatmap_svg
from aims_core.drawing.lifecycle_chart import lifecycle_svg

__all__ = ["bars_svg", "heatmap_svg", "lifecycle_svg"]
