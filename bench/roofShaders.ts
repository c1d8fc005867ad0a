// Work that nothing but the adapter limits. Texts are made for a number of accumulators: unrolled by hand they would be long.

export interface RoofShader {
  readonly text: string;
  readonly workgroups: number;
}

const GROUP = 256;
const MULTIPLY_ADD_GROUPS = 1024;
/** Multiply-adds of each accumulator in one turn of the loop. */
const UNROLLED = 16;

const bindings = (type: string) =>
  `@group(0) @binding(0) var<storage, read_write> x : array<${type}>;
@group(0) @binding(1) var<storage, read_write> y : array<${type}>;
`;

/** x holds a factor, a summand and the number of turns; each thread writes the sum of its accumulators. */
export function multiplyAddShader(
  accumulators: number,
  type: 'f32' | 'vec4f',
): RoofShader & { readonly flopsALoop: number } {
  const names = Array.from({ length: accumulators }, (_, i) => `a${i}`);
  const lanes = type === 'vec4f' ? 4 : 1;
  // Each begins elsewhere, or the compiler would keep one of them.
  const declared = names.map((name, i) => `  var ${name} = ${type}(f32(id.x) * 0.001 + ${i}.0);`);
  const turn = names.map((name) => `    ${name} = fma(${name}, factor, summand);`);
  const unrolled = Array.from({ length: UNROLLED }, () => turn.join('\n'));
  const sum = names.join(' + ');
  const text = `${bindings('f32')}
@compute @workgroup_size(${GROUP}) fn main(@builtin(global_invocation_id) id : vec3u) {
  let factor = ${type}(x[0]);
  let summand = ${type}(x[1]);
  let turns = u32(x[2]);
${declared.join('\n')}
  for (var turn = 0u; turn < turns; turn++) {
${unrolled.join('\n')}
  }
  let sum = ${sum};
  y[id.x] = ${lanes === 4 ? 'sum.x + sum.y + sum.z + sum.w' : 'sum'};
}`;
  const flopsALoop = 2 * UNROLLED * accumulators * lanes * GROUP * MULTIPLY_ADD_GROUPS;
  return { text, workgroups: MULTIPLY_ADD_GROUPS, flopsALoop };
}

export function copyShader(type: 'f32' | 'vec4f', bytes: number): RoofShader {
  const elements = bytes / (type === 'vec4f' ? 16 : 4);
  // A dimension holds at most 65,535 workgroups.
  const workgroups = Math.min(elements / GROUP, 2 ** 14);
  const text = `${bindings(type)}
@compute @workgroup_size(${GROUP}) fn main(@builtin(global_invocation_id) id : vec3u) {
  for (var i = id.x; i < ${elements}u; i += ${workgroups * GROUP}u) {
    y[i] = x[i];
  }
}`;
  return { text, workgroups };
}

/** As little as a dispatch can do. */
export const nothingShader: RoofShader = {
  text: `${bindings('f32')}
@compute @workgroup_size(1) fn main() {
  y[0] = x[0];
}`,
  workgroups: 1,
};
