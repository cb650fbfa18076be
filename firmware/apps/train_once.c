/* One batch of each mode on made-up data, and checksums of what came out. Needs no link, so the same source
 * runs on a board, under QEMU and on a host, where it must print the same lines to the bit.
 *
 * Data: s = s * 1664525 + 1013904223 (mod 2^32), from s = 1 for each mode; a value is
 * (s >> 8) / 2^24 - 0.5, times 0.25 for a parameter and times 4 for a sample; a label is (s >> 16) % 6.
 * Order: all parameters, all windows, all labels. Checksum: 32-bit FNV-1a over little-endian bytes.
 */
#include "arena_plan.h"
#include "console.h"
#include "evaluation.h"
#include "train_batch.h"

#define WINDOW_LENGTH 20u
#define WINDOWS 32u
#define LEARNING_RATE 0.05f
#define ARENA_BYTES (120u * 1024u)

_Alignas(8) static unsigned char arena[ARENA_BYTES];

typedef struct {
    uint32_t state;
} generator;

static uint32_t next_word(generator *from)
{
    from->state = from->state * 1664525u + 1013904223u;
    return from->state;
}

static void fill_floats(float *to, uint32_t count, float scale, generator *from)
{
    for (uint32_t i = 0; i < count; i++) {
        to[i] = ((float)(next_word(from) >> 8) * (1.0f / 16777216.0f) - 0.5f) * scale;
    }
}

static void fill_arena(const arena_plan *plan)
{
    generator from = {.state = 1u};
    fill_floats(arena_floats(arena, plan->parameters), NETWORK_PARAMETERS, 0.25f, &from);
    fill_floats(arena_floats(arena, plan->windows), WINDOWS * plan->window_floats, 4.0f, &from);
    uint32_t *labels = arena_words(arena, plan->labels);
    for (uint32_t i = 0; i < WINDOWS; i++) {
        labels[i] = (next_word(&from) >> 16) % NETWORK_CLASSES;
    }
}

static uint32_t checksum(arena_span span)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < span.bytes; i++) {
        hash = (hash ^ arena[span.offset + i]) * 16777619u;
    }
    return hash;
}

static uint32_t bits_of(float value)
{
    const union {
        float value;
        uint32_t bits;
    } view = {.value = value};
    return view.bits;
}

static void report(const char *mode, const char *what, uint32_t value)
{
    console_write(mode);
    console_write(what);
    console_write_hex(value);
    console_write("\n");
}

static int run_mode(const char *name, uint32_t mode)
{
    arena_plan plan;
    if (arena_plan_make(&plan, WINDOW_LENGTH, mode, WINDOWS) || plan.used_bytes > sizeof arena) {
        console_write("the plan does not fit the arena\n");
        return 1;
    }
    fill_arena(&plan);
    report(name, " initial parameters ", checksum(plan.parameters));
    report(name, " windows            ", checksum(plan.windows));
    report(name, " loss bits          ", bits_of(train_batch(&plan, arena, WINDOWS, LEARNING_RATE)));
    report(name, " gradients          ", checksum(plan.gradients));
    report(name, " parameters         ", checksum(plan.parameters));
    report(name, " loss bits after    ", bits_of(evaluate_batch(&plan, arena, WINDOWS)));
    report(name, " probabilities      ", checksum(plan.probabilities));
    return 0;
}

int main(void)
{
    return run_mode("tl", TRAIN_MODE_TL) || run_mode("full", TRAIN_MODE_FULL);
}
