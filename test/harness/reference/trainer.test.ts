import { describe, expect, it } from 'vitest';
import { Trainer } from '../../../harness/reference/trainer.js';
import { exampleBatch, exampleNetwork } from './example.js';

const fl = Math.fround;
const { network, parameters } = exampleNetwork(20);
const { windows, labels } = exampleBatch(network, 8);
const bytes = (values: Float32Array) => Buffer.from(values.slice().buffer).toString('hex');

describe('a training step', () => {
  it('leaves frozen parameters byte for byte and changes the trained ones', () => {
    const trainer = new Trainer(network, 'tl', 0.01, parameters);
    trainer.trainBatch(windows, labels);
    expect(bytes(trainer.parameters.subarray(0, 6528))).toBe(bytes(parameters.subarray(0, 6528)));
    const full = new Trainer(network, 'full', 0.01, parameters);
    full.trainBatch(windows, labels);
    for (const tensor of network.tensors('full')) {
      const [from, to] = [tensor.parameterOffset, tensor.parameterOffset + tensor.count];
      const before = bytes(parameters.subarray(from, to));
      expect(bytes(full.parameters.subarray(from, to)), tensor.name).not.toBe(before);
      const isFrozen = bytes(trainer.parameters.subarray(from, to)) === before;
      expect(isFrozen, tensor.name).toBe(tensor.name.startsWith('conv'));
    }
  });

  it('gives transfer learning the very gradients that full training has for the same layers', () => {
    const tl = new Trainer(network, 'tl', 0.01, parameters);
    const full = new Trainer(network, 'full', 0.01, parameters);
    expect(tl.trainBatch(windows, labels)).toBe(full.trainBatch(windows, labels));
    expect(tl.gradients).toEqual(full.gradients.subarray(6528));
  });

  it('updates by the stated operations: scale first, then product, then difference', () => {
    const trainer = new Trainer(network, 'full', 0.01, parameters);
    trainer.trainBatch(windows.slice(0, 3), labels.slice(0, 3));
    const scale = fl(fl(0.01) / 3);
    const expected = parameters.map((w, i) => fl(w - fl(scale * (trainer.gradients[i] as number))));
    expect(trainer.parameters).toEqual(expected);
  });

  it('accumulates: a batch’s gradients are its windows’ gradients summed', () => {
    const single = windows.map((window, i) => {
      const trainer = new Trainer(network, 'full', 0, parameters);
      trainer.trainBatch([window], [labels[i] as number]);
      return trainer.gradients;
    });
    const trainer = new Trainer(network, 'full', 0, parameters);
    trainer.trainBatch(windows, labels);
    trainer.gradients.forEach((gradient, i) => {
      const parts = single.map((gradients) => gradients[i] as number);
      const sum = parts.reduce((a, b) => a + b, 0);
      const size = parts.reduce((a, b) => a + Math.abs(b), 0);
      expect(Math.abs(gradient - sum)).toBeLessThanOrEqual(1e-7 + size * 1e-6);
    });
  });

  it('accumulates in the order of the windows, to the bit, where a sum has one term a window', () => {
    const bias = network.parameterCount - 1;
    const terms = windows.map((window, i) => {
      const trainer = new Trainer(network, 'tl', 0, parameters);
      trainer.trainBatch([window], [labels[i] as number]);
      return trainer.gradients.at(-1) as number;
    });
    const trainer = new Trainer(network, 'full', 0, parameters);
    trainer.trainBatch(windows, labels);
    expect(trainer.gradients[bias]).toBe(terms.reduce((sum, term) => fl(sum + term), 0));
  });

  it('clears the gradients at the start of the next batch', () => {
    const trainer = new Trainer(network, 'full', 0, parameters);
    trainer.trainBatch(windows, labels);
    const first = trainer.gradients.slice();
    trainer.trainBatch(windows, labels);
    expect(trainer.gradients).toEqual(first);
  });

  it('takes the mean loss before the update, summed in order', () => {
    const trainer = new Trainer(network, 'full', 0.01, parameters);
    const each = windows.map((window, i) => trainer.evaluate([window], [labels[i] as number]).loss);
    const mean = fl(each.reduce((sum, loss) => fl(sum + loss)) / each.length);
    expect(trainer.trainBatch(windows, labels)).toBe(mean);
  });

  it('lowers the loss when repeated', () => {
    const trainer = new Trainer(network, 'full', 0.05, parameters);
    const first = trainer.trainBatch(windows, labels);
    for (let i = 0; i < 20; i++) trainer.trainBatch(windows, labels);
    expect(trainer.evaluate(windows, labels).loss).toBeLessThan(first);
  });
});

describe('the trainer', () => {
  it('evaluates without a change, and gives the probabilities of training', () => {
    const trainer = new Trainer(network, 'full', 0.01, parameters);
    const { probabilities, predictions } = trainer.evaluate(windows, labels);
    expect(trainer.parameters).toEqual(parameters);
    expect(predictions).toHaveLength(8);
    trainer.trainBatch(windows, labels);
    expect(trainer.probabilities).toEqual(probabilities);
  });

  it('copies the parameters given', () => {
    const given = parameters.slice();
    new Trainer(network, 'full', 0.01, given).trainBatch(windows, labels);
    expect(given).toEqual(parameters);
  });

  it('refuses what does not fit the network', () => {
    const trainer = new Trainer(network, 'full', 0.01, parameters);
    expect(() => trainer.trainBatch(windows, [0])).toThrow(/8 windows with 1 labels/);
    expect(() => trainer.trainBatch([new Float32Array(59)], [0])).toThrow(/does not have 60 elements/);
    expect(() => trainer.evaluate(windows.slice(0, 1), [6])).toThrow(/integer from 0 to 5/);
    expect(() => new Trainer(network, 'tl', 0.01, new Float32Array(3))).toThrow(/the network has 10084/);
  });
});
