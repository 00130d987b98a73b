//! WAV files of every make.

use crate::opened::sent;
use crate::voice_notes::{heard, loudness, tone};
use carteiro_core::media::FileKind;
use carteiro_media::PrepareError;

const PCM: u16 = 1;
const FLOAT: u16 = 3;

fn wav(format: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    wav_that_says(format, channels, rate, bits, data, data.len() as u32)
}

fn wav_that_says(format: u16, channels: u16, rate: u32, bits: u16, data: &[u8], says: u32) -> Vec<u8> {
    let frame = channels.wrapping_mul(bits / 8);
    let mut file = b"RIFF".to_vec();
    file.extend(says.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    file.extend([format.to_le_bytes(), channels.to_le_bytes()].concat());
    file.extend([rate, rate.wrapping_mul(u32::from(frame))].map(u32::to_le_bytes).concat());
    file.extend([frame.to_le_bytes(), bits.to_le_bytes()].concat());
    file.extend(b"data");
    file.extend(says.to_le_bytes());
    file.extend(data);
    file
}

/// A tone of 440 Hz at half of full scale.
fn samples(rate: u32, seconds: f32) -> impl Iterator<Item = f32> {
    let count = (rate as f32 * seconds) as u32;
    (0..count).map(move |i| 0.5 * (i as f32 / rate as f32 * 440.0 * std::f32::consts::TAU).sin())
}

fn sixteen(rate: u32, seconds: f32) -> Vec<u8> {
    samples(rate, seconds).flat_map(|s| ((s * 32_767.0) as i16).to_le_bytes()).collect()
}

fn is_the_tone(file: &[u8], seconds: f32) {
    let heard = heard(&sent(FileKind::Audio, file, None).unwrap());
    assert_eq!(heard.seconds, (seconds.round() as u32).max(1));
    let expected = (seconds * 48_000.0) as usize;
    assert!(heard.sound.len().abs_diff(expected) <= 12, "{} for {expected}", heard.sound.len());
    let middle = &heard.sound[expected / 4..expected * 3 / 4];
    let found = tone(middle, 440.0);
    assert!((found - 0.5).abs() < 0.05, "{found}");
    assert!((loudness(middle) - 0.354).abs() < 0.03);
}

#[test]
fn every_width_and_rate_is_heard() {
    for rate in [8_000, 11_025, 16_000, 44_100, 48_000, 96_000] {
        is_the_tone(&wav(PCM, 1, rate, 16, &sixteen(rate, 1.6)), 1.6);
    }
    let eight: Vec<u8> = samples(22_050, 1.0).map(|s| (s * 127.0 + 128.0) as u8).collect();
    is_the_tone(&wav(PCM, 1, 22_050, 8, &eight), 1.0);
    let wide: Vec<u8> =
        samples(44_100, 1.0).flat_map(|s| ((s * 8_388_607.0) as i32).to_le_bytes()[..3].to_vec()).collect();
    is_the_tone(&wav(PCM, 1, 44_100, 24, &wide), 1.0);
    let float: Vec<u8> = samples(44_100, 1.0).flat_map(f32::to_le_bytes).collect();
    is_the_tone(&wav(FLOAT, 1, 44_100, 32, &float), 1.0);
}

#[test]
fn channels_are_mixed_and_not_played_one_after_the_other() {
    for channels in [2, 6] {
        let data: Vec<u8> = samples(44_100, 1.0)
            .flat_map(|s| ((s * 32_767.0) as i16).to_le_bytes().repeat(usize::from(channels)))
            .collect();
        is_the_tone(&wav(PCM, channels, 44_100, 16, &data), 1.0);
    }
}

#[test]
fn a_header_that_lies_of_its_length_is_read_as_far_as_there_is_sound() {
    let data = sixteen(16_000, 2.0);
    for says in [u32::MAX, u32::MAX - 40, 0x7fff_ffff, data.len() as u32 + 1_000_000] {
        is_the_tone(&wav_that_says(PCM, 1, 16_000, 16, &data, says), 2.0);
    }
}

#[test]
fn a_blink_of_sound_counts_as_a_second() {
    let heard = heard(&sent(FileKind::Audio, &wav(PCM, 1, 8_000, 16, &[1; 20]), None).unwrap());
    assert_eq!((heard.seconds, heard.sound.len()), (1, 60));
}

#[test]
fn no_sound_or_an_impossible_one_is_refused() {
    for file in [
        wav(PCM, 1, 16_000, 16, &[]),
        wav(PCM, 0, 16_000, 16, &[1; 1_000]),
        wav(PCM, 1, 0, 16, &[1; 1_000]),
        wav(PCM, 1, 1, 16, &[1; 1_000]),
        wav(PCM, 1, u32::MAX, 16, &[1; 1_000]),
        wav(PCM, 1, 16_000, 0, &[1; 1_000]),
        wav(0x1610, 1, 16_000, 16, &[1; 1_000]),
        wav(PCM, u16::MAX, 16_000, 16, &[1; 1_000]),
    ] {
        assert!(matches!(sent(FileKind::Audio, &file, None), Err(PrepareError::Format)));
    }
}

#[test]
fn numbers_that_are_none_are_silence() {
    let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30].repeat(4_000);
    let data: Vec<u8> = bad.into_iter().flat_map(f32::to_le_bytes).collect();
    let heard = heard(&sent(FileKind::Audio, &wav(FLOAT, 1, 16_000, 32, &data), None).unwrap());
    assert_eq!(heard.sound.len(), 48_000);
}
