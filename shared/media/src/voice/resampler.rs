//! Sound of any rate at the rate of voice notes.

use super::RATE;
use crate::PrepareError;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters};
use rubato::{SincInterpolationType, WindowFunction};

/// The rates that are taken, in Hz: from those of the oldest telephones to those of studios.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;
/// How many samples are converted at a time.
const CHUNK: usize = 1_024;

/// Converts a mono sound of one rate, piece by piece. As many samples come out as the sound's length asks for: those that the
/// filter adds at its beginning and end are taken away.
pub(super) struct Resampler {
    rate: u32,
    /// None where the sound has the right rate.
    filter: Option<Filter>,
}

struct Filter {
    inner: Async<f32>,
    waiting: Vec<f32>,
    chunk: Vec<f32>,
    heard: u64,
    given: u64,
    /// How many samples that come out are still the filter's own.
    early: usize,
}

impl Resampler {
    /// # Errors
    /// [`PrepareError::Format`] when no sound has such a rate.
    pub(super) fn new(rate: u32) -> Result<Self, PrepareError> {
        if !RATES.contains(&rate) {
            return Err(PrepareError::Format);
        }
        let filter = if rate == RATE { None } else { Some(Filter::new(rate)?) };
        Ok(Self { rate, filter })
    }

    /// The rate that it converts from, in Hz.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// Converts the next piece; what comes out is added to `out`.
    pub(super) fn feed(&mut self, sound: &[f32], out: &mut Vec<f32>) -> Result<(), PrepareError> {
        let Some(filter) = &mut self.filter else {
            out.extend_from_slice(sound);
            return Ok(());
        };
        filter.heard += sound.len() as u64;
        filter.waiting.extend_from_slice(sound);
        let mut at = 0;
        while filter.waiting.len() - at >= CHUNK {
            filter.convert(at, CHUNK, u64::MAX, out)?;
            at += CHUNK;
        }
        filter.waiting.drain(..at);
        Ok(())
    }

    /// What is left once the sound is over.
    pub(super) fn finish(self, out: &mut Vec<f32>) -> Result<(), PrepareError> {
        let Some(mut filter) = self.filter else { return Ok(()) };
        let due = (filter.heard * u64::from(RATE)).div_ceil(u64::from(self.rate));
        let rest = filter.waiting.len();
        filter.waiting.resize(CHUNK, 0.0);
        filter.convert(0, rest, due, out)?;
        while filter.given < due {
            filter.convert(0, 0, due, out)?;
        }
        Ok(())
    }
}

impl Filter {
    fn new(rate: u32) -> Result<Self, PrepareError> {
        let quality = SincInterpolationParameters::new(128, WindowFunction::BlackmanHarris2)
            .oversampling_factor(256)
            .interpolation(SincInterpolationType::Linear);
        let ratio = f64::from(RATE) / f64::from(rate);
        let inner = Async::new_sinc(ratio, 1.0, &quality, CHUNK, 1, FixedAsync::Input)
            .map_err(|_| PrepareError::Format)?;
        let chunk = vec![0.0; inner.output_frames_max()];
        let early = inner.output_delay();
        Ok(Self { inner, waiting: Vec::new(), chunk, heard: 0, given: 0, early })
    }

    /// Converts `count` waiting samples from `at` on, followed by silence where they are no whole chunk. No more than `due` come
    /// out in all.
    fn convert(&mut self, at: usize, count: usize, due: u64, out: &mut Vec<f32>) -> Result<(), PrepareError> {
        let room = self.chunk.len();
        let source = InterleavedSlice::new(&self.waiting[at..at + CHUNK], 1, CHUNK);
        let sink = InterleavedSlice::new_mut(&mut self.chunk, 1, room);
        let (Ok(source), Ok(mut sink)) = (source, sink) else { return Err(PrepareError::Format) };
        let (_, made) = self
            .inner
            .process_into_buffer(&source, &mut sink, Some(&Indexing::new().partial_len(count)))
            .map_err(|_| PrepareError::Format)?;
        let early = self.early.min(made);
        self.early -= early;
        let given = ((made - early) as u64).min(due - self.given) as usize;
        self.given += given as u64;
        out.extend_from_slice(&self.chunk[early..early + given]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    fn converted(rate: u32, sound: &[f32], step: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(rate).unwrap();
        let mut out = Vec::new();
        sound.chunks(step).for_each(|piece| resampler.feed(piece, &mut out).unwrap());
        resampler.finish(&mut out).unwrap();
        out
    }

    fn tone(rate: u32, hertz: f64) -> Vec<f32> {
        (0..rate).map(|i| (f64::from(i) / f64::from(rate) * hertz * TAU).sin() as f32).collect()
    }

    /// The amplitude and the delay, in samples of 48 kHz, of a tone in the middle of a second of sound, and what else there is.
    fn found(sound: &[f32], hertz: f64) -> (f64, f64, f64) {
        let middle = 4_800..43_200;
        let angle = |i: usize| i as f64 / f64::from(RATE) * hertz * TAU;
        let part = |wave: fn(f64) -> f64| {
            middle.clone().map(|i| f64::from(sound[i]) * wave(angle(i))).sum::<f64>() * 2.0 / 38_400.0
        };
        let (sine, cosine) = (part(f64::sin), part(f64::cos));
        let other = |i: usize| f64::from(sound[i]) - sine * angle(i).sin() - cosine * angle(i).cos();
        let rest = middle.clone().map(|i| other(i).powi(2)).sum::<f64>() / 38_400.0;
        (sine.hypot(cosine), -cosine.atan2(sine) / hertz / TAU * f64::from(RATE), rest.sqrt())
    }

    #[test]
    fn a_tone_stays_the_tone_it_was_in_pitch_in_time_and_in_strength() {
        for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000] {
            let out = converted(rate, &tone(rate, 440.0), 777);
            assert_eq!(out.len(), 48_000, "{rate}");
            let (amplitude, delay, rest) = found(&out, 440.0);
            assert!((amplitude - 1.0).abs() < 0.002, "{rate}: amplitude {amplitude}");
            assert!(delay.abs() < 1.1, "{rate}: late by {delay}");
            assert!(rest < 0.000_5, "{rate}: {rest} beside the tone");
        }
    }

    #[test]
    fn what_would_be_heard_as_another_tone_is_cut_off() {
        let out = converted(96_000, &tone(96_000, 30_000.0), 4_096);
        assert!(out[1_000..47_000].iter().all(|sample| sample.abs() < 0.000_5));
    }

    #[test]
    fn rates_of_no_sound_are_refused() {
        for rate in [0, 1, 3_999, 192_001, u32::MAX] {
            assert!(matches!(Resampler::new(rate), Err(PrepareError::Format)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_length_is_right_however_the_sound_comes(
            rate in RATES, length in 0..9_000usize, step in 1..3_000usize,
        ) {
            let out = converted(rate, &vec![0.5; length], step);
            prop_assert_eq!(out.len() as u64, (length as u64 * u64::from(RATE)).div_ceil(u64::from(rate)));
        }
    }
}
