"""What the Displays need before they draw: colours, and a fitted transformer."""

from sklearn.utils.validation import check_is_fitted

# Okabe and Ito's palette, told apart with any colour vision, without its yellow, which is faint.
CLASS_COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5A5A5A"]


def check_bottleneck(bottleneck):
    """Refuse what is no bottleneck, or not fitted yet."""
    if not hasattr(bottleneck, "mutual_info_interval") or not hasattr(bottleneck, "transform"):
        raise TypeError(
            f"bottleneck={bottleneck!r:.80} must be a fitted InformationBottleneck. Of a pipeline "
            "pass that step, such as pipeline[-1]."
        )
    check_is_fitted(bottleneck)
