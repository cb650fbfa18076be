/** The target description (gdb manual, G): registers by feature, made from the target's own table. */
import type { TargetRegister } from './target.js';

function registerXml({ name, bits, type = 'int', group }: TargetRegister, number: number): string {
  const inGroup = group === undefined ? '' : ` group="${group}"`;
  return `    <reg name="${name}" bitsize="${bits}" regnum="${number}" type="${type}"${inGroup}/>`;
}

/** @param registers at gdb's numbers */
export function targetXml(registers: readonly TargetRegister[]): string {
  const features = [...new Set(registers.map(({ feature }) => feature))];
  const blocks = features.map((feature) => {
    const lines = registers.flatMap((r, number) => (r.feature === feature ? [registerXml(r, number)] : []));
    return `  <feature name="${feature}">\n${lines.join('\n')}\n  </feature>`;
  });
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
    '<target version="1.0">',
    '  <architecture>arm</architecture>',
    ...blocks,
    '</target>',
    '',
  ].join('\n');
}
