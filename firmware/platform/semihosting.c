/* The end of a program, told to whoever serves semihosting. */
#include "semihosting.h"

void semihosting_exit(uint32_t status)
{
    if (status == 0u) {
        (void)semihosting_call(SEMIHOSTING_SYS_EXIT, SEMIHOSTING_STOPPED_APPLICATION_EXIT);
    } else {
        const uint32_t block[2] = {SEMIHOSTING_STOPPED_APPLICATION_EXIT, status};
        (void)semihosting_call(SEMIHOSTING_SYS_EXIT_EXTENDED, (uint32_t)(uintptr_t)block);
    }
    for (;;) { /* a debugger that lets the program go on finds it resting here */
        __asm volatile("" ::: "memory");
    }
}
