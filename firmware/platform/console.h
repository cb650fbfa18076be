/* Text out, one call a piece. Served by semihosting on a board or emulator, by stdout in a host build. */
#ifndef M4LAB_CONSOLE_H
#define M4LAB_CONSOLE_H

#include <stdint.h>

/* A zero-terminated string. */
void console_write(const char *text);

/* Exactly eight hexadecimal digits, lower case, after "0x". */
void console_write_hex(uint32_t value);

/* Decimal, no leading zeros. */
void console_write_decimal(uint32_t value);

#endif
