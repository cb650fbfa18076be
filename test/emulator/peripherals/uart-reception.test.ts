/** What UARTs receive: when a byte arrives, what is lost, and who is told. */
import { describe, expect, it } from 'vitest';
import { type Bench, bench } from './bench-site.js';

const [ORE, IDLE, RXNE, CMF, BUSY] = [1 << 3, 1 << 4, 1 << 5, 1 << 17, 1 << 16];
const [UE, RE, IDLEIE, RXNEIE] = [1, 1 << 2, 1 << 4, 1 << 5];
const RECEIVED = ORE | IDLE | RXNE | CMF;
const send = ({ serial }: Bench, text: string) => serial.receive(new TextEncoder().encode(text));

describe('an STM32L4 USART', () => {
  const [CR1, CR2, CR3, BRR, RQR, ISR, ICR, RDR] = [0x00, 0x04, 0x08, 0x0c, 0x18, 0x1c, 0x20, 0x24];

  /** A frame is 160 cycles. */
  function usart(text: string, cr1 = UE | RE, pause = 0) {
    const made = bench('stm32-usart', { name: 'USART9', pause });
    made.write(BRR, 16);
    send(made, text);
    made.write(CR1, cr1);
    return { ...made, flags: () => made.read(ISR) & RECEIVED };
  }

  it('has a byte one frame after its receiver is on, the next ones back to back', () => {
    const { read, clock, flags } = usart('ab');
    clock.pass(159);
    expect([flags(), read(ISR) & BUSY]).toEqual([0, BUSY]);
    clock.pass(1);
    expect([flags(), read(RDR), flags()]).toEqual([RXNE, 0x61, 0]);
    clock.pass(159);
    expect(flags()).toBe(0);
    clock.pass(1);
    expect([flags(), read(RDR), read(ISR) & BUSY]).toEqual([RXNE, 0x62, 0]);
  });

  it('hears nothing while UE or RE is off, and what was cut short comes again', () => {
    const { read, write, clock, flags } = usart('a', UE);
    clock.pass(1000);
    expect(flags()).toBe(0);
    write(CR1, UE | RE);
    clock.pass(100);
    write(CR1, UE);
    clock.pass(100);
    write(CR1, UE | RE);
    clock.pass(159);
    expect(flags()).toBe(0);
    clock.pass(1);
    expect([flags(), read(RDR)]).toEqual([RXNE, 0x61]);
  });

  it.each([
    ['9 bits', 1 << 12, 0, 16, 176],
    ['7 bits', 1 << 28, 0, 16, 144],
    ['2 stop bits', 0, 2 << 12, 16, 176],
    ['oversampling by 8', 1 << 15, 0, 0x24, 200],
  ])('takes the time of its frame: %s', (_name, word, cr2, brr, cycles) => {
    const { write, clock, flags } = usart('a', 0);
    write(CR2, cr2);
    write(BRR, brr);
    write(CR1, UE | RE | word);
    clock.pass(cycles - 1);
    expect(flags()).toBe(0);
    clock.pass(1);
    expect(flags()).toBe(RXNE);
  });

  it('an LPUART counts 256ths', () => {
    const made = bench('stm32-usart', { parameters: { lowPower: true } });
    made.write(BRR, 0x1080);
    send(made, 'a');
    made.write(CR1, UE | RE);
    made.clock.pass(164);
    expect(made.read(ISR) & RXNE).toBe(0);
    made.clock.pass(1);
    expect(made.read(ISR) & RXNE).toBe(RXNE);
  });

  it('keeps the first of two bytes when nobody reads: ORE, until ICR', () => {
    const { read, write, clock, flags, notices } = usart('abc');
    clock.pass(320);
    expect([flags(), notices]).toEqual([RXNE | ORE, ['uart-input-lost']]);
    expect([read(RDR), flags()]).toEqual([0x61, ORE]);
    write(ICR, ORE);
    expect(flags()).toBe(0);
    clock.pass(160);
    expect(read(RDR)).toBe(0x63);
  });

  it('keeps the last one, and no ORE, with OVRDIS', () => {
    const { read, write, clock, flags } = usart('ab');
    write(CR3, 1 << 12);
    clock.pass(320);
    expect([flags(), read(RDR)]).toEqual([RXNE, 0x62]);
  });

  it('lets the other end wait while RTSE is set and a byte lies unread', () => {
    const { read, write, clock, flags, notices } = usart('ab');
    write(CR3, 1 << 8);
    clock.pass(1000);
    expect([flags() & RXNE, flags() & ORE, read(RDR), notices]).toEqual([RXNE, 0, 0x61, []]);
    clock.pass(160);
    expect(read(RDR)).toBe(0x62);
  });

  it('is IDLE a frame after the last byte, once, and again only after another', () => {
    const made = usart('ab');
    const { read, write, clock, flags } = made;
    clock.pass(160);
    read(RDR);
    clock.pass(160);
    read(RDR);
    clock.pass(159);
    expect(flags()).toBe(0);
    clock.pass(1);
    expect(flags()).toBe(IDLE);
    write(ICR, IDLE);
    clock.pass(1000);
    expect(flags()).toBe(0);
    send(made, 'c');
    clock.pass(320);
    expect(flags()).toBe(IDLE | RXNE);
  });

  it('hears pauses between bytes when the other end makes them', () => {
    const { clock, flags, read, write } = usart('ab', UE | RE, 2);
    clock.pass(479);
    expect([flags(), read(ISR) & BUSY]).toEqual([0, BUSY]);
    clock.pass(1);
    expect([flags(), read(RDR)]).toEqual([RXNE, 0x61]);
    clock.pass(160);
    expect([flags(), read(ISR) & BUSY]).toEqual([IDLE, 0]);
    write(ICR, IDLE);
    clock.pass(320);
    expect([flags(), read(RDR)]).toEqual([RXNE, 0x62]);
  });

  it('interrupts by RXNEIE for a byte and for an overrun, by IDLEIE, by EIE, by CMIE', () => {
    const { read, write, clock, lines } = usart('ab');
    clock.pass(160);
    const asks = (cr1: number, cr3 = 0) => {
      write(CR3, cr3);
      write(CR1, UE | RE | cr1);
      return lines[0];
    };
    expect([asks(0), asks(RXNEIE)]).toEqual([false, true]);
    clock.pass(160);
    read(RDR);
    expect([asks(0), asks(RXNEIE), asks(0, 1)]).toEqual([false, true, true]);
    write(ICR, ORE);
    expect([asks(RXNEIE), asks(0, 1), asks(IDLEIE)]).toEqual([false, false, false]);
    clock.pass(160);
    expect([asks(IDLEIE), asks(RXNEIE)]).toEqual([true, false]);
  });

  it('knows the character of CR2.ADD, and interrupts for it by CMIE', () => {
    const { write, clock, flags, lines, read } = usart('a\n');
    write(CR2, 0x0a << 24);
    write(CR1, UE | RE | (1 << 14));
    clock.pass(160);
    expect([flags(), lines[0]]).toEqual([RXNE, false]);
    read(RDR);
    clock.pass(160);
    expect([flags(), lines[0]]).toEqual([RXNE | CMF, true]);
    write(ICR, CMF);
    expect([flags(), lines[0]]).toEqual([RXNE, false]);
  });

  it('drops the byte for RQR.RXFRQ, and all flags when UE goes off', () => {
    const { write, clock, flags } = usart('abc');
    clock.pass(160);
    write(RQR, 1 << 3);
    expect(flags()).toBe(0);
    clock.pass(320);
    expect(flags()).toBe(RXNE | ORE);
    write(CR1, 0);
    expect(flags()).toBe(0);
  });

  it('asks the DMA controller by DMAR, not while DDRE and an error stand', () => {
    const { read, write, clock, wires } = usart('ab');
    clock.pass(160);
    expect(wires.level('USART9_RX')).toBe(false);
    write(CR3, 1 << 6);
    expect(wires.level('USART9_RX')).toBe(true);
    read(RDR);
    expect(wires.level('USART9_RX')).toBe(false);
    const late = usart('ab');
    late.write(CR3, (1 << 6) | (1 << 13));
    late.clock.pass(320);
    expect(late.wires.level('USART9_RX')).toBe(false);
    late.write(ICR, ORE);
    expect(late.wires.level('USART9_RX')).toBe(true);
  });

  it.each([
    ['7 data bits and even parity', 1 << 10, 'q', 0x71],
    ['7 data bits and odd parity', (1 << 10) | (1 << 9), 'q', 0xf1],
    ['8 data bits and odd parity', (1 << 12) | (1 << 10) | (1 << 9), 'q', 0x171],
  ])('finds the parity bit above the data: %s', (_name, word, text, data) => {
    const { read, write, clock } = usart(text, 0);
    write(CR1, UE | RE | word);
    clock.pass(176);
    expect(read(RDR)).toBe(data);
  });

  it('sends the data bits alone: the parity bit takes the place of the highest', () => {
    const { write, text } = usart('', UE | (1 << 3) | (1 << 10));
    write(0x28, 0xf1);
    expect(text()).toBe('q');
  });
});

