//! Small files of each kind, made here.

use std::io::Write;

/// A picture of 48 by 32 pixels.
pub(crate) fn png() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 48, 32);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> =
        (0..48 * 32u32).flat_map(|at| [(at % 256) as u8, (at / 48 * 8) as u8, 128]).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

/// The smallest PDF that says it is one.
pub(crate) fn pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec()
}

/// An MP4 without a track: its type, an empty film of two seconds, and some data.
pub(crate) fn mp4() -> Vec<u8> {
    let movie = [
        &[0, 0, 0, 0][..],                                 // version and flags
        &[0; 8],                                           // made and changed
        &1_000u32.to_be_bytes(),                           // units a second
        &2_000u32.to_be_bytes(),                           // length
        &[0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // speed, volume, reserved
        &matrix(),
        &[0; 24],
        &1u32.to_be_bytes(), // next track
    ]
    .concat();
    [
        atom(b"ftyp", b"isom\0\0\x02\0isomiso2mp41"),
        atom(b"moov", &atom(b"mvhd", &movie)),
        atom(b"mdat", &[7; 4_096]),
    ]
    .concat()
}

fn matrix() -> Vec<u8> {
    [0x1_0000u32, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000].iter().flat_map(|n| n.to_be_bytes()).collect()
}

fn atom(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap();
    [&length.to_be_bytes(), &name[..], content].concat()
}

/// A tone of 440 Hz, mono, 16 bit, 16 kHz.
pub(crate) fn wav(seconds: u32) -> Vec<u8> {
    let rate = 16_000u32;
    let samples = rate * seconds;
    let mut file = Vec::new();
    file.write_all(b"RIFF").unwrap();
    file.extend((36 + samples * 2).to_le_bytes());
    file.write_all(b"WAVEfmt ").unwrap();
    file.extend(16u32.to_le_bytes());
    file.extend([1, 0, 1, 0]);
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.write_all(b"data").unwrap();
    file.extend((samples * 2).to_le_bytes());
    for at in 0..samples {
        let angle = f64::from(at) * 440.0 * std::f64::consts::TAU / f64::from(rate);
        file.extend(((angle.sin() * 12_000.0) as i16).to_le_bytes());
    }
    file
}
