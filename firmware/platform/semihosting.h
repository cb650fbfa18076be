/* Arm semihosting on an M-profile core: BKPT 0xAB with the operation in r0 and its argument in r1.
 * Operation numbers: Arm, "Semihosting for AArch32 and AArch64", chapters 7 and 8. On silicon a debugger
 * must be attached to serve it; without one BKPT escalates to HardFault. */
#ifndef M4LAB_SEMIHOSTING_H
#define M4LAB_SEMIHOSTING_H

#include <stdint.h>

#define SEMIHOSTING_SYS_WRITE0 0x04u
#define SEMIHOSTING_SYS_EXIT 0x18u
#define SEMIHOSTING_SYS_EXIT_EXTENDED 0x20u
#define SEMIHOSTING_STOPPED_APPLICATION_EXIT 0x20026u

/* One call. `argument` is an address or a value, as the operation defines. Returns r0. */
static inline uint32_t semihosting_call(uint32_t operation, uint32_t argument)
{
    register uint32_t r0 __asm("r0") = operation;
    register uint32_t r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

/* Ends the program: SYS_EXIT for status 0, SYS_EXIT_EXTENDED, which can carry a status, for any other. */
_Noreturn void semihosting_exit(uint32_t status);

#endif
