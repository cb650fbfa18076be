/* Where every buffer lies in the arena: a bump plan, one buffer after another, 4-byte multiples, no padding.
 *
 *   parameters | gradients | windows | labels | probabilities | activations | errors
 *
 * The plan holds byte offsets, not pointers, so that arena and plan together are a checkpoint.
 * Activations belong to one window at a time; the window itself serves as the first layer's input.
 */
#ifndef M4LAB_ARENA_PLAN_H
#define M4LAB_ARENA_PLAN_H

#include "network.h"

#define TRAIN_MODE_TL 0u   /* transfer learning: dense1 and dense2 are trained, conv1 and conv2 are frozen */
#define TRAIN_MODE_FULL 1u /* every parameter is trained */

#define ARENA_MAX_CAPACITY 1024u /* windows; keeps every size within 32 bits */

typedef enum {
    ARENA_PLAN_OK = 0,
    ARENA_PLAN_BAD_LENGTH = -1,
    ARENA_PLAN_BAD_MODE = -2,
    ARENA_PLAN_BAD_CAPACITY = -3
} arena_plan_status;

/* A byte range of the arena. bytes is 0 for a buffer that the mode does not need. */
typedef struct {
    uint32_t offset;
    uint32_t bytes;
} arena_span;

typedef struct {
    network_layers layers;
    uint32_t mode;          /* TRAIN_MODE_TL or TRAIN_MODE_FULL */
    uint32_t capacity;      /* windows */
    uint32_t window_floats; /* elements of one window */
    uint32_t first_trained; /* index of the first trained value in the parameter vector; trained to its end */
    uint32_t used_bytes;    /* of the whole plan */

    arena_span parameters;    /* NETWORK_PARAMETERS floats, always at offset 0 */
    arena_span gradients;     /* of the trained parameters alone, in the vector's order */
    arena_span windows;       /* [capacity][3][N] */
    arena_span labels;        /* [capacity], uint32_t */
    arena_span probabilities; /* [capacity][6] */

    arena_span conv1_out; /* ReLU has been applied in place, as in conv2_out and dense1_out */
    arena_span pool1_out;
    arena_span conv2_out;
    arena_span pool2_out;
    arena_span gap_out;
    arena_span dense1_out;
    arena_span logits;

    /* Gradients of the loss by the buffers above. TL plans the first two alone. */
    arena_span d_logits;
    arena_span d_dense1;
    arena_span d_gap;
    arena_span d_pool2;
    arena_span d_conv2;
    arena_span d_pool1;
    arena_span d_conv1;
} arena_plan;

/* Plans for windows of `length` steps and batches of up to `capacity` (1..ARENA_MAX_CAPACITY).
 * Callable anywhere, before there is any arena. On an error the plan's contents are unspecified. */
arena_plan_status arena_plan_make(arena_plan *plan, uint32_t length, uint32_t mode, uint32_t capacity);

/* The buffer of a span. `arena` is aligned to 4 bytes and holds at least used_bytes. */
static inline float *arena_floats(unsigned char *arena, arena_span span)
{
    return (float *)(void *)(arena + span.offset);
}

static inline uint32_t *arena_words(unsigned char *arena, arena_span span)
{
    return (uint32_t *)(void *)(arena + span.offset);
}

#endif
