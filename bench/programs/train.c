/* The training step of the paper's network, of windows of 100x3: one batch a repeat, on made-up data. The
 * layers and the trainer are the firmware's own sources. BENCH_MODE chooses what is trained. */
#include "arena_plan.h"
#include "bench.h"
#include "train_batch.h"

#ifndef BENCH_MODE
#define BENCH_MODE TRAIN_MODE_FULL
#endif

#define WINDOW_LENGTH 100u
#define WINDOWS 32u
#define LEARNING_RATE 0.01f
#define ARENA_BYTES (256u * 1024u)

_Alignas(8) static unsigned char arena[ARENA_BYTES];

static void fill_floats(float *to, uint32_t count, float scale, uint32_t *random)
{
    for (uint32_t i = 0; i < count; i++) {
        to[i] = ((float)(next_random(random) >> 8) * (1.0f / 16777216.0f) - 0.5f) * scale;
    }
}

static void fill_arena(const arena_plan *plan)
{
    uint32_t random = 1u;
    fill_floats(arena_floats(arena, plan->parameters), NETWORK_PARAMETERS, 0.25f, &random);
    fill_floats(arena_floats(arena, plan->windows), WINDOWS * plan->window_floats, 4.0f, &random);
    uint32_t *labels = arena_words(arena, plan->labels);
    for (uint32_t i = 0; i < WINDOWS; i++) {
        labels[i] = (next_random(&random) >> 16) % NETWORK_CLASSES;
    }
}

static uint32_t bits_of(float value)
{
    const union {
        float value;
        uint32_t bits;
    } view = {.value = value};
    return view.bits;
}

uint32_t bench_run(uint32_t repeat)
{
    arena_plan plan;
    if (arena_plan_make(&plan, WINDOW_LENGTH, BENCH_MODE, WINDOWS) != ARENA_PLAN_OK
        || plan.used_bytes > sizeof arena) {
        return 0u;
    }
    fill_arena(&plan);
    uint32_t checksum = CHECKSUM_START;
    for (uint32_t batch = 0; batch < repeat; batch++) {
        checksum = checksum_add(checksum, bits_of(train_batch(&plan, arena, WINDOWS, LEARNING_RATE)));
    }
    const float *parameters = arena_floats(arena, plan.parameters);
    for (uint32_t i = 0; i < NETWORK_PARAMETERS; i++) {
        checksum = checksum_add(checksum, bits_of(parameters[i]));
    }
    return checksum;
}
