/* Exceptions at work: SVC with arguments in the stacked frame, and SysTick interrupting floating-point work.
 *
 * Every line printed is the same on any machine: how often main got round between two ticks is not printed,
 * only that its sum came out right each time, although the tick's handler uses the same FP registers.
 */
#include <stdint.h>

#include "console.h"

/* SysTick, Armv7-M ARM (DDI 0403), B3.3. */
#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define SYST_CSR_ENABLE (1u << 0)
#define SYST_CSR_TICKINT (1u << 1)
#define SYST_CSR_CLKSOURCE (1u << 2) /* the processor's clock */

#define TICK_CYCLES 20000u
#define TICKS_WANTED 5u
#define TERMS 64u

#define SVC_ADD 1
#define SVC_MULTIPLY 2

static volatile uint32_t ticks;
static volatile float tick_sum;

void svc_handler(void);
void svc_dispatch(uint32_t *frame);
void systick_handler(void);

/* Finds the frame that the caller was stacked in (EXC_RETURN bit 2: 0 main, 1 process stack; B1.5.8). */
__attribute__((naked)) void svc_handler(void)
{
    __asm volatile("tst lr, #4\n\t"
                   "ite eq\n\t"
                   "mrseq r0, msp\n\t"
                   "mrsne r0, psp\n\t"
                   "b svc_dispatch");
}

/* frame: r0 r1 r2 r3 r12 lr pc xpsr. The SVC's number is the low byte of the instruction before pc. */
__attribute__((used)) void svc_dispatch(uint32_t *frame)
{
    const uint8_t *next = (const uint8_t *)(uintptr_t)frame[6];
    const uint32_t number = next[-2];
    if (number == SVC_ADD) {
        frame[0] = frame[0] + frame[1];
    } else if (number == SVC_MULTIPLY) {
        frame[0] = frame[0] * frame[1];
    } else {
        frame[0] = 0xFFFFFFFFu;
    }
}

/* Adds in floating point, so that the interrupted code's FP registers must have been kept. */
void systick_handler(void)
{
    const uint32_t count = ticks + 1u;
    tick_sum = tick_sum + 0.5f * (float)count;
    ticks = count;
    if (count == TICKS_WANTED) {
        SYST_CSR = 0u;
    }
}

#define DEFINE_SVC(name, number)                                                                    \
    static uint32_t name(uint32_t a, uint32_t b)                                                    \
    {                                                                                               \
        register uint32_t r0 __asm("r0") = a;                                                       \
        register uint32_t r1 __asm("r1") = b;                                                       \
        __asm volatile("svc %2" : "+r"(r0) : "r"(r1), "i"(number) : "memory");                      \
        return r0;                                                                                  \
    }

DEFINE_SVC(svc_add, SVC_ADD)
DEFINE_SVC(svc_multiply, SVC_MULTIPLY)

/* 1 - 1/3 + 1/5 - ..., TERMS of them: about pi / 4. */
static float alternating_sum(void)
{
    float sum = 0.0f;
    float sign = 1.0f;
    for (uint32_t i = 0; i < TERMS; i++) {
        sum = sum + sign / (float)(2u * i + 1u);
        sign = -sign;
    }
    return sum;
}

static uint32_t bits_of(float value)
{
    const union {
        float value;
        uint32_t bits;
    } view = {.value = value};
    return view.bits;
}

static void report(const char *what, uint32_t value)
{
    console_write(what);
    console_write_decimal(value);
    console_write("\n");
}

int main(void)
{
    report("svc add 7 35: ", svc_add(7u, 35u));
    report("svc multiply 6 111: ", svc_multiply(6u, 111u));

    const uint32_t expected = bits_of(alternating_sum());
    uint32_t wrong = 0;
    SYST_RVR = TICK_CYCLES - 1u;
    SYST_CVR = 0u;
    SYST_CSR = SYST_CSR_CLKSOURCE | SYST_CSR_TICKINT | SYST_CSR_ENABLE;
    while (ticks < TICKS_WANTED) {
        if (bits_of(alternating_sum()) != expected) {
            wrong++;
        }
    }
    report("svc between ticks 40 2: ", svc_add(40u, 2u));

    report("ticks: ", ticks);
    console_write("sum of halves: ");
    console_write_hex(bits_of(tick_sum));
    console_write("\nalternating sum: ");
    console_write_hex(expected);
    report("\nwrong sums: ", wrong);
    return wrong == 0u ? 0 : 1;
}
