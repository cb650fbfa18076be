/* exp and log in single precision, in an order of operations that NUMERICS.md fixes to the bit.
 *
 * Not a general mathematics library: the ranges are those that softmax and its loss need.
 * Every constant can be overridden by -D, so that a test can build a firmware that is wrong by one constant.
 */
#ifndef M4LAB_ELEMENTARY_H
#define M4LAB_ELEMENTARY_H

#ifndef ELEMENTARY_LOG2E
#define ELEMENTARY_LOG2E 1.44269504f
#endif
/* ln 2 in two parts: the high one has so few bits that n * HIGH is exact for every exponent n. */
#ifndef ELEMENTARY_LN2_HIGH
#define ELEMENTARY_LN2_HIGH 0.693359375f
#endif
#ifndef ELEMENTARY_LN2_LOW
#define ELEMENTARY_LN2_LOW (-2.12194440e-4f)
#endif
/* ELEMENTARY_EXP_Cn is the Taylor coefficient of r^n, 1/n!. */
#ifndef ELEMENTARY_EXP_C7
#define ELEMENTARY_EXP_C7 (1.0f / 5040.0f)
#endif
#ifndef ELEMENTARY_EXP_C6
#define ELEMENTARY_EXP_C6 (1.0f / 720.0f)
#endif
#ifndef ELEMENTARY_EXP_C5
#define ELEMENTARY_EXP_C5 (1.0f / 120.0f)
#endif
#ifndef ELEMENTARY_EXP_C4
#define ELEMENTARY_EXP_C4 (1.0f / 24.0f)
#endif
#ifndef ELEMENTARY_EXP_C3
#define ELEMENTARY_EXP_C3 (1.0f / 6.0f)
#endif
#ifndef ELEMENTARY_EXP_C2
#define ELEMENTARY_EXP_C2 0.5f
#endif
#ifndef ELEMENTARY_SQRT2
#define ELEMENTARY_SQRT2 1.41421354f
#endif

/* e^x. Below -87 it is +0, above 88 +infinity; a NaN comes back. No subnormal result is produced. */
float elementary_exp(float x);

/* Natural logarithm of a positive, normal, finite s. Anything else is outside its domain. */
float elementary_log(float s);

#endif
