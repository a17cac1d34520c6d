"""The factor by blocks (tests/eval/blocks.py) against numpy's whole one."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("scipy")

from tests.eval import blocks  # noqa: E402


@pytest.mark.parametrize("size", [1, 7, blocks.BLOCK, blocks.BLOCK + 300])
def test_factor_solutions_and_corners_are_those_of_the_whole_matrix(size: int) -> None:
    chance = np.random.default_rng(5)
    rows = chance.standard_normal((size, 12))
    matrix = rows @ rows.T + np.eye(size)
    goal = chance.standard_normal((size, 3))
    picked = np.arange(size)[size // 3 :: 5]

    lower = blocks.factor(matrix.copy())

    assert np.allclose(np.tril(lower), np.linalg.cholesky(matrix))
    assert np.allclose(blocks.backward(lower, blocks.forward(lower, goal)), np.linalg.solve(matrix, goal))
    assert np.allclose(blocks.corner_of_inverse(lower, picked), np.linalg.inv(matrix)[np.ix_(picked, picked)])
