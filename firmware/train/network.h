/* The network that the firmware trains: its layers, their lengths for a window of N steps, and the
 * order of its parameters. It holds no memory; arena_plan.h says where things lie.
 *
 * window [3][N] -> conv1 32x3 -> ReLU -> pool 2 -> conv2 64x3 -> ReLU -> pool 2 -> global average
 *   -> flatten -> dense1 50 -> ReLU -> dense2 6 -> softmax
 */
#ifndef M4LAB_NETWORK_H
#define M4LAB_NETWORK_H

#include "avgpool1d.h"
#include "conv1d.h"
#include "dense.h"
#include "flatten.h"
#include "globalavgpool1d.h"
#include "relu.h"
#include "softmax.h"

#define NETWORK_CHANNELS 3u
#define NETWORK_KERNEL 3u
#define NETWORK_POOL 2u
#define NETWORK_CONV1_FILTERS 32u
#define NETWORK_CONV2_FILTERS 64u
#define NETWORK_DENSE1_UNITS 50u
#define NETWORK_CLASSES 6u

#define NETWORK_MIN_LENGTH 10u /* the shortest window that leaves the second pool one sample */
#define NETWORK_MAX_LENGTH 128u

/* Where each tensor begins in the flat parameter vector, in floats. Gradients keep the same order. */
#define NETWORK_CONV1_W 0u
#define NETWORK_CONV1_B (NETWORK_CONV1_W + NETWORK_CONV1_FILTERS * NETWORK_CHANNELS * NETWORK_KERNEL)
#define NETWORK_CONV2_W (NETWORK_CONV1_B + NETWORK_CONV1_FILTERS)
#define NETWORK_CONV2_B (NETWORK_CONV2_W + NETWORK_CONV2_FILTERS * NETWORK_CONV1_FILTERS * NETWORK_KERNEL)
#define NETWORK_DENSE1_W (NETWORK_CONV2_B + NETWORK_CONV2_FILTERS)
#define NETWORK_DENSE1_B (NETWORK_DENSE1_W + NETWORK_DENSE1_UNITS * NETWORK_CONV2_FILTERS)
#define NETWORK_DENSE2_W (NETWORK_DENSE1_B + NETWORK_DENSE1_UNITS)
#define NETWORK_DENSE2_B (NETWORK_DENSE2_W + NETWORK_CLASSES * NETWORK_DENSE1_UNITS)
#define NETWORK_PARAMETERS (NETWORK_DENSE2_B + NETWORK_CLASSES)

_Static_assert(NETWORK_PARAMETERS == 10084u, "the flat parameter vector has 10,084 values");

/* Every layer of the network for one window length, in forward order. */
typedef struct {
    conv1d_params conv1;
    relu_params relu1;
    avgpool1d_params pool1;
    conv1d_params conv2;
    relu_params relu2;
    avgpool1d_params pool2;
    globalavgpool1d_params gap;
    flatten_params flatten;
    dense_params dense1;
    relu_params relu3;
    dense_params dense2;
    softmax_params softmax;
} network_layers;

/* Fills `layers` for windows of `length` steps.
 * LAYER_BAD_SHAPE if length is outside NETWORK_MIN_LENGTH..NETWORK_MAX_LENGTH. */
layer_status network_describe(network_layers *layers, uint32_t length);

#endif
