// npm run bench [-- --json FILE]
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type CpuReport, cpuStep } from './cpuStep.ts';
import { type GpuReport, gpuStep } from './gpuStep.ts';

const { values } = parseArgs({ options: { json: { type: 'string' } } });
const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown' };
console.log(`Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}`);

const reports: (CpuReport | GpuReport)[] = [];
for (const bench of [cpuStep, gpuStep]) {
  const report = await bench();
  print(report);
  reports.push(report);
}
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ ...machine, reports }, null, 2)}\n`);
  console.log(`wrote ${values.json}`);
}

function print(report: CpuReport | GpuReport): void {
  console.table(
    report.rows.map(({ name, medianMs, minimumMs, samplesMs }) => ({
      name,
      'median ms': Number(medianMs.toPrecision(4)),
      'minimum ms': Number(minimumMs.toPrecision(4)),
      rounds: samplesMs.length,
    })),
  );
  if (report.backend === 'cpu') return;
  const { adapter, perStep, stepsPerSecond } = report;
  console.log(`WebGPU: ${adapter}; ${stepsPerSecond.toFixed(1)} steps a second, each of which asks the GPU for`);
  console.table([perStep]);
}
