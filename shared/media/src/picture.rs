//! The size of a picture and its thumbnail.

use crate::PrepareError;
use crate::guarded::guarded;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgba};
use std::fs::File;
use std::io::{BufReader, Seek};

/// The longest side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 100;
/// The quality of a thumbnail's JPEG, of 100: some 3 KB.
const THUMBNAIL_QUALITY: u8 = 70;
/// No picture has a longer side: it is the most that a JPEG can have. Longer ones are made to hurt who opens them.
const MAX_SIDE: u32 = 65_535;
/// The largest picture that is decoded. At worst (a progressive JPEG, whose coefficients are all kept beside the pixels) ten
/// bytes of memory for each pixel.
const MAX_PIXELS: u64 = 24_000_000;
/// The most bytes that the pixels may take: 24 million of four bytes, or 12 million of eight.
const MAX_DECODED: u64 = 96_000_000;

/// What is told of a picture.
pub(crate) struct Picture {
    /// In pixels, as it is shown: turned by its EXIF orientation.
    pub(crate) width: u32,
    /// In pixels, as it is shown.
    pub(crate) height: u32,
    /// A JPEG. None where the picture is too large to decode, or coded in a way that we cannot.
    pub(crate) thumbnail: Option<Vec<u8>>,
}

/// Reads a picture's size and makes its thumbnail.
///
/// # Errors
/// [`PrepareError::Format`] when it is damaged, [`PrepareError::Disk`] when it cannot be read.
pub(crate) fn look_at(file: &File, format: ImageFormat) -> Result<Picture, PrepareError> {
    guarded(|| decode(file, format)).unwrap_or(Err(PrepareError::Format))
}

fn decode(mut file: &File, format: ImageFormat) -> Result<Picture, PrepareError> {
    file.rewind()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED);
    let mut reader = ImageReader::with_format(BufReader::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PrepareError::Format);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut shown = DynamicImage::new_luma8(0, 0);
    let pixels = u64::from(width) * u64::from(height);
    if pixels <= MAX_PIXELS && decoder.total_bytes() <= MAX_DECODED {
        match DynamicImage::from_decoder(decoder) {
            Ok(image) => shown = small(image),
            Err(ImageError::Unsupported(_) | ImageError::Limits(_)) => {}
            Err(error) => return Err(refusal(error)),
        }
    }
    shown.apply_orientation(orientation);
    let (width, height) = if lies_down(orientation) { (height, width) } else { (width, height) };
    Ok(Picture { width, height, thumbnail: jpeg(&shown) })
}

/// Whether width and height change places when a picture is shown.
fn lies_down(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH)
}

/// Scaled down on white ground.
fn small(image: DynamicImage) -> DynamicImage {
    let flat = if image.color().has_alpha() {
        let mut pixels = image.into_rgba8();
        pixels.pixels_mut().for_each(lay_on_white);
        DynamicImage::ImageRgba8(pixels)
    } else {
        image
    };
    let fits = flat.width() <= THUMBNAIL_SIDE && flat.height() <= THUMBNAIL_SIDE;
    if fits { flat } else { flat.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE) }
}

fn lay_on_white(Rgba([r, g, b, alpha]): &mut Rgba<u8>) {
    let opacity = u32::from(*alpha);
    for channel in [r, g, b] {
        *channel = ((u32::from(*channel) * opacity + 255 * (255 - opacity)) / 255) as u8;
    }
    *alpha = 255;
}

fn jpeg(shown: &DynamicImage) -> Option<Vec<u8>> {
    if shown.width() == 0 {
        return None;
    }
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, THUMBNAIL_QUALITY).encode_image(&shown.to_rgb8()).ok()?;
    Some(bytes)
}

/// The decoders wrap what they find wrong with a file in I/O errors too; only the system's own carry a number.
fn refusal(error: ImageError) -> PrepareError {
    match error {
        ImageError::IoError(error) if error.raw_os_error().is_some() => error.into(),
        _ => PrepareError::Format,
    }
}
