/* Numbers as text; the same on every console. */
#include "console.h"

void console_write_hex(uint32_t value)
{
    char text[11];
    text[0] = '0';
    text[1] = 'x';
    for (uint32_t i = 0; i < 8u; i++) {
        const uint32_t digit = (value >> (28u - 4u * i)) & 0xFu;
        text[2u + i] = (char)(digit < 10u ? '0' + digit : 'a' + (digit - 10u));
    }
    text[10] = '\0';
    console_write(text);
}

void console_write_decimal(uint32_t value)
{
    char text[11];
    uint32_t at = sizeof text - 1u;
    text[at] = '\0';
    do {
        at--;
        text[at] = (char)('0' + value % 10u);
        value /= 10u;
    } while (value != 0u);
    console_write(text + at);
}
