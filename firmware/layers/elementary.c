/* exp by range reduction and a Taylor polynomial, log by the series of atanh. See NUMERICS.md. */
#include "elementary.h"

#include <stdint.h>

typedef union {
    float value;
    uint32_t bits;
} float_bits;

float elementary_exp(float x)
{
    if (x < -87.0f) {
        return 0.0f;
    }
    if (x > 88.0f) {
        const float_bits infinity = {.bits = 0x7F800000u};
        return infinity.value;
    }
    if (x != x) { /* a NaN must not reach the conversion to an integer, which C leaves undefined */
        return x;
    }
    const float t = x * ELEMENTARY_LOG2E;
    const int32_t n = (int32_t)(t < 0.0f ? t - 0.5f : t + 0.5f);
    const float n_float = (float)n;
    float r = x - n_float * ELEMENTARY_LN2_HIGH;
    r = r - n_float * ELEMENTARY_LN2_LOW;

    float p = ELEMENTARY_EXP_C7;
    p = p * r + ELEMENTARY_EXP_C6;
    p = p * r + ELEMENTARY_EXP_C5;
    p = p * r + ELEMENTARY_EXP_C4;
    p = p * r + ELEMENTARY_EXP_C3;
    p = p * r + ELEMENTARY_EXP_C2;
    p = p * r + 1.0f;
    p = p * r + 1.0f;

    /* n lies in -126..127 here, so the biased exponent is that of a normal number. */
    const float_bits power = {.bits = (uint32_t)(n + 127) << 23};
    return p * power.value;
}

float elementary_log(float s)
{
    const float_bits input = {.value = s};
    int32_t e = (int32_t)(input.bits >> 23) - 127;
    const float_bits mantissa = {.bits = (input.bits & 0x007FFFFFu) | 0x3F800000u};
    float m = mantissa.value;
    if (m > ELEMENTARY_SQRT2) {
        m = m * 0.5f;
        e = e + 1;
    }
    const float f = m - 1.0f;
    const float t = f / (2.0f + f);
    const float z = t * t;

    float p = 1.0f / 9.0f;
    p = p * z + 1.0f / 7.0f;
    p = p * z + 1.0f / 5.0f;
    p = p * z + 1.0f / 3.0f;
    p = p * z + 1.0f;

    const float q = (t * p) * 2.0f;
    const float e_float = (float)e;
    return e_float * ELEMENTARY_LN2_HIGH + (q + e_float * ELEMENTARY_LN2_LOW);
}
