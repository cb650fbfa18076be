/* What a program of the benchmark is: one function, the same work again and again, and a number in the end
 * that depends on all of it. main_board.c and main_host.c ask for it and print it. */
#ifndef M4LAB_BENCH_H
#define M4LAB_BENCH_H

#include <stdint.h>

/* Does the program's work `repeat` times (1 or more) and returns its checksum. */
uint32_t bench_run(uint32_t repeat);

/* 32-bit FNV-1a, a word at a time; start with CHECKSUM_START. */
#define CHECKSUM_START 2166136261u

static inline uint32_t checksum_add(uint32_t checksum, uint32_t word)
{
    return (checksum ^ word) * 16777619u;
}

/* Numbers without a pattern: Numerical Recipes' generator, whose upper bits are the good ones. */
static inline uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state;
}

#endif
