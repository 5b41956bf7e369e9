"""Random changes of images in training: shifts and flips, of each image on its own."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from random_image_fits import IMAGES, LABELS, fit, random_images, refuses
from small_fits import apart, make_loss, make_settings
from torch import nn

from sklearn_mi._engine._batches import MemberBatches, MemberData
from sklearn_mi._engine._training import train
from sklearn_mi._inputs._augmentation import SHIFT, Augmentation
from sklearn_mi.modules import ModuleStack


def changed(kinds, image, n=2000, seed=0):
    """Many copies of one image (channels, height, width), each changed at random."""
    copies = torch.as_tensor(image).expand(n, *image.shape).clone()
    return Augmentation(kinds)(copies, torch.Generator().manual_seed(seed)).numpy()


def numbered(shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def translations(image):
    """All shifts of an image that are allowed, its border repeated."""
    down, right = (max(1, size // SHIFT) for size in image.shape[1:])
    padded = np.pad(image, [(0, 0), (down, down), (right, right)], mode="edge")
    height, width = image.shape[1:]
    return [
        padded[:, top : top + height, left : left + width]
        for top in range(2 * down + 1)
        for left in range(2 * right + 1)
    ]


def counts(results, outcomes):
    """How many of the results are each of the outcomes, which differ."""
    found = {outcome.tobytes(): 0 for outcome in outcomes}
    assert len(found) == len(outcomes)
    for result in results:
        found[result.tobytes()] += 1
    return np.array(list(found.values()))


def assert_even(count):
    expected = count.sum() / len(count)
    assert_allclose(count, expected, atol=5 * np.sqrt(expected))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 7), (2, 28, 14), (1, 3, 42), (1, 2, 2)])
def test_a_shift_is_a_translation_with_its_border_repeated(shape):
    image = numbered(shape)
    assert_even(counts(changed(["shift"], image), translations(image)))


@pytest.mark.parametrize("size, most", [(1, 1), (13, 1), (14, 1), (27, 1), (28, 2), (56, 4)])
def test_a_shift_is_at_most_a_fourteenth_and_at_least_up_to_one_pixel(size, most):
    column = changed(["shift"], numbered((1, size, 1)))[:, 0, size // 2, 0] - size // 2
    row = changed(["shift"], numbered((1, 1, size)))[:, 0, 0, size // 2] - size // 2
    reach = min(most, size - 1)
    for steps in (column, row):
        assert set(steps) == set(range(-reach, reach + 1))


def test_a_flip_mirrors_half_of_the_images():
    image = numbered((2, 4, 5))
    assert_even(counts(changed(["flip"], image), [image, image[:, :, ::-1]]))


def test_flip_and_shift_go_together():
    image = numbered((2, 4, 5))
    moved = translations(image)
    both = [*moved, *(one[:, :, ::-1] for one in moved)]
    assert_even(counts(changed(["flip", "shift"], image, n=4000), both))


@pytest.mark.parametrize("kinds", [["shift"], ["flip"], ["shift", "flip"]])
def test_every_image_of_every_member_is_changed_on_its_own(kinds):
    X = torch.as_tensor(numbered((2, 6, 6))).expand(3, 40, 2, 6, 6)
    before = X.clone()
    out = Augmentation(kinds)(X, torch.Generator().manual_seed(0))
    assert out.shape == X.shape and torch.equal(X, before)
    assert len({tuple(member.flatten().tolist()) for member in out}) == 3
    assert all(len(member.unique(dim=0)) > 1 for member in out)


@pytest.mark.parametrize("kinds", [["shift"], ["flip"], {"shift", "flip"}])
def test_changes_come_from_the_generator_alone(kinds, torch_left_alone):
    with torch_left_alone():
        first, again, other = (changed(kinds, numbered((1, 8, 8)), 50, seed) for seed in (0, 0, 1))
    assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_kinds_in_any_order_are_the_same():
    image = numbered((1, 8, 8))
    assert_array_equal(changed(["shift", "flip"], image), changed(("flip", "shift"), image))


def test_no_kinds_leave_images_as_they_are():
    image = numbered((1, 8, 8))
    assert_array_equal(changed([], image, 3), np.stack([image] * 3))


@pytest.mark.parametrize("memory", ["rows", "channels last"])
def test_batches_of_changed_images_keep_their_labels(memory):
    members = apart(3, n_train=10, n_held=4)
    X = torch.as_tensor(numbered((42, 2, 5, 5)))
    if memory == "channels last":
        X = X.contiguous(memory_format=torch.channels_last)
    before, data = X.clone(), MemberData(X, torch.arange(42), None, members)
    augment = Augmentation(["shift", "flip"])
    batches = list(MemberBatches(data, 4, torch.Generator(), augment))
    plain = list(MemberBatches(data, 4, torch.Generator()))
    assert [X.shape for X, _ in batches] == [X.shape for X, _ in plain]
    for out, (rows,) in batches:
        for image, row in zip(out.flatten(0, 1), rows.flatten(), strict=True):
            assert image.max() // 50 == image.min() // 50 == row  # pixels of that image only
    assert torch.equal(X, before)


class Watching(nn.Sequential):
    """A network that notes the brightest pixel of every batch in training and in scoring."""

    seen = {True: [], False: []}

    def __init__(self, n_channels, n_classes):
        super().__init__(nn.Flatten(), nn.Linear(n_channels * 16, n_classes))

    def forward(self, x):
        self.seen[self.training].append(float(x.max()))
        return super().forward(x)


def test_training_batches_alone_are_changed():
    members = apart(2, n_train=20, n_held=6)
    data = MemberData(torch.rand(52, 1, 4, 4), torch.arange(52) % 3, None, members)
    stack = ModuleStack(Watching, 2, (1, 4, 4), 3)
    brightened = make_settings(augment=lambda images, generator: images + 100)
    Watching.seen.update({True: [], False: []})
    train(stack, [make_loss("ce")], data, [brightened], 0)
    assert min(Watching.seen[True]) > 99
    assert max(Watching.seen[False]) <= 1
    assert data.X.max() <= 1


def pixels_network(n_channels, n_classes):
    """Knows a pixel by its place alone, and at first none."""
    linear = nn.Linear(36 * n_channels, n_classes)
    nn.init.zeros_(linear.weight)
    return nn.Sequential(nn.Flatten(), linear)


CHANGES = {"flip": lambda X: np.flip(X, 3), "shift": lambda X: np.roll(X, 1, axis=2)}


@pytest.mark.parametrize("kind", CHANGES)
def test_what_was_learnt_holds_for_changed_images(kind):
    X, y = 0.1 * random_images(160, (1, 6, 6)), np.arange(160) % 2
    X[y == 1, :, 2, 1] += 1
    params = {"module": pixels_network, "optimizer": torch.optim.SGD}
    params |= {"learning_rate_init": 0.3, "max_iter": 20}
    plain, changing = (fit(X, y, augmentation=kinds, **params) for kinds in (None, [kind]))
    assert plain.score(X, y) > 0.95 and changing.score(X, y) > 0.95
    moved = CHANGES[kind](X)
    assert plain.score(moved, y) < 0.7 and changing.score(moved, y) > 0.95


@pytest.mark.parametrize("kind", ["shift", "flip"])
def test_the_random_state_decides_on_the_changes(kind, torch_left_alone):
    with torch_left_alone():
        first, again = (fit(IMAGES, LABELS, augmentation=[kind], max_iter=3) for _ in range(2))
    assert first.loss_curve_ == again.loss_curve_
    assert_array_equal(first.predict_proba(IMAGES), again.predict_proba(IMAGES))
    assert first.loss_curve_ != fit(IMAGES, LABELS, max_iter=3).loss_curve_


@pytest.mark.parametrize("augmentation", [["rotate"], ("shift", "zoom"), {"Flip"}])
def test_an_unknown_kind_of_change_is_refused(augmentation):
    words = f"augmentation={augmentation!r}", "'shift'", "'flip'"
    refuses(lambda: fit(IMAGES, LABELS, augmentation=augmentation), *words)


def test_the_name_of_a_change_goes_into_a_list():
    refuses(lambda: fit(IMAGES, LABELS, augmentation="shift"), "augmentation", "Got 'shift'")


def test_a_table_cannot_be_shifted():
    refuses(
        lambda: fit(IMAGES[:, 0, 0], LABELS, augmentation=["shift"], module="auto"),
        "augmentation=['shift']",
        "X is a table",
        "image_shape",
    )
