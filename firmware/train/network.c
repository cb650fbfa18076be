/* The lengths of every layer, derived from the window's. */
#include "network.h"

layer_status network_describe(network_layers *layers, uint32_t length)
{
    if (length < NETWORK_MIN_LENGTH || length > NETWORK_MAX_LENGTH) {
        return LAYER_BAD_SHAPE;
    }
    layers->conv1.in_channels = NETWORK_CHANNELS;
    layers->conv1.filters = NETWORK_CONV1_FILTERS;
    layers->conv1.kernel = NETWORK_KERNEL;
    layers->conv1.in_length = length;
    layers->relu1.count = NETWORK_CONV1_FILTERS * conv1d_out_length(&layers->conv1);
    layers->pool1.channels = NETWORK_CONV1_FILTERS;
    layers->pool1.pool = NETWORK_POOL;
    layers->pool1.in_length = conv1d_out_length(&layers->conv1);

    layers->conv2.in_channels = NETWORK_CONV1_FILTERS;
    layers->conv2.filters = NETWORK_CONV2_FILTERS;
    layers->conv2.kernel = NETWORK_KERNEL;
    layers->conv2.in_length = avgpool1d_out_length(&layers->pool1);
    layers->relu2.count = NETWORK_CONV2_FILTERS * conv1d_out_length(&layers->conv2);
    layers->pool2.channels = NETWORK_CONV2_FILTERS;
    layers->pool2.pool = NETWORK_POOL;
    layers->pool2.in_length = conv1d_out_length(&layers->conv2);

    layers->gap.channels = NETWORK_CONV2_FILTERS;
    layers->gap.in_length = avgpool1d_out_length(&layers->pool2);
    layers->flatten.channels = NETWORK_CONV2_FILTERS;
    layers->flatten.length = 1u;
    layers->dense1.inputs = NETWORK_CONV2_FILTERS;
    layers->dense1.outputs = NETWORK_DENSE1_UNITS;
    layers->relu3.count = NETWORK_DENSE1_UNITS;
    layers->dense2.inputs = NETWORK_DENSE1_UNITS;
    layers->dense2.outputs = NETWORK_CLASSES;
    layers->softmax.count = NETWORK_CLASSES;
    return LAYER_OK;
}
