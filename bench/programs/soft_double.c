/* Arithmetic in double, which a Cortex-M4F does by library calls: a step of three coupled equations, a square
 * root by Newton's method, a compensated sum, and conversions. */
#include "bench.h"

#define STEPS 200u

static uint32_t bits_of(double value)
{
    const union {
        double value;
        uint64_t bits;
    } view = {.value = value};
    return (uint32_t)view.bits ^ (uint32_t)(view.bits >> 32);
}

static double root_of(double value)
{
    double root = value > 1.0 ? value * 0.5 : 1.0;
    for (uint32_t i = 0; i < 6u; i++) {
        root = (root + value / root) * 0.5;
    }
    return root;
}

uint32_t bench_run(uint32_t repeat)
{
    double x = 1.0, y = 1.0, z = 20.0, sum = 0.0, lost = 0.0;
    uint32_t checksum = CHECKSUM_START;
    for (uint32_t round = 0; round < repeat; round++) {
        for (uint32_t step = 0; step < STEPS; step++) {
            const double dx = 10.0 * (y - x);
            const double dy = x * (28.0 - z) - y;
            const double dz = x * y - z * (8.0 / 3.0);
            x += dx * 0.005;
            y += dy * 0.005;
            z += dz * 0.005;
            const double term = root_of(x * x + y * y + z * z) - lost;
            const double next = sum + term;
            lost = (next - sum) - term;
            sum = next;
        }
        checksum = checksum_add(checksum, bits_of(sum));
        checksum = checksum_add(checksum, (uint32_t)(int32_t)(x * 1000.0));
        checksum = checksum_add(checksum, (uint32_t)(int32_t)((float)z * 100.0f));
    }
    return checksum;
}
