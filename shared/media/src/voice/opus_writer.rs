//! Writes an ogg file with Opus (RFC 7845), as WhatsApp's voice notes are.

use super::RATE;
use crate::PrepareError;
use ogg::{PacketWriteEndInfo, PacketWriter};
use ropus::{Application, Bitrate, Channels, Encoder};
use std::io::{self, Write};

/// Samples of a packet: 20 ms.
const FRAME: usize = 960;
/// Bits for a second. Speech is clear at half of it, but calls to action often come with music.
const BITRATE: u32 = 32_000;
/// The number of the one stream in the file.
const SERIAL: u32 = 1;
/// Packets of a page: a second.
const PAGE: u64 = 50;
/// More than the encoder ever makes of 20 ms.
const PACKET_BYTES: usize = 4_000;

/// Encodes mono sound of 48 kHz, piece by piece.
pub(super) struct OpusWriter<W: Write> {
    encoder: Encoder,
    ogg: PacketWriter<'static, W>,
    waiting: Vec<i16>,
    packet: Vec<u8>,
    /// The last packet and its number: it is written when it is known whether another follows.
    held: Option<(Vec<u8>, u64)>,
    packets: u64,
    samples: u64,
}

impl<W: Write> OpusWriter<W> {
    /// Writes the head of the file.
    pub(super) fn new(sink: W) -> Result<Self, PrepareError> {
        let encoder = Encoder::builder(RATE, Channels::Mono, Application::Audio)
            .bitrate(Bitrate::Bits(BITRATE))
            .build()
            .map_err(io::Error::other)?;
        let mut ogg = PacketWriter::new(sink);
        let mut head = b"OpusHead\x01\x01".to_vec();
        head.extend((encoder.lookahead() as u16).to_le_bytes());
        head.extend(RATE.to_le_bytes());
        head.extend([0; 3]);
        ogg.write_packet(head, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
        let tags = b"OpusTags\x08\0\0\0carteiro\0\0\0\0".to_vec();
        ogg.write_packet(tags, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
        let packet = vec![0; PACKET_BYTES];
        Ok(Self { encoder, ogg, waiting: Vec::new(), packet, held: None, packets: 0, samples: 0 })
    }

    /// Encodes the next piece.
    pub(super) fn write(&mut self, sound: &[f32]) -> Result<(), PrepareError> {
        self.samples += sound.len() as u64;
        self.waiting.extend(sound.iter().map(|sample| (sample.clamp(-1.0, 1.0) * 32_767.0) as i16));
        let mut frames = std::mem::take(&mut self.waiting);
        for frame in frames.chunks_exact(FRAME) {
            self.encode(frame)?;
        }
        frames.drain(..frames.len() - frames.len() % FRAME);
        self.waiting = frames;
        Ok(())
    }

    /// Writes what is left, and says in the last page how much of the last packet is sound.
    pub(super) fn finish(mut self) -> Result<W, PrepareError> {
        let total = self.samples + u64::from(self.encoder.lookahead());
        let missing = total.next_multiple_of(FRAME as u64) - self.samples;
        let silence = vec![0.0; missing as usize];
        self.write(&silence)?;
        if let Some((packet, _)) = self.held.take() {
            self.ogg.write_packet(packet, SERIAL, PacketWriteEndInfo::EndStream, total)?;
        }
        Ok(self.ogg.into_inner())
    }

    fn encode(&mut self, frame: &[i16]) -> Result<(), PrepareError> {
        let length = self.encoder.encode(frame, &mut self.packet).map_err(io::Error::other)?;
        let packet = self.packet.get(..length).unwrap_or_default().to_vec();
        self.packets += 1;
        if let Some((packet, number)) = self.held.replace((packet, self.packets)) {
            let ends = number.is_multiple_of(PAGE);
            let end = if ends { PacketWriteEndInfo::EndPage } else { PacketWriteEndInfo::NormalPacket };
            self.ogg.write_packet(packet, SERIAL, end, number * FRAME as u64)?;
        }
        Ok(())
    }
}
