import { describe, expect, it } from 'vitest';
import { bytesOf, encodePacket, hexOf, PacketReader, textOf } from '../../../emulator/gdb/packet.js';
import { Session } from '../../../emulator/gdb/session.js';
import type { Target } from '../../../emulator/gdb/target.js';
import { CapableTarget, FakeTarget } from './fake-target.js';

class Debugger {
  readonly session: Session;
  raw = '';

  constructor(readonly target: Target) {
    this.session = new Session(target, (bytes) => {
      this.raw += textOf(bytes);
    });
  }

  /** Sends packets, and gives the data of all that comes back. */
  ask(...packets: string[]): string[] {
    this.send(packets.map(encodePacket).join(''));
    return this.heard();
  }

  send(text: string): void {
    this.session.receive(bytesOf(text));
  }

  /** Data of the packets that came since it was last asked. */
  heard(): string[] {
    const heard = [...new PacketReader().read(this.raw)];
    this.raw = '';
    return heard.flatMap((incoming) => (incoming.kind === 'packet' ? [incoming.data] : []));
  }
}

const capable = () => new Debugger(new CapableTarget());
const plain = () => new Debugger(new FakeTarget());

describe('acknowledgements', () => {
  it('come with every packet, until gdb asks for none', () => {
    const gdb = plain();
    gdb.send('$?#3f');
    expect(gdb.raw).toBe('+$T05thread:1;#85'.replace('85', encodePacket('T05thread:1;').slice(-2)));
    gdb.raw = '';
    gdb.send(encodePacket('QStartNoAckMode'));
    expect(gdb.raw).toBe('+$OK#9a');
    gdb.raw = '';
    gdb.send('$?#3f');
    expect(gdb.raw).toMatch(/^\$T05/);
  });

  it('ask again for a damaged packet, and repeat an answer that was damaged', () => {
    const gdb = plain();
    gdb.send('$?#00');
    expect(gdb.raw).toBe('-');
    gdb.ask('p0');
    gdb.send('-');
    expect(gdb.heard()).toEqual(['44332211']);
  });
});

describe('what is offered follows from the target', () => {
  it('in qSupported', () => {
    expect(plain().ask('qSupported:multiprocess+;xmlRegisters=i386')).toEqual([
      'PacketSize=4000;vContSupported+;QStartNoAckMode+;qXfer:features:read+',
    ]);
    expect(capable().ask('qSupported')).toEqual([
      'PacketSize=4000;vContSupported+;ReverseStep+;ReverseContinue+;QStartNoAckMode+;qXfer:features:read+',
    ]);
  });

  it('and in what is answered at all', () => {
    const packets = ['Z0,100,2', 'Z2,100,4', 'bs', 'bc', 'R00', '!', `qRcmd,${hexOf(bytesOf('help'))}`];
    expect(plain().ask(...packets)).toEqual(packets.map(() => ''));
    expect(plain().ask('vMustReplyEmpty', 'qCRC:0,0', 'unknown')).toEqual(['', '', '']);
  });

  it('the registers in XML, in parts of the length asked for', () => {
    const gdb = plain();
    const [whole = ''] = gdb.ask('qXfer:features:read:target.xml:0,ffff');
    expect(whole).toMatch(/^l<\?xml/);
    expect(whole).toContain('<feature name="core">');
    expect(whole).toContain('<reg name="pc" bitsize="32" regnum="1" type="code_ptr"/>');
    expect(whole).toContain('<reg name="d0" bitsize="64" regnum="2" type="ieee_double" group="float"/>');
    expect(gdb.ask('qXfer:features:read:target.xml:0,5', 'qXfer:features:read:target.xml:5,ffff')).toEqual([
      `m${whole.slice(1, 6)}`,
      `l${whole.slice(6)}`,
    ]);
    expect(gdb.ask('qXfer:features:read:target.xml:x')).toEqual(['E16']);
  });
});

describe('registers', () => {
  it('are read and written, all and one, in little-endian', () => {
    const gdb = plain();
    expect(gdb.ask('g')).toEqual(['44332211000000080100000000000080']);
    expect(gdb.ask('p2')).toEqual(['0100000000000080']);
    expect(gdb.ask('P1=78563412', 'p1')).toEqual(['OK', '78563412']);
    expect(gdb.ask(`G${'01000000'.repeat(4)}`, 'g')).toEqual(['OK', '01000000'.repeat(4)]);
  });

  it('that are not there, or of another size, are errors', () => {
    expect(plain().ask('p3', 'p', 'P0=00', 'P9=00000000', 'Gzz', `G${'00'.repeat(20)}`)).toEqual(
      Array(6).fill('E16'),
    );
  });
});

describe('memory', () => {
  it('is read as far as there is some', () => {
    expect(plain().ask('m100,4', 'm10c,8', 'm100,0')).toEqual(['00010203', '0c0d0e0f', '']);
    expect(plain().ask('m0,4')).toEqual(['E0e']);
    expect(plain().ask('m', 'mzz,1', 'm100')).toEqual(['E16', 'E16', 'E16']);
  });

  it('is written in digits and in bytes', () => {
    const gdb = plain();
    expect(gdb.ask('M100,2:aabb', 'X102,3:#$}', 'm100,6')).toEqual(['OK', 'OK', 'aabb23247d05']);
    expect(gdb.ask('M0,1:aa', 'M100,2:aa', 'M100,1:zz', 'X100,0:')).toEqual(['E0e', 'E16', 'E16', 'OK']);
  });
});

