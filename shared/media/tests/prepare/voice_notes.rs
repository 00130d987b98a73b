//! Audio. `fixtures/make.sh` says how the files were made: a second of silence, one of a quiet tone, one of a loud tone.

use crate::opened::{Opened, sent};
use carteiro_core::media::{FileKind, Shape};
use carteiro_media::PrepareError;
use ogg::PacketReader;
use ropus::{Channels, DecodeMode, Decoder};
use std::io::Cursor;

/// A voice note as a player has it.
pub(crate) struct Heard {
    pub(crate) seconds: u32,
    pub(crate) waveform: [u8; 64],
    /// At 48 kHz.
    pub(crate) sound: Vec<f32>,
}

/// Checks that a file is a voice note by the letter of RFC 7845, and plays it.
pub(crate) fn heard(opened: &Opened) -> Heard {
    assert_eq!(opened.told.mime, "audio/ogg; codecs=opus");
    let Shape::Voice { seconds, waveform } = opened.told.shape else { panic!("no voice note") };
    assert_eq!(opened.told.sidecar.as_ref().unwrap().len() % 10, 0);
    let mut packets = PacketReader::new(Cursor::new(&opened.file));
    let head = packets.read_packet().unwrap().unwrap();
    assert!(head.first_in_stream() && head.last_in_page());
    assert_eq!(&head.data[..10], b"OpusHead\x01\x01");
    assert_eq!((&head.data[12..16], &head.data[16..]), (&48_000u32.to_le_bytes()[..], &[0, 0, 0][..]));
    let pre_skip = usize::from(u16::from_le_bytes([head.data[10], head.data[11]]));
    let tags = packets.read_packet().unwrap().unwrap();
    assert!(tags.data.starts_with(b"OpusTags") && tags.last_in_page());
    let mut decoder = Decoder::new(48_000, Channels::Mono).unwrap();
    let (mut sound, mut pcm, mut length) = (Vec::new(), vec![0.0; 5_760], None);
    while let Some(packet) = packets.read_packet().unwrap() {
        assert_eq!(length, None, "nothing follows the last packet");
        let samples = decoder.decode_float(&packet.data, &mut pcm, DecodeMode::Normal).unwrap();
        sound.extend_from_slice(&pcm[..samples]);
        let position = packet.absgp_page() as usize;
        if packet.last_in_stream() {
            assert!(position <= sound.len() && position + 5_760 > sound.len());
            length = Some(position);
        } else if packet.last_in_page() {
            assert_eq!(position, sound.len());
        }
    }
    sound.truncate(length.expect("a last packet"));
    sound.drain(..pre_skip);
    Heard { seconds, waveform, sound }
}

/// The strength of a tone in a piece of a sound, as its amplitude.
pub(crate) fn tone(sound: &[f32], hertz: f32) -> f32 {
    let (mut re, mut im) = (0.0, 0.0);
    for (i, sample) in sound.iter().enumerate() {
        let angle = std::f64::consts::TAU * f64::from(hertz) * i as f64 / 48_000.0;
        re += f64::from(*sample) * angle.cos();
        im += f64::from(*sample) * angle.sin();
    }
    (re.hypot(im) * 2.0 / sound.len() as f64) as f32
}

pub(crate) fn loudness(sound: &[f32]) -> f32 {
    (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32).sqrt()
}

#[test]
fn each_format_becomes_a_voice_note_that_sounds_the_same() {
    for (name, file) in [
        ("MP3", &include_bytes!("../fixtures/tone.mp3")[..]),
        ("MP3 in stereo, with tags", include_bytes!("../fixtures/stereo.mp3")),
        ("M4A", include_bytes!("../fixtures/tone.m4a")),
        ("AAC", include_bytes!("../fixtures/tone.aac")),
        ("ogg with Vorbis", include_bytes!("../fixtures/vorbis.ogg")),
        ("ogg with Opus in stereo", include_bytes!("../fixtures/opus-stereo.ogg")),
    ] {
        let opened = sent(FileKind::Audio, file, Some("áudio.exe")).unwrap();
        let Heard { seconds, waveform, sound } = heard(&opened);
        assert_eq!(seconds, 3, "{name}");
        assert!(sound.len().abs_diff(3 * 48_000) < 5_000, "{name}: {} samples", sound.len());
        let (silence, quiet, loud) =
            (&sound[5_000..43_000], &sound[53_000..91_000], &sound[101_000..139_000]);
        assert!(loudness(silence) < 0.01, "{name}: silence of {}", loudness(silence));
        for (part, amplitude) in [(quiet, 0.2), (loud, 0.8)] {
            let found = tone(part, 440.0);
            assert!((found / amplitude - 1.0).abs() < 0.1, "{name}: {found} for {amplitude}");
            let all = loudness(part) * std::f32::consts::SQRT_2;
            assert!((all / amplitude - 1.0).abs() < 0.1, "{name}: {all} in all for {amplitude}");
        }
        assert!(waveform[..19].iter().all(|value| *value < 5), "{name}: {waveform:?}");
        assert!(waveform[24..40].iter().all(|value| (15..35).contains(value)), "{name}: {waveform:?}");
        assert!(waveform[46..62].iter().all(|value| *value > 70), "{name}: {waveform:?}");
    }
}

