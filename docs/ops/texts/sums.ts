import type { Family } from '../text.ts';

export const reductions: Family = {
  title: 'Reductions',
  ops: {
    reduce: {
      formula:
        'sum        y[o, i] = scale · Σ x[o, r, i] over r      (mean: scale = 1 / length)\n' +
        'prod       y[o, i] = ∏ x[o, r, i] over r\n' +
        'max, min   y[o, i] = the largest, smallest x[o, r, i] over r',
      shapes: 'x [outer, reduced, inner] → y [outer, inner]',
      gradient:
        'sum        dx[o, r, i] = scale · dy[o, i]\n' +
        'prod       dx[o, r, i] = dy[o, i] · y[o, i] / x[o, r, i]\n' +
        'max, min   dx[o, r, i] = dy[o, i] where r is the first winner, else 0',
      special:
        'of nothing: sum is 0, prod 1, mean NaN; max and min are a ShapeError. The gradient of prod is NaN where x is 0',
    },
    argReduce: {
      formula: 'y[o, i] = the first r at which x[o, r, i] is largest (argMax) or smallest (argMin)',
      shapes: 'x [outer, reduced, inner] → y int32 [outer, inner]',
      gradient: 'not differentiable: the result is an index',
    },
  },
};

const conv = 'h = p · strideH + r · dilationH − padTop,  w = q · strideW + s · dilationW − padLeft';

export const products: Family = {
  title: 'Products',
  ops: {
    matmul: {
      formula: 'y[m, n] = activation(bias[n] + Σ a[m, k] · b[k, n] over k)      for each batch',
      shapes: 'a [batch, M, K], b [batch, K, N], bias [N] (may be absent) → y [batch, M, N]',
      gradient:
        'dz    = dy, or dy where y > 0 if the activation is relu\n' +
        'da    = dz bᵀ\n' +
        'db    = aᵀ dz\n' +
        'dbias = Σ dz over batch and m',
      special:
        'transposeA and transposeB say that an operand is stored with its last two axes swapped. A batch of 1 serves all batches of the other, and gets the sum of their gradients',
    },
  },
};

export const convolution: Family = {
  title: 'Convolution',
  ops: {
    conv2d: {
      formula: `y[n, p, q, k] = activation(bias[k] + Σ x[n, h, w, c] · kernel[r, s, c, k] over r, s, c)\n${conv}`,
      shapes: 'x [n, h, w, c], kernel [r, s, c / groups, k], bias [k] (may be absent) → y [n, p, q, k]',
      gradient:
        'dz               = dy, or dy where y > 0 if the activation is relu\n' +
        'dx[n, h, w, c]   = Σ dz[n, p, q, k] · kernel[r, s, c, k] over the r, s, k and the p, q that read (h, w)\n' +
        'dkernel[r,s,c,k] = Σ x[n, h, w, c] · dz[n, p, q, k] over n, p, q\n' +
        'dbias[k]         = Σ dz over n, p, q',
      special:
        'cells of the padding count as 0. With groups, c runs over the c / groups channels of the group that k belongs to',
    },
    conv2dGradInput: {
      formula: `dx[n, h, w, c] = Σ dy[n, p, q, k] · kernel[r, s, c, k] over r, s, k and the p, q that read (h, w)\n${conv}`,
      shapes: 'dy [n, p, q, k], kernel [r, s, c / groups, k] → dx [n, h, w, c]',
      gradient: 'ddy     = conv2d(ddx, kernel)\ndkernel = conv2dGradKernel(ddx, dy)',
      special: 'a cell that no window reads gets 0',
    },
    conv2dGradKernel: {
      formula: `dkernel[r, s, c, k] = Σ x[n, h, w, c] · dy[n, p, q, k] over n, p, q\n${conv}`,
      shapes: 'x [n, h, w, c], dy [n, p, q, k] → dkernel [r, s, c / groups, k]',
      gradient: 'dx  = conv2dGradInput(dy, ddkernel)\nddy = conv2d(x, ddkernel)',
    },
  },
};

