import { describe, expect, it } from 'vitest';
import { UserError } from '../../../emulator/index.js';
import { Link, type LinkSizes } from '../../../harness/link/link.js';
import { LINK_REFUSALS } from '../../../harness/link/link-block.js';
import { FakeFirmware, fakeElf } from './fake-firmware.js';

const SIZES: LinkSizes = { parameters: 10, gradients: 4, window: 6, classes: 2 };
const CONFIGURATION = { windowLength: 2, mode: 'full', batchCapacity: 3, learningRate: 0.25 } as const;
const PLACED = { parameters: 40, gradients: 16, windows: 72, labels: 12, probabilities: 24 };

function connected(placed = PLACED): { firmware: FakeFirmware; link: Link } {
  const firmware = new FakeFirmware();
  const link = new Link(fakeElf(), firmware);
  link.connect();
  firmware.answer = (command) => {
    if (command === 1) firmware.place(placed);
    return 0;
  };
  return { firmware, link };
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof UserError ? error.message : `not a UserError: ${String(error)}`;
  }
  return 'no error';
}

describe('connecting', () => {
  it('needs the symbol', () => {
    expect(messageOf(() => new Link(fakeElf({}), new FakeFirmware()))).toMatch(
      /^fake\.elf: symbol m4lab_link is missing/,
    );
  });

  it('names a wrong magic and a wrong version with their values', () => {
    const firmware = new FakeFirmware();
    const link = new Link(fakeElf(), firmware);
    firmware.set('version', 2);
    expect(messageOf(() => link.connect())).toMatch(/m4lab_link\.version is 2, but must be 0x1;/);
    firmware.set('magic', 0xdead);
    expect(messageOf(() => link.connect())).toMatch(
      /m4lab_link\.magic is 0x0000dead, but must be 0x424c344d;/,
    );
  });
});

describe('configuring', () => {
  it('writes the arguments, the command last, and returns the arena bytes', () => {
    const { firmware, link } = connected();
    expect(link.configure(CONFIGURATION, SIZES)).toBe(40 + 16 + 72 + 12 + 24);
    expect(firmware.writes).toEqual(['windowLength', 'mode', 'batchCapacity', 'learningRate', 'command']);
    expect([firmware.get('windowLength'), firmware.get('mode'), firmware.get('batchCapacity')]).toEqual([
      2, 1, 3,
    ]);
    expect(firmware.get('learningRate')).toBe(0x3e800000);
  });

  it('refuses buffers of another network, naming the field', () => {
    const { link } = connected({ ...PLACED, gradients: 20 });
    expect(messageOf(() => link.configure(CONFIGURATION, SIZES))).toMatch(
      /m4lab_link\.gradientsBytes is 20, but must be 16; give firmware of this network/,
    );
  });

  it.each(Object.entries(LINK_REFUSALS))('names status %s', (status, { name }) => {
    const { firmware, link } = connected();
    firmware.answer = () => Number(status);
    const message = messageOf(() => link.configure(CONFIGURATION, SIZES));
    expect(message).toContain(`refused configure with ${name}: `);
    expect(message).not.toContain('\n');
  });

  it('names a status that no link has', () => {
    const { firmware, link } = connected();
    firmware.answer = () => -99;
    expect(messageOf(() => link.configure(CONFIGURATION, SIZES))).toMatch(
      /m4lab_link\.status is -99, but is no status/,
    );
  });
});

describe('a batch', () => {
  const windows = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(-1, 0, 0.5, Number.NaN, 1e-40, 9)];

  it('carries windows and labels to their buffers and brings back loss and values', () => {
    const { firmware, link } = connected();
    link.configure(CONFIGURATION, SIZES);
    firmware.answer = (command) => {
      expect(command).toBe(2);
      expect(firmware.get('count')).toBe(2);
      firmware.setFloat('loss', 0.1);
      firmware.writeBytes(firmware.get('gradients'), firmware.readBytes(firmware.get('windows') + 20, 16));
      firmware.writeBytes(firmware.get('probabilities'), firmware.readBytes(firmware.get('windows'), 24));
      return 0;
    };
    expect(link.trainBatch(windows, [1, 0])).toBe(Math.fround(0.1));
    expect([...link.readGradients()]).toEqual([6, -1, 0, 0.5]);
    expect([...link.readProbabilities(2)]).toEqual([1, 2, 3, 4]);
    expect([...new Uint32Array(firmware.readBytes(firmware.get('labels'), 8).buffer)]).toEqual([1, 0]);
  });

  it('writes and reads parameters bit for bit', () => {
    const { link } = connected();
    link.configure(CONFIGURATION, SIZES);
    const parameters = new Float32Array(
      Uint32Array.from({ length: 10 }, (_, i) => 0x7fc00000 + i * 0x01234567).buffer,
    );
    link.writeParameters(parameters);
    expect(new Uint32Array(link.readParameters().buffer)).toEqual(new Uint32Array(parameters.buffer));
  });

  it('evaluates by its own command and refuses what the buffers cannot hold', () => {
    const { firmware, link } = connected();
    link.configure(CONFIGURATION, SIZES);
    const commands: number[] = [];
    firmware.answer = (command) => commands.push(command) - 1;
    link.evaluate(windows, [1, 0]);
    expect(commands).toEqual([3]);
    expect(() => link.evaluate([], [])).toThrow(RangeError);
    expect(() => link.evaluate(windows, [1])).toThrow(RangeError);
    expect(() => link.evaluate([new Float32Array(5)], [1])).toThrow(RangeError);
    expect(() => link.evaluate(Array(4).fill(windows[0]), [0, 0, 0, 0])).toThrow(RangeError);
  });

  it('ends with the guest’s own status', () => {
    const { link } = connected();
    expect(link.exit()).toBe(0);
  });
});
