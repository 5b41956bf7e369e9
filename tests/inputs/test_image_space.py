"""Images to points and back."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from sklearn_mi._inputs._image_space import ImageSpace


@pytest.fixture(scope="module")
def digits():
    return load_digits().images[:300, None].astype(np.uint8)


def test_images_come_back_nearly_as_they_were(digits):
    space = ImageSpace().fit(digits)
    back = space.from_points(*space.to_points(digits, None), None)
    assert back.dtype == np.uint8
    assert back.shape == digits.shape
    rest = np.square(back.astype(float) - digits).sum()
    assert rest < 0.02 * np.square(digits - digits.mean(0)).sum()


def test_the_first_coordinate_has_unit_scale(digits):
    coordinates, levels = ImageSpace().fit(digits).to_points(digits, None)
    assert coordinates[:, 0].std(ddof=1) == pytest.approx(1, rel=1e-6)
    assert levels.shape == (300, 0)


def test_pixels_stay_in_their_range(digits):
    space = ImageSpace().fit(digits)
    far = 100 * np.random.RandomState(0).standard_normal((20, len(space.components_)))
    drawn = space.from_points(far, None, None)
    assert (drawn <= digits.max(0)).all()
    assert (drawn >= digits.min(0)).all()


def test_masks_come_back_as_masks_and_units_are_those_of_the_fit():
    masks = np.random.RandomState(0).rand(60, 1, 4, 4) < 0.1
    space = ImageSpace().fit(masks)
    coordinates, levels = space.to_points(masks, None)
    back = space.from_points(coordinates, levels, None)
    assert abs(back.mean() - masks.mean()) < 0.05
    bright = (np.random.RandomState(0).rand(60, 1, 4, 4) * 255).astype(np.uint8)
    space = ImageSpace().fit(bright)
    same = [space.to_points(images, None)[0] for images in (bright, bright / 255)]
    np.testing.assert_allclose(*same, atol=1e-5)
    with pytest.raises(ValueError, match="same number would mean another shade"):
        space.to_points(bright.astype(float), None)
