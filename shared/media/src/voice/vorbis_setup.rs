//! A limit on what a Vorbis file may ask of its decoder.

use crate::PrepareError;
use ogg::PacketReader;
use std::fs::File;
use std::io::{BufReader, Seek};

/// The longest setup header, in bytes. Encoders make some 4,000. The decoder unpacks up to 16 MB from each 16 KB of it.
const LONGEST: usize = 64 * 1024;

/// Refuses a file whose codebooks would take too much memory.
///
/// # Errors
/// [`PrepareError::Format`].
pub(super) fn check(mut file: &File) -> Result<(), PrepareError> {
    file.rewind()?;
    let mut packets = PacketReader::new(BufReader::new(file));
    while let Ok(Some(packet)) = packets.read_packet() {
        if packet.data.len() > LONGEST && packet.data.starts_with(b"\x05vorbis") {
            return Err(PrepareError::Format);
        }
    }
    Ok(())
}