describe('an STM32F4 USART', () => {
  const [SR, DR, BRR, CR1, CR3] = [0x00, 0x04, 0x08, 0x0c, 0x14];

  function usart(text: string) {
    const made = bench('stm32f4-usart', { name: 'USART9' });
    made.write(BRR, 16);
    send(made, text);
    made.write(CR1, (1 << 13) | RE);
    return { ...made, flags: () => made.read(SR) & RECEIVED };
  }

  it('clears RXNE by a read of DR, ORE and IDLE by SR before DR', () => {
    const { read, clock, flags } = usart('ab');
    clock.pass(320);
    expect(read(DR)).toBe(0x61);
    expect(flags()).toBe(ORE);
    expect([read(DR), flags()]).toEqual([0x61, 0]);
    clock.pass(160);
    expect([flags(), read(DR), flags()]).toEqual([IDLE, 0x61, 0]);
  });

  it('clears RXNE by a 0, and keeps a byte through a narrow write of DR', () => {
    const { read, write, clock, flags } = usart('ab');
    clock.pass(160);
    write(DR, 0x41, 1);
    expect(flags()).toBe(RXNE);
    write(SR, ~RXNE);
    expect(flags()).toBe(0);
    clock.pass(160);
    expect([flags(), read(DR)]).toEqual([RXNE, 0x62]);
  });

  it('interrupts for an overrun by EIE only with DMAR, which asks the DMA controller', () => {
    const { write, clock, lines, wires, read } = usart('ab');
    clock.pass(320);
    write(CR3, 1);
    expect(lines[0]).toBe(false);
    write(CR3, 1 | (1 << 6));
    expect([lines[0], wires.level('USART9_RX')]).toEqual([true, true]);
    read(DR);
    expect(wires.level('USART9_RX')).toBe(false);
  });
});

