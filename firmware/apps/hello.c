/* The smallest program: one line on the console, exit status 0. */
#include "console.h"

int main(void)
{
    console_write("hello from m4lab\n");
    return 0;
}
