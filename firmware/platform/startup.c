/* From reset to main on a Cortex-M4F: vector table, FPU, .data and .bss. The same for every board; the
 * linker script alone knows addresses. No clock is set up: a program runs at the reset clock. No device
 * interrupt is enabled anywhere, so the table ends with SysTick. (Armv7-M ARM, DDI 0403, B1.5.2, B1.5.3.) */
#include <stdint.h>

#include "console.h"
#include "semihosting.h"

#define CPACR (*(volatile uint32_t *)0xE000ED88u) /* Coprocessor Access Control Register, B3.2.20 */
#define CPACR_CP10_CP11_FULL (0xFu << 20)

#define UNHANDLED_EXCEPTION_STATUS 70u

/* Set by the linker script. */
extern uint32_t __stack_top[];
extern uint32_t __data_load[], __data_start[], __data_end[];
extern uint32_t __bss_start[], __bss_end[];

int main(void);

_Noreturn void reset_handler(void);
void unhandled_exception(void);
void svc_handler(void) __attribute__((weak, alias("unhandled_exception")));
void systick_handler(void) __attribute__((weak, alias("unhandled_exception")));

typedef union {
    uint32_t *stack;
    void (*handler)(void);
} vector;

extern const vector m4lab_vectors[16];
__attribute__((section(".vectors"), used)) const vector m4lab_vectors[16] = {
    {.stack = __stack_top},
    {.handler = reset_handler},
    {.handler = unhandled_exception}, /* NMI */
    {.handler = unhandled_exception}, /* HardFault */
    {.handler = unhandled_exception}, /* MemManage */
    {.handler = unhandled_exception}, /* BusFault */
    {.handler = unhandled_exception}, /* UsageFault */
    {.handler = 0},
    {.handler = 0},
    {.handler = 0},
    {.handler = 0},
    {.handler = svc_handler},
    {.handler = unhandled_exception}, /* DebugMonitor */
    {.handler = 0},
    {.handler = unhandled_exception}, /* PendSV */
    {.handler = systick_handler},
};

static void enable_fpu(void)
{
    CPACR |= CPACR_CP10_CP11_FULL;
    __asm volatile("dsb\n\tisb" ::: "memory");
}

void reset_handler(void)
{
    enable_fpu();
    const uint32_t *from = __data_load;
    for (uint32_t *to = __data_start; to < __data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = __bss_start; to < __bss_end; to++) {
        *to = 0u;
    }
    semihosting_exit((uint32_t)main());
}

/* An exception that the program did not expect ends it, and says which one it was. */
void unhandled_exception(void)
{
    uint32_t ipsr;
    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    console_write("unhandled exception ");
    console_write_decimal(ipsr);
    console_write("\n");
    semihosting_exit(UNHANDLED_EXCEPTION_STATUS);
}
