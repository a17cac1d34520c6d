"""Cholesky's factor of a matrix of gigabytes, a block at a time.

The library's own routine counts in 32 bits and fails beyond some 23,000 rows of single precision; products of blocks do
not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

Array = Any

BLOCK = 2048


def factor(matrix: Array) -> Array:
    """The lower factor L of a positive definite matrix, L @ L.T = matrix, which is overwritten. Above L is rubbish."""
    size = len(matrix)
    for start in range(0, size, BLOCK):
        end = min(start + BLOCK, size)
        corner = np.linalg.cholesky(matrix[start:end, start:end])
        matrix[start:end, start:end] = corner
        if end == size:
            break
        below = scipy.linalg.solve_triangular(corner, matrix[end:, start:end].T, lower=True, check_finite=False).T
        matrix[end:, start:end] = below
        for column in range(end, size, BLOCK):
            rows = below[column - end :]
            matrix[column:, column : column + BLOCK] -= rows @ below[column - end : column - end + BLOCK].T
    return matrix


def forward(lower: Array, right: Array, start: int = 0) -> Array:
    """L^-1 right for the rows from `start` on, where `right` is 0 above them."""
    found = right.copy()
    for row in range(start, len(lower), BLOCK):
        end = min(row + BLOCK, len(lower))
        here = slice(row - start, end - start)
        found[here] -= lower[row:end, start:row] @ found[: row - start]
        found[here] = scipy.linalg.solve_triangular(
            np.tril(lower[row:end, row:end]), found[here], lower=True, check_finite=False
        )
    return found


def backward(lower: Array, right: Array) -> Array:
    """L^-T right."""
    found = right.copy()
    for row in reversed(range(0, len(lower), BLOCK)):
        end = min(row + BLOCK, len(lower))
        found[row:end] -= lower[end:, row:end].T @ found[end:]
        found[row:end] = scipy.linalg.solve_triangular(
            np.tril(lower[row:end, row:end]), found[row:end], lower=True, trans="T", check_finite=False
        )
    return found


def corner_of_inverse(lower: Array, rows: Array) -> Array:
    """The rows and columns `rows` (rising) of the inverse of L @ L.T."""
    start = int(rows[0])
    picked = np.zeros((len(lower) - start, len(rows)), dtype=lower.dtype)
    picked[rows - start, np.arange(len(rows))] = 1
    solved = forward(lower, picked, start)
    return solved.T @ solved
