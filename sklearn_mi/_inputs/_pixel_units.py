"""What the pixels of a fit meant, and whether those of other images mean the same."""

import numpy as np

USUAL_RANGES = [(0, 1), (-0.5, 0.5), (-1, 1), (0, 255), (-128, 127), (0, 65535)]
WHITES = 1 / 255, 1  # what white may be where it should be 255 times as much
FAR = 8  # times brighter than what could be white, where noise and contrast are no excuse
NEAR = 1e-2  # of the width of a usual range, within which its end counts as reached
SLIGHTLY_NEGATIVE = 0.1  # of white, as noise and interpolation leave behind


class PixelUnits:
    """The units of the images of a fit.

    uint8 pixels are divided by 255, unless they are 0 and 1 alone, which are a mask: 1 is then as
    white as True, 1.0, and 255 among bytes.

    Parameters
    ----------
    X : ndarray of shape (n, channels, height, width)

    Attributes
    ----------
    low, high : float
        Of all pixels, divided where they were.
    darkest, palest : float
        The highest pixel of the darkest image that is not black; the lowest of the palest image.
    narrower : list of tuple of float
        Usual ranges that no image of the fit lies within, or nearly.
    """

    def __init__(self, X):
        images, self.dtype = X.reshape(len(X), -1), X.dtype
        lows, highs = (each.astype(float) for each in (images.min(axis=1), images.max(axis=1)))
        self.divided = X.dtype == np.uint8 and highs.max() > 1
        white = 255 if self.divided else 1
        self.low, self.high = lows.min() / white, highs.max() / white
        self.darkest = highs[highs > 0].min(initial=np.inf) / white if self.high > 0 else 0.0
        self.palest = lows.max() / white
        lows, highs = lows / white, highs / white
        self.narrower = [
            (a, b)
            for a, b in USUAL_RANGES
            if not ((lows >= a) & (highs <= b) | _fills(lows, highs, (a, b))).any()
        ]
        self.whole = not self.divided and _whole(X)
        self.mask = self.low >= 0 and self.high in (0, 1) and bool(np.isin(X, (0, white)).all())

    def to_float(self, X, check=True):
        """float32 pixels in the units of the fit.

        Raises
        ------
        ValueError
            If a pixel of X would mean something else than one of the fit.
        """
        white = self._white(X)
        if check and self._others_than(X, white):
            raise ValueError(self._sentence(X))
        return X / np.float32(255) if white == 255 else X.astype(np.float32, copy=False)

    def _others_than(self, X, white):
        low, high = float(X.min()) / white, float(X.max()) / white
        if low == high == 0 and (self.low >= 0 or X.dtype.kind == "f"):
            return False  # black is black in any units
        whole = white == 1 and _whole(X)
        return (
            self._other_type(X, white)
            or self._too_dark(X, high)
            or self._too_bright(max(-low, high), whole)
            or self._shifted(low, high, whole)
            or self._other_usual_range(low, high)
        )

    def _white(self, X):
        bytes_of_a_mask = X.max() > 127 if self.mask else True
        return 255 if X.dtype == np.uint8 and bytes_of_a_mask else 1

    def _other_type(self, X, white):
        """Whether the type of X alone says that its units are others."""
        if X.dtype == np.uint8:
            return white == 255 and not self.divided and (self.low < 0 or self.high > 1)
        if X.dtype.kind in "iu" and self.divided and not self.mask:
            return True
        return X.dtype.kind in "iub" and self.low < 0 and not self.whole

    def _too_dark(self, X, high):
        """Whether X goes up to a smaller white, far below the darkest image of the fit."""
        whites = WHITES if X.dtype == self.dtype else (*WHITES, 255)
        return any(w / 64 <= high <= w * (1 + 1e-6) and self.darkest >= FAR * w for w in whites)

    def _too_bright(self, peak, whole):
        own = max(-self.low, self.high)
        if own > 1:
            far = own <= 255 and peak > FAR * 255
            return far or (peak > 2 * own and whole and not self.whole)
        limit = min(2, 16 * own) if self.divided else 2
        limit = min(limit, 32 / 255) if 0 < own <= 1 / 255 else limit
        limit = min(limit, 2 * own) if self.low <= -0.45 else limit
        return peak > limit or (peak > 1 and whole)

    def _shifted(self, low, high, whole):
        """Whether zero is elsewhere: negative pixels where there were none, or none any more."""
        if self.low < 0:
            shrunk = self.whole and 0 < high <= self.darkest / FAR**1.5 and not whole
            return self.palest < 0 <= low < high or shrunk
        white = max(1.0, self.high)
        far_too_dark = low < 0 and high <= self.darkest / FAR
        return far_too_dark or low < -white or (low < -SLIGHTLY_NEGATIVE * white and high <= white)

    def _other_usual_range(self, low, high):
        filled = [usual for usual in USUAL_RANGES if _fills(low, high, usual)]
        if any(usual in self.narrower for usual in filled):
            return True
        fills_one = any(_fills(self.low, self.high, usual) for usual in USUAL_RANGES)
        width = self.high - self.low
        beyond = low < self.low - width / 4 or high > self.high + width / 4
        return bool(filled) and fills_one and beyond

    def _sentence(self, X):
        divided = ", divided by 255" if self.divided else ""
        white = 255 if self.divided else 1
        return (
            f"X has {X.dtype} pixels from {float(X.min()):g} up to {float(X.max()):g}, but the "
            f"images of the fit had {self.dtype} pixels from {self.low * white:g} to "
            f"{self.high * white:g}{divided}, so that the same number would mean another shade. "
            f"{self._remedy()}"
        )

    def _remedy(self):
        if self.mask:
            return "Pass images of 0 and 1, such as X / X.max(), or uint8 of 0 and 255."
        if self.divided:
            return "Pass uint8 from 0 to 255, or X / 255 of other types."
        if self.low >= 0 and self.high <= 1:
            return "Pass floats in [0, 1], such as X / 255 where X goes to 255."
        return 'Pass X in the units of the fit, such as X.astype("float32") if these went to 255.'


def _whole(X):
    return X.dtype.kind in "iub" or bool((np.round(X) == X).all())


def _fills(low, high, usual):
    """Whether pixels reach both ends of a usual range, and go no further."""
    reach = NEAR * (usual[1] - usual[0])
    return (abs(low - usual[0]) <= reach) & (abs(high - usual[1]) <= reach)