#[test]
fn a_flac_becomes_a_voice_note() {
    let opened = sent(FileKind::Audio, include_bytes!("../fixtures/tone.flac"), None).unwrap();
    let Heard { seconds, sound, .. } = heard(&opened);
    assert_eq!((seconds, sound.len()), (1, 48_000));
    assert!((tone(&sound[26_000..46_000], 440.0) - 0.8).abs() < 0.05);
}

#[test]
fn what_is_a_voice_note_already_stays_as_it_is() {
    let file = include_bytes!("../fixtures/opus-mono.ogg");
    let opened = sent(FileKind::Audio, file, None).unwrap();
    assert_eq!(opened.file, file);
    let Heard { seconds, waveform, sound } = heard(&opened);
    assert_eq!((seconds, sound.len()), (3, 144_000));
    assert_eq!((waveform[10], waveform[63]), (0, 100));
    assert!((20..30).contains(&waveform[32]));
}

#[test]
fn a_damaged_voice_note_is_refused_rather_than_passed_on() {
    let whole = include_bytes!("../fixtures/opus-mono.ogg");
    for at in [40, 200, whole.len() - 10] {
        let mut file = whole.to_vec();
        file[at] ^= 0xff;
        assert!(matches!(sent(FileKind::Audio, &file, None), Err(PrepareError::Format)), "{at}");
    }
    assert!(matches!(sent(FileKind::Audio, &whole[..300], None), Err(PrepareError::Format)));
}

#[test]
fn of_a_file_that_is_cut_off_what_is_there_is_sent() {
    let whole = include_bytes!("../fixtures/tone.mp3");
    let opened = sent(FileKind::Audio, &whole[..whole.len() * 2 / 3], None).unwrap();
    assert_eq!(heard(&opened).seconds, 2);
    let index_at_the_end = include_bytes!("../fixtures/tone.m4a");
    let cut = &index_at_the_end[..index_at_the_end.len() / 2];
    assert!(matches!(sent(FileKind::Audio, cut, None), Err(PrepareError::Format)));
}

#[test]
fn a_film_or_a_file_without_sound_is_no_voice_note() {
    for file in [&include_bytes!("../fixtures/film.mp4")[..], include_bytes!("../fixtures/film.3gp"), b"ID3"]
    {
        assert!(matches!(sent(FileKind::Audio, file, None), Err(PrepareError::Format)));
    }
}

/// Codebooks that are nothing but room: 128 Ki entries of 32 dimensions, none used, each 16 MB once unpacked.
#[test]
fn a_vorbis_file_that_unpacks_to_gigabytes_is_refused() {
    let mut bomb = b"\x05vorbis".to_vec();
    bomb.resize(65 * 1024, 0);
    let mut writer = ogg::PacketWriter::new(Vec::new());
    let head = b"\x01vorbis\0\0\0\0\x01\x44\xac\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xb8\x01";
    for (packet, end) in [
        (head.to_vec(), ogg::PacketWriteEndInfo::EndPage),
        (b"\x03vorbis\0\0\0\0\0\0\0\0\x01".to_vec(), ogg::PacketWriteEndInfo::NormalPacket),
        (bomb, ogg::PacketWriteEndInfo::EndStream),
    ] {
        writer.write_packet(packet, 1, end, 0).unwrap();
    }
    assert!(matches!(sent(FileKind::Audio, &writer.into_inner(), None), Err(PrepareError::Format)));
}
