/* main on the emulated board: how often comes from semihosting's command line, its last word. So one ELF
 * serves every amount of work. */
#include "bench.h"
#include "console.h"
#include "semihosting.h"

#define SYS_GET_CMDLINE 0x15u
#define LINE_BYTES 160u
#define NO_REPEAT_STATUS 2

static char line[LINE_BYTES];

/* The number that the command line ends with; 0 if it ends with none. */
static uint32_t repeat_of(const char *text)
{
    uint32_t value = 0u;
    for (; *text != '\0'; text++) {
        const char digit = *text;
        value = digit >= '0' && digit <= '9' ? value * 10u + (uint32_t)(digit - '0') : 0u;
    }
    return value;
}

int main(void)
{
    const uint32_t block[2] = {(uint32_t)(uintptr_t)line, LINE_BYTES};
    const uint32_t failed = semihosting_call(SYS_GET_CMDLINE, (uint32_t)(uintptr_t)block);
    const uint32_t repeat = failed == 0u ? repeat_of(line) : 0u;
    if (repeat == 0u) {
        console_write("the command line must end with how often, 1 or more\n");
        return NO_REPEAT_STATUS;
    }
    const uint32_t checksum = bench_run(repeat);
    console_write("checksum ");
    console_write_hex(checksum);
    console_write("\n");
    return 0;
}