describe('a CMSDK UART', () => {
  const [DATA, STATE, CTRL, INTSTATUS, BAUDDIV] = [0x00, 0x04, 0x08, 0x0c, 0x10];

  /** A frame is 160 cycles. */
  function uart(text: string, control: number) {
    const made = bench('cmsdk-uart');
    made.write(BAUDDIV, 16);
    send(made, text);
    made.write(CTRL, control);
    return made;
  }

  it('is full a frame after its receiver is on, and interrupts', () => {
    const { read, write, clock, lines } = uart('a', 2 | 8);
    clock.pass(159);
    expect([read(STATE), lines[1]]).toEqual([0, false]);
    clock.pass(1);
    expect([read(STATE), lines[1], read(INTSTATUS)]).toEqual([2, true, 2]);
    expect([read(DATA), read(STATE), lines[1]]).toEqual([0x61, 0, true]);
    write(INTSTATUS, 2);
    expect(lines[1]).toBe(false);
  });

  it('hears nothing once its receiver is off', () => {
    const { read, write, clock } = uart('a', 2);
    clock.pass(100);
    write(CTRL, 0);
    clock.pass(1000);
    expect(read(STATE)).toBe(0);
  });

  it('keeps the last byte on an overrun, which STATE and INTSTATUS clear', () => {
    const { read, write, clock, lines, notices } = uart('abc', 2 | (1 << 5));
    clock.pass(320);
    expect([read(STATE), read(INTSTATUS), lines[2]]).toEqual([2 | 8, 8, true]);
    expect([read(DATA), notices]).toEqual([0x62, ['uart-input-lost']]);
    write(INTSTATUS, 8);
    expect([read(STATE), lines[2]]).toEqual([0, false]);
    clock.pass(160);
    write(STATE, 0xf);
    expect(read(STATE)).toBe(2);
  });

  it('tells of a character written over another', () => {
    const { read, write, lines } = uart('', 1 | (1 << 4));
    for (const c of [0x61, 0x62, 0x63]) write(DATA, c);
    expect([read(STATE), read(INTSTATUS), lines[2]]).toEqual([1 | 4, 4, true]);
    write(STATE, 4);
    expect([read(STATE), lines[2]]).toEqual([1, false]);
  });
});
