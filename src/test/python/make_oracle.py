"""Draws the odd and ordinary images of src/test/resources/oracle and records what Pillow makes of each.

    python make_oracle.py --out src/test/resources/oracle

An image's expectation is the tensor of an inference.py:

    np.asarray(Image.open(file).convert("RGB").resize((224, 224)))

All images are drawn here, so they are free to use. Needs pillow and numpy; made with the versions that
oracle.json names. Other versions of Pillow's codecs may write (and round) a little differently.
"""
import argparse
import hashlib
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageDraw, ImageFont, ImageOps, features

SIZE = (224, 224)
OTHER_SIZE = (37, 53)
WIDTH, HEIGHT = 96, 72

# The images whose whole tensor is kept beside them.
WHOLE = ["jpeg-420.jpg", "jpeg-422.jpg", "jpeg-420-odd-size.jpg", "jpeg-gray.jpg", "jpeg-cmyk.jpg", "jpeg-2000x3.jpg",
         "jpeg-large.jpg", "png-rgb.png", "png-palette-trns.png", "png-gray16.png", "png-small.png", "gif-animated.gif"]
# The images that are also resized in all other ways.
RESAMPLED = ["png-rgb.png", "png-gray.png", "png-small.png", "png-wide.png", "png-large.png", "png-1x1.png"]


# ---- drawing ----

