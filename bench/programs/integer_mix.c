/* Integer work of several kinds in turn: a bitwise CRC, a sort, a matrix product, a sieve, long products,
 * divisions. */
#include "bench.h"

#define WORDS 256u
#define SIDE 24u
#define SIEVE 4096u

static uint32_t words[WORDS];
static int32_t left[SIDE * SIDE], right[SIDE * SIDE];
static uint8_t composite[SIEVE];

static void fill(uint32_t *random)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        words[i] = next_random(random);
    }
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        left[i] = (int32_t)next_random(random) >> 16;
        right[i] = (int32_t)next_random(random) >> 16;
    }
}

/* CRC-32 with the reflected polynomial, a bit at a time. */
static uint32_t crc_of_words(void)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (uint32_t i = 0; i < WORDS; i++) {
        crc ^= words[i];
        for (uint32_t bit = 0; bit < 32u; bit++) {
            crc = (crc >> 1) ^ ((crc & 1u) != 0u ? 0xEDB88320u : 0u);
        }
    }
    return crc;
}

static void sort_words(void)
{
    for (uint32_t gap = WORDS / 2u; gap > 0u; gap /= 2u) {
        for (uint32_t i = gap; i < WORDS; i++) {
            const uint32_t moved = words[i];
            uint32_t at = i;
            while (at >= gap && words[at - gap] > moved) {
                words[at] = words[at - gap];
                at -= gap;
            }
            words[at] = moved;
        }
    }
}

static uint32_t product_sum(void)
{
    uint32_t sum = 0u;
    for (uint32_t row = 0; row < SIDE; row++) {
        for (uint32_t column = 0; column < SIDE; column++) {
            int32_t cell = 0;
            for (uint32_t k = 0; k < SIDE; k++) {
                cell += (left[row * SIDE + k] * right[k * SIDE + column]) >> 8;
            }
            sum = checksum_add(sum, (uint32_t)cell);
        }
    }
    return sum;
}

static uint32_t count_primes(void)
{
    for (uint32_t i = 0; i < SIEVE; i++) {
        composite[i] = 0u;
    }
    uint32_t primes = 0u;
    for (uint32_t i = 2; i < SIEVE; i++) {
        if (composite[i] != 0u) {
            continue;
        }
        primes++;
        for (uint32_t multiple = i * i; multiple < SIEVE; multiple += i) {
            composite[multiple] = 1u;
        }
    }
    return primes;
}

static uint32_t long_arithmetic(void)
{
    uint64_t total = 0u;
    for (uint32_t i = 1; i < WORDS; i++) {
        const uint32_t divisor = (words[i] >> 12) | 1u;
        total += (uint64_t)words[i] * words[i - 1u];
        total ^= (total << 13) | (total >> 51);
        total += words[i - 1u] / divisor + words[i - 1u] % divisor + (uint32_t)__builtin_clz(divisor);
    }
    return (uint32_t)total ^ (uint32_t)(total >> 32);
}

uint32_t bench_run(uint32_t repeat)
{
    uint32_t random = 7u;
    uint32_t checksum = CHECKSUM_START;
    for (uint32_t round = 0; round < repeat; round++) {
        fill(&random);
        checksum = checksum_add(checksum, crc_of_words());
        checksum = checksum_add(checksum, long_arithmetic());
        sort_words();
        checksum = checksum_add(checksum, words[WORDS / 2u]);
        checksum = checksum_add(checksum, product_sum());
        checksum = checksum_add(checksum, count_primes());
    }
    return checksum;
}
