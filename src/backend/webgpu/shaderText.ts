// What the host may do to a shader: set the value of `const` and `alias` declarations, and nothing else.

/** A shader file. */
export interface Shader {
  readonly name: string;
  readonly text: string;
}

/** Values for the consts and aliases of a shader, by name. */
export type Constants = Readonly<Record<string, number | boolean | string>>;

/** The shader with these values. Names that the shader does not declare are a mistake of ours. */
export function specialize(shader: Shader, constants: Constants): string {
  let text = shader.text;
  for (const [name, value] of Object.entries(constants)) {
    const declaration = new RegExp(`^(?:const ${name}: (u32|i32|f32|bool)|alias ${name}) = [^;]+;`, 'm');
    const found = declaration.exec(text);
    if (!found) throw new Error(`shaders/${shader.name}.wgsl declares no const or alias ${name}`);
    const type = found[1];
    const line = type ? `const ${name}: ${type} = ${literal(type, value)};` : `alias ${name} = ${value};`;
    text = text.slice(0, found.index) + line + text.slice(found.index + found[0].length);
  }
  return text;
}

function literal(type: string, value: number | boolean | string): string {
  if (type === 'bool') return String(Boolean(value));
  if (type === 'u32') return `${value}u`;
  return type === 'i32' ? `${value}i` : `${value}f`;
}

export type BindingKind = 'uniform' | 'read-only-storage' | 'storage';

export interface BindingSlot {
  readonly binding: number;
  readonly kind: BindingKind;
  readonly name: string;
}

/** The bindings that a shader declares, in the order of their numbers. */
export function bindingSlots(text: string): BindingSlot[] {
  const pattern = /@group\(0\) @binding\((\d+)\) var<(uniform|storage, read_write|storage, read)> (\w+)/g;
  const slots = [...text.matchAll(pattern)].map(([, binding, space, name]): BindingSlot => {
    const kind = space === 'uniform' ? 'uniform' : space === 'storage, read' ? 'read-only-storage' : 'storage';
    return { binding: Number(binding), kind, name: name! };
  });
  return slots.sort((a, b) => a.binding - b.binding);
}
