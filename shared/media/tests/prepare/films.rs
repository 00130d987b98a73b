//! Videos. `fixtures/make.sh` says how the files were made.

use crate::opened::sent;
use carteiro_core::media::{FileKind, Shape};
use carteiro_media::PrepareError;

const MP4: &[u8] = include_bytes!("../fixtures/film.mp4");

#[test]
fn a_film_arrives_byte_for_byte_with_its_length_and_size() {
    for (file, mime, size) in
        [(MP4, "video/mp4", (64, 48)), (include_bytes!("../fixtures/film.3gp"), "video/3gpp", (176, 144))]
    {
        let opened = sent(FileKind::Video, file, Some("férias.txt")).unwrap();
        assert_eq!(opened.file, file);
        assert_eq!(opened.told.mime, mime);
        assert_eq!(opened.told.shape, Shape::Video { seconds: Some(2), size: Some(size) });
        assert_eq!(opened.told.thumbnail, None);
        assert_eq!(opened.told.sidecar.map(|table| table.len()), Some(10));
    }
}

#[test]
fn a_film_in_fragments_tells_its_size() {
    let opened = sent(FileKind::Video, include_bytes!("../fixtures/fragmented.mp4"), None).unwrap();
    assert!(
        matches!(opened.told.shape, Shape::Video { size: Some((64, 48)), .. }),
        "{:?}",
        opened.told.shape
    );
}

/// The place of a box's content.
fn content_of(kind: &[u8; 4]) -> usize {
    MP4.windows(4).position(|bytes| bytes == kind).unwrap() + 4
}

fn shape(file: &[u8]) -> Shape {
    let opened = sent(FileKind::Video, file, None).unwrap();
    assert_eq!(opened.file, file);
    opened.told.shape
}

#[test]
fn a_film_that_was_held_upright_tells_the_size_that_it_is_shown_in() {
    let mut upright = MP4.to_vec();
    let matrix = content_of(b"tkhd") + 40;
    upright[matrix..matrix + 20].fill(0);
    upright[matrix + 5] = 1;
    upright[matrix + 12..matrix + 16].copy_from_slice(&(-65_536i32).to_be_bytes());
    assert_eq!(shape(&upright), Shape::Video { seconds: Some(2), size: Some((48, 64)) });
}

#[test]
fn what_is_damaged_in_a_films_container_goes_untold() {
    let mut damaged = MP4.to_vec();
    damaged[content_of(b"mvhd")..content_of(b"tkhd") + 96].fill(0xff);
    assert_eq!(shape(&damaged), Shape::Video { seconds: None, size: None });
    let mut trackless = MP4.to_vec();
    for at in (0..trackless.len() - 4).filter(|at| &MP4[*at..at + 4] == b"trak") {
        trackless[at] = b'x';
    }
    assert_eq!(shape(&trackless), Shape::Video { seconds: Some(2), size: None });
    let cut = &MP4[..content_of(b"tkhd") + 2];
    assert_eq!(shape(cut), Shape::Video { seconds: Some(2), size: None });
}

#[test]
fn a_film_without_its_index_is_refused() {
    for file in [&MP4[..content_of(b"moov") - 8], b"\0\0\0\x18ftypisom\0\0\0\0isommp42", b"\0\0\0\0ftypisom"]
    {
        assert!(matches!(sent(FileKind::Video, file, None), Err(PrepareError::Format)));
    }
}

#[test]
fn a_sound_is_no_film() {
    let sound = sent(FileKind::Video, include_bytes!("../fixtures/tone.m4a"), None);
    assert!(matches!(sound, Err(PrepareError::Format)));
}
