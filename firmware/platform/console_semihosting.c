/* The console of a board or emulator: SYS_WRITE0. */
#include "console.h"

#include "semihosting.h"

void console_write(const char *text)
{
    (void)semihosting_call(SEMIHOSTING_SYS_WRITE0, (uint32_t)(uintptr_t)text);
}
