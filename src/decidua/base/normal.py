"""The standard normal quantile, by which one uniform number at one address becomes one normal number."""

from __future__ import annotations

import math

from decidua.base.compiled import compiled, compiled_in_place

Eight = tuple[float, float, float, float, float, float, float, float]

# coefficients of r^0 to r^7, above and below the line
_MIDDLE = (
    (
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ),
    (
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ),
)
_SHOULDER = (
    (
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.7454501427834140764e-4,
    ),
    (
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)
_TAIL = (
    (
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ),
    (
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)


@compiled
def normal_quantile(u: float) -> float:
    """The standard score below which a share u of a normal distribution lies.

    Rational approximations in three ranges, relative error below 1e-15. One number in, one number out: no
    second number is left over, so addresses stay independent of one another.

    Arguments:  u  above 0 and below 1
    Returns:    standard score
    Source:     algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477
    Checked by: tests/unit/base/test_address.py, against SciPy
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * (_polynomial(r, _MIDDLE[0]) / _polynomial(r, _MIDDLE[1]))
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        z = _polynomial(r - 1.6, _SHOULDER[0]) / _polynomial(r - 1.6, _SHOULDER[1])
    else:
        z = _polynomial(r - 5.0, _TAIL[0]) / _polynomial(r - 5.0, _TAIL[1])
    return -z if q < 0.0 else z


@compiled_in_place
def _polynomial(r: float, c: Eight) -> float:
    """Pairs of terms side by side: term after term, each would wait for the one before."""
    r2 = r * r
    low = (c[0] + c[1] * r) + (c[2] + c[3] * r) * r2
    high = (c[4] + c[5] * r) + (c[6] + c[7] * r) * r2
    return low + high * (r2 * r2)
