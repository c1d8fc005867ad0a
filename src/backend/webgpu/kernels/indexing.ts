import { BackendError } from '../../../errors.ts';
import { wgsl } from '../../../platform/wgsl.ts';
import { bytesOf } from '../../../tensor/dtype.ts';
import { formatShape, sizeOf } from '../../../tensor/shape.ts';
import { VIEW_ALIGNMENT, type View } from '../../backend.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type Range, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const gatherShader = { name: 'gather', text: wgsl('gather') };
const scatterShader = { name: 'scatter_rows', text: wgsl('scatter_rows') };
const oneHotShader = { name: 'one_hot', text: wgsl('one_hot') };
const randomUniformShader = { name: 'random_uniform', text: wgsl('random_uniform') };

type IndexingKernel = 'gatherRows' | 'scatterRows' | 'gatherBatch' | 'oneHot' | 'randomUniform';

export const indexingKernels: WebgpuKernels<IndexingKernel> = {
  gatherRows({ inputs: [x, indices], outputs: [y] }, device) {
    return gather(x!, indices!, null, y!, 0, 0, device);
  },

  scatterRows({ inputs: [dy, indices], outputs: [dx], attrs: { rows, blocks } }, device) {
    requireOneBinding('scatterRows', [dy!, indices!, dx!], device);
    const row = sizeOf(dx!.shape.slice(1));
    return [
      {
        shader: scatterShader,
        constants: {},
        bindings: { params: uniform(rows, row, sizeOf(indices!.shape), blocks), dy: dy!, indices: indices!, dx: dx! },
        workgroups: groupsFor(rows * row),
      },
    ];
  },

  gatherBatch({ inputs: [x, order, cursor], outputs: [y], attrs: { start, stride } }, device) {
    return gather(x!, order!, cursor!, y!, start, stride, device);
  },

  oneHot({ inputs: [indices], outputs: [y], attrs: { depth } }, device) {
    requireOneBinding('oneHot', [y!], device);
    const size = sizeOf(y!.shape);
    return [
      {
        shader: oneHotShader,
        constants: {},
        bindings: { params: uniform(size, depth), indices: indices!, y: y! },
        workgroups: groupsFor(size),
      },
    ];
  },

  randomUniform({ inputs: [draw], outputs: [y], attrs: { key } }, device) {
    requireOneBinding('randomUniform', [y!], device);
    const size = sizeOf(y!.shape);
    return [
      {
        shader: randomUniformShader,
        constants: {},
        bindings: { params: uniform(size, ...key), draw: draw!, y: y! },
        workgroups: groupsFor(size),
      },
    ];
  },
};

/** Windows that gather.wgsl can bind. */
const MOST_WINDOWS = 4;

function gather(
  x: View,
  order: View,
  cursor: View | null,
  y: View,
  start: number,
  stride: number,
  device: DeviceFacts,
): Dispatch[] {
  requireOneBinding('gather', [y, order], device);
  const rowBytes = sizeOf(x.shape.slice(1)) * bytesOf(x.dtype);
  const BYTES = rowBytes % 4 !== 0;
  const windowRows = rowsOfWindow(x, rowBytes, device);
  const windows = cutRows(x, rowBytes, windowRows);
  const window = (i: number) => windows[i] ?? windows[0]!;
  const rows = sizeOf(order.shape);
  const target = y.shape[0]!;
  const row = BYTES ? rowBytes : rowBytes / 4;
  return [
    {
      shader: gatherShader,
      constants: { BYTES, USES_CURSOR: cursor !== null, WINDOWS: windows.length },
      bindings: {
        params: uniform(target, row, x.shape[0]!, windowRows, rows, start, stride),
        x0: window(0),
        x1: window(1),
        x2: window(2),
        x3: window(3),
        order,
        cursor: cursor ?? order,
        y,
      },
      workgroups: groupsFor(BYTES ? Math.ceil((target * row) / 4) : target * row),
    },
  ];
}

/** As many rows as one binding holds, such that the next window starts where a binding may. */
function rowsOfWindow(x: View, rowBytes: number, device: DeviceFacts): number {
  if (x.shape[0]! * rowBytes <= device.maxBinding) return Math.max(1, x.shape[0]!);
  const unit = VIEW_ALIGNMENT / greatestCommonDivisor(rowBytes, VIEW_ALIGNMENT);
  const rows = Math.floor(device.maxBinding / rowBytes / unit) * unit;
  if (rows > 0 && x.shape[0]! <= MOST_WINDOWS * rows) return rows;
  throw new BackendError(
    `gather: a table of shape ${formatShape(x.shape)} takes ${x.shape[0]! * rowBytes} bytes; this adapter reaches ${MOST_WINDOWS} times ${device.maxBinding}: keep it as uint8, or use fewer rows`,
  );
}

function cutRows(x: View, rowBytes: number, windowRows: number): Range[] {
  const count = Math.max(1, Math.ceil(x.shape[0]! / windowRows));
  return Array.from({ length: count }, (_, i) => {
    const rows = Math.min(windowRows, x.shape[0]! - i * windowRows);
    return { view: x, byteOffset: i * windowRows * rowBytes, byteLength: rows * rowBytes };
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
