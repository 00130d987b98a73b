//! How long a film plays and how large it is shown, by its container (ISO 14496-12). No frame is decoded: no library in pure Rust
//! does so for the codecs that phones film with. Of the tables of samples, which hostile files make large, nothing is read.

use crate::PrepareError;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The most boxes that are looked at within one; real files have tens.
const MOST_BOXES: usize = 1_024;
/// A fixed-point number of a track's header has this as one.
const ONE: u32 = 1 << 16;

/// What is told of a film. What could not be read is `None`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Film {
    /// How long it plays, rounded.
    pub(crate) seconds: Option<u32>,
    /// Width and height in pixels, as it is shown: turned by its track's matrix.
    pub(crate) size: Option<(u32, u32)>,
}

/// Reads a film's container. What is damaged in it goes untold.
///
/// # Errors
/// [`PrepareError::Format`] when it has no index or holds sound alone, [`PrepareError::Disk`].
pub(crate) fn look_at(mut file: &File) -> Result<Film, PrepareError> {
    file.rewind()?;
    let end = file.metadata()?.len();
    let mut film = None;
    each_box(&mut file, end, &mut |kind, file, end| {
        if kind == b"moov" && film.is_none() {
            film = Some(index(file, end)?);
        }
        Ok(())
    })?;
    let index = film.ok_or(PrepareError::Format)?;
    if !index.pictures && index.tracks {
        return Err(PrepareError::Format);
    }
    Ok(Film { seconds: index.seconds.or(index.seconds_of_fragments), size: index.size })
}

/// What an index tells.
#[derive(Default)]
struct Index {
    time_scale: u32,
    seconds: Option<u32>,
    seconds_of_fragments: Option<u32>,
    size: Option<(u32, u32)>,
    /// Whether there is a track of which the kind is known.
    tracks: bool,
    /// Whether there is one with pictures.
    pictures: bool,
}

fn index(file: &mut &File, end: u64) -> io::Result<Index> {
    let mut index = Index::default();
    each_box(file, end, &mut |kind, file, end| match kind {
        b"mvhd" => {
            let header: [u8; 32] = start_of(file, end)?;
            let long = header[0] == 1;
            let (scale, at) = if long { (word(&header, 20), 24) } else { (word(&header, 12), 16) };
            index.time_scale = scale;
            index.seconds = seconds(duration(&header, at, long), scale);
            Ok(())
        }
        b"trak" => track(file, end, &mut index),
        b"mvex" => each_box(file, end, &mut |kind, file, end| {
            if kind == b"mehd" {
                let header: [u8; 12] = start_of(file, end)?;
                index.seconds_of_fragments = seconds(duration(&header, 4, header[0] == 1), index.time_scale);
            }
            Ok(())
        }),
        _ => Ok(()),
    })?;
    Ok(index)
}

fn track(file: &mut &File, end: u64, index: &mut Index) -> io::Result<()> {
    let (mut size, mut handler) = (None, [0; 4]);
    each_box(file, end, &mut |kind, file, end| match kind {
        b"tkhd" => {
            let header: [u8; 96] = start_of(file, end)?;
            size = shown_size(&header[if header[0] == 1 { 52 } else { 40 }..]);
            Ok(())
        }
        b"mdia" => each_box(file, end, &mut |kind, file, end| {
            if kind == b"hdlr" {
                let header: [u8; 12] = start_of(file, end)?;
                handler.copy_from_slice(&header[8..]);
            }
            Ok(())
        }),
        _ => Ok(()),
    })?;
    index.tracks |= handler != [0; 4];
    if &handler == b"vide" {
        index.pictures = true;
        index.size = index.size.or(size);
    }
    Ok(())
}

/// The size that a track's matrix and its width and height, which follow it, make.
fn shown_size(matrix: &[u8]) -> Option<(u32, u32)> {
    let (width, height) = (word(matrix, 36) / ONE, word(matrix, 40) / ONE);
    let lies_down = word(matrix, 0) == 0 && word(matrix, 16) == 0 && word(matrix, 4) != 0;
    let size = if lies_down { (height, width) } else { (width, height) };
    (width > 0 && height > 0).then_some(size)
}

/// Is given a box: its kind, the file at its content, and where that ends.
type Look<'a> = dyn FnMut(&[u8; 4], &mut &File, u64) -> io::Result<()> + 'a;

/// Shows each box up to `end`. What goes beyond `end` is cut off;
/// a box that cannot be is the last.
fn each_box(file: &mut &File, end: u64, look: &mut Look<'_>) -> io::Result<()> {
    for _ in 0..MOST_BOXES {
        let start = file.stream_position()?;
        if start.saturating_add(8) > end {
            break;
        }
        let header: [u8; 16] = start_of(file, end)?;
        let (length, head) = match word(&header, 0) {
            0 => (end - start, 8),
            1 => (duration(&header, 8, true), 16),
            length => (u64::from(length), 8),
        };
        if length < head {
            break;
        }
        let next = start.saturating_add(length).min(end);
        file.seek(SeekFrom::Start((start + head).min(next)))?;
        let kind = [header[4], header[5], header[6], header[7]];
        look(&kind, file, next)?;
        file.seek(SeekFrom::Start(next))?;
    }
    Ok(())
}

/// The next bytes; zeros where there are none before `end`.
fn start_of<const N: usize>(file: &mut &File, end: u64) -> io::Result<[u8; N]> {
    let mut bytes = Vec::with_capacity(N);
    let left = end.saturating_sub(file.stream_position()?);
    file.take(left.min(N as u64)).read_to_end(&mut bytes)?;
    bytes.resize(N, 0);
    bytes.try_into().map_err(|_| io::ErrorKind::UnexpectedEof.into())
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// A number of four bytes or eight; all ones stand for one that is not known.
fn duration(bytes: &[u8], at: usize, long: bool) -> u64 {
    match (long, word(bytes, at)) {
        (true, high) => u64::from(high) << 32 | u64::from(word(bytes, at + 4)),
        (false, u32::MAX) => u64::MAX,
        (false, short) => u64::from(short),
    }
}

fn seconds(duration: u64, scale: u32) -> Option<u32> {
    let known = duration > 0 && duration < u64::MAX && scale > 0;
    let seconds = known.then(|| (duration as f64 / f64::from(scale)).round())?;
    (seconds < f64::from(u32::MAX)).then_some(seconds as u32)
}
