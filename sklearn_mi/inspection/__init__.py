"""Questions put to a fitted classifier about its rows, and boxes around what maps point at."""

from ._adversarial_robustness import adversarial_robustness
from ._boxes import bounding_boxes
from ._conditional_mutual_info import conditional_mutual_info
from ._feature_mutual_info import feature_mutual_info
from ._feature_mutual_info_display import FeatureMutualInfoDisplay
from ._info_cam import info_cam
from ._info_cam_display import InfoCAMDisplay
from ._label_quality import label_quality
from ._mutual_info_curve import mutual_info_curve
from ._mutual_info_curve_display import MutualInfoCurveDisplay
from ._robustness_display import RobustnessDisplay

__all__ = [
    "FeatureMutualInfoDisplay",
    "InfoCAMDisplay",
    "MutualInfoCurveDisplay",
    "RobustnessDisplay",
    "adversarial_robustness",
    "bounding_boxes",
    "conditional_mutual_info",
    "feature_mutual_info",
    "info_cam",
    "label_quality",
    "mutual_info_curve",
]
