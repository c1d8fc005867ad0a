import type { Family, OpText } from '../text.ts';

function unary(formula: string, gradient: string, special?: string): OpText {
  return { formula, shapes: 'x [any] → y [the same]', gradient, ...(special && { special }) };
}

function binary(formula: string, gradient: string, special?: string): OpText {
  return { formula, shapes: 'a, b [any that broadcast] → y [both stretched]', gradient, ...(special && { special }) };
}

const truth = (formula: string, special?: string) =>
  binary(formula, 'not differentiable: the result is true or false', special);

const step = 'dx = 0';

export const elementwise: Family = {
  title: 'Elementwise functions',
  ops: {
    neg: unary('y = −x', 'dx = −dy'),
    abs: unary('y = |x|', 'dx = dy · sign(x)', 'gradient 0 at 0'),
    exp: unary('y = eˣ', 'dx = dy · y', '∞ above 88.7 in float32'),
    log: unary('y = ln x', 'dx = dy / x', '−∞ at 0, NaN below'),
    log1p: unary('y = ln(1 + x)', 'dx = dy / (1 + x)', 'keeps the digits of a small x; −∞ at −1, NaN below'),
    sqrt: unary('y = √x', 'dx = dy / (2 y)', 'NaN below 0; gradient ∞ at 0'),
    rsqrt: unary('y = 1 / √x', 'dx = −dy · y / (2 x)', '∞ at 0, NaN below'),
    square: unary('y = x²', 'dx = 2 x · dy'),
    sign: unary('y = −1, 0 or 1', step, '0 at 0'),
    floor: unary('y = ⌊x⌋', step, 'integers stay as they are'),
    ceil: unary('y = ⌈x⌉', step, 'integers stay as they are'),
    round: unary('y = the whole number nearest to x', step, 'halves go to the even neighbour: 0.5 → 0, 1.5 → 2'),
    sin: unary('y = sin x', 'dx = dy · cos x', 'x in radians'),
    cos: unary('y = cos x', 'dx = −dy · sin x', 'x in radians'),
    erf: unary('y = 2/√π ∫₀ˣ e^(−t²) dt', 'dx = dy · 2/√π · e^(−x²)'),
    logicalNot: unary('y = (x = 0)', 'not differentiable: the result is true or false'),
    cast: {
      formula: 'y = x as another dtype',
      shapes: 'x [any] → y [the same]',
      gradient: 'dx = dy as the dtype of x',
      special:
        'float → integer truncates towards 0 and clamps to the range; int32 → uint8 keeps the low 8 bits; anything but 0 is true. An integer or bool result passes no gradient on',
    },

    add: binary('y = a + b', 'da = dy, db = dy'),
    sub: binary('y = a − b', 'da = dy, db = −dy'),
    mul: binary('y = a · b', 'da = dy · b, db = dy · a'),
    div: binary('y = a / b', 'da = dy / b, db = −dy · y / b', 'a float even of integers; ±∞ or NaN where b is 0'),
    pow: binary(
      'y = aᵇ',
      'da = dy · b · aᵇ⁻¹, db = dy · y · ln a where a > 0, else 0',
      'a⁰ is 1 for every a; a negative a has powers with whole b only, else NaN; of integers, a negative b truncates to 0 (1 and −1 keep theirs)',
    ),
    maximum: binary('y = a where a ≥ b, else b', 'da = dy where a ≥ b, db = dy where a < b', 'of equals, a gets all'),
    minimum: binary('y = a where a ≤ b, else b', 'da = dy where a ≤ b, db = dy where a > b', 'of equals, a gets all'),
    equal: truth('y = (a = b)', 'NaN equals nothing, −0 equals 0'),
    notEqual: truth('y = (a ≠ b)', 'true where one is NaN'),
    greater: truth('y = (a > b)'),
    greaterEqual: truth('y = (a ≥ b)'),
    less: truth('y = (a < b)'),
    lessEqual: truth('y = (a ≤ b)'),
    logicalAnd: truth('y = (a ≠ 0 and b ≠ 0)'),
    logicalOr: truth('y = (a ≠ 0 or b ≠ 0)'),
    where: {
      formula: 'y = a where condition, else b',
      shapes: 'condition bool, a, b [any that broadcast] → y [all stretched]',
      gradient: 'da = dy where condition, else 0\ndb = 0 where condition, else dy',
      special:
        'both choices are computed and differentiated: where the one not taken has an infinite derivative, its 0 · ∞ is NaN',
    },
  },
};

export const activations: Family = {
  title: 'Activations',
  ops: {
    relu: unary('y = max(x, 0)', 'dx = dy where y > 0, else 0', 'gradient 0 at 0'),
    sigmoid: unary('y = 1 / (1 + e⁻ˣ)', 'dx = dy · y (1 − y)', 'overflows in neither tail'),
    tanh: unary('y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)', 'dx = dy · (1 − y²)', '±1 in the tails'),
    softplus: unary('y = ln(1 + eˣ)', 'dx = dy · sigmoid(x)', 'overflows in neither tail'),
    reluGrad: {
      formula: 'dx = dy where y > 0, else 0',
      shapes: 'dy, y [any that broadcast] → dx [both stretched]',
      gradient: 'ddy = ddx where y > 0, else 0',
      special: 'y only says where; it gets no gradient',
    },
    addRelu: {
      formula: 'y = max(a + b, 0)',
      shapes: 'a, b [any that broadcast] → y [both stretched]',
      gradient: 'da = db = dy where y > 0, else 0, summed over stretched axes',
      special: 'NaN passes, as through relu',
    },
  },
};
