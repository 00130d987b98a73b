//! Draws QR codes, as PNG pictures in data URIs: for the routes that answer them and the webhook that tells of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels a module: large enough for a phone's camera, small enough for an answer of a few kilobytes.
const SCALE: usize = 6;
/// Modules of white around it (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// The text could not be drawn. It says nothing of the text, which is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDrawn {
    /// It does not fit a QR.
    #[error("the text does not fit a QR")]
    TooLong,
    /// The PNG was not written.
    #[error("the PNG was not written")]
    Png,
}

/// A black and white PNG of the text as a QR, as a data URI.
///
/// # Errors
/// [`NotDrawn`].
pub fn png_data_uri(text: &str) -> Result<String, NotDrawn> {
    let qr = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| NotDrawn::TooLong)?;
    let modules = qr.width() + 2 * QUIET;
    let side = modules * SCALE;
    let dark = |x: usize, y: usize| {
        let inside = (QUIET..modules - QUIET).contains(&x) && (QUIET..modules - QUIET).contains(&y);
        inside && qr[(x - QUIET, y - QUIET)] == Color::Dark
    };
    // One bit a pixel, white set, each line of pixels filled up to whole bytes.
    let mut pixels = Vec::with_capacity(side * side.div_ceil(8));
    for y in 0..modules {
        let mut line = vec![0u8; side.div_ceil(8)];
        for x in (0..side).filter(|x| !dark(x / SCALE, y)) {
            line[x / 8] |= 0x80 >> (x % 8);
        }
        for _ in 0..SCALE {
            pixels.extend_from_slice(&line);
        }
    }
    let png = encode(&pixels, u32::try_from(side).map_err(|_| NotDrawn::TooLong)?)?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(png)))
}

fn encode(pixels: &[u8], side: u32) -> Result<Vec<u8>, NotDrawn> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(|_| NotDrawn::Png)?;
    writer.write_image_data(pixels).map_err(|_| NotDrawn::Png)?;
    writer.finish().map_err(|_| NotDrawn::Png)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "2@AbCdEf0123456789,key==,identity==,secret==,1";

    #[test]
    fn every_module_is_where_it_belongs() {
        let uri = png_data_uri(TEXT).unwrap();
        let bytes = STANDARD.decode(uri.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let qr = QrCode::with_error_correction_level(TEXT, EcLevel::L).unwrap();
        assert_eq!(info.width as usize, (qr.width() + 8) * SCALE);
        let is_dark = |x: usize, y: usize| pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) == 0;
        for y in 0..info.height as usize {
            for x in 0..info.width as usize {
                let (mx, my) = ((x / SCALE).wrapping_sub(QUIET), (y / SCALE).wrapping_sub(QUIET));
                let expected = mx < qr.width() && my < qr.width() && qr[(mx, my)] == Color::Dark;
                assert_eq!(is_dark(x, y), expected, "{x},{y}");
            }
        }
    }

    #[test]
    fn a_text_too_long_is_refused_without_being_told() {
        assert_eq!(png_data_uri(&"x".repeat(3_000)), Err(NotDrawn::TooLong));
    }
}
