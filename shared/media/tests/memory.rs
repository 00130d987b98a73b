//! How much memory the largest files take. Alone in its file: it measures its whole process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use carteiro_core::media::{FileKind, MediaKey};
use carteiro_media::prepare;
use image::{ImageFormat, RgbaImage};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

const MB: u64 = 1024 * 1024;

/// The most memory that the process had at a time while it prepared a file, in bytes, beyond what it had before.
fn peak(kind: FileKind, plain: &Path, work: &Path) -> u64 {
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    let made = prepare(kind, plain, None, work, MediaKey([3; 32])).unwrap();
    assert!(made.encrypted_length > 0);
    status("VmHWM:").saturating_sub(before)
}

fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn memory_does_not_grow_with_files_and_pictures_stay_within_256_mb() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");

    File::create(&plain).unwrap().set_len(FileKind::Document.max_bytes()).unwrap();
    let document = peak(FileKind::Document, &plain, dir.path());
    assert!(document < 4 * MB, "a document of 100 MB takes {document}");

    let mut wav = BufWriter::new(File::create(&plain).unwrap());
    wav.write_all(b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\xee\x02\0\x04\0\x10\0data\xff\xff\xff\xff").unwrap();
    for i in 0..4_000_000u32 {
        wav.write_all(&(((i % 109) * 300) as i16).to_le_bytes().repeat(2)).unwrap();
    }
    drop(wav);
    let sound = peak(FileKind::Audio, &plain, dir.path());
    assert!(sound < 8 * MB, "a sound of 83 s takes {sound}");

    let picture = RgbaImage::from_pixel(6_000, 4_000, image::Rgba([200, 0, 0, 128]));
    picture.write_to(&mut BufWriter::new(File::create(&plain).unwrap()), ImageFormat::Png).unwrap();
    drop(picture);
    let picture = peak(FileKind::Image, &plain, dir.path());
    assert!(picture < 240 * MB, "a picture of 24 million pixels takes {picture}");
    assert!(picture > 90 * MB, "it was decoded: {picture}");
}
