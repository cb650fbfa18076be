import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const folder = mkdtempSync(join(tmpdir(), 'm4lab-pretrain-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TINY = ['--data', 'synthetic', '--users', '1', '--input', '10x3', '--epochs', '1', '--seed', '4'];

function pretrained(...more: string[]): string {
  const { status, stdout } = runM4lab(['pretrain', ...TINY, ...more, '--out', 'model.json'], { cwd: folder });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^model\.json: general-synthetic, 10084 parameters, loss \d\.\d{4}\n$/),
  });
  return readFileSync(join(folder, 'model.json'), 'utf8');
}

describe('m4lab pretrain', () => {
  it('makes the same file again, by the command that the file records', () => {
    const first = pretrained();
    const { command } = JSON.parse(first) as { command: string };
    expect(command).toBe(`m4lab pretrain ${TINY.join(' ')} --out model.json`);
    const again = runM4lab(command.split(' ').slice(1), { cwd: folder });
    expect(again.status).toBe(0);
    expect(readFileSync(join(folder, 'model.json'), 'utf8')).toBe(first);
    expect(pretrained('--lr', '0.05', '--batch', '16')).not.toBe(first);
  });

  it.each([
    ['--out', ['--data', 'synthetic', '--users', '1'], /required option '--out <file>' not specified/],
    ['users', ['--data', 'synthetic', '--users', '3-1', '--out', 'm'], /the list of users is '3-1'/],
    ['data', ['--data', 'gone', '--users', '1', '--out', 'm'], /the data folder gone does not exist/],
    [
      'a folder',
      ['--data', 'synthetic', '--users', '1', '--out', '/gone/m'],
      /--out: "\/gone\/m" cannot be written/,
    ],
  ])('answers a wrong %s in one sentence', (_name, args, expected) => {
    const answer = mistakeOf(['pretrain', ...args]);
    expect(answer).toMatch(/^m4lab: /);
    expect(answer).toMatch(expected);
  });
});
