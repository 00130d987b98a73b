//! What becomes of a sound that is played.

use super::RATE;
use super::loudness::Loudness;
use super::opus_writer::OpusWriter;
use super::resampler::Resampler;
use crate::{MAX_VOICE_SECONDS, PrepareError};
use std::fs::File;
use std::io::{BufWriter, Write};

/// How many times the rate may change in a file; a damaged one can claim it at each packet, and each change costs time.
const MOST_RATES: usize = 16;

/// Measures a sound, and writes it as a voice note where it is to be one. It holds a moment of it at a time.
pub(super) struct Recorder {
    resampler: Option<Resampler>,
    rates: usize,
    /// The most samples of a voice note.
    most: u64,
    loudness: Loudness,
    writer: Option<OpusWriter<BufWriter<File>>>,
}

/// What was recorded.
pub(super) struct Recorded {
    pub(super) seconds: u32,
    pub(super) waveform: [u8; 64],
}

impl Recorder {
    /// Writes to a file, where one is given.
    pub(super) fn new(sink: Option<File>) -> Result<Self, PrepareError> {
        let writer = sink.map(|file| OpusWriter::new(BufWriter::new(file))).transpose()?;
        let most = u64::from(MAX_VOICE_SECONDS) * u64::from(RATE);
        Ok(Self { resampler: None, rates: 0, most, loudness: Loudness::default(), writer })
    }

    /// Takes the next piece of a mono sound of some rate in Hz.
    ///
    /// # Errors
    /// [`PrepareError::Size`] when it is too long by now, [`PrepareError::Format`] when its rate is no sound's.
    pub(super) fn hear(&mut self, rate: u32, sound: &[f32]) -> Result<(), PrepareError> {
        let mut converted = Vec::new();
        let mut resampler = match self.resampler.take() {
            Some(resampler) if resampler.rate() == rate => resampler,
            other => {
                if let Some(ended) = other {
                    ended.finish(&mut converted)?;
                }
                self.rates += 1;
                if self.rates > MOST_RATES {
                    return Err(PrepareError::Format);
                }
                Resampler::new(rate)?
            }
        };
        if sound.iter().all(|sample| sample.is_finite()) {
            resampler.feed(sound, &mut converted)?;
        } else {
            let silenced: Vec<f32> = sound.iter().map(|s| if s.is_finite() { *s } else { 0.0 }).collect();
            resampler.feed(&silenced, &mut converted)?;
        }
        self.resampler = Some(resampler);
        self.keep(&converted)
    }

    /// # Errors
    /// [`PrepareError::Format`] when nothing was heard.
    pub(super) fn finish(mut self) -> Result<Recorded, PrepareError> {
        let mut rest = Vec::new();
        if let Some(resampler) = self.resampler.take() {
            resampler.finish(&mut rest)?;
        }
        self.keep(&rest)?;
        if self.loudness.samples() == 0 {
            return Err(PrepareError::Format);
        }
        if let Some(writer) = self.writer {
            writer.finish()?.flush()?;
        }
        let rate = u64::from(RATE);
        let seconds = (self.loudness.samples() + rate / 2) / rate;
        Ok(Recorded { seconds: (seconds as u32).max(1), waveform: self.loudness.waveform() })
    }

    fn keep(&mut self, sound: &[f32]) -> Result<(), PrepareError> {
        self.loudness.hear(sound);
        if self.loudness.samples() > self.most {
            return Err(PrepareError::Size);
        }
        match &mut self.writer {
            Some(writer) => writer.write(sound),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_past_the_limit_is_refused_as_soon_as_it_is_there() {
        let mut recorder = Recorder::new(None).unwrap();
        assert_eq!(recorder.most, 20 * 60 * 48_000);
        recorder.most = 3 * 48_000;
        for _ in 0..3 {
            recorder.hear(RATE, &[0.1; 48_000]).unwrap();
        }
        assert!(matches!(recorder.hear(RATE, &[0.1]), Err(PrepareError::Size)));
    }

    #[test]
    fn a_sound_may_change_its_rate_but_not_all_the_time() {
        let mut recorder = Recorder::new(None).unwrap();
        recorder.hear(44_100, &[0.1; 22_050]).unwrap();
        recorder.hear(8_000, &[0.1; 4_000]).unwrap();
        assert_eq!(recorder.finish().unwrap().seconds, 1);
        let mut recorder = Recorder::new(None).unwrap();
        let heard = (0..1_000).try_for_each(|i| recorder.hear(8_000 + i % 2, &[0.1; 10]));
        assert!(matches!(heard, Err(PrepareError::Format)));
    }
}
