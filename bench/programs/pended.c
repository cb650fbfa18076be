/* Interrupts that come at the same instruction everywhere: the program pends SysTick by ICSR.PENDSTSET about
 * every 1,000 cycles of its own work. */
#include "bench.h"

#define ICSR (*(volatile uint32_t *)0xE000ED04u) /* Armv7-M ARM, B3.2.4 */
#define ICSR_PENDSTSET (1u << 26)
#define INTERRUPTS 100u
#define ROUNDS_BETWEEN 80u

void systick_handler(void);

static volatile uint32_t interrupts;
static volatile float smoothed;

/* Floating point in the handler, so that the lazy stacking of its registers is part of the work. */
void systick_handler(void)
{
    interrupts = interrupts + 1u;
    smoothed = smoothed * 0.875f + (float)(interrupts & 15u);
}

uint32_t bench_run(uint32_t repeat)
{
    uint32_t random = 5u;
    uint32_t checksum = CHECKSUM_START;
    float level = 1.0f;
    for (uint32_t count = 0; count < repeat * INTERRUPTS; count++) {
        for (uint32_t round = 0; round < ROUNDS_BETWEEN; round++) {
            const uint32_t word = next_random(&random);
            level = level * 0.5f + (float)(word >> 24);
            checksum = checksum_add(checksum, (word >> 7) ^ (uint32_t)level);
        }
        ICSR = ICSR_PENDSTSET;
        __asm volatile("dsb\n\tisb" ::: "memory");
        checksum = checksum_add(checksum, interrupts + (uint32_t)smoothed);
    }
    return checksum;
}
