//! Reads every format of sound but Opus.

use super::{Recorder, mixed};
use crate::PrepareError;
use std::fs::File;
use std::io::Seek;
use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;

/// How many times a file may begin anew (an ogg file can be many in a row).
const MOST_PARTS: usize = 64;

/// Plays a file to the recorder: as much of it as can be read. Packets that are damaged are left out.
///
/// # Errors
/// [`PrepareError::Format`] when it holds no sound that can be read; those of the recorder.
pub(super) fn play(mut file: &File, recorder: &mut Recorder) -> Result<(), PrepareError> {
    file.rewind()?;
    let source = MediaSourceStream::new(Box::new(file.try_clone()?), Default::default());
    let mut reader = symphonia::default::get_probe()
        .probe(&Default::default(), source, Default::default(), Default::default())
        .map_err(refusal)?;
    for _ in 0..MOST_PARTS {
        let track = reader.default_track(TrackType::Audio).ok_or(PrepareError::Format)?;
        let codec =
            track.codec_params.as_ref().and_then(|codec| codec.audio()).ok_or(PrepareError::Format)?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(codec, &Default::default())
            .map_err(refusal)?;
        let id = track.id;
        match play_part(reader.as_mut(), decoder, id, recorder)? {
            End::OfFile => break,
            End::OfPart => {}
        }
    }
    Ok(())
}

enum End {
    OfFile,
    OfPart,
}

fn play_part(
    reader: &mut dyn FormatReader,
    mut decoder: Box<dyn AudioDecoder>,
    track: u32,
    recorder: &mut Recorder,
) -> Result<End, PrepareError> {
    let mut sound: Vec<f32> = Vec::new();
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Err(Error::ResetRequired) => return Ok(End::OfPart),
            Err(Error::IoError(error)) if error.raw_os_error().is_some() => return Err(error.into()),
            Ok(None) | Err(_) => return Ok(End::OfFile),
        };
        if packet.track_id != track {
            continue;
        }
        let decoded = match decoder.decode(&packet) {
            Ok(decoded) => decoded,
            Err(Error::DecodeError(_) | Error::IoError(_)) => continue,
            Err(_) => return Ok(End::OfFile),
        };
        let (rate, channels) = (decoded.spec().rate(), decoded.num_planes());
        if channels == 0 {
            continue;
        }
        decoded.copy_to_vec_interleaved(&mut sound);
        recorder.hear(rate, &mixed(&sound, channels))?;
    }
}

fn refusal(error: Error) -> PrepareError {
    match error {
        Error::IoError(error) if error.raw_os_error().is_some() => error.into(),
        _ => PrepareError::Format,
    }
}
