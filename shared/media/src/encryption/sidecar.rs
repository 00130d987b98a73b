//! The table of MACs with which a client checks audio and video while it still loads.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How much of the upload each entry covers, not counting the block that it shares with the next.
const WINDOW: usize = 64 * 1024;
/// One AES block: what deciphering a window needs of the one before.
const OVERLAP: usize = 16;
/// Each entry is this much of an HMAC-SHA256.
pub(super) const MAC_BYTES: usize = 10;

/// Makes the table of an upload (ciphertext and MAC) that comes piece by piece.
pub(super) struct Sidecar {
    keyed: Hmac<Sha256>,
    window: Hmac<Sha256>,
    filled: usize,
    last_block: [u8; OVERLAP],
    table: Vec<u8>,
}

impl Sidecar {
    pub(super) fn new(keyed: Hmac<Sha256>) -> Self {
        let window = keyed.clone();
        Self { keyed, window, filled: 0, last_block: [0; OVERLAP], table: Vec::new() }
    }

    /// Takes the next piece.
    pub(super) fn update(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let (head, rest) = piece.split_at(piece.len().min(WINDOW + OVERLAP - self.filled));
            self.window.update(head);
            self.filled += head.len();
            self.remember(head);
            piece = rest;
            if self.filled == WINDOW + OVERLAP {
                self.close();
            }
        }
    }

    /// The table; the last window is as short as what is left.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.close();
        }
        self.table
    }

    fn remember(&mut self, head: &[u8]) {
        let new = &head[head.len().saturating_sub(OVERLAP)..];
        self.last_block.rotate_left(new.len());
        self.last_block[OVERLAP - new.len()..].copy_from_slice(new);
    }

    fn close(&mut self) {
        let window = std::mem::replace(&mut self.window, self.keyed.clone());
        self.table.extend_from_slice(&window.finalize().into_bytes()[..MAC_BYTES]);
        self.window.update(&self.last_block);
        self.filled = OVERLAP;
    }
}
