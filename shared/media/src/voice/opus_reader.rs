//! Reads ogg files with Opus (RFC 7845). The other formats are read by a library that knows many; it knows no Opus.

use super::{RATE, Recorder, mixed};
use crate::PrepareError;
use ogg::{OggReadError, Packet, PacketReader};
use ropus::{Channels, DecodeMode, Decoder};
use std::fs::File;
use std::io::{BufReader, Seek};

/// The longest packet, in samples of a channel: 120 ms.
const LONGEST_PACKET: usize = 5_760;

/// What an Opus file says of itself.
pub(super) struct OpusHead {
    channels: Channels,
    pre_skip: u16,
    gain: i16,
}

impl OpusHead {
    /// Reads the head of a file.
    ///
    /// # Errors
    /// [`PrepareError::Format`] when it is damaged or has more than two channels.
    pub(super) fn read(file: &File) -> Result<Self, PrepareError> {
        let mut packets = packets(file)?;
        Self::parse(&packets.read_packet_expected().map_err(refusal)?.data)
    }

    fn parse(packet: &[u8]) -> Result<Self, PrepareError> {
        let &[version, channels, skip_low, skip_high, _, _, _, _, gain_low, gain_high, family, ..] =
            packet.strip_prefix(b"OpusHead").ok_or(PrepareError::Format)?
        else {
            return Err(PrepareError::Format);
        };
        let channels = match channels {
            1 => Channels::Mono,
            2 => Channels::Stereo,
            _ => return Err(PrepareError::Format),
        };
        if version > 15 || family != 0 {
            return Err(PrepareError::Format);
        }
        let pre_skip = u16::from_le_bytes([skip_low, skip_high]);
        Ok(Self { channels, pre_skip, gain: i16::from_le_bytes([gain_low, gain_high]) })
    }

    /// Whether a file with this head is a voice note as it is.
    pub(super) fn is_mono(&self) -> bool {
        self.channels == Channels::Mono && self.gain == 0
    }
}

/// Plays a file to the recorder.
///
/// # Errors
/// [`PrepareError::Format`] when anything in it is damaged or it holds more than one stream.
pub(super) fn play(file: &File, recorder: &mut Recorder) -> Result<(), PrepareError> {
    let mut packets = packets(file)?;
    let first = packets.read_packet_expected().map_err(refusal)?;
    let head = OpusHead::parse(&first.data)?;
    let tags = packets.read_packet_expected().map_err(refusal)?;
    if !tags.data.starts_with(b"OpusTags") {
        return Err(PrepareError::Format);
    }
    let mut decoder = Decoder::new(RATE, head.channels).map_err(|_| PrepareError::Format)?;
    decoder.set_gain(i32::from(head.gain)).map_err(|_| PrepareError::Format)?;
    let mut player = Player { decoder, head, played: 0, pcm: vec![0.0; 2 * LONGEST_PACKET] };
    while let Some(packet) = packets.read_packet().map_err(refusal)? {
        if packet.stream_serial() != first.stream_serial() {
            return Err(PrepareError::Format);
        }
        player.play(&packet, recorder)?;
    }
    Ok(())
}

struct Player {
    decoder: Decoder,
    head: OpusHead,
    /// Samples of a channel so far, those to skip counted in.
    played: u64,
    pcm: Vec<f32>,
}

impl Player {
    fn play(&mut self, packet: &Packet, recorder: &mut Recorder) -> Result<(), PrepareError> {
        let length = self
            .decoder
            .decode_float(&packet.data, &mut self.pcm, DecodeMode::Normal)
            .map_err(|_| PrepareError::Format)?;
        let channels = self.head.channels.count();
        let sound = self.pcm.get(..length * channels).ok_or(PrepareError::Format)?;
        let mut mono = mixed(sound, channels);
        if packet.last_in_stream() {
            let rest = packet.absgp_page().saturating_sub(self.played);
            mono.truncate(usize::try_from(rest).unwrap_or(usize::MAX));
        }
        let skip = u64::from(self.head.pre_skip).saturating_sub(self.played).min(mono.len() as u64);
        self.played += length as u64;
        recorder.hear(RATE, &mono[skip as usize..])
    }
}

fn packets(mut file: &File) -> Result<PacketReader<BufReader<&File>>, PrepareError> {
    file.rewind()?;
    Ok(PacketReader::new(BufReader::new(file)))
}

fn refusal(error: OggReadError) -> PrepareError {
    match error {
        OggReadError::ReadError(error) if error.raw_os_error().is_some() => error.into(),
        _ => PrepareError::Format,
    }
}