def scene(width=WIDTH, height=HEIGHT, seed=1):
    """A gradient, a patch of noise, sharp edges, thin lines and text, in colors of all corners of the cube."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    pixels = np.stack([255 * x / max(width - 1, 1), 255 * y / max(height - 1, 1),
                       128 + 127 * np.sin((x + y) * 6.0 / width)], axis=-1)
    h, w = height // 3, width // 4
    pixels[:h, width - w:] += random.normal(0, 30, (h, w, 1))
    image = Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    s = min(width, height) / 72
    draw.rectangle([4 * s, 4 * s, 24 * s, 20 * s], fill=(255, 0, 0))
    draw.rectangle([14 * s, 12 * s, 34 * s, 30 * s], fill=(0, 0, 255))
    draw.ellipse([width - 40 * s, height - 34 * s, width - 8 * s, height - 4 * s],
                 fill=(255, 255, 0), outline=(0, 0, 0))
    for i in range(6):
        draw.line([4 * s + i * 4 * s, height - 4 * s, 14 * s + i * 6 * s, height - 24 * s],
                  fill=(0, 0, 0) if i % 2 else (255, 255, 255))
    draw.text((30 * s, 30 * s), "Camel 2", fill=(255, 255, 255), font=ImageFont.load_default(max(14 * s, 4)))
    return image


def translucent(image):
    """With an alpha of 0 in one corner to 255 in the other."""
    width, height = image.size
    y, x = np.mgrid[0:height, 0:width]
    image = image.convert("RGBA")
    image.putalpha(Image.fromarray(((x + y) * 255 // (width + height - 2)).astype(np.uint8)))
    return image


def inks(image):
    """CMYK with as much black as can be (Pillow's own convert("CMYK") leaves black out)."""
    cmy = 255 - np.asarray(image)
    black = cmy.min(axis=-1, keepdims=True)
    return Image.frombytes("CMYK", image.size, np.concatenate([cmy - black, black], axis=-1).tobytes())


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# ---- files that Pillow does not write ----

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels, depth, color, interlaced=False, before_data=b""):
    """A PNG of integer samples [height, width] or [height, width, channels]; lines take the filters in turn."""
    pixels = np.asarray(pixels)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    height, width, channels = pixels.shape
    step = max(1, channels * depth // 8)

    def packed(row):
        if depth == 16:
            return row.astype(">u2").tobytes()
        if depth == 8:
            return row.astype(np.uint8).tobytes()
        bits = (row.reshape(-1, 1) >> np.arange(depth - 1, -1, -1)) & 1
        return np.packbits(bits.astype(np.uint8)).tobytes()

    def lines(part):
        out, above = b"", None
        for n, row in enumerate(part):
            line = np.frombuffer(packed(row), np.uint8).astype(int)
            above = np.zeros_like(line) if above is None else above
            left, corner = np.roll(line, step), np.roll(above, step)
            left[:step] = corner[:step] = 0
            guess = left + above - corner
            nearest = np.argmin([abs(guess - left), abs(guess - above), abs(guess - corner)], axis=0)
            paeth = np.choose(nearest, [left, above, corner])
            kind = n % 5
            minus = [0, left, above, (left + above) // 2, paeth][kind]
            out += bytes([kind]) + ((line - minus) & 255).astype(np.uint8).tobytes()
            above = line
        return out

    if interlaced:
        data = b"".join(lines(pixels[y::dy, x::dx]) for y, x, dy, dx in (
            (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
            if pixels[y::dy, x::dx].size)
    else:
        data = lines(pixels)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before_data
            + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def bmp(width, height, bits, lines, compression=0, palette=b"", masks=b"", top_down=False):
    start = 14 + 40 + len(masks) + len(palette)
    return (b"BM" + struct.pack("<IHHI", start + len(lines), 0, 0, start)
            + struct.pack("<IiiHHIIiiII", 40, width, -height if top_down else height, 1, bits, compression,
                          len(lines), 2835, 2835, len(palette) // 4, 0) + masks + palette + lines)


def bmp_rgb(image, top_down=False):
    pixels = np.asarray(image)[..., ::-1]
    pad = -pixels.shape[1] * 3 % 4
    rows = [row.tobytes() + bytes(pad) for row in pixels]
    return bmp(*image.size, 24, b"".join(rows if top_down else rows[::-1]), top_down=top_down)


def bmp_565(image):
    p = np.asarray(image).astype(int)
    values = (p[..., 0] >> 3 << 11) | (p[..., 1] >> 2 << 5) | (p[..., 2] >> 3)
    rows = [row.astype("<u2").tobytes() + bytes(-len(row) * 2 % 4) for row in values]
    return bmp(*image.size, 16, b"".join(rows[::-1]), 3, masks=struct.pack("<III", 0xF800, 0x07E0, 0x001F))


def bmp_rle8(image):
    image = image.quantize(16)
    lines = b""
    for row in np.asarray(image)[::-1]:
        i = 0
        while i < len(row):
            n = 1
            while i + n < len(row) and n < 255 and row[i + n] == row[i]:
                n += 1
            lines += bytes([n, row[i]])
            i += n
        lines += b"\0\0"
    colors = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
    palette = b"".join(bytes([b, g, r, 0]) for r, g, b in colors)
    return bmp(*image.size, 8, lines + b"\0\1", 1, palette)


def without_segment(jpeg, marker):
    """A JPEG less its segments of one marker."""
    at = jpeg.find(bytes([0xFF, marker]))
    while at >= 0 and at < jpeg.find(b"\xff\xda"):
        jpeg = jpeg[:at] + jpeg[at + 2 + struct.unpack(">H", jpeg[at + 2:at + 4])[0]:]
        at = jpeg.find(bytes([0xFF, marker]))
    return jpeg


def ycck_jpeg(cmyk):
    """The CMYK JPEG that Photoshop writes: C, M and Y as YCbCr, and an Adobe segment that says so."""
    cyan, magenta, yellow, black = cmyk.split()
    ycc = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr")
    planes = [ImageOps.invert(plane) for plane in ycc.split()] + [black]
    jpeg = bytearray(saved(Image.merge("CMYK", planes), "JPEG", quality=90))
    jpeg[jpeg.find(b"\xff\xee") + 15] = 2
    return bytes(jpeg)


def profile():
    """An sRGB profile, less the time of its making."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return icc[:24] + bytes(12) + icc[36:]


def gif_on_larger_screen(gif, width, height, left, top):
    """A GIF whose first frame is not at the corner of its screen, which is larger than the frame."""
    gif = bytearray(gif)
    frame_size = gif[6:10]
    gif[6:10] = struct.pack("<HH", width, height)
    at = gif.find(b"\x2c" + bytes(4) + bytes(frame_size))
    gif[at + 1:at + 5] = struct.pack("<HH", left, top)
    return bytes(gif)


def tiff(tags, segments, order="<", tiled=False):
    """A TIFF of one page: tags by number, each a list of shorts, and its strips or tiles."""
    data, offsets = b"", []
    for segment in segments:
        offsets.append(8 + len(data))
        data += segment + bytes(len(segment) % 2)
    tags = {number: (3, values) for number, values in tags.items()}
    tags[324 if tiled else 273] = (4, offsets)
    tags[325 if tiled else 279] = (4, [len(segment) for segment in segments])
    at = 8 + len(data)
    behind = at + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for number, (kind, numbers) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        entries += struct.pack(order + "HHI", number, kind, len(numbers))
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack(order + "I", behind + len(values))
            values += packed
    header = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, at)
    return header + data + struct.pack(order + "H", len(tags)) + entries + bytes(4) + values


def tiff_tags(image, bits, compression, photometric, **more):
    samples = len(image.getbands())
    return {256: [image.width], 257: [image.height], 258: [bits] * samples, 259: [compression],
            262: [photometric], 277: [samples]} | {int(tag[1:]): values for tag, values in more.items()}


def tiles(image, side):
    """The image in squares, from the top left, the last ones filled up."""
    for top in range(0, image.height, side):
        for left in range(0, image.width, side):
            yield image.crop((left, top, left + side, top + side))


def strips(image, rows):
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def webp_many_groups(side):
    """A lossless WebP, black, with other prefix codes in each block of 4x4 pixels: as many as there can be."""
    bits = []

    def put(value, count):
        bits.extend(value >> i & 1 for i in range(count))

    def code_of_zero():
        put(0b0001, 4)

    def code_of_bytes(alphabet):
        """All of 0 to 255 in 8 bits, nothing for the rest of the alphabet."""
        put(0, 1)
        put(12 - 4, 4)
        for length in (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8):
            put(length == 8 or length == (18 if alphabet > 256 else 0), 3)
        put(0, 1)
        for _ in range(256):
            put(alphabet == 256, 1)
        while alphabet > 256:
            repeat = min(alphabet - 256, 138)
            put(1, 1)
            put(repeat - 11, 7)
            alphabet -= repeat

    put(0x2F, 8)
    put(side - 1, 14)
    put(side - 1, 14)
    put(0, 4)
    put(0b0100, 4)  # no transform, no color cache, groups, in blocks of 4x4
    put(0, 2)
    put(0, 1)
    code_of_bytes(280)
    code_of_bytes(256)
    for _ in range(3):
        code_of_zero()
    groups = (side // 4) ** 2
    for group in range(groups):
        for byte in (group & 255, group >> 8):
            put(int(f"{byte:08b}"[::-1], 2), 8)
    for _ in range(5 * groups):
        code_of_zero()
    bits.extend([0] * (-len(bits) % 16))
    data = bytes(sum(bit << i for i, bit in enumerate(bits[at:at + 8])) for at in range(0, len(bits), 8))
    return b"RIFF" + struct.pack("<I", 12 + len(data)) + b"WEBPVP8L" + struct.pack("<I", len(data)) + data


# ---- the images ----

def images():
    """Name and bytes of each."""
    rgb = scene()
    gray, cmyk, rgba = rgb.convert("L"), inks(rgb), translucent(rgb)
    palette = rgb.quantize(48)
    odd = scene(101, 67, seed=2)
    gray16 = np.asarray(gray).astype(int) * 257
    gray16[:36] = gray16[:36] // 3 + 77
    deep = np.asarray(rgb).astype(int) * 257
    deep = np.minimum(deep + np.arange(WIDTH)[None, :, None] * 2, 65535)

    # JPEG
    yield "jpeg-420.jpg", saved(rgb, "JPEG", quality=85, subsampling="4:2:0")
    yield "jpeg-422.jpg", saved(rgb, "JPEG", quality=85, subsampling="4:2:2")
    yield "jpeg-444.jpg", saved(rgb, "JPEG", quality=92, subsampling="4:4:4")
    yield "jpeg-420-odd-size.jpg", saved(odd, "JPEG", quality=85, subsampling="4:2:0")
    yield "jpeg-422-odd-size.jpg", saved(odd, "JPEG", quality=85, subsampling="4:2:2")
    yield "jpeg-quality-10.jpg", saved(rgb, "JPEG", quality=10)
    yield "jpeg-optimized.jpg", saved(rgb, "JPEG", quality=75, optimize=True)
    yield "jpeg-progressive.jpg", saved(rgb, "JPEG", quality=85, progressive=True)
    yield "jpeg-restart.jpg", saved(rgb, "JPEG", quality=85, restart_marker_blocks=3)
    yield "jpeg-restart-422-progressive.jpg", saved(
        rgb, "JPEG", quality=85, subsampling="4:2:2", progressive=True, restart_marker_rows=1)
    yield "jpeg-gray.jpg", saved(gray, "JPEG", quality=85)
    yield "jpeg-gray-progressive.jpg", saved(gray, "JPEG", quality=85, progressive=True)
    yield "jpeg-cmyk.jpg", saved(cmyk, "JPEG", quality=90)
    yield "jpeg-cmyk-progressive.jpg", saved(cmyk, "JPEG", quality=90, progressive=True)
    yield "jpeg-cmyk-no-adobe.jpg", without_segment(saved(cmyk, "JPEG", quality=90), 0xEE)
    yield "jpeg-ycck.jpg", ycck_jpeg(cmyk)
    yield "jpeg-rgb-not-ycc.jpg", saved(rgb, "JPEG", quality=90, keep_rgb=True)
    yield "jpeg-no-jfif.jpg", without_segment(saved(rgb, "JPEG", quality=85), 0xE0)
    yield "jpeg-icc.jpg", saved(rgb, "JPEG", quality=85, icc_profile=profile())
    for orientation in (3, 6):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield f"jpeg-orientation-{orientation}.jpg", saved(rgb, "JPEG", quality=85, exif=exif)
    yield "jpeg-comment.jpg", saved(rgb, "JPEG", quality=85, comment=b"drawn by make_oracle.py")
    yield "jpeg-1x1.jpg", saved(Image.new("RGB", (1, 1), (200, 100, 50)), "JPEG")
    yield "jpeg-2000x3.jpg", saved(scene(2000, 3), "JPEG", quality=80)
    yield "jpeg-small.jpg", saved(scene(30, 20), "JPEG", quality=85)
    yield "jpeg-large.jpg", saved(scene(1600, 1200), "JPEG", quality=20)
    baseline = saved(rgb, "JPEG", quality=85)
    yield "jpeg-truncated.jpg", baseline[:len(baseline) // 2]
    yield "jpeg-truncated-header.jpg", baseline[:200]
    yield "jpeg-no-end.jpg", baseline[:-2]
    yield "jpeg-trailing-bytes.jpg", baseline + b"and more" * 40
    yield "jpeg-mpo.jpg", saved(rgb, "MPO", save_all=True, append_images=[ImageOps.invert(rgb)], quality=85)
    yield "jpeg-corrupt.jpg", baseline[:1600] + bytes(20) + baseline[1620:]

    # PNG
    yield "png-rgb.png", saved(rgb, "PNG", optimize=True)
    yield "png-rgb-filters.png", png(np.asarray(rgb), 8, 2)
    yield "png-rgb-interlaced.png", png(np.asarray(rgb), 8, 2, interlaced=True)
    yield "png-rgba.png", saved(rgba, "PNG", optimize=True)
    yield "png-rgb-trns.png", saved(rgb, "PNG", transparency=(255, 0, 0))
    yield "png-rgb16.png", png(deep, 16, 2)
    yield "png-rgba16.png", png(np.dstack([deep, gray16]), 16, 6)
    yield "png-palette.png", saved(palette, "PNG")
    yield "png-palette-trns.png", saved(palette, "PNG", transparency=bytes(range(0, 240, 5)))
    yield "png-palette-4bit.png", saved(rgb.quantize(16), "PNG", bits=4)
    yield "png-palette-2bit.png", saved(rgb.quantize(4), "PNG", bits=2)
    yield "png-palette-interlaced.png", png(np.asarray(palette), 8, 3, True,
                                            chunk(b"PLTE", bytes(palette.getpalette()[:48 * 3])))
    yield "png-gray.png", saved(gray, "PNG")
    yield "png-gray-alpha.png", saved(rgba.convert("LA"), "PNG")
    yield "png-gray-alpha16.png", png(np.dstack([gray16, gray16[::-1]]), 16, 4)
    yield "png-gray-trns.png", saved(gray, "PNG", transparency=int(np.asarray(gray)[10, 10]))
    yield "png-1bit.png", saved(gray.convert("1"), "PNG")
    yield "png-gray-2bit.png", png(np.asarray(gray) >> 6, 2, 0)
    yield "png-gray-4bit.png", png(np.asarray(gray) >> 4, 4, 0)
    yield "png-gray16.png", png(gray16, 16, 0)
    yield "png-gamma.png", png(np.asarray(rgb), 8, 2, before_data=chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "png-animated.png", saved(rgb, "PNG", save_all=True, append_images=[ImageOps.invert(rgb)], duration=100)
    yield "png-1x1.png", saved(Image.new("RGB", (1, 1), (200, 100, 50)), "PNG")
    yield "png-small.png", saved(scene(30, 20), "PNG")
    yield "png-wide.png", saved(scene(400, 9), "PNG")
    yield "png-large.png", saved(scene(640, 480).quantize(16), "PNG", optimize=True)
    yield "png-224x224.png", saved(scene(224, 224), "PNG", optimize=True)
    yield "png-named.jpg", saved(rgb, "PNG", optimize=True)
    whole = saved(rgb, "PNG")
    yield "png-truncated.png", whole[:len(whole) // 2]
    yield "png-no-end.png", whole[:-12]
    at = whole.find(b"IDAT")
    length = struct.unpack(">I", whole[at - 4:at])[0]
    yield "png-bad-crc.png", whole[:at + 4 + length] + bytes([whole[at + 4 + length] ^ 255]) + whole[at + 5 + length:]
    yield "png-bad-data.png", whole[:at + 200] + bytes(60) + whole[at + 260:]
    yield "png-bomb-30000x30000.png", (whole[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0))
                                       + chunk(b"IDAT", zlib.compress(bytes(4096))) + chunk(b"IEND", b""))

    # GIF
    small = scene(60, 44, seed=3)
    indexed = small.quantize(32)
    yield "gif-still.gif", saved(indexed, "GIF", interlace=0)
    yield "gif-interlaced.gif", saved(indexed, "GIF", interlace=1)
    yield "gif-transparent.gif", saved(indexed, "GIF", transparency=int(np.asarray(indexed)[6, 6]))
    yield "gif-gray.gif", saved(small.convert("L"), "GIF")
    yield "gif-animated.gif", saved(indexed, "GIF", save_all=True, duration=80, append_images=[
        ImageOps.invert(small).quantize(32), small.rotate(90).quantize(32)])
    yield "gif-offset.gif", gif_on_larger_screen(saved(indexed, "GIF"), 90, 70, 20, 15)
    yield "gif-offset-transparent.gif", gif_on_larger_screen(
        saved(indexed, "GIF", transparency=int(np.asarray(indexed)[6, 6])), 90, 70, 20, 15)
    still = saved(indexed, "GIF")
    yield "gif-truncated.gif", still[:len(still) // 2]

    # BMP
    yield "bmp-24bit.bmp", bmp_rgb(odd.resize((61, 40)))
    yield "bmp-top-down.bmp", bmp_rgb(odd.resize((61, 40)), top_down=True)
    yield "bmp-palette.bmp", saved(palette, "BMP")
    yield "bmp-gray.bmp", saved(gray, "BMP")
    yield "bmp-1bit.bmp", saved(gray.convert("1"), "BMP")
    yield "bmp-32bit.bmp", saved(translucent(small), "BMP")
    yield "bmp-565.bmp", bmp_565(small)
    yield "bmp-rle8.bmp", bmp_rle8(small)

    # TIFF
    yield "tiff-none.tiff", saved(small, "TIFF")
    yield "tiff-lzw.tiff", saved(small, "TIFF", compression="tiff_lzw")
    yield "tiff-lzw-predictor.tiff", saved(small, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield "tiff-deflate.tiff", saved(rgb, "TIFF", compression="tiff_adobe_deflate")
    yield "tiff-packbits.tiff", saved(indexed, "TIFF", compression="packbits")
    yield "tiff-jpeg.tiff", saved(rgb, "TIFF", compression="jpeg")
    yield "tiff-gray.tiff", saved(gray, "TIFF", compression="tiff_lzw")
    yield "tiff-gray16.tiff", saved(Image.fromarray(gray16.astype(np.uint16)), "TIFF", compression="tiff_lzw")
    yield "tiff-cmyk.tiff", saved(cmyk, "TIFF", compression="tiff_lzw")
    yield "tiff-rgba.tiff", saved(rgba, "TIFF", compression="tiff_lzw")
    yield "tiff-1bit-group4.tiff", saved(gray.convert("1"), "TIFF", compression="group4")
    yield "tiff-pages.tiff", saved(small, "TIFF", compression="tiff_lzw", save_all=True,
                                   append_images=[ImageOps.invert(small)])
    yield "tiff-orientation-6.tiff", saved(small, "TIFF", compression="tiff_lzw", tiffinfo={274: 6})
    yield "tiff-big-endian.tiff", tiff(tiff_tags(small, 8, 1, 2, t278=[10]),
                                       [strip.tobytes() for strip in strips(small, 10)], ">")
    yield "tiff-tiled.tiff", tiff(tiff_tags(small, 8, 8, 2, t322=[32], t323=[32]),
                                  [zlib.compress(tile.tobytes()) for tile in tiles(small, 32)], tiled=True)
    yield "tiff-planar.tiff", tiff(tiff_tags(small, 8, 8, 2, t278=[20], t284=[2]),
                                   [zlib.compress(strip.tobytes()) for band in small.split()
                                    for strip in strips(band, 20)])
    yield "tiff-white-is-zero.tiff", tiff(tiff_tags(gray, 8, 1, 0), [gray.tobytes()])
    yield "tiff-gray-4bit.tiff", tiff(tiff_tags(gray, 4, 1, 1), [
        ((p := np.asarray(gray) >> 4)[:, ::2] << 4 | p[:, 1::2]).astype(np.uint8).tobytes()])
    yield "tiff-rgb16.tiff", tiff(tiff_tags(rgb, 16, 8, 2), [zlib.compress(deep.astype("<u2").tobytes())])
    yield "tiff-palette-lzw.tiff", saved(indexed, "TIFF", compression="tiff_lzw")
    yield "tiff-1bit-group3.tiff", saved(gray.convert("1"), "TIFF", compression="group3")
    yield "tiff-1bit-huffman.tiff", saved(gray.convert("1"), "TIFF", compression="tiff_ccitt")
    yield "tiff-jpeg-gray.tiff", saved(gray, "TIFF", compression="jpeg")
    yield "tiff-jpeg-cmyk.tiff", saved(cmyk, "TIFF", compression="jpeg")
    yield "tiff-jpeg-ycc-strips.tiff", tiff(
        tiff_tags(rgb, 8, 7, 6, t278=[32], t530=[2, 2]),
        [saved(strip, "JPEG", quality=90, subsampling="4:2:0") for strip in strips(rgb, 32)])
    yield "tiff-jpeg-rgb-tiles.tiff", tiff(
        tiff_tags(rgb, 8, 7, 2, t322=[64], t323=[64]),
        [saved(tile, "JPEG", quality=90, keep_rgb=True) for tile in tiles(rgb, 64)], tiled=True)

    # WebP, AVIF
    yield "webp-lossy.webp", saved(rgb, "WEBP", quality=80)
    yield "webp-lossless.webp", saved(rgb, "WEBP", lossless=True)
    yield "webp-alpha.webp", saved(rgba, "WEBP", quality=80)
    yield "webp-lossless-alpha.webp", saved(rgba, "WEBP", lossless=True)
    yield "webp-animated.webp", saved(rgb, "WEBP", save_all=True, append_images=[ImageOps.invert(rgb)], quality=60)
    yield "webp-many-groups.webp", webp_many_groups(64)
    yield "avif.avif", saved(rgb, "AVIF", quality=60)

    # no images
    yield "empty.jpg", b""
    yield "html.jpg", b"<!DOCTYPE html><html><body><h1>404 Not Found</h1></body></html>\n"
    yield "text.png", b"not an image\n"
    yield "zeros.jpg", bytes(300)


# ---- the oracle ----

def sample_points(width, height):
    """The corners, the middles of the edges and the center, then others all over: 60 pairs x, y."""
    right, bottom = width - 1, height - 1
    points = [(0, 0), (right, 0), (0, bottom), (right, bottom), (right // 2, 0), (right // 2, bottom),
              (0, bottom // 2), (right, bottom // 2), (right // 2, bottom // 2)]
    points += [((37 * i + 11) * 7919 % width, (53 * i + 5) * 104729 % height) for i in range(51)]
    return points


def described(image, points):
    pixels = np.asarray(image)
    return {
        "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        "mean": [float(m) for m in pixels.astype(np.float64).mean(axis=(0, 1))],
        "samples": "".join(bytes(pixels[y, x]).hex() for x, y in points),
    }


def described_file(data):
    """Format, mode, size and what becomes of a file: the record without its name, and the resized image."""
    record = {"bytes": len(data)}
    try:
        image = Image.open(io.BytesIO(data))
        record |= {"format": image.format, "mode": image.mode, "size": list(image.size)}
        rgb = image.convert("RGB")
    except Exception as e:  # whatever Pillow throws is what is recorded
        return record | {"decodable": False, "error": type(e).__name__}, None, None
    pixels = np.asarray(rgb)
    record |= {
        "decodable": True,
        "decoded": {"size": list(rgb.size), "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
                    "mean": [float(m) for m in pixels.astype(np.float64).mean(axis=(0, 1))]},
    }
    resized = rgb.resize(SIZE)
    return record | {"tensor": described(resized, sample_points(*SIZE))}, rgb, resized


ABOUT = {
    "tensor": "np.asarray(Image.open(file).convert('RGB').resize((224, 224))), uint8 [224, 224, 3]",
    "decoded": "np.asarray(Image.open(file).convert('RGB')): before it is resized",
    "size": "width, height; a TIFF's orientation is applied (Pillow does so itself), a JPEG's is not",
    "sha256": "of the tensor's bytes, row by row, R G B",
    "mean": "of R, G and B",
    "samples": "hexadecimal RRGGBB at the points of 'points' (x, y) one after the other",
    "whole": "a PNG of the whole tensor",
    "resized": "convert('RGB').resize(size, filter); its points are those of its size in 'points'",
    "error": "the Python exception of Image.open or convert",
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", type=Path, required=True)
    out = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    records = []
    for name, data in images():
        (out / name).write_bytes(data)
        record, rgb, resized = described_file(data)
        record = {"file": name} | record
        if name in WHOLE:
            record["whole"] = f"{name}.expected.png"
            resized.save(out / record["whole"], optimize=True)
        if name in RESAMPLED:
            record["resized"] = [
                {"size": list(size), "filter": way.name.lower()}
                | described(rgb.resize(size, way), sample_points(*size))
                for size in (SIZE, OTHER_SIZE) for way in Image.Resampling]
        records.append(record)
        print(f"{name:36} {record['bytes']:7} {record.get('mode', '-'):6} "
              f"{record['error'] if not record['decodable'] else [round(m, 2) for m in record['tensor']['mean']]}")
    oracle = {
        "pillow": PIL.__version__,
        "libjpeg-turbo": features.version("libjpeg_turbo"),
        "about": ABOUT,
    }
    points = {f"{w}x{h}": [list(p) for p in sample_points(w, h)] for w, h in (SIZE, OTHER_SIZE)}
    text = json.dumps(oracle, indent=2)[:-2] + ',\n  "points": ' + json.dumps(points)
    text += ',\n  "images": [\n    '
    text += ",\n    ".join(json.dumps(record) for record in records) + "\n  ]\n}\n"
    (out / "oracle.json").write_text(text)


if __name__ == "__main__":
    main()
