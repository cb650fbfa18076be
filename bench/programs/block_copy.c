/* memcpy and memset as the C library has them, over blocks short and long, aligned and not. */
#include <string.h>

#include "bench.h"

#define BYTES 16384u
#define SHORT_BLOCKS 64u

static uint32_t source_words[BYTES / 4u + 4u], target_words[BYTES / 4u + 4u];

uint32_t bench_run(uint32_t repeat)
{
    unsigned char *const source = (unsigned char *)source_words;
    unsigned char *const target = (unsigned char *)target_words;
    uint32_t random = 3u;
    uint32_t checksum = CHECKSUM_START;
    for (uint32_t i = 0; i < sizeof source_words / 4u; i++) {
        source_words[i] = next_random(&random);
    }
    for (uint32_t round = 0; round < repeat; round++) {
        memset(target, (int)(round & 0xFFu), BYTES);
        memcpy(target, source, BYTES / 2u);
        memcpy(target + BYTES / 2u + 1u, source + 2u, BYTES / 4u);
        for (uint32_t block = 0; block < SHORT_BLOCKS; block++) {
            const uint32_t at = (next_random(&random) >> 16) % (BYTES - 64u);
            memcpy(target + at, source + (at ^ 5u), (random >> 8) % 48u);
            memset(source + at, (int)(random >> 24), (random >> 4) % 24u);
        }
        checksum = checksum_add(checksum, target_words[(next_random(&random) >> 16) % (BYTES / 4u)]);
    }
    for (uint32_t i = 0; i < BYTES / 4u; i++) {
        checksum = checksum_add(checksum, target_words[i]);
    }
    return checksum;
}
