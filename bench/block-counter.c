/* The cheapest hook on every translated block that Unicorn can have: a C function that counts. A library for
 * unicorn-run.mjs. */
#include <stdint.h>

static uint64_t blocks;

void m4lab_count_block(void *engine, uint64_t address, uint32_t bytes, void *user)
{
    (void)engine;
    (void)address;
    (void)bytes;
    (void)user;
    blocks++;
}

uint64_t m4lab_blocks(void)
{
    return blocks;
}
