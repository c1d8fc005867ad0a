# What Pillow makes of pictures: writes expected.json beside this file. Made with Python 3.11 and Pillow 12.3:
#   pip install pillow && python test/data/pillow/make.py
import base64
import io
import json
import os

from PIL import Image, features

b64 = lambda data: base64.b64encode(data).decode()
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def picture(width, height, channels, seed=0):
    count = width * height * channels
    return Image.frombytes(MODES[channels], (width, height), bytes((i * i * 7 + i * 13 + seed) % 256 for i in range(count)))


def resizing():
    filters = {name: getattr(Image.Resampling, name.upper()) for name in
               ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]}
    for name, resample in filters.items():
        for channels in MODES:
            for size in [(4, 3), (14, 10), (3, 5), (7, 9), (1, 1), (2, 13)]:
                yield dict(interpolation=name, channels=channels, size=size, box=None,
                           out=b64(picture(7, 5, channels).resize(size, resample).tobytes()))
        for box, size in [((1, 0, 6, 5), (5, 5)), ((2, 1, 5, 4), (6, 2)), ((0, 1, 7, 4), (3, 7))]:
            yield dict(interpolation=name, channels=3, size=size, box=box,
                       out=b64(picture(7, 5, 3).resize(size, resample, box=box).tobytes()))


def nearest():
    """Which pixel of a row of n is taken for each of m; only where steps that are added up find another one than a product."""
    for n in range(2, 120):
        row = Image.frombytes("L", (n, 1), bytes(range(n)))
        for m in range(2, 120):
            out = list(row.resize((m, 1), Image.Resampling.NEAREST).tobytes())
            exact = [(2 * i + 1) * n // (2 * m) for i in range(m)]
            if out != exact:
                yield dict(n=n, m=m, out=out)


def files():
    color, grey, alpha = picture(9, 6, 3), picture(9, 6, 1), picture(9, 6, 4)
    wide = Image.frombytes("I;16", (9, 6), b"".join(((i * 1237 + 200) % 65536).to_bytes(2, "little") for i in range(54)))
    palette = color.quantize(7)
    seen = color.quantize(7)
    seen.info["transparency"] = 2
    smooth = Image.merge("RGB", [Image.frombytes("L", (33, 17), bytes((x * 7 * a + y * 11 * b) // 2 % 256
                                 for y in range(17) for x in range(33))) for a, b in [(1, 0), (0, 1), (1, 1)]])
    made = [
        ("rgb.png", color, {}), ("grey.png", grey, {}), ("rgba.png", alpha, {}), ("palette.png", palette, {}),
        ("transparent.png", seen, dict(transparency=2)), ("bits.png", grey.convert("1"), {}),
        ("grey-alpha.png", alpha.convert("LA"), {}), ("wide.png", wide, {}),
        ("rgb.jpg", smooth, {}), ("full.jpg", smooth, dict(subsampling=0, quality=95)), ("grey.jpg", smooth.convert("L"), {}),
        ("cmyk.jpg", smooth.convert("CMYK"), {}), ("progressive.jpg", smooth, dict(progressive=True)),
        ("rgb.bmp", color, {}), ("grey.bmp", grey, {}), ("palette.bmp", palette, {}), ("bits.bmp", grey.convert("1"), {}),
        ("rgba.bmp", alpha, {}), ("rgb.ppm", color, {}), ("grey.pgm", grey, {}), ("bits.pbm", grey.convert("1"), {}),
        ("palette.gif", palette, {}), ("rgb.tif", color, {}), ("lzw.tif", color, dict(compression="tiff_lzw")),
        ("lossless.webp", alpha, dict(lossless=True, exact=True)),
    ]
    for name, image, options in made:
        stream = io.BytesIO()
        image.save(stream, {"jpg": "JPEG", "tif": "TIFF", "pgm": "PPM", "pbm": "PPM"}.get(name[-3:], name.split(".")[1].upper()), **options)
        data = stream.getvalue()
        read = lambda mode: b64(Image.open(io.BytesIO(data)).convert(mode).tobytes())
        yield dict(name=name, mode=Image.open(io.BytesIO(data)).mode, file=b64(data), width=image.width, height=image.height,
                   grayscale=read("L"), rgb=read("RGB"), rgba=read("RGBA"))


path = os.path.join(os.path.dirname(__file__), "expected.json")
with open(path, "w") as out:
    json.dump(dict(resizing=list(resizing()), nearest=list(nearest())[:40], files=list(files())), out, indent=0)
print(os.path.getsize(path), "bytes", features.version("jpg"))
