//! Frames on the WebSocket: an optional edge-routing prologue, the connection header, then length-prefixed
//! frames that need not keep to the WebSocket's own message boundaries.

use bytes::{Buf, BytesMut};
use wacore_binary::consts::WA_CONN_HEADER;

use crate::SimulatorError;

/// The largest frame that is accepted, in bytes. WhatsApp's own limit is 2^24.
const MAX_FRAME: usize = 4 << 20;

/// Cuts the incoming bytes into frames. An idle one holds no buffer.
#[derive(Default)]
pub(crate) struct FrameReader {
    buffer: BytesMut,
    header_seen: bool,
}

impl FrameReader {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or `None` until more bytes came.
    pub(crate) fn next_frame(&mut self) -> Result<Option<BytesMut>, SimulatorError> {
        if !self.header_seen && !self.skip_header()? {
            return Ok(None);
        }
        let Some(length) = self.length_at(0) else { return Ok(None) };
        if length > MAX_FRAME {
            return Err(SimulatorError::protocol("frame too large"));
        }
        if self.buffer.len() < 3 + length {
            return Ok(None);
        }
        self.buffer.advance(3);
        let frame = self.buffer.split_to(length);
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
        Ok(Some(frame))
    }

    fn length_at(&self, at: usize) -> Option<usize> {
        let b = self.buffer.get(at..at + 3)?;
        Some(usize::from(b[0]) << 16 | usize::from(b[1]) << 8 | usize::from(b[2]))
    }

    /// Skips `ED 00 01 <length> <routing>` if it is there, then `WA <version> <dictionary>`.
    fn skip_header(&mut self) -> Result<bool, SimulatorError> {
        if self.buffer.starts_with(b"ED") {
            let Some(length) = self.length_at(4) else { return Ok(false) };
            if self.buffer.len() < 7 + length {
                return Ok(false);
            }
            self.buffer.advance(7 + length);
        }
        if self.buffer.len() < WA_CONN_HEADER.len() {
            return Ok(false);
        }
        if !self.buffer.starts_with(&WA_CONN_HEADER) {
            return Err(SimulatorError::protocol("not a WhatsApp connection header"));
        }
        self.buffer.advance(WA_CONN_HEADER.len());
        self.header_seen = true;
        Ok(true)
    }
}

/// A payload with its length in front, as it goes into one binary WebSocket message.
pub(crate) fn framed(payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut out = Vec::with_capacity(3 + length);
    out.extend_from_slice(&[(length >> 16) as u8, (length >> 8) as u8, length as u8]);
    out.extend_from_slice(payload);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(payloads: &[&[u8]]) -> Vec<u8> {
        let mut bytes = WA_CONN_HEADER.to_vec();
        for payload in payloads {
            bytes.extend(framed(payload));
        }
        bytes
    }

    #[test]
    fn frames_come_out_whole_whatever_the_cuts() {
        let bytes = header(&[b"one", b"", b"three"]);
        let mut reader = FrameReader::default();
        let mut frames = Vec::new();
        for byte in bytes {
            reader.feed(&[byte]);
            while let Some(frame) = reader.next_frame().unwrap() {
                frames.push(frame.to_vec());
            }
        }
        assert_eq!(frames, [b"one".to_vec(), b"".to_vec(), b"three".to_vec()]);
    }

    #[test]
    fn edge_routing_is_skipped() {
        let mut bytes = b"ED\x00\x01\x00\x00\x02xy".to_vec();
        bytes.extend(header(&[b"frame"]));
        let mut reader = FrameReader::default();
        reader.feed(&bytes);
        assert_eq!(reader.next_frame().unwrap().unwrap().as_ref(), b"frame");
        assert!(reader.next_frame().unwrap().is_none());
    }

    #[test]
    fn another_protocol_and_an_oversized_frame_are_refused() {
        let mut reader = FrameReader::default();
        reader.feed(b"GET / HTTP/1.1");
        assert!(reader.next_frame().is_err());

        let mut reader = FrameReader::default();
        reader.feed(&WA_CONN_HEADER);
        reader.feed(&[0xff, 0xff, 0xff]);
        assert!(reader.next_frame().is_err());
    }
}
