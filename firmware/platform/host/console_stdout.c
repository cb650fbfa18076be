/* The console of a host build: stdout. Not part of any firmware image. */
#include "../console.h"

#include <stdio.h>

void console_write(const char *text)
{
    (void)fputs(text, stdout);
}
