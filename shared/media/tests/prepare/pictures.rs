//! Images.

use crate::opened::{Opened, sent};
use carteiro_core::media::{FileKind, Shape};
use carteiro_media::PrepareError;
use image::{DynamicImage, GenericImageView, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;

/// The left half red, the right half blue.
fn halves(width: u32, height: u32) -> DynamicImage {
    let side = |x| if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) };
    RgbImage::from_fn(width, height, |x, _| side(x)).into()
}

fn coded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn size(opened: &Opened) -> (u32, u32) {
    match opened.told.shape {
        Shape::Image { width, height } => (width, height),
        ref other => panic!("{other:?} is no image"),
    }
}

fn thumbnail(opened: &Opened) -> DynamicImage {
    let bytes = opened.told.thumbnail.as_ref().expect("a thumbnail");
    assert!(bytes.len() < 8_000, "a thumbnail of {} bytes", bytes.len());
    image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap()
}

/// Puts an EXIF segment with nothing but an orientation behind the first marker of a JPEG.
fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut segment = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    segment.extend([orientation, 0, 0, 0, 0, 0, 0]);
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

#[test]
fn each_format_arrives_byte_for_byte_with_its_size_and_a_thumbnail() {
    for (format, mime) in [
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::Png, "image/png"),
        (ImageFormat::WebP, "image/webp"),
        (ImageFormat::Gif, "image/gif"),
    ] {
        let image = halves(400, 200);
        let image = if format == ImageFormat::Gif { image.into_rgba8().into() } else { image };
        let file = coded(&image, format);
        let opened = sent(FileKind::Image, &file, Some("cartão.txt")).unwrap();
        assert_eq!(opened.file, file, "{mime}");
        assert_eq!((opened.told.mime.as_str(), size(&opened)), (mime, (400, 200)));
        assert_eq!(opened.told.sidecar, None);
        let small = thumbnail(&opened);
        assert_eq!(small.dimensions(), (100, 50));
        let (left, right) = (small.get_pixel(20, 25), small.get_pixel(80, 25));
        assert!(left[0] > 150 && left[2] < 60 && right[0] < 60 && right[2] > 150, "{left:?} {right:?}");
    }
}

#[test]
fn size_and_thumbnail_are_as_the_picture_is_shown() {
    let lying = turned(&coded(&halves(400, 200), ImageFormat::Jpeg), 6);
    let opened = sent(FileKind::Image, &lying, None).unwrap();
    assert_eq!((&opened.file, size(&opened)), (&lying, (200, 400)));
    let small = thumbnail(&opened);
    assert_eq!(small.dimensions(), (50, 100));
    let (top, bottom) = (small.get_pixel(25, 20), small.get_pixel(25, 80));
    assert!(top[0] > 150 && bottom[2] > 150, "{top:?} {bottom:?}");
}

#[test]
fn what_is_transparent_is_white_in_the_thumbnail() {
    let clear = RgbaImage::from_fn(300, 300, |x, _| Rgba([0, 0, 0, if x < 150 { 0 } else { 255 }]));
    let opened = sent(FileKind::Image, &coded(&clear.into(), ImageFormat::Png), None).unwrap();
    let small = thumbnail(&opened);
    assert!(small.get_pixel(10, 50)[0] > 245 && small.get_pixel(90, 50)[0] < 10);
}

#[test]
fn a_small_picture_is_not_blown_up_and_a_thin_one_not_lost() {
    let opened = sent(FileKind::Image, &coded(&halves(30, 20), ImageFormat::Png), None).unwrap();
    assert_eq!(thumbnail(&opened).dimensions(), (30, 20));
    let opened = sent(FileKind::Image, &coded(&halves(5_000, 2), ImageFormat::Png), None).unwrap();
    assert_eq!(thumbnail(&opened).dimensions(), (100, 1));
}

/// Says in its header to be of another size than its data are.
fn lying_png(width: u32, height: u32) -> Vec<u8> {
    let mut png = coded(&halves(2, 2), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn a_picture_too_large_to_decode_goes_without_a_thumbnail() {
    let opened = sent(FileKind::Image, &lying_png(20_000, 20_000), None).unwrap();
    assert_eq!((size(&opened), &opened.told.thumbnail), ((20_000, 20_000), &None));
}

#[test]
fn a_picture_of_a_size_that_no_picture_has_is_refused() {
    for (width, height) in [(65_536, 1), (1, 0x7fff_ffff), (0, 10)] {
        let refused = sent(FileKind::Image, &lying_png(width, height), None);
        assert!(matches!(refused, Err(PrepareError::Format)), "{width} × {height}");
    }
}

#[test]
fn a_damaged_picture_is_refused() {
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let image: DynamicImage = halves(200, 200).into_rgba8().into();
        let file = coded(&image, format);
        let half = &file[..file.len() / 2];
        assert!(matches!(sent(FileKind::Image, half, None), Err(PrepareError::Format)), "{format:?}");
    }
    let jpeg = coded(&halves(200, 200), ImageFormat::Jpeg);
    assert!(matches!(sent(FileKind::Image, &jpeg[..100], None), Err(PrepareError::Format)));
}
