"""Tails of the laws that figures are judged by, from the standard library alone.

Loading scipy for a few functions would take longer than the drift of a million rows.
"""

import math
from statistics import NormalDist

_SMALL = 1e-300
_EPSILON = 1e-16
_MOST_TERMS = 100_000
_TURN = 1.18
# Below it the chance differs from 1 by less than a double can tell.
_NEVER = 0.05


def chi_square_tail(statistic: float, freedom: int) -> float:
    """Return the chance of a chi-square value at least this large; 1 without degrees of freedom.

    Formula: the regularised incomplete gamma function ``Q(freedom / 2, statistic / 2)``, as a series below
    its mode and as a continued fraction above. Source: DLMF 8.11.4 and 8.9.2. Relative error: below 1e-10
    for up to 10,000 degrees of freedom.
    """
    a, x = freedom / 2, statistic / 2
    if freedom <= 0 or x <= 0:
        return 1.0
    if math.isinf(x):
        return 0.0
    height = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1.0 - height * _series(a, x) if x < a + 1 else height * _fraction(a, x)


def kolmogorov_tail(distance: float, n: int, m: int) -> float:
    """Return the asymptotic chance of a two-sample distance at least this large.

    Formula: ``2 sum((-1)^(k-1) exp(-2 k^2 t^2))`` with ``t = sqrt(n m / (n + m)) distance``; for small t
    by the theta function's other series. Source: Smirnov (1939); Marsaglia, Tsang and Wang (2003). With
    fewer than about 100 values on a side it is too careful.
    """
    t = math.sqrt(n * m / (n + m)) * distance
    if t < _NEVER:
        return 1.0
    if t < _TURN:
        step = math.exp(-((math.pi / t) ** 2) / 8)
        return 1.0 - math.sqrt(2 * math.pi) / t * (step + step**9 + step**25 + step**49)
    step = math.exp(-2 * t * t)
    return 2 * (step - step**4 + step**9 - step**16)


def normal_quantile(share: float) -> float:
    """Return the standard normal value below which this share lies. Source: Wichura (1988), AS 241."""
    return NormalDist().inv_cdf(share)


def student_tail(distance: float, freedom: float) -> float:
    """Return the chance of a value of Student's law at least this far from 0, on either side.

    Formula: the regularised incomplete beta function ``I_x(freedom / 2, 1 / 2)`` with
    ``x = freedom / (freedom + distance^2)``, as a continued fraction. Source: DLMF 8.17.22.
    """
    square = distance * distance
    if math.isinf(square):
        return 0.0
    a, b = freedom / 2, 0.5
    x, rest = freedom / (freedom + square), square / (freedom + square)
    if not rest:
        return 1.0
    height = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x)
    weight = math.exp(height + b * math.log(rest))
    # Beyond the law's middle the fraction of the other side converges faster.
    if x < (a + 1) / (a + b + 2):
        return weight * _beta_fraction(x, a, b) / a
    return 1.0 - weight * _beta_fraction(rest, b, a) / b


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    for k in range(1, _MOST_TERMS):
        term *= x / (a + k)
        total += term
        if term < total * _EPSILON:
            break
    return total


def _fraction(a: float, x: float) -> float:
    """Return the continued fraction by Lentz's method, as modified by Thompson and Barnett (1986)."""
    b = x + 1 - a
    c, d = 1 / _SMALL, 1 / b
    value = d
    for k in range(1, _MOST_TERMS):
        factor = -k * (k - a)
        b += 2
        d = 1 / _nonzero(factor * d + b)
        c = _nonzero(b + factor / c)
        value *= c * d
        if abs(c * d - 1) < _EPSILON * 10:
            break
    return value


def _beta_fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function, by the same method."""
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value = d
    for k in range(1, _MOST_TERMS):
        for factor in (
            k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
            -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1)),
        ):
            d = 1 / _nonzero(1 + factor * d)
            c = _nonzero(1 + factor / c)
            value *= c * d
        if abs(c * d - 1) < _EPSILON * 10:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _SMALL else _SMALL