describe('breakpoints and watchpoints', () => {
  it('reach the target', () => {
    const gdb = capable();
    const packets = [
      'Z0,8000100,2',
      'Z1,8000200,3',
      'z0,8000100,2',
      'Z2,100,4',
      'Z3,104,1',
      'Z4,108,2',
      'z2,100,4',
    ];
    expect(gdb.ask(...packets)).toEqual(packets.map(() => 'OK'));
    expect((gdb.target as CapableTarget).asked).toEqual([
      '+8000100',
      '+8000200',
      '-8000100',
      '+write 100 4',
      '+read 104 1',
      '+access 108 2',
      '-write 100 4',
    ]);
    expect(gdb.ask('Z0,', 'Z2,100,0', 'Z9,100,4')).toEqual(['E16', 'E16', '']);
  });
});

describe('running', () => {
  it('answers when the target stops, and says why', () => {
    const target = new CapableTarget();
    const gdb = new Debugger(target);
    const stopsAfter = (packet: string, stop: CapableTarget['stops'][number]): string[] => {
      expect(gdb.ask(packet)).toEqual([]);
      expect(gdb.session.running).toBe(true);
      target.stops = [undefined, stop];
      gdb.session.slice();
      expect(gdb.heard()).toEqual([]);
      gdb.session.slice();
      expect(gdb.session.running).toBe(false);
      return gdb.heard();
    };
    expect(stopsAfter('s', { kind: 'step' })).toEqual(['T05thread:1;']);
    expect(stopsAfter('vCont;c', { kind: 'breakpoint' })).toEqual(['T05thread:1;']);
    expect(stopsAfter('vCont;r100,108:1;c', { kind: 'watchpoint', watch: 'read', address: 0x104 })).toEqual([
      'T05rwatch:104;thread:1;',
    ]);
    expect(stopsAfter('bs', { kind: 'historyStart' })).toEqual(['T05replaylog:begin;thread:1;']);
    expect(gdb.ask('?')).toEqual(['T05replaylog:begin;thread:1;']);
    expect(stopsAfter('bc', { kind: 'trouble', trouble: 'illegal', text: 'no' })).toEqual([
      `O${hexOf(bytesOf('m4lab: no\n'))}`,
      'T04thread:1;',
    ]);
    expect(stopsAfter('c', { kind: 'exited', status: 0x107 })).toEqual(['W07']);
    expect(gdb.session.ended).toBe(true);
    expect(target.resumed).toEqual([
      { kind: 'step' },
      { kind: 'continue' },
      { kind: 'stepRange', start: 0x100, end: 0x108 },
      { kind: 'stepBack' },
      { kind: 'continueBack' },
      { kind: 'continue' },
    ]);
  });

  it('is ended by Ctrl-C, which does nothing to what stands', () => {
    const gdb = capable();
    gdb.send('\x03');
    expect(gdb.heard()).toEqual([]);
    gdb.ask('c');
    gdb.send('\x03');
    expect(gdb.heard()).toEqual(['T02thread:1;']);
    expect(gdb.session.running).toBe(false);
  });

  it('shows the console before the stop', () => {
    const target = new CapableTarget();
    const gdb = new Debugger(target);
    gdb.ask('c');
    gdb.session.console('a');
    gdb.session.console('\xff\n');
    target.stops = [{ kind: 'breakpoint' }];
    gdb.session.slice();
    expect(gdb.heard()).toEqual(['O61ff0a', 'T05thread:1;']);
  });

  it('refuses what it cannot do', () => {
    expect(capable().ask('c100', 'vCont;x', 'vCont;', 'vCont?')).toEqual([
      'E16',
      'E16',
      'E16',
      'vCont;c;C;s;S;r',
    ]);
  });
});

describe('monitor', () => {
  const monitor = (line: string): string => capable().ask(`qRcmd,${hexOf(bytesOf(line))}`)[0] ?? '';

  it('runs the commands of the target, and lists them', () => {
    expect(monitor('echo a  b')).toBe(hexOf(bytesOf('a b\n')));
    expect(monitor('help')).toBe(hexOf(bytesOf('echo  says it again\n')));
    expect(monitor('eco')).toBe(
      hexOf(bytesOf('m4lab: no monitor command "eco"; "monitor help" lists them\n')),
    );
  });
});

describe('the end', () => {
  it('is detaching, or killing', () => {
    const gone = capable();
    expect(gone.ask('D')).toEqual(['OK']);
    expect(gone.session.ended).toBe(true);
    const killed = capable();
    expect(killed.ask('k')).toEqual([]);
    expect(killed.session.ended).toBe(true);
  });

  it('is a new start for a debugger that stays (extended-remote)', () => {
    const gdb = capable();
    expect(gdb.ask('!', 'vKill;1', 'R00', '?')).toEqual(['OK', 'OK', 'T05thread:1;']);
    expect((gdb.target as CapableTarget).asked).toEqual(['reset', 'reset']);
    expect(gdb.session.ended).toBe(false);
  });
});
