/* What every layer shares: its status, the sizes it reports and the mark of a measurable function.
 *
 * A layer is one .h and one .c. It owns no memory and keeps no state: the caller gives every buffer.
 * Tensors are channel-major float32, x[c][t] at index c * length + t. Arguments stand in the order
 * outputs, inputs, sizes; `dx` is the gradient of the loss by `x`. NUMERICS.md fixes the order of
 * operations; it is part of each function's contract.
 */
#ifndef M4LAB_LAYER_H
#define M4LAB_LAYER_H

#include <stdint.h>

/* A function the host measures by its symbol: it must neither be inlined nor cloned under another name. */
#define LAYER_PHASE __attribute__((noinline, noclone))

/* Largest value of any one dimension. Three of them times four bytes still fit 32 bits. */
#define LAYER_MAX_DIMENSION 512u

typedef enum {
    LAYER_OK = 0,
    LAYER_BAD_SHAPE = -1 /* a dimension is 0, above LAYER_MAX_DIMENSION, or does not fit the others */
} layer_status;

/* All in bytes, each a multiple of 4. */
typedef struct {
    uint32_t weights; /* weights and biases */
    uint32_t saved;   /* the output, which the backward pass reads again */
    uint32_t scratch; /* working memory beyond the two */
} layer_sizes;

static inline int layer_dimension_ok(uint32_t value)
{
    return value >= 1u && value <= LAYER_MAX_DIMENSION;
}

#endif
