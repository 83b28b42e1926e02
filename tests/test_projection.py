"""Taking a variable out of features: what was planted goes, what is orthogonal stays, the control does neither."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_score

from kit.analysis import projection

RNG = np.random.default_rng(0)
N = 1200
SHAPE, TEXTURE = RNG.normal(size=(N, 3)), RNG.normal(size=(N, 4))
MIX = RNG.normal(size=(7, 20))
FEATURES = np.hstack([SHAPE, TEXTURE]) @ MIX + 0.3 * RNG.normal(size=(N, 20)) + RNG.normal(size=20)
LEARN, TEST = slice(N // 2), slice(N // 2, None)


def told(features, variable) -> float:
    """Cross-validated R² of a linear read-out; at or below 0, nothing is told."""
    return float(np.mean(cross_val_score(RidgeCV(np.logspace(-3, 3, 7)), features, variable, scoring="r2", cv=5)))


def test_the_removed_variable_cannot_be_read_on_new_trials_and_the_other_one_stays():
    eraser = projection.erase(FEATURES[LEARN], SHAPE[LEARN])
    left = eraser(FEATURES[TEST])
    assert told(FEATURES[TEST], SHAPE[TEST]) > 0.8 and told(FEATURES[TEST], TEXTURE[TEST]) > 0.8
    assert told(left, SHAPE[TEST]) <= 0.01
    assert told(left, TEXTURE[TEST]) > 0.9 * told(FEATURES[TEST], TEXTURE[TEST])


def test_where_it_was_learned_nothing_linear_is_left_at_all():
    left = projection.erase(FEATURES, SHAPE)(FEATURES)
    covariance = (left - left.mean(0)).T @ (SHAPE - SHAPE.mean(0)) / N
    assert np.abs(covariance).max() < 1e-10


def test_directions_go_in_order_and_random_ones_take_little_of_the_variable():
    eraser = projection.erase(FEATURES[LEARN], SHAPE[LEARN])
    assert len(eraser.correlation) == 3 and np.all(np.diff(eraser.correlation) <= 0) and eraser.correlation[0] > 0.9
    doses = [told(eraser(FEATURES[TEST], k), SHAPE[TEST]) for k in range(4)]
    assert np.all(np.diff(doses) < -0.2) and np.allclose(eraser(FEATURES, 0), FEATURES)
    control = projection.erase_random(FEATURES[LEARN], 3, rng=1)
    assert told(control(FEATURES[TEST]), SHAPE[TEST]) > doses[1]


def test_removing_twice_is_removing_once_and_the_mean_stays():
    eraser = projection.erase(FEATURES, SHAPE)
    once = eraser(FEATURES)
    assert np.allclose(eraser(once), once) and np.allclose(once.mean(0), FEATURES.mean(0))
    assert np.linalg.matrix_rank(once - once.mean(0)) == 17


def test_it_is_the_published_formula():
    """LEACE (Belrose et al. 2023, theorem 4.3): I - W⁺ P W, W = Σ^(-1/2), P onto the columns of W Σ_xz."""
    x, z = FEATURES - FEATURES.mean(0), SHAPE - SHAPE.mean(0)
    values, axes = np.linalg.eigh(x.T @ x / N)
    w, back = (axes * values**power @ axes.T for power in (-0.5, 0.5))
    q = np.linalg.qr(w @ x.T @ z / N)[0]
    published = np.eye(20) - back @ q @ q.T @ w
    assert np.allclose(projection.erase(FEATURES, SHAPE)(FEATURES) - FEATURES.mean(0), x @ published.T)


def test_a_curved_trace_survives():
    """What no linear read-out finds may still be there: the square of what was removed."""
    hidden = np.column_stack([SHAPE[:, 0], SHAPE[:, 0] ** 2, TEXTURE])
    left = projection.erase(hidden, SHAPE[:, 0])(hidden)
    assert told(left, SHAPE[:, 0]) <= 0.01 and told(left, SHAPE[:, 0] ** 2) > 0.9


def test_the_residual_needs_the_variable_and_leaves_nothing_of_it():
    left = projection.residual(FEATURES, SHAPE)
    assert np.abs(left.T @ SHAPE).max() < 1e-8 and np.abs(left.mean(0)).max() < 1e-10
    assert told(left, SHAPE) <= 0 and told(left, TEXTURE) > 0.8


def test_features_that_do_not_vary_in_all_directions_are_no_trouble():
    flat = FEATURES @ RNG.normal(size=(20, 30))  # rank 20 in 30 columns
    assert told(projection.erase(flat[LEARN], SHAPE[LEARN])(flat[TEST]), SHAPE[TEST]) <= 0.01


@pytest.mark.parametrize(
    ("features", "variable", "said"),
    [
        (FEATURES[:10], SHAPE[:10], "take more trials"),
        (FEATURES, SHAPE[:10], "a variable of n trials"),
        (FEATURES, np.full(N, np.nan), "must be finite"),
    ],
)
def test_what_cannot_be_erased_is_refused(features, variable, said):
    with pytest.raises(ValueError, match=said):
        projection.erase(features, variable)


def test_a_dose_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="4 directions cannot be removed; this eraser knows 3"):
        projection.erase(FEATURES, SHAPE)(FEATURES, 4)
