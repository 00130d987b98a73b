//! Files that were good once.

use crate::opened::sent;
use carteiro_core::media::FileKind;
use carteiro_media::PrepareError;
use image::{ImageFormat, RgbaImage};
use ogg::{PacketReader, PacketWriteEndInfo, PacketWriter};
use proptest::prelude::*;
use proptest::sample::Index;
use std::io::Cursor;

const OGGS: [&[u8]; 3] = [
    include_bytes!("../fixtures/vorbis.ogg"),
    include_bytes!("../fixtures/opus-mono.ogg"),
    include_bytes!("../fixtures/opus-stereo.ogg"),
];

const OTHERS: [&[u8]; 7] = [
    include_bytes!("../fixtures/tone.mp3"),
    include_bytes!("../fixtures/tone.m4a"),
    include_bytes!("../fixtures/tone.aac"),
    include_bytes!("../fixtures/tone.flac"),
    include_bytes!("../fixtures/film.mp4"),
    include_bytes!("../fixtures/fragmented.mp4"),
    include_bytes!("../fixtures/film.3gp"),
];

type Damage = Vec<(Index, u8)>;

fn damage() -> impl Strategy<Value = Damage> {
    prop::collection::vec((any::<Index>(), any::<u8>()), 1..30)
}

fn damaged(file: &[u8], damage: Damage) -> Vec<u8> {
    let mut file = file.to_vec();
    for (at, byte) in damage {
        let at = at.index(file.len());
        file[at] = byte;
    }
    file
}

/// Damages the packets of an ogg file, not its pages: their checksums are right again.
fn damaged_within(file: &[u8], damage: Damage) -> Vec<u8> {
    let mut reader = PacketReader::new(Cursor::new(file));
    let mut packets: Vec<ogg::Packet> = std::iter::from_fn(|| reader.read_packet().unwrap()).collect();
    for (at, byte) in damage {
        let packet = at.index(packets.len());
        let data = &mut packets[packet].data;
        // Most of the damage into the beginning, where the fields are.
        let at = usize::from(byte) * 7 % data.len().clamp(1, 60);
        if let Some(place) = data.get_mut(at) {
            *place = byte;
        }
    }
    let mut writer = PacketWriter::new(Vec::new());
    for packet in packets {
        let (serial, position) = (packet.stream_serial(), packet.absgp_page());
        let end = match (packet.last_in_stream(), packet.last_in_page()) {
            (true, _) => PacketWriteEndInfo::EndStream,
            (_, true) => PacketWriteEndInfo::EndPage,
            _ => PacketWriteEndInfo::NormalPacket,
        };
        writer.write_packet(packet.data, serial, end, position).unwrap();
    }
    writer.into_inner()
}

fn does_no_harm(kind: FileKind, file: &[u8]) -> Result<(), TestCaseError> {
    match sent(kind, file, None) {
        Ok(_) | Err(PrepareError::Format | PrepareError::Size) => Ok(()),
        Err(PrepareError::Disk(error)) => Err(TestCaseError::fail(error.to_string())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn sounds_and_films(
        file in prop::sample::select(&OTHERS[..]),
        kind in prop::sample::select(vec![FileKind::Audio, FileKind::Video]),
        damage in damage(),
        cut in any::<Index>(),
    ) {
        let mut file = damaged(file, damage);
        file.truncate(cut.index(file.len()) + 1);
        does_no_harm(kind, &file)?;
    }

    #[test]
    fn oggs(file in prop::sample::select(&OGGS[..]), damage in damage()) {
        does_no_harm(FileKind::Audio, &damaged_within(file, damage))?;
    }

    #[test]
    fn pictures(
        format in prop::sample::select(vec![ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif]),
        damage in damage(),
    ) {
        let picture = RgbaImage::from_fn(90, 70, |x, y| image::Rgba([(x * y) as u8, (x * 3) as u8, y as u8, 255]));
        let picture = image::DynamicImage::from(picture);
        let mut file = Cursor::new(Vec::new());
        if format == ImageFormat::Jpeg {
            picture.to_rgb8().write_to(&mut file, format).unwrap();
        } else {
            picture.write_to(&mut file, format).unwrap();
        }
        does_no_harm(FileKind::Image, &damaged(&file.into_inner(), damage))?;
    }
}