export const pooling: Family = {
  title: 'Pooling',
  ops: {
    maxPool2d: {
      formula:
        'y[n, p, q, c]      = the largest x[n, h, w, c] over r, s\n' +
        'winner[n, p, q, c] = r · poolW + s of the first largest\n' +
        'h = p · strideH + r − padTop,  w = q · strideW + s − padLeft',
      shapes: 'x [n, h, w, c] → y [n, p, q, c], winner int32 [n, p, q, c]',
      gradient: 'dx = maxPool2dGrad(dy, winner)',
      special: 'of equals the first wins, row by row; padding never wins',
    },
    maxPool2dGrad: {
      formula: 'dx[n, h, w, c] = Σ dy[n, p, q, c] over the windows (p, q) whose winner lies at (h, w)',
      shapes: 'dy, winner int32 [n, p, q, c] → dx [n, h, w, c]',
      gradient: 'ddy = maxPool2dPick(ddx, winner)',
      special: 'the winners are constants: they do not move with a small change of x, but at ties',
    },
    maxPool2dPick: {
      formula: 'y[n, p, q, c] = x[n, h, w, c] at the cell (h, w) that winner[n, p, q, c] names',
      shapes: 'x [n, h, w, c], winner int32 [n, p, q, c] → y [n, p, q, c]',
      gradient: 'dx = maxPool2dGrad(dy, winner)',
    },
    avgPool2d: {
      formula:
        'y[n, p, q, c] = Σ x[n, h, w, c] over the r, s inside x / the number of those\n' +
        'h = p · strideH + r − padTop,  w = q · strideW + s − padLeft',
      shapes: 'x [n, h, w, c] → y [n, p, q, c]',
      gradient: 'dx = avgPool2dGrad(dy)',
      special: 'padding counts neither above nor below the line',
    },
    avgPool2dGrad: {
      formula: 'dx[n, h, w, c] = Σ dy[n, p, q, c] / cells(p, q) over the windows (p, q) that cover (h, w)',
      shapes: 'dy [n, p, q, c] → dx [n, h, w, c]',
      gradient: 'ddy = avgPool2d(ddx)',
    },
  },
};

export const fused: Family = {
  title: 'Fused: what compiled functions run instead of others',
  ops: {
    conv2dMaxPool2d: {
      formula: 'z = conv2d(x, kernel, bias)\ny, winner = maxPool2d(z), of windows that do not overlap',
      shapes: 'x [n, h, w, c], kernel [r, s, c / groups, k], bias [k] (may be absent) → y, winner int32 [n, p, q, k]',
      gradient: 'not differentiable: it takes the place of others after their gradients were taken',
      special: 'z is never written',
    },
    conv2dScaled: {
      formula: 'y = activation(scale · conv2d(x, kernel) + bias)',
      shapes: 'x [n, h, w, c], kernel [r, s, c / groups, k], bias [k], scale [k] → y [n, p, q, k]',
      gradient: 'not differentiable: it takes the place of others after their gradients were taken',
      special: 'a normalisation with given statistics costs nothing, and the kernel stays as it is',
    },
    conv2dMaxPool2dGradKernel: {
      formula:
        'dz      = dy, or reluGrad(dy, y)\n' +
        'dkernel = conv2dGradKernel(x, maxPool2dGrad(dz, winner)), of windows that do not overlap\n' +
        'dbias   = Σ dz over n, p, q',
      shapes: 'x [n, h, w, c], dy, y, winner int32 [n, p, q, k] → dkernel [r, s, c / groups, k], dbias [1, k]',
      gradient: 'not differentiable: it takes the place of others after their gradients were taken',
      special: 'only the cells that won are looked at',
    },
    classify: {
      formula:
        'loss, slope = softmaxCrossEntropy(logits, labels), slope times scale\n' +
        'y           = softmax(logits)\n' +
        'hit         = 1 where labels and y are largest at the same class, else 0',
      shapes: 'logits, labels [rows, c] → loss [rows], slope [rows, c], y [rows, c], hit [rows]',
      gradient: 'not differentiable: it takes the place of others after their gradients were taken',
      special: 'of equals the first is the answer',
    },
    denseGrad: {
      formula:
        'dx      = dy · kernelᵀ, or reluGrad(dy · kernelᵀ, x)\n' + 'dkernel = xᵀ · dy\n' + 'dbias   = Σ dy over m',
      shapes: 'x [1, m, k], kernel [1, k, n], dy [1, m, n] → dx [1, m, k], dkernel [1, k, n], dbias [1, n]',
      gradient: 'not differentiable: it takes the place of others after their gradients were taken',
      special: 'for few n, which a thread keeps in registers; n and k are even',
    },
    accumulate: {
      formula: 'target ← target + scale · Σ values',
      shapes: 'target [1], values [any]',
      gradient: 'not differentiable: it works in place',
    },
  },
};

