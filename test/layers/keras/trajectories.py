# What Keras makes of small nets in five steps of training: trajectories.json, which ../trajectories.test.ts compares with.
# pip install keras==3.15.1 jax; KERAS_BACKEND=jax python trajectories.py
import json
import os

import keras
import numpy as np
from keras import Input, Model
from keras import layers as L

HERE = os.path.dirname(os.path.abspath(__file__))
nets = {}


def wave(size, phase):
    return np.sin(1.7 * np.arange(size) + phase).astype("float32")


def net(*shape):
    def add(make):
        x = Input(shape)
        nets[make.__name__] = (shape, Model(x, L.Dense(3, activation="softmax")(L.Flatten()(make(x)))))

    return add


@net(6, 6, 2)
def normalization(x):
    return L.BatchNormalization(momentum=0.7, epsilon=0.05)(L.Conv2D(3, 3)(x))


@net(6, 6, 2)
def normalization_without_scale(x):
    x = L.ReLU()(L.BatchNormalization(center=False, momentum=0.9)(L.Conv2D(3, 3)(x)))
    return L.BatchNormalization(scale=False)(x)


@net(6, 6, 2)
def normalization_of_rows(x):
    x = L.BatchNormalization(axis=1, momentum=0.9)(L.Conv2D(3, 3)(x))
    return L.BatchNormalization(center=False, scale=False, axis=2, momentum=0.5)(x)


@net(6, 6, 2)
def penalties(x):
    x = L.Conv2D(3, 3, kernel_regularizer="l2", activity_regularizer="l2")(x)
    return L.BatchNormalization(gamma_regularizer="l2", beta_regularizer="l1", gamma_constraint="non_neg")(x)


@net(7, 6, 2)
def separable(x):
    x = L.SeparableConv2D(4, 3, padding="same", strides=2, depth_multiplier=2, activation="relu")(x)
    return L.SeparableConv2D(3, (3, 2), padding="same", dilation_rate=2, use_bias=False, activation="tanh")(x)


@net(7, 8, 2)
def depthwise(x):
    x = L.DepthwiseConv2D((2, 4), padding="same", strides=2, depth_multiplier=2)(x)
    return L.DepthwiseConv2D(2, dilation_rate=2, activation="elu")(x)


@net(6, 6, 4)
def groups_and_dilation(x):
    x = L.Conv2D(4, 3, groups=2, padding="same", activation="relu")(x)
    return L.Conv2D(3, (3, 2), dilation_rate=(2, 3), padding="same")(x)


@net(3, 4, 2)
def transposed(x):
    x = L.Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu")(x)
    return L.Conv2DTranspose(2, (3, 2), strides=(2, 3))(x)


@net(3, 4, 2)
def transposed_with_padding(x):
    x = L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1)(x)
    return L.Conv2DTranspose(2, 3, dilation_rate=2, padding="same")(x)


@net(3, 4, 2)
def grown(x):
    x = L.UpSampling2D((2, 3))(L.Conv2D(2, 1)(x))
    x = L.UpSampling2D((2, 1), interpolation="bilinear")(L.Conv2D(2, 3)(x))
    return L.Cropping2D(((1, 2), (0, 3)))(L.ZeroPadding2D(((1, 0), (2, 3)))(x))


@net(5, 5, 2)
def merged(x):
    a = L.Conv2D(3, 3, padding="same")(x)
    b = L.Conv2D(3, 3, padding="same", activation="relu")(x)
    c = L.Conv2D(3, 1)(x)
    parts = [L.Add()([a, b, c]), L.Multiply()([a, b]), L.Average()([a, b, c]), L.Maximum()([a, b, c])]
    parts += [L.Minimum()([a, c]), L.Subtract()([a, b])]
    whole = L.Concatenate(axis=-2)([L.Concatenate(axis=1)(parts), L.Concatenate(axis=1)(parts)])
    return L.GlobalAveragePooling2D()(whole)


@net(6, 6, 2)
def squeezed(x):
    a = L.Conv2D(4, 3, padding="same")(x)
    s = L.Conv2D(4, 1, activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=True)(a))
    return L.GlobalMaxPooling2D(keepdims=True)(L.Multiply()([a, s]))


@net(6, 6, 2)
def bent(x):
    x = L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.3)(L.Conv2D(3, 3)(x))
    x = L.ReLU(threshold=0.2)(L.Conv2D(3, 1)(x))
    return L.ELU(0.7)(L.PReLU(shared_axes=[1, 2])(L.LeakyReLU(0.15)(L.Conv2D(3, 1)(x))))


@net(7, 6, 2)
def pooled(x):
    return L.AveragePooling2D(3, strides=2, padding="same")(L.MaxPooling2D((2, 3), 1, "same")(L.Conv2D(3, 1)(x)))


def base():
    x = Input((6, 6, 2))
    y = L.Activation("relu")(L.BatchNormalization(momentum=0.9)(L.Conv2D(3, 3)(x)))
    return Model(x, L.BatchNormalization(momentum=0.9)(L.DepthwiseConv2D(2)(y)))


@net(6, 6, 2)
def frozen_base(x):
    nested = base()
    nested.trainable = False
    return nested(x)


@net(6, 6, 2)
def partly_frozen_base(x):
    nested = base()
    for layer in nested.layers[:3]:
        layer.trainable = False
    return nested(x)


@net(6, 6, 2)
def shared_base(x):
    nested = base()
    return L.Concatenate()([nested(x), nested(L.Conv2D(2, 1)(x))])


def results(shape, model):
    for i, weight in enumerate(model.weights):
        shift = 1 if "gamma" in weight.path or "moving_variance" in weight.path else 0
        weight.assign(0.15 * wave(int(np.prod(weight.shape)), i).reshape(weight.shape) + shift)
    model.compile(optimizer=keras.optimizers.SGD(0.02, momentum=0.9), loss="categorical_crossentropy")
    x = wave(4 * int(np.prod(shape)), 0.5).reshape(4, *shape)
    y = np.eye(3, dtype="float32")[[0, 2, 1, 2]]
    losses = [float(model.train_on_batch(x, y)) for _ in range(5)]
    sums = [[float(np.sum(w, dtype="float64")), float(np.sum(np.square(w, dtype="float64")))] for w in model.get_weights()]
    return {
        "model": json.loads(model.to_json()),
        "losses": losses,
        "sums": sums,
        "predictions": model.predict(x, verbose=0).ravel().tolist(),
        "evaluated": float(model.evaluate(x, y, verbose=0)),
    }


with open(os.path.join(HERE, "trajectories.json"), "w") as file:
    json.dump({name: results(*given) for name, given in nets.items()}, file, separators=(",", ":"))
