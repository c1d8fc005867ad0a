import type { ParamTotal, SummaryModel, SummaryRow } from '../../src/models/summaryTable.ts';

/** The models of the golden tables, as plain data. */

const NONE: ParamTotal = { params: 0, bytes: 0 };
const float32 = (params: number): ParamTotal => ({ params, bytes: 4 * params });

/** A built layer; without weights unless `params` and `trainable` say otherwise. */
function row(name: string, className: string, sizes: readonly number[], rest: Partial<SummaryRow> = {}): SummaryRow {
  return { name, className, outputShape: [null, ...sizes], params: 0, trainable: null, ...rest };
}

function unbuiltRow(name: string, className: string): SummaryRow {
  return { name, className, outputShape: null, params: null, trainable: null };
}

export const r1: SummaryModel = {
  name: 'sequential',
  kind: 'chain',
  rows: [
    row('conv2d', 'Conv2D', [26, 26, 32], { params: 320, trainable: true }),
    row('max_pooling2d', 'MaxPooling2D', [13, 13, 32]),
    row('flatten', 'Flatten', [5408]),
    row('dense', 'Dense', [10], { params: 54_090, trainable: true }),
  ],
  totals: { trainable: float32(54_410), nonTrainable: NONE, optimizer: null },
};

/** After one step with Adam: two moments for each parameter, the step counter and the learning rate. */
export const r1WithAdam: SummaryModel = { ...r1, totals: { ...r1.totals, optimizer: float32(2 * 54_410 + 2) } };

export const unbuilt: SummaryModel = {
  name: 'unbuilt',
  kind: 'chain',
  rows: [
    unbuiltRow('conv2d_1', 'Conv2D'),
    unbuiltRow('a_very_long_name_of_a_batch_normalization_layer', 'BatchNormalization'),
    unbuiltRow('dense_1', 'Dense'),
  ],
  totals: { trainable: NONE, nonTrainable: NONE, optimizer: null },
};

const conv = 'conv2d_2[0][0]';
const norm = 'a_long_name_for_bn_1[0][0]';
const pool = 'global_average_pooling2d';

export const graph: SummaryModel = {
  name: 'functional_1',
  kind: 'graph',
  rows: [
    row('input_layer_1', 'InputLayer', [32, 32, 3], { connectedTo: [] }),
    row('conv2d_2', 'Conv2D', [32, 32, 8], { params: 224, trainable: true, connectedTo: ['input_layer_1[0][0]'] }),
    row('a_long_name_for_bn_1', 'BatchNormalization', [32, 32, 8], {
      params: 32,
      trainable: true,
      connectedTo: [conv],
    }),
    row('add', 'Add', [32, 32, 8], { connectedTo: [conv, norm] }),
    row('concatenate', 'Concatenate', [32, 32, 24], { connectedTo: [conv, norm, 'add[0][0]'] }),
    row(pool, 'GlobalAveragePooling2D', [24], { connectedTo: ['concatenate[0][0]'] }),
    row('dense_2', 'Dense', [4], { params: 100, trainable: true, connectedTo: [`${pool}[0][0]`] }),
  ],
  totals: { trainable: float32(340), nonTrainable: float32(16), optimizer: null },
};

export const nested: SummaryModel = {
  name: 'nested',
  kind: 'chain',
  rows: [
    row('base', 'Sequential', [6, 6, 4], {
      params: 128,
      trainable: false,
      children: [
        row('conv2d_3', 'Conv2D', [6, 6, 4], { params: 112, trainable: false }),
        row('batch_normalization', 'BatchNormalization', [6, 6, 4], { params: 16, trainable: false }),
      ],
    }),
    row('head', 'Sequential', [3], {
      params: 435,
      trainable: true,
      children: [row('flatten_1', 'Flatten', [144]), row('dense_3', 'Dense', [3], { params: 435, trainable: true })],
    }),
  ],
  totals: { trainable: float32(435), nonTrainable: float32(128), optimizer: null },
};
