//! How loud a sound is over time.

/// How many samples are summed up at a time: 5 ms at 48 kHz.
const BLOCK: usize = 240;
/// The values of a waveform.
const VALUES: usize = 64;

/// Listens to a sound and keeps the mean amplitude of each block: 800 bytes for a second.
#[derive(Default)]
pub(super) struct Loudness {
    samples: u64,
    sum: f32,
    blocks: Vec<f32>,
}

impl Loudness {
    /// Takes the next samples.
    pub(super) fn hear(&mut self, sound: &[f32]) {
        for sample in sound {
            self.sum += sample.abs();
            self.samples += 1;
            if self.samples.is_multiple_of(BLOCK as u64) {
                self.blocks.push(std::mem::take(&mut self.sum) / BLOCK as f32);
            }
        }
    }

    /// How many samples were heard.
    pub(super) fn samples(&self) -> u64 {
        self.samples
    }

    /// Mean amplitudes of 64 equal parts, the loudest of them 100: what WhatsApp's clients draw. Silence is all zeros.
    pub(super) fn waveform(&self) -> [u8; VALUES] {
        let count = self.blocks.len();
        let parts: [f32; VALUES] = std::array::from_fn(|part| {
            let (from, to) = (part * count / VALUES, (part + 1) * count / VALUES);
            let blocks = self.blocks.get(from..to.max(from + 1)).unwrap_or_default();
            blocks.iter().sum::<f32>() / blocks.len().max(1) as f32
        });
        let loudest = parts.iter().copied().fold(0.0, f32::max);
        parts.map(|part| if loudest > 0.0 { (part / loudest * 100.0).round() as u8 } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_loudest_part_is_100_and_the_rest_in_proportion() {
        let mut loudness = Loudness::default();
        loudness.hear(&[0.0; 48_000]);
        loudness.hear(&[-0.2; 48_000]);
        loudness.hear(&[0.8; 48_000 * 2]);
        let waveform = loudness.waveform();
        assert_eq!((waveform[0], waveform[20], waveform[40], waveform[63]), (0, 25, 100, 100));
    }

    #[test]
    fn silence_and_nothing_are_zeros() {
        let mut loudness = Loudness::default();
        assert_eq!(loudness.waveform(), [0; 64]);
        loudness.hear(&[0.0; 1_000]);
        assert_eq!((loudness.waveform(), loudness.samples()), ([0; 64], 1_000));
    }

    proptest! {
        #[test]
        fn values_are_percents_whatever_is_heard(sound in prop::collection::vec(-1.0..1.0f32, 0..40_000)) {
            let mut loudness = Loudness::default();
            loudness.hear(&sound);
            let loudest = *loudness.waveform().iter().max().unwrap();
            prop_assert!(loudest == 100 || (loudest == 0 && sound.len() < 240));
        }
    }
}
