import type { Layer, PartialShape, Weight } from '../layers/layer.ts';
import { bytesOf } from '../tensor/dtype.ts';
import { Network } from './network.ts';
import type { SummaryModel, SummaryRow } from './summaryTable.ts';

/** What the summary shows of a model; `stateSize` counts the values of its optimizer. */
export function summaryOf(model: Network, stateSize: number): SummaryModel {
  const trainable = new Set(model.trainableWeights);
  const kind = isChain(model) ? 'chain' : 'graph';
  return {
    name: model.name,
    kind,
    rows: rowsOf(model, kind),
    totals: {
      trainable: total([...trainable]),
      nonTrainable: total(model.weights.filter((weight) => !trainable.has(weight))),
      optimizer: stateSize > 0 ? { params: stateSize, bytes: stateSize * bytesOf('float32') } : null,
    },
  };
}

function rowsOf(model: Network, kind: SummaryModel['kind']): SummaryRow[] {
  const uses = new Map(model.graph?.nodes.map((node) => [node.layer, node]));
  return model.layers.map((layer) => {
    const use = uses.get(layer);
    const from = use?.inputs.map(
      ({ node, index }) => `${node.layer.name}[${node.layer.nodes.indexOf(node)}][${index}]`,
    );
    return {
      name: layer.name,
      className: layer.className,
      outputShape: use ? shapeOf(use.outputs.map(({ shape }) => shape)) : null,
      params: layer.isBuilt ? layer.countParams() : null,
      trainable: layer.weights.length > 0 ? layer.trainable : null,
      ...(kind === 'graph' && { connectedTo: from ?? [] }),
      ...(layer instanceof Network && { children: rowsOf(layer, kind) }),
    };
  });
}

/** The shape of the only output; of several the first. */
function shapeOf([first]: readonly PartialShape[]): PartialShape | null {
  return first ?? null;
}

/** Whether each layer takes what the one before it made, and nothing else. */
function isChain(model: Network): boolean {
  const uses = model.graph?.nodes ?? [];
  const users = new Map<Layer, number>();
  for (const { inputs } of uses) for (const { node } of inputs) users.set(node.layer, (users.get(node.layer) ?? 0) + 1);
  return uses.every(({ inputs }) => inputs.length <= 1) && [...users.values()].every((count) => count === 1);
}

function total(weights: readonly Weight[]) {
  const params = weights.reduce((sum, { size }) => sum + size, 0);
  return { params, bytes: params * bytesOf('float32') };
}
