/* main on the host that runs the benchmark: the same programs, native, for comparison. */
#include <stdlib.h>

#include "bench.h"
#include "console.h"

#define NO_REPEAT_STATUS 2

int main(int count, char **words)
{
    const unsigned long repeat = count == 2 ? strtoul(words[1], NULL, 10) : 0u;
    if (repeat == 0u || repeat > 0xFFFFFFFFu) {
        console_write("the only argument is how often, 1 or more\n");
        return NO_REPEAT_STATUS;
    }
    const uint32_t checksum = bench_run((uint32_t)repeat);
    console_write("checksum ");
    console_write_hex(checksum);
    console_write("\n");
    return 0;
}
