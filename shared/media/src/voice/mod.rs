//! Voice notes: ogg with Opus, mono, 48 kHz, with how long they play and how loud they are over time.

mod loudness;
mod opus_reader;
mod opus_writer;
mod reader;
mod recorder;
mod resampler;
mod vorbis_setup;

use crate::PrepareError;
use crate::film;
use crate::guarded::guarded;
use crate::sniff::Sound;
use opus_reader::OpusHead;
use recorder::Recorder;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The rate of voice notes, in Hz.
const RATE: u32 = 48_000;

/// The media type that WhatsApp's clients give their voice notes.
pub(crate) const MIME: &str = "audio/ogg; codecs=opus";

/// A voice note.
pub(crate) struct VoiceNote {
    /// Where it is, unless the file that came is one already.
    pub(crate) file: Option<PathBuf>,
    /// How long it plays, rounded, at least one.
    pub(crate) seconds: u32,
    /// Its loudness over time.
    pub(crate) waveform: [u8; 64],
}

/// Makes a voice note of a file, in `work_dir`.
///
/// # Errors
/// [`PrepareError::Format`] when it cannot be read, [`PrepareError::Size`] when it plays too long.
pub(crate) fn record(file: &File, sound: Sound, work_dir: &Path) -> Result<VoiceNote, PrepareError> {
    guarded(|| {
        let is_one = sound == Sound::Opus && OpusHead::read(file)?.is_mono();
        let path = (!is_one).then(|| work_dir.join("voice.ogg"));
        let recorded = play(file, sound, path.as_deref());
        if let (Err(_), Some(path)) = (&recorded, &path) {
            let _ = fs::remove_file(path);
        }
        let recorded = recorded?;
        Ok(VoiceNote { file: path, seconds: recorded.seconds, waveform: recorded.waveform })
    })
    .unwrap_or(Err(PrepareError::Format))
}

fn play(file: &File, sound: Sound, path: Option<&Path>) -> Result<recorder::Recorded, PrepareError> {
    let mut recorder = Recorder::new(path.map(File::create).transpose()?)?;
    match sound {
        Sound::Opus => opus_reader::play(file, &mut recorder)?,
        Sound::Vorbis => {
            vorbis_setup::check(file)?;
            reader::play(file, &mut recorder)?;
        }
        Sound::Mp4 => {
            if film::look_at(file).is_ok() {
                return Err(PrepareError::Format);
            }
            reader::play(file, &mut recorder)?;
        }
        Sound::Other => reader::play(file, &mut recorder)?,
    }
    recorder.finish()
}

/// Frames of some channels as one channel: their mean.
fn mixed(sound: &[f32], channels: usize) -> Vec<f32> {
    sound.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect()
}
