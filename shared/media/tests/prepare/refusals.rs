//! What is not sent, and hostile bytes.

use crate::opened::sent;
use carteiro_core::media::{FileKind, FileName, MediaKey};
use carteiro_core::send::Failure;
use carteiro_media::{PrepareError, prepare};
use proptest::prelude::*;
use std::fs::File;

#[test]
fn an_empty_file_and_one_past_its_kinds_limit_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");
    for kind in FileKind::ALL {
        for length in [0, kind.max_bytes() + 1] {
            File::create(&plain).unwrap().set_len(length).unwrap();
            let error = prepare(kind, &plain, None, dir.path(), MediaKey([0; 32])).unwrap_err();
            assert_eq!(error.failure(), Some(Failure::MediaSize), "{kind:?} of {length}");
        }
    }
}

#[test]
fn a_file_that_is_not_there_or_a_disk_that_fails_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");
    let try_it = || prepare(FileKind::Document, &plain, None, &dir.path().join("none"), MediaKey([0; 32]));
    assert_eq!(try_it().unwrap_err().failure(), None);
    std::fs::write(&plain, "a").unwrap();
    assert_eq!(try_it().unwrap_err().failure(), None);
}

#[test]
fn a_file_is_refused_as_what_its_bytes_are_not() {
    let program = [&b"MZ\x90\0\x03\0\0\0"[..], &[0; 200]].concat();
    for (kind, file, name) in [
        (FileKind::Image, program.as_slice(), "foto.jpg"),
        (FileKind::Audio, &program, "voz.mp3"),
        (FileKind::Video, &program, "filme.mp4"),
        (FileKind::Image, b"<html><script>", "foto.png"),
        (FileKind::Image, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "foto.svg"),
        (FileKind::Image, b"%PDF-1.7\n", "foto.jpg"),
        (FileKind::Image, b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "foto.bmp"),
        (FileKind::Image, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "foto.heic"),
        (FileKind::Audio, b"#!AMR\n\x04", "voz.amr"),
        (FileKind::Audio, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", "voz.wma"),
        (FileKind::Video, b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01", "filme.mkv"),
        (FileKind::Video, b"RIFF\0\0\0\0AVI LIST", "filme.avi"),
        (FileKind::Video, include_bytes!("../fixtures/film.mov"), "filme.mp4"),
        (FileKind::Image, include_bytes!("../fixtures/film.mp4"), "foto.jpg"),
        (FileKind::Video, b"\xff\xd8\xff\xe0\0\x10JFIF", "filme.mp4"),
    ] {
        let error = sent(kind, file, Some(name)).err().expect(name);
        assert_eq!(error.failure(), Some(Failure::MediaFormat), "{name}");
    }
}

/// The beginnings that lead into a reader of some format.
const BEGINNINGS: [&[u8]; 12] = [
    b"",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"GIF89a",
    b"RIFF\xff\xff\xff\x7fWEBPVP8 ",
    b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0",
    b"ID3\x04\0\0\0\0\0\x0a",
    b"\xff\xfb\x90\x44",
    b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01\x01",
    b"fLaC\0\0\0\x22",
    b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0",
    b"PK\x03\x04\x14\0",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn hostile_bytes_are_sent_as_they_are_or_refused(
        kind in prop::sample::select(&FileKind::ALL[..]),
        beginning in prop::sample::select(&BEGINNINGS[..]),
        rest in prop::collection::vec(any::<u8>(), 1..2_000),
    ) {
        let file = [beginning, &rest].concat();
        match sent(kind, &file, None) {
            Ok(opened) => prop_assert!(kind == FileKind::Audio || opened.file == file),
            Err(error) => prop_assert!(matches!(error, PrepareError::Format), "{error}"),
        }
    }

    #[test]
    fn names_never_make_a_send_fail(name in any::<String>(), file in prop::collection::vec(any::<u8>(), 1..50)) {
        let name = FileName::sanitised(&name);
        let opened = sent(FileKind::Document, &file, name.as_ref().map(FileName::as_str)).unwrap();
        prop_assert_eq!(opened.file, file);
        prop_assert!(opened.told.mime.contains('/'));
    }
}
