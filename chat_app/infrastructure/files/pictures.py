"""Pictures for a model and for the page: decoded, turned upright, scaled down, and encoded anew without metadata."""

from io import BytesIO

import pi_heif
from PIL import Image, ImageCms, ImageOps

from chat_app.infrastructure.files.bounds import Bounds
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import Picture

# The only decoders that are tried: Pillow has others, with less care for hostile files.
_FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "HEIF"]
_LOSSLESS = ("PNG", "GIF")
_MAX_PNG_BYTES = 2_000_000  # larger ones are photographs, and become JPEGs
_JPEG_QUALITY = 85
_MILLION = 1_000_000

# Pixels are counted here, after a JPEG's reduction.
Image.MAX_IMAGE_PIXELS = None
pi_heif.register_heif_opener(decode_threads=1, thumbnails=False)


def prepare(content: bytes, bounds: Bounds) -> tuple[Picture, Picture]:
    """Return the picture in its two sizes; of an animation the first frame.

    Raises:
        FileRefused: The picture has too many pixels.
    """
    picture = Image.open(BytesIO(content), formats=_FORMATS)
    picture.draft(None, (bounds.side, bounds.side))  # lets JPEGs be decoded at a fraction of their size
    if picture.width * picture.height > bounds.megapixels * _MILLION:
        raise FileRefused("picture_too_large", max=bounds.megapixels)
    is_lossless = picture.format in _LOSSLESS
    picture.load()
    if picture.mode in ("P", "1", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    # Before anything else, so that copies are small. Turning it doesn't change the longest side.
    picture.thumbnail((bounds.side, bounds.side))
    picture = _in_srgb(ImageOps.exif_transpose(picture))
    small = picture.copy()
    small.thumbnail((bounds.thumbnail_side, bounds.thumbnail_side))
    return encode(picture, is_lossless=is_lossless), encode(small, is_lossless=is_lossless)


def encode(picture: Image.Image, *, is_lossless: bool = False) -> Picture:
    """Encode a picture: PNG where it is transparent, or sharp and small; JPEG otherwise."""
    picture.info.clear()  # the encoders would write comments and profiles that they find there
    if is_lossless or picture.mode == "RGBA":
        content = _encoded(picture, "PNG")
        if picture.mode == "RGBA" or len(content) <= _MAX_PNG_BYTES:
            return Picture(content, "image/png", picture.width, picture.height)
    return Picture(_encoded(picture, "JPEG", quality=_JPEG_QUALITY), "image/jpeg", picture.width, picture.height)


def _encoded(picture: Image.Image, encoding: str, **options: int) -> bytes:
    file = BytesIO()
    picture.save(file, encoding, **options)
    return file.getvalue()


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Convert the colours, which would change without their profile, to sRGB; as RGB or RGBA."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile: its colours are taken as they are
        else:
            return converted or picture
    return picture.convert(mode)