export const batchStatistics: Family = {
  title: 'Normalising a batch',
  ops: {
    batchNormTraining: {
      formula:
        'mean[c]     = Σ x[r, c] over r / rows\n' +
        'variance[c] = Σ (x[r, c] − mean[c])² over r / rows\n' +
        'y[r, c]     = (x[r, c] − mean[c]) · gamma[c] / √(variance[c] + epsilon) + beta[c]',
      shapes: 'x [rows, c], gamma, beta [c] → y [rows, c], mean, variance [c]',
      gradient:
        'dx, dgamma, dbeta = batchNormTrainingGrad(x, dy, gamma, mean, variance), and what comes by way of mean and variance themselves',
      special: 'the variance is a second pass: as many digits however far the mean is from 0',
    },
    batchNormTrainingGrad: {
      formula:
        'n[r, c]  = (x[r, c] − mean[c]) f[c]  with f = 1 / √(variance + epsilon)\n' +
        'dbeta[c] = Σ dy[r, c] over r,  dgamma[c] = Σ dy[r, c] n[r, c] over r\n' +
        'dx[r, c] = gamma[c] f[c] (dy[r, c] − (dbeta[c] + n[r, c] dgamma[c]) / rows)',
      shapes: 'x, dy [rows, c], gamma, mean, variance [c] → dx [rows, c], dgamma, dbeta [c]',
      gradient: 'that of the formula, through operations',
      special: 'a channel without deviation has n = 0',
    },
  },
};

export const resizing: Family = {
  title: 'Resizing',
  ops: {
    resize2d: {
      formula:
        'row(p) = (p · step + start) / divisor,  column(q) likewise\n' +
        'linear    y[n, p, q, c] = Σ weight(h) · weight(w) · x[n, h, w, c] over the four cells around (row(p), column(q))\n' +
        'nearest   y[n, p, q, c] = x[n, ⌊row(p)⌋, ⌊column(q)⌋, c]',
      shapes: 'x [n, h, w, c] → y [n, p, q, c]',
      gradient: 'dx = resize2dGrad(dy)',
      special:
        'a place outside counts as one on the edge. Places are fractions of whole numbers, so no rounding decides which cell is the nearest; a cell of weight 0 is not looked at, so it may be infinite',
    },
    resize2dGrad: {
      formula:
        'dx[n, h, w, c] = Σ weight(h, p) · weight(w, q) · dy[n, p, q, c] over the places (p, q) less than a cell away',
      shapes: 'dy [n, p, q, c] → dx [n, h, w, c]',
      gradient: 'ddy = resize2d(ddx)',
    },
  },
};

export const transforming: Family = {
  title: 'Transforming pictures',
  ops: {
    affineMatrices: {
      formula:
        'y[n] = the first two rows of C · R(θ) · T(tx, ty) · H(shear) · Z(zx, zy) · C⁻¹ · F, row by row\n' +
        'R = [[cos, −sin], [sin, cos]]   H = [[1, −sin], [0, cos]]   Z = diag(zx, zy)   T, C shift, F flips',
      shapes: 'parameters [n, k] → y [n, 6]',
      gradient: 'not differentiable: nothing learns how a picture was changed at random',
      special:
        'angles are in degrees, and quarters of a turn exact; a flip takes place where its parameter is below 1/2; which column is what is an attribute, and one may be two things',
    },
    affineResample: {
      formula:
        'y[n, p, q, c] = x[n, row, column, c]  with column = a₀ q + a₁ p + a₂, row = b₀ q + b₁ p + b₂\n' +
        'between the four cells around that place, or the nearest cell: ⌊row + 1/2⌋, ⌊column + 1/2⌋',
      shapes: 'x [n, h, w, c] float or uint8, matrices [n, 6] → y float [n, p, q, c]',
      gradient: 'not differentiable: it changes pictures before a model sees them, where no gradient is wanted',
      special:
        'outside: the nearest cell, the mirror image about the outer edge, the other end (period n, or n − 1 as in old SciPy), a value for the whole sample, or a value for each neighbour outside; a cell of weight 0 is not looked at',
    },
  },
};

export const losses: Family = {
  title: 'Softmax and losses',
  ops: {
    softmax: {
      formula: 'y[c] = e^(x[c] − top) / Σ e^(x[j] − top) over j,  top = max of x      for each row',
      shapes: 'x [rows, c] → y [rows, c]',
      gradient: 'dx[c] = y[c] · (dy[c] − Σ dy[j] · y[j] over j)',
      special: 'a logit of −∞ gives 0; a row of nothing but −∞ gives NaN',
    },
    logSoftmax: {
      formula: 'y[c] = x[c] − top − ln Σ e^(x[j] − top) over j,  top = max of x      for each row',
      shapes: 'x [rows, c] → y [rows, c]',
      gradient: 'dx[c] = dy[c] − e^y[c] · Σ dy[j] over j',
      special: 'never the logarithm of a probability, so no −∞ from underflow',
    },
    softmaxCrossEntropy: {
      formula:
        'loss     = −Σ labels[c] · logSoftmax(logits)[c] over c      for each row\n' +
        'slope[c] = softmax(logits)[c] · Σ labels − labels[c]',
      shapes: 'logits, labels [rows, c] → loss [rows], slope [rows, c]',
      gradient: 'dlogits[c] = dloss · slope[c]\ndlabels[c] = −dloss · logSoftmax(logits)[c]',
      special: 'a label of 0 asks for nothing: its logit may be −∞',
    },
  },
};
