/* Work that SysTick interrupts every 1,000 cycles of the core's clock, by the timer itself. The work is the
 * same everywhere, the number of interrupts is not: QEMU's timer goes by the host's clock, or by instructions
 * with -icount. So the ticks are a note beside the checksum, and each must have left the work unharmed. */
#include "bench.h"
#include "console.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u) /* Armv7-M ARM, B3.3 */
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define SYST_CSR_CORE_CLOCK_INTERRUPT_ENABLE 7u
#define TICK_CYCLES 1000u
#define ROUNDS 1000u

void systick_handler(void);

static volatile uint32_t ticks;
static volatile float smoothed;

/* Floating point in the handler, so that the lazy stacking of its registers is part of the work. */
void systick_handler(void)
{
    ticks = ticks + 1u;
    smoothed = smoothed * 0.875f + (float)(ticks & 15u);
}

uint32_t bench_run(uint32_t repeat)
{
    uint32_t random = 5u;
    uint32_t checksum = CHECKSUM_START;
    float level = 1.0f;
    SYST_RVR = TICK_CYCLES - 1u;
    SYST_CVR = 0u;
    SYST_CSR = SYST_CSR_CORE_CLOCK_INTERRUPT_ENABLE;
    for (uint32_t round = 0; round < repeat * ROUNDS; round++) {
        const uint32_t word = next_random(&random);
        level = level * 0.5f + (float)(word >> 24);
        checksum = checksum_add(checksum, (word >> 7) ^ (uint32_t)level);
    }
    SYST_CSR = 0u;
    console_write("note: ticks ");
    console_write_decimal(ticks);
    console_write("\n");
    return checksum;
}
