/**
 * What a layer of the reference network is: its shape, its arithmetic, its memory and its cost.
 * A layer works on one window at a time; tensors are channel-major float32, `x[c * length + t]`.
 * It is not a general tensor library: there are no strides, no batches and no other types.
 */

/** Size of a tensor. A vector has length 1 and one channel an element. */
export interface Shape {
  readonly channels: number;
  readonly length: number;
}

/** The number of elements of a tensor of this shape. */
export function sizeOf(shape: Shape): number {
  return shape.channels * shape.length;
}

/**
 * How often each operation type runs, by the type's name (`conv1d.forward.mac`). Every type is
 * declared once in its layer's file; one cycle coefficient a type makes the linear cost model.
 */
export type OperationCounts = Readonly<Record<string, number>>;

/** The arithmetic that one operation of a type stands for. What is left out is zero. */
export interface Arithmetic {
  readonly multiply?: number;
  readonly add?: number;
  readonly divide?: number;
  readonly compare?: number;
  readonly exp?: number;
  readonly log?: number;
}

/** One operation type: a piece of a loop which takes about the same cycles wherever it stands. */
export interface OperationType {
  /** In words, what is counted. */
  readonly what: string;
  readonly arithmetic: Arithmetic;
}

/** What a layer executes for one window. A phase that the layer lacks is empty. */
export interface LayerCost {
  readonly forward: OperationCounts;
  /** The gradients of weights and biases; counted only where the layer is trained. */
  readonly backwardWeights: OperationCounts;
  /** The gradient of the layer's input; counted only where something below needs it. */
  readonly backwardInput: OperationCounts;
}

/**
 * Where a layer's output lives: in a buffer of its own, over its input, as another view of its
 * input, or in the batch's buffer of probabilities.
 */
export type Storage = 'own' | 'in-place' | 'view' | 'probabilities';

/** Float32 elements that the layer asks for; four bytes each. */
export interface LayerMemory {
  readonly parameters: number;
  /** The stored output of one window. */
  readonly activations: number;
  /** The gradient of that output; needed only where the backward pass comes through. */
  readonly errors: number;
  /** Per window of the batch. */
  readonly probabilities: number;
}

/** One tensor of parameters, in the order of the flat vector. */
export interface ParameterTensor {
  readonly name: 'w' | 'b';
  readonly shape: readonly number[];
  /** Inputs and outputs of one unit, for Glorot's initial range. Zero for a bias, which starts at 0. */
  readonly fanIn: number;
  readonly fanOut: number;
}

/** One layer of the description of a network. */
export interface LayerDescription {
  readonly kind: string;
  readonly name: string;
  readonly options: Readonly<Record<string, number>>;
}

/** What every layer tells of itself, loss layer or not. */
export interface LayerFacts {
  readonly kind: string;
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  readonly parameters: readonly ParameterTensor[];
  readonly storage: Storage;
  readonly cost: LayerCost;
  /** y = f(x). `p` holds the layer's own parameters; `y` is `x` itself where the storage says so. */
  forward(x: Float32Array, p: Float32Array, y: Float32Array): void;
}

/** A layer between the window and the loss. */
export interface HiddenLayer extends LayerFacts {
  readonly isLoss: false;
  /** Adds the gradients of one window to `dp`, laid out as `p`. Does nothing without parameters. */
  backwardWeights(x: Float32Array, dy: Float32Array, dp: Float32Array): void;
  /** Overwrites `dx`. `y` is the stored output; `dx` is `dy` itself where the storage says so. */
  backwardInput(p: Float32Array, y: Float32Array, dy: Float32Array, dx: Float32Array): void;
}

/** The last layer: gives probabilities, a loss and the gradient of that loss. */
export interface LossLayer extends LayerFacts {
  readonly isLoss: true;
  /** The loss of one window whose true class is `label`; `x` is the layer's input. */
  loss(x: Float32Array, label: number): number;
  /** Overwrites `dx` with the gradient of the loss by the layer's input; `y` are the probabilities. */
  backwardLoss(y: Float32Array, label: number, dx: Float32Array): void;
}

export type Layer = HiddenLayer | LossLayer;

/** A kind of layer: its name, what its description must give, its operation types and its maker. */
export interface LayerKind {
  readonly kind: string;
  /** Names of the options, each a positive integer. */
  readonly options: readonly string[];
  readonly operations: Readonly<Record<string, OperationType>>;
  /** Throws RangeError when the input is too short for the layer. */
  create(description: LayerDescription, input: Shape): Layer;
}

/** The value of an option; RangeError when the description lacks it or it is no positive integer. */
export function option(description: LayerDescription, name: string): number {
  const value = description.options[name];
  if (value === undefined || !Number.isInteger(value) || value < 1) {
    throw new RangeError(`layer ${description.name}: option ${name} is ${value}, not a positive integer`);
  }
  return value;
}

/** Elements in one tensor of parameters. */
export function parameterTensorSize(tensor: ParameterTensor): number {
  return tensor.shape.reduce((product, n) => product * n, 1);
}

/** The float32 elements that a layer needs, by kind. */
export function memoryOf(layer: LayerFacts): LayerMemory {
  const stored = layer.storage === 'own' ? sizeOf(layer.output) : 0;
  return {
    parameters: layer.parameters.reduce((sum, tensor) => sum + parameterTensorSize(tensor), 0),
    activations: stored,
    errors: stored,
    probabilities: layer.storage === 'probabilities' ? sizeOf(layer.output) : 0,
  };
}
